//! Which weights are dropped.

use gradus_core::Key;

use super::TILE;
use crate::math::Real;

/// Drops the weight of key `j` for the query at place `i` of head `h`, counted through the batch,
/// where `key.at(h, i).uniform(j) < p`, and multiplies the others by 1 / (1 − p).
///
/// A draw depends on the place in the sequence, and not on how many queries or keys there are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dropout {
    /// The probability, in `0.0..=1.0`.
    pub p: f64,
    /// Says which.
    pub key: Key,
}

impl Dropout {
    /// Whether a weight is dropped.
    pub fn drops(&self, head: usize, place: usize, key: usize) -> bool {
        self.key.at(head as u32, place as u32).uniform(key as u64) < self.p
    }

    /// What the weights that are kept are multiplied by.
    pub fn scale(&self) -> f64 {
        if self.p < 1.0 { 1.0 / (1.0 - self.p) } else { 0.0 }
    }

    /// Multiplies the weights of a tile that starts at `first`, an even number, by 0 or the scale.
    #[inline(always)]
    pub(super) fn factors<T: Real>(&self, head: usize, place: usize, first: usize) -> [T; TILE] {
        let (key, scale) = (self.key.at(head as u32, place as u32), T::from_f64(self.scale()));
        let mut factors = [T::ZERO; TILE];
        for (pair, out) in factors.chunks_exact_mut(2).enumerate() {
            let draws = key.uniforms((first / 2 + pair) as u64);
            for (factor, u) in out.iter_mut().zip(draws) {
                *factor = if u < self.p { T::ZERO } else { scale };
            }
        }
        factors
    }
}
