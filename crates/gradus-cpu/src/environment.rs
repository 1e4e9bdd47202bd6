//! Settings that come from the environment.

/// The number in a variable, if it is set and at least `least`. Any other value counts as not set.
pub(crate) fn number(name: &str, least: usize) -> Option<usize> {
    parse(&std::env::var_os(name)?.to_string_lossy(), least)
}

/// The value of a variable that is set, and which [`number`] takes for not set.
pub(crate) fn unknown(name: &str, least: usize) -> Option<String> {
    let value = std::env::var_os(name)?.to_string_lossy().into_owned();
    (!value.is_empty() && parse(&value, least).is_none()).then_some(value)
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
    }

    #[test]
    fn what_is_not_set_is_not_unknown() {
        let name = "GRADUS_NO_SUCH_VARIABLE";
        assert_eq!((number(name, 0), unknown(name, 0)), (None, None));
        // A variable that cargo sets for every test, to something that is no number.
        assert_eq!(number("CARGO_MANIFEST_DIR", 0), None);
        assert!(unknown("CARGO_MANIFEST_DIR", 0).is_some());
    }
}
