//! One large product: operands are packed once and shared by the threads.

use std::ops::Range;

use super::super::view::Target;
use super::super::{Beta, Dims};
use super::grid::Grid;
use super::layout::{Form, PANEL_STEP, STEP, WIDTH};
use super::product::Product;
use super::region::{Packed, Region, Sums};
use super::source::{Source, Want};
use super::store::Store;
use crate::pool::{self, SharedMut};
use crate::scratch;

/// Rows, columns and k that are packed at once: 8 MiB per operand, which L3 holds.
const AHEAD: usize = 2048;

/// A part of the product: whole blocks and panels over some of k.
#[derive(Clone)]
struct Part {
    rows: Range<usize>,
    cols: Range<usize>,
    k: Range<usize>,
}

/// Sums of [`AHEAD`] columns that wait for more k, when C cannot hold them.
#[derive(Clone, Copy)]
struct Waiting {
    c: Target<f32>,
}

// SAFETY: tasks reach disjoint rectangles of it, see `compute`.
unsafe impl Sync for Waiting {}

impl Product {
    /// The whole product.
    ///
    /// # Safety
    /// - That of [`Product::run`].
    pub(super) unsafe fn shared(&self, a: &impl Source, b: &impl Source, store: &impl Store) {
        let Dims { m, n, k } = self.dims;
        let height = self.engine.height(m);
        let rows_ahead = AHEAD / height * height;
        let steps = self.planes.steps(k.min(AHEAD));
        let a_need = m.min(rows_ahead).div_ceil(height) * height * steps * STEP;
        let panels = n.min(AHEAD).div_ceil(WIDTH);
        let b_need = if b.prepacked().is_some() { 0 } else { panels * steps * PANEL_STEP };
        let waits = store.sums().is_none() && k > AHEAD;
        let stride = panels * WIDTH;
        let room = if waits { m.next_multiple_of(height) * stride } else { 0 };
        scratch::with(a_need, |a_buffer: &mut [u16]| {
            scratch::with(b_need, |b_buffer: &mut [u16]| {
                scratch::with(room, |room: &mut [f32]| {
                    let c = Target { ptr: room.as_mut_ptr(), stride };
                    let waiting = waits.then_some(Waiting { c });
                    for j in (0..n).step_by(AHEAD) {
                        for k0 in (0..k).step_by(AHEAD) {
                            for i in (0..m).step_by(rows_ahead) {
                                let part = Part {
                                    rows: i..m.min(i + rows_ahead),
                                    cols: j..n.min(j + AHEAD),
                                    k: k0..k.min(k0 + AHEAD),
                                };
                                let packed = self.pack((a, a_buffer), (b, b_buffer), &part);
                                // SAFETY: passed on from the caller, for a part.
                                unsafe { self.compute(&part, packed, waiting, store) }
                            }
                        }
                    }
                });
            });
        });
    }

    /// Packs the operands of a part; B only for its first rows, since it stays for the others.
    fn pack(
        &self,
        (a, a_buffer): (&impl Source, &mut [u16]),
        (b, b_buffer): (&impl Source, &mut [u16]),
        part: &Part,
    ) -> (Packed, Packed) {
        let (want_a, want_b) = (self.want(Form::Rows), self.want(Form::Pairs));
        let steps = self.planes.steps(part.k.len());
        let (a_step, b_step) = (steps * want_a.width * STEP, steps * PANEL_STEP);
        let blocks = part.rows.len().div_ceil(want_a.width);
        let ready = self.panels(b, part.k.start, part.cols.start);
        let panels = if part.rows.start > 0 || ready.is_some() {
            0
        } else {
            part.cols.len().div_ceil(WIDTH)
        };
        let packed_a = Packed { ptr: a_buffer.as_ptr(), step: a_step };
        let packed_b = ready.unwrap_or(Packed { ptr: b_buffer.as_ptr(), step: b_step });
        let (a_buffer, b_buffer) = (SharedMut::new(a_buffer), SharedMut::new(b_buffer));
        let (of_b, of_a) = (panels.div_ceil(GROUP), blocks.div_ceil(GROUP));
        pool::for_chunks(of_b + of_a, |task| {
            if task < of_b {
                let first = task * GROUP;
                let here = first..panels.min(first + GROUP);
                // SAFETY: each panel is packed by one task.
                let out = unsafe { b_buffer.range(first * b_step, here.len() * b_step) };
                pack_group(b, (&part.k, &part.cols), here, want_b, out);
            } else {
                let first = (task - of_b) * GROUP;
                let here = first..blocks.min(first + GROUP);
                // SAFETY: each block is packed by one task.
                let out = unsafe { a_buffer.range(first * a_step, here.len() * a_step) };
                pack_group(a, (&part.k, &part.rows), here, want_a, out);
            }
        });
        (packed_a, packed_b)
    }

    /// Computes a part whose operands are packed.
    ///
    /// # Safety
    /// - That of [`Product::run`]; the operands are those of the part.
    unsafe fn compute(
        &self,
        part: &Part,
        (a, b): (Packed, Packed),
        waiting: Option<Waiting>,
        store: &impl Store,
    ) {
        let height = self.engine.height(self.dims.m);
        let grid = Grid::of_large(self.engine, (part.rows.len(), part.cols.len()), height);
        let region = |rows: &Range<usize>, cols: &Range<usize>, sums: Sums| Region {
            engine: self.engine,
            rows: part.rows.start + rows.start..part.rows.start + rows.end,
            cols: part.cols.start + cols.start..part.cols.start + cols.end,
            height,
            a: a.at(rows.start / height),
            b: b.at(cols.start / WIDTH),
            k: self.planes.depth(part.k.len()),
            sums,
            beta: if part.k.start == 0 { self.beta } else { Beta::One },
            last: part.k.end == self.dims.k,
        };
        pool::for_chunks(grid.len(), |task| {
            // SAFETY: passed on from the caller.
            let _ready = unsafe { self.engine.ready() };
            let (rows, cols) = grid.place(task);
            let (i, j) = (part.rows.start + rows.start, part.cols.start + cols.start);
            if let Some(Waiting { c }) = waiting {
                let c = Target { ptr: c.at(i, cols.start), stride: c.stride };
                let region = region(&rows, &cols, Sums { c, padded: true });
                // SAFETY: each rectangle belongs to one task; the rest is passed on.
                return unsafe { region.run(store) };
            }
            let stride = cols.len().next_multiple_of(WIDTH);
            let room = rows.len().next_multiple_of(height) * stride;
            let room = if store.sums().is_some() { 0 } else { room };
            scratch::with(room, |room: &mut [f32]| {
                let region = region(&rows, &cols, Sums::of(store, room, (i, j), stride));
                // SAFETY: as above.
                unsafe { region.run(store) }
            });
        });
    }
}

/// Blocks or panels that are packed together, so that all of a cache line is used.
const GROUP: usize = 8;
/// Values of k that are packed for one of a group, then for the next.
const K_GROUP: usize = 256;

/// Packs the blocks or panels `units` of the range `x`.
fn pack_group(
    source: &impl Source,
    (k, x): (&Range<usize>, &Range<usize>),
    units: Range<usize>,
    want: Want,
    out: &mut [u16],
) {
    let steps = |k: usize| k.div_ceil(STEP) * want.parts.len();
    let step_len = want.step_len();
    let unit_len = steps(k.len()) * step_len;
    for k0 in k.clone().step_by(K_GROUP) {
        let ks = k0..k.end.min(k0 + K_GROUP);
        for (unit, out) in units.clone().zip(out.chunks_exact_mut(unit_len)) {
            let start = x.start + unit * want.width;
            let xs = start..x.end.min(start + want.width);
            let out = &mut out[steps(k0 - k.start) * step_len..];
            // SAFETY: the engine is one of this machine, by the contract of `Product::run`.
            unsafe { source.pack(ks.clone(), xs, want, out) }
        }
    }
}
