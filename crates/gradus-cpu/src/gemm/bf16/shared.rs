//! One large product: B is packed once and shared by the threads, A by the task that uses it.
//!
//! ```text
//! for 2048 columns:  for 2048 k:
//!     pack B                                  (in parallel; L3 holds it)
//!     for some rows, as tasks:
//!         pack A                              (L2 holds it)
//!         for 256 columns: region
//! ```

use std::ops::Range;

use super::super::view::Target;
use super::super::{Beta, Dims};
use super::grid::{COLS, Rows};
use super::layout::{Form, PANEL_STEP, STEP, WIDTH};
use super::product::Product;
use super::region::{Packed, Region, Sums};
use super::source::{Source, Want};
use super::store::Store;
use crate::pool;
use crate::scratch;

/// Columns and k that are packed at once: 8 MiB.
const AHEAD: usize = 2048;

/// Columns over some of k, whose B is packed.
struct Part {
    cols: Range<usize>,
    k: Range<usize>,
    b: Packed,
    /// Where sums wait for more k, if C cannot hold them: from the first row and column on.
    waiting: Option<Waiting>,
}

#[derive(Clone, Copy)]
struct Waiting {
    c: Target<f32>,
}

// SAFETY: tasks reach disjoint rectangles of it, see `task`.
unsafe impl Sync for Waiting {}

impl Product {
    /// The whole product.
    ///
    /// # Safety
    /// - That of [`Product::run`].
    pub(super) unsafe fn shared(&self, a: &impl Source, b: &impl Source, store: &impl Store) {
        let Dims { m, n, k } = self.dims;
        let height = self.engine.height(m);
        let panels = n.min(AHEAD).div_ceil(WIDTH);
        let b_need = panels * self.planes.steps(k.min(AHEAD)) * PANEL_STEP;
        let b_need = if self.prepacked(b).is_some() { 0 } else { b_need };
        let waits = store.sums().is_none() && k > AHEAD;
        let stride = panels * WIDTH;
        let room = if waits { m.next_multiple_of(height) * stride } else { 0 };
        scratch::with(b_need, |b_buffer: &mut [u16]| {
            scratch::with(room, |room: &mut [f32]| {
                let c = Target { ptr: room.as_mut_ptr(), stride };
                let waiting = waits.then_some(Waiting { c });
                for j in (0..n).step_by(AHEAD) {
                    let cols = j..n.min(j + AHEAD);
                    for k0 in (0..k).step_by(AHEAD) {
                        let k = k0..k.min(k0 + AHEAD);
                        let packed = self.pack_panels(b, b_buffer, &cols, &k);
                        let part = Part { cols: cols.clone(), k, b: packed, waiting };
                        let rows = Rows::of_large(m, height, cols.len());
                        pool::for_chunks(rows.len(), |task| {
                            // SAFETY: each rectangle belongs to one task; the rest is passed on.
                            unsafe { self.task(a, &part, rows.place(task), store) }
                        });
                    }
                }
            });
        });
    }

    /// Packs columns of B, if they are not packed already.
    fn pack_panels(
        &self,
        b: &impl Source,
        buffer: &mut [u16],
        cols: &Range<usize>,
        k: &Range<usize>,
    ) -> Packed {
        if let Some(ready) = self.panels(b, k.start, cols.start) {
            return ready;
        }
        let want = self.want(Form::Pairs);
        let step = self.planes.steps(k.len()) * PANEL_STEP;
        let panels = cols.len().div_ceil(WIDTH);
        let packed = Packed { ptr: buffer.as_ptr(), step };
        pool::for_slices(&mut buffer[..panels * step], GROUP * step, |group, out| {
            let first = group * GROUP;
            pack_group(b, (k, cols), first..panels.min(first + GROUP), want, out);
        });
        packed
    }

    /// Some rows and columns of a part.
    ///
    /// # Safety
    /// - That of [`Product::run`]; the rectangle is reached by nobody else.
    unsafe fn task(
        &self,
        a: &impl Source,
        part: &Part,
        (rows, cols): (Range<usize>, Range<usize>),
        store: &impl Store,
    ) {
        let want = self.want(Form::Rows);
        let (height, first) = (want.width, rows.start / want.width);
        let a_step = self.planes.steps(part.k.len()) * want.step_len();
        let blocks = first..rows.end.div_ceil(height);
        // SAFETY: passed on from the caller.
        let _ready = unsafe { self.engine.ready() };
        let sums_len = match (part.waiting, store.sums()) {
            (None, None) => blocks.len() * height * COLS,
            _ => 0,
        };
        scratch::with(blocks.len() * a_step, |a_buffer: &mut [u16]| {
            pack_group(a, (&part.k, &(0..rows.end)), blocks, want, a_buffer);
            scratch::with(sums_len, |room: &mut [f32]| {
                for j in cols.clone().step_by(COLS) {
                    let here = part.cols.start + j;
                    let sums = match part.waiting {
                        Some(Waiting { c }) => {
                            let c = Target { ptr: c.at(rows.start, j), stride: c.stride };
                            Sums { c, padded: true }
                        }
                        None => Sums::of(store, room, (rows.start, here), COLS),
                    };
                    let region = Region {
                        engine: self.engine,
                        rows: rows.clone(),
                        cols: here..part.cols.start + cols.end.min(j + COLS),
                        height,
                        a: Packed { ptr: a_buffer.as_ptr(), step: a_step },
                        b: part.b.at(j / WIDTH),
                        k: self.planes.depth(part.k.len()),
                        sums,
                        beta: if part.k.start == 0 { self.beta } else { Beta::One },
                        last: part.k.end == self.dims.k,
                    };
                    // SAFETY: both operands are packed; the rest is passed on from the caller.
                    unsafe { region.run(store) }
                }
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
