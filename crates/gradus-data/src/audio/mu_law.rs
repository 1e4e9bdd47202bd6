//! μ-law companding.

use gradus_core::DType;
use gradus_tensor::Tensor;

use crate::{Error, Result};

/// Encodes samples in −1.0..=1.0 as one of `channels` classes, finer for quiet samples.
///
/// y = sign(x) · ln(1 + μ|x|) / ln(1 + μ), class = ⌊(y + 1) / 2 · μ + ½⌋, with μ = channels − 1. What
/// is beyond ±1 is cut off.
///
/// # Shapes
/// - `[...]` float → `[...]` i64 in `0..channels`
///
/// # Errors
/// [`Error::InvalidArgument`] if there are fewer than 2 channels, or a sample is NaN;
/// [`Error::Tensor`] if the samples are not floats.
///
/// # Reference
/// ITU-T G.711; torchaudio's `mu_law_encoding`.
///
/// # Examples
/// ```
/// use gradus_data::{mu_law_decode, mu_law_encode};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([-1.0, -0.1, 0.0, 0.1, 1.0]);
/// let classes = mu_law_encode(&x, 256)?;
/// assert_eq!(classes.to_vec::<i64>()?, [0, 52, 128, 203, 255]);
/// assert!(mu_law_decode(&classes, 256)?.allclose(&x, 0.0, 0.01)?);
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn mu_law_encode(x: &Tensor, channels: usize) -> Result<Tensor> {
    let mu = mu("mu_law_encode", channels)?;
    if !x.dtype().is_float() {
        return Err(not_float("mu_law_encode", x));
    }
    let samples: Vec<f64> = x.to_dtype(DType::F64)?.to_vec()?;
    if let Some(at) = samples.iter().position(|v| v.is_nan()) {
        let (op, name, expected) = ("mu_law_encode", "x", "without NaN");
        return Err(Error::InvalidArgument { op, name, expected, got: format!("NaN at {at}") });
    }
    let class = |x: f64| {
        let x = x.clamp(-1.0, 1.0);
        let y = (mu * x.abs()).ln_1p() / mu.ln_1p() * x.signum();
        ((y + 1.0) / 2.0 * mu + 0.5) as i64
    };
    let classes: Vec<i64> = samples.into_iter().map(class).collect();
    Ok(Tensor::from_vec(classes, x.shape().clone())?)
}

/// Decodes the classes of [`mu_law_encode`].
///
/// y = 2 · class / μ − 1, x = sign(y) · ((1 + μ)^|y| − 1) / μ
///
/// # Shapes
/// - `[...]` i64 → `[...]` f32
///
/// # Errors
/// [`Error::InvalidArgument`] if there are fewer than 2 channels; [`Error::LabelOutOfRange`] if a
/// class is not in `0..channels`; [`Error::Tensor`] if the classes are not i64.
pub fn mu_law_decode(classes: &Tensor, channels: usize) -> Result<Tensor> {
    let mu = mu("mu_law_decode", channels)?;
    crate::check_labels(classes, channels)?;
    let sample = |class: i64| {
        let y = 2.0 * class as f64 / mu - 1.0;
        ((y.abs() * mu.ln_1p()).exp_m1() / mu * y.signum()) as f32
    };
    let samples: Vec<f32> = classes.to_vec::<i64>()?.into_iter().map(sample).collect();
    Ok(Tensor::from_vec(samples, classes.shape().clone())?)
}

fn mu(op: &'static str, channels: usize) -> Result<f64> {
    if channels < 2 {
        let (name, expected) = ("channels", "at least 2");
        return Err(Error::InvalidArgument { op, name, expected, got: channels.to_string() });
    }
    Ok((channels - 1) as f64)
}

/// Sound is made of floats.
pub(super) fn not_float(op: &'static str, x: &Tensor) -> Error {
    Error::InvalidArgument { op, name: "x", expected: "a float tensor", got: x.dtype().to_string() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn classes_come_back(channels in 2usize..1000, share in 0.0f64..1.0) {
            let class = ((channels as f64 * share) as i64).min(channels as i64 - 1);
            let classes = Tensor::from([class]);
            // The middle of a class, unless rounding to f32 moves it over the border of a tiny one.
            let x = mu_law_decode(&classes, channels).unwrap();
            let again = mu_law_encode(&x, channels).unwrap().to_vec::<i64>().unwrap()[0];
            prop_assert_eq!(again, class);
        }
    }

    #[test]
    fn what_is_no_sound_is_refused() {
        assert!(mu_law_encode(&Tensor::from([0.0f32]), 1).is_err());
        assert!(mu_law_encode(&Tensor::from([f32::NAN]), 256).is_err());
        assert!(mu_law_encode(&Tensor::from([1i64]), 256).is_err());
        assert!(mu_law_decode(&Tensor::from([256i64]), 256).is_err());
        let loud = mu_law_encode(&Tensor::from([f32::INFINITY, -7.0]), 256).unwrap();
        assert_eq!(loud.to_vec::<i64>().unwrap(), [255, 0]);
        assert!(mu_law_encode(&Tensor::from(Vec::<f32>::new()), 256).unwrap().is_empty());
    }
}
