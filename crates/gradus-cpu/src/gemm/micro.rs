//! The microkernel: a small tile of C in registers, over one block of k.
//!
//! ```text
//! acc = 0                             R rows × V registers
//! for k in block:  acc += A[·, k] ⊗ B[k, ·]
//! C = acc          or          C += acc
//! ```
//! The same code serves packed panels and strided matrices, every level and both float types.

use super::Beta;
use super::vector::{Lanes, Vector};

/// Registers of a panel of B.
const PANEL: usize = 2;

/// Where the operands of one tile lie. `A(i, k)` is at `a + i * a_xs + k * a_ks`, `C(i, j)` at
/// `c + i * c_stride + j`. B is read in panels: row `k` of panel `p` is at `b + p * b_step + k * b_ks`.
#[derive(Clone, Copy)]
pub(super) struct Tile<T> {
    pub(super) kc: usize,
    pub(super) a: *const T,
    pub(super) a_xs: usize,
    pub(super) a_ks: usize,
    pub(super) b: *const T,
    pub(super) b_ks: usize,
    pub(super) b_step: usize,
    pub(super) c: *mut T,
    pub(super) c_stride: usize,
    /// Columns of C, at most the width of the family.
    pub(super) cols: usize,
    pub(super) beta: Beta,
}

/// A microkernel for a fixed number of rows.
///
/// # Safety
/// - The machine has the instructions of the kernel's table.
/// - All addresses of the tile are valid, and C overlaps neither operand.
pub(super) type Micro<T> = unsafe fn(&Tile<T>);

/// Writes the transpose of `rows × kc` (row stride `src_stride`) as `kc` rows of `dst_stride`.
///
/// # Safety
/// - As for [`Micro`]: instructions and addresses.
pub(super) type Transpose<T> = unsafe fn(*const T, usize, *mut T, usize, usize, usize);

/// Kernels of one width. `rows[r - 1]` computes `r` rows.
pub(super) struct Family<T: 'static> {
    pub(super) width: usize,
    pub(super) rows: &'static [Micro<T>],
}

/// All kernels of a level and type, widest family first; the last takes the most rows.
pub(super) struct Kernels<T: 'static> {
    /// Columns of a panel of B; the width of a family is a multiple of it.
    pub(super) panel: usize,
    pub(super) families: &'static [Family<T>],
    /// One register wide and as tall as the tallest family, for the last columns.
    pub(super) narrow: Family<T>,
    pub(super) transpose: Transpose<T>,
}

impl<T> Kernels<T> {
    /// The family for `m` rows: few rows need wide tiles, to hide the latency of a chain.
    pub(super) fn family(&self, m: usize) -> &'static Family<T> {
        let last = &self.families[self.families.len() - 1];
        self.families.iter().find(|f| m <= f.rows.len()).unwrap_or(last)
    }
}

#[inline(always)]
unsafe fn tile<X: Vector, const R: usize, const V: usize>(t: &Tile<X::Elem>) {
    if t.cols == V * X::LANES {
        // SAFETY: passed on from the caller; all lanes are inside the tile.
        unsafe { body::<X, R, V, true>(t) }
    } else {
        // SAFETY: passed on from the caller.
        unsafe { body::<X, R, V, false>(t) }
    }
}

/// `FULL`: every lane is a column of C, so no masks are needed.
#[inline(always)]
unsafe fn body<X: Vector, const R: usize, const V: usize, const FULL: bool>(t: &Tile<X::Elem>) {
    // SAFETY: instructions are there by the contract of `Micro`; the same holds for all blocks
    // below, and their addresses are elements of the tile (masks cut the lanes beyond `cols`).
    let masks: [X::Mask; V] =
        std::array::from_fn(|v| unsafe { X::mask(t.cols.saturating_sub(v * X::LANES)) });
    // SAFETY: see above.
    let zero = unsafe { X::zero() };
    let mut acc = [[zero; V]; R];
    let (mut a, mut b) = (t.a, t.b);
    for _ in 0..t.kc {
        let mut row = [zero; V];
        for v in 0..V {
            let p = b.wrapping_add(v / PANEL * t.b_step + v % PANEL * X::LANES);
            row[v] = if FULL {
                // SAFETY: see above.
                unsafe { X::load(p) }
            } else {
                // SAFETY: see above.
                unsafe { X::load_masked(p, masks[v]) }
            };
        }
        for (i, acc) in acc.iter_mut().enumerate() {
            // SAFETY: see above.
            let x = unsafe { a.wrapping_add(i * t.a_xs).read() };
            // SAFETY: see above.
            let x = unsafe { X::splat(x) };
            for v in 0..V {
                // SAFETY: see above.
                acc[v] = unsafe { x.mul_add(row[v], acc[v]) };
            }
        }
        a = a.wrapping_add(t.a_ks);
        b = b.wrapping_add(t.b_ks);
    }
    for (i, acc) in acc.into_iter().enumerate() {
        for (v, sum) in acc.into_iter().enumerate() {
            let p = t.c.wrapping_add(i * t.c_stride + v * X::LANES);
            // SAFETY: see above.
            unsafe { put::<X, FULL>(p, sum, masks[v], t.beta) }
        }
    }
}

/// C = sum, or C = C + sum.
#[inline(always)]
unsafe fn put<X: Vector, const FULL: bool>(p: *mut X::Elem, sum: X, mask: X::Mask, beta: Beta) {
    let sum = match (beta, FULL) {
        (Beta::Zero, _) => sum,
        (Beta::One, true) => {
            // SAFETY: passed on from `body`.
            let old = unsafe { X::load(p) };
            // SAFETY: as above.
            unsafe { old.add(sum) }
        }
        (Beta::One, false) => {
            // SAFETY: as above.
            let old = unsafe { X::load_masked(p, mask) };
            // SAFETY: as above.
            unsafe { old.add(sum) }
        }
    };
    if FULL {
        // SAFETY: as above.
        unsafe { sum.store(p) }
    } else {
        // SAFETY: as above.
        unsafe { sum.store_masked(p, mask) }
    }
}

/// Transposes whole blocks in registers and the rims one by one.
#[inline(always)]
unsafe fn transpose<X: Vector>(
    (src, src_stride): (*const X::Elem, usize),
    (dst, dst_stride): (*mut X::Elem, usize),
    rows: usize,
    kc: usize,
) {
    let (full_rows, full_k) = (rows - rows % X::LANES, kc - kc % X::LANES);
    for i in (0..full_rows).step_by(X::LANES) {
        for k in (0..full_k).step_by(X::LANES) {
            let from = src.wrapping_add(i * src_stride + k);
            let to = dst.wrapping_add(k * dst_stride + i);
            // SAFETY: passed on from the caller; the block is inside `rows × kc`.
            unsafe { X::transpose(from, src_stride, to, dst_stride) }
        }
    }
    for i in 0..rows {
        for k in if i < full_rows { full_k } else { 0 }..kc {
            // SAFETY: as above.
            let x = unsafe { src.wrapping_add(i * src_stride + k).read() };
            // SAFETY: as above.
            unsafe { dst.wrapping_add(k * dst_stride + i).write(x) }
        }
    }
}

/// Stamps the kernel table of a level: families as `V: [rows…]`, widest first, and the narrow one.
macro_rules! table {
    ($name:ident, $vector:ty, $elem:ty, $(#[$feature:meta])? $($v:literal: [$($r:literal)*]),*; [$($n:literal)*]) => {
        pub(in crate::gemm) static $name: Kernels<$elem> = {
            $(#[$feature])?
            unsafe fn run<const R: usize, const V: usize>(t: &Tile<$elem>) {
                // SAFETY: passed on from the caller.
                unsafe { tile::<$vector, R, V>(t) }
            }
            $(#[$feature])?
            unsafe fn turn(
                src: *const $elem,
                src_stride: usize,
                dst: *mut $elem,
                dst_stride: usize,
                rows: usize,
                kc: usize,
            ) {
                // SAFETY: passed on from the caller.
                unsafe { transpose::<$vector>((src, src_stride), (dst, dst_stride), rows, kc) }
            }
            Kernels {
                panel: PANEL * <$vector as Vector>::LANES,
                families: &[$(Family {
                    width: $v * <$vector as Vector>::LANES,
                    rows: &[$(run::<$r, $v>),*],
                }),*],
                narrow: Family {
                    width: <$vector as Vector>::LANES,
                    rows: &[$(run::<$n, 1>),*],
                },
                transpose: turn,
            }
        };
    };
}

table!(GENERIC_F32, Lanes<f32, 4>, f32, 4: [1 2], 2: [1 2 3 4]; [1 2 3 4]);
table!(GENERIC_F64, Lanes<f64, 2>, f64, 4: [1 2], 2: [1 2 3 4]; [1 2 3 4]);

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::super::vector::{F32x8, F32x16, F64x4, F64x8};
    use super::{Family, Kernels, PANEL, Tile, Vector, tile, transpose};

    table!(AVX2_F32, F32x8, f32, #[target_feature(enable = "avx2,fma")]
        4: [1 2], 2: [1 2 3 4 5 6]; [1 2 3 4 5 6]);
    table!(AVX2_F64, F64x4, f64, #[target_feature(enable = "avx2,fma")]
        4: [1 2], 2: [1 2 3 4 5 6]; [1 2 3 4 5 6]);
    table!(AVX512_F32, F32x16, f32, #[target_feature(enable = "avx512f,avx512vl,avx512dq,fma")]
        8: [1 2], 4: [1 2 3 4 5 6], 2: [1 2 3 4 5 6 7 8 9 10 11 12];
        [1 2 3 4 5 6 7 8 9 10 11 12]);
    table!(AVX512_F64, F64x8, f64, #[target_feature(enable = "avx512f,avx512vl,avx512dq,fma")]
        8: [1 2], 4: [1 2 3 4 5 6], 2: [1 2 3 4 5 6 7 8 9 10 11 12];
        [1 2 3 4 5 6 7 8 9 10 11 12]);
}
#[cfg(target_arch = "x86_64")]
pub(super) use x86::{AVX2_F32, AVX2_F64, AVX512_F32, AVX512_F64};
