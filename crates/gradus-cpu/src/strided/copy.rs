//! Views made contiguous.

use gradus_core::Layout;

use super::walk::{Walk, check};
use crate::pool;

/// Copies the elements of a view, in row-major order, to `out`.
///
/// # Panics
/// If the layout leaves `x`, or `out` has not as many elements as the layout.
///
/// # Examples
/// ```
/// use gradus_core::Layout;
/// let turned = Layout::contiguous([2, 3]).transpose(0, 1)?;
/// let mut out = [0; 6];
/// gradus_cpu::strided::copy_strided(&[1, 2, 3, 4, 5, 6], &turned, &mut out);
/// assert_eq!(out, [1, 4, 2, 5, 3, 6]);
/// # Ok::<(), gradus_core::Error>(())
/// ```
pub fn copy_strided<T: Copy + Send + Sync>(x: &[T], layout: &Layout, out: &mut [T]) {
    assert_eq!(layout.len(), out.len(), "copy_strided: length of out");
    check("copy_strided", layout, x.len());
    if out.is_empty() {
        return;
    }
    let x = &x[layout.offset()..];
    let walk = Walk::new(layout.dims(), [layout.strides()]);
    let ns = 0.1 * size_of::<T>() as f64 / 4.0;
    match (walk.rows, walk.step[0]) {
        (1, 1) => {
            let chunk = pool::grain(out.len(), ns);
            pool::for_slices(out, chunk, |i, out| {
                out.copy_from_slice(&x[i * chunk..][..out.len()]);
            });
        }
        (1, 0) => out.fill(x[0]),
        (_, step) => {
            // Steps across memory miss the cache more often.
            let ns = if step <= 1 { ns } else { 10.0 * ns };
            let rows = pool::grain(walk.rows, ns * walk.inner as f64 + 3.0);
            // Whole planes per chunk keep the transposes together.
            let plane = walk.around().map_or(1, |(extent, _)| extent);
            let rows = if rows > plane { rows.next_multiple_of(plane) } else { rows };
            pool::for_slices(out, rows * walk.inner, |i, out| copy_rows(x, &walk, i * rows, out));
        }
    }
}

/// Copies runs `first ..` until `out` is full.
fn copy_rows<T: Copy>(x: &[T], walk: &Walk<1>, first: usize, out: &mut [T]) {
    let (inner, step) = (walk.inner, walk.step[0]);
    let count = out.len() / inner;
    match walk.around() {
        Some((plane, [1])) if step > 1 => {
            // Neighbouring runs start at neighbouring elements: a transpose. Go plane by plane.
            let mut row = 0;
            while row < count {
                let rows = (plane - (first + row) % plane).min(count - row);
                let out = &mut out[row * inner..(row + rows) * inner];
                walk.runs(first + row, 1, |_, [at]| transpose(&x[at..], step, rows, inner, out));
                row += rows;
            }
        }
        _ => walk.runs(first, count, |row, [at]| {
            let out = &mut out[row * inner..(row + 1) * inner];
            match step {
                1 => out.copy_from_slice(&x[at..at + inner]),
                0 => out.fill(x[at]),
                _ => {
                    for (o, x) in out.iter_mut().zip(x[at..].iter().step_by(step)) {
                        *o = *x;
                    }
                }
            }
        }),
    }
}

/// `out[r][c] = x[r + c * step]`, in square blocks that are turned in a small buffer: both sides
/// then move whole cache lines, also when their rows fall into the same cache sets.
fn transpose<T: Copy>(x: &[T], step: usize, rows: usize, cols: usize, out: &mut [T]) {
    const SIDE: usize = 16;
    let mut turned = [[x[0]; SIDE]; SIDE];
    for r0 in (0..rows).step_by(SIDE) {
        let height = SIDE.min(rows - r0);
        for c0 in (0..cols).step_by(SIDE) {
            let width = SIDE.min(cols - c0);
            for c in 0..width {
                let column = &x[r0 + (c0 + c) * step..][..height];
                for (row, x) in turned.iter_mut().zip(column) {
                    row[c] = *x;
                }
            }
            for (r, row) in turned[..height].iter().enumerate() {
                out[(r0 + r) * cols + c0..][..width].copy_from_slice(&row[..width]);
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Layouts of rank 0 to 4 with permuted, stepped, narrowed and repeated dimensions.
    pub(in crate::strided) fn layouts() -> impl Strategy<Value = Layout> {
        let dim = (0usize..24, 1usize..3, any::<bool>());
        (proptest::collection::vec(dim, 0..=4), any::<u64>()).prop_map(|(dims, order)| {
            let shape: Vec<usize> =
                dims.iter().map(|(d, _, repeat)| if *repeat { 1 } else { *d }).collect();
            let mut layout = Layout::contiguous(shape.as_slice());
            for (i, (d, step, repeat)) in dims.iter().enumerate() {
                if !repeat {
                    layout = layout.step(i, *step).unwrap();
                    let len = layout.dims()[i];
                    layout = layout.narrow(i, len / 3, len - len / 3).unwrap();
                } else {
                    let mut shape = layout.dims().to_vec();
                    shape[i] = *d;
                    layout = layout.expand(shape.as_slice()).unwrap();
                }
            }
            let rank = layout.rank();
            for i in 1..rank {
                layout = layout.transpose(i, (order >> (8 * i)) as usize % (i + 1)).unwrap();
            }
            layout
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn elements_come_in_row_major_order(layout in layouts(), threads in 1usize..4) {
            let size = layout.offsets().max().map_or(0, |m| m + 1);
            let x: Vec<u32> = (0..size as u32).collect();
            let want: Vec<u32> = layout.offsets().map(|o| x[o]).collect();
            let mut got = vec![u32::MAX; layout.len()];
            pool::with_threads(threads, || copy_strided(&x, &layout, &mut got));
            prop_assert_eq!(got, want);
        }
    }

    #[test]
    fn large_transposes_and_broadcasts_split_among_threads() {
        let (b, m, n) = (3, 211, 307);
        let x: Vec<u32> = (0..(b * m * n) as u32).collect();
        let base = Layout::contiguous([b, m, n]);
        for layout in [
            base.transpose(1, 2).unwrap(),
            base.transpose(0, 2).unwrap(),
            base.select(0, 1).unwrap().expand([4, m, n]).unwrap(),
        ] {
            let want: Vec<u32> = layout.offsets().map(|o| x[o]).collect();
            for threads in [1, 2, 3, 8] {
                let mut got = vec![0; layout.len()];
                pool::with_threads(threads, || copy_strided(&x, &layout, &mut got));
                assert!(got == want);
            }
        }
    }
}
