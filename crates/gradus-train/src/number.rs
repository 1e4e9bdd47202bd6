//! Numbers as JSON, so that they come back with the same bits.
//!
//! JSON has no NaN and no infinity; they are written as the texts `"NaN"`, `"inf"` and `"-inf"`.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Number {
    Finite(f64),
    Text(String),
}

impl From<f64> for Number {
    fn from(v: f64) -> Self {
        if v.is_finite() { Self::Finite(v) } else { Self::Text(v.to_string()) }
    }
}

impl TryFrom<Number> for f64 {
    type Error = String;

    fn try_from(number: Number) -> Result<Self, String> {
        match number {
            Number::Finite(v) => Ok(v),
            Number::Text(text) => match text.as_str() {
                "NaN" => Ok(Self::NAN),
                "inf" => Ok(Self::INFINITY),
                "-inf" => Ok(Self::NEG_INFINITY),
                _ => Err(format!("expected a number, got {text:?}")),
            },
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's `with` passes references")]
pub(crate) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    Number::from(*value).serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Number::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
}

/// The same for the values of a map.
pub(crate) mod map {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(
        map: &BTreeMap<String, f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(map.iter().map(|(name, &v)| (name, Number::from(v))))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, f64>, D::Error> {
        let numbers = BTreeMap::<String, Number>::deserialize(deserializer)?;
        let value = |(name, number): (String, Number)| Ok((name, number.try_into()?));
        numbers.into_iter().map(value).collect::<Result<_, String>>().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct One(#[serde(with = "super")] f64);

    proptest! {
        #[test]
        fn every_number_makes_the_round_trip(bits: u64) {
            let value = f64::from_bits(bits);
            let text = serde_json::to_string(&One(value)).unwrap();
            let One(back) = serde_json::from_str(&text).unwrap();
            prop_assert!(back.to_bits() == bits || (back.is_nan() && value.is_nan()), "{text}");
        }
    }

    #[test]
    fn what_is_not_finite_is_text() {
        for (value, text) in [(f64::NAN, "\"NaN\""), (f64::INFINITY, "\"inf\""), (-0.0, "-0.0")] {
            assert_eq!(serde_json::to_string(&One(value)).unwrap(), text);
        }
        assert!(serde_json::from_str::<One>("\"seven\"").is_err());
        assert!(serde_json::from_str::<One>("null").is_err());
    }
}
