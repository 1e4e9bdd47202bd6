//! Matrix products.

use gradus_core::{Layout, Shape};
use gradus_cpu::gemm::{Beta, Dims, GemmElement, Matrix, gemm_batched};

use crate::dtypes::{real, same, unsupported};
use crate::tensor::checked_len;
use crate::{DType, Element, Error, Result, Tensor};

impl Tensor {
    /// The matrix product, batched with broadcasting, as in NumPy.
    ///
    /// A row of the result has the same bits however many rows are computed with it. Transposed and
    /// broadcast operands are read in place. `bf16` is multiplied and summed in `f32` and rounded
    /// once.
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
    /// assert_eq!(a.matmul(&Tensor::new([1.0, 1.0]))?.to_vec::<f32>()?, [3.0, 7.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn matmul(&self, other: &Self) -> Result<Self> {
        match same("matmul", self.dtype(), other.dtype())? {
            DType::F32 | DType::F64 => {}
            DType::BF16 => {
                let (a, b) = (self.to_dtype(DType::F32)?, other.to_dtype(DType::F32)?);
                return a.matmul(&b)?.to_dtype(DType::BF16);
            }
            got => return Err(unsupported("matmul", "a float", got)),
        }
        let mismatch = || -> Error {
            let (lhs, rhs) = (self.shape().clone(), other.shape().clone());
            gradus_core::Error::ShapeMismatch { op: "matmul", lhs, rhs }.into()
        };
        match (self.rank(), other.rank()) {
            (0, _) | (_, 0) => Err(mismatch()),
            // A vector on the left is one row, on the right one column.
            (1, 1) => product(&self.unsqueeze(0)?, &other.unsqueeze(1)?, &mismatch)?.reshape(()),
            (1, _) => product(&self.unsqueeze(0)?, other, &mismatch)?.squeeze(-2),
            (_, 1) => product(self, &other.unsqueeze(1)?, &mismatch)?.squeeze(-1),
            _ => product(self, other, &mismatch),
        }
    }
}

/// The product of operands with at least two dimensions.
fn product(a: &Tensor, b: &Tensor, mismatch: &dyn Fn() -> Error) -> Result<Tensor> {
    let ([batch_a @ .., m, k], [batch_b @ .., k_b, n]) = (a.dims(), b.dims()) else {
        return Err(mismatch());
    };
    let batch = Shape::from(batch_a).broadcast("matmul", &Shape::from(batch_b));
    let batch = batch.map_err(|_| mismatch())?;
    if k != k_b {
        return Err(mismatch());
    }
    let shape = Shape::from([batch.dims(), &[*m, *n]].concat());
    let len = checked_len("matmul", &shape, a.dtype())?;
    if len == 0 || *k == 0 {
        return Tensor::zeros(shape, a.dtype());
    }
    // One matrix on the right: all rows on the left are rows of one product.
    if b.len() == k * n && batch.len() > 1 {
        if let Some(rows) = a.layout().reshape([batch.len() * m, *k])? {
            let matrix = b.reshape([*k, *n])?;
            return real!("matmul", a.dtype(), T => {
                Ok(Tensor::from_data(multiply::<T>(&a.with_layout(rows), &matrix, &[])?, shape))
            });
        }
    }
    real!("matmul", a.dtype(), T => {
        Ok(Tensor::from_data(multiply::<T>(a, b, batch.dims())?, shape))
    })
}

/// The products of a batch, one after the other; none of the extents is 0.
fn multiply<T: Element + GemmElement>(a: &Tensor, b: &Tensor, batch: &[usize]) -> Result<Vec<T>> {
    let (starts_a, starts_b) = (starts(a, batch)?, starts(b, batch)?);
    let offsets: Vec<(usize, usize)> = starts_a.offsets().zip(starts_b.offsets()).collect();
    let dims = Dims { m: a.size(-2)?, n: b.size(-1)?, k: a.size(-1)? };
    let mut out = vec![T::default(); offsets.len() * dims.m * dims.n];
    gemm_batched(dims, matrix(a), matrix(b), &offsets, &mut out, Beta::Zero);
    Ok(out)
}

/// Where the matrices start, over the broadcast leading dimensions.
fn starts(x: &Tensor, batch: &[usize]) -> Result<Layout> {
    Ok(x.layout().select(-1, 0)?.select(-1, 0)?.expand(batch)?)
}

/// The last two dimensions, from the start of the storage.
fn matrix<T: Element>(x: &Tensor) -> Matrix<'_, T> {
    let strides = x.layout().strides();
    Matrix::new(x.block(), strides[strides.len() - 2], strides[strides.len() - 1])
}
