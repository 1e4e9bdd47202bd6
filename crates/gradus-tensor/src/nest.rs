//! Loops over the elements of strided operands, row by row.

use gradus_core::Layout;

/// The loops over the common shape of `N` layouts, with dimensions merged where every operand
/// allows it. The innermost loop is a *row*: a length and one stride per operand.
///
/// Broadcasting needs nothing more: an expanded dimension has stride 0.
pub(crate) struct Nest<const N: usize> {
    /// From the outermost loop to the innermost.
    outer: Vec<(usize, [usize; N])>,
    row: (usize, [usize; N]),
    start: [usize; N],
    is_empty: bool,
}

impl<const N: usize> Nest<N> {
    /// The loops of layouts that all have the same shape.
    pub(crate) fn new(layouts: [&Layout; N]) -> Self {
        let is_empty = layouts[0].is_empty();
        let dims = if is_empty { &[] } else { layouts[0].dims() };
        let mut outer: Vec<(usize, [usize; N])> = Vec::new();
        let mut row: Option<(usize, [usize; N])> = None;
        for dim in (0..dims.len()).rev().filter(|&i| dims[i] != 1) {
            let strides: [usize; N] = std::array::from_fn(|n| layouts[n].strides()[dim]);
            let inner = if outer.is_empty() { row.as_mut() } else { outer.last_mut() };
            match inner {
                None => row = Some((dims[dim], strides)),
                Some((len, inner)) if (0..N).all(|n| strides[n] == inner[n] * *len) => {
                    *len *= dims[dim];
                }
                Some(_) => outer.push((dims[dim], strides)),
            }
        }
        outer.reverse();
        Self {
            outer,
            row: row.unwrap_or((1, [1; N])),
            start: layouts.map(Layout::offset),
            is_empty,
        }
    }

    /// Calls `f(length, starts, strides)` for every row, in row-major order.
    pub(crate) fn for_each_row(&self, mut f: impl FnMut(usize, [usize; N], [usize; N])) {
        if self.is_empty {
            return;
        }
        let (len, strides) = self.row;
        let mut index = vec![0; self.outer.len()];
        let mut at = self.start;
        loop {
            f(len, at, strides);
            let mut dim = self.outer.len();
            loop {
                let Some(next) = dim.checked_sub(1) else { return };
                dim = next;
                let (extent, steps) = self.outer[dim];
                index[dim] += 1;
                (0..N).for_each(|n| at[n] += steps[n]);
                if index[dim] < extent {
                    break;
                }
                (0..N).for_each(|n| at[n] -= steps[n] * extent);
                index[dim] = 0;
            }
        }
    }
}

/// Copies the elements of one view to the places of another of the same shape.
pub(crate) fn paste<T: Copy>(x: &[T], from: &Layout, out: &mut [T], to: &Layout) {
    Nest::new([from, to]).for_each_row(|len, [i, o], strides| match strides {
        [1, 1] => out[o..o + len].copy_from_slice(&x[i..i + len]),
        [s, t] => (0..len).for_each(|n| out[o + n * t] = x[i + n * s]),
    });
}
