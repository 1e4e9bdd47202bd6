//! The loops around the microkernel, for one rectangle of C on one thread.
//!
//! ```text
//! for j in columns by NC:  for k in steps of KC:
//!     pack B[k.., j..]                                    (when it pays)
//!     for i in rows by MC:
//!         pack A[i.., k..]                                (when it pays)
//!         for each panel of B: for each tile of rows: microkernel
//!         after the last k: epilogue of these rows and columns
//! ```

use std::ops::Range;

use super::element::GemmElement;
use super::epilogue::Epilogue;
use super::micro::{Kernels, Tile};
use super::operand::Operand;
use super::prepacked::PackedB;
use super::view::{Target, View};
use super::{Beta, KC};
use crate::isa::{self, Kernel};
use crate::scratch;

/// Rows of A that are packed at once: 144 × 256 f32 are 144 KiB, which stay in L2.
const MC: usize = 144;
/// Columns of B that are packed at once.
const NC: usize = 512;

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
        let plan = self.plan();
        let (m, n) = (self.rows.len(), self.cols.len());
        let (kc, panel) = (KC.min(self.k), self.kernels.panel);
        let (mut mc, mut nc, mut a_need, mut b_need) = (m, n, 0, 0);
        if matches!(plan.a, Source::Packed) {
            mc = (MC / plan.height * plan.height).min(m);
            a_need = mc.next_multiple_of(plan.height) * kc;
        }
        if matches!(plan.b, Source::Packed) {
            nc = NC.next_multiple_of(plan.width);
            b_need = nc.min(n.next_multiple_of(panel)) * kc;
        }
        scratch::with(a_need + b_need, |buffer: &mut [T]| {
            let (a_buffer, b_buffer) = buffer.split_at_mut(a_need);
            for j in self.cols.clone().step_by(nc) {
                let cols = j..self.cols.end.min(j + nc);
                for k0 in (0..self.k).step_by(KC) {
                    let b = self.panels(&plan, k0, cols.clone(), b_buffer);
                    for i in self.rows.clone().step_by(mc) {
                        let rows = i..self.rows.end.min(i + mc);
                        // SAFETY: passed on from the caller, for a part of the rectangle.
                        unsafe { self.block(&plan, k0, (rows, cols.clone()), a_buffer, b) }
                    }
                }
            }
        });
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

    /// Some rows and columns over one block of k.
    unsafe fn block(
        &self,
        plan: &Plan<'_, T>,
        k0: usize,
        (rows, cols): (Range<usize>, Range<usize>),
        a_buffer: &mut [T],
        b: Panels<T>,
    ) {
        let kc = KC.min(self.k - k0);
        // The A of a tile: the first element, and the distance of the next tile.
        let (a, a_step) = if let Source::InPlace(view) = &plan.a {
            (view.from(k0, rows.start), plan.height * view.xs)
        } else {
            let step = kc * plan.height;
            for (i, out) in rows.clone().step_by(plan.height).zip(a_buffer.chunks_exact_mut(step)) {
                let tile = i..rows.end.min(i + plan.height);
                self.a.pack(k0..k0 + kc, tile, out, plan.height);
            }
            (View { ptr: a_buffer.as_ptr(), ks: plan.height, xs: 1 }, step)
        };
        let wide = self.kernels.family(self.rows.len());
        let narrow = &self.kernels.narrow;
        for (p, j) in cols.clone().step_by(plan.width).enumerate() {
            let width = plan.width.min(cols.end - j);
            let family = if width <= narrow.width { narrow } else { wide };
            for (r, i) in rows.clone().step_by(plan.height).enumerate() {
                let tile = Tile {
                    kc,
                    a: a.ptr.wrapping_add(r * a_step),
                    a_xs: a.xs,
                    a_ks: a.ks,
                    b: b.ptr.wrapping_add(p * (plan.width / self.kernels.panel) * b.step),
                    b_ks: b.ks,
                    b_step: b.step,
                    c: self.c.at(i, j),
                    c_stride: self.c.stride,
                    cols: width,
                    beta: if k0 == 0 { self.beta } else { Beta::One },
                };
                let height = plan.height.min(rows.end - i);
                // SAFETY: the tile is inside the rectangle, and the operands were checked by the plan.
                unsafe { (family.rows[height - 1])(&tile) }
            }
            if !E::NOTHING && k0 + kc == self.k {
                let (c, rows, cols) = (self.c, rows.clone(), j..j + width);
                // SAFETY: these elements of C are inside the rectangle.
                unsafe { finish(self.epilogue, c, rows, cols) }
            }
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
