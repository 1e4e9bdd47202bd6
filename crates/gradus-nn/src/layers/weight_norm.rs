//! A weight as direction and length.

use gradus_autograd::{Module, Param, Path, Slot, SlotMut, Var};

use crate::{Ctx, Layer, Result, Weighted};

/// A layer whose weight is g · v / ‖v‖ for each output: direction and length are learned apart.
///
/// v is the layer's own `weight`, and g is called `weight_g`, `[out, 1, ...]`; it begins as ‖v‖, so that
/// wrapping changes nothing. (PyTorch calls them `original1` and `original0`.)
///
/// # Shapes
/// - as the layer's
///
/// # Reference
/// Salimans & Kingma 2016, "Weight Normalization".
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_nn::{Linear, Module, WeightNorm};
///
/// let layer = WeightNorm::new(Linear::new(4, 2, &mut Keys::new(7))?)?;
/// let names: Vec<_> = layer.state_dict().into_keys().collect();
/// assert_eq!(names, ["bias", "weight", "weight_g"]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct WeightNorm<L> {
    /// The layer, whose weight is v.
    pub layer: L,
    /// g: `[out, 1, ...]`.
    pub weight_g: Param,
}

impl<L: Weighted> WeightNorm<L> {
    /// The layer with g = ‖v‖.
    ///
    /// # Errors
    /// If the norm cannot be taken of the weight's dtype.
    pub fn new(layer: L) -> Result<Self> {
        let weight_g = Param::new(lengths(&Var::from(layer.weight().value()))?.into_value());
        Ok(Self { layer, weight_g })
    }

    /// The weight that is in force: g · v / ‖v‖.
    ///
    /// # Errors
    /// If g and v do not fit, which loading a state prevents.
    pub fn effective_weight(&self) -> Result<Var> {
        let v = self.layer.weight().var();
        Ok(v.mul(&self.weight_g.var().div(&lengths(&v)?)?)?)
    }
}

/// The norm over all dimensions but the first, `[out, 1, ...]`.
fn lengths(v: &Var) -> Result<Var> {
    let others: Vec<usize> = (1..v.rank()).collect();
    Ok(v.norm_keepdim(2.0, others.as_slice())?)
}

impl<L: Weighted> Layer for WeightNorm<L> {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
        self.layer.forward_with(&self.effective_weight()?, x, ctx)
    }
}

impl<L: Module> Module for WeightNorm<L> {
    fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
        self.layer.visit(path, f);
        path.with("weight_g", |path| self.weight_g.visit(path, f));
    }

    fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
        self.layer.visit_mut(path, f);
        path.with("weight_g", |path| self.weight_g.visit_mut(path, f));
    }
}
