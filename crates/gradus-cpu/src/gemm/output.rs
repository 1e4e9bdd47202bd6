//! Where the results go.

use super::Dims;

/// C in a slice: rows are `row_stride` apart, the columns of a row are neighbours.
///
/// What lies between the rows is left alone.
#[derive(Debug)]
pub struct Output<'a, T> {
    pub(super) data: &'a mut [T],
    pub(super) row_stride: usize,
    batch_stride: Option<usize>,
}

impl<'a, T> Output<'a, T> {
    /// One result, or a batch of them that lie one after another without gaps.
    pub const fn new(data: &'a mut [T], row_stride: usize) -> Self {
        Self { data, row_stride, batch_stride: None }
    }

    /// The results of a batch start `stride` apart; they may be interleaved, row by row.
    #[must_use]
    pub const fn batch_stride(self, stride: usize) -> Self {
        Self { batch_stride: Some(stride), ..self }
    }

    /// The distance of results, once it is sure that all of them are in the slice and that no two
    /// rows overlap.
    ///
    /// # Panics
    /// If that is not so.
    pub(super) fn checked(&self, Dims { m, n, .. }: Dims, batch: usize) -> usize {
        const FAR: &str = "gemm: c beyond the address space";
        let rows = self.row_stride;
        if m == 0 || n == 0 || batch == 0 {
            return 0;
        }
        assert!(m == 1 || rows >= n, "gemm: rows of c overlap");
        let one = (m - 1).checked_mul(rows).and_then(|x| x.checked_add(n)).expect(FAR);
        let stride = self.batch_stride.or_else(|| m.checked_mul(rows.max(n))).expect(FAR);
        // One after the other, or side by side within a row.
        let side_by_side = stride >= n && stride.checked_mul(batch).is_some_and(|s| s <= rows);
        assert!(batch == 1 || stride >= one || side_by_side, "gemm: results of c overlap");
        let end = (batch - 1).checked_mul(stride).and_then(|x| x.checked_add(one)).expect(FAR);
        let len = self.data.len();
        assert!(end <= len, "gemm: c of {batch} times {m}x{n} ends at element {end} of {len}");
        stride
    }
}
