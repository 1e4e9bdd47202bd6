//! Fills with keyed random numbers.
//!
//! Element i is the key's draw i, whatever the thread: [`Key::uniform`] and [`Key::normal`] define
//! the values, computed in f64 and rounded once to the element type.
//!
//! Blocks of random words are made many at a time. A normal draw is worked out by vectorised functions
//! and rounded; the few that lie so close to the middle of two numbers that their error could decide
//! the rounding are drawn again by the definition. So the bits are those of the definition.

use gradus_core::Key;

use crate::isa::{Kernel, dispatch};
use crate::math::{Float, Real};
use crate::pool;

/// Draws that are made together; even, since a block of words serves two uniforms.
const TOGETHER: usize = 64;

/// `out[i] = low + (high − low) · key.uniform(i)`.
///
/// The draws lie in the open interval (0, 1); rounding to `f32` or `bf16` may reach `low` or `high`.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// let mut out = [0.0f64; 3];
/// gradus_cpu::random::fill_uniform(Key::new(1), 0.0, 1.0, &mut out);
/// assert_eq!(out[2], Key::new(1).uniform(2));
/// ```
pub fn fill_uniform<T: Float>(key: Key, low: f64, high: f64, out: &mut [T]) {
    fill(out, 1.5, |first, out| dispatch(Uniform { key, first, low, high, out }));
}

/// `out[i] = mean + std · key.normal(i)`.
pub fn fill_normal<T: Float>(key: Key, mean: f64, std: f64, out: &mut [T]) {
    fill(out, 6.0, |first, out| dispatch(Normal { key, first, mean, std, out }));
}

/// `out[i] = key.uniform(i) < p`.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// let mut out = [false; 3];
/// gradus_cpu::random::fill_bernoulli(Key::new(1), 0.3, &mut out);
/// assert_eq!(out[2], Key::new(1).uniform(2) < 0.3);
/// ```
pub fn fill_bernoulli(key: Key, p: f64, out: &mut [bool]) {
    fill(out, 1.5, |first, out| dispatch(Bernoulli { key, first, p, out }));
}

/// `out[i] = if key.uniform(i) < p { 0 } else { scale · x[i] }`: dropout, and its gradient.
///
/// # Panics
/// If the lengths differ.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// let mut out = [0.0f32; 2];
/// gradus_cpu::random::dropout(Key::new(1), 0.0, 1.0, &[3.0, 4.0], &mut out);
/// assert_eq!(out, [3.0, 4.0]);
/// ```
pub fn dropout<T: Float>(key: Key, p: f64, scale: f64, x: &[T], out: &mut [T]) {
    assert_eq!(x.len(), out.len(), "dropout: lengths differ");
    fill(out, 1.6, |first, out| {
        let x = &x[first as usize..][..out.len()];
        dispatch(Dropout { key, first, p, scale: T::Wide::from_f64(scale), x, out });
    });
}

/// Calls `f(first, piece)` on pieces that start at an even draw.
fn fill<T: Send>(out: &mut [T], ns: f64, f: impl Fn(u64, &mut [T]) + Sync) {
    let chunk = pool::grain(out.len(), ns).next_multiple_of(TOGETHER);
    pool::for_slices(out, chunk, |c, out| f((c * chunk) as u64, out));
}

/// The pairs of uniforms of blocks `first ..`, as [`Key::uniforms`]: Philox on vectors of counters.
#[inline(always)]
fn uniforms<const N: usize>(key: Key, first: u64) -> [[f64; 2]; N] {
    let mut pairs = [[0.0; 2]; N];
    if first + N as u64 > u64::from(u32::MAX) {
        // Here the key itself changes with the block.
        for (i, pair) in pairs.iter_mut().enumerate() {
            *pair = key.uniforms(first + i as u64);
        }
        return pairs;
    }
    let role = key.role.kind as u32 | key.role.round << 8;
    for (i, pair) in pairs.iter_mut().enumerate() {
        // The rounds are unrolled, so the loop over blocks is the one that becomes vectors.
        let mut w = [first as u32 + i as u32, key.pos, key.row, role];
        let mut k = [key.seed as u32, (key.seed >> 32) as u32];
        for _ in 0..10 {
            let a = 0xD251_1F53 * u64::from(w[0]);
            let b = 0xCD9E_8D57 * u64::from(w[2]);
            w = [
                (b >> 32) as u32 ^ w[1] ^ k[0],
                b as u32,
                (a >> 32) as u32 ^ w[3] ^ k[1],
                a as u32,
            ];
            k = [k[0].wrapping_add(0x9E37_79B9), k[1].wrapping_add(0xBB67_AE85)];
        }
        *pair = [unit(w[0], w[1]), unit(w[2], w[3])];
    }
    pairs
}

/// (k + ½)·2⁻⁵² for the top 52 bits k of two words. An integer below 2⁵² is the fraction of 2⁵²:
/// AVX2 has no conversion of 64 bits.
#[inline(always)]
fn unit(high: u32, low: u32) -> f64 {
    const BASE: f64 = 4_503_599_627_370_496.0;
    let k = (u64::from(high) << 32 | u64::from(low)) >> 12;
    ((f64::from_bits(BASE.to_bits() | k) - BASE) + 0.5) * (1.0 / BASE)
}

struct Uniform<'a, T> {
    key: Key,
    first: u64,
    low: f64,
    high: f64,
    out: &'a mut [T],
}

impl<T: Float> Kernel for Uniform<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { key, first, low, high, out } = self;
        for (c, out) in out.chunks_mut(TOGETHER).enumerate() {
            let u = uniforms::<{ TOGETHER / 2 }>(key, first / 2 + (c * TOGETHER / 2) as u64);
            for (o, u) in out.iter_mut().zip(u.as_flattened()) {
                *o = round(low + (high - low) * u);
            }
        }
    }
}

struct Bernoulli<'a> {
    key: Key,
    first: u64,
    p: f64,
    out: &'a mut [bool],
}

impl Kernel for Bernoulli<'_> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (c, out) in self.out.chunks_mut(TOGETHER).enumerate() {
            let first = self.first / 2 + (c * TOGETHER / 2) as u64;
            let u = uniforms::<{ TOGETHER / 2 }>(self.key, first);
            for (o, u) in out.iter_mut().zip(u.as_flattened()) {
                *o = *u < self.p;
            }
        }
    }
}

struct Dropout<'a, T: Float> {
    key: Key,
    first: u64,
    p: f64,
    scale: T::Wide,
    x: &'a [T],
    out: &'a mut [T],
}

impl<T: Float> Kernel for Dropout<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let pieces = self.out.chunks_mut(TOGETHER).zip(self.x.chunks(TOGETHER));
        for (c, (out, x)) in pieces.enumerate() {
            let first = self.first / 2 + (c * TOGETHER / 2) as u64;
            let u = uniforms::<{ TOGETHER / 2 }>(self.key, first);
            for ((o, x), u) in out.iter_mut().zip(x).zip(u.as_flattened()) {
                let kept = self.scale * x.widen();
                *o = T::narrow(if *u < self.p { T::Wide::ZERO } else { kept });
            }
        }
    }
}

struct Normal<'a, T> {
    key: Key,
    first: u64,
    mean: f64,
    std: f64,
    out: &'a mut [T],
}

impl<T: Float> Kernel for Normal<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { key, first, mean, std, out } = self;
        // Between the definition's ln and cos and ours lie a few units in the last place; in f64 no
        // rounding hides them.
        let rounds = size_of::<T>() < 8;
        for (c, out) in out.chunks_mut(TOGETHER).enumerate() {
            let first = first + (c * TOGETHER) as u64;
            if !rounds {
                for (i, o) in (first..).zip(out) {
                    *o = round(mean + std * key.normal(i));
                }
                continue;
            }
            let pairs = uniforms::<TOGETHER>(key, first);
            let mut draws = [0.0; TOGETHER];
            for (draw, [a, b]) in draws.iter_mut().zip(&pairs) {
                let radius = (-2.0 * Real::log::<FMA>(*a)).sqrt();
                *draw = radius * Real::cos(std::f64::consts::TAU * b);
            }
            let mut unsure = 0u64;
            for (o, draw) in out.iter_mut().zip(&draws) {
                let x = mean + std * draw;
                *o = round(x);
                unsure |= u64::from(close_to_middle::<T>(x, *draw, std));
            }
            if unsure != 0 {
                for ((i, o), draw) in (first..).zip(out).zip(&draws) {
                    if close_to_middle::<T>(mean + std * draw, *draw, std) {
                        *o = round(mean + std * key.normal(i));
                    }
                }
            }
        }
    }
}

/// The nearest number of the element type.
#[inline(always)]
fn round<T: Float>(x: f64) -> T {
    T::narrow(T::Wide::from_f64(x))
}

/// Whether an error of 2⁻⁴⁶ of the parts of `x` could change its rounding.
#[inline(always)]
fn close_to_middle<T: Float>(x: f64, draw: f64, std: f64) -> bool {
    let slack = (x.abs() + (std * draw).abs()) * (1.0 / (1u64 << 46) as f64);
    round::<T>(x - slack) != round::<T>(x + slack)
}

#[cfg(test)]
mod tests {
    use half::bf16;

    use super::*;
    use crate::isa;

    #[test]
    fn fills_are_the_draws_of_the_key_at_every_level_on_any_number_of_threads() {
        let key = Key::new(9).at(3, 4);
        for &level in isa::available() {
            for threads in [1, 3] {
                isa::with_level(level, || pool::with_threads(threads, || check(key, 20_001)));
            }
        }
    }

    fn check(key: Key, n: usize) {
        let (mut u, mut n64, mut n32) = (vec![0.0f32; n], vec![0.0f64; n], vec![0.0f32; n]);
        let (mut n16, mut mask) = (vec![bf16::ZERO; n], vec![false; n]);
        fill_uniform(key, -1.0, 2.0, &mut u);
        fill_normal(key, 0.0, 1.0, &mut n64);
        fill_normal(key, 0.3, 2.0, &mut n32);
        fill_normal(key, 0.3, 2.0, &mut n16);
        fill_bernoulli(key, 0.3, &mut mask);
        let mut dropped = vec![0.0f32; n];
        dropout(key, 0.3, 1.5, &u, &mut dropped);
        for i in 0..n {
            let (uniform, normal) = (key.uniform(i as u64), key.normal(i as u64));
            assert_eq!(u[i], (-1.0 + 3.0 * uniform) as f32);
            assert_eq!(n64[i], normal);
            assert_eq!(n32[i], (0.3 + 2.0 * normal) as f32);
            assert_eq!(n16[i], <bf16 as Float>::narrow((0.3 + 2.0 * normal) as f32));
            assert_eq!(mask[i], uniform < 0.3);
            assert_eq!(dropped[i], if uniform < 0.3 { 0.0 } else { 1.5 * u[i] });
        }
    }

    #[test]
    fn blocks_are_those_of_the_key_up_to_the_change_of_the_key() {
        let key = Key::new(0x0123_4567_89ab_cdef).at(5, 6).kind(gradus_core::Kind::Noise).round(3);
        for first in [0, 1 << 20, (1 << 32) - 40, (1 << 32) - 32, (1 << 32) - 5, 1 << 32, 1 << 40] {
            for (i, pair) in (first..).zip(uniforms::<32>(key, first)) {
                assert_eq!(pair, key.uniforms(i));
            }
        }
    }

    #[test]
    fn a_draw_in_the_middle_of_two_numbers_is_seen() {
        let middle = 1.0 + 2f64.powi(-24);
        assert!(close_to_middle::<f32>(middle, 1.0, 1.0));
        assert!(close_to_middle::<f32>(middle * (1.0 + 1e-15), 1.0, 1.0));
        assert!(!close_to_middle::<f32>(1.0 + 2f64.powi(-25), 1.0, 1.0));
    }

    #[test]
    fn moments_are_those_of_the_law() {
        let mut x = vec![0.0f64; 100_000];
        fill_normal(Key::new(5), 2.0, 3.0, &mut x);
        let mean = x.iter().sum::<f64>() / 1e5;
        let var = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e5;
        // Four standard errors.
        assert!((mean - 2.0).abs() < 4.0 * 3.0 / 316.0 && (var - 9.0).abs() < 4.0 * 12.7 / 316.0);
    }
}
