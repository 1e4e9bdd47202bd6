//! Every random choice, one after the other.

use gradus_core::Key;

use crate::{Dist, Draws, Error, Result};

/// Stands in for keyed draws and remembers which branch it took at each choice.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tape {
    path: Vec<Branch>,
    /// Choices made in this run.
    at: usize,
    weight: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Branch {
    taken: usize,
    of: usize,
}

/// Runs `f` once for every sequence of random choices it can make, and returns each result with the
/// probability of its choices.
///
/// # Errors
/// The first error of `f`.
///
/// # Examples
/// ```
/// use gradus_generate::exact::enumerate;
/// use gradus_generate::{Dist, Draws, Key};
///
/// let coin = Dist::from_probs(&[0.25, 0.75])?;
/// let heads = enumerate(|tape| {
///     Ok(tape.token(&coin, Key::new(0))? + tape.token(&coin, Key::new(1))?)
/// })?;
/// assert_eq!(heads, [(0, 0.0625), (1, 0.1875), (1, 0.1875), (2, 0.5625)]);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
pub fn enumerate<T>(mut f: impl FnMut(&mut Tape) -> Result<T>) -> Result<Vec<(T, f64)>> {
    let mut tape = Tape::default();
    let mut outcomes = Vec::new();
    loop {
        (tape.at, tape.weight) = (0, 1.0);
        outcomes.push((f(&mut tape)?, tape.weight));
        tape.path.truncate(tape.at);
        if !tape.advance() {
            return Ok(outcomes);
        }
    }
}

impl Tape {
    /// Turns to the next branch of the last choice that has one.
    fn advance(&mut self) -> bool {
        while let Some(last) = self.path.last_mut() {
            last.taken += 1;
            if last.taken < last.of {
                return true;
            }
            self.path.pop();
        }
        false
    }

    fn choose(&mut self, of: usize) -> usize {
        if self.at == self.path.len() {
            self.path.push(Branch { taken: 0, of });
        }
        self.at += 1;
        self.path[self.at - 1].taken
    }
}

impl Draws for Tape {
    fn token(&mut self, from: &Dist, _: Key) -> Result<u32> {
        let branch = self.choose(from.iter().len());
        let (id, p) = from.iter().nth(branch).ok_or(Error::EmptySupport { row: 0, pos: 0 })?;
        self.weight *= p;
        Ok(id)
    }

    fn subset(&mut self, of: &[usize], n: usize, _: Key) -> Result<Vec<usize>> {
        let all = subsets(of, n.min(of.len()));
        let branch = self.choose(all.len());
        self.weight /= all.len() as f64;
        Ok(all[branch].clone())
    }

    fn coin(&mut self, p: f64, _: Key) -> Result<bool> {
        if p <= 0.0 || p >= 1.0 {
            return Ok(p >= 1.0);
        }
        let heads = self.choose(2) == 0;
        self.weight *= if heads { p } else { 1.0 - p };
        Ok(heads)
    }

    fn gumbel(&mut self, _: Key) -> Result<f64> {
        Err(Error::Contradiction { what: "continuous noise", with: "trying every choice" })
    }
}

/// Every choice of `n` items, in order.
fn subsets(of: &[usize], n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for first in 0..=of.len() - n {
        for mut rest in subsets(&of[first + 1..], n - 1) {
            rest.insert(0, of[first]);
            all.push(rest);
        }
    }
    all
}
