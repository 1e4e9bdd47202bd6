//! G g Gᵀ, and Gᵀ M G back.

use super::{LANES, POINTS};
use crate::isa::Kernel;
use crate::math::Real;

/// Transforms the kernels of an output channel.
pub(super) struct Spread<'a, T> {
    pub(super) weight: &'a [T],
    /// Distance of input channels.
    pub(super) stride: usize,
    /// Where the weights of a kernel lie, row by row.
    pub(super) taps: [usize; 9],
    /// One number per input channel, point by point.
    pub(super) out: [&'a mut [T]; POINTS],
}

impl<T: Real> Kernel for Spread<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { weight, stride, taps, out } = self;
        let channels = out[0].len();
        for first in (0..channels).step_by(LANES) {
            let len = LANES.min(channels - first);
            let mut g = [[T::ZERO; LANES]; 9];
            for (g, tap) in g.iter_mut().zip(taps) {
                let from = weight[first * stride + tap..].iter().step_by(stride);
                for (g, w) in g[..len].iter_mut().zip(from) {
                    *g = *w;
                }
            }
            let columns = [0, 1, 2].map(|j| line([&g[j], &g[3 + j], &g[6 + j]]));
            for i in 0..4 {
                let points = line([&columns[0][i], &columns[1][i], &columns[2][i]]);
                for (j, point) in points.iter().enumerate() {
                    out[4 * i + j][first..first + len].copy_from_slice(&point[..len]);
                }
            }
        }
    }
}

/// G on three registers.
#[inline(always)]
fn line<T: Real>([a, b, c]: [&[T; LANES]; 3]) -> [[T; LANES]; 4] {
    let half = T::from_f64(0.5);
    let mut out = [*a, [T::ZERO; LANES], [T::ZERO; LANES], *c];
    for k in 0..LANES {
        let (ends, middle) = ((a[k] + c[k]) * half, b[k] * half);
        out[1][k] = ends + middle;
        out[2][k] = ends - middle;
    }
    out
}

/// The gradient of the kernels of some output channels, at most [`LANES`].
pub(super) struct Gather<'a, T> {
    /// From the first of the channels on: `[point][c_in][c_out]`.
    pub(super) sums: &'a [T],
    /// Distance of points and of input channels.
    pub(super) strides: [usize; 2],
    /// `[c_out][c_in][9]`.
    pub(super) out: &'a mut [T],
    /// Elements of an output channel.
    pub(super) taps: usize,
}

impl<T: Real> Kernel for Gather<'_, T> {
    /// Whether the gradient is finite.
    type Output = bool;
    #[inline(always)]
    fn run<const FMA: bool>(self) -> bool {
        let Self { sums, strides: [points, channels], out, taps } = self;
        let mut finite = true;
        for channel in 0..taps / 9 {
            let point = |p: usize| -> &[T; LANES] {
                let sums = &sums[p * points + channel * channels..];
                sums.first_chunk().expect("channels are whole registers")
            };
            let columns = [0, 1, 2, 3].map(|j| back([0, 4, 8, 12].map(|i| point(i + j))));
            for tap in 0..9 {
                let row = columns.each_ref().map(|column| &column[tap / 3]);
                let to = out.iter_mut().skip(channel * 9 + tap).step_by(taps);
                for (to, g) in to.zip(&back(row)[tap % 3]) {
                    *to = *g;
                    finite &= g.abs() < T::INFINITY;
                }
            }
        }
        finite
    }
}

/// Gᵀ on four registers.
#[inline(always)]
fn back<T: Real>([a, b, c, d]: [&[T; LANES]; 4]) -> [[T; LANES]; 3] {
    let half = T::from_f64(0.5);
    let mut out = [[T::ZERO; LANES]; 3];
    for k in 0..LANES {
        let (sum, difference) = ((b[k] + c[k]) * half, (b[k] - c[k]) * half);
        out[0][k] = a[k] + sum;
        out[1][k] = difference;
        out[2][k] = sum + d[k];
    }
    out
}
