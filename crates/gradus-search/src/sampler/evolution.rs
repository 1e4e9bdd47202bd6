//! Descendants of what did well, as long as they are young.

use gradus_core::Key;

use super::Sampler;
use crate::error::{Error, Result};
use crate::history::Ask;
use crate::record::{Suggestion, by_rank};
use crate::space::{Domain, Param, Point, Space, Value};

/// Regularised (aging) evolution: the population is the youngest trials; some of it are drawn, the
/// best of those is the parent, and the child differs from it in one parameter.
///
/// The first `population` trials are random. A mutated choice is any other name, a mutated number
/// lies a normal step of a fifth of its scale away. Parameters that a mutation makes appear are
/// drawn at random. Trials that were pruned are worse than all others.
///
/// It learns from every result it may see, so as many trials run side by side as
/// [`StudyConfig::concurrency`](crate::StudyConfig::concurrency) says; they are the same for any
/// number of workers.
///
/// # Reference
/// Real et al. 2019, "Regularized Evolution for Image Classifier Architecture Search", algorithm 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegularizedEvolution {
    /// How many trials live; 20 by default (100 in the paper).
    pub population: u64,
    /// How many are drawn, with replacement, to find a parent; 5 by default (25 in the paper).
    pub sample: u64,
}

impl Default for RegularizedEvolution {
    fn default() -> Self {
        Self { population: 20, sample: 5 }
    }
}

/// Standard deviation of a number's mutation, as a share of its scale.
const STEP: f64 = 0.2;

impl Sampler for RegularizedEvolution {
    fn validate(&self, _: &Space) -> Result<()> {
        let fields = [("population", self.population), ("sample", self.sample)];
        match fields.into_iter().find(|(_, n)| *n == 0) {
            Some((field, _)) => {
                Err(Error::Config { field, expected: "1 or more", got: "0".into() })
            }
            None => Ok(()),
        }
    }

    fn sees(&self, number: u64, settled: u64) -> u64 {
        if number < self.population { 0 } else { settled }
    }

    fn suggest(&self, ask: &Ask<'_>) -> Result<Suggestion> {
        let born = ask.finished.len() as u64;
        if ask.number < self.population || born == 0 {
            return Ok(ask.random().into());
        }
        let alive = &ask.finished[born.saturating_sub(self.population) as usize..];
        let key = ask.key();
        let parent = (0..self.sample)
            .map(|i| &alive[index(key, i, alive.len())])
            .min_by(|a, b| by_rank(a.rank(ask.goal), b.rank(ask.goal)))
            .expect("one or more are drawn");
        Ok(child(ask.space, &parent.suggestion.point, key.fold_in(1)).into())
    }
}

/// Draw `i` as an index below `n`.
fn index(key: Key, i: u64, n: usize) -> usize {
    ((key.uniform(i) * n as f64) as usize).min(n - 1)
}

/// The parent with one parameter changed.
fn child(space: &Space, parent: &Point, key: Key) -> Point {
    let params = space.params();
    let can_change = |p: &&Param| parent.get(&p.name).is_some() && p.domain.count() != Some(1);
    let candidates: Vec<&Param> = params.iter().filter(can_change).collect();
    let Some(changed) = candidates.get(index(key, 0, candidates.len().max(1))) else {
        return parent.clone();
    };
    space.fill(|i| {
        let key = key.fold_in(i as u64);
        match parent.get(&params[i].name) {
            Some(value) if params[i].name == changed.name => mutated(&params[i].domain, value, key),
            Some(value) => value.clone(),
            None => params[i].domain.at(key.uniform(0)),
        }
    })
}

/// Another value of the domain, which has at least two.
fn mutated(domain: &Domain, value: &Value, key: Key) -> Value {
    if let (Domain::Choice(names), Value::Choice(name)) = (domain, value) {
        let others: Vec<&String> = names.iter().filter(|n| *n != name).collect();
        return Value::Choice(others[index(key, 0, others.len())].clone());
    }
    let place = domain.place(value).unwrap_or(0.5);
    // A step of a coarse number often leads back to itself; the draws are many.
    (0..64)
        .map(|i| domain.at(reflected(place + STEP * key.normal(i))))
        .find(|other| other != value)
        .unwrap_or_else(|| domain.at(if place < 0.5 { 1.0 } else { 0.0 }))
}

/// A place outside of 0..1, mirrored at the edge until it is inside.
fn reflected(place: f64) -> f64 {
    let folded = place.rem_euclid(2.0);
    if folded > 1.0 { 2.0 - folded } else { folded }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::space::When;

    fn space() -> Space {
        Space::builder("s")
            .with("depth", Domain::int(1, 3))
            .with("one", Domain::int(4, 4))
            .with("kind", Domain::choice(["a", "b", "c"]))
            .with_when("width", Domain::log_int(2, 4), When::at_least("depth", 2))
            .with("rate", Domain::log_float(1e-4, 1.0))
            .build()
            .unwrap()
    }

    proptest! {
        #[test]
        fn a_child_is_a_point_that_differs_in_one_parameter(
            units in proptest::array::uniform5(0.0f64..1.0), seed: u64,
        ) {
            let space = space();
            let parent = space.point(&units);
            let child = child(&space, &parent, Key::new(seed));
            prop_assert!(space.check(&child).is_ok());
            let both = |name: &&&str| parent.get(name).is_some() && child.get(name).is_some();
            let names = ["depth", "one", "kind", "width", "rate"];
            let changed = names.iter().filter(both).filter(|n| parent.get(n) != child.get(n));
            prop_assert_eq!(changed.count(), 1);
        }

        #[test]
        fn what_is_reflected_is_inside(place in -9.0f64..9.0) {
            prop_assert!((0.0..=1.0).contains(&reflected(place)));
        }
    }

    #[test]
    fn every_parameter_that_can_change_changes_sometimes() {
        let space = space();
        let parent = space.point(&[0.9; 5]);
        let changed = |name: &str| {
            (0..200)
                .filter(|&s| child(&space, &parent, Key::new(s)).get(name) != parent.get(name))
                .count()
        };
        for name in ["depth", "kind", "width", "rate"] {
            assert!((20..80).contains(&changed(name)), "{name} {}", changed(name));
        }
        assert_eq!(changed("one"), 0);
    }
}
