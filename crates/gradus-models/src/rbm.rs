//! The restricted Boltzmann machine.

use gradus_autograd::{Param, Var, no_grad};
use gradus_core::{DType, Key, Keys, Kind};
use gradus_nn::{Module, init};
use gradus_tensor::Tensor;

use crate::error::{Error, Result, require};

/// What the visible units of an [`Rbm`] are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum VisibleUnits {
    /// 0 or 1; data between are taken as probabilities.
    #[default]
    Bernoulli,
    /// Numbers with variance one around a mean: scale the data to that first.
    Gaussian,
}

/// A distribution over visible vectors v with hidden binary causes h, p ∝ exp(−E):
///
/// E(v, h) = −hᵀWv − bᵀv − cᵀh for Bernoulli units, and ½‖v − b‖² in place of −bᵀv for Gaussian ones.
///
/// Given one side the units of the other are independent. [`Rbm::loss`] is contrastive divergence as a
/// loss, so that any optimizer trains it; [`Rbm::loss_from`] keeps chains from step to step.
///
/// # Reference
/// Hinton 2002, "Training Products of Experts by Minimizing Contrastive Divergence"; Tieleman 2008,
/// "Training Restricted Boltzmann Machines using Approximations to the Likelihood Gradient", for persistent
/// chains; Hinton & Salakhutdinov 2006, "Reducing the Dimensionality of Data with Neural Networks", for
/// Gaussian units.
///
/// # Examples
/// ```
/// use gradus_core::{Key, Keys};
/// use gradus_models::{Rbm, VisibleUnits};
/// use gradus_nn::Module;
/// use gradus_tensor::Tensor;
///
/// let mut rbm = Rbm::new(4, 3, VisibleUnits::Bernoulli, &mut Keys::new(7))?;
/// let data = Tensor::new([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]]);
/// let mut keys = Keys::new(1);
/// for _ in 0..10 {
///     let grads = rbm.loss(&data, 1, keys.next_key())?.backward()?;
///     for (_, param) in rbm.named_parameters_mut() {
///         if let Some(grad) = grads.get(param) {
///             param.set_value(param.value().sub(&grad.mul_scalar(0.1)?)?)?;
///         }
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Rbm {
    /// W: `[hidden, visible]`.
    pub weight: Param,
    /// b: `[visible]`.
    pub visible_bias: Param,
    /// c: `[hidden]`.
    pub hidden_bias: Param,
    /// What the visible units are.
    #[module(skip)]
    pub units: VisibleUnits,
}

const NAME: &str = "Rbm";

impl Rbm {
    /// W from N(0, 0.01²), biases zero, as Hinton advises.
    ///
    /// # Errors
    /// [`Error::Config`] if an extent is zero.
    pub fn new(
        visible: usize,
        hidden: usize,
        units: VisibleUnits,
        keys: &mut Keys,
    ) -> Result<Self> {
        require(visible > 0, NAME, "visible", "above zero", visible)?;
        require(hidden > 0, NAME, "hidden", "above zero", hidden)?;
        let zeros = |len: usize| Tensor::zeros([len], DType::F32).map(Param::new);
        Ok(Self {
            weight: Param::new(init::normal([hidden, visible], 0.0, 0.01, keys.next_key())?),
            visible_bias: zeros(visible)?,
            hidden_bias: zeros(hidden)?,
            units,
        })
    }

    /// p(h = 1 | v) = σ(W v + c).
    ///
    /// # Shapes
    /// - `v`: `[..., visible]` → `[..., hidden]`
    ///
    /// # Errors
    /// If the last dimension of `v` is not the number of visible units.
    pub fn hidden_probabilities(&self, v: &Var) -> Result<Var> {
        self.check(v)?;
        Ok(v.linear(&self.weight.var(), Some(&self.hidden_bias.var()))?.sigmoid()?)
    }

    /// The mean of v given h: σ(Wᵀh + b), or Wᵀh + b for Gaussian units.
    ///
    /// # Shapes
    /// - `h`: `[..., hidden]` → `[..., visible]`
    ///
    /// # Errors
    /// If the last dimension of `h` is not the number of hidden units.
    pub fn visible_means(&self, h: &Var) -> Result<Var> {
        let weight = self.weight.var().t()?.contiguous();
        let x = h.linear(&weight, Some(&self.visible_bias.var()))?;
        Ok(match self.units {
            VisibleUnits::Bernoulli => x.sigmoid()?,
            VisibleUnits::Gaussian => x,
        })
    }

    /// F(v) = −ln Σₕ exp(−E(v, h)), so that p(v) ∝ exp(−F(v)).
    ///
    /// # Shapes
    /// - `v`: `[..., visible]` → `[...]`
    ///
    /// # Errors
    /// If the last dimension of `v` is not the number of visible units.
    pub fn free_energy(&self, v: &Var) -> Result<Var> {
        self.check(v)?;
        let inputs = v.linear(&self.weight.var(), Some(&self.hidden_bias.var()))?;
        let of_hidden = inputs.softplus()?.sum(-1)?;
        let bias = self.visible_bias.var();
        let of_visible = match self.units {
            VisibleUnits::Bernoulli => v.mul(&bias)?.sum(-1)?.neg()?,
            VisibleUnits::Gaussian => v.sub(&bias)?.square()?.sum(-1)?.mul_scalar(0.5)?,
        };
        Ok(of_visible.sub(&of_hidden)?)
    }

    /// Walks `steps` times from v to hidden units and back, drawing both.
    ///
    /// # Shapes
    /// - `v`: `[B, visible]` → the same
    ///
    /// # Errors
    /// If the last dimension of `v` is not the number of visible units.
    pub fn gibbs(&self, v: &Tensor, steps: usize, key: Key) -> Result<Tensor> {
        no_grad(|| {
            let mut v = v.clone();
            for step in 0..steps as u64 {
                let hidden = self.hidden_probabilities(&Var::from(&v))?;
                let hidden = bernoulli(hidden.value(), key.fold_in(2 * step))?;
                let means = self.visible_means(&Var::from(hidden))?.into_value();
                let key = key.fold_in(2 * step + 1);
                v = match self.units {
                    VisibleUnits::Bernoulli => bernoulli(&means, key)?,
                    VisibleUnits::Gaussian => {
                        let noise =
                            Tensor::randn(means.shape(), means.dtype(), key.kind(Kind::Noise))?;
                        means.add(&noise)?
                    }
                };
            }
            Ok(v)
        })
    }

    /// Contrastive divergence: mean F(v) − mean F(v'), where v' is `steps` walks away from the data. Its
    /// gradient is that of the learning rule; its value says little, see [`Rbm::reconstruction_error`].
    ///
    /// # Shapes
    /// - `v`: `[B, visible]` → 0-d
    ///
    /// # Errors
    /// If the shape does not fit, the batch is empty, or `steps` is zero.
    pub fn loss(&self, v: &Tensor, steps: usize, key: Key) -> Result<Var> {
        self.loss_against(v, &self.walked(v, steps, key)?)
    }

    /// Persistent contrastive divergence: as [`Rbm::loss`], but the walks begin where they ended in the step
    /// before, in `chains`, which move on.
    ///
    /// # Shapes
    /// - `v`: `[B, visible]`, `chains`: `[chains, visible]` → 0-d
    ///
    /// # Errors
    /// As [`Rbm::loss`]; the chains stay where they are then.
    pub fn loss_from(
        &self,
        v: &Tensor,
        chains: &mut Tensor,
        steps: usize,
        key: Key,
    ) -> Result<Var> {
        let moved = self.walked(chains, steps, key)?;
        let loss = self.loss_against(v, &moved)?;
        *chains = moved;
        Ok(loss)
    }

    /// The mean squared difference between data and what one walk without chance gives back.
    ///
    /// # Errors
    /// If the last dimension of `v` is not the number of visible units.
    pub fn reconstruction_error(&self, v: &Tensor) -> Result<f64> {
        no_grad(|| {
            let v = Var::from(v);
            let back = self.visible_means(&self.hidden_probabilities(&v)?)?;
            Ok(back.sub(&v)?.square()?.mean(..)?.item()?)
        })
    }

    fn walked(&self, from: &Tensor, steps: usize, key: Key) -> Result<Tensor> {
        require(steps > 0, NAME, "steps", "above zero", steps)?;
        if from.rank() != 2 || from.is_empty() {
            let (name, expected) = ("v", "[B, visible] with rows");
            let got = from.shape().clone();
            return Err(Error::InputShape { model: NAME, name, expected, got });
        }
        self.gibbs(from, steps, key)
    }

    fn loss_against(&self, v: &Tensor, walked: &Tensor) -> Result<Var> {
        let data = self.free_energy(&Var::from(v))?.mean(..)?;
        Ok(data.sub(&self.free_energy(&Var::from(walked))?.mean(..)?)?)
    }

    fn check(&self, v: &Var) -> Result<()> {
        if v.dims().last() == Some(&self.visible_bias.len()) {
            return Ok(());
        }
        let (name, expected) = ("v", "[..., visible]");
        Err(Error::InputShape { model: NAME, name, expected, got: v.shape().clone() })
    }
}

/// 1 with the given probabilities, else 0.
fn bernoulli(p: &Tensor, key: Key) -> Result<Tensor> {
    let u = Tensor::rand(p.shape(), p.dtype(), key.kind(Kind::Noise))?;
    Ok(u.lt(p)?.to_dtype(p.dtype())?)
}
