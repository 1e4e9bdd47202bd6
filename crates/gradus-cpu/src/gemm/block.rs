//! The loops around the microkernel, for one rectangle of C on one thread.
//!
//! ```text
//! for j in columns by NC:  for k in steps of KC:
//!     pack B[k.., j..]                                    (when it pays)
//!     for i in rows by MC:
//!         pack A[i.., k..]                                (when it pays)
//!         for each panel of B: for each tile of rows: microkernel
//! ```

use bytemuck::Pod;

use super::micro::{Kernels, Tile};
use super::pack::{PackedA, a_len, pack_a, pack_b};
use super::{Beta, Dims, KC};
use crate::scratch;

/// Rows of A that are packed at once: 144 × 256 f32 are 144 KiB, which stay in L2.
const MC: usize = 144;
/// Columns of B that are packed at once.
const NC: usize = 512;

/// A matrix by address.
#[derive(Clone, Copy)]
pub(super) struct View<T> {
    pub(super) ptr: *const T,
    pub(super) rs: usize,
    pub(super) cs: usize,
}

impl<T: Copy> View<T> {
    /// The address of element `(i, j)`.
    pub(super) fn at(self, i: usize, j: usize) -> *const T {
        self.ptr.wrapping_add(i * self.rs + j * self.cs)
    }

    fn from(self, i: usize, j: usize) -> Self {
        Self { ptr: self.at(i, j), ..self }
    }
}

/// A rectangle of C: rows are `stride` apart, columns are neighbours.
#[derive(Clone, Copy)]
pub(super) struct Output<T> {
    pub(super) ptr: *mut T,
    pub(super) stride: usize,
}

/// One product on one thread.
#[derive(Clone, Copy)]
pub(super) struct Product<T: 'static> {
    pub(super) kernels: &'static Kernels<T>,
    pub(super) dims: Dims,
    pub(super) a: View<T>,
    pub(super) b: View<T>,
    pub(super) c: Output<T>,
    pub(super) beta: Beta,
}

/// Whether packing pays. The numbers are measured; they cannot change the bits.
#[derive(Clone, Copy)]
struct Plan {
    width: usize,
    tile_rows: usize,
    pack_a: bool,
    pack_b: bool,
}

impl<T: Pod> Product<T> {
    fn plan(&self) -> Plan {
        let Dims { m, n, k } = self.dims;
        let family = self.kernels.family(m);
        let tiles = m.div_ceil(family.rows.len());
        let size = size_of::<T>();
        // Rows a multiple of 1 KiB apart fall into few cache sets.
        let crowded = |stride: usize| (stride * size).is_multiple_of(1024);
        let b_bytes = k * n * size;
        let pack_b = self.b.cs != 1
            || (tiles > 3 && (b_bytes > 256 << 10 || (crowded(self.b.rs) && k > 64)));
        let panels = n.div_ceil(family.width);
        let pack_a = panels > 3
            && ((self.a.cs != 1 && m * k * size > 32 << 10)
                || m * k * size > 256 << 10
                || (crowded(self.a.rs) && k > 64));
        // Tiles of about equal height: 16 rows are 8 + 8, not 12 + 4.
        Plan { width: family.width, tile_rows: m.div_ceil(tiles), pack_a, pack_b }
    }

    /// Computes the product.
    ///
    /// # Safety
    /// - All elements of the three matrices are valid, C overlaps neither operand and is reached by
    ///   no other thread.
    /// - The machine has the instructions of `kernels`; `m`, `n` and `k` are not zero.
    pub(super) unsafe fn run(&self) {
        let plan = self.plan();
        let Dims { m, n, k } = self.dims;
        let mc = if plan.pack_a { (MC / plan.tile_rows * plan.tile_rows).min(m) } else { m };
        let nc = if plan.pack_b { (NC / plan.width).max(1) * plan.width } else { n };
        let kc = KC.min(k);
        let a_need = if plan.pack_a { a_len(mc, kc) } else { 0 };
        let b_need = if plan.pack_b { nc.min(n.next_multiple_of(plan.width)) * kc } else { 0 };
        scratch::with(a_need + b_need, |buffer: &mut [T]| {
            let (a_buffer, b_buffer) = buffer.split_at_mut(a_need);
            for j in (0..n).step_by(nc) {
                let cols = nc.min(n - j);
                // SAFETY: passed on from the caller, for a range of columns.
                unsafe { self.columns(plan, (j, cols), mc, a_buffer, b_buffer) }
            }
        });
    }

    /// The columns `j .. j + cols`, over all of k.
    unsafe fn columns(
        &self,
        plan: Plan,
        (j, cols): (usize, usize),
        mc: usize,
        a_buffer: &mut [T],
        b_buffer: &mut [T],
    ) {
        let Dims { m, k, .. } = self.dims;
        for k0 in (0..k).step_by(KC) {
            let kc = KC.min(k - k0);
            let b = self.b.from(k0, j);
            if plan.pack_b {
                for (p, panel) in
                    (0..cols).step_by(plan.width).zip(b_buffer.chunks_mut(kc * plan.width))
                {
                    let part = (kc, plan.width.min(cols - p));
                    // SAFETY: the panel is inside B.
                    unsafe { pack_b(self.kernels, b.from(0, p), part, plan.width, panel) }
                }
            }
            for i in (0..m).step_by(mc) {
                let rows = mc.min(m - i);
                let mut a = self.a.from(i, k0);
                if plan.pack_a {
                    // SAFETY: the block is inside A.
                    let PackedA { rs, cs } = unsafe { pack_a(a, rows, kc, a_buffer) };
                    a = View { ptr: a_buffer.as_ptr(), rs, cs };
                }
                let b_panels = if plan.pack_b {
                    (View { ptr: b_buffer.as_ptr(), rs: plan.width, cs: 1 }, kc * plan.width)
                } else {
                    (b, plan.width)
                };
                let beta = if k0 == 0 { self.beta } else { Beta::One };
                // SAFETY: passed on from the caller, for a block of rows and one of k.
                unsafe { self.tiles(plan, (i, rows), (j, cols), kc, a, b_panels, beta) }
            }
        }
    }

    /// All tiles of a block of rows and columns, over one block of k.
    #[expect(
        clippy::too_many_arguments,
        reason = "the innermost loop nest; a struct would only rename them"
    )]
    unsafe fn tiles(
        &self,
        plan: Plan,
        (i, rows): (usize, usize),
        (j, cols): (usize, usize),
        kc: usize,
        a: View<T>,
        (b, panel_step): (View<T>, usize),
        beta: Beta,
    ) {
        let wide = self.kernels.family(self.dims.m);
        let narrow = &self.kernels.narrow;
        for (p, panel) in (0..cols).step_by(plan.width).enumerate() {
            let width = plan.width.min(cols - panel);
            let family = if width <= narrow.width { narrow } else { wide };
            for r in (0..rows).step_by(plan.tile_rows) {
                let height = plan.tile_rows.min(rows - r);
                let tile = Tile {
                    kc,
                    a: a.at(r, 0),
                    a_rs: a.rs,
                    a_cs: a.cs,
                    b: b.ptr.wrapping_add(p * panel_step),
                    b_rs: b.rs,
                    c: self.c.ptr.wrapping_add((i + r) * self.c.stride + j + panel),
                    c_rs: self.c.stride,
                    cols: width,
                    beta,
                };
                // SAFETY: the tile is inside the product, whose addresses are valid.
                unsafe { (family.rows[height - 1])(&tile) }
            }
        }
    }
}
