//! Measured numbers as JSON. It has no NaN and no infinity; they are written as texts.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Number {
    Finite(f64),
    Text(String),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's `with` passes references")]
pub(crate) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    let number =
        if value.is_finite() { Number::Finite(*value) } else { Number::Text(value.to_string()) };
    number.serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    match Number::deserialize(deserializer)? {
        Number::Finite(v) => Ok(v),
        Number::Text(text) => match text.as_str() {
            "NaN" => Ok(f64::NAN),
            "inf" => Ok(f64::INFINITY),
            "-inf" => Ok(f64::NEG_INFINITY),
            _ => Err(D::Error::custom(format!("expected a number, got {text:?}"))),
        },
    }
}
