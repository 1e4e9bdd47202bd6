//! The short-time Fourier transform and its inverse.

use std::f64::consts::TAU;

use gradus_core::DType;
use gradus_tensor::Tensor;
use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::mu_law::not_float;
use crate::{Error, Result};

/// How a sound is cut into frames: `torch.stft` with `center=True` and reflection at the ends.
///
/// # Examples
/// ```
/// use gradus_data::StftConfig;
/// use gradus_tensor::Tensor;
/// let x = Tensor::from((0..400).map(|t| (t as f64 * 0.3).sin()).collect::<Vec<_>>());
/// let stft = StftConfig::new(64);
/// let spectrum = stft.forward(&x)?; // (F, frames, 2): real and imaginary parts
/// assert_eq!(spectrum.dims(), &[33, 26, 2]);
/// assert!(stft.inverse(&spectrum, 400)?.allclose(&x, 0.0, 1e-12)?);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct StftConfig {
    /// Samples of a Fourier transform.
    pub n_fft: usize,
    /// Samples between the starts of two frames; a quarter of `n_fft` by default.
    pub hop: usize,
    /// The window, at most `n_fft` samples long and put in the middle of a frame; [`hann_window`]
    /// by default.
    pub window: Vec<f64>,
}

/// The periodic Hann window: ½ − ½ cos(2πi / n).
pub fn hann_window(n: usize) -> Vec<f64> {
    (0..n).map(|i| 0.5 - 0.5 * (TAU * i as f64 / n as f64).cos()).collect()
}

impl StftConfig {
    /// Frames of `n_fft` samples under a Hann window, a quarter of it apart.
    pub fn new(n_fft: usize) -> Self {
        Self { n_fft, hop: (n_fft / 4).max(1), window: hann_window(n_fft) }
    }

    /// The spectrum of each frame.
    ///
    /// Computed in f64; the result has the input's dtype.
    ///
    /// # Shapes
    /// - `x`: `[..., T]` float → `[..., n_fft / 2 + 1, T / hop + 1, 2]`, real and imaginary parts in
    ///   the last dimension, as `torch.view_as_real`
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if the configuration is out of range, `x` is not a float tensor, or
    /// has no more than `n_fft / 2` samples, too few to be reflected at its ends.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let op = "StftConfig::forward";
        let window = self.checked_window(op)?;
        let (rows, shape) = rows(op, x, 1)?;
        let (outer, length) = (&shape[..shape.len() - 1], shape[shape.len() - 1]);
        let half = self.n_fft / 2;
        if length <= half {
            let (name, expected) = ("x", "longer than half a frame");
            return Err(Error::InvalidArgument {
                op,
                name,
                expected,
                got: format!("{length} samples"),
            });
        }
        let n_frames = (length + 2 * half - self.n_fft) / self.hop + 1;
        let n_bins = half + 1;
        let plan = RealFftPlanner::<f64>::new().plan_fft_forward(self.n_fft);
        let (mut frame, mut bins) = (plan.make_input_vec(), plan.make_output_vec());
        let mut out = vec![0.0; outer.iter().product::<usize>() * n_bins * n_frames * 2];
        for (x, spectrum) in
            rows.chunks_exact(length).zip(out.chunks_exact_mut(n_bins * n_frames * 2))
        {
            for t in 0..n_frames {
                for (i, (sample, w)) in frame.iter_mut().zip(&window).enumerate() {
                    *sample = w * x[reflected((t * self.hop + i) as i64 - half as i64, length)];
                }
                to_bins(&*plan, &mut frame, &mut bins);
                for (k, bin) in bins.iter().enumerate() {
                    let at = (k * n_frames + t) * 2;
                    (spectrum[at], spectrum[at + 1]) = (bin.re, bin.im);
                }
            }
        }
        let shape: Vec<usize> = outer.iter().copied().chain([n_bins, n_frames, 2]).collect();
        Ok(Tensor::from_vec(out, shape)?.to_dtype(x.dtype())?)
    }

    /// The sound whose spectrum is nearest in the least-squares sense: frames are transformed back,
    /// weighted with the window, added up, and divided by the summed squares of the windows.
    ///
    /// # Shapes
    /// - `spectrum`: `[..., n_fft / 2 + 1, frames, 2]` → `[..., length]`
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if the configuration or a shape does not fit, or if no window
    /// covers some sample.
    ///
    /// # Reference
    /// Griffin & Lim 1984, eq. 6; `torch.istft`.
    pub fn inverse(&self, spectrum: &Tensor, length: usize) -> Result<Tensor> {
        let op = "StftConfig::inverse";
        let invalid =
            |name, expected, got: String| Error::InvalidArgument { op, name, expected, got };
        let window = self.checked_window(op)?;
        let (rows, shape) = rows(op, spectrum, 3)?;
        let (outer, inner) = shape.split_at(shape.len() - 3);
        let (n_bins, n_frames) = (self.n_fft / 2 + 1, inner[1]);
        if inner[0] != n_bins || inner[2] != 2 || n_frames == 0 {
            let expected = "[..., n_fft / 2 + 1, frames, 2]";
            return Err(invalid("spectrum", expected, spectrum.shape().to_string()));
        }
        let total = (n_frames - 1) * self.hop + self.n_fft;
        let half = self.n_fft / 2;
        if length == 0 || length > total - half {
            let expected = "in what the frames cover";
            return Err(invalid("length", expected, format!("{length} of {}", total - half)));
        }
        let mut weights = vec![0.0; total];
        for t in 0..n_frames {
            let frame = weights[t * self.hop..].iter_mut();
            frame.zip(&window).for_each(|(sum, w)| *sum += w * w);
        }
        let weights = &weights[half..half + length];
        // PyTorch's bound.
        if let Some(at) = weights.iter().position(|w| *w <= 1e-11) {
            return Err(invalid(
                "window and hop",
                "such that every sample is covered",
                format!("none at {at}"),
            ));
        }
        let plan = RealFftPlanner::<f64>::new().plan_fft_inverse(self.n_fft);
        let (mut bins, mut frame) = (plan.make_input_vec(), plan.make_output_vec());
        let mut out = Vec::with_capacity(outer.iter().product::<usize>() * length);
        for spectrum in rows.chunks_exact(n_bins * n_frames * 2) {
            let mut sum = vec![0.0; total];
            for t in 0..n_frames {
                for (k, bin) in bins.iter_mut().enumerate() {
                    let at = (k * n_frames + t) * 2;
                    *bin = Complex::new(spectrum[at], spectrum[at + 1]);
                }
                // The first bin is real, and the last one of an even length.
                bins[0].im = 0.0;
                if self.n_fft.is_multiple_of(2) {
                    bins[half].im = 0.0;
                }
                to_frame(&*plan, &mut bins, &mut frame);
                let places = sum[t * self.hop..].iter_mut().zip(&window);
                places.zip(&frame).for_each(|((s, w), x)| *s += w * x / self.n_fft as f64);
            }
            out.extend(sum[half..half + length].iter().zip(weights).map(|(s, w)| s / w));
        }
        let shape: Vec<usize> = outer.iter().copied().chain([length]).collect();
        Ok(Tensor::from_vec(out, shape)?.to_dtype(spectrum.dtype())?)
    }

    /// |spectrum|^`power`: 1 for magnitudes, 2 for the power spectrum.
    ///
    /// # Shapes
    /// - `x`: `[..., T]` → `[..., n_fft / 2 + 1, frames]`
    ///
    /// # Errors
    /// Those of [`StftConfig::forward`].
    pub fn spectrogram(&self, x: &Tensor, power: f64) -> Result<Tensor> {
        let spectrum = self.forward(x)?;
        let norm = spectrum.mul(&spectrum)?.sum(-1)?;
        Ok(if power == 2.0 { norm } else { norm.powf(power / 2.0)? })
    }

    /// The window with zeros on both sides up to a frame.
    fn checked_window(&self, op: &'static str) -> Result<Vec<f64>> {
        let invalid = |name, expected, got: usize| {
            Err(Error::InvalidArgument { op, name, expected, got: got.to_string() })
        };
        if self.n_fft < 2 {
            return invalid("n_fft", "2 or more", self.n_fft);
        }
        if self.hop == 0 {
            return invalid("hop", "positive", self.hop);
        }
        if self.window.is_empty() || self.window.len() > self.n_fft {
            return invalid("window", "of 1 to n_fft samples", self.window.len());
        }
        let mut window = vec![0.0; self.n_fft];
        let left = (self.n_fft - self.window.len()) / 2;
        window[left..left + self.window.len()].copy_from_slice(&self.window);
        Ok(window)
    }
}

fn to_bins(plan: &dyn RealToComplex<f64>, frame: &mut [f64], bins: &mut [Complex<f64>]) {
    plan.process(frame, bins).expect("the lengths are the plan's");
}

fn to_frame(plan: &dyn ComplexToReal<f64>, bins: &mut [Complex<f64>], frame: &mut [f64]) {
    plan.process(bins, frame).expect("the lengths are the plan's, and the ends are real");
}

/// The elements as f64, and the shape, of a float tensor of rank `least` or more.
fn rows(op: &'static str, x: &Tensor, least: usize) -> Result<(Vec<f64>, Vec<usize>)> {
    if !x.dtype().is_float() {
        return Err(not_float(op, x));
    }
    if x.rank() < least {
        let (name, expected) = ("x", "of a higher rank");
        return Err(Error::InvalidArgument { op, name, expected, got: x.shape().to_string() });
    }
    Ok((x.to_dtype(DType::F64)?.to_vec()?, x.dims().to_vec()))
}

/// The place that a place beyond an end is the mirror image of.
const fn reflected(at: i64, length: usize) -> usize {
    let last = length as i64 - 1;
    let at = at.abs();
    (if at > last { 2 * last - at } else { at }) as usize
}

#[cfg(test)]
mod tests {
    use gradus_core::Key;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn the_inverse_undoes_and_bins_are_the_sums_of_the_definition(
            n_fft in 4usize..24, extra in 1usize..40, seed: u64,
        ) {
            let length = n_fft + extra;
            let x = Tensor::randn([2, length], DType::F64, Key::new(seed)).unwrap();
            let stft = StftConfig::new(n_fft);
            let spectrum = stft.forward(&x).unwrap();
            // Frames end before the last samples if the hop does not divide the length.
            let covered = (length / stft.hop * stft.hop).min(length);
            let back = stft.inverse(&spectrum, covered).unwrap();
            prop_assert!(back.allclose(&x.narrow(1, 0, covered).unwrap(), 0.0, 1e-9).unwrap());
            let row: Vec<f64> = x.select(0, 1).unwrap().to_vec().unwrap();
            let got: Vec<f64> = spectrum.select(0, 1).unwrap().to_vec().unwrap();
            let n_frames = spectrum.dims()[2];
            let t = n_frames / 2;
            for k in 0..=n_fft / 2 {
                let (mut re, mut im) = (0.0, 0.0);
                for i in 0..n_fft {
                    let at = reflected((t * stft.hop + i) as i64 - (n_fft / 2) as i64, length);
                    let angle = -TAU * (k * i) as f64 / n_fft as f64;
                    let v = row[at] * stft.window[i];
                    re += v * angle.cos();
                    im += v * angle.sin();
                }
                let place = (k * n_frames + t) * 2;
                prop_assert!((got[place] - re).abs() < 1e-9 && (got[place + 1] - im).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let x = Tensor::from(vec![0.0f32; 20]);
        let stft = StftConfig::new(16);
        assert_eq!(stft.forward(&x).unwrap().dims(), &[9, 6, 2]);
        assert!(stft.forward(&Tensor::from(vec![0.0f32; 8])).is_err());
        assert!(stft.forward(&Tensor::scalar(0.0f32)).is_err());
        assert!(stft.forward(&Tensor::from([1i64; 20])).is_err());
        assert!(StftConfig::new(1).forward(&x).is_err());
        assert!(StftConfig { hop: 0, ..stft.clone() }.forward(&x).is_err());
        assert!(StftConfig { window: vec![1.0; 17], ..stft.clone() }.forward(&x).is_err());
        let spectrum = stft.forward(&x).unwrap();
        assert!(stft.inverse(&spectrum, 0).is_err() && stft.inverse(&spectrum, 99).is_err());
        assert!(stft.inverse(&x, 4).is_err());
        let gaps = StftConfig { hop: 16, ..stft };
        let error = gaps.inverse(&gaps.forward(&x).unwrap(), 20).unwrap_err().to_string();
        assert!(error.contains("covered"), "{error}");
    }
}
