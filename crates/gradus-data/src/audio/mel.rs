//! The mel scale.

use gradus_core::DType;
use gradus_tensor::Tensor;

use super::mu_law::not_float;
use crate::{Error, Result};

/// Which formula turns hertz into mels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MelScale {
    /// mel = 2595 log₁₀(1 + f / 700); the default of torchaudio and HTK.
    #[default]
    Htk,
    /// Linear below 1 kHz, logarithmic above; the default of librosa.
    Slaney,
}

/// How the filters are scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MelNorm {
    /// To a height of 1; the default of torchaudio.
    #[default]
    None,
    /// To an area of 1 in hertz; the default of librosa.
    Slaney,
}

impl MelScale {
    fn to_mel(self, hertz: f64) -> f64 {
        match self {
            Self::Htk => 2595.0 * (1.0 + hertz / 700.0).log10(),
            Self::Slaney if hertz >= 1000.0 => 15.0 + (hertz / 1000.0).ln() * 27.0 / 6.4f64.ln(),
            Self::Slaney => 3.0 * hertz / 200.0,
        }
    }

    fn to_hertz(self, mel: f64) -> f64 {
        match self {
            Self::Htk => 700.0 * (10f64.powf(mel / 2595.0) - 1.0),
            Self::Slaney if mel >= 15.0 => 1000.0 * (6.4f64.ln() / 27.0 * (mel - 15.0)).exp(),
            Self::Slaney => 200.0 * mel / 3.0,
        }
    }
}

/// A bank of mel filters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MelConfig {
    /// Samples per second of the sound.
    pub rate: u32,
    /// Samples of the Fourier transform.
    pub n_fft: usize,
    /// How many filters there are.
    pub n_mels: usize,
    /// Where the first filter begins, in hertz; 0 by default.
    pub low: f64,
    /// Where the last filter ends, in hertz; half the rate by default.
    pub high: f64,
    /// Which formula turns hertz into mels.
    pub scale: MelScale,
    /// How the filters are scaled.
    pub norm: MelNorm,
}

impl MelConfig {
    /// Filters over all frequencies, as torchaudio has them.
    pub fn new(rate: u32, n_fft: usize, n_mels: usize) -> Self {
        let (scale, norm) = (MelScale::default(), MelNorm::default());
        Self { rate, n_fft, n_mels, low: 0.0, high: f64::from(rate) / 2.0, scale, norm }
    }
}

/// Triangular filters that turn the bins of a spectrogram into mel bands.
///
/// # Shapes
/// - → `[n_mels, n_fft / 2 + 1]`, f64: multiply it with a spectrogram `[..., F, frames]`
///
/// # Errors
/// [`Error::InvalidArgument`] if there is no filter, `n_fft` is below 2, or `low` and `high` are not
/// rising within 0 to half the rate.
///
/// # Reference
/// torchaudio's `melscale_fbanks` (transposed), librosa's `filters.mel`.
///
/// # Examples
/// ```
/// use gradus_data::{MelConfig, StftConfig, mel_filters, power_to_db};
/// use gradus_tensor::Tensor;
/// let x = Tensor::from((0..8000).map(|t| (t as f64 * 0.35).sin()).collect::<Vec<_>>());
/// let power = StftConfig::new(512).spectrogram(&x, 2.0)?; // (F, frames)
/// let mel = mel_filters(MelConfig::new(8000, 512, 40))?.matmul(&power)?; // (M, frames)
/// let db = power_to_db(&mel, 80.0)?;
/// assert_eq!(db.dims(), &[40, 63]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn mel_filters(config: MelConfig) -> Result<Tensor> {
    let MelConfig { rate, n_fft, n_mels, low, high, scale, norm } = config;
    let invalid = |name, expected, got: String| {
        Err(Error::InvalidArgument { op: "mel_filters", name, expected, got })
    };
    if n_mels == 0 {
        return invalid("n_mels", "positive", "0".to_owned());
    }
    if n_fft < 2 {
        return invalid("n_fft", "2 or more", n_fft.to_string());
    }
    let top = f64::from(rate) / 2.0;
    if !(low >= 0.0 && low < high && high <= top) {
        let got = format!("{low} to {high} at a rate of {rate}");
        return invalid("low and high", "rising within 0 to half the rate", got);
    }
    let (first, last) = (scale.to_mel(low), scale.to_mel(high));
    let corner = |i: usize| scale.to_hertz(first + (last - first) * i as f64 / (n_mels + 1) as f64);
    let corners: Vec<f64> = (0..n_mels + 2).map(corner).collect();
    let n_bins = n_fft / 2 + 1;
    let mut filters = Vec::with_capacity(n_mels * n_bins);
    for corner in corners.windows(3) {
        let height = match norm {
            MelNorm::None => 1.0,
            MelNorm::Slaney => 2.0 / (corner[2] - corner[0]),
        };
        for bin in 0..n_bins {
            let hertz = top * bin as f64 / (n_bins - 1) as f64;
            let rise = (hertz - corner[0]) / (corner[1] - corner[0]);
            let fall = (corner[2] - hertz) / (corner[2] - corner[1]);
            filters.push(rise.min(fall).max(0.0) * height);
        }
    }
    Ok(Tensor::from_vec(filters, [n_mels, n_bins])?)
}

/// Decibels of powers: 10 log₁₀(max(x, 1e-10)), and nothing more than `top_db` below the largest.
///
/// Give an infinite `top_db` for no lower limit.
///
/// # Shapes
/// - `x`: `[...]` float → `[...]`
///
/// # Errors
/// [`Error::InvalidArgument`] if `top_db` is negative or NaN, or `x` is not a float tensor.
///
/// # Reference
/// librosa's `power_to_db` with `ref=1.0`; torchaudio's `AmplitudeToDB("power")`, whose largest value
/// is that of a whole batch too.
pub fn power_to_db(x: &Tensor, top_db: f64) -> Result<Tensor> {
    let op = "power_to_db";
    if !x.dtype().is_float() {
        return Err(not_float(op, x));
    }
    if top_db.is_nan() || top_db < 0.0 {
        let (name, expected) = ("top_db", "0 or more");
        return Err(Error::InvalidArgument { op, name, expected, got: top_db.to_string() });
    }
    let values: Vec<f64> = x.to_dtype(DType::F64)?.to_vec()?;
    let db: Vec<f64> = values.iter().map(|v| 10.0 * at_least(*v, 1e-10).log10()).collect();
    let largest = db.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let db: Vec<f64> = db.into_iter().map(|v| at_least(v, largest - top_db)).collect();
    Ok(Tensor::from_vec(db, x.shape().clone())?.to_dtype(x.dtype())?)
}

/// The larger of two, with NaN kept.
fn at_least(value: f64, low: f64) -> f64 {
    if value < low { low } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_undo_themselves() {
        for scale in [MelScale::Htk, MelScale::Slaney] {
            for hertz in [0.0, 200.0, 999.0, 1000.0, 8000.0] {
                assert!((scale.to_hertz(scale.to_mel(hertz)) - hertz).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn impossible_banks_are_refused() {
        let config = MelConfig::new(8000, 256, 10);
        for bad in [
            MelConfig { n_mels: 0, ..config },
            MelConfig { n_fft: 1, ..config },
            MelConfig { low: 4000.0, ..config },
            MelConfig { high: 4001.0, ..config },
            MelConfig { low: f64::NAN, ..config },
            MelConfig { rate: 0, ..config },
        ] {
            assert!(mel_filters(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn decibels_have_a_floor_and_keep_nan() {
        let db = power_to_db(&Tensor::from([1.0f64, 100.0, 0.0]), 30.0).unwrap();
        assert_eq!(db.to_vec::<f64>().unwrap(), [0.0, 20.0, -10.0]);
        let db = power_to_db(&Tensor::from([0.0f64, f64::NAN]), f64::INFINITY).unwrap();
        let db: Vec<f64> = db.to_vec().unwrap();
        assert!(db[0] == -100.0 && db[1].is_nan());
        assert!(power_to_db(&Tensor::from([1i64]), 1.0).is_err());
        assert!(power_to_db(&Tensor::from([1.0f32]), -1.0).is_err());
        assert!(power_to_db(&Tensor::from(Vec::<f32>::new()), 1.0).unwrap().is_empty());
    }
}
