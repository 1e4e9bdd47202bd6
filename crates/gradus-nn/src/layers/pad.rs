//! Borders as layers.

use gradus_autograd::Var;
use gradus_tensor::PadMode;

use crate::{Ctx, Error, Layer, Module, Result};

/// A border of one number around the last dimensions; of zeros it is PyTorch's `ZeroPad1d`,
/// `ZeroPad2d` and `ZeroPad3d`.
///
/// # Shapes
/// - `x`: `[..., N]` → `[..., before + N + after]` for each dimension that has a pair
///
/// # Examples
/// ```
/// use gradus_nn::{ConstantPad, Ctx, Layer, Tensor, Var};
///
/// let x = Var::constant(Tensor::new([[1.0, 2.0], [3.0, 4.0]]));
/// // Nothing above, one row below; one column on the left, none on the right.
/// let y = ConstantPad::new(&[(0, 1), (1, 0)], 9.0).forward(&x, &mut Ctx::eval())?;
/// let expected = Tensor::new([[9.0, 1.0, 2.0], [9.0, 3.0, 4.0], [9.0, 9.0, 9.0]]);
/// assert!(y.value().equal(&expected));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Module)]
pub struct ConstantPad {
    /// How many elements come before and after, for each of the last dimensions, in their order. (PyTorch
    /// begins with the last dimension.)
    #[module(skip)]
    pub border: Vec<(usize, usize)>,
    /// What the border is made of.
    #[module(skip)]
    pub value: f64,
}

impl ConstantPad {
    /// `(before, after)` for each of the last dimensions.
    pub fn new(border: &[(usize, usize)], value: f64) -> Self {
        Self { border: border.to_vec(), value }
    }
}

impl Layer for ConstantPad {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        padded("ConstantPad", x, &self.border, PadMode::Constant(self.value))
    }
}

/// The elements mirrored at the edges of the last dimensions, `3 2 | 1 2 3 | 2 1`. As PyTorch's
/// `ReflectionPad1d`, `ReflectionPad2d` and `ReflectionPad3d`.
///
/// # Shapes
/// - `x`: `[..., N]` → `[..., before + N + after]` for each dimension that has a pair
///
/// # Examples
/// A convolution that keeps the extents and sees no zeros:
/// ```
/// use gradus_core::{DType, Keys};
/// use gradus_nn::{Conv2d, Ctx, Layer, ReflectionPad, Sequential, Tensor, Var};
///
/// let conv = Sequential::new()
///     .with(ReflectionPad::new(&[(1, 1), (1, 1)]))
///     .with(Conv2d::new(1, 4, [3, 3], &mut Keys::new(7))?);
/// let x = Var::constant(Tensor::ones([2, 1, 8, 8], DType::F32)?);
/// assert_eq!(conv.forward(&x, &mut Ctx::eval())?.dims(), &[2, 4, 8, 8]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Module)]
pub struct ReflectionPad {
    /// How many elements come before and after, for each of the last dimensions, in their order. (PyTorch
    /// begins with the last dimension.)
    #[module(skip)]
    pub border: Vec<(usize, usize)>,
}

impl ReflectionPad {
    /// `(before, after)` for each of the last dimensions.
    pub fn new(border: &[(usize, usize)]) -> Self {
        Self { border: border.to_vec() }
    }
}

impl Layer for ReflectionPad {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        padded("ReflectionPad", x, &self.border, PadMode::Reflect)
    }
}

/// The elements at the edges of the last dimensions repeated, `1 1 | 1 2 3 | 3 3`. As PyTorch's
/// `ReplicationPad1d`, `ReplicationPad2d` and `ReplicationPad3d`.
///
/// # Shapes
/// - `x`: `[..., N]` → `[..., before + N + after]` for each dimension that has a pair
#[derive(Debug, Clone, PartialEq, Eq, Module)]
pub struct ReplicationPad {
    /// How many elements come before and after, for each of the last dimensions, in their order. (PyTorch
    /// begins with the last dimension.)
    #[module(skip)]
    pub border: Vec<(usize, usize)>,
}

impl ReplicationPad {
    /// `(before, after)` for each of the last dimensions.
    pub fn new(border: &[(usize, usize)]) -> Self {
        Self { border: border.to_vec() }
    }
}

impl Layer for ReplicationPad {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        padded("ReplicationPad", x, &self.border, PadMode::Replicate)
    }
}

/// The elements of the other ends of the last dimensions, `2 3 | 1 2 3 | 1 2`. As PyTorch's
/// `CircularPad1d`, `CircularPad2d` and `CircularPad3d`.
///
/// # Shapes
/// - `x`: `[..., N]` → `[..., before + N + after]` for each dimension that has a pair
#[derive(Debug, Clone, PartialEq, Eq, Module)]
pub struct CircularPad {
    /// How many elements come before and after, for each of the last dimensions, in their order. (PyTorch
    /// begins with the last dimension.)
    #[module(skip)]
    pub border: Vec<(usize, usize)>,
}

impl CircularPad {
    /// `(before, after)` for each of the last dimensions.
    pub fn new(border: &[(usize, usize)]) -> Self {
        Self { border: border.to_vec() }
    }
}

impl Layer for CircularPad {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        padded("CircularPad", x, &self.border, PadMode::Circular)
    }
}

fn padded(layer: &'static str, x: &Var, border: &[(usize, usize)], mode: PadMode) -> Result<Var> {
    let Some(others) = x.rank().checked_sub(border.len()) else {
        let expected = format!("at least {} dimensions", border.len());
        return Err(Error::InputShape { layer, expected, got: x.shape().clone() });
    };
    let mut all = vec![(0, 0); others];
    all.extend(border);
    Ok(x.pad_with(&all, mode)?)
}
