//! What `GRADUS_ISA` allows.

use std::sync::OnceLock;

use super::Level;

const NAME: &str = "GRADUS_ISA";

/// The highest level that the environment allows, read once. An unknown value allows everything.
pub(super) fn from_environment() -> Level {
    static CAP: OnceLock<Level> = OnceLock::new();
    *CAP.get_or_init(|| {
        let value = std::env::var_os(NAME).unwrap_or_default();
        parse(&value.to_string_lossy()).unwrap_or(Level::Amx)
    })
}

/// The value of `GRADUS_ISA` if it names no level and is therefore ignored.
///
/// A program that reports its machine, such as a benchmark, should report this too, so that a typing
/// error cannot pass for a lower level.
///
/// # Examples
/// ```
/// use gradus_cpu::isa;
/// if let Some(value) = isa::unknown_cap() {
///     eprintln!("GRADUS_ISA={value} is ignored: not generic, avx2, avx512 or amx");
/// }
/// ```
pub fn unknown_cap() -> Option<String> {
    let value = std::env::var_os(NAME)?.to_string_lossy().into_owned();
    parse(&value).is_none().then_some(value)
}

/// Set to nothing is as not set.
fn parse(value: &str) -> Option<Level> {
    match value {
        "generic" => Some(Level::Generic),
        "avx2" => Some(Level::Avx2),
        "avx512" => Some(Level::Avx512),
        "amx" | "" => Some(Level::Amx),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_names_of_levels() {
        let levels = ["generic", "avx2", "avx512", "amx"].map(parse);
        assert_eq!(levels, [Level::Generic, Level::Avx2, Level::Avx512, Level::Amx].map(Some));
        assert_eq!(parse(""), Some(Level::Amx));
        assert_eq!([parse("AVX2"), parse("avx-512"), parse("sse")], [None; 3]);
    }
}
