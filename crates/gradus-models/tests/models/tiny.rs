//! Transformers small enough to be checked exhaustively.

use gradus_core::{DType, Keys};
use gradus_models::{Gpt, MaskedTransformer, TransformerConfig};
use gradus_nn::cast;
use gradus_tensor::Tensor;

pub(crate) const VOCAB: usize = 7;
pub(crate) const CONTEXT: usize = 8;

pub(crate) fn config(classes: usize) -> TransformerConfig {
    let size = TransformerConfig::new(VOCAB, CONTEXT);
    TransformerConfig { classes, width: 12, n_heads: 3, n_layers: 2, ..size }
}

pub(crate) fn gpt(classes: usize, dtype: DType) -> Gpt {
    let mut gpt = Gpt::new(&config(classes), &mut Keys::new(7)).unwrap();
    cast(&mut gpt, dtype).unwrap();
    gpt
}

pub(crate) fn masked(classes: usize, dtype: DType) -> MaskedTransformer {
    let mut model = MaskedTransformer::new(&config(classes), &mut Keys::new(7)).unwrap();
    cast(&mut model, dtype).unwrap();
    model
}

/// Rows of equal length as `[B, T]`.
pub(crate) fn tokens(rows: &[&[u32]]) -> Tensor {
    let ids = rows.iter().flat_map(|row| row.iter().map(|&id| i64::from(id))).collect();
    Tensor::from_vec::<i64>(ids, [rows.len(), rows[0].len()]).unwrap()
}

/// All elements, row-major, in f64.
pub(crate) fn numbers(x: &Tensor) -> Vec<f64> {
    x.to_dtype(DType::F64).unwrap().to_vec().unwrap()
}
