//! Numbers for each row of a batch.

use gradus_core::{Key, Kind};
use gradus_tensor::Tensor;

use crate::error::{Error, Result};

/// How many rows a batch has.
pub(super) fn rows_of(model: &'static str, data: &Tensor) -> Result<usize> {
    match data.dims().first() {
        Some(&rows) if !data.is_empty() => Ok(rows),
        _ => {
            let (name, expected, got) = ("data", "[B, ...], not empty", data.shape().clone());
            Err(Error::InputShape { model, name, expected, got })
        }
    }
}

/// One number for each row, to multiply `like` with: `[B, 1, ...]` in its dtype.
pub(super) fn per_row(
    like: &Tensor,
    numbers: impl IntoIterator<Item = f64>,
) -> gradus_tensor::Result<Tensor> {
    let numbers: Vec<f64> = numbers.into_iter().collect();
    let mut shape = vec![1; like.rank()];
    shape[0] = numbers.len();
    Tensor::from_vec(numbers, shape)?.to_dtype(like.dtype())
}

/// Times of the open interval (0, 1), one for each row: each uniform, and together spread evenly.
///
/// # Reference
/// Kingma et al. 2021, "Variational Diffusion Models", appendix I.1.
pub(super) fn even_times(rows: usize, key: Key) -> Vec<f64> {
    let u = key.kind(Kind::Noise).uniform(0);
    let spread = (0..rows).map(|b| (b as f64 / rows as f64 + u).fract());
    spread.map(|t| t.max(f64::EPSILON)).collect()
}

/// Standard normal numbers in the shape and dtype of `data`.
pub(super) fn noise_like(data: &Tensor, key: Key) -> gradus_tensor::Result<Tensor> {
    Tensor::randn(data.shape(), data.dtype(), key.fold_in(0).kind(Kind::Noise))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spread_evenly_and_start_anywhere() {
        for seed in 0..50 {
            let mut times = even_times(8, Key::new(seed));
            assert!(times.iter().all(|&t| 0.0 < t && t < 1.0));
            times.sort_by(f64::total_cmp);
            assert!(times.windows(2).all(|pair| (pair[1] - pair[0] - 0.125).abs() < 1e-12));
        }
        let first: Vec<f64> = (0..400).map(|seed| even_times(3, Key::new(seed))[0]).collect();
        let mean = first.iter().sum::<f64>() / 400.0;
        assert!((mean - 0.5).abs() < 5.0 / (12.0f64 * 400.0).sqrt(), "{mean}");
    }
}
