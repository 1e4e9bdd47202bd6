//! A matrix packed once for many products.

use std::marker::PhantomData;
use std::ops::Range;

use super::KC;
use super::bf16::PackedBf16;
use super::element::GemmElement;
use super::operand::Operand;
use crate::pool;
use crate::scratch::Line;

/// The right operand of many products, in the order in which the kernels read it.
///
/// For weights that stay the same: generation, the steps of a recurrent layer, frozen layers. The
/// panels have the width of the level at which they were packed; a product at a level with another
/// width copies them again, so the result is right at every level. Where
/// [`MatmulPrecision`](super::MatmulPrecision) lowers the products of this thread to bf16, a rounded copy
/// is packed as well.
///
/// # Examples
/// ```
/// use gradus_cpu::gemm::{Beta, Dims, Matrix, Output, PackedB, gemm_with};
/// let weight = [1.0, 2.0, 3.0, 4.0]; // [out, in]
/// let packed = PackedB::new(&Matrix::new(&weight, 2, 1).t(), 2, 2);
/// let (x, mut y) = ([1.0, 10.0], [0.0; 2]);
/// let dims = Dims { m: 1, n: 2, k: 2 };
/// gemm_with(dims, &Matrix::new(&x, 2, 1).t(), &packed, Output::new(&mut y, 2), Beta::Zero, &());
/// assert_eq!(y, [21.0, 43.0]);
/// ```
#[derive(Clone)]
pub struct PackedB<T> {
    /// For each block of k, panels of `width` columns, each `kc × width`.
    data: Vec<Line>,
    k: usize,
    n: usize,
    width: usize,
    rounded: Option<PackedBf16>,
    element: PhantomData<T>,
}

impl<T> std::fmt::Debug for PackedB<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { k, n, width, .. } = self;
        f.debug_struct("PackedB")
            .field("k", k)
            .field("n", n)
            .field("width", width)
            .finish_non_exhaustive()
    }
}

impl<T: GemmElement> PackedB<T> {
    /// Packs `k × n` elements of `b`, on several threads if it is large.
    ///
    /// # Panics
    /// If `b` is smaller.
    pub fn new(b: &impl Operand<T>, k: usize, n: usize) -> Self {
        let width = T::kernels().panel;
        let len = k * n.next_multiple_of(width);
        let mut data = Line::block::<T>(len);
        fill(b, (k, n), width, bytemuck::cast_slice_mut(&mut data));
        Self { data, k, n, width, rounded: T::rounded(b, k, n), element: PhantomData }
    }

    /// Rows and columns.
    pub const fn dims(&self) -> (usize, usize) {
        (self.k, self.n)
    }

    /// Columns of a panel.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// The copy for products that are lowered to bf16.
    pub(super) const fn rounded(&self) -> Option<&PackedBf16> {
        self.rounded.as_ref()
    }

    /// The panel that starts at `(k, j)`: a multiple of [`KC`] and one of the width.
    pub(super) fn panel(&self, k: usize, j: usize) -> &[T] {
        let start = panel_start((self.k, self.n), self.width, k, j);
        let all: &[T] = bytemuck::cast_slice(&self.data);
        &all[start..start + KC.min(self.k - k) * self.width]
    }
}

/// Where the panel at `(k0, j)` starts.
const fn panel_start((k, n): (usize, usize), width: usize, k0: usize, j: usize) -> usize {
    let kc = if k - k0 < KC { k - k0 } else { KC };
    k0 * n.next_multiple_of(width) + j * kc
}

/// Writes all panels of `b`.
pub(super) fn fill<T: GemmElement>(
    b: &impl Operand<T>,
    (k, n): (usize, usize),
    width: usize,
    data: &mut [T],
) {
    let panels = n.div_ceil(width);
    for k0 in (0..k).step_by(KC) {
        let kc = KC.min(k - k0);
        let start = panel_start((k, n), width, k0, 0);
        let block = &mut data[start..start + panels * width * kc];
        let per_chunk = pool::grain(panels, (kc * width) as f64 * 0.2);
        pool::for_slices(block, per_chunk * width * kc, |chunk, out| {
            for (i, out) in out.chunks_exact_mut(width * kc).enumerate() {
                let j = (chunk * per_chunk + i) * width;
                b.pack(k0..k0 + kc, j..n.min(j + width), out, width);
            }
        });
    }
}

impl<T: GemmElement> Operand<T> for PackedB<T> {
    fn pack(&self, k: Range<usize>, x: Range<usize>, out: &mut [T], width: usize) {
        for (k, out) in k.zip(out.chunks_mut(width)) {
            for (x, out) in x.clone().zip(out) {
                let panel = self.panel(k - k % KC, x - x % self.width);
                *out = panel[k % KC * self.width + x % self.width];
            }
        }
    }

    fn prepacked(&self) -> Option<&Self> {
        Some(self)
    }
}
