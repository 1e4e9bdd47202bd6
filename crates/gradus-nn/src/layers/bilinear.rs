//! A map of two inputs.

use gradus_autograd::{Param, Var};
use gradus_core::{Keys, Shape};

use crate::error::require;
use crate::{Ctx, Error, Module, Result, init};

/// Configuration of a [`Bilinear`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BilinearConfig {
    /// Size of the last dimension of the first input.
    pub in1_features: usize,
    /// Size of the last dimension of the second input.
    pub in2_features: usize,
    /// Size of the last dimension of the output.
    pub out_features: usize,
    /// Whether a learned vector is added.
    pub bias: bool,
}

impl BilinearConfig {
    /// With a bias.
    pub const fn new(in1_features: usize, in2_features: usize, out_features: usize) -> Self {
        Self { in1_features, in2_features, out_features, bias: true }
    }

    /// Draws weight and bias from U(−1/√in1, 1/√in1), as PyTorch.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if an extent is zero.
    pub fn init(&self, keys: &mut Keys) -> Result<Bilinear> {
        let Self { in1_features, in2_features, out_features, bias } = *self;
        for (field, extent) in [
            ("in1_features", in1_features),
            ("in2_features", in2_features),
            ("out_features", out_features),
        ] {
            require(extent > 0, "Bilinear", field, "above zero", extent)?;
        }
        let bound = 1.0 / (in1_features as f64).sqrt();
        let mut draw =
            |shape: Shape| init::uniform(shape, -bound, bound, keys.next_key()).map(Param::new);
        let weight = draw([out_features, in1_features, in2_features].into())?;
        let bias = if bias { Some(draw(out_features.into())?) } else { None };
        Ok(Bilinear { weight, bias })
    }
}

/// The bilinear map yₒ = x₁ᵀ Wₒ x₂ + bₒ.
///
/// # Shapes
/// - `x1`: `[..., in1]`, `x2`: `[..., in2]`, `weight`: `[out, in1, in2]`, `bias`: `[out]` → `[..., out]`
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_nn::{Bilinear, Ctx, Tensor, Var};
///
/// let bilinear = Bilinear::new(2, 3, 4, &mut Keys::new(7))?;
/// let x1 = Var::constant(Tensor::new([[1.0, 2.0]]));
/// let x2 = Var::constant(Tensor::new([[1.0, 2.0, 3.0]]));
/// assert_eq!(bilinear.forward_pair(&x1, &x2, &mut Ctx::eval())?.dims(), &[1, 4]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Module)]
pub struct Bilinear {
    /// W: `[out, in1, in2]`.
    pub weight: Param,
    /// b: `[out]`.
    pub bias: Option<Param>,
}

impl Bilinear {
    /// A layer with [`BilinearConfig::new`].
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if an extent is zero.
    pub fn new(in1: usize, in2: usize, out: usize, keys: &mut Keys) -> Result<Self> {
        BilinearConfig::new(in1, in2, out).init(keys)
    }

    /// The output for a pair.
    ///
    /// # Errors
    /// [`Error::InputShape`] if the last dimensions are not those of the weight or the others differ.
    pub fn forward_pair(&self, x1: &Var, x2: &Var, ctx: &mut Ctx) -> Result<Var> {
        let [out, in1, in2] = [0, 1, 2].map(|dim| self.weight.shape()[dim]);
        for (x, inputs) in [(x1, in1), (x2, in2)] {
            if x.dims().last() != Some(&inputs) {
                let (layer, expected) = ("Bilinear", format!("[..., {inputs}]"));
                return Err(Error::InputShape { layer, expected, got: x.shape().clone() });
            }
        }
        let leading = &x1.dims()[..x1.rank() - 1];
        if x2.dims()[..x2.rank() - 1] != *leading {
            let expected = format!("{leading:?} and {in2}");
            return Err(Error::InputShape { layer: "Bilinear", expected, got: x2.shape().clone() });
        }
        let rows: usize = leading.iter().product();
        ctx.count(2 * (rows * out * in1 * (in2 + 1)) as u64);
        let weight = self.weight.var().reshape([out * in1, in2])?;
        let maps = x2.reshape([rows, in2])?.linear(&weight, None)?.reshape([rows, out, in1])?;
        let y = maps.mul(&x1.reshape([rows, 1, in1])?)?.sum(-1)?; // (N, out)
        let y = y.reshape([leading, &[out]].concat())?;
        match &self.bias {
            Some(bias) => Ok(y.add(&bias.var())?),
            None => Ok(y),
        }
    }
}
