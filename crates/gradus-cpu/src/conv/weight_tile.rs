//! The microkernels of the gradient of the weight: sums over the places of a block of lines.

use crate::gemm::vector::Vector;

/// What a microkernel is given: a block of `lines` output rows, or of a part of one.
#[derive(Debug)]
pub(super) struct WeightTile<'a, T> {
    /// Place 0 of the block in the strip, lines `pitch` apart.
    pub(super) strip: *const T,
    pub(super) pitch: usize,
    /// The shifts of the weights, as many as the kernel has rows.
    pub(super) shifts: &'a [usize],
    /// The gradient of the output. With channels in lanes: place by place, `grad_pitch` elements
    /// each. With places in lanes: one channel, line by line, `grad_pitch` apart.
    pub(super) grad: *const T,
    pub(super) grad_pitch: usize,
    pub(super) lines: usize,
    pub(super) width: usize,
    /// Sums, to which those of the block are added; rows are `total_stride` apart.
    pub(super) total: *mut T,
    pub(super) total_stride: usize,
}

/// A microkernel for a number of weights (of channels in lanes: times registers).
///
/// # Safety
/// - The machine has the instructions of the kernel's table.
/// - Every address is valid: places of the block under all shifts, the gradient of the block, the
///   totals, which nothing else reaches meanwhile.
pub(super) type WeightMicro<T> = unsafe fn(&WeightTile<'_, T>);

/// Lanes are output channels: each sum is one chain over the places, in order.
#[inline(always)]
pub(super) unsafe fn channels<X: Vector, const R: usize, const V: usize>(
    t: &WeightTile<'_, X::Elem>,
) {
    let shifts: &[usize; R] = t.shifts.try_into().expect("as many shifts as rows");
    // SAFETY: the instructions are there by the contract of `WeightMicro`; the same holds for all
    // blocks below, and their addresses are elements of the tile.
    let zero = unsafe { X::zero() };
    let mut acc = [[zero; V]; R];
    for line in 0..t.lines {
        let mut places: [_; R] =
            std::array::from_fn(|r| t.strip.wrapping_add(line * t.pitch + shifts[r]));
        let mut grad = t.grad.wrapping_add(line * t.width * t.grad_pitch);
        for _ in 0..t.width {
            let mut g = [zero; V];
            for (v, g) in g.iter_mut().enumerate() {
                // SAFETY: see above.
                *g = unsafe { X::load(grad.wrapping_add(v * X::LANES)) };
            }
            for (acc, place) in acc.iter_mut().zip(&mut places) {
                // SAFETY: see above.
                let x = unsafe { place.read() };
                *place = place.wrapping_add(1);
                // SAFETY: see above.
                let x = unsafe { X::splat(x) };
                for v in 0..V {
                    // SAFETY: see above.
                    acc[v] = unsafe { x.mul_add(g[v], acc[v]) };
                }
            }
            grad = grad.wrapping_add(t.grad_pitch);
        }
    }
    for (r, acc) in acc.into_iter().enumerate() {
        for (v, sum) in acc.into_iter().enumerate() {
            let p = t.total.wrapping_add(r * t.total_stride + v * X::LANES);
            // SAFETY: see above.
            let old = unsafe { X::load(p) };
            // SAFETY: see above.
            let sum = unsafe { old.add(sum) };
            // SAFETY: see above.
            unsafe { sum.store(p) }
        }
    }
}

/// Lanes are places: each sum is one chain per lane over the registers of the block, and then the
/// pairwise sum of the lanes. For few output channels.
#[inline(always)]
pub(super) unsafe fn places<X: Vector, const R: usize>(t: &WeightTile<'_, X::Elem>)
where
    X::Elem: std::ops::Add<Output = X::Elem>,
{
    let shifts: &[usize; R] = t.shifts.try_into().expect("as many shifts as rows");
    // SAFETY: the instructions are there by the contract of `WeightMicro`; the same holds for all
    // blocks below, and their addresses are elements of the tile (masks cut the last lanes).
    let zero = unsafe { X::zero() };
    let mut acc = [zero; R];
    for line in 0..t.lines {
        let strip = t.strip.wrapping_add(line * t.pitch);
        let grad = t.grad.wrapping_add(line * t.grad_pitch);
        let whole = t.width - t.width % X::LANES;
        for at in (0..whole).step_by(X::LANES) {
            // SAFETY: see above.
            let g = unsafe { X::load(grad.wrapping_add(at)) };
            for (acc, shift) in acc.iter_mut().zip(shifts) {
                // SAFETY: see above.
                let x = unsafe { X::load(strip.wrapping_add(at + shift)) };
                // SAFETY: see above.
                *acc = unsafe { x.mul_add(g, *acc) };
            }
        }
        if whole == t.width {
            continue;
        }
        // SAFETY: see above.
        let mask = unsafe { X::mask(t.width - whole) };
        // SAFETY: see above.
        let g = unsafe { X::load_masked(grad.wrapping_add(whole), mask) };
        for (acc, shift) in acc.iter_mut().zip(shifts) {
            // SAFETY: see above.
            let x = unsafe { X::load_masked(strip.wrapping_add(whole + shift), mask) };
            // SAFETY: see above.
            *acc = unsafe { x.mul_add(g, *acc) };
        }
    }
    for (r, acc) in acc.iter_mut().enumerate() {
        // SAFETY: a register is `LANES` elements.
        let lanes: &mut [X::Elem] =
            unsafe { std::slice::from_raw_parts_mut((&raw mut *acc).cast(), X::LANES) };
        let p = t.total.wrapping_add(r * t.total_stride);
        // SAFETY: see above.
        let old = unsafe { p.read() };
        // SAFETY: see above.
        unsafe { p.write(old + pairwise(lanes)) }
    }
}

/// The sum of a power of two of elements: halves are added until one is left.
#[inline(always)]
fn pairwise<T: Copy + std::ops::Add<Output = T>>(x: &mut [T]) -> T {
    let mut half = x.len() / 2;
    while half > 0 {
        for i in 0..half {
            x[i] = x[i] + x[i + half];
        }
        half /= 2;
    }
    x[0]
}
