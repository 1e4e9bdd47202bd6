//! What is watched for.

use std::sync::OnceLock;

use gradus_tensor::Tensor;

/// Which numbers are an anomaly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    /// NaN. Infinities are let be: a mask of −∞ is no fault.
    Nan,
    /// NaN, and infinities that are made of finite numbers by an op that is no mask.
    NonFinite,
}

impl Watch {
    /// What the variable `GRADUS_ANOMALY` asks for: `nan`, `1`, or `inf` for all that is not finite.
    pub(super) fn of_environment() -> Option<Self> {
        static WATCH: OnceLock<Option<Watch>> = OnceLock::new();
        *WATCH.get_or_init(|| Self::parse(&std::env::var("GRADUS_ANOMALY").ok()?))
    }

    fn parse(value: &str) -> Option<Self> {
        match value.trim() {
            "1" | "nan" => Some(Self::Nan),
            "inf" => Some(Self::NonFinite),
            _ => None,
        }
    }

    /// The first anomaly and its place; `None` also for integers and truth values.
    pub(super) fn first_in(self, x: &Tensor) -> Option<(f64, usize)> {
        if !x.dtype().is_float() {
            return None;
        }
        let marks = match self {
            Self::Nan => x.is_nan(),
            Self::NonFinite => x.is_finite().and_then(|finite| finite.logical_not()),
        };
        let element = marks.ok()?.to_vec::<bool>().ok()?.into_iter().position(|mark| mark)?;
        let flat = x.flatten(0, -1).ok()?;
        let value = flat.select(0, element).ok()?.item().ok()?;
        Some((value, element))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_each_kind_is_found() {
        let x = Tensor::from([[1.0f32, f32::NEG_INFINITY], [f32::NAN, f32::INFINITY]]);
        assert_eq!(Watch::NonFinite.first_in(&x), Some((f64::NEG_INFINITY, 1)));
        assert!(matches!(Watch::Nan.first_in(&x), Some((value, 2)) if value.is_nan()));
        assert_eq!(Watch::Nan.first_in(&Tensor::from([1i64])), None);
        assert_eq!(
            Watch::NonFinite.first_in(&Tensor::scalar(f64::INFINITY)),
            Some((f64::INFINITY, 0))
        );
    }

    #[test]
    fn unknown_words_ask_for_nothing() {
        let words = ["1", "nan", " inf ", "0", "", "yes"];
        let expected =
            [Some(Watch::Nan), Some(Watch::Nan), Some(Watch::NonFinite), None, None, None];
        assert_eq!(words.map(Watch::parse), expected);
    }
}
