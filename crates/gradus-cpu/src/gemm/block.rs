//! The loops around the microkernel, for one rectangle of C on one thread.
//!
//! ```text
//! for j in columns by NC:  for k in steps of KC:
//!     pack B[k.., j..]                                    (when it pays)
//!     for each tile of rows:
//!         pack A[i.., k..]                                (when it pays)
//!         for each panel of B: microkernel
//!         after the last k: epilogue of these rows and columns
//! ```
//! A tile of A stays in L1 while the panels of B come by from L2.

use std::ops::Range;

use super::element::GemmElement;
use super::epilogue::Epilogue;
use super::micro::{Kernels, Tile};
use super::operand::Operand;
use super::prepacked::PackedB;
use super::thin::{self, Thin};
use super::view::{Target, View};
use super::{Beta, KC, Matrix};
use crate::isa::{self, Kernel};
use crate::scratch;

/// Bytes of B that are packed at once.
const NC_BYTES: usize = 1 << 20;

/// A rectangle of one product, on one thread.
pub(super) struct Product<'a, T: 'static, A, B, E> {
    pub(super) kernels: &'static Kernels<T>,
    pub(super) a: &'a A,
    pub(super) b: &'a B,
    pub(super) k: usize,
    pub(super) rows: Range<usize>,
    pub(super) cols: Range<usize>,
    /// C from its element `(0, 0)`, wherever the rectangle lies.
    pub(super) c: Target<T>,
    pub(super) beta: Beta,
    pub(super) epilogue: &'a E,
}

/// How an operand is read.
enum Source<'a, T> {
    InPlace(View<T>),
    Prepacked(&'a PackedB<T>),
    Packed,
}

/// Where a block of B lies: its first element, the distance of rows and of panels.
#[derive(Clone, Copy)]
struct Panels<T> {
    ptr: *const T,
    ks: usize,
    step: usize,
}

struct Plan<'a, T> {
    a: Source<'a, T>,
    b: Source<'a, T>,
    /// Columns of a tile.
    width: usize,
    /// Rows of a tile.
    height: usize,
}

impl<T: GemmElement, A: Operand<T>, B: Operand<T>, E: Epilogue<T>> Product<'_, T, A, B, E> {
    /// Decides how to read the operands. The numbers are measured; they cannot change the bits.
    fn plan(&self) -> Plan<'_, T> {
        let (m, n, k) = (self.rows.len(), self.cols.len(), self.k);
        let family = self.kernels.family(m);
        let tiles = m.div_ceil(family.rows.len());
        let size = size_of::<T>();
        // Neighbours in k a multiple of 1 KiB apart fall into few cache sets.
        let crowded = |stride: usize| (stride * size).is_multiple_of(1024) && k > 64;
        let large = |len: usize| len * size > 256 << 10;
        let b = match (self.b.prepacked(), self.b.strided()) {
            (Some(packed), _) if packed.width() == self.kernels.panel => {
                assert!(packed.dims().0 == k && packed.dims().1 >= self.cols.end, "gemm: packed b");
                Source::Prepacked(packed)
            }
            (_, Some(b)) => {
                let view = View::of(&b, "b", k, self.cols.end);
                let pays = tiles > 3 && (large(k * n) || crowded(view.ks));
                if view.xs != 1 || pays { Source::Packed } else { Source::InPlace(view) }
            }
            _ => Source::Packed,
        };
        let panels = n.div_ceil(family.width);
        let a = self.a.strided().map_or(Source::Packed, |a| {
            let view = View::of(&a, "a", k, self.rows.end);
            let far = view.ks != 1 && m * k * size > 32 << 10;
            let pays = panels > 3 && (far || large(m * k) || crowded(view.xs));
            if pays { Source::Packed } else { Source::InPlace(view) }
        });
        // Tiles of about equal height: 16 rows are 8 + 8, not 12 + 4.
        Plan { a, b, width: family.width, height: m.div_ceil(tiles) }
    }

    /// Computes the rectangle.
    ///
    /// # Safety
    /// - The elements of C in the rectangle are valid and reached by nobody else.
    /// - The machine has the instructions of `kernels`; `m` and `n` are not zero.
    pub(super) unsafe fn run(&self) {
        if self.k == 0 {
            // SAFETY: passed on from the caller.
            return unsafe { self.run_empty() };
        }
        // SAFETY: passed on from the caller.
        if unsafe { self.run_thin() } {
            return;
        }
        let plan = self.plan();
        let n = self.cols.len();
        let (kc, panel) = (KC.min(self.k), self.kernels.panel);
        let (mut nc, mut a_need, mut b_need) = (n, 0, 0);
        if matches!(plan.a, Source::Packed) {
            a_need = (plan.height * kc).next_multiple_of(panel);
        }
        if matches!(plan.b, Source::Packed) {
            nc = (NC_BYTES / (KC * size_of::<T>())).next_multiple_of(plan.width);
            b_need = nc.min(n.next_multiple_of(panel)) * kc;
        }
        scratch::with(a_need + b_need, |buffer: &mut [T]| {
            let (a_buffer, b_buffer) = buffer.split_at_mut(a_need);
            for j in self.cols.clone().step_by(nc) {
                let cols = j..self.cols.end.min(j + nc);
                for k0 in (0..self.k).step_by(KC) {
                    let b = self.panels(&plan, k0, cols.clone(), b_buffer);
                    for i in self.rows.clone().step_by(plan.height) {
                        let rows = i..self.rows.end.min(i + plan.height);
                        // SAFETY: passed on from the caller, for a part of the rectangle.
                        unsafe { self.strip(&plan, k0, (rows, cols.clone()), a_buffer, b) }
                    }
                }
            }
        });
    }

    /// Computes the rectangle if it has few rows and the columns of B lie together; says whether it did.
    unsafe fn run_thin(&self) -> bool {
        let (kernels, rows) = (self.kernels, self.rows.len());
        let Some(a) = self.a.strided() else { return false };
        if let Some(b) = self.b.strided() {
            // SAFETY: passed on from the caller.
            unsafe { self.run_few(kernels.thin.get(rows - 1), &a, &b) }
        } else if let Some(b) = self.b.bf16() {
            // SAFETY: passed on from the caller.
            unsafe { self.run_few(kernels.thin_bf16.get(rows - 1), &a, &b) }
        } else {
            false
        }
    }

    /// [`run_thin`](Self::run_thin) with the kernel for as many rows, if there is one.
    unsafe fn run_few<S>(
        &self,
        kernel: Option<&Thin<T, S>>,
        a: &Matrix<'_, T>,
        b: &Matrix<'_, S>,
    ) -> bool {
        let Some(kernel) = kernel.filter(|_| b.row_stride == 1 && b.col_stride != 1) else {
            return false;
        };
        let (rows, cols) = (self.rows.clone(), self.cols.clone());
        let tile = thin::Tile {
            k: self.k,
            a: View::of(a, "a", self.k, rows.end).from(0, rows.start),
            b: View::of(b, "b", self.k, cols.end).from(0, cols.start),
            c: self.c.at(rows.start, cols.start),
            c_stride: self.c.stride,
            cols: cols.len(),
            beta: self.beta,
        };
        // SAFETY: the operands were just checked, and the rectangle is the caller's.
        unsafe { kernel(&tile) }
        // SAFETY: as above.
        unsafe { finish(self.epilogue, self.c, rows, cols) }
        true
    }

    /// The product over no k at all.
    unsafe fn run_empty(&self) {
        let Self { c, rows, cols, .. } = self;
        if self.beta == Beta::Zero {
            for i in rows.clone() {
                // SAFETY: row `i` of the rectangle is `cols.len()` neighbours, ours by the caller's promise.
                let row =
                    unsafe { std::slice::from_raw_parts_mut(c.at(i, cols.start), cols.len()) };
                row.fill(T::zeroed());
            }
        }
        // SAFETY: as above.
        unsafe { finish(self.epilogue, *c, rows.clone(), cols.clone()) }
    }

    /// The columns `cols` of B over one block of k.
    fn panels(
        &self,
        plan: &Plan<'_, T>,
        k0: usize,
        cols: Range<usize>,
        buffer: &mut [T],
    ) -> Panels<T> {
        let panel = self.kernels.panel;
        match &plan.b {
            Source::InPlace(view) => {
                let view = view.from(k0, cols.start);
                Panels { ptr: view.ptr, ks: view.ks, step: panel }
            }
            Source::Prepacked(packed) => {
                let first = packed.panel(k0, cols.start);
                Panels { ptr: first.as_ptr(), ks: panel, step: first.len() }
            }
            Source::Packed => {
                let kc = KC.min(self.k - k0);
                let step = kc * panel;
                for (j, out) in cols.clone().step_by(panel).zip(buffer.chunks_exact_mut(step)) {
                    self.b.pack(k0..k0 + kc, j..cols.end.min(j + panel), out, panel);
                }
                Panels { ptr: buffer.as_ptr(), ks: panel, step }
            }
        }
    }

    /// A tile's height of rows over one block of k.
    unsafe fn strip(
        &self,
        plan: &Plan<'_, T>,
        k0: usize,
        (rows, cols): (Range<usize>, Range<usize>),
        a_buffer: &mut [T],
        b: Panels<T>,
    ) {
        let (kc, height) = (KC.min(self.k - k0), rows.len());
        let a = if let Source::InPlace(view) = &plan.a {
            view.from(k0, rows.start)
        } else {
            self.a.pack(k0..k0 + kc, rows.clone(), a_buffer, plan.height);
            View { ptr: a_buffer.as_ptr(), ks: plan.height, xs: 1 }
        };
        let wide = self.kernels.family(self.rows.len());
        let narrow = &self.kernels.narrow;
        let mut tile = Tile {
            kc,
            a: a.ptr,
            a_xs: a.xs,
            a_ks: a.ks,
            b: b.ptr,
            b_ks: b.ks,
            b_step: b.step,
            c: self.c.at(rows.start, cols.start),
            c_stride: self.c.stride,
            cols: plan.width,
            beta: if k0 == 0 { self.beta } else { Beta::One },
        };
        for j in cols.clone().step_by(plan.width) {
            tile.cols = plan.width.min(cols.end - j);
            let family = if tile.cols <= narrow.width { narrow } else { wide };
            // SAFETY: the tile is inside the rectangle, and the operands were checked by the plan.
            unsafe { (family.rows[height - 1])(&tile) }
            tile.b = tile.b.wrapping_add(plan.width / self.kernels.panel * b.step);
            tile.c = tile.c.wrapping_add(plan.width);
        }
        if k0 + kc == self.k {
            // SAFETY: these elements of C are inside the rectangle.
            unsafe { finish(self.epilogue, self.c, rows, cols) }
        }
    }
}

/// Runs the epilogue on a finished part of C.
///
/// # Safety
/// - These elements of C are valid and reached by nobody else.
pub(super) unsafe fn finish<T, E: Epilogue<T>>(
    epilogue: &E,
    c: Target<T>,
    rows: Range<usize>,
    cols: Range<usize>,
) {
    if !E::NOTHING {
        isa::dispatch(Finish { epilogue, c, rows, cols });
    }
}

struct Finish<'a, T, E> {
    epilogue: &'a E,
    c: Target<T>,
    rows: Range<usize>,
    cols: Range<usize>,
}

impl<T, E: Epilogue<T>> Kernel for Finish<'_, T, E> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for i in self.rows {
            let row = self.c.at(i, self.cols.start);
            // SAFETY: by the contract of `finish`, the only maker of this kernel.
            let row = unsafe { std::slice::from_raw_parts_mut(row, self.cols.len()) };
            self.epilogue.row::<FMA>(i, self.cols.start, row);
        }
    }
}
