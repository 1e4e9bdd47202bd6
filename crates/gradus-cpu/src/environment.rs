//! Settings that come from the environment.

use std::io::Write;

/// The number in a variable, if it is set and at least `least`. Another value is reported on standard
/// error and counts as not set, so that a typing error cannot pass for a setting.
pub(crate) fn number(name: &str, least: usize) -> Option<usize> {
    let value = std::env::var_os(name)?;
    let value = value.to_string_lossy();
    let number = parse(&value, least);
    if number.is_none() && !value.trim().is_empty() {
        // Nobody can be told that standard error is closed.
        let _ = writeln!(
            std::io::stderr(),
            "gradus: {name}={value} is ignored: it is not a number from {least} on"
        );
    }
    number
}

fn parse(value: &str, least: usize) -> Option<usize> {
    value.trim().parse().ok().filter(|&number| number >= least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_in_range_count() {
        assert_eq!([parse("3", 1), parse(" 1 ", 1), parse("0", 0)], [Some(3), Some(1), Some(0)]);
        assert_eq!([parse("0", 1), parse("-1", 0), parse("two", 0), parse("", 0)], [None; 4]);
        assert_eq!(number("GRADUS_NO_SUCH_VARIABLE", 0), None);
    }
}
