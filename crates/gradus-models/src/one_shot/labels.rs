//! Classes beside a sample or a latent vector.

use gradus_autograd::Var;
use gradus_tensor::{DType, Tensor};

use crate::error::{Error, Result};

/// `x` with one more channel for each class, which is one for the row's class and zero for others; `x`
/// itself if there are no classes.
///
/// # Shapes
/// - `x`: `[B, C, ...]`, `classes`: `i64` `[B]` → `[B, C + known, ...]`
pub(super) fn join_classes(
    model: &'static str,
    x: &Var,
    classes: Option<&Tensor>,
    known: usize,
) -> Result<Var> {
    let rows = x.dims()[0];
    let ids = check_classes(model, rows, classes, known)?;
    if known == 0 {
        return Ok(x.clone());
    }
    let mut shape = vec![1; x.rank()];
    (shape[0], shape[1]) = (rows, known);
    let labels = one_hot(&ids, known, x.dtype())?.reshape(shape)?;
    let mut whole = x.dims().to_vec();
    whole[1] = known;
    Ok(Var::cat(&[x, &labels.expand(whole)?.into()], 1)?)
}

/// One class below `known` for each row; none if that is 0.
pub(super) fn check_classes(
    model: &'static str,
    rows: usize,
    classes: Option<&Tensor>,
    known: usize,
) -> Result<Vec<i64>> {
    let ids = classes.map(Tensor::to_vec::<i64>).transpose()?.unwrap_or_default();
    let (expected, got) = (if known > 0 { rows } else { 0 }, ids.len());
    if expected != got || classes.is_some_and(|ids| ids.rank() != 1) {
        return Err(Error::Classes { model, expected, got });
    }
    match ids.iter().find(|class| !(0..known as i64).contains(class)) {
        Some(&class) => Err(Error::Class { model, class, classes: known }),
        None => Ok(ids),
    }
}

/// `[n, known]`, one at each id.
pub(super) fn one_hot(ids: &[i64], known: usize, dtype: DType) -> Result<Tensor> {
    let mut table = vec![0.0f32; ids.len() * known];
    for (row, &id) in ids.iter().enumerate() {
        table[row * known + id as usize] = 1.0;
    }
    Ok(Tensor::from_vec(table, [ids.len(), known])?.to_dtype(dtype)?)
}
