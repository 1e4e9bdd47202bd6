//! 3×3 kernels with stride 1: four products per output instead of nine.
//!
//! F(2×2, 3×3) of Lavin and Gray 2016 (<https://arxiv.org/abs/1509.09308>), after Winograd. A tile of
//! 2×2 outputs reads 4×4 places `d`; with the matrices below, each tile and pair of channels takes 16
//! multiplications, and the sums over channels are 16 matrix products (`⊙` is element by element).
//!
//! ```text
//! Y  = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A          dg = Gᵀ [(A dY Aᵀ) ⊙ (Bᵀ d B)] G
//!
//!      ⎡1  0 −1  0⎤       ⎡1  0  0⎤
//! Bᵀ = ⎢0  1  1  0⎥   G = ⎢½  ½  ½⎥   Aᵀ = ⎡1  1  1  0⎤
//!      ⎢0 −1  1  0⎥       ⎢½ −½  ½⎥        ⎣0  1 −1 −1⎦
//!      ⎣0  1  0 −1⎦       ⎣0  0  1⎦
//! ```
//! All arithmetic is in the type of the tensors, and the factors are powers of two: rounding errors are
//! of the size of those of the direct sums, against the largest outputs of a tile. Larger tiles would
//! save more and lose digits, so there are none.
//!
//! Where a result is not finite, the image (or the gradient of the weight) is computed anew by the
//! direct form. So infinities, NaN and overflows come out as they do there.
//!
//! **Order.** Which tiles an image has, and the order of every sum, depends on the shape without the
//! batch. Over channels it is that of a matrix product. For the gradient of the weight: parts of the
//! images, images, blocks of tiles, tiles, each in order.

mod forward;
mod grad_tiles;
mod grad_weight;
mod grid;
mod outputs;
mod places;
mod weights;

/// The kernels that each level has.
pub(super) mod kernels {
    pub(in super::super) use super::grad_tiles::{Spread, SpreadTiles, spread};
    pub(in super::super) use super::outputs::{Emit, EmitLine, Land, LandTiles, emit, land};
    pub(in super::super) use super::places::{Lift, LiftLines, lift};
}

pub(super) use forward::correlate;
pub(super) use grad_weight::grad_weight;

use super::axis::Axis;

/// Places of a transformed tile.
const POINTS: usize = 16;

/// Tiles that are transformed together; rows of tiles are rounded up to it.
const LANES: usize = 16;

/// Fewer channels on either side do not pay for the transforms.
const CHANNELS: usize = 16;

/// Fewer outputs of an image do not pay for the transform of the weights.
const OUTPUTS: usize = 144;

/// Whether a correlation of `c_in` with `c_out` channels is of the kind, and it pays.
pub(super) fn suits([down, across]: [&Axis; 2], c_in: usize, c_out: usize) -> bool {
    let kind = |axis: &Axis| {
        let unit = axis.step == 1 && axis.stride == 1 && axis.first == 0 && axis.source > 0;
        let mut shifts: Vec<_> = axis.taps.iter().map(|tap| tap.shift).collect();
        shifts.sort_unstable();
        unit && axis.phases.len() == 1 && shifts == [0, 1, 2]
    };
    let pays = c_in.min(c_out) >= CHANNELS && down.outputs * across.outputs >= OUTPUTS;
    pays && kind(down) && kind(across)
}
