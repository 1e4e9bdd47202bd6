//! Adam with Nesterov's momentum.

use gradus_tensor::Tensor;

use super::adam::{check_moments, count, decayed};
use super::{Transformation, Updates};
use crate::error::require_size;
use crate::{Memory, Part, Result};

/// First and second moment of each gradient, with a momentum that warms up.
#[derive(Debug, Clone)]
pub struct NesterovMoments {
    pub(crate) betas: [f64; 2],
    pub(crate) eps: f64,
    pub(crate) warmth: Warmth,
    pub(crate) memory: Memory,
}

/// The moments of [`scale_by_adam`](crate::scale_by_adam), and one step ahead in the first: the update
/// becomes ((1 − μₜ) / (1 − Πμ) · g + μₜ₊₁ / (1 − Πμ · μₜ₊₁) · m) / (√v̂ + eps) with
/// μₜ = β₁ (1 − 0.96^(t · ψ) / 2).
///
/// ψ is `momentum_decay`. State: `step`, `exp_avg` and `exp_avg_sq`, in the dtype of the parameter;
/// PyTorch's `NAdam` also stores the product Πμ, which follows from `step`.
///
/// # Errors
/// [`crate::Error::InvalidConfig`] if a β is not in `0.0..1.0`, or `eps` or `momentum_decay` is
/// negative or not finite.
///
/// # Reference
/// Dozat 2016, "Incorporating Nesterov Momentum into Adam".
pub fn scale_by_nadam(betas: [f64; 2], eps: f64, momentum_decay: f64) -> Result<NesterovMoments> {
    check_moments("scale_by_nadam", betas, eps)?;
    require_size("scale_by_nadam", "momentum_decay", momentum_decay)?;
    let warmth = Warmth { beta1: betas[0], decay: momentum_decay, products: vec![1.0] };
    let memory = Memory::new(&["step", "exp_avg", "exp_avg_sq"]);
    Ok(NesterovMoments { betas, eps, warmth, memory })
}

/// The products of the momenta so far.
#[derive(Debug, Clone)]
pub(crate) struct Warmth {
    beta1: f64,
    decay: f64,
    /// Up to the largest t that was asked for, or to the first product that vanishes.
    products: Vec<f64>,
}

impl Warmth {
    fn mu(&self, t: f64) -> f64 {
        self.beta1 * (1.0 - 0.5 * 0.96f64.powf(t * self.decay))
    }

    /// The factors of the gradient and of the first moment at step `t`, which counts from 1.
    pub(crate) fn factors(&mut self, t: f64) -> [f64; 2] {
        self.learn(t);
        self.known_factors(t)
    }

    /// Makes the products up to step `t`.
    pub(crate) fn learn(&mut self, t: f64) {
        let mut product = self.products.last().copied().unwrap_or(0.0);
        while product > 0.0 && self.products.len() <= t as usize {
            product *= self.mu(self.products.len() as f64);
            self.products.push(product);
        }
    }

    /// The factors at a step whose products are made.
    pub(crate) fn known_factors(&self, t: f64) -> [f64; 2] {
        let product = self.products.get(t as usize).copied().unwrap_or(0.0);
        let ahead = self.mu(t + 1.0);
        [(1.0 - self.mu(t)) / (1.0 - product), ahead / (1.0 - product * ahead)]
    }
}

impl Transformation for NesterovMoments {
    fn apply(&mut self, updates: &mut Updates) -> Result<()> {
        let Self { betas: [beta1, beta2], eps, warmth, memory } = self;
        updates.map(|item| {
            let grad = &item.update;
            let old = memory.get(&item.path, grad)?;
            let t = count(old)? + 1.0;
            let m = decayed(old.map(|old| &old[1]), *beta1, grad)?;
            let v = decayed(old.map(|old| &old[2]), *beta2, &grad.square()?)?;
            let [now, ahead] = warmth.factors(t);
            let correction = (1.0 - beta2.powf(t)).sqrt();
            let scale = v.sqrt()?.mul_scalar(1.0 / correction)?.add_scalar(*eps)?;
            let update = grad.mul_scalar(now)?.add(&m.mul_scalar(ahead)?)?.div(&scale)?;
            memory.set(&item.path, vec![Tensor::scalar(t as i64), m, v]);
            Ok(update)
        })
    }

    fn signature(&self) -> String {
        "scale_by_nadam".to_owned()
    }

    fn part(&mut self) -> Part<'_> {
        Part::Nadam(self)
    }

    fn memories(&self) -> Vec<&Memory> {
        vec![&self.memory]
    }

    fn memories_mut(&mut self) -> Vec<&mut Memory> {
        vec![&mut self.memory]
    }
}
