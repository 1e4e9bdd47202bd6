//! `pinv` and `lstsq`, by singular values.

use crate::dtypes::same;
use crate::{DType, Result, Tensor};

impl Tensor {
    /// The Moore–Penrose inverse `A⁺`. Singular values up to `max(M, N) · ε` times the largest,
    /// with ε of the dtype, count as zero.
    ///
    /// # Shapes
    /// `[..., M, N]` → `[..., N, M]`
    ///
    /// # Errors
    /// As [`Tensor::svd`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let a = Tensor::new([[2.0, 0.0], [0.0, 0.0], [0.0, 4.0]]);
    /// let expected = Tensor::new([[0.5, 0.0, 0.0], [0.0, 0.0, 0.25]]);
    /// assert!(a.pinv()?.allclose(&expected, 1e-6, 1e-6)?);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn pinv(&self) -> Result<Self> {
        let (u, s, vh) = self.svd()?;
        if s.is_empty() {
            return Self::zeros(self.t()?.shape(), self.dtype());
        }
        let eps = if self.dtype() == DType::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
        let sides = &self.dims()[self.rank() - 2..];
        let limit = s.max_keepdim(-1)?.mul_scalar(sides[0].max(sides[1]) as f64 * eps)?;
        let zero = s.le(&limit)?;
        let inverse = s.masked_fill(&zero, 1.0)?.reciprocal()?.masked_fill(&zero, 0.0)?;
        vh.t()?.mul(&inverse.unsqueeze(-2)?)?.matmul(&u.t()?)
    }

    /// The `X` that makes `‖self · X − b‖` smallest; among several, the one of smallest norm.
    /// Equals [`Tensor::pinv`] times `b`.
    ///
    /// # Shapes
    /// `[..., M, N]`, b `[..., M, K]` → `[..., N, K]`, leading dimensions broadcast;
    /// `[..., M, N]`, b `[M]` → `[..., N]`
    ///
    /// # Errors
    /// As [`Tensor::svd`], [`gradus_core::Error::ShapeMismatch`],
    /// [`gradus_core::Error::DTypeMismatch`].
    pub fn lstsq(&self, b: &Self) -> Result<Self> {
        same("lstsq", self.dtype(), b.dtype())?;
        self.pinv()?.matmul(b)
    }
}
