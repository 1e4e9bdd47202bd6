//! The space: parameters in order.

use serde::{Deserialize, Serialize};

use super::{Domain, Point, When};
use crate::error::{Error, Result};

/// A parameter of a space.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its values.
    pub domain: Domain,
    /// When it is there; always, if there is no condition.
    pub when: Option<When>,
}

/// What is searched: named parameters, some of which may depend on earlier ones.
///
/// # Examples
/// ```
/// use gradus_search::{Domain, Space, When};
/// let space = Space::builder("optimizers")
///     .with("optimizer", Domain::choice(["adamw", "sgd"]))
///     .with("rate", Domain::log_float(1e-4, 1e-1))
///     .with_when("momentum", Domain::float(0.0, 0.99), When::is("optimizer", ["sgd"]))
///     .build()?;
/// assert!(space.point(&[0.1, 0.5, 0.5]).get("momentum").is_none());
/// assert!(space.point(&[0.9, 0.5, 0.5]).get("momentum").is_some());
/// # Ok::<(), gradus_search::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Space {
    name: String,
    params: Vec<Param>,
}

/// A space that is being described.
#[derive(Debug, Clone)]
pub struct SpaceBuilder {
    space: Space,
}

impl SpaceBuilder {
    /// Adds a parameter that is always there.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, domain: Domain) -> Self {
        self.space.params.push(Param { name: name.into(), domain, when: None });
        self
    }

    /// Adds a parameter that is there where a condition on an earlier one holds.
    #[must_use]
    pub fn with_when(mut self, name: impl Into<String>, domain: Domain, when: When) -> Self {
        self.space.params.push(Param { name: name.into(), domain, when: Some(when) });
        self
    }

    /// The space.
    ///
    /// # Errors
    /// [`Error::Domain`] if a parameter has no values, [`Error::DuplicateName`],
    /// [`Error::Condition`] if a condition names no earlier parameter or never holds,
    /// [`Error::EmptySpace`] without a name or a parameter.
    pub fn build(self) -> Result<Space> {
        let Space { name: space, params } = &self.space;
        if space.is_empty() || params.is_empty() {
            return Err(Error::EmptySpace { space: space.clone() });
        }
        for (i, param) in params.iter().enumerate() {
            let (name, earlier) = (&param.name, &params[..i]);
            if earlier.iter().any(|p| p.name == *name) {
                return Err(Error::DuplicateName { space: space.clone(), name: name.clone() });
            }
            param.domain.validate(name)?;
            if let Some(when) = &param.when {
                let parent = earlier.iter().find(|p| p.name == when.parent);
                when.validate(name, parent.map(|p| &p.domain))?;
            }
        }
        Ok(self.space)
    }
}

impl Space {
    /// A space without parameters, to be described. The name tells journals apart.
    pub fn builder(name: impl Into<String>) -> SpaceBuilder {
        SpaceBuilder { space: Self { name: name.into(), params: Vec::new() } }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its parameters, in order.
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// The point at a place of the unit cube, which has a coordinate for each parameter, also for
    /// those that are not there.
    ///
    /// # Panics
    /// If there are fewer coordinates than parameters.
    pub fn point(&self, units: &[f64]) -> Point {
        assert!(units.len() >= self.params.len(), "{} coordinates are too few", units.len());
        self.fill(|i| self.params[i].domain.at(units[i]))
    }

    /// The point whose parameter `i`, if it is there, is `value(i)`.
    pub(crate) fn fill(&self, mut value: impl FnMut(usize) -> super::Value) -> Point {
        let mut point = Point::default();
        for (i, param) in self.params.iter().enumerate() {
            if self.is_there(param, &point) {
                point.insert(&param.name, value(i));
            }
        }
        point
    }

    /// Whether a parameter is there, given those before it.
    fn is_there(&self, param: &Param, earlier: &Point) -> bool {
        param
            .when
            .as_ref()
            .is_none_or(|when| earlier.get(&when.parent).is_some_and(|value| when.holds(value)))
    }

    /// Whether a point lies in the space: all parameters that should be there are, no others, and
    /// their values are among those they can have.
    ///
    /// # Errors
    /// [`Error::Outside`] naming the first parameter that does not fit.
    pub fn check(&self, point: &Point) -> Result<()> {
        let fault = |name: &str, expected: String, got: String| {
            Err(Error::Outside { space: self.name.clone(), name: name.to_owned(), expected, got })
        };
        for param in &self.params {
            match (self.is_there(param, point), point.get(&param.name)) {
                (true, Some(value)) if param.domain.contains(value) => {}
                (true, Some(value)) => {
                    return fault(&param.name, param.domain.to_string(), format!("{value:?}"));
                }
                (true, None) => {
                    return fault(&param.name, param.domain.to_string(), "absent".into());
                }
                (false, Some(value)) => {
                    return fault(&param.name, "absent".into(), format!("{value:?}"));
                }
                (false, None) => {}
            }
        }
        let stranger = point.iter().find(|(name, _)| self.params.iter().all(|p| p.name != *name));
        stranger.map_or(Ok(()), |(name, value)| {
            fault(name, "no such parameter".into(), format!("{value:?}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::space::Value;

    fn nested() -> Space {
        Space::builder("nested")
            .with("depth", Domain::int(1, 3))
            .with("kind", Domain::choice(["a", "b"]))
            .with_when("second", Domain::choice(["c", "d"]), When::at_least("depth", 2))
            .with_when("rate", Domain::log_float(0.1, 1.0), When::is("second", ["d"]))
            .build()
            .unwrap()
    }

    proptest! {
        #[test]
        fn every_place_gives_a_point_of_the_space(units in proptest::array::uniform4(0.0f64..1.0)) {
            let point = nested().point(&units);
            prop_assert!(nested().check(&point).is_ok());
            // A parameter whose parent is absent is absent, too.
            prop_assert!(point.get("rate").is_none() || point.choice("second").unwrap() == "d");
            let json = serde_json::to_string(&point).unwrap();
            prop_assert_eq!(serde_json::from_str::<Point>(&json).unwrap(), point);
        }
    }

    #[test]
    fn points_from_elsewhere_are_refused_by_name() {
        let space = nested();
        let good = || space.point(&[0.9, 0.5, 0.9, 0.5]);
        for (name, value) in
            [("depth", Value::Int(4)), ("kind", Value::Int(0)), ("width", Value::Int(1))]
        {
            let mut point = good();
            point.insert(name, value);
            let message = space.check(&point).unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
        }
        let mut point = good();
        point.insert("depth", Value::Int(1)); // now `second` should be absent
        assert!(space.check(&point).unwrap_err().to_string().contains("`second`"));
        assert!(space.check(&Point::default()).unwrap_err().to_string().contains("absent"));
    }

    #[test]
    fn spaces_without_sense_are_refused() {
        let one = |when: When| {
            Space::builder("s")
                .with("depth", Domain::int(1, 3))
                .with("kind", Domain::choice(["a", "b"]))
                .with_when("x", Domain::int(0, 1), when)
                .build()
        };
        assert!(one(When::is("kind", ["a"])).is_ok() && one(When::at_least("depth", 3)).is_ok());
        for when in [
            When::is("kind", ["c"]),
            When::is::<&str>("kind", []),
            When::is("depth", ["1"]),
            When::at_least("kind", 1),
            When::at_least("depth", 4),
            When::at_least("x", 0),
            When::at_least("y", 0),
        ] {
            assert!(matches!(one(when), Err(Error::Condition { .. })));
        }
        let twice = Space::builder("s").with("a", Domain::int(0, 1)).with("a", Domain::int(0, 1));
        let message = twice.build().unwrap_err().to_string();
        assert_eq!(message, "space `s`: the parameter `a` is there twice");
        assert!(matches!(Space::builder("s").build(), Err(Error::EmptySpace { .. })));
    }
}
