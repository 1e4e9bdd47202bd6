//! Which key belongs to a query.

use gradus_autograd::Var;
use gradus_core::DType;
use gradus_tensor::Tensor;

use super::targets::same_shape;
use super::{CrossEntropy, Reduction, cross_entropy};
use crate::error::require;
use crate::{Error, Result};

/// Shorter vectors count as this long, as in PyTorch's `normalize`.
const SHORTEST: f64 = 1e-12;

/// Cross-entropy of finding each query's own key among all keys of the batch, by cosines divided by a
/// temperature.
///
/// For pairs that are alike, such as images and their captions, take the mean of both directions.
///
/// # Shapes
/// - `queries`, `keys`: `[B, C]`, the i-th belonging together → 0-d, or `[B]` with [`Reduction::None`]
///
/// # Errors
/// If the shapes or dtypes differ, `temperature` is not above zero, or a mean is asked over nothing.
///
/// # Reference
/// Van den Oord et al. 2018, "Representation Learning with Contrastive Predictive Coding", eq. 4;
/// Radford et al. 2021, "CLIP".
pub fn info_nce(queries: &Var, keys: &Var, temperature: f64, reduction: Reduction) -> Result<Var> {
    const NAME: &str = "info_nce";
    same_shape(NAME, queries, keys)?;
    let valid = temperature > 0.0 && temperature.is_finite();
    require(valid, NAME, "temperature", "finite and above zero", temperature)?;
    let &[rows, _] = queries.dims() else {
        let (expected, got) = ("[B, C]".to_owned(), queries.shape().clone());
        return Err(Error::InputShape { layer: NAME, expected, got });
    };
    let unit = |x: &Var| x.div(&x.norm_keepdim(2.0, -1)?.clamp(SHORTEST, f64::INFINITY)?);
    let cosines = unit(queries)?.matmul(&unit(keys)?.t()?)?; // (B, B)
    let targets = Tensor::arange(0.0, rows as f64, 1.0, DType::I64)?;
    let options = CrossEntropy { reduction, ..CrossEntropy::default() };
    cross_entropy(&cosines.div_scalar(temperature)?, &targets, options)
}
