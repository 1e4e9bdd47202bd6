//! Momentum with orthogonal updates.

use gradus_tensor::Tensor;

use crate::error::{require, require_size};
use crate::transform::{
    MatrixRate, Momentum, add_decayed_weights, masked, orthogonalize, scale, scale_by_adam, trace,
};
use crate::{Chain, Optimizer, Result, Schedule};

/// Settings of Muon: the momentum of every matrix is made nearly orthogonal; all other parameters, such
/// as biases, go by AdamW with settings of their own.
///
/// For a matrix W of shape `[A, B]`: M ← μM + G, W ← W − lr · (s(A, B) · orthogonal(G + μM) + λ · W) with
/// s by [`MatrixRate`]. Embeddings and output layers are matrices too, but the authors leave them to AdamW: give
/// them to it with `matrices`. PyTorch's `Muon` takes matrices only, and its momentum is a mean
/// rather than a sum, which the direction does not show.
///
/// # Reference
/// Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks"; Liu et al. 2025, "Muon is
/// Scalable for LLM Training", for [`MatrixRate::MatchRmsAdamW`].
///
/// # Examples
/// ```
/// use gradus_optim::Muon;
/// let optimizer = Muon { lr: 0.02, ..Muon::default() }.init()?;
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Muon {
    /// Learning rate of the matrices.
    pub lr: f64,
    /// Factor on the learning rate, by step.
    pub schedule: Schedule,
    /// Decay μ of the moving sum.
    pub momentum: f64,
    /// Whether the update looks one step ahead.
    pub nesterov: bool,
    /// Multiple of the weights that is taken off, times their rate.
    pub weight_decay: f64,
    /// Coefficients of the iteration.
    pub ns_coefficients: [f64; 3],
    /// How often it is repeated.
    pub ns_steps: usize,
    /// Lower bound of the norm by which the momentum is divided.
    pub eps: f64,
    /// How the rate depends on the shape.
    pub matrix_rate: MatrixRate,
    /// Which parameters, by path and value, are matrices; all others go by AdamW.
    pub matrices: fn(&str, &Tensor) -> bool,
    /// Learning rate of all other parameters; it has the same schedule.
    pub adam_lr: f64,
    /// Decays of their moments.
    pub adam_betas: [f64; 2],
    /// Added to the root of their second moment.
    pub adam_eps: f64,
}

/// PyTorch's, and for the others AdamW at rate 0.001.
impl Default for Muon {
    fn default() -> Self {
        Self {
            lr: 1e-3,
            schedule: Schedule::Constant,
            momentum: 0.95,
            nesterov: true,
            weight_decay: 0.1,
            ns_coefficients: [3.4445, -4.775, 2.0315],
            ns_steps: 5,
            eps: 1e-7,
            matrix_rate: MatrixRate::Original,
            matrices: |_, value| value.rank() >= 2,
            adam_lr: 1e-3,
            adam_betas: [0.9, 0.95],
            adam_eps: 1e-8,
        }
    }
}

impl Muon {
    /// The optimizer with these settings.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if a setting is outside its range.
    pub fn init(&self) -> Result<Optimizer> {
        require_size("Muon", "adam_lr", self.adam_lr)?;
        // The optimizer has one rate; that of the others is relative to it.
        let valid = self.lr.is_finite() && self.lr > 0.0;
        require(valid, "Muon", "lr", "finite and above zero", self.lr)?;
        let kind = if self.nesterov { Momentum::Nesterov } else { Momentum::Heavy };
        let direction =
            orthogonalize(self.ns_coefficients, self.ns_steps, self.eps, self.matrix_rate)?;
        let hidden = Chain::new()
            .then(trace(self.momentum, 0.0, kind)?)
            .then(direction)
            .then(add_decayed_weights(self.weight_decay)?);
        let others = Chain::new()
            .then(scale_by_adam(self.adam_betas, self.adam_eps)?)
            .then(add_decayed_weights(self.weight_decay)?)
            .then(scale(self.adam_lr / self.lr)?);
        let matrices = self.matrices;
        let chain = Chain::new()
            .then(masked(matrices, hidden))
            .then(masked(move |path, value| !matrices(path, value), others));
        Optimizer::new(chain, self.lr, self.schedule.clone())
    }
}
