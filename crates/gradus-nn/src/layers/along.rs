//! Functions of the elements along one dimension as layers.

use gradus_autograd::Var;

use crate::{Ctx, Error, Layer, Module, Result};

/// eˣ / Σ eˣ along a dimension: numbers above zero that sum to one. (PyTorch's `Softmin` is that of −x.)
///
/// # Shapes
/// - `x`: any with the dimension → the same
///
/// # Examples
/// ```
/// use gradus_nn::{Ctx, Layer, Softmax, Tensor, Var};
///
/// let x = Var::constant(Tensor::new([[1.0, 1.0], [0.0, 0.0]]));
/// let y = Softmax::new(-1).forward(&x, &mut Ctx::eval())?;
/// assert_eq!(y.value().to_vec::<f32>()?, [0.5; 4]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Module)]
pub struct Softmax {
    /// The dimension; −1 is the last.
    #[module(skip)]
    pub dim: isize,
}

impl Softmax {
    /// Along `dim`.
    pub const fn new(dim: isize) -> Self {
        Self { dim }
    }
}

impl Layer for Softmax {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.softmax(self.dim)?)
    }
}

/// x − ln Σ eˣ along a dimension: the logarithm of [`Softmax`], without losing digits.
///
/// # Shapes
/// - `x`: any with the dimension → the same
#[derive(Debug, Clone, PartialEq, Eq, Module)]
pub struct LogSoftmax {
    /// The dimension; −1 is the last.
    #[module(skip)]
    pub dim: isize,
}

impl LogSoftmax {
    /// Along `dim`.
    pub const fn new(dim: isize) -> Self {
        Self { dim }
    }
}

impl Layer for LogSoftmax {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        Ok(x.log_softmax(self.dim)?)
    }
}

/// a · sigmoid(b), where a and b are the halves of x along a dimension.
///
/// # Shapes
/// - `x`: any with an even extent in the dimension → half as much there
///
/// # Reference
/// Dauphin et al. 2017, "Language Modeling with Gated Convolutional Networks".
///
/// # Examples
/// ```
/// use gradus_nn::{Ctx, Glu, Layer, Tensor, Var};
///
/// let x = Var::constant(Tensor::new([[4.0, 6.0, 0.0, 0.0]]));
/// let y = Glu::new(-1).forward(&x, &mut Ctx::eval())?;
/// assert_eq!(y.value().to_vec::<f32>()?, [2.0, 3.0]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Module)]
pub struct Glu {
    /// The dimension; −1 is the last.
    #[module(skip)]
    pub dim: isize,
}

impl Glu {
    /// Halves along `dim`.
    pub const fn new(dim: isize) -> Self {
        Self { dim }
    }
}

impl Layer for Glu {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        let extent = x.size(self.dim)?;
        if !extent.is_multiple_of(2) {
            let (layer, expected) = ("Glu", format!("an even extent in dimension {}", self.dim));
            return Err(Error::InputShape { layer, expected, got: x.shape().clone() });
        }
        let a = x.narrow(self.dim, 0, extent / 2)?;
        let b = x.narrow(self.dim, extent / 2, extent / 2)?;
        Ok(a.mul(&b.sigmoid()?)?)
    }
}
