//! Points that fill the space evenly, however many there are.

use gradus_core::Key;

use super::Sampler;
use super::joe_kuo::ROWS;
use crate::error::{Error, Result};
use crate::history::Ask;
use crate::record::Suggestion;
use crate::space::Space;

/// Sobol's sequence, scrambled by the key: of the first 2ᵐ trials, each 2⁻ᵐ of every parameter
/// holds one.
///
/// Owen's scrambling keeps that, makes every single trial uniform, and differs between keys. Up to
/// 64 parameters. Any number of trials may run side by side; they are the same trials.
///
/// # Reference
/// Sobol 1967; Joe & Kuo 2008 (direction numbers); Owen 1995, "Randomly Permuted (t,m,s)-Nets and
/// (t,s)-Sequences".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sobol;

impl Sobol {
    /// The most parameters that a space may have.
    pub const MAX_PARAMS: usize = ROWS.len() + 1;
}

impl Sampler for Sobol {
    fn validate(&self, space: &Space) -> Result<()> {
        let n = space.params().len();
        if n > Self::MAX_PARAMS {
            let (field, expected) = ("Sobol", "a space of 64 parameters at most");
            return Err(Error::Config { field, expected, got: n.to_string() });
        }
        Ok(())
    }

    fn sees(&self, _: u64, _: u64) -> u64 {
        0
    }

    fn suggest(&self, ask: &Ask<'_>) -> Result<Suggestion> {
        let units: Vec<f64> = (0..ask.space.params().len())
            .map(|dim| {
                let x = sobol(dim, ask.number as u32);
                let x = scramble(ask.study_key.fold_in(dim as u64), x);
                (f64::from(x) + 0.5) / 2f64.powi(32)
            })
            .collect();
        Ok(ask.space.point(&units).into())
    }
}

/// The direction numbers of a dimension, as binary fractions of 32 bits.
fn directions(dim: usize) -> [u32; 32] {
    let mut v = [0; 32];
    if dim == 0 {
        return std::array::from_fn(|i| 1 << (31 - i));
    }
    let row = ROWS[dim - 1];
    let degree = row.m.len();
    for i in 0..32 {
        v[i] = if i < degree {
            row.m[i] << (31 - i)
        } else {
            // Bratley & Fox 1988, eq. 2, with the polynomial's inner coefficients a.
            let mut x = v[i - degree] ^ (v[i - degree] >> degree);
            for k in 1..degree {
                if row.a >> (degree - 1 - k) & 1 == 1 {
                    x ^= v[i - k];
                }
            }
            x
        };
    }
    v
}

/// Coordinate `dim` of point `index`, as a binary fraction of 32 bits.
fn sobol(dim: usize, index: u32) -> u32 {
    let bits = directions(dim).into_iter().enumerate();
    bits.filter(|(bit, _)| index >> bit & 1 == 1).fold(0, |x, (_, v)| x ^ v)
}

/// Owen's scrambling: whether a bit is flipped is a function of the bits before it.
fn scramble(key: Key, x: u32) -> u32 {
    (0..32u32).fold(0, |scrambled, bit| {
        let before = u64::from(x).checked_shr(32 - bit).unwrap_or(0);
        let flip = key.fold_in(u64::from(bit) << 32 | before).seed as u32 & 1;
        scrambled | ((x >> (31 - bit) & 1) ^ flip) << (31 - bit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_that_of_joe_and_kuo() {
        // The first points of scipy.stats.qmc.Sobol(d=4, scramble=False); its order is Gray's.
        let gray = |i: u32| i ^ (i >> 1);
        let expected = [
            [0.0, 0.0, 0.0, 0.0],
            [0.5, 0.5, 0.5, 0.5],
            [0.75, 0.25, 0.25, 0.25],
            [0.25, 0.75, 0.75, 0.75],
            [0.375, 0.375, 0.625, 0.875],
            [0.875, 0.875, 0.125, 0.375],
            [0.625, 0.125, 0.875, 0.625],
            [0.125, 0.625, 0.375, 0.125],
        ];
        for (i, row) in (0..).zip(expected) {
            for (dim, x) in row.into_iter().enumerate() {
                assert_eq!(f64::from(sobol(dim, gray(i))) / 2f64.powi(32), x, "{i} {dim}");
            }
        }
    }

    #[test]
    fn every_share_of_every_dimension_holds_one_point() {
        for key in [1, 2].map(Key::new) {
            for dim in 0..Sobol::MAX_PARAMS {
                for m in [1, 4, 6] {
                    let mut shares: Vec<u32> = (0..1 << m)
                        .map(|i| scramble(key.fold_in(dim as u64), sobol(dim, i)) >> (32 - m))
                        .collect();
                    shares.sort_unstable();
                    assert!(shares.into_iter().eq(0..1 << m), "{dim} {m}");
                }
            }
        }
    }

    #[test]
    fn the_first_two_dimensions_fill_every_box_of_the_same_area() {
        let key = Key::new(5);
        let at = |dim: usize, i| scramble(key.fold_in(dim as u64), sobol(dim, i));
        for wide in 0..=4u32 {
            let cell = |x: u32, bits: u32| u64::from(x) >> (32 - bits);
            let mut boxes: Vec<u64> = (0..16)
                .map(|i| cell(at(0, i), wide) << (4 - wide) | cell(at(1, i), 4 - wide))
                .collect();
            boxes.sort_unstable();
            assert!(boxes.into_iter().eq(0..16), "{wide}");
        }
    }
}
