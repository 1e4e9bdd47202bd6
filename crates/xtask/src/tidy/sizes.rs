//! Files and functions that fit in the head.

use super::fault::Fault;
use super::source::Source;

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 60;

/// Reports files and function bodies with too many code lines.
///
/// Blank lines and comments do not count; in a file, neither do its tests.
pub(crate) fn check(source: &Source) -> Vec<Fault> {
    let code = source.code_lines();
    let mut faults = Vec::new();
    let in_file = code.iter().filter(|line| !source.test_lines.iter().any(|r| r.contains(line)));
    let in_file = in_file.count();
    if in_file > FILE_LINES {
        let message = format!("{in_file} code lines, expected {FILE_LINES} at most");
        faults.push(Fault::new(&source.path, 1, message));
    }
    for function in &source.functions {
        // The lines of the braces hold the signature and nothing.
        let body = function.body.start() + 1..*function.body.end();
        let lines = if body.is_empty() { 0 } else { code.range(body).count() };
        if lines > FUNCTION_LINES {
            let name = &function.name;
            let message =
                format!("`{name}` has {lines} code lines, expected {FUNCTION_LINES} at most");
            faults.push(Fault::new(&source.path, function.line, message));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<Fault> {
        check(&Source::parse("crates/gradus-core/src/a.rs", "gradus-core", text).unwrap())
    }

    fn function(lines: usize) -> String {
        format!("fn f() {{\n{}}}\n", "    g();\n\n    // why\n".repeat(lines))
    }

    #[test]
    fn a_function_of_sixty_lines_passes_and_one_more_fails() {
        assert_eq!(faults(&function(60)), []);
        let faults = faults(&function(61));
        assert_eq!(faults.len(), 1);
        assert!(faults[0].message.contains("`f` has 61 code lines"), "{}", faults[0]);
    }

    #[test]
    fn a_file_of_five_hundred_lines_passes_and_one_more_fails() {
        let consts =
            |n: usize| -> String { (0..n).map(|i| format!("const A{i}: u8 = 0;\n")).collect() };
        assert_eq!(faults(&consts(500)), []);
        assert_eq!(faults(&consts(501)).len(), 1);
    }

    #[test]
    fn tests_do_not_count_for_the_file() {
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "const _: u8 = 0;\n".repeat(600));
        assert_eq!(faults(&tests), []);
    }

    #[test]
    fn a_function_on_one_line_is_no_trouble() {
        assert_eq!(faults("fn f() {}\nfn g() {\n}\n"), []);
    }
}
