//! The value of one parameter.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a parameter is at a point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Of [`Domain::Int`](crate::Domain::Int).
    Int(i64),
    /// Of [`Domain::Float`](crate::Domain::Float); always finite.
    Float(f64),
    /// Of [`Domain::Choice`](crate::Domain::Choice).
    Choice(String),
}

impl fmt::Display for Value {
    /// Short: floats have four significant digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(v) => write!(f, "{v}"),
            Self::Choice(name) => f.write_str(name),
            Self::Float(v) => f.write_str(&significant(*v)),
        }
    }
}

/// Four significant digits, in the form of science where that is shorter.
pub(crate) fn significant(v: f64) -> String {
    if v == 0.0 || !v.is_finite() {
        return format!("{v}");
    }
    match v.abs().log10().floor() as i32 {
        power @ -3..=6 => format!("{v:.0$}", (3 - power).max(0) as usize),
        _ => format!("{v:.3e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_short() {
        for (v, text) in [
            (0.0, "0"),
            (1.0, "1.000"),
            (0.123_456, "0.1235"),
            (123_456.0, "123456"),
            (1.5e-7, "1.500e-7"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(Value::Float(v).to_string(), text);
        }
    }

    #[test]
    fn json_tells_a_whole_float_from_an_integer() {
        for value in
            [Value::Int(5), Value::Float(5.0), Value::Float(-0.0), Value::Choice("5".into())]
        {
            let text = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value, "{text}");
        }
    }
}
