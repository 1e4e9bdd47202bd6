//! The gradients of queries, keys and values.
//!
//! ```text
//! for each tile of keys:                       one task per head of keys and values
//!     for each query head of its group, for each block of queries:
//!         p, ds                                worked out again, as slopes.rs says
//!         dv += pᵀ·dy;  dk += dsᵀ·q;  dq += ds·k
//! ```
//! Blocks of queries lie on a fixed grid, so the order of every sum depends on the extents alone.

use std::ops::Range;

use super::delta::Delta;
use super::forward::each;
use super::scores::{Band, columns};
use super::slopes::Slopes;
use super::{Attention, Extents, Rows, TILE, Value};
use crate::gemm::{Beta, Dims, Matrix, gemm_rows};
use crate::isa::dispatch;
use crate::pool::SharedMut;
use crate::scratch;

/// Queries of a block. It is part of the order of accumulation.
const ROWS: usize = 64;

/// What the forward pass gave, and the gradient of its output.
#[derive(Debug, Clone, Copy)]
pub struct Output<'a, T> {
    /// The output, `batch * heads` heads of `queries` vectors.
    pub y: Rows<'a, T>,
    /// The gradient of the output, alike.
    pub dy: Rows<'a, T>,
    /// `[batch, heads, queries]`, as [`forward`](super::forward) wrote it.
    pub lse: &'a [T],
}

/// The gradients: `dq` is `[batch, queries, heads, width]`, `dk` is `[batch, keys, kv_heads, width]`,
/// `dv` is `[batch, keys, kv_heads, value_width]`.
///
/// # Panics
/// If a length or a number of heads does not fit the extents, or an operand ends too early.
pub fn backward<T: Value>(
    attention: &Attention<'_, T>,
    result: Output<'_, T>,
    (dq, dk, dv): (&mut [T], &mut [T], &mut [T]),
) {
    let Extents { heads, kv_heads, width, value_width, .. } = attention.extents;
    let rows = attention.extents.batch_rows();
    assert_eq!(dq.len(), rows.0 * heads * width, "attention: length of dq");
    assert_eq!(dk.len(), rows.1 * kv_heads * width, "attention: length of dk");
    assert_eq!(dv.len(), rows.1 * kv_heads * value_width, "attention: length of dv");
    let (dq, dk, dv) = (SharedMut::new(dq), SharedMut::new(dk), SharedMut::new(dv));
    let grads = [
        Gradient { block: &dq, start: 0, width, row: heads * width },
        Gradient { block: &dk, start: 0, width, row: kv_heads * width },
        Gradient { block: &dv, start: 0, width: value_width, row: kv_heads * value_width },
    ];
    run(attention, result, grads);
}

/// The gradients in one block, `[batch, queries, heads * width + kv_heads * width + kv_heads *
/// value_width]`: that of a joint projection, whose parts queries, keys and values are.
///
/// # Panics
/// As [`backward`], and if there are not as many queries as keys.
pub fn backward_joined<T: Value>(
    attention: &Attention<'_, T>,
    result: Output<'_, T>,
    grads: &mut [T],
) {
    let Extents { heads, kv_heads, queries, keys, width, value_width, .. } = attention.extents;
    assert_eq!(queries, keys, "attention: joined queries and keys");
    let (k, v) = (heads * width, (heads + kv_heads) * width);
    let row = v + kv_heads * value_width;
    assert_eq!(grads.len(), attention.extents.batch_rows().0 * row, "attention: length of grads");
    let block = &SharedMut::new(grads);
    let part = |start, width| Gradient { block, start, width, row };
    run(attention, result, [part(0, width), part(k, width), part(v, value_width)]);
}

/// Where a gradient goes: row `i` of a batch's row, from `start` on, one head after another.
struct Gradient<'a, T> {
    block: &'a SharedMut<'a, T>,
    start: usize,
    width: usize,
    row: usize,
}

impl<T: Value> Gradient<'_, T> {
    /// Copies vectors of a head from `first` on; `row` counts through batch and places.
    ///
    /// # Safety
    /// - No other thread writes these vectors.
    unsafe fn write(&self, row: usize, head: usize, vectors: &[T]) {
        if self.width == 0 {
            return;
        }
        for (i, vector) in vectors.chunks_exact(self.width).enumerate() {
            let start = (row + i) * self.row + self.start + head * self.width;
            // SAFETY: passed on from the caller.
            unsafe { self.block.range(start, self.width) }.copy_from_slice(vector);
        }
    }
}

impl Extents {
    /// Vectors of one query head and of one key head, through the batch.
    fn batch_rows(&self) -> (usize, usize) {
        (self.batch * self.queries, self.batch * self.keys)
    }
}

fn run<T: Value>(attention: &Attention<'_, T>, result: Output<'_, T>, grads: [Gradient<'_, T>; 3]) {
    attention.check();
    let extents = &attention.extents;
    let heads = extents.all_heads();
    assert_eq!(result.y.starts.len(), heads, "attention: heads of y");
    assert_eq!(result.dy.starts.len(), heads, "attention: heads of dy");
    assert_eq!(result.lse.len(), heads * extents.queries, "attention: length of lse");
    if heads > 0 {
        each(extents.batch * extents.kv_heads, 2.5 * attention.cost(), |head| {
            scratch::with(Desk::<T>::len(extents), |buffer| {
                let mut desk = Desk::new(extents, buffer);
                Group { attention, result, head }.run(&mut desk, &grads);
            });
        });
    }
}

/// A head of keys and values, counted through the batch, and the query heads that share it.
struct Group<'a, 'b, T> {
    attention: &'a Attention<'b, T>,
    result: Output<'a, T>,
    head: usize,
}

/// Working memory of a group.
struct Desk<'a, T> {
    /// Keys and values of a tile as columns.
    columns: [&'a mut [T]; 2],
    /// Weights of a block and a tile, and the gradients of its products.
    weights: &'a mut [T],
    slopes: &'a mut [T],
    /// Gradients of a tile.
    dk: &'a mut [T],
    dv: &'a mut [T],
    /// Gradients of all queries of the group.
    dq: &'a mut [T],
    /// Σ dy·y of all queries of the group.
    delta: &'a mut [T],
}

impl<'a, T: Value> Desk<'a, T> {
    fn len(extents: &Extents) -> usize {
        let both = extents.width + extents.value_width;
        let queries = extents.group() * extents.queries;
        2 * TILE * (both + ROWS) + queries * (extents.width + 1)
    }

    fn new(extents: &Extents, buffer: &'a mut [T]) -> Self {
        let mut rest = buffer;
        let mut cut = |len| rest.split_off_mut(..len).expect("the buffer has the sum of these");
        let queries = extents.group() * extents.queries;
        Self {
            columns: [cut(TILE * extents.width), cut(TILE * extents.value_width)],
            weights: cut(TILE * ROWS),
            slopes: cut(TILE * ROWS),
            dk: cut(TILE * extents.width),
            dv: cut(TILE * extents.value_width),
            dq: cut(queries * extents.width),
            delta: cut(queries),
        }
    }
}

/// Some queries of a head that see some of a tile.
struct Part<'a> {
    /// The query head, counted through the batch.
    head: usize,
    /// The same, within its group.
    member: usize,
    queries: Range<usize>,
    tile: &'a Range<usize>,
}

impl<T: Value> Group<'_, '_, T> {
    fn run(&self, desk: &mut Desk<'_, T>, grads: &[Gradient<'_, T>; 3]) {
        let Extents { kv_heads, queries, keys, width, value_width, .. } = self.attention.extents;
        let group = self.attention.extents.group();
        desk.dq.fill(T::ZERO);
        for (member, out) in desk.delta.chunks_mut(queries.max(1)).enumerate() {
            let Output { y, dy, .. } = self.result;
            dispatch(Delta { y, dy, head: self.head * group + member, width: value_width, out });
        }
        let (row, kv_head) = (self.head / kv_heads, self.head % kv_heads);
        for key in (0..keys).step_by(TILE) {
            let tile = self.attention.tile(key);
            self.tile(&tile, desk);
            let [_, to_k, to_v] = grads;
            // SAFETY: this head of keys and values belongs to one task.
            unsafe { to_k.write(row * keys + key, kv_head, &desk.dk[..tile.len() * width]) }
            // SAFETY: as above.
            unsafe { to_v.write(row * keys + key, kv_head, &desk.dv[..tile.len() * value_width]) }
        }
        for (member, dq) in desk.dq.chunks_exact((queries * width).max(1)).enumerate() {
            // SAFETY: as above, with the query heads that share it.
            unsafe { grads[0].write(row * queries, kv_head * group + member, dq) }
        }
    }

    /// The gradients of a tile of keys and values, and its share of those of the queries.
    fn tile(&self, tile: &Range<usize>, desk: &mut Desk<'_, T>) {
        let Attention { extents, k, v, sight, .. } = self.attention;
        let group = extents.group();
        columns(k, self.head, tile, extents.width, desk.columns[0]);
        columns(v, self.head, tile, extents.value_width, desk.columns[1]);
        desk.dk.fill(T::ZERO);
        desk.dv.fill(T::ZERO);
        for member in 0..group {
            let head = self.head * group + member;
            for first in (0..extents.queries).step_by(ROWS) {
                let block = first..(first + ROWS).min(extents.queries);
                let queries = sight.queries(tile, &block);
                if !queries.is_empty() {
                    self.part(&Part { head, member, queries, tile }, desk);
                }
            }
        }
    }

    fn part(&self, part: &Part<'_>, desk: &mut Desk<'_, T>) {
        let Attention { extents, k, q, .. } = self.attention;
        let Extents { width, value_width, .. } = *extents;
        for band in self.attention.bands(part.head, part.queries.clone(), part.tile) {
            let rows = band.queries.start - part.queries.start;
            self.slopes(&band, rows, desk);
            if width > 0 {
                let dims = Dims { m: band.queries.len(), n: width, k: band.cols };
                let ds = Matrix::new(&desk.slopes[rows * TILE..], TILE, 1);
                let place = part.member * extents.queries + band.queries.start;
                let dq = &mut desk.dq[place * width..];
                gemm_rows(dims, ds, k.matrix(self.head, band.key), (dq, width), Beta::One);
            }
        }
        for keys in self.attention.key_bands(part.tile, &part.queries) {
            let queries = self.attention.sight.queries(&keys, &part.queries);
            if queries.is_empty() {
                continue;
            }
            let (row, col) = (queries.start - part.queries.start, keys.start - part.tile.start);
            let add = |from: &[T], rows: Rows<'_, T>, out: &mut [T], width: usize| {
                if width > 0 {
                    let turned = Matrix::new(&from[row * TILE + col..], 1, TILE);
                    let dims = Dims { m: keys.len(), n: width, k: queries.len() };
                    let rows = rows.matrix(part.head, queries.start);
                    gemm_rows(dims, turned, rows, (&mut out[col * width..], width), Beta::One);
                }
            };
            add(desk.slopes, *q, desk.dk, width);
            add(desk.weights, self.result.dy, desk.dv, value_width);
        }
    }

    /// Fills weights and slopes of a band, whose first query is row `rows` of the block.
    fn slopes(&self, band: &Band, rows: usize, desk: &mut Desk<'_, T>) {
        let Extents { queries, value_width, .. } = self.attention.extents;
        let used = rows * TILE..(rows + band.queries.len()) * TILE;
        let (weights, slopes) = (&mut desk.weights[used.clone()], &mut desk.slopes[used]);
        self.attention.products(band, Matrix::new(desk.columns[0], TILE, 1), weights);
        let dy = self.result.dy.matrix(band.head, band.queries.start);
        let dims = Dims { m: band.queries.len(), n: band.cols, k: value_width };
        gemm_rows(dims, dy, Matrix::new(desk.columns[1], TILE, 1), (slopes, TILE), Beta::Zero);
        let first = band.head * queries + band.queries.start;
        let lse = &self.result.lse[first..];
        let group = self.attention.extents.group();
        let delta = &desk.delta[(band.head % group) * queries + band.queries.start..];
        dispatch(Slopes { attention: self.attention, band, weights, slopes, lse, delta });
    }
}
