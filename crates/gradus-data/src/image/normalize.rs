//! Channels of mean 0 and deviation 1.

use gradus_tensor::Tensor;

use crate::{Error, Result};

/// Subtracts a mean from each channel and divides by a standard deviation.
///
/// # Shapes
/// - `x`: `[..., C, H, W]` float; `mean`, `std`: one number for each channel → `[..., C, H, W]`
///
/// # Errors
/// [`Error::InvalidArgument`] if `x` is not a float picture, there is not one number for each
/// channel, or a deviation is not positive and finite.
///
/// # Reference
/// torchvision's `normalize`.
///
/// # Examples
/// ```
/// use gradus_data::normalize_channels;
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[[0.5]], [[1.0]]]); // two channels of one pixel
/// let y = normalize_channels(&x, &[0.5, 0.0], &[0.25, 0.5])?;
/// assert_eq!(y.to_vec::<f32>()?, [0.0, 2.0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn normalize_channels(x: &Tensor, mean: &[f64], std: &[f64]) -> Result<Tensor> {
    let invalid = |name, expected, got: String| {
        Err(Error::InvalidArgument { op: "normalize_channels", name, expected, got })
    };
    let &[.., channels, _, _] = x.dims() else {
        return invalid("x", "[..., C, H, W]", x.shape().to_string());
    };
    if !x.dtype().is_float() {
        return invalid("x", "float", x.dtype().to_string());
    }
    if mean.len() != channels || std.len() != channels {
        let got = format!("{} and {} for {channels}", mean.len(), std.len());
        return invalid("mean and std", "one number for each channel", got);
    }
    if let Some(bad) = std.iter().find(|std| !std.is_finite() || **std <= 0.0) {
        return invalid("std", "positive and finite", bad.to_string());
    }
    let column = |v: &[f64]| Tensor::from_slice(v, [channels, 1, 1])?.to_dtype(x.dtype());
    Ok(x.sub(&column(mean)?)?.div(&column(std)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused() {
        let x = Tensor::from([[[1.0f32]]]);
        assert!(normalize_channels(&x, &[0.0], &[1.0]).unwrap().equal(&x));
        assert!(normalize_channels(&x, &[0.0, 1.0], &[1.0]).is_err());
        assert!(normalize_channels(&x, &[0.0], &[0.0]).is_err());
        assert!(normalize_channels(&Tensor::from([[1.0f32]]), &[0.0], &[1.0]).is_err());
        let bytes = Tensor::from_vec(vec![1u8], [1, 1, 1]).unwrap();
        assert!(normalize_channels(&bytes, &[0.0], &[1.0]).is_err());
    }
}
