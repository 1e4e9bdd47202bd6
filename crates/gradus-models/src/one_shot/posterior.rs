//! The law of the latent vector, given a sample.

use gradus_autograd::Var;
use gradus_core::{Key, Kind};
use gradus_tensor::Tensor;

use crate::error::Result;

/// A normal law of independent numbers, N(mean, exp(`log_var`)).
///
/// # Examples
/// ```
/// use gradus_autograd::Var;
/// use gradus_models::Posterior;
/// use gradus_tensor::Tensor;
///
/// let law = Posterior {
///     mean: Var::constant(Tensor::new([[2.0, 0.0]])),
///     log_var: Var::constant(Tensor::new([[0.0, 0.0]])),
/// };
/// assert_eq!(law.kl()?.value().to_vec::<f32>()?, [2.0]); // ½·2²
/// # Ok::<(), gradus_models::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Posterior {
    /// `[B, Z]`
    pub mean: Var,
    /// Logarithm of the variance: `[B, Z]`
    pub log_var: Var,
}

impl Posterior {
    /// A draw for each row, `[B, Z]`, as mean + deviation·noise, so that gradients reach both.
    ///
    /// # Errors
    /// If the shapes differ.
    pub fn sample(&self, key: Key) -> Result<Var> {
        let mean = &self.mean;
        let noise = Tensor::randn(mean.shape(), mean.dtype(), key.kind(Kind::Noise))?;
        let std = self.log_var.mul_scalar(0.5)?.exp()?;
        Ok(mean.add(&std.mul(&noise.into())?)?)
    }

    /// KL(this ‖ N(0, I)) = ½ Σ (mean² + var − 1 − ln var) of each row, in nats: `[B]`.
    ///
    /// # Errors
    /// If the shapes differ.
    ///
    /// # Reference
    /// Kingma & Welling 2013, "Auto-Encoding Variational Bayes", appendix B.
    pub fn kl(&self) -> Result<Var> {
        let raised = self.mean.square()?.add(&self.log_var.exp()?)?;
        let each = raised.sub(&self.log_var)?.sub_scalar(1.0)?;
        Ok(each.sum(-1)?.mul_scalar(0.5)?)
    }
}
