//! A Rust file as a flat list of tokens with their places, without its comments.

use proc_macro2::{Delimiter, Group, LineColumn, Span, TokenStream, TokenTree};

/// A token's text and where it stands. Lines count from 1, columns from 0.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) start: LineColumn,
    pub(crate) end: LineColumn,
}

impl Token {
    fn new(text: impl Into<String>, span: Span) -> Self {
        Self { text: text.into(), start: span.start(), end: span.end() }
    }
}

/// All tokens in reading order; brackets are tokens, doc comments are not.
pub(crate) fn flatten(stream: TokenStream) -> Vec<Token> {
    let mut out = Vec::new();
    push_stream(stream, &mut out);
    out
}

fn push_stream(stream: TokenStream, out: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        if is_doc_comment(&tree) {
            // `#`, perhaps `!`, and the group `[doc = "…"]` all stand for the one comment.
            trees.next_if(|next| matches!(next, TokenTree::Punct(punct) if punct.as_char() == '!'));
            trees.next();
            continue;
        }
        match tree {
            TokenTree::Group(group) => push_group(&group, out),
            other => out.push(Token::new(other.to_string(), other.span())),
        }
    }
}

fn push_group(group: &Group, out: &mut Vec<Token>) {
    let (open, close) = match group.delimiter() {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => return push_stream(group.stream(), out),
    };
    out.push(Token::new(open, group.span_open()));
    push_stream(group.stream(), out);
    out.push(Token::new(close, group.span_close()));
}

/// The lexer turns `/// text` into `#[doc = "text"]`, and its `#` spans the comment: a `#` that was
/// written as such is one column wide.
fn is_doc_comment(tree: &TokenTree) -> bool {
    let TokenTree::Punct(punct) = tree else { return false };
    let (start, end) = (punct.span().start(), punct.span().end());
    punct.as_char() == '#' && (start.line != end.line || end.column - start.column > 1)
}

/// The places where the tokens read exactly as `words`, as indices of the first one.
pub(crate) fn find<'a>(tokens: &'a [Token], words: &'a [&str]) -> impl Iterator<Item = usize> + 'a {
    tokens
        .windows(words.len())
        .enumerate()
        .filter(move |(_, window)| {
            window.iter().zip(words).all(|(token, word)| token.text == *word)
        })
        .map(|(at, _)| at)
}

/// The index of the bracket that closes the one at `open`.
pub(crate) fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(code: &str) -> Vec<String> {
        flatten(code.parse().unwrap()).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn comments_of_every_kind_are_left_out() {
        let code = "//! a\n/// b\n/** c\n d */ fn f() { /* e */ } // g\n";
        assert_eq!(texts(code), ["fn", "f", "(", ")", "{", "}"]);
    }

    #[test]
    fn a_written_attribute_is_kept() {
        assert_eq!(texts("#[test] fn"), ["#", "[", "test", "]", "fn"]);
    }

    #[test]
    fn places_are_those_of_the_text() {
        let tokens = flatten("fn f() {\n    g()\n}".parse().unwrap());
        let g = &tokens[find(&tokens, &["g", "("]).next().unwrap()];
        assert_eq!((g.start.line, g.start.column, g.end.column), (2, 4, 5));
    }

    #[test]
    fn the_closing_bracket_is_the_matching_one() {
        let tokens = flatten("a ( b [ ( c ) ] ) ( d )".parse().unwrap());
        assert_eq!(closing(&tokens, 1), 8);
    }
}
