//! The microkernel: a small tile of C in registers, over one block of k.
//!
//! ```text
//! acc = 0                             R rows × V registers
//! for k in block:  acc += A[·, k] ⊗ B[k, ·]
//! C = acc          or          C += acc
//! ```
//! The same code serves packed panels and strided matrices, every level and both float types.

use half::bf16;

use super::thin::{self, Thin};
use super::vector::{Lanes, Vector};
use super::view::View;
use super::{Beta, panel};

/// From this many k on, C is asked for before the chains start. The rows of a wide C are far apart,
/// which no hardware foresees.
const LONG: usize = 128;

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

/// Copies `kc × cols` elements of a view as rows of `width`, where one of its two steps is 1.
///
/// # Safety
/// - As for [`Micro`]: instructions and addresses. There are at least `kc * width` elements of `out`.
pub(super) type Pack<T, S> = unsafe fn(View<S>, (usize, usize), usize, &mut [T]);

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
    /// `thin[r - 1]` computes `r` rows where the columns of B lie together.
    pub(super) thin: &'static [Thin<T, T>],
    /// The same for a B of bf16; none for f64.
    pub(super) thin_bf16: &'static [Thin<T, bf16>],
    pub(super) pack_rows: Pack<T, T>,
    pub(super) pack_columns: Pack<T, T>,
    /// `pack_columns` of bf16; none for f64.
    pub(super) pack_columns_bf16: Option<Pack<T, bf16>>,
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
    match (t.cols == V * X::LANES, t.a_xs == 1) {
        // SAFETY: passed on from the caller; all lanes are inside the tile.
        (true, true) => unsafe { body::<X, R, V, true>(t, 1) },
        // SAFETY: as above.
        (true, false) => unsafe { body::<X, R, V, true>(t, t.a_xs) },
        // SAFETY: passed on from the caller.
        (false, _) => unsafe { body::<X, R, V, false>(t, t.a_xs) },
    }
}

/// A tile of one register across, at the rim of C: the masks cost nothing that counts there.
#[inline(always)]
unsafe fn rim<X: Vector, const R: usize>(t: &Tile<X::Elem>) {
    // SAFETY: passed on from the caller.
    unsafe { body::<X, R, 1, false>(t, t.a_xs) }
}

/// `FULL`: every lane is a column of C, so no masks are needed.
#[inline(always)]
unsafe fn body<X: Vector, const R: usize, const V: usize, const FULL: bool>(
    t: &Tile<X::Elem>,
    a_xs: usize,
) {
    // SAFETY: instructions are there by the contract of `Micro`; the same holds for all blocks
    // below, and their addresses are elements of the tile (masks cut the lanes beyond `cols`).
    let masks: [X::Mask; V] =
        std::array::from_fn(|v| unsafe { X::mask(t.cols.saturating_sub(v * X::LANES)) });
    // SAFETY: see above.
    let zero = unsafe { X::zero() };
    let mut acc = [[zero; V]; R];
    if t.kc >= LONG {
        for i in 0..R {
            for v in 0..V {
                // SAFETY: a hint; any address will do.
                unsafe { X::prefetch(t.c.wrapping_add(i * t.c_stride + v * X::LANES)) }
            }
        }
    }
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
            let x = unsafe { a.wrapping_add(i * a_xs).read() };
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

/// Stamps the thin kernels for a B of bf16, or none.
macro_rules! few_bf16 {
    (bf16 $vector:ty, $elem:ty, $(#[$feature:meta])?) => {
        $(#[$feature])?
        unsafe fn few_bf16<const R: usize>(t: &thin::Tile<$elem, bf16>) {
            // SAFETY: passed on from the caller.
            unsafe { thin::run::<$vector, bf16, R>(t) }
        }
        $(#[$feature])?
        unsafe fn pack_bf16(
            view: View<bf16>,
            part: (usize, usize),
            width: usize,
            out: &mut [$elem],
        ) {
            // SAFETY: passed on from the caller.
            unsafe { panel::columns_bf16::<$vector>(view, part, width, out) }
        }
        const PACK_BF16: Option<Pack<$elem, bf16>> = Some(pack_bf16);
        const FEW_BF16: &[Thin<$elem, bf16>] = &[
            few_bf16::<1>, few_bf16::<2>, few_bf16::<3>, few_bf16::<4>, few_bf16::<5>, few_bf16::<6>,
            few_bf16::<7>, few_bf16::<8>,
        ];
    };
    ($vector:ty, $elem:ty, $(#[$feature:meta])?) => {
        const FEW_BF16: &[Thin<$elem, bf16>] = &[];
        const PACK_BF16: Option<Pack<$elem, bf16>> = None;
    };
}

/// Stamps the kernel table of a level: families as `V: [rows…]`, widest first, and the narrow one.
macro_rules! table {
    ($name:ident, $vector:ty, $elem:ty, $(#[$feature:meta])? $($v:literal: [$($r:literal)*]),*; [$($n:literal)*] $(, $pairs:tt)?) => {
        pub(in crate::gemm) static $name: Kernels<$elem> = {
            $(#[$feature])?
            unsafe fn run<const R: usize, const V: usize>(t: &Tile<$elem>) {
                // SAFETY: passed on from the caller.
                unsafe { tile::<$vector, R, V>(t) }
            }
            $(#[$feature])?
            unsafe fn last<const R: usize>(t: &Tile<$elem>) {
                // SAFETY: passed on from the caller.
                unsafe { rim::<$vector, R>(t) }
            }
            $(#[$feature])?
            unsafe fn few<const R: usize>(t: &thin::Tile<$elem, $elem>) {
                // SAFETY: passed on from the caller.
                unsafe { thin::run::<$vector, $elem, R>(t) }
            }
            few_bf16!($($pairs)? $vector, $elem, $(#[$feature])?);
            $(#[$feature])?
            unsafe fn pack_rows(
                view: View<$elem>, part: (usize, usize), width: usize, out: &mut [$elem],
            ) {
                // SAFETY: passed on from the caller.
                unsafe { panel::rows::<$vector>(view, part, width, out) }
            }
            $(#[$feature])?
            unsafe fn pack_columns(
                view: View<$elem>, part: (usize, usize), width: usize, out: &mut [$elem],
            ) {
                // SAFETY: passed on from the caller.
                unsafe { panel::columns::<$vector>(view, part, width, out) }
            }
            Kernels {
                panel: PANEL * <$vector as Vector>::LANES,
                families: &[$(Family {
                    width: $v * <$vector as Vector>::LANES,
                    rows: &[$(run::<$r, $v>),*],
                }),*],
                narrow: Family {
                    width: <$vector as Vector>::LANES,
                    rows: &[$(last::<$n>),*],
                },
                thin: &[few::<1>, few::<2>, few::<3>, few::<4>, few::<5>, few::<6>, few::<7>, few::<8>],
                thin_bf16: FEW_BF16,
                pack_columns_bf16: PACK_BF16,
                pack_rows,
                pack_columns,
            }
        };
    };
}

table!(GENERIC_F32, Lanes<f32, 4>, f32, 4: [1 2], 2: [1 2 3 4]; [1 2 3 4], bf16);
table!(GENERIC_F64, Lanes<f64, 2>, f64, 4: [1 2], 2: [1 2 3 4]; [1 2 3 4]);

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::super::vector::{F32x8, F32x16, F64x4, F64x8};
    use half::bf16;

    use super::{Family, Kernels, PANEL, Pack, Thin, Tile, Vector, View, panel, rim, thin, tile};

    table!(AVX2_F32, F32x8, f32, #[target_feature(enable = "avx2,fma")]
        4: [1 2], 2: [1 2 3 4 5 6]; [1 2 3 4 5 6], bf16);
    table!(AVX2_F64, F64x4, f64, #[target_feature(enable = "avx2,fma")]
        4: [1 2], 2: [1 2 3 4 5 6]; [1 2 3 4 5 6]);
    table!(AVX512_F32, F32x16, f32, #[target_feature(enable = "avx512f,avx512vl,avx512dq,fma")]
        8: [1 2], 4: [1 2 3 4 5 6], 2: [1 2 3 4 5 6 7 8 9 10 11 12 13 14];
        [1 2 3 4 5 6 7 8 9 10 11 12 13 14], bf16);
    table!(AVX512_F64, F64x8, f64, #[target_feature(enable = "avx512f,avx512vl,avx512dq,fma")]
        8: [1 2], 4: [1 2 3 4 5 6], 2: [1 2 3 4 5 6 7 8 9 10 11 12 13 14];
        [1 2 3 4 5 6 7 8 9 10 11 12 13 14]);
}
#[cfg(target_arch = "x86_64")]
pub(super) use x86::{AVX2_F32, AVX2_F64, AVX512_F32, AVX512_F64};
