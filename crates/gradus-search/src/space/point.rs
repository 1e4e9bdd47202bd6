//! One value for every parameter that is there.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Value;
use crate::error::{Error, Result};

/// Values by name: one place in a space. Parameters whose condition fails are absent.
///
/// # Examples
/// ```
/// use gradus_search::{Point, Value};
/// let point = Point::from([("depth", Value::Int(3)), ("rate", Value::Float(0.01))]);
/// assert_eq!(point.size("depth")?, 3);
/// assert_eq!(point.float("rate")?, 0.01);
/// assert!(point.choice("activation").is_err());
/// # Ok::<(), gradus_search::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Point(BTreeMap<String, Value>);

impl Point {
    /// The value of a parameter, if it is there.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All values by name, in the order of the alphabet.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// A real number.
    ///
    /// # Errors
    /// [`Error::NoParameter`] if it is not there, [`Error::WrongKind`] if it is no real number.
    pub fn float(&self, name: &str) -> Result<f64> {
        match self.require(name)? {
            Value::Float(v) => Ok(*v),
            other => wrong(name, "a real number", other),
        }
    }

    /// A whole number.
    ///
    /// # Errors
    /// [`Error::NoParameter`] if it is not there, [`Error::WrongKind`] if it is no whole number.
    pub fn int(&self, name: &str) -> Result<i64> {
        match self.require(name)? {
            Value::Int(v) => Ok(*v),
            other => wrong(name, "a whole number", other),
        }
    }

    /// A whole number that is not negative: a width, a depth, a count.
    ///
    /// # Errors
    /// [`Error::NoParameter`] if it is not there, [`Error::WrongKind`] if it is something else.
    pub fn size(&self, name: &str) -> Result<usize> {
        let value = self.require(name)?;
        let size = self.int(name).ok().and_then(|v| usize::try_from(v).ok());
        size.map_or_else(|| wrong(name, "a whole number of 0 or more", value), Ok)
    }

    /// A name.
    ///
    /// # Errors
    /// [`Error::NoParameter`] if it is not there, [`Error::WrongKind`] if it is no choice.
    pub fn choice(&self, name: &str) -> Result<&str> {
        match self.require(name)? {
            Value::Choice(v) => Ok(v),
            other => wrong(name, "a choice", other),
        }
    }

    pub(crate) fn insert(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    fn require(&self, name: &str) -> Result<&Value> {
        self.get(name).ok_or_else(|| Error::NoParameter {
            name: name.to_owned(),
            have: self.0.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
        })
    }
}

fn wrong<T>(name: &str, expected: &'static str, got: &Value) -> Result<T> {
    Err(Error::WrongKind { name: name.to_owned(), expected, got: format!("{got:?}") })
}

impl<S: Into<String>, const N: usize> From<[(S, Value); N]> for Point {
    fn from(values: [(S, Value); N]) -> Self {
        Self(values.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = self.iter().map(|(name, value)| format!("{name} {value}")).collect();
        f.write_str(&parts.join(", "))
    }
}
