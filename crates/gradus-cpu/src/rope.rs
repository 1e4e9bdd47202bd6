//! Rotation of vectors by their place in a sequence.

use crate::isa::{Kernel, dispatch};
use crate::math::{Float, Real};
use crate::pool;

/// Which way vectors are turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// By the angle.
    Forward,
    /// By its negative, which is the inverse and the transpose.
    Back,
}

/// The places of vectors and the speeds of their pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rope {
    /// Vectors of a sequence; these follow one another in memory.
    pub len: usize,
    /// Elements of a vector (D), an even number.
    pub width: usize,
    /// Place of the first vector of every sequence.
    pub start: usize,
    /// Pair `i` turns by `base^(−2 i / D)` per place.
    pub base: f64,
}

impl Rope {
    /// cos and sin of all angles, place after place; worked out in `f64`.
    fn table<T: Real>(&self, turn: Turn) -> Vec<[T; 2]> {
        let half = self.width / 2;
        let speed = |i: usize| self.base.powf(-2.0 * i as f64 / self.width as f64);
        let speeds: Vec<f64> = (0..half).map(speed).collect();
        let sign = if turn == Turn::Forward { 1.0 } else { -1.0 };
        let angle = |place: usize, speed: &f64| {
            let (sin, cos) = (place as f64 * speed).sin_cos();
            [T::from_f64(cos), T::from_f64(sign * sin)]
        };
        (self.start..self.start + self.len)
            .flat_map(|place| speeds.iter().map(move |speed| angle(place, speed)))
            .collect()
    }
}

/// Turns each vector of the sequences in `x`: elements `i` and `i + D/2` are a point of the plane.
///
/// # Panics
/// If the lengths differ, are not whole sequences, or the width is odd.
///
/// # Examples
/// ```
/// use gradus_cpu::rope::{Rope, Turn, rope};
/// let (x, mut y) = ([1.0f64, 0.0, 1.0, 0.0], [0.0; 4]);
/// rope(Rope { len: 2, width: 2, start: 0, base: 1e4 }, Turn::Forward, &x, &mut y);
/// assert_eq!(y, [1.0, 0.0, 1f64.cos(), 1f64.sin()]);
/// ```
pub fn rope<T: Float>(rope: Rope, turn: Turn, x: &[T], out: &mut [T]) {
    assert_eq!(x.len(), out.len(), "rope: lengths differ");
    assert!(rope.width.is_multiple_of(2), "rope: the width is odd");
    if x.is_empty() {
        return;
    }
    let whole = rope.len * rope.width;
    assert!(whole > 0 && x.len().is_multiple_of(whole), "rope: no whole sequences");
    let table = rope.table::<T::Wide>(turn);
    let chunk = pool::grain(x.len() / whole, 0.5 * whole as f64) * whole;
    pool::for_slices(out, chunk, |i, out| {
        dispatch(Turned { width: rope.width, table: &table, x: &x[i * chunk..], out });
    });
}

struct Turned<'a, T: Float> {
    width: usize,
    table: &'a [[T::Wide; 2]],
    x: &'a [T],
    out: &'a mut [T],
}

impl<T: Float> Kernel for Turned<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let half = self.width / 2;
        let rows = self.out.chunks_exact_mut(self.width).zip(self.x.chunks_exact(self.width));
        for ((out, x), angles) in rows.zip(self.table.chunks_exact(half).cycle()) {
            let ((a, b), (to_a, to_b)) = (x.split_at(half), out.split_at_mut(half));
            for (i, [cos, sin]) in angles.iter().enumerate() {
                let (a, b) = (a[i].widen(), b[i].widen());
                to_a[i] = T::narrow(a * *cos - b * *sin);
                to_b[i] = T::narrow(b * *cos + a * *sin);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa;

    #[test]
    fn turns_are_those_of_complex_numbers_at_every_level() {
        let (len, width, start, base) = (3, 10, 7, 100.0);
        let x: Vec<f64> = (0..2 * len * width).map(|i| (i as f64 * 0.7).sin()).collect();
        let rope_of = Rope { len, width, start, base };
        for &level in isa::available() {
            isa::with_level(level, || {
                let (mut y, mut back) = (vec![0.0; x.len()], vec![0.0; x.len()]);
                rope(rope_of, Turn::Forward, &x, &mut y);
                rope(rope_of, Turn::Back, &y, &mut back);
                for (i, (x, back)) in x.iter().zip(&back).enumerate() {
                    assert!((x - back).abs() < 1e-14, "{i}");
                }
                for row in 0..2 * len {
                    for i in 0..width / 2 {
                        let angle = (start + row % len) as f64 * base.powf(-(i as f64) / 5.0);
                        let (re, im) = (x[row * width + i], x[row * width + i + 5]);
                        let want = re * angle.cos() - im * angle.sin();
                        assert!((y[row * width + i] - want).abs() < 1e-14);
                        let want = im * angle.cos() + re * angle.sin();
                        assert!((y[row * width + i + 5] - want).abs() < 1e-14);
                    }
                }
            });
        }
    }

    #[test]
    fn threads_and_cuts_do_not_change_the_bits() {
        let x: Vec<f32> = (0..40 * 50 * 64).map(|i| (i as f32 * 0.3).sin()).collect();
        let on = |threads| {
            let mut y = vec![0.0; x.len()];
            let rope_of = Rope { len: 50, width: 64, start: 3, base: 1e4 };
            pool::with_threads(threads, || rope(rope_of, Turn::Forward, &x, &mut y));
            y
        };
        assert_eq!(on(1), on(3));
    }
}
