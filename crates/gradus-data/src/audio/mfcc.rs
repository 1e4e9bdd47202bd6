//! Mel-frequency cepstral coefficients.

use std::f64::consts::PI;

use gradus_core::DType;
use gradus_tensor::Tensor;

use crate::{Error, Result};

/// The orthonormal discrete cosine transform of type 2, its first `n_out` rows.
///
/// # Shapes
/// - → `[n_out, n_in]`, f64
///
/// # Errors
/// [`Error::InvalidArgument`] unless `1 <= n_out <= n_in`.
///
/// # Reference
/// torchaudio's `create_dct` with `norm="ortho"`, transposed.
pub fn dct_matrix(n_out: usize, n_in: usize) -> Result<Tensor> {
    if n_out == 0 || n_out > n_in {
        let (op, name, expected) = ("dct_matrix", "n_out", "in 1..=n_in");
        return Err(Error::InvalidArgument {
            op,
            name,
            expected,
            got: format!("{n_out} of {n_in}"),
        });
    }
    let n = n_in as f64;
    let entry = |k: usize, i: usize| {
        let scale = if k == 0 { (1.0 / n).sqrt() } else { (2.0 / n).sqrt() };
        scale * (PI / n * (i as f64 + 0.5) * k as f64).cos()
    };
    let entries: Vec<f64> = (0..n_out).flat_map(|k| (0..n_in).map(move |i| entry(k, i))).collect();
    Ok(Tensor::from_vec(entries, [n_out, n_in])?)
}

/// The first `n_mfcc` cepstral coefficients of mel bands in decibels: their cosine transform over
/// the bands.
///
/// # Shapes
/// - `mel_db`: `[..., M, frames]`, f32 or f64 → `[..., n_mfcc, frames]`
///
/// # Errors
/// [`Error::InvalidArgument`] unless `1 <= n_mfcc <= M`; [`Error::Tensor`] if the dtype is another.
///
/// # Examples
/// ```
/// use gradus_data::mfcc;
/// use gradus_tensor::{DType, Tensor};
/// let flat = Tensor::ones([40, 3], DType::F64)?; // the same in every band
/// let coefficients = mfcc(&flat, 13)?;
/// assert_eq!(coefficients.dims(), &[13, 3]);
/// assert!(coefficients.narrow(0, 1, 12)?.abs()?.max(..)?.item()? < 1e-12);
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn mfcc(mel_db: &Tensor, n_mfcc: usize) -> Result<Tensor> {
    let n_mels = mel_db.rank().checked_sub(2).map_or(0, |dim| mel_db.dims()[dim]);
    let dct = dct_matrix(n_mfcc, n_mels)?;
    let dtype = mel_db.dtype();
    let dct = if dtype == DType::F32 { dct.to_dtype(dtype)? } else { dct };
    Ok(dct.matmul(mel_db)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_orthonormal() {
        let dct = dct_matrix(7, 7).unwrap();
        let product = dct.matmul(&dct.t().unwrap()).unwrap();
        assert!(product.allclose(&Tensor::eye(7, DType::F64).unwrap(), 0.0, 1e-12).unwrap());
        assert!(dct_matrix(0, 3).is_err() && dct_matrix(4, 3).is_err());
        assert!(mfcc(&Tensor::ones([3], DType::F64).unwrap(), 1).is_err());
        assert_eq!(
            mfcc(&Tensor::ones([2, 5, 4], DType::F32).unwrap(), 3).unwrap().dims(),
            &[2, 3, 4]
        );
    }
}
