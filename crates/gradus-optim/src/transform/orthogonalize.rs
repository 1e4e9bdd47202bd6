//! The nearest matrix whose singular values are all about one.

use gradus_tensor::optim::sum_of_squares;
use gradus_tensor::{DType, Tensor};

use super::{Transformation, Updates};
use crate::error::{require, require_size};
use crate::{Error, Result};

/// How the size of an orthogonal update follows from the shape `[A, B]` of its matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MatrixRate {
    /// √max(1, A/B), as Muon had it first.
    #[default]
    Original,
    /// 0.2 · √max(A, B): updates as large as AdamW's, so that its rates and decays serve.
    MatchRmsAdamW,
    /// √(A/B), which bounds the change of what a layer puts out.
    Spectral,
}

impl MatrixRate {
    fn factor(self, rows: usize, columns: usize) -> f64 {
        let (a, b) = (rows as f64, columns as f64);
        match self {
            Self::Original => (a / b).max(1.0).sqrt(),
            Self::MatchRmsAdamW => 0.2 * a.max(b).sqrt(),
            Self::Spectral => (a / b).sqrt(),
        }
    }
}

/// Makes every update that is a matrix nearly orthogonal.
#[derive(Debug, Clone, PartialEq)]
pub struct Orthogonalize {
    coefficients: [f64; 3],
    iterations: usize,
    eps: f64,
    rate: MatrixRate,
}

/// X ← aX + (b X Xᵀ + c (X Xᵀ)²) X, `iterations` times from X = G/‖G‖: singular values move to about one
/// while the singular vectors stay. The result is multiplied by what `rate` says.
///
/// Updates of more than two dimensions are matrices of their first dimension by all others, as for
/// convolutions; those of fewer pass unchanged. `eps` bounds ‖G‖ from below. Computed in the dtype of
/// the parameter (`bf16` in `f32`); PyTorch computes in `bf16` always.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if a coefficient is not finite, `iterations` is not below 100, or `eps` is negative or not finite.
///
/// # Reference
/// Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks".
pub fn orthogonalize(
    coefficients: [f64; 3],
    iterations: usize,
    eps: f64,
    rate: MatrixRate,
) -> Result<Orthogonalize> {
    for c in coefficients {
        require(c.is_finite(), "orthogonalize", "coefficients", "finite", c)?;
    }
    let count = iterations as f64;
    require(iterations < 100, "orthogonalize", "iterations", "below 100", count)?;
    require_size("orthogonalize", "eps", eps)?;
    Ok(Orthogonalize { coefficients, iterations, eps, rate })
}

impl Transformation for Orthogonalize {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        updates.map(|item| {
            let update = &item.update;
            if update.rank() < 2 || update.is_empty() {
                return Ok(update.clone());
            }
            let rows = update.dims()[0];
            let matrix = update.reshape([rows, update.len() / rows])?;
            Ok(self.nearest(&matrix)?.reshape(update.shape().clone())?)
        })
    }

    fn signature(&self) -> String {
        "orthogonalize".to_owned()
    }
}

impl Orthogonalize {
    fn nearest(&self, matrix: &Tensor) -> Result<Tensor> {
        let (rows, columns) = (matrix.dims()[0], matrix.dims()[1]);
        let (dtype, is_tall) = (matrix.dtype(), rows > columns);
        let wide = if dtype == DType::BF16 { DType::F32 } else { dtype };
        // The square in the middle is as small as it can be.
        let x = if is_tall { matrix.t()? } else { matrix.clone() }.to_dtype(wide)?;
        let norm = sum_of_squares(&x)?.sqrt().max(self.eps);
        if norm == 0.0 {
            return Ok(matrix.clone());
        }
        let [a, b, c] = self.coefficients;
        let mut x = x.div_scalar(norm)?;
        for _ in 0..self.iterations {
            let gram = x.matmul(&x.t()?)?;
            let poly = gram.mul_scalar(b)?.add(&gram.matmul(&gram)?.mul_scalar(c)?)?;
            x = x.mul_scalar(a)?.add(&poly.matmul(&x)?)?;
        }
        let x = if is_tall { x.t()? } else { x };
        let scaled = x.mul_scalar(self.rate.factor(rows, columns))?;
        if let Some(value) = first_non_finite(&scaled)? {
            return Err(Error::InvalidConfig {
                optimizer: "orthogonalize",
                field: "coefficients",
                expected: "such that the iteration stays finite",
                got: value,
            });
        }
        Ok(scaled.to_dtype(dtype)?)
    }
}

fn first_non_finite(x: &Tensor) -> Result<Option<f64>> {
    let sum = sum_of_squares(x)?;
    Ok((!sum.is_finite()).then_some(sum))
}
