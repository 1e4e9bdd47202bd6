//! A markdown page as prose and inline code.

/// Lines outside fenced code, numbered from 1.
pub(crate) fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fence && !fenced).then_some((index + 1, line))
    })
}

/// The parts of a line between backticks: every second one.
pub(crate) fn inline_code(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The line with inline code cut out.
pub(crate) fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fenced_code_is_no_prose() {
        let lines: Vec<_> = prose("a\n```text\nb\n```\nc").collect();
        assert_eq!(lines, [(1, "a"), (5, "c")]);
    }

    #[test]
    fn inline_code_and_the_rest_are_told_apart() {
        let line = "the file `a.rs`, then `b.rs`.";
        assert_eq!(inline_code(line).collect::<Vec<_>>(), ["a.rs", "b.rs"]);
        assert_eq!(without_code(line), "the file `, then `.");
    }
}
