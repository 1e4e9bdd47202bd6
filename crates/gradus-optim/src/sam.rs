//! Flat minima rather than sharp ones.

use gradus_autograd::{Grads, Module, Param, Var};
use gradus_tensor::Tensor;

use crate::error::require;
use crate::transform::global_norm;
use crate::{Error, Optimizer, Result, StepInfo};

/// Settings of sharpness-aware minimization: the gradient is taken where the loss is worst nearby.
///
/// e = ρ · g / ‖g‖, and the optimizer moves w by the gradient at w + e. Adaptive (ASAM), e is
/// ρ · w² ⊙ g / ‖w ⊙ g‖, which does not depend on the scale of the weights.
///
/// # Reference
/// Foret et al. 2021, "Sharpness-Aware Minimization for Efficiently Improving Generalization"; Kwon et al.
/// 2021, "ASAM", which takes a ρ ten times larger.
///
/// # Examples
/// ```
/// use gradus_autograd::{Param, Var};
/// use gradus_optim::{Sam, Sgd};
/// use gradus_tensor::Tensor;
///
/// let sgd = Sgd { lr: 0.1, ..Sgd::default() }.init()?;
/// let mut optimizer = Sam { rho: 0.05, ..Sam::default() }.init(sgd)?;
/// let mut model = vec![Param::new(Tensor::from([3.0f32]))];
/// for _ in 0..100 {
///     // The closure is called twice in each step: with dropout, give it the same key both times.
///     optimizer.step(&mut model, |model: &Vec<Param>| -> gradus_optim::Result<Var> {
///         Ok(model[0].var().square()?.sum(..)?)
///     })?;
/// }
/// assert!(model[0].value().item()?.abs() < 0.05);
/// # Ok::<(), gradus_optim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Sam {
    /// How far away the worst place is looked for.
    pub rho: f64,
    /// Whether the distance is relative to the weights.
    pub adaptive: bool,
}

/// The paper's: ρ 0.05, not adaptive.
impl Default for Sam {
    fn default() -> Self {
        Self { rho: 0.05, adaptive: false }
    }
}

impl Sam {
    /// The optimizer that moves by the gradients that this looks for.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if `rho` is not finite and above zero.
    pub fn init(&self, optimizer: Optimizer) -> Result<SharpnessAware> {
        let valid = self.rho.is_finite() && self.rho > 0.0;
        require(valid, "Sam", "rho", "finite and above zero", self.rho)?;
        Ok(SharpnessAware { sam: self.clone(), optimizer })
    }
}

/// An optimizer that takes each gradient twice. Made by [`Sam::init`].
#[derive(Debug)]
pub struct SharpnessAware {
    sam: Sam,
    optimizer: Optimizer,
}

impl SharpnessAware {
    /// Makes one step: `loss` is called at the parameters and at the worst place nearby. Gives the
    /// first of the two losses, and what the optimizer did.
    ///
    /// # Errors
    /// Those of `loss` and of [`Optimizer::step`]; the parameters are then as before.
    pub fn step<M, E>(
        &mut self,
        model: &mut M,
        mut loss: impl FnMut(&M) -> Result<Var, E>,
    ) -> Result<(f64, StepInfo), E>
    where
        M: Module + ?Sized,
        E: From<Error>,
    {
        let first = loss(model)?;
        let grads = first.backward().map_err(Error::from)?;
        let before: Vec<Tensor> = model.parameters().iter().map(|p| p.value().clone()).collect();
        self.climb(model, &grads)?;
        let second = loss(model).and_then(|loss| Ok(loss.backward().map_err(Error::from)?));
        for ((_, param), value) in model.named_parameters_mut().into_iter().zip(before) {
            param.set_value(value).map_err(Error::from)?;
        }
        let value = first.item().map_err(Error::from)?;
        drop(first);
        Ok((value, self.optimizer.step(model, &second?)?))
    }

    /// The optimizer inside, whose state is all there is.
    pub fn optimizer(&self) -> &Optimizer {
        &self.optimizer
    }

    /// The optimizer inside, to load its state.
    pub fn optimizer_mut(&mut self) -> &mut Optimizer {
        &mut self.optimizer
    }

    /// Moves the parameters to the worst place nearby; all or none.
    fn climb(&self, model: &mut (impl Module + ?Sized), grads: &Grads) -> Result<()> {
        let found = |param: &&mut Param| param.trainable() && grads.get(&**param).is_some();
        let params = model.named_parameters_mut().into_iter().map(|(_, param)| param);
        let params: Vec<&mut Param> = params.filter(found).collect();
        let mut uphill = Vec::with_capacity(params.len());
        for param in &params {
            let Some(grad) = grads.get(&**param) else { continue };
            let size = param.value().abs()?;
            uphill.push(if self.sam.adaptive { grad.mul(&size)? } else { grad.clone() });
        }
        let norm = global_norm(uphill.iter())?;
        if !norm.is_finite() {
            return Err(Error::NonFiniteGradient { path: "all gradients together".to_owned() });
        }
        let mut worst = Vec::with_capacity(params.len());
        for (param, uphill) in params.iter().zip(uphill) {
            let way = if self.sam.adaptive { uphill.mul(&param.value().abs()?)? } else { uphill };
            worst.push(param.value().add(&way.mul_scalar(self.sam.rho / (norm + 1e-12))?)?);
        }
        for (param, value) in params.into_iter().zip(worst) {
            param.set_value(value)?;
        }
        Ok(())
    }
}
