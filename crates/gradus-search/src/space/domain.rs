//! The values that one parameter can have.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Value;
use crate::error::{Error, Result};

/// How the values of a parameter are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scale {
    /// Evenly.
    Linear,
    /// Evenly in the logarithm: as much between 0.001 and 0.01 as between 0.01 and 0.1.
    Log,
}

/// The values that a parameter can have; both bounds are among them.
///
/// # Examples
/// ```
/// use gradus_search::{Domain, Value};
/// assert_eq!(Domain::float(1.0, 3.0).at(0.25), Value::Float(1.5));
/// assert_eq!(Domain::log_int(1, 100).at(0.5), Value::Int(7)); // from 0.5 to 100.5
/// assert_eq!(Domain::stepped(16, 64, 16).at(0.99), Value::Int(64));
/// assert_eq!(Domain::choice(["relu", "gelu"]).at(0.2), Value::Choice("relu".into()));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Domain {
    /// Real numbers.
    Float {
        /// The least.
        low: f64,
        /// The largest.
        high: f64,
        /// How they are spread.
        scale: Scale,
    },
    /// Whole numbers.
    Int {
        /// The least.
        low: i64,
        /// The largest, if a whole number of steps leads to it.
        high: i64,
        /// The distance between two; 1 on a logarithmic scale.
        step: i64,
        /// How they are spread.
        scale: Scale,
    },
    /// Names without an order.
    Choice(Vec<String>),
}

/// Beyond, whole numbers are no longer exact as floats.
const LARGEST: i64 = 1 << 53;

impl Domain {
    /// Real numbers from `low` to `high`.
    pub const fn float(low: f64, high: f64) -> Self {
        Self::Float { low, high, scale: Scale::Linear }
    }

    /// Positive real numbers, spread evenly in the logarithm.
    pub const fn log_float(low: f64, high: f64) -> Self {
        Self::Float { low, high, scale: Scale::Log }
    }

    /// Whole numbers from `low` to `high`.
    pub const fn int(low: i64, high: i64) -> Self {
        Self::stepped(low, high, 1)
    }

    /// Every `step`-th whole number from `low` on.
    pub const fn stepped(low: i64, high: i64, step: i64) -> Self {
        Self::Int { low, high, step, scale: Scale::Linear }
    }

    /// Positive whole numbers, spread evenly in the logarithm.
    pub const fn log_int(low: i64, high: i64) -> Self {
        Self::Int { low, high, step: 1, scale: Scale::Log }
    }

    /// One of these names.
    pub fn choice<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Self::Choice(names.into_iter().map(Into::into).collect())
    }

    /// The value at a place in 0..1, where every value has its share.
    ///
    /// A whole number on a logarithmic scale has the share of the interval of half a unit around it.
    ///
    /// # Panics
    /// If there are no values, or the step is 0; [`SpaceBuilder::build`](crate::SpaceBuilder::build)
    /// lets no such domain into a space.
    pub fn at(&self, unit: f64) -> Value {
        match self {
            Self::Float { low, high, scale } => {
                let (a, b) = (scale.encode(*low), scale.encode(*high));
                Value::Float(scale.decode(a + (b - a) * unit).clamp(*low, *high))
            }
            Self::Int { low, high, step, scale: Scale::Linear } => {
                Value::Int(low + step * cell(unit, steps(*low, *high, *step) + 1) as i64)
            }
            Self::Int { low, high, scale: Scale::Log, .. } => {
                let (a, b) = self.edges();
                Value::Int(((a + (b - a) * unit).exp().round() as i64).clamp(*low, *high))
            }
            Self::Choice(names) => {
                Value::Choice(names[cell(unit, names.len() as u64) as usize].clone())
            }
        }
    }

    /// How many values there are; none if they are real numbers.
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::Float { low, high, .. } => (low == high).then_some(1),
            Self::Int { low, high, step, .. } => Some(steps(*low, *high, *step) + 1),
            Self::Choice(names) => Some(names.len() as u64),
        }
    }

    /// Whether this is one of the values.
    pub fn contains(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Float { low, high, .. }, Value::Float(v)) => (low..=high).contains(&v),
            (Self::Int { low, high, step, .. }, Value::Int(v)) => {
                (low..=high).contains(&v) && (v - low) % step == 0
            }
            (Self::Choice(names), Value::Choice(name)) => names.contains(name),
            _ => false,
        }
    }

    /// The place of a value on its scale in 0..1: the middle of its share, so that
    /// [`Domain::at`] leads back to it. None if it is not one of the values.
    pub fn place(&self, value: &Value) -> Option<f64> {
        if !self.contains(value) {
            return None;
        }
        let (a, b) = self.edges();
        let v = self.internal(value)?;
        Some(if a == b { 0.5 } else { ((v - a) / (b - a)).clamp(0.0, 1.0) })
    }

    /// A number for a value, on the scale where the values are spread evenly: the logarithm, or the
    /// index of a name.
    pub(crate) fn internal(&self, value: &Value) -> Option<f64> {
        match (self, value) {
            (Self::Float { scale, .. }, Value::Float(v)) => Some(scale.encode(*v)),
            (Self::Int { scale, .. }, Value::Int(v)) => Some(scale.encode(*v as f64)),
            (Self::Choice(names), Value::Choice(name)) => {
                names.iter().position(|n| n == name).map(|i| i as f64)
            }
            _ => None,
        }
    }

    /// Where the numbers of [`Domain::internal`] begin and end, half a step around whole numbers.
    pub(crate) fn edges(&self) -> (f64, f64) {
        match self {
            Self::Float { low, high, scale } => (scale.encode(*low), scale.encode(*high)),
            Self::Int { low, high, step, scale } => {
                let half = *step as f64 / 2.0;
                let last = low + step * steps(*low, *high, *step) as i64;
                (scale.encode(*low as f64 - half), scale.encode(last as f64 + half))
            }
            Self::Choice(names) => (-0.5, names.len() as f64 - 0.5),
        }
    }

    pub(super) fn validate(&self, name: &str) -> Result<()> {
        let fault = |expected| {
            Err(Error::Domain { name: name.to_owned(), expected, got: self.to_string() })
        };
        match self {
            Self::Float { low, high, .. } if !(high - low).is_finite() => {
                fault("finite bounds with a finite distance")
            }
            Self::Float { low, high, .. } if low > high => fault("a range that is not empty"),
            Self::Float { low, scale: Scale::Log, .. } if *low <= 0.0 => {
                fault("a range above 0 on a logarithmic scale")
            }
            Self::Int { step, .. } if *step < 1 => fault("a step of 1 or more"),
            Self::Int { low, high, .. } if *low < -LARGEST || *high > LARGEST => {
                fault("whole numbers up to 2^53")
            }
            Self::Int { low, high, .. } if low > high => fault("a range that is not empty"),
            Self::Int { low, scale: Scale::Log, .. } if *low < 1 => {
                fault("a range above 0 on a logarithmic scale")
            }
            Self::Int { step: 2.., scale: Scale::Log, .. } => {
                fault("a step of 1 on a logarithmic scale")
            }
            Self::Choice(names) if names.is_empty() => fault("at least one name"),
            Self::Choice(names) if (1..names.len()).any(|i| names[..i].contains(&names[i])) => {
                fault("names that differ")
            }
            _ => Ok(()),
        }
    }
}

/// How many steps lead from the least whole number to the largest.
fn steps(low: i64, high: i64, step: i64) -> u64 {
    (high - low) as u64 / step as u64
}

/// Which of `n` equal parts of 0..1 a place lies in.
fn cell(unit: f64, n: u64) -> u64 {
    ((unit * n as f64) as u64).min(n - 1)
}

impl Scale {
    pub(crate) fn encode(self, v: f64) -> f64 {
        if self == Self::Log { v.ln() } else { v }
    }

    pub(crate) fn decode(self, v: f64) -> f64 {
        if self == Self::Log { v.exp() } else { v }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let log = |scale: &Scale| if *scale == Scale::Log { ", logarithmic" } else { "" };
        match self {
            Self::Float { low, high, scale } => write!(f, "{low:?}..={high:?}{}", log(scale)),
            Self::Int { low, high, step: 1, scale } => write!(f, "{low}..={high}{}", log(scale)),
            Self::Int { low, high, step, scale } => {
                write!(f, "{low}..={high} by {step}{}", log(scale))
            }
            Self::Choice(names) => write!(f, "one of [{}]", names.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn domains() -> impl Strategy<Value = Domain> {
        prop_oneof![
            (-1e6f64..1e6, 0.0f64..1e6).prop_map(|(a, w)| Domain::float(a, a + w)),
            (1e-8f64..1e3, 1.0f64..1e6).prop_map(|(a, r)| Domain::log_float(a, a * r)),
            (-50i64..50, 0i64..100, 1i64..7).prop_map(|(a, w, s)| Domain::stepped(a, a + w, s)),
            (1i64..50, 0i64..5000).prop_map(|(a, w)| Domain::log_int(a, a + w)),
            (1usize..9).prop_map(|n| Domain::choice((0..n).map(|i| i.to_string()))),
        ]
    }

    proptest! {
        #[test]
        fn what_a_place_gives_is_a_value_and_leads_back(domain in domains(), unit in 0.0f64..1.0) {
            prop_assert!(domain.validate("x").is_ok());
            let value = domain.at(unit);
            prop_assert!(domain.contains(&value), "{domain} {value:?}");
            let place = domain.place(&value).unwrap();
            match domain {
                Domain::Float { low, high, .. } if low < high => {
                    prop_assert!((place - unit).abs() < 1e-6, "{domain} {unit} {place}");
                }
                _ => prop_assert_eq!(domain.at(place), value),
            }
        }

        #[test]
        fn both_bounds_are_reached(domain in domains()) {
            let (first, last) = (domain.at(0.0), domain.at(1.0));
            match (&domain, first, last) {
                (Domain::Float { low, high, .. }, Value::Float(a), Value::Float(b)) => {
                    let near = |x: f64, y: f64| (x - y).abs() <= 1e-9 * y.abs().max(1.0);
                    prop_assert!(near(a, *low) && near(b, *high));
                }
                (Domain::Int { low, high, step, .. }, Value::Int(a), Value::Int(b)) => {
                    prop_assert!(a == *low && b > high - step && b <= *high);
                }
                (Domain::Choice(names), Value::Choice(a), Value::Choice(b)) => {
                    prop_assert!(a == names[0] && b == names[names.len() - 1]);
                }
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }

    #[test]
    fn every_whole_number_has_the_same_share() {
        let domain = Domain::stepped(2, 11, 3); // 2, 5, 8, 11
        let mut counts = [0; 4];
        for i in 0..1000 {
            let Value::Int(v) = domain.at((f64::from(i) + 0.5) / 1000.0) else { panic!() };
            counts[(v as usize - 2) / 3] += 1;
        }
        assert_eq!(counts, [250; 4]);
    }

    #[test]
    fn ranges_without_sense_are_refused() {
        for domain in [
            Domain::float(1.0, 0.0),
            Domain::float(f64::NAN, 1.0),
            Domain::float(-f64::MAX, f64::MAX),
            Domain::float(0.0, f64::INFINITY),
            Domain::log_float(0.0, 1.0),
            Domain::int(3, 2),
            Domain::int(i64::MIN, i64::MAX),
            Domain::stepped(1, 5, 0),
            Domain::log_int(0, 5),
            Domain::Int { low: 1, high: 9, step: 2, scale: Scale::Log },
            Domain::choice::<String>([]),
            Domain::choice(["a", "b", "a"]),
        ] {
            let message = domain.validate("width").unwrap_err().to_string();
            assert!(message.starts_with("parameter `width`: expected"), "{message}");
        }
    }
}
