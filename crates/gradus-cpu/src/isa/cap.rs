//! What `GRADUS_ISA` allows.

use std::io::Write;
use std::sync::OnceLock;

use super::Level;

/// The highest level that the environment allows, read once. An unknown value is reported on
/// standard error and allows everything, so that a typing error cannot pass for a slow machine.
pub(super) fn from_environment() -> Level {
    static CAP: OnceLock<Level> = OnceLock::new();
    *CAP.get_or_init(|| {
        let Some(value) = std::env::var_os("GRADUS_ISA") else { return Level::Amx };
        parse(&value.to_string_lossy()).unwrap_or_else(|| {
            // Nobody can be told that standard error is closed.
            let _ = writeln!(
                std::io::stderr(),
                "gradus: GRADUS_ISA={} is ignored: it is not generic, avx2, avx512 or amx",
                value.to_string_lossy()
            );
            Level::Amx
        })
    })
}

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
        assert_eq!(parse(""), Some(Level::Amx), "set to nothing is as not set");
        assert_eq!([parse("AVX2"), parse("avx-512"), parse("sse")], [None; 3]);
    }
}
