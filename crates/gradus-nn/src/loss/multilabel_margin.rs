//! The hinge loss of several classes at once.

use gradus_autograd::Var;
use gradus_core::DType;
use gradus_tensor::Tensor;

use super::Reduction;
use crate::{Error, Result};

/// Σ max(0, 1 − x(j) + x(i)) / C over the targets j and the classes i that are no targets.
///
/// A row of targets lists classes and ends at the first −1. A class that is listed twice counts once.
///
/// # Shapes
/// - `x`: `[..., C]`, `targets`: `[..., C]` of `i64` → 0-d, or `[...]` with [`Reduction::None`]
///
/// # Errors
/// If the shapes do not fit, a target is no class, or a mean is asked over nothing.
///
/// # Examples
/// ```
/// use gradus_nn::loss::{Reduction, multilabel_margin};
/// use gradus_nn::{Tensor, Var};
///
/// let x = Var::constant(Tensor::new([[0.1, 0.2, 0.4, 0.8]]));
/// let targets = Tensor::new([[3, 0, -1, 1]]); // classes 3 and 0
/// let loss = multilabel_margin(&x, &targets, Reduction::Mean)?;
/// assert!((loss.item()? - 0.85).abs() < 1e-6);
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn multilabel_margin(x: &Var, targets: &Tensor, reduction: Reduction) -> Result<Var> {
    const NAME: &str = "multilabel_margin";
    if x.rank() == 0 || x.dims() != targets.dims() {
        let expected = format!("{} like the scores, and not 0-d", x.shape());
        return Err(Error::InputShape { layer: NAME, expected, got: targets.shape().clone() });
    }
    let chosen = chosen(NAME, targets, x.size(-1)?)?; // (..., C)
    let others = chosen.logical_not()?;
    let (yes, no) = (x.unsqueeze(-1)?, x.unsqueeze(-2)?); // (..., C, 1) and (..., 1, C)
    let short = no.sub(&yes)?.add_scalar(1.0)?.relu()?;
    let pairs = chosen.unsqueeze(-1)?.logical_and(&others.unsqueeze(-2)?)?;
    let short = short.masked_fill(&pairs.logical_not()?, 0.0)?;
    let losses = short.sum([-2, -1])?.div_scalar(x.size(-1)?.max(1) as f64)?;
    reduction.apply(NAME, &losses)
}

/// Which classes are listed, as truth values.
fn chosen(name: &'static str, targets: &Tensor, classes: usize) -> Result<Tensor> {
    if targets.dtype() != DType::I64 {
        let (op, got) = (name, targets.dtype());
        return Err(gradus_core::Error::UnsupportedDType { op, expected: "i64", got }.into());
    }
    let ids = targets.to_vec::<i64>()?;
    let mut chosen = vec![false; ids.len()];
    for (row, ids) in ids.chunks(classes.max(1)).enumerate() {
        for &id in ids.iter().take_while(|&&id| id != -1) {
            let class = usize::try_from(id).ok().filter(|&class| class < classes);
            let Some(class) = class else {
                let (op, len) = (name, classes);
                return Err(gradus_core::Error::IndexOutOfRange { op, index: id, len }.into());
            };
            chosen[row * classes + class] = true;
        }
    }
    Ok(Tensor::from_vec(chosen, targets.shape())?)
}
