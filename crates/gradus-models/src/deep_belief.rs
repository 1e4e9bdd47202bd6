//! Boltzmann machines on top of each other, and the network that begins where they end.

use gradus_autograd::{Param, Var, no_grad};
use gradus_core::{Key, Keys};
use gradus_nn::{Activation, Linear, Module};
use gradus_tensor::Tensor;

use crate::error::{Result, require};
use crate::{Mlp, Rbm, VisibleUnits};

/// A stack of [`Rbm`]s, each learning the hidden units of the one below, from the bottom to the top.
///
/// [`DeepBelief::loss`] trains one layer with any optimizer; [`DeepBelief::into_mlp`] makes the stack the
/// beginning of a classifier.
///
/// # Reference
/// Hinton, Osindero & Teh 2006, "A Fast Learning Algorithm for Deep Belief Nets".
///
/// # Examples
/// ```
/// use gradus_core::{Key, Keys};
/// use gradus_models::{DeepBelief, VisibleUnits};
/// use gradus_nn::Module;
/// use gradus_tensor::Tensor;
///
/// let mut keys = Keys::new(7);
/// let mut stack = DeepBelief::new(&[4, 3, 2], VisibleUnits::Bernoulli, &mut keys)?;
/// let data = Tensor::new([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]]);
/// for layer in 0..stack.layers.len() {
///     for _ in 0..10 {
///         let grads = stack.loss(layer, &data, 1, keys.next_key())?.backward()?;
///         for (_, param) in stack.layers[layer].named_parameters_mut() {
///             if let Some(grad) = grads.get(param) {
///                 param.set_value(param.value().sub(&grad.mul_scalar(0.1)?)?)?;
///             }
///         }
///     }
/// }
/// let classifier = stack.into_mlp(2, &mut keys)?;
/// assert_eq!(classifier.layers.len(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct DeepBelief {
    /// From the data upwards.
    pub layers: Vec<Rbm>,
}

impl DeepBelief {
    /// Machines between units of the given widths; those above the first are Bernoulli.
    ///
    /// # Errors
    /// [`crate::Error::Config`] if there are fewer than two widths or one is zero.
    pub fn new(widths: &[usize], units: VisibleUnits, keys: &mut Keys) -> Result<Self> {
        require(widths.len() >= 2, "DeepBelief", "widths", "at least two", widths)?;
        let units = |layer| if layer == 0 { units } else { VisibleUnits::Bernoulli };
        let pairs = widths.windows(2).enumerate();
        let rbm = |(layer, w): (usize, &[usize])| Rbm::new(w[0], w[1], units(layer), keys);
        Ok(Self { layers: pairs.map(rbm).collect::<Result<_>>()? })
    }

    /// What the layer sees: the data, as probabilities of the hidden units below.
    ///
    /// # Errors
    /// [`crate::Error::Config`] if there is no such layer; an error if the data do not fit.
    pub fn input_of(&self, layer: usize, data: &Tensor) -> Result<Tensor> {
        let found = layer < self.layers.len();
        require(found, "DeepBelief", "layer", "below the number of layers", layer)?;
        no_grad(|| {
            let mut x = data.clone();
            for rbm in &self.layers[..layer] {
                x = rbm.hidden_probabilities(&Var::from(x))?.into_value();
            }
            Ok(x)
        })
    }

    /// Contrastive divergence of one layer, see [`Rbm::loss`]; those below stay as they are.
    ///
    /// # Errors
    /// As [`DeepBelief::input_of`] and [`Rbm::loss`].
    pub fn loss(&self, layer: usize, data: &Tensor, steps: usize, key: Key) -> Result<Var> {
        let x = self.input_of(layer, data)?;
        self.layers[layer].loss(&x, steps, key)
    }

    /// A classifier of sigmoids that computes the stack's hidden probabilities and, from the topmost, the
    /// scores of classes by an output layer that is drawn as a [`Linear`].
    ///
    /// # Errors
    /// [`gradus_nn::Error::InvalidConfig`] if there is no class.
    pub fn into_mlp(self, classes: usize, keys: &mut Keys) -> Result<Mlp> {
        let top = self.layers.last().map_or(0, |rbm| rbm.hidden_bias.len());
        let output = Linear::new(top, classes, keys)?;
        let hidden = self.layers.into_iter().map(|Rbm { weight, hidden_bias, .. }| Linear {
            weight: Param::new(weight.value().clone()),
            bias: Some(Param::new(hidden_bias.value().clone())),
            lora: None,
        });
        let layers = hidden.chain([output]).collect();
        Ok(Mlp { layers, activation: Activation::Sigmoid })
    }
}
