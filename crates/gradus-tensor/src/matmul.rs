//! Matrix products.

use gradus_core::{Layout, Shape};

use crate::dtypes::{same, unsupported};
use crate::tensor::checked_len;
use crate::{DType, Element, Result, Tensor, bf16};

impl Tensor {
    /// The matrix product, batched with broadcasting, as in NumPy.
    ///
    /// A row of the result has the same bits however many rows are computed with it.
    ///
    /// # Shapes
    /// - `[..., M, K]` × `[..., K, N]` → `[..., M, N]`; leading dimensions broadcast
    /// - `[K]` × `[..., K, N]` → `[..., N]`; `[..., M, K]` × `[K]` → `[..., M]`; `[K]` × `[K]` → `[]`
    ///
    /// # Errors
    /// [`gradus_core::Error::ShapeMismatch`], [`gradus_core::Error::DTypeMismatch`],
    /// [`gradus_core::Error::UnsupportedDType`] unless the dtype is a float.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let a = Tensor::new([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(a.matmul(&a)?.to_vec::<f32>()?, [7.0, 10.0, 15.0, 22.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn matmul(&self, other: &Self) -> Result<Self> {
        let dtype = same("matmul", self.dtype(), other.dtype())?;
        let mismatch = || gradus_core::Error::ShapeMismatch {
            op: "matmul",
            lhs: self.shape().clone(),
            rhs: other.shape().clone(),
        };
        if self.rank() == 0 || other.rank() == 0 {
            return Err(mismatch().into());
        }
        if self.rank() == 1 {
            let out = self.unsqueeze(0)?.matmul(other).map_err(|_| mismatch())?;
            return out.squeeze(if other.rank() == 1 { -1 } else { -2 });
        }
        if other.rank() == 1 {
            let out = self.matmul(&other.unsqueeze(1)?).map_err(|_| mismatch())?;
            return out.squeeze(-1);
        }
        if self.dims()[self.rank() - 1] != other.dims()[other.rank() - 2] {
            return Err(mismatch().into());
        }
        match dtype {
            DType::F32 => product(self, other, |a: f32| a, |x| x),
            DType::F64 => product(self, other, |a: f64| a, |x| x),
            DType::BF16 => product(self, other, bf16::to_f32, bf16::from_f32),
            got => Err(unsupported("matmul", "a float", got)),
        }
    }
}

/// Batches one after the other, sums in rising order of k.
fn product<T: Element, A>(
    a: &Tensor,
    b: &Tensor,
    widen: impl Fn(T) -> A,
    narrow: impl Fn(A) -> T,
) -> Result<Tensor>
where
    A: Copy + Default + std::ops::Add<Output = A> + std::ops::Mul<Output = A>,
{
    let split = |x: &Tensor| {
        let (batch, matrix) = x.dims().split_at(x.rank() - 2);
        (Shape::from(batch), matrix[0], matrix[1])
    };
    let ((batch_a, m, k), (batch_b, _, n)) = (split(a), split(b));
    let batch =
        batch_a.broadcast("matmul", &batch_b).map_err(|_| gradus_core::Error::ShapeMismatch {
            op: "matmul",
            lhs: a.shape().clone(),
            rhs: b.shape().clone(),
        })?;
    let shape = Shape::from([batch.dims(), &[m, n]].concat());
    let mut out = Vec::with_capacity(checked_len("matmul", &shape, T::DTYPE)?);
    let starts = |x: &Tensor| -> Result<Layout> {
        let mut layout = x.layout().clone();
        for _ in 0..2 {
            if layout.is_empty() {
                return Ok(Layout::contiguous(()));
            }
            layout = layout.select(-1, 0)?;
        }
        Ok(layout.expand(&batch)?)
    };
    if shape.is_empty() || k == 0 {
        out.resize(shape.len(), T::default());
        return Ok(Tensor::from_data(out, shape));
    }
    let (sa, sb) = (strides(a), strides(b));
    let (x, y) = (a.block::<T>(), b.block::<T>());
    let mut row = vec![A::default(); n];
    for (p, q) in starts(a)?.offsets().zip(starts(b)?.offsets()) {
        for i in 0..m {
            row.fill(A::default());
            for l in 0..k {
                let left = widen(x[p + i * sa[0] + l * sa[1]]);
                for (j, sum) in row.iter_mut().enumerate() {
                    *sum = *sum + left * widen(y[q + l * sb[0] + j * sb[1]]);
                }
            }
            out.extend(row.iter().map(|&x| narrow(x)));
        }
    }
    Ok(Tensor::from_data(out, shape))
}

/// Strides of the last two dimensions.
fn strides(x: &Tensor) -> [usize; 2] {
    let strides = x.layout().strides();
    [strides[strides.len() - 2], strides[strides.len() - 1]]
}
