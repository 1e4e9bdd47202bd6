//! Layers one after the other.

use std::fmt;

use gradus_autograd::{Module, Path, Slot, SlotMut, Var};

use crate::{Ctx, Layer, Result};

/// Layers one after the other; parameters are named by index: `0.weight`, `2.bias`.
///
/// # Examples
/// ```
/// use gradus_core::{DType, Keys};
/// use gradus_nn::{Activation, Ctx, Layer, Linear, Module, Sequential, Tensor, Var};
///
/// let mut keys = Keys::new(7);
/// let mlp = Sequential::new()
///     .with(Linear::new(2, 8, &mut keys)?)
///     .with(Activation::Relu)
///     .with(Linear::new(8, 1, &mut keys)?);
/// let names: Vec<_> = mlp.state_dict().into_keys().collect();
/// assert_eq!(names, ["0.bias", "0.weight", "2.bias", "2.weight"]);
///
/// // An error names the layer.
/// let x = Var::constant(Tensor::zeros([1, 3], DType::F32)?);
/// let error = mlp.forward(&x, &mut Ctx::eval()).unwrap_err();
/// assert!(error.to_string().starts_with("0: Linear: expected input of shape [..., 2]"));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Default)]
pub struct Sequential {
    layers: Vec<Box<dyn Layer + Send + Sync>>,
}

impl Sequential {
    /// No layers: the identity.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same layers and one more.
    #[must_use]
    pub fn with(mut self, layer: impl Layer + Send + Sync + 'static) -> Self {
        self.push(layer);
        self
    }

    /// Adds a layer at the end.
    pub fn push(&mut self, layer: impl Layer + Send + Sync + 'static) {
        self.layers.push(Box::new(layer));
    }

    /// How many layers there are.
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// Whether there are no layers.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }
}

impl Layer for Sequential {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        let mut x = x.clone();
        for (i, layer) in self.layers.iter().enumerate() {
            x = ctx.at(i, |ctx| layer.forward(&x, ctx))?;
        }
        Ok(x)
    }
}

impl Module for Sequential {
    fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
        self.layers.visit(path, f);
    }

    fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
        self.layers.visit_mut(path, f);
    }
}

impl fmt::Debug for Sequential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sequential").field("len", &self.len()).finish_non_exhaustive()
    }
}
