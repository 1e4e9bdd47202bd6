//! Explicit randomness: draws as pure functions of a key.

use std::convert::Infallible;

use rand::TryRng;

use crate::philox::philox4x32_10;

/// What a draw is for. Different kinds never share a random number.
///
/// The numbers are part of every seeded stream and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Kind {
    /// The token at a position.
    #[default]
    Token = 0,
    /// A draft's proposal.
    Draft = 1,
    /// Whether a proposal is accepted.
    Accept = 2,
    /// The token that replaces a rejected proposal.
    Residual = 3,
    /// The order in which positions are revealed.
    Order = 4,
    /// Which positions are masked again.
    Remask = 5,
    /// Gaussian noise of continuous models, and random fills.
    Noise = 6,
    /// A warp's own coin.
    Warp = 7,
    /// Initial values of parameters.
    Init = 8,
    /// Dropout.
    Dropout = 9,
    /// Shuffling, splitting and sampling of data.
    Shuffle = 10,
    /// Augmentation of data.
    Augment = 11,
}

/// A [`Kind`], and how often this kind was drawn before at this position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Role {
    /// What the draw is for.
    pub kind: Kind,
    /// The number of earlier draws of this kind here; only the low 24 bits count.
    pub round: u32,
}

/// A place in the space of random numbers.
///
/// A draw is a pure function of the key and an index `i`: nothing is mutable, so results do not
/// depend on batch size, thread count or a resume. `row` and `pos` place the draw (a row of a
/// batch, a position in a sequence); [`Key::fold_in`] derives an independent key.
///
/// Philox key = (seed low, seed high); counter = (i >> 1, pos, row, kind | round << 8). Words 0, 1
/// of a block serve even `i`, words 2, 3 odd `i`.
///
/// # Examples
/// ```
/// use gradus_core::{Key, Kind};
/// let key = Key::new(7);
/// assert!((key.uniform(0) - 0.954597126168700).abs() < 1e-15);
/// assert_ne!(key.at(0, 1).uniform(0), key.uniform(0));
/// assert_ne!(key.kind(Kind::Noise).uniform(0), key.uniform(0));
/// assert_ne!(key.fold_in(1).uniform(0), key.fold_in(2).uniform(0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Key {
    /// The seed that a user chose, or one derived from it.
    pub seed: u64,
    /// Row of the request or the batch.
    pub row: u32,
    /// Position in the sequence.
    pub pos: u32,
    /// What is drawn.
    pub role: Role,
}

/// Marks the counter of [`Key::fold_in`]; no [`Kind`] has this number.
const FOLD: u32 = 0xFF;

impl Key {
    /// The key of a seed, at row 0, position 0, kind [`Kind::Token`], round 0.
    pub const fn new(seed: u64) -> Self {
        Self { seed, row: 0, pos: 0, role: Role { kind: Kind::Token, round: 0 } }
    }

    /// The same key for another row and position.
    #[must_use]
    pub const fn at(self, row: u32, pos: u32) -> Self {
        Self { row, pos, ..self }
    }

    /// The same key for another kind, in round 0.
    #[must_use]
    pub const fn kind(self, kind: Kind) -> Self {
        Self { role: Role { kind, round: 0 }, ..self }
    }

    /// The same key for another round (below 2²⁴).
    #[must_use]
    pub const fn round(self, round: u32) -> Self {
        Self { role: Role { kind: self.role.kind, round }, ..self }
    }

    /// A key whose draws are independent of this one's; row, position and role are kept.
    #[must_use]
    pub const fn fold_in(self, data: u64) -> Self {
        let words = philox4x32_10([data as u32, (data >> 32) as u32, 0, FOLD], self.philox_key());
        Self { seed: words[0] as u64 | (words[1] as u64) << 32, ..self }
    }

    /// Draw `i`, uniform in the open interval (0, 1), with 52 random bits; exact in f64.
    #[inline]
    pub const fn uniform(self, i: u64) -> f64 {
        let pair = self.uniforms(i >> 1);
        pair[(i & 1) as usize]
    }

    /// Draw `i` of the standard Gumbel law: −ln(−ln u). At most 36.7.
    #[inline]
    pub fn gumbel(self, i: u64) -> f64 {
        -(-self.uniform(i).ln()).ln()
    }

    /// Draw `i` of the standard normal law, by Box–Muller on uniforms `2i` and `2i + 1`.
    #[inline]
    pub fn normal(self, i: u64) -> f64 {
        let [a, b] = self.uniforms(i);
        (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    }

    /// A generator that streams this key's blocks; it serves everything in `rand` and `rand_distr`.
    ///
    /// The stream and [`Key::uniform`] read the same blocks: use one or the other for a key.
    pub const fn rng(self) -> KeyRng {
        KeyRng { key: self, block: 0, words: [0; 4], used: 4 }
    }

    /// Draws `2 block` and `2 block + 1` of [`Key::uniform`], for the price of one.
    #[inline]
    pub const fn uniforms(self, block: u64) -> [f64; 2] {
        let [a, b, c, d] = self.block(block);
        [unit(a, b), unit(c, d)]
    }

    /// Beyond 2³² blocks a folded key takes over, so that no index wraps around.
    #[inline]
    const fn block(self, block: u64) -> [u32; 4] {
        let key = if block >> 32 == 0 { self } else { self.fold_in(block >> 32) };
        let role = self.role.kind as u32 | self.role.round << 8;
        philox4x32_10([block as u32, self.pos, self.row, role], key.philox_key())
    }

    #[inline]
    const fn philox_key(self) -> [u32; 2] {
        [self.seed as u32, (self.seed >> 32) as u32]
    }
}

/// (k + ½)·2⁻⁵² for the top 52 bits k of two words: never 0 or 1, and exact.
#[inline]
const fn unit(high: u32, low: u32) -> f64 {
    let k = ((high as u64) << 32 | low as u64) >> 12;
    (k as f64 + 0.5) * (1.0 / (1u64 << 52) as f64)
}

/// The stream of a [`Key`]'s random words, as a generator of the `rand` crate.
///
/// # Examples
/// ```
/// use gradus_core::{Key, Kind};
/// use rand::RngExt;
/// let mut rng = Key::new(1).kind(Kind::Shuffle).rng();
/// let die: u32 = rng.random_range(1..=6);
/// assert!((1..=6).contains(&die));
/// ```
#[derive(Debug, Clone)]
pub struct KeyRng {
    key: Key,
    block: u64,
    words: [u32; 4],
    used: usize,
}

impl KeyRng {
    fn word(&mut self) -> u32 {
        if self.used == self.words.len() {
            self.words = self.key.block(self.block);
            self.block += 1;
            self.used = 0;
        }
        self.used += 1;
        self.words[self.used - 1]
    }
}

impl TryRng for KeyRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.word())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = self.word();
        Ok(u64::from(self.word()) << 32 | u64::from(low))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(4) {
            chunk.copy_from_slice(&self.word().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// A sequence of independent keys, for the pieces of a model or the steps of a run.
///
/// # Examples
/// ```
/// use gradus_core::{Key, Keys};
/// let mut keys = Keys::new(7);
/// assert_eq!(keys.next_key(), Key::new(7).fold_in(0));
/// assert_eq!(keys.next_key(), Key::new(7).fold_in(1));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    key: Key,
    taken: u64,
}

impl Keys {
    /// The keys folded from a seed.
    pub const fn new(seed: u64) -> Self {
        Self { key: Key::new(seed), taken: 0 }
    }

    /// The next key, independent of all others.
    pub const fn next_key(&mut self) -> Key {
        self.taken += 1;
        self.key.fold_in(self.taken - 1)
    }
}

impl From<Key> for Keys {
    fn from(key: Key) -> Self {
        Self { key, taken: 0 }
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, RngExt};

    use super::*;

    /// Printed with 15 digits by an independent implementation of the same definition in Python.
    #[test]
    fn value_stability_of_keyed_draws() {
        let close = |a: f64, b: f64| assert!((a - b).abs() < 5e-15 * b.abs().max(1.0), "{a} {b}");
        let key = Key::new(7);
        let uniform = [0.9545971261687, 0.114177361616319, 0.406960404430349, 0.171798671585939];
        let gumbel = [3.06903689321169, -0.774728197940959, 0.106428436032869, -0.566127115607578];
        let normal = [-1.88876708770726, -1.49338015668215, -0.118799713099925, 0.409609109181568];
        let order = [0.981441580531898, 0.813580614136963, 0.207769791772062, 0.163551014508621];
        for i in 0..4 {
            close(key.uniform(i as u64), uniform[i]);
            close(key.gumbel(i as u64), gumbel[i]);
            close(key.kind(Kind::Noise).normal(i as u64), normal[i]);
            close(key.at(2, 5).kind(Kind::Order).round(3).uniform(i as u64), order[i]);
        }
    }

    #[test]
    fn the_stream_reads_the_blocks_in_order() {
        let key = Key::new(u64::MAX).at(3, 9);
        let mut rng = key.rng();
        let words: Vec<u32> = (0..8).map(|_| rng.next_u32()).collect();
        assert_eq!(words, [key.block(0), key.block(1)].concat());
        let mut bytes = [0; 7];
        key.rng().fill_bytes(&mut bytes);
        assert_eq!(bytes[..4], words[0].to_le_bytes());
        assert_eq!(bytes[4..], words[1].to_le_bytes()[..3]);
    }

    #[test]
    fn streams_are_uniform_and_uncorrelated_between_keys() {
        let n = 20_000;
        let mean = |k: Key| (0..n).map(|i| k.uniform(i)).sum::<f64>() / n as f64;
        for key in [Key::new(0), Key::new(0).fold_in(1), Key::new(0).at(0, 1), Key::new(1)] {
            assert!((mean(key) - 0.5).abs() < 5.0 * (1.0 / 12.0f64).sqrt() / (n as f64).sqrt());
        }
        let (a, b) = (Key::new(3).fold_in(1), Key::new(3).fold_in(2));
        let cov: f64 =
            (0..n).map(|i| (a.uniform(i) - 0.5) * (b.uniform(i) - 0.5)).sum::<f64>() / n as f64;
        assert!(cov.abs() < 5.0 / 12.0 / (n as f64).sqrt(), "{cov}");
        let mut rng = a.rng();
        assert!((0..100).all(|_| (0..10).contains(&rng.random_range(0..10))));
    }

    #[test]
    fn far_indices_do_not_wrap_around() {
        let key = Key::new(5);
        assert_ne!(key.uniform(1 << 33), key.uniform(0));
    }
}
