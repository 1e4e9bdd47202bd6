//! An anchor between what is alike and what is not.

use gradus_autograd::Var;

use super::Reduction;
use super::targets::same_shape;
use crate::Result;
use crate::error::require;

/// Options of [`triplet_margin`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TripletMargin {
    /// By how much the negative should be farther than the positive.
    pub margin: f64,
    /// The norm of distances.
    pub p: f64,
    /// Added to each difference, as in PyTorch, so that the distance of equal vectors has a gradient.
    pub eps: f64,
    /// Whether the distance from positive to negative counts where it is the smaller one.
    pub swap: bool,
    /// What becomes of the losses of the rows.
    pub reduction: Reduction,
}

impl Default for TripletMargin {
    /// Margin 1, Euclidean distances, `eps` 10⁻⁶, no swap, the mean: as PyTorch.
    fn default() -> Self {
        Self { margin: 1.0, p: 2.0, eps: 1e-6, swap: false, reduction: Reduction::Mean }
    }
}

/// max(0, ‖a − p‖ − ‖a − n‖ + margin) of anchors a, positives p and negatives n.
///
/// # Shapes
/// - `anchor`, `positive`, `negative`: `[..., C]` → 0-d, or `[...]` with [`Reduction::None`]
///
/// # Errors
/// If the shapes or dtypes differ, `margin` is not above zero, `p` is not above zero, or a mean is asked
/// over nothing.
///
/// # Reference
/// Balntas et al. 2016, "Learning local feature descriptors with triplets and shallow convolutional
/// neural networks".
///
/// # Examples
/// ```
/// use gradus_nn::loss::{TripletMargin, triplet_margin};
/// use gradus_nn::{Tensor, Var};
///
/// let at = |x: f32| Var::constant(Tensor::new([[x, 0.0]]));
/// let loss = triplet_margin(&at(0.0), &at(1.0), &at(1.5), TripletMargin::default())?;
/// assert!((loss.item()? - 0.5).abs() < 1e-5);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn triplet_margin(
    anchor: &Var,
    positive: &Var,
    negative: &Var,
    options: TripletMargin,
) -> Result<Var> {
    const NAME: &str = "triplet_margin";
    let TripletMargin { margin, p, eps, swap, reduction } = options;
    same_shape(NAME, anchor, positive)?;
    same_shape(NAME, anchor, negative)?;
    require(margin > 0.0 && margin.is_finite(), NAME, "margin", "finite and above zero", margin)?;
    require(p > 0.0, NAME, "p", "above zero", p)?;
    require(eps.is_finite() && eps >= 0.0, NAME, "eps", "finite and not negative", eps)?;
    let distance = |a: &Var, b: &Var| a.sub(b)?.add_scalar(eps)?.norm(p, -1);
    let mut far = distance(anchor, negative)?;
    if swap {
        far = far.minimum(&distance(positive, negative)?)?;
    }
    let near = distance(anchor, positive)?;
    reduction.apply(NAME, &near.sub(&far)?.add_scalar(margin)?.relu()?)
}
