//! A product, cut into tasks.
//!
//! Two ways, with the same bits. *Shared*: large operands are packed once, in parallel, and then
//! read by all tasks, each a rectangle of C. *Local*: a task packs what it needs, which suits small
//! products, batches of them, and few rows, where a packed column is used once.

use std::ops::Range;

use super::super::view::Target;
use super::super::{Beta, Dims};
use super::engine::Engine;
use super::grid::{COLS, Grid, ROWS};
use super::layout::{Form, PANEL_STEP, Planes, STEP, WIDTH};
use super::packed::{PackedBf16, panel_len};
use super::region::{Packed, Region, Sums};
use super::source::{Source, Want};
use super::store::Store;
use crate::{pool, scratch};

/// What all products of a batch have in common.
#[derive(Debug, Clone, Copy)]
pub(in crate::gemm) struct Product {
    pub(in crate::gemm) engine: Engine,
    pub(in crate::gemm) planes: Planes,
    pub(in crate::gemm) dims: Dims,
    pub(in crate::gemm) beta: Beta,
}

/// Fewer rows do not reward packing ahead.
pub(super) const FEW_ROWS: usize = 48;
/// Values of k that a task packs at once.
const K_LOCAL: usize = 512;
/// An estimate of the speed, in multiply-adds per nanosecond, to tell small work from large.
const SPEED: f64 = 80.0;

impl Product {
    /// Computes the products of a batch. `operands` and `store` are given the index of a product.
    ///
    /// # Safety
    /// - All outputs are valid, and no two products share one.
    /// - The machine has the instructions of the engine.
    pub(in crate::gemm) unsafe fn run<A: Source, B: Source, S: Store>(
        &self,
        batch: usize,
        operands: impl Fn(usize) -> (A, B) + Sync,
        store: impl Fn(usize) -> S + Sync,
    ) {
        let Dims { m, n, k } = self.dims;
        if m == 0 || n == 0 {
            return;
        }
        let ns = m as f64 * n as f64 * k as f64 / SPEED;
        if k == 0 {
            for i in 0..batch {
                // SAFETY: passed on from the caller.
                unsafe { self.empty(&store(i)) }
            }
        } else if m > FEW_ROWS && (m > ROWS || n > COLS) && (batch == 1 || ns > 500_000.0) {
            for i in 0..batch {
                let (a, b) = operands(i);
                // SAFETY: passed on from the caller.
                unsafe { self.shared(&a, &b, &store(i)) }
            }
        } else {
            let grid = Grid::of_batch(self, batch, ns);
            let per_chunk = pool::grain(grid.len() * batch, ns / grid.len() as f64);
            pool::for_chunks((grid.len() * batch).div_ceil(per_chunk), |chunk| {
                // SAFETY: passed on from the caller.
                let _ready = unsafe { self.engine.ready() };
                for task in chunk * per_chunk..((chunk + 1) * per_chunk).min(grid.len() * batch) {
                    let index = task / grid.len();
                    let (a, b) = operands(index);
                    // SAFETY: each rectangle belongs to one task; the rest is passed on.
                    unsafe { self.local(&a, &b, grid.place(task % grid.len()), &store(index)) }
                }
            });
        }
    }

    /// A product over no k at all.
    unsafe fn empty(&self, store: &impl Store) {
        let Dims { m, n, .. } = self.dims;
        for i in 0..m {
            for j in (0..n).step_by(WIDTH) {
                let cols = WIDTH.min(n - j);
                let mut zeros = [0.0; WIDTH];
                let mut sums = Target { ptr: zeros.as_mut_ptr(), stride: WIDTH };
                if let Some(c) = store.sums() {
                    sums = Target { ptr: c.at(i, j), stride: c.stride };
                    if self.beta == Beta::Zero {
                        // SAFETY: the outputs are ours by the caller's promise.
                        unsafe { std::slice::from_raw_parts_mut(sums.ptr, cols) }.fill(0.0);
                    }
                }
                // SAFETY: as above.
                unsafe { store.finish((i, j), (1, cols), sums) }
            }
        }
    }

    pub(super) fn want(&self, form: Form) -> Want {
        let (width, parts) = match form {
            Form::Rows => (self.engine.height(self.dims.m), self.planes.a),
            Form::Pairs => (WIDTH, self.planes.b),
        };
        Want { engine: self.engine, width, form, parts }
    }

    /// A rectangle whose operands are packed by the task.
    ///
    /// # Safety
    /// - That of [`run`](Product::run); the rectangle is reached by nobody else.
    /// - The thread is ready for the engine.
    unsafe fn local(
        &self,
        a: &impl Source,
        b: &impl Source,
        (rows, cols): (Range<usize>, Range<usize>),
        store: &impl Store,
    ) {
        let Dims { k, .. } = self.dims;
        let (want_a, want_b) = (self.want(Form::Rows), self.want(Form::Pairs));
        let steps = self.planes.steps(K_LOCAL.min(k));
        let (a_step, b_step) = (steps * want_a.width * STEP, steps * PANEL_STEP);
        let (blocks, panels) = (rows.len().div_ceil(want_a.width), cols.len().div_ceil(WIDTH));
        let b_need = if self.prepacked(b).is_some() { 0 } else { panels * b_step };
        let sums_need = match store.sums() {
            Some(_) => 0,
            None => blocks * want_a.width * panels * WIDTH,
        };
        scratch::with(sums_need, |room: &mut [f32]| {
            scratch::with(blocks * a_step + b_need, |buffer: &mut [u16]| {
                let (a_buffer, b_buffer) = buffer.split_at_mut(blocks * a_step);
                let sums = Sums::of(store, room, (rows.start, cols.start), panels * WIDTH);
                for k0 in (0..k).step_by(K_LOCAL) {
                    let ks = k0..k.min(k0 + K_LOCAL);
                    for (i, out) in
                        rows.clone().step_by(want_a.width).zip(a_buffer.chunks_mut(a_step))
                    {
                        let block = i..rows.end.min(i + want_a.width);
                        // SAFETY: passed on from the caller.
                        unsafe { a.pack(ks.clone(), block, want_a, out) }
                    }
                    for (j, out) in cols.clone().step_by(WIDTH).zip(b_buffer.chunks_mut(b_step)) {
                        // SAFETY: passed on from the caller.
                        unsafe { b.pack(ks.clone(), j..cols.end.min(j + WIDTH), want_b, out) }
                    }
                    let here = Packed { ptr: b_buffer.as_ptr(), step: b_step };
                    let region = Region {
                        engine: self.engine,
                        rows: rows.clone(),
                        cols: cols.clone(),
                        height: want_a.width,
                        a: Packed { ptr: a_buffer.as_ptr(), step: a_step },
                        b: self.panels(b, k0, cols.start).unwrap_or(here),
                        k: self.planes.depth(ks.len()),
                        sums,
                        beta: if k0 == 0 { self.beta } else { Beta::One },
                        last: ks.end == k,
                    };
                    // SAFETY: both buffers were filled just now; the rest is passed on.
                    unsafe { region.run(store) }
                }
            });
        });
    }

    /// B as it was packed before, if that is what the planes need.
    pub(super) fn prepacked<'b>(&self, b: &'b impl Source) -> Option<&'b PackedBf16> {
        b.prepacked().filter(|_| self.planes.single())
    }

    /// The panels of a prepacked B from `(k0, j)` on.
    pub(super) fn panels(&self, b: &impl Source, k0: usize, j: usize) -> Option<Packed> {
        let Dims { n, k, .. } = self.dims;
        let packed = self.prepacked(b)?;
        assert!(packed.dims().0 == k && packed.dims().1 >= n, "gemm: packed b");
        Some(Packed { ptr: packed.panel(k0, j).as_ptr(), step: panel_len(k) })
    }
}
