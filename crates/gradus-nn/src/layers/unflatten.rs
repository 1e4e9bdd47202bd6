//! One dimension made several.

use gradus_autograd::Var;
use gradus_core::{Dim, INFER};

use crate::{Ctx, Error, Layer, Module, Result};

/// Makes one dimension several. One of the extents may be [`INFER`], PyTorch's −1.
///
/// # Shapes
/// - `x`: `[..., N, ...]` → `[..., size..., ...]`
///
/// # Examples
/// ```
/// use gradus_core::{DType, INFER};
/// use gradus_nn::{Ctx, Layer, Tensor, Unflatten, Var};
///
/// let x = Var::constant(Tensor::zeros([2, 12], DType::F32)?);
/// let y = Unflatten::new(1, &[INFER, 2, 2]).forward(&x, &mut Ctx::eval())?;
/// assert_eq!(y.dims(), &[2, 3, 2, 2]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Module)]
pub struct Unflatten {
    /// The dimension; −1 is the last.
    #[module(skip)]
    pub dim: isize,
    /// What it becomes.
    #[module(skip)]
    pub size: Vec<usize>,
}

impl Unflatten {
    /// `dim` becomes `size`.
    pub fn new(dim: isize, size: &[usize]) -> Self {
        Self { dim, size: size.to_vec() }
    }

    /// The extents that `extent` becomes. Reshaping alone would accept any for a batch without rows.
    fn split(&self, extent: usize) -> Option<Vec<usize>> {
        let known = self.size.iter().filter(|&&n| n != INFER);
        let product = known.clone().try_fold(1usize, |product, &n| product.checked_mul(n))?;
        let fits = match self.size.len() - known.count() {
            0 => product == extent && !self.size.is_empty(),
            1 => product > 0 && extent.is_multiple_of(product),
            _ => false,
        };
        let filled = |&n: &usize| if n == INFER { extent / product } else { n };
        fits.then(|| self.size.iter().map(filled).collect())
    }
}

impl Layer for Unflatten {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        let layer = "Unflatten";
        let dim = Dim::from(self.dim).resolve(layer, x.rank())?;
        let Some(size) = self.split(x.dims()[dim]) else {
            let shape = gradus_core::Shape::from(self.size.as_slice());
            let expected = format!("an extent in dimension {} that splits into {shape}", self.dim);
            return Err(Error::InputShape { layer, expected, got: x.shape().clone() });
        };
        Ok(x.reshape([&x.dims()[..dim], &size, &x.dims()[dim + 1..]].concat())?)
    }
}
