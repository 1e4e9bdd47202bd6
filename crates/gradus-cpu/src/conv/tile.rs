//! The microkernel of the forward pass and of the gradient of the input.
//!
//! ```text
//! acc = 0                                        R output channels × V registers of places
//! for step in block of K:  acc += weight[·, step] ⊗ strip[places + shift(step)]
//! total = acc   or   total += acc                for each block, in order
//! out = total + bias
//! ```

use super::pieces::{Piece, Run};
use crate::gemm::KC;
use crate::gemm::vector::Vector;

/// One k: what it adds to the addresses of the weights and of the places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) weight: usize,
    pub(super) shift: usize,
}

/// What a microkernel is given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tile<'a, T> {
    pub(super) steps: &'a [Step],
    /// Weight of the first channel; channels are `weight_stride` apart.
    pub(super) weight: *const T,
    pub(super) weight_stride: usize,
    /// Place 0 of the strip.
    pub(super) strip: *const T,
    /// The registers, as many as the kernel has. Only the last may be cut short.
    pub(super) pieces: &'a [Piece],
    /// The runs of all pieces.
    pub(super) runs: &'a [Run],
    /// Bias of the first channel, or null.
    pub(super) bias: *const T,
    /// The first channel's output for row 0, column 0 of the strip.
    pub(super) out: *mut T,
    /// Distance of channels, rows and columns of the output.
    pub(super) out_strides: [usize; 3],
}

/// A microkernel for a number of channels and registers.
///
/// # Safety
/// - The machine has the instructions of the kernel's table.
/// - Every address is valid: weights of all steps and channels, readable lanes of all pieces under
///   all shifts, outputs of all runs, which nothing else reaches meanwhile.
pub(super) type Micro<T> = unsafe fn(&Tile<'_, T>);

#[inline(always)]
pub(super) unsafe fn tile<X: Vector, const R: usize, const V: usize>(t: &Tile<'_, X::Elem>) {
    let pieces: &[Piece; V] = t.pieces.try_into().expect("as many pieces as registers");
    let total = if pieces[V - 1].lanes == X::LANES {
        // SAFETY: passed on from the caller; all lanes of whole pieces may be read.
        unsafe { product::<X, R, V, true>(t, pieces) }
    } else {
        // SAFETY: passed on from the caller.
        unsafe { product::<X, R, V, false>(t, pieces) }
    };
    // SAFETY: passed on from the caller.
    unsafe { emit(t, pieces, total) }
}

/// `FULL`: no piece is cut short, so no mask is needed.
#[inline(always)]
unsafe fn product<X: Vector, const R: usize, const V: usize, const FULL: bool>(
    t: &Tile<'_, X::Elem>,
    pieces: &[Piece; V],
) -> [[X; V]; R] {
    // SAFETY: the instructions are there by the contract of `Micro`; the same holds for all blocks
    // below, and their addresses are weights and places of the tile.
    let mask = unsafe { X::mask(pieces[V - 1].lanes) };
    // SAFETY: see above.
    let zero = unsafe { X::zero() };
    let low: [_; V] = std::array::from_fn(|v| t.strip.wrapping_add(pieces[v].halves[0]));
    let high: [_; V] = std::array::from_fn(|v| t.strip.wrapping_add(pieces[v].halves[1]));
    let mut total = [[zero; V]; R];
    for (n, block) in t.steps.chunks(KC).enumerate() {
        let mut acc = [[zero; V]; R];
        for step in block {
            let mut x = [zero; V];
            for v in 0..V {
                let p = low[v].wrapping_add(step.shift);
                x[v] = if FULL || v + 1 < V {
                    // SAFETY: see above.
                    unsafe { X::load_halves(p, high[v].wrapping_add(step.shift)) }
                } else {
                    // SAFETY: see above.
                    unsafe { X::load_masked(p, mask) }
                };
            }
            let weight = t.weight.wrapping_add(step.weight);
            for (i, acc) in acc.iter_mut().enumerate() {
                // SAFETY: see above.
                let w = unsafe { weight.wrapping_add(i * t.weight_stride).read() };
                // SAFETY: see above.
                let w = unsafe { X::splat(w) };
                for v in 0..V {
                    // SAFETY: see above.
                    acc[v] = unsafe { w.mul_add(x[v], acc[v]) };
                }
            }
        }
        if n == 0 {
            total = acc;
            continue;
        }
        for (total, acc) in total.iter_mut().zip(acc) {
            for v in 0..V {
                // SAFETY: see above.
                total[v] = unsafe { total[v].add(acc[v]) };
            }
        }
    }
    total
}

/// Adds the bias and writes the runs.
#[inline(always)]
unsafe fn emit<X: Vector, const R: usize, const V: usize>(
    t: &Tile<'_, X::Elem>,
    pieces: &[Piece; V],
    mut total: [[X; V]; R],
) {
    if !t.bias.is_null() {
        for (i, total) in total.iter_mut().enumerate() {
            // SAFETY: the tile has a bias for each of its channels.
            let bias = unsafe { t.bias.wrapping_add(i).read() };
            // SAFETY: the instructions are there by the contract of `Micro`, here and below.
            let bias = unsafe { X::splat(bias) };
            for total in total {
                // SAFETY: as above.
                *total = unsafe { total.add(bias) };
            }
        }
    }
    let [channel, row, column] = t.out_strides;
    for (v, piece) in pieces.iter().enumerate() {
        for run in &t.runs[piece.runs.clone()] {
            let out = t.out.wrapping_add(run.row * row + run.column * column);
            // SAFETY: as above.
            let mask = unsafe { X::mask(run.len) };
            for (i, total) in total.iter().enumerate() {
                let out = out.wrapping_add(i * channel);
                let from = (&raw const total[v]).cast::<X::Elem>().wrapping_add(run.lane);
                if column > 1 {
                    for lane in 0..run.len {
                        // SAFETY: a run's lanes are inside the register.
                        let x = unsafe { from.wrapping_add(lane).read() };
                        // SAFETY: a run's outputs are valid by the contract of `Micro`.
                        unsafe { out.wrapping_add(lane * column).write(x) }
                    }
                } else if run.len == X::LANES {
                    // SAFETY: as above.
                    unsafe { total[v].store(out) }
                } else {
                    // SAFETY: as above; the mask has the run's lanes.
                    let x = unsafe { X::load_masked(from, mask) };
                    // SAFETY: as above.
                    unsafe { x.store_masked(out, mask) }
                }
            }
        }
    }
}
