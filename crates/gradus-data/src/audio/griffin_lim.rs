//! A sound from the magnitudes of its spectrum.

use std::f64::consts::TAU;

use gradus_core::{DType, Key, Kind};
use gradus_tensor::Tensor;

use super::stft::StftConfig;
use crate::{Error, Result};

/// Which phases the search starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PhaseStart {
    /// All phases are 0.
    #[default]
    Zero,
    /// Uniform phases, drawn by key.
    Keyed(Key),
}

/// Finds phases for a spectrogram of magnitudes, by going to and fro between spectra and sounds.
///
/// ```text
/// repeat: rebuilt = forward(inverse(magnitudes · angles))
///         angles  = direction of rebuilt − momentum / (1 + momentum) · the rebuilt before
/// ```
/// Computed in f64. The result is a pure function of the arguments.
///
/// # Reference
/// Griffin & Lim 1984; Perraudin et al. 2013, "A fast Griffin-Lim algorithm", for the momentum;
/// torchaudio's `griffinlim`, which starts from other random phases.
///
/// # Examples
/// ```
/// use gradus_data::{GriffinLim, StftConfig};
/// use gradus_tensor::Tensor;
/// let x = Tensor::from((0..2000).map(|t| (t as f64 * 0.3).sin()).collect::<Vec<_>>());
/// let stft = StftConfig::new(128);
/// let magnitudes = stft.spectrogram(&x, 1.0)?;
/// let y = GriffinLim::new(stft.clone()).run(&magnitudes, 2000)?;
/// let error = stft.spectrogram(&y, 1.0)?.sub(&magnitudes)?;
/// let norm = |t: &Tensor| t.mul(t)?.sum(..)?.item();
/// assert!(norm(&error)? < 0.01 * norm(&magnitudes)?);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct GriffinLim {
    /// How the spectrogram was made.
    pub stft: StftConfig,
    /// How often the spectrum is rebuilt; 32 by default.
    pub n_iter: usize,
    /// 0 for the first form of the method, up to 1 for a faster one; 0.99 by default.
    pub momentum: f64,
    /// Which phases the search starts from.
    pub start: PhaseStart,
}

impl GriffinLim {
    /// 32 rounds with momentum 0.99, from phase 0.
    pub fn new(stft: StftConfig) -> Self {
        Self { stft, n_iter: 32, momentum: 0.99, start: PhaseStart::default() }
    }

    /// The sound, with `length` samples.
    ///
    /// # Shapes
    /// - `magnitudes`: `[..., n_fft / 2 + 1, frames]`, f32 or f64, not negative → `[..., length]`
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if the momentum is not in 0..=1, or if shapes or the
    /// configuration do not fit each other.
    pub fn run(&self, magnitudes: &Tensor, length: usize) -> Result<Tensor> {
        let op = "GriffinLim::run";
        if !(0.0..=1.0).contains(&self.momentum) {
            let (name, expected) = ("momentum", "in 0..=1");
            return Err(Error::InvalidArgument {
                op,
                name,
                expected,
                got: self.momentum.to_string(),
            });
        }
        let dtype = magnitudes.dtype();
        let sizes: Vec<f64> = magnitudes.to_dtype(DType::F64)?.to_vec()?;
        let mut shape = magnitudes.dims().to_vec();
        shape.push(2);
        let keep = self.momentum / (1.0 + self.momentum);
        let mut angles = self.angles(sizes.len());
        let mut before = vec![0.0; 2 * sizes.len()];
        let sound = |angles: &[f64]| {
            let spectrum = angles.iter().enumerate().map(|(i, a)| a * sizes[i / 2]).collect();
            self.stft.inverse(&Tensor::from_vec::<f64>(spectrum, shape.clone())?, length)
        };
        for _ in 0..self.n_iter {
            let rebuilt = self.stft.forward(&sound(&angles)?)?;
            if rebuilt.dims() != shape {
                let (name, expected) = ("length", "that of so many frames");
                let got = format!("{length} for {}", magnitudes.shape());
                return Err(Error::InvalidArgument { op, name, expected, got });
            }
            let rebuilt: Vec<f64> = rebuilt.to_vec()?;
            let moved = rebuilt.iter().zip(&before).map(|(now, before)| now - keep * before);
            angles = directions(moved.collect());
            before = rebuilt;
        }
        Ok(sound(&angles)?.to_dtype(dtype)?)
    }

    fn angles(&self, n: usize) -> Vec<f64> {
        let phase = |i: usize| match self.start {
            PhaseStart::Zero => 0.0,
            PhaseStart::Keyed(key) => TAU * key.kind(Kind::Noise).uniform(i as u64),
        };
        (0..n).flat_map(|i| [phase(i).cos(), phase(i).sin()]).collect()
    }
}

/// Complex numbers scaled to length 1; torchaudio's bound keeps 0 at 0.
fn directions(mut pairs: Vec<f64>) -> Vec<f64> {
    for pair in pairs.chunks_exact_mut(2) {
        let length = pair[0].hypot(pair[1]) + 1e-16;
        pair.iter_mut().for_each(|v| *v /= length);
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_rounds_come_nearer_and_keys_repeat() {
        let x = Tensor::randn([2, 600], DType::F64, Key::new(4)).unwrap();
        let stft = StftConfig::new(32);
        let magnitudes = stft.spectrogram(&x, 1.0).unwrap();
        let error = |n_iter, momentum, start| {
            let y =
                GriffinLim { stft: stft.clone(), n_iter, momentum, start }.run(&magnitudes, 600);
            let gap = stft.spectrogram(&y.unwrap(), 1.0).unwrap().sub(&magnitudes).unwrap();
            gap.mul(&gap).unwrap().sum(..).unwrap().item().unwrap()
        };
        let start = PhaseStart::Keyed(Key::new(1));
        let plain: Vec<f64> = [0, 4, 16].map(|n| error(n, 0.0, start)).to_vec();
        assert!(plain[0] > plain[1] && plain[1] > plain[2], "{plain:?}");
        assert!(error(16, 0.99, start) < plain[2]);
        assert_eq!(error(3, 0.5, start).to_bits(), error(3, 0.5, start).to_bits());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let stft = StftConfig::new(16);
        let run = |shape: [usize; 2], momentum, length| {
            let magnitudes = Tensor::ones(shape, DType::F32).unwrap();
            GriffinLim { momentum, ..GriffinLim::new(stft.clone()) }.run(&magnitudes, length)
        };
        assert_eq!(run([9, 6], 0.0, 20).unwrap().dims(), &[20]);
        assert!(run([9, 6], 2.0, 20).is_err() && run([8, 6], 0.0, 20).is_err());
        assert!(run([9, 6], 0.0, 12).is_err() && run([9, 6], 0.0, 0).is_err());
    }
}
