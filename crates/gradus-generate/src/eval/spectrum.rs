//! Spectra of sounds.

use crate::{Error, Result};

/// The mean of power spectra, bin by bin: the long-term average spectrum of a sound's frames.
///
/// # Errors
/// [`Error::Length`] without a frame, or if frames differ in length.
///
/// # Examples
/// ```
/// use gradus_generate::eval::mean_spectrum;
/// assert_eq!(mean_spectrum(&[vec![1.0, 4.0], vec![3.0, 0.0]])?, [2.0, 2.0]);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
pub fn mean_spectrum<F: AsRef<[f64]>>(frames: &[F]) -> Result<Vec<f64>> {
    let Some(first) = frames.first() else {
        return Err(Error::Length { what: "frames, at least", expected: 1, got: 0 });
    };
    let expected = first.as_ref().len();
    let mut mean = vec![0.0; expected];
    for frame in frames.iter().map(AsRef::as_ref) {
        if frame.len() != expected {
            return Err(Error::Length { what: "bins of a frame", expected, got: frame.len() });
        }
        mean.iter_mut().zip(frame).for_each(|(sum, v)| *sum += v);
    }
    mean.iter_mut().for_each(|sum| *sum /= frames.len() as f64);
    Ok(mean)
}

/// The distance between two power spectra in decibels: the root of the mean over bins of
/// (10 lg (p / q))².
///
/// It is 0 for equal spectra, and 10 dB for those whose every bin differs by a factor of ten.
///
/// # Errors
/// [`Error::Length`] for spectra of different lengths or without bins; [`Error::Parameter`] for a
/// power that is not finite and above 0: add a floor where a bin may be silent.
///
/// # Reference
/// Gray & Markel 1976, "Distance measures for speech processing".
///
/// # Examples
/// ```
/// use gradus_generate::eval::log_spectral_distance;
/// let quiet = [1.0, 2.0, 3.0];
/// assert!((log_spectral_distance(&quiet, &quiet.map(|p| 10.0 * p))? - 10.0).abs() < 1e-12);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
pub fn log_spectral_distance(p: &[f64], q: &[f64]) -> Result<f64> {
    if p.len() != q.len() {
        let (what, expected, got) = ("bins of the second spectrum", p.len(), q.len());
        return Err(Error::Length { what, expected, got });
    }
    if p.is_empty() {
        return Err(Error::Length { what: "bins of a spectrum, at least", expected: 1, got: 0 });
    }
    if let Some(&got) = p.iter().chain(q).find(|v| !(v.is_finite() && **v > 0.0)) {
        return Err(Error::Parameter { name: "power", expected: "finite and above 0", got });
    }
    // A difference of logarithms, since the quotient of two finite powers may not be finite.
    let squares = p.iter().zip(q).map(|(p, q)| (10.0 * (p.log10() - q.log10())).powi(2));
    Ok((squares.sum::<f64>() / p.len() as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn powers() -> impl Strategy<Value = (Vec<f64>, Vec<f64>, Vec<f64>)> {
        let power = || -20.0..20.0f64;
        prop::collection::vec((power(), power(), power()), 1..9).prop_map(|list| {
            let of = |pick: fn(&(f64, f64, f64)) -> f64| list.iter().map(pick).collect();
            (of(|t| t.0.exp()), of(|t| t.1.exp()), of(|t| t.2.exp()))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn it_is_a_metric((a, b, c) in powers()) {
            let d = |x: &[f64], y: &[f64]| log_spectral_distance(x, y).unwrap();
            prop_assert_eq!(d(&a, &a), 0.0);
            prop_assert!((d(&a, &b) - d(&b, &a)).abs() < 1e-12);
            prop_assert!(d(&a, &c) <= d(&a, &b) + d(&b, &c) + 1e-9);
        }
    }

    #[test]
    fn what_is_no_spectrum_is_refused() {
        for (p, q) in [
            (&[][..], &[][..]),
            (&[1.0], &[1.0, 2.0]),
            (&[0.0], &[1.0]),
            (&[1.0], &[f64::NAN]),
            (&[f64::INFINITY], &[1.0]),
        ] {
            assert!(log_spectral_distance(p, q).is_err(), "{p:?} {q:?}");
        }
        let (most, least) = ([f64::MAX], [f64::MIN_POSITIVE]);
        assert!(log_spectral_distance(&most, &least).unwrap().is_finite());
        assert!(mean_spectrum::<Vec<f64>>(&[]).is_err());
        assert!(mean_spectrum(&[vec![1.0], vec![1.0, 2.0]]).is_err());
    }
}
