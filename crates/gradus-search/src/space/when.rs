//! When a parameter is there at all.

use serde::{Deserialize, Serialize};

use super::{Domain, Value};
use crate::error::{Error, Result};

/// A parameter is there only where an earlier one has certain values, and is there itself.
///
/// # Examples
/// ```
/// use gradus_search::When;
/// let momentum = When::is("optimizer", ["sgd", "rmsprop"]);
/// let third_width = When::at_least("depth", 3);
/// # let _ = (momentum, third_width);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct When {
    /// The earlier parameter.
    pub parent: String,
    /// Its values.
    pub is: Is,
}

/// Values of the parameter that another depends on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Is {
    /// One of these names.
    AnyOf(Vec<String>),
    /// This whole number, or a larger one.
    AtLeast(i64),
}

impl When {
    /// Where the choice `parent` is one of these names.
    pub fn is<S: Into<String>>(
        parent: impl Into<String>,
        names: impl IntoIterator<Item = S>,
    ) -> Self {
        let names = names.into_iter().map(Into::into).collect();
        Self { parent: parent.into(), is: Is::AnyOf(names) }
    }

    /// Where the whole number `parent` is at least this.
    pub fn at_least(parent: impl Into<String>, least: i64) -> Self {
        Self { parent: parent.into(), is: Is::AtLeast(least) }
    }

    /// Whether this value of the parent meets the condition.
    pub(super) fn holds(&self, parent: &Value) -> bool {
        match (&self.is, parent) {
            (Is::AnyOf(names), Value::Choice(name)) => names.contains(name),
            (Is::AtLeast(least), Value::Int(v)) => v >= least,
            _ => false,
        }
    }

    /// Whether the condition can hold and can fail to make sense: `name` depends on `parent`.
    pub(super) fn validate(&self, name: &str, parent: Option<&Domain>) -> Result<()> {
        let fault = |expected, got: String| {
            let (name, parent) = (name.to_owned(), self.parent.clone());
            Err(Error::Condition { name, parent, expected, got })
        };
        match (&self.is, parent) {
            (_, None) => fault("a parameter declared before it", "none".to_owned()),
            (Is::AnyOf(names), Some(Domain::Choice(have))) => {
                match names.iter().find(|name| !have.contains(name)) {
                    Some(name) => fault("names that the choice has", name.clone()),
                    None if names.is_empty() => fault("at least one name", "none".to_owned()),
                    None => Ok(()),
                }
            }
            (Is::AnyOf(_), Some(domain)) => fault("a choice", domain.to_string()),
            (Is::AtLeast(least), Some(Domain::Int { high, .. })) if least > high => {
                fault("a bound that the whole number can reach", least.to_string())
            }
            (Is::AtLeast(_), Some(Domain::Int { .. })) => Ok(()),
            (Is::AtLeast(_), Some(domain)) => fault("whole numbers", domain.to_string()),
        }
    }
}
