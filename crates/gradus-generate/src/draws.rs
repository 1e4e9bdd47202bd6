//! Where randomness comes from.

use gradus_core::{Key, Kind};

use crate::{Dist, Result};

/// The random choices of a strategy.
///
/// [`Keyed`] makes them from the keys. An [`exact::Tape`](crate::exact::Tape) stands in for it and
/// tries every choice in turn, so that the law of a whole strategy can be enumerated.
pub trait Draws {
    /// An id of the law.
    ///
    /// # Errors
    /// If this source cannot make the choice.
    fn token(&mut self, from: &Dist, key: Key) -> Result<u32>;

    /// `n` of the positions, every subset with the same probability. `key` names the row. The answer
    /// rises.
    ///
    /// # Errors
    /// If this source cannot make the choice.
    fn subset(&mut self, of: &[usize], n: usize, key: Key) -> Result<Vec<usize>>;

    /// Whether something of this probability happens.
    ///
    /// # Errors
    /// If this source cannot make the choice.
    fn coin(&mut self, p: f64, key: Key) -> Result<bool>;

    /// Standard Gumbel noise.
    ///
    /// # Errors
    /// If this source cannot make the choice.
    fn gumbel(&mut self, key: Key) -> Result<f64>;
}

/// Draws as pure functions of their keys: what every run uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keyed;

impl Draws for Keyed {
    fn token(&mut self, from: &Dist, key: Key) -> Result<u32> {
        Ok(from.draw(key))
    }

    /// The positions with the smallest uniforms of kind [`Kind::Order`], one for each position: a
    /// position's place in the order does not depend on the call, nor on what is known.
    fn subset(&mut self, of: &[usize], n: usize, key: Key) -> Result<Vec<usize>> {
        let uniform = |at: usize| key.at(key.row, at as u32).kind(Kind::Order).uniform(0);
        let mut ranked: Vec<(f64, usize)> = of.iter().map(|&at| (uniform(at), at)).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut chosen: Vec<usize> = ranked.into_iter().take(n).map(|x| x.1).collect();
        chosen.sort_unstable();
        Ok(chosen)
    }

    fn coin(&mut self, p: f64, key: Key) -> Result<bool> {
        Ok(key.uniform(0) <= p)
    }

    fn gumbel(&mut self, key: Key) -> Result<f64> {
        Ok(key.gumbel(0))
    }
}

impl<D: Draws + ?Sized> Draws for &mut D {
    fn token(&mut self, from: &Dist, key: Key) -> Result<u32> {
        (**self).token(from, key)
    }

    fn subset(&mut self, of: &[usize], n: usize, key: Key) -> Result<Vec<usize>> {
        (**self).subset(of, n, key)
    }

    fn coin(&mut self, p: f64, key: Key) -> Result<bool> {
        (**self).coin(p, key)
    }

    fn gumbel(&mut self, key: Key) -> Result<f64> {
        (**self).gumbel(key)
    }
}
