//! The square of a norm.

use crate::isa::{Kernel, dispatch};
use crate::math::Real;
use crate::pool;

/// Elements of one partial sum. It is part of the definition of the result.
const PIECE: usize = 16 << 10;

/// Lanes of one partial sum, which is part of the definition as well.
const LANES: usize = 16;

/// Σ x², in `f64`: the squares of finite `f32` neither overflow nor vanish.
///
/// The order of the sum depends on the length alone: sixteen lanes per 16 384 elements, then the
/// lanes, then the pieces.
///
/// # Examples
/// ```
/// assert_eq!(gradus_cpu::optim::sum_of_squares(&[3.0f32, 1e30, 4.0]), 1e30f32 as f64 * 1e30f32 as f64);
/// ```
pub fn sum_of_squares<T: Real>(x: &[T]) -> f64 {
    if x.len() <= PIECE {
        return dispatch(Squares(x));
    }
    let mut sums = vec![0.0; x.len().div_ceil(PIECE)];
    let chunk = pool::grain(x.len(), 0.1).div_ceil(PIECE);
    pool::for_slices(&mut sums, chunk, |c, sums| {
        for (sum, x) in sums.iter_mut().zip(x[c * chunk * PIECE..].chunks(PIECE)) {
            *sum = dispatch(Squares(x));
        }
    });
    sums.iter().sum()
}

struct Squares<'a, T>(&'a [T]);

impl<T: Real> Kernel for Squares<'_, T> {
    type Output = f64;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> f64 {
        let mut lanes = [0.0f64; LANES];
        let (rows, rest) = self.0.as_chunks::<LANES>();
        for row in rows {
            for (lane, x) in lanes.iter_mut().zip(row) {
                let x = x.to_f64();
                *lane += x * x;
            }
        }
        for (lane, x) in lanes.iter_mut().zip(rest) {
            let x = x.to_f64();
            *lane += x * x;
        }
        lanes.iter().sum()
    }
}
