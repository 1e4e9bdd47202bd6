//! `matrix_exp`.

use crate::dtypes::real;
use crate::linalg::matrices::{Matrices, push};
use crate::{Result, Tensor};

impl Tensor {
    /// The matrix exponential `Σ Aᵏ / k!`, by scaling, squaring and Padé approximation.
    ///
    /// # Shapes
    /// `[..., N, N]` → `[..., N, N]`
    ///
    /// # Errors
    /// As [`Tensor::solve`].
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let nilpotent = Tensor::new([[0.0, 3.0], [0.0, 0.0]]);
    /// assert_eq!(nilpotent.matrix_exp()?.to_vec::<f32>()?, [1.0, 3.0, 0.0, 1.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn matrix_exp(&self) -> Result<Self> {
        real!("matrix_exp", self.dtype(), T => {
            let a = Matrices::<T>::read_square("matrix_exp", self)?;
            let n = a.rows;
            let powers = a.factors(|a| Ok(if n == 0 { a.clone() } else { a.exp() }))?;
            Ok(a.write(&[n, n], |i, out| push(out, &powers[i])))
        })
    }
}
