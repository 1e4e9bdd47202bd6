//! The cross-entropy of several yes-or-no questions about one thing.

use gradus_autograd::Var;
use gradus_tensor::Tensor;

use super::targets::same_shape;
use super::{BceWithLogits, Reduction, bce_with_logits};
use crate::{Error, Result};

/// Options of [`multilabel_soft_margin`]; a [`Reduction`] alone will do as well.
#[derive(Debug, Clone, Copy, Default)]
pub struct MultilabelSoftMargin<'a> {
    /// Factor of each class: `[C]`.
    pub weight: Option<&'a Tensor>,
    /// What becomes of the losses of the rows.
    pub reduction: Reduction,
}

impl From<Reduction> for MultilabelSoftMargin<'_> {
    fn from(reduction: Reduction) -> Self {
        Self { reduction, ..Self::default() }
    }
}

/// The mean over the classes of the binary cross-entropy of each: one loss per row.
///
/// # Shapes
/// - `logits`, `target`: `[..., C]` → 0-d, or `[...]` with [`Reduction::None`]
///
/// # Errors
/// If the shapes or dtypes differ, there is no class, or a mean is asked over nothing.
pub fn multilabel_soft_margin<'a>(
    logits: &Var,
    target: &Var,
    options: impl Into<MultilabelSoftMargin<'a>>,
) -> Result<Var> {
    const NAME: &str = "multilabel_soft_margin";
    let MultilabelSoftMargin { weight, reduction } = options.into();
    same_shape(NAME, logits, target)?;
    if logits.dims().last().is_none_or(|&classes| classes == 0) {
        let (expected, got) = ("[..., C] with classes".to_owned(), logits.shape().clone());
        return Err(Error::InputShape { layer: NAME, expected, got });
    }
    let options = BceWithLogits { weight, reduction: Reduction::None, ..BceWithLogits::default() };
    reduction.apply(NAME, &bce_with_logits(logits, target, options)?.mean(-1)?)
}
