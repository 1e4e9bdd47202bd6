//! The gradients of a normalization, for its input, weight and bias.

use super::{Norm, Normalization};
use crate::isa::{Kernel, dispatch};
use crate::math::{Float, Real};
use crate::pool;
use crate::reduce::rows::{dot, madd};
use crate::reduce::sum::row;
use crate::scratch;

/// What the forward pass leaves for the backward pass.
#[derive(Debug, Clone, Copy)]
pub struct Saved<'a, T: Float> {
    /// The input.
    pub x: &'a [T],
    /// Mean and 1/√(var + ε) of each row.
    pub stats: &'a [T::Wide],
    /// The factors, if there were any.
    pub weight: Option<&'a [T]>,
}

/// Where the gradients go. Those of weight and bias cost nothing where they are not wanted.
#[derive(Debug)]
pub struct Gradients<'a, T> {
    /// By the input.
    pub dx: &'a mut [T],
    /// By the weight.
    pub dweight: Option<&'a mut [T]>,
    /// By the bias.
    pub dbias: Option<&'a mut [T]>,
}

/// Rows per partial sum of `dweight` and `dbias`: at most 64 partial sums, of at least 16 rows.
fn block_of(rows: usize) -> usize {
    rows.div_ceil(64).max(16)
}

/// The gradients of [`normalize`](super::normalize) from the gradient `g` of its output.
///
/// # Panics
/// If the lengths do not fit.
pub fn normalize_grad<T: Float>(
    rule: Normalization,
    saved: Saved<'_, T>,
    g: &[T],
    out: Gradients<'_, T>,
) {
    let n = rule.n;
    let Gradients { dx, dweight, dbias } = out;
    let rows = saved.stats.len() / 2;
    assert!(saved.x.len() == dx.len() && g.len() == dx.len(), "normalize_grad: lengths differ");
    assert_eq!(dx.len(), rows * n, "normalize_grad: length of stats");
    let fits = |len: usize| assert_eq!(len, n, "normalize_grad: length of a weight");
    fits(saved.weight.map_or(n, <[T]>::len));
    fits(dweight.as_ref().map_or(n, |x| x.len()));
    fits(dbias.as_ref().map_or(n, |x| x.len()));
    let wants_parts = dweight.is_some() || dbias.is_some();
    let block = block_of(rows);
    let width = if wants_parts { 2 * n } else { 0 };
    scratch::with(rows.div_ceil(block) * width, |parts: &mut [T::Wide]| {
        parts.fill(T::Wide::ZERO);
        if !dx.is_empty() {
            run(rule, saved, g, dx, parts);
        }
        for (offset, out) in [(0, dweight), (n, dbias)] {
            let Some(out) = out else { continue };
            for (j, o) in out.iter_mut().enumerate() {
                let column = parts.chunks_exact(2 * n).map(|part| part[offset + j]);
                *o = T::narrow(column.fold(T::Wide::ZERO, |a, b| a + b));
            }
        }
    });
}

fn run<T: Float>(
    rule: Normalization,
    saved: Saved<'_, T>,
    g: &[T],
    dx: &mut [T],
    parts: &mut [T::Wide],
) {
    let n = rule.n;
    let rows = dx.len() / n;
    let part = |start: usize, dx: &mut [T], sums: &mut [T::Wide]| {
        let len = dx.len();
        let saved = Saved {
            x: &saved.x[start * n..][..len],
            stats: &saved.stats[2 * start..][..2 * len / n],
            weight: saved.weight,
        };
        scratch::with(2 * n, |wide| {
            dispatch(Rows { rule, saved, g: &g[start * n..][..len], dx, sums, wide });
        });
    };
    if parts.is_empty() {
        let count = pool::grain(rows, 0.4 * n as f64 + 5.0);
        return pool::for_slices(dx, count * n, |i, dx| part(i * count, dx, &mut []));
    }
    let block = block_of(rows);
    if pool::grain(rows, 0.5 * n as f64 + 5.0) >= rows {
        // Too little for a second thread; the partial sums are the same.
        for (i, (dx, sums)) in dx.chunks_mut(block * n).zip(parts.chunks_mut(2 * n)).enumerate() {
            part(i * block, dx, sums);
        }
        return;
    }
    pool::for_slices2((dx, block * n), (parts, 2 * n), |i, dx, sums| part(i * block, dx, sums));
}

struct Rows<'a, T: Float> {
    rule: Normalization,
    saved: Saved<'a, T>,
    g: &'a [T],
    dx: &'a mut [T],
    /// `dweight` and `dbias` of these rows, added up; or nothing.
    sums: &'a mut [T::Wide],
    wide: &'a mut [T::Wide],
}

impl<T: Float> Kernel for Rows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { rule: Normalization { norm, n, .. }, saved, g, dx, sums, wide } = self;
        let share = T::Wide::ONE / T::Wide::from_f64(n as f64);
        let (h, d) = wide.split_at_mut(n);
        let rows = dx.chunks_exact_mut(n).zip(saved.x.chunks_exact(n)).zip(g.chunks_exact(n));
        for (((dx, x), g), stats) in rows.zip(saved.stats.as_chunks::<2>().0) {
            let [mean, rstd] = *stats;
            match saved.weight {
                Some(w) => {
                    for ((((h, d), x), g), w) in h.iter_mut().zip(&mut *d).zip(x).zip(g).zip(w) {
                        *h = (x.widen() - mean) * rstd;
                        *d = g.widen() * w.widen();
                    }
                }
                None => {
                    for (((h, d), x), g) in h.iter_mut().zip(&mut *d).zip(x).zip(g) {
                        *h = (x.widen() - mean) * rstd;
                        *d = g.widen();
                    }
                }
            }
            let along = -(dot::<FMA, _>(d, h) * share);
            let level = match norm {
                Norm::Layer => row(d) * share,
                Norm::Rms => T::Wide::ZERO,
            };
            for ((dx, h), d) in dx.iter_mut().zip(&*h).zip(&*d) {
                *dx = T::narrow(madd::<FMA, _>(*h, along, *d - level) * rstd);
            }
            if sums.is_empty() {
                continue;
            }
            let (dw, db) = sums.split_at_mut(n);
            for (((dw, db), h), g) in dw.iter_mut().zip(db).zip(&*h).zip(g) {
                *dw = madd::<FMA, _>(g.widen(), *h, *dw);
                *db = *db + g.widen();
            }
        }
    }
}
