//! Things that say "later": unfinished code and notes about it.

use super::fault::Fault;
use super::source::Source;
use super::tokens::Token;

const MACROS: [&str; 2] = ["todo", "unimplemented"];
const NOTES: [&str; 3] = ["TODO", "FIXME", "XXX"];

/// Reports macros for missing code, notes in comments, and doc examples that do not compile.
pub(crate) fn check(source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    for pair in source.tokens.windows(2) {
        if pair[1].text == "!" && MACROS.contains(&pair[0].text.as_str()) {
            let message = format!("`{}!`, expected finished code", pair[0].text);
            faults.push(Fault::new(&source.path, pair[0].start.line, message));
        }
    }
    for (index, line) in source.text.lines().enumerate() {
        let number = index + 1;
        if let Some(note) = note(line, number, &source.tokens) {
            let message = format!("`{note}` in a comment, expected the work or nothing");
            faults.push(Fault::new(&source.path, number, message));
        }
        if is_ignored_example(line) {
            let message = "doc example marked `ignore`, expected one that compiles, or `text`";
            faults.push(Fault::new(&source.path, number, message));
        }
    }
    faults
}

/// The note that the line holds outside its tokens, as a word of its own.
fn note(line: &str, number: usize, tokens: &[Token]) -> Option<&'static str> {
    NOTES.into_iter().find(|note| {
        line.match_indices(note).any(|(byte, _)| {
            let before = line[..byte].chars().next_back();
            let after = line[byte + note.len()..].chars().next();
            let is_word = ![before, after].into_iter().flatten().any(char::is_alphanumeric);
            is_word && !in_token(tokens, number, line[..byte].chars().count())
        })
    })
}

fn in_token(tokens: &[Token], line: usize, column: usize) -> bool {
    tokens.iter().any(|token| {
        let start = (token.start.line, token.start.column);
        let end = (token.end.line, token.end.column);
        start <= (line, column) && (line, column) < end
    })
}

fn is_ignored_example(line: &str) -> bool {
    let line = line.trim_start();
    let doc = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
    let fence = doc.and_then(|doc| doc.trim_start().strip_prefix("```"));
    fence.is_some_and(|tags| tags.split(',').any(|tag| tag.trim().starts_with("ignore")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        let source = Source::parse("crates/x/src/a.rs", "x", text).unwrap();
        check(&source).into_iter().map(|fault| fault.line).collect()
    }

    #[test]
    fn unfinished_code_fails() {
        assert_eq!(lines("fn f() {\n    todo!()\n}\nfn g() { unimplemented!(\"x\") }"), [2, 4]);
    }

    #[test]
    fn notes_in_comments_fail_and_in_strings_pass() {
        assert_eq!(lines("// FIXME: x\n/// TODO\nconst A: &str = \"TODO\";\n/* XXX */"), [1, 2, 4]);
        assert!(lines("// TODOS are many\nconst FIXME: u8 = 0;").is_empty());
    }

    #[test]
    fn doc_examples_must_compile() {
        assert_eq!(lines("/// ```ignore\n/// a\n/// ```\nfn f() {}"), [1]);
        assert!(lines("/// ```text\n/// a\n/// ```\nfn f() {}").is_empty());
    }
}
