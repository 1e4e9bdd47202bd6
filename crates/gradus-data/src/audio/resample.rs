//! Another sampling rate.

use std::iter;

use gradus_core::DType;
use gradus_tensor::Tensor;
use rubato::audioadapter_buffers::owned::InterleavedOwned;
use rubato::{Fft, FixedSync, Resampler};

use super::mu_law::not_float;
use crate::{Error, Result};

/// Samples of the input that are transformed together, about: the filter's length.
const CHUNK: usize = 1024;
/// The largest rate, in hertz: beyond it a broken file is likelier than a recording.
const FASTEST: u32 = 1 << 20;

/// Changes the sampling rate: the spectrum is cut or continued with zeros, under an anti-aliasing filter.
///
/// Any pair of whole rates works. The result has ⌈T · to / from⌉ samples, in time with `x`; silence
/// is imagined around it. Sums are in f64. A value that is not finite reaches the samples of about
/// a thousand around it.
///
/// # Shapes
/// - `x`: `[..., T]`, f32 or f64 → `[..., T']`
///
/// # Errors
/// [`Error::InvalidArgument`] if a rate is 0 or above 1,048,576 Hz, or `x` is no float tensor of rank 1 or more.
///
/// # Reference
/// The synchronous resampler of the crate `rubato`.
///
/// # Examples
/// ```
/// use gradus_data::resample;
/// use gradus_tensor::Tensor;
/// let x = Tensor::from(vec![0.5f32; 44_100]);
/// let y = resample(&x, 44_100, 16_000)?;
/// assert_eq!(y.dims(), &[16_000]);
/// assert!((y.to_vec::<f32>()?[8000] - 0.5).abs() < 1e-2); // a constant stays nearly constant
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn resample(x: &Tensor, from: u32, to: u32) -> Result<Tensor> {
    let op = "resample";
    if [from, to].iter().any(|rate| !(1..=FASTEST).contains(rate)) {
        let got = format!("{from} to {to}");
        return Err(Error::InvalidArgument { op, name: "rates", expected: "in 1..=1048576", got });
    }
    if !matches!(x.dtype(), DType::F32 | DType::F64) {
        return Err(not_float(op, x));
    }
    let Some((&length, outer)) = x.dims().split_last() else {
        let (name, expected, got) = ("x", "of rank 1 or more", "a 0-d tensor".to_owned());
        return Err(Error::InvalidArgument { op, name, expected, got });
    };
    if from == to {
        return Ok(x.clone());
    }
    let target = (length as u64 * u64::from(to)).div_ceil(u64::from(from)) as usize;
    let shape: Vec<usize> = outer.iter().copied().chain([target]).collect();
    if x.is_empty() {
        return Ok(Tensor::zeros(shape, x.dtype())?);
    }
    let refused = || {
        let got = format!("{from} to {to}");
        Error::InvalidArgument { op, name: "rates", expected: "rates of sound", got }
    };
    let (from, to) = (from as usize, to as usize);
    // An even number of periods, so that the filter's delay is a whole number of samples.
    let chunk = CHUNK.next_multiple_of(2 * from / gcd(from, to));
    let mut filter = Fft::<f64>::new(from, to, chunk, 1, FixedSync::Both).map_err(|_| refused())?;
    let samples: Vec<f64> = x.to_dtype(DType::F64)?.to_vec()?;
    let mut y = Vec::with_capacity(samples.len() / length * target);
    for row in samples.chunks_exact(length) {
        let row = resample_row(&mut filter, row).ok_or_else(refused)?;
        // The crate rounds the length up from a product in floating point.
        y.extend(row.into_iter().chain(iter::repeat(0.0)).take(target));
    }
    Ok(Tensor::from_vec(y, shape)?.to_dtype(x.dtype())?)
}

/// One row, from a filter that has forgotten all others; `None` where the crate refuses.
fn resample_row(filter: &mut Fft<f64>, row: &[f64]) -> Option<Vec<f64>> {
    let samples = InterleavedOwned::new_from(row.to_vec(), 1, row.len()).ok()?;
    Some(filter.process_all(&samples, row.len(), None).ok()?.take_data())
}

const fn gcd(mut a: usize, mut b: usize) -> usize {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::f64::consts::PI;

    fn tone(hertz: f64, rate: u32, n: usize) -> Vec<f64> {
        (0..n).map(|i| (2.0 * PI * hertz * i as f64 / f64::from(rate)).sin()).collect()
    }

    #[test]
    fn a_tone_keeps_its_pitch() {
        let rates =
            [(8000, 16_000), (16_000, 8000), (44_100, 16_000), (8000, 11_025), (4999, 5003)];
        for (from, to) in rates {
            let n = from as usize / 2;
            let y = resample(&Tensor::from(tone(440.0, from, n)), from, to).unwrap();
            let y: Vec<f64> = y.to_vec().unwrap();
            assert_eq!(y.len(), (n * to as usize).div_ceil(from as usize));
            let expected = tone(440.0, to, y.len());
            // Away from the ends, where the silence around the tone is heard.
            for i in y.len() / 5..y.len() * 4 / 5 {
                assert!((y[i] - expected[i]).abs() < 1e-3, "{from} {to} {i}");
            }
        }
    }

    #[test]
    fn what_a_lower_rate_cannot_hold_is_filtered_out() {
        let x = Tensor::from(tone(7000.0, 16_000, 1600));
        let y: Vec<f64> = resample(&x, 16_000, 8000).unwrap().to_vec().unwrap();
        assert!(y[200..600].iter().all(|v| v.abs() < 0.05));
    }

    #[test]
    fn rows_are_independent_and_edges_have_a_result() {
        let x = Tensor::randn([2, 3, 50], DType::F32, gradus_core::Key::new(1)).unwrap();
        let y = resample(&x, 3, 2).unwrap();
        assert_eq!(y.dims(), &[2, 3, 34]);
        let row = resample(&x.select(0, 1).unwrap().select(0, 2).unwrap(), 3, 2).unwrap();
        assert!(y.select(0, 1).unwrap().select(0, 2).unwrap().equal(&row));
        assert!(resample(&x, 5, 5).unwrap().equal(&x));
        assert_eq!(
            resample(&Tensor::zeros([2, 0], DType::F32).unwrap(), 1, 2).unwrap().dims(),
            &[2, 0]
        );
        assert_eq!(
            resample(&Tensor::zeros([0, 4], DType::F32).unwrap(), 1, 2).unwrap().dims(),
            &[0, 8]
        );
        assert!(resample(&x, 0, 1).is_err());
        assert!(resample(&x, 8000, u32::MAX).is_err());
        assert!(resample(&Tensor::from([1i64]), 1, 2).is_err());
        assert!(resample(&Tensor::scalar(1.0f32), 1, 2).is_err());
    }
}
