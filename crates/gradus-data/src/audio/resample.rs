//! Another sampling rate.

use std::f64::consts::PI;

use gradus_core::DType;
use gradus_tensor::Tensor;

use super::mu_law::not_float;
use crate::{Error, Result};

/// Zero crossings of the filter on each side; torchaudio's default.
const WIDTH: usize = 6;
/// The cut-off as a share of the lower rate's limit; torchaudio's default.
const ROLLOFF: f64 = 0.99;

/// Changes the sampling rate with a sinc filter under a Hann window.
///
/// Both rates are divided by their greatest common divisor; the filter has one phase for each
/// sample that comes out of a period, so that any pair of whole rates works. The result has
/// ⌈T · to / from⌉ samples; silence is imagined around `x`. Sums are in f64.
///
/// # Shapes
/// - `x`: `[..., T]`, f32 or f64 → `[..., T']`
///
/// # Errors
/// [`Error::InvalidArgument`] if a rate is 0 or `x` is no float tensor of rank 1 or more.
///
/// # Reference
/// torchaudio's `resample` with its default method; Smith, "Digital Audio Resampling".
///
/// # Examples
/// ```
/// use gradus_data::resample;
/// use gradus_tensor::Tensor;
/// let x = Tensor::from(vec![0.5f32; 4410]);
/// let y = resample(&x, 44_100, 16_000)?;
/// assert_eq!(y.dims(), &[1600]);
/// assert!((y.to_vec::<f32>()?[800] - 0.5).abs() < 1e-2); // a constant stays nearly constant
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn resample(x: &Tensor, from: u32, to: u32) -> Result<Tensor> {
    let op = "resample";
    if from == 0 || to == 0 {
        let got = format!("{from} to {to}");
        return Err(Error::InvalidArgument { op, name: "rates", expected: "positive", got });
    }
    if !matches!(x.dtype(), DType::F32 | DType::F64) {
        return Err(not_float(op, x));
    }
    let Some((&length, outer)) = x.dims().split_last() else {
        let (name, expected, got) = ("x", "of rank 1 or more", "a 0-d tensor".to_owned());
        return Err(Error::InvalidArgument { op, name, expected, got });
    };
    let divisor = gcd(from, to);
    let (from, to) = ((from / divisor) as usize, (to / divisor) as usize);
    let target = (length * to).div_ceil(from);
    let shape: Vec<usize> = outer.iter().copied().chain([target]).collect();
    if from == to || target == 0 || x.is_empty() {
        return if from == to { Ok(x.clone()) } else { Ok(Tensor::zeros(shape, x.dtype())?) };
    }
    let phases: Vec<Phase> = (0..to).map(|phase| Phase::new(phase, from, to)).collect();
    let samples: Vec<f64> = x.to_dtype(DType::F64)?.to_vec()?;
    let mut y = Vec::with_capacity(samples.len() / length * target);
    for x in samples.chunks_exact(length) {
        y.extend((0..target).map(|i| phases[i % to].apply(x, i / to * from)));
    }
    Ok(Tensor::from_vec(y, shape)?.to_dtype(x.dtype())?)
}

/// The filter of the samples that come out at one place of a period.
struct Phase {
    /// Where the first tap lies, from the start of the period.
    first: i64,
    taps: Vec<f64>,
}

impl Phase {
    fn new(phase: usize, from: usize, to: usize) -> Self {
        let base = from.min(to) as f64 * ROLLOFF;
        let reach = WIDTH as f64 * from as f64 / base;
        let centre = phase as f64 * from as f64 / to as f64;
        let (first, last) = ((centre - reach).ceil() as i64, (centre + reach).floor() as i64);
        let tap = |at: i64| {
            let seconds = -(phase as f64) / to as f64 + at as f64 / from as f64;
            let t = (seconds * base).clamp(-(WIDTH as f64), WIDTH as f64);
            let window = (t * PI / WIDTH as f64 / 2.0).cos().powi(2);
            let sinc = if t == 0.0 { 1.0 } else { (t * PI).sin() / (t * PI) };
            sinc * window * base / from as f64
        };
        Self { first, taps: (first..=last).map(tap).collect() }
    }

    /// The sample of the period that starts at `start`; silence surrounds `x`.
    fn apply(&self, x: &[f64], start: usize) -> f64 {
        let first = start as i64 + self.first;
        let skipped = usize::try_from(-first).unwrap_or(0).min(self.taps.len());
        let from = usize::try_from(first).unwrap_or(0).min(x.len());
        self.taps[skipped..].iter().zip(&x[from..]).map(|(tap, x)| tap * x).sum()
    }
}

const fn gcd(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f64, rate: u32, n: usize) -> Vec<f64> {
        (0..n).map(|i| (2.0 * PI * hertz * i as f64 / f64::from(rate)).sin()).collect()
    }

    #[test]
    fn a_tone_keeps_its_pitch() {
        for (from, to) in [(8000, 16_000), (16_000, 8000), (44_100, 16_000), (8000, 11_025)] {
            let n = from as usize / 10;
            let y = resample(&Tensor::from(tone(440.0, from, n)), from, to).unwrap();
            let y: Vec<f64> = y.to_vec().unwrap();
            assert_eq!(y.len(), (n * to as usize).div_ceil(from as usize));
            let expected = tone(440.0, to, y.len());
            // Away from the ends, where the silence around the tone is heard.
            for i in y.len() / 5..y.len() * 4 / 5 {
                assert!((y[i] - expected[i]).abs() < 0.01, "{from} {to} {i}");
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
        assert!(resample(&Tensor::from([1i64]), 1, 2).is_err());
        assert!(resample(&Tensor::scalar(1.0f32), 1, 2).is_err());
    }
}
