//! Another number of places as a layer.

use gradus_autograd::Var;
use gradus_tensor::Interpolation;

use crate::error::require;
use crate::{Ctx, Error, Layer, Module, Result};

/// How many places an [`Upsample`] gives.
#[derive(Debug, Clone, PartialEq)]
pub enum UpsampleTo {
    /// So many along each dimension after the channels.
    Size(Vec<usize>),
    /// So many times as many along all of them, rounded down.
    ScaleFactor(f64),
    /// So many times as many along each of them, rounded down.
    ScaleFactors(Vec<f64>),
}

/// Sequences, images or volumes in another size.
///
/// Where a factor times an extent is no whole number, values are taken as the rounded size says, that is,
/// as PyTorch's with `recompute_scale_factor=True`.
///
/// # Shapes
/// - `x`: `[B, C, ...]` → `[B, C, size...]`
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_nn::{Conv2d, Ctx, Layer, Sequential, Tensor, Upsample, UpsampleTo, Var};
/// use gradus_tensor::{Corners, Interpolation};
///
/// let x = Var::constant(Tensor::new([[[[1.0, 2.0], [3.0, 4.0]]]]));
/// let twice = Upsample::new(UpsampleTo::ScaleFactor(2.0), Interpolation::Nearest)?;
/// let y = twice.forward(&x, &mut Ctx::eval())?;
/// assert_eq!(y.value().select(2, 0)?.to_vec::<f32>()?, [1.0, 1.0, 2.0, 2.0]);
///
/// // Followed by a convolution it does what a transposed convolution does, without its chequered patterns.
/// let bilinear = Interpolation::Linear(Corners::Edges);
/// let up = Sequential::new()
///     .with(Upsample::new(UpsampleTo::Size(vec![6, 5]), bilinear)?)
///     .with(Conv2d::new(1, 8, [3, 3], &mut Keys::new(7))?);
/// assert_eq!(up.forward(&x, &mut Ctx::eval())?.dims(), &[1, 8, 4, 3]);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Module)]
pub struct Upsample {
    #[module(skip)]
    to: UpsampleTo,
    #[module(skip)]
    mode: Interpolation,
}

const NAME: &str = "Upsample";

impl Upsample {
    /// A layer that gives as many places as `to` says, found as `mode` says.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if a size is zero, or a factor not above zero or not finite.
    pub fn new(to: UpsampleTo, mode: Interpolation) -> Result<Self> {
        let valid = |factor: &f64| factor.is_finite() && *factor > 0.0;
        let factors = "finite and above zero";
        match &to {
            UpsampleTo::Size(size) => {
                require(!size.contains(&0), NAME, "size", "above zero", size)?;
            }
            UpsampleTo::ScaleFactor(factor) => {
                require(valid(factor), NAME, "scale_factor", factors, factor)?;
            }
            UpsampleTo::ScaleFactors(all) => {
                require(all.iter().all(valid), NAME, "scale_factor", factors, all)?;
            }
        }
        Ok(Self { to, mode })
    }

    /// How many places it gives.
    pub const fn to(&self) -> &UpsampleTo {
        &self.to
    }

    /// How values between the places of the input are found.
    pub const fn mode(&self) -> Interpolation {
        self.mode
    }

    /// The extents of the output for those of the input; `None` unless there is a number for each.
    fn size(&self, extents: &[usize]) -> Option<Vec<usize>> {
        let scaled = |(&extent, &factor): (&usize, &f64)| (extent as f64 * factor) as usize;
        match &self.to {
            UpsampleTo::Size(size) => (size.len() == extents.len()).then(|| size.clone()),
            UpsampleTo::ScaleFactor(factor) => {
                Some(extents.iter().map(|extent| scaled((extent, factor))).collect())
            }
            UpsampleTo::ScaleFactors(factors) => (factors.len() == extents.len())
                .then(|| extents.iter().zip(factors).map(scaled).collect()),
        }
    }
}

impl Layer for Upsample {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        let places = x.dims().get(2..).filter(|places| !places.is_empty());
        let Some(size) = places.and_then(|places| self.size(places)) else {
            let expected = match &self.to {
                UpsampleTo::ScaleFactor(_) => "[B, C, ...] with places".to_owned(),
                UpsampleTo::Size(size) => format!("[B, C] and {} more dimensions", size.len()),
                UpsampleTo::ScaleFactors(all) => {
                    format!("[B, C] and {} more dimensions", all.len())
                }
            };
            return Err(Error::InputShape { layer: NAME, expected, got: x.shape().clone() });
        };
        Ok(x.interpolate(&size, self.mode)?)
    }
}
