//! What a pass of a model costs.

use std::fmt;

use gradus_autograd::{Path, Slot, Var, no_grad};

use crate::{Ctx, Layer, Result};

/// A layer in a [`Cost`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerCost {
    /// Where it is: `blocks.3.attn`; empty for the model itself.
    pub path: String,
    /// How many numbers its own parameters have.
    pub parameters: usize,
    /// Floating-point operations of one forward pass, two for a product with an addition.
    pub operations: u64,
}

/// Parameters and operations of a model for one input, layer by layer; printed, it is a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    /// Layers with parameters, and then those that cost something without having any.
    pub layers: Vec<LayerCost>,
}

impl Cost {
    /// How many numbers the parameters have together.
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(|layer| layer.parameters).sum()
    }

    /// Floating-point operations of one forward pass. A training step costs about three times as many.
    pub fn operations(&self) -> u64 {
        self.layers.iter().map(|layer| layer.operations).sum()
    }
}

/// Runs an evaluation pass and counts its operations.
///
/// Counted are the products of linear, bilinear, convolutional, recurrent and attention layers, the last
/// without regard to masks; what is cheaper by orders, such as norms and activations, is not. A layer of your
/// own takes part by [`Ctx::count`]. Where a layer runs others' weights in one product, as self-attention does with
/// its three maps, it counts them as its own.
///
/// # Errors
/// Those of the pass.
///
/// # Examples
/// ```
/// use gradus_core::{DType, Keys};
/// use gradus_nn::{Activation, Linear, Sequential, Tensor, Var, cost};
///
/// let mut keys = Keys::new(7);
/// let model = Sequential::new()
///     .with(Linear::new(4, 8, &mut keys)?)
///     .with(Activation::Relu)
///     .with(Linear::new(8, 2, &mut keys)?);
/// let cost = cost(&model, &Var::constant(Tensor::zeros([5, 4], DType::F32)?))?;
/// assert_eq!(cost.operations(), 2 * 5 * (4 * 8 + 8 * 2));
/// assert_eq!(cost.parameters(), 4 * 8 + 8 + 8 * 2 + 2);
/// println!("{cost}");
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn cost(model: &(impl Layer + ?Sized), x: &Var) -> Result<Cost> {
    let mut ctx = Ctx::eval().counting();
    no_grad(|| model.forward(x, &mut ctx))?;
    let mut layers: Vec<LayerCost> = Vec::new();
    let mut at = |path: &str, parameters: usize, operations: u64| match layers
        .iter_mut()
        .find(|layer| layer.path == path)
    {
        Some(layer) => {
            layer.parameters += parameters;
            layer.operations += operations;
        }
        None => layers.push(LayerCost { path: path.to_owned(), parameters, operations }),
    };
    model.visit(&mut Path::new(), &mut |path, slot| {
        if let Slot::Param(param) = slot {
            let path = path.to_string();
            at(path.rsplit_once('.').map_or("", |(layer, _)| layer), param.len(), 0);
        }
    });
    for (path, operations) in ctx.operations() {
        at(path, 0, *operations);
    }
    Ok(Cost { layers })
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ("layer", "parameters", "operations");
        let longest = self.layers.iter().map(|layer| layer.path.chars().count()).max();
        let width = longest.unwrap_or(0).max(5);
        writeln!(f, "{:<width$}  {:>12}  {:>15}", head.0, head.1, head.2)?;
        for LayerCost { path, parameters, operations } in &self.layers {
            writeln!(f, "{path:<width$}  {parameters:>12}  {operations:>15}")?;
        }
        write!(f, "{:<width$}  {:>12}  {:>15}", "total", self.parameters(), self.operations())
    }
}
