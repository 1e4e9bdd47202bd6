//! From sound to frames, and back.

use anyhow::Result;
use gradus::data::{
    Fit, GriffinLim, MelConfig, PhaseStart, StandardScaler, StandardScalerConfig, StftConfig,
    TrainRows, Transform, mel_filters,
};
use gradus::prelude::*;

use super::recordings::{HOP, RATE, Recordings, SAMPLES};

/// Mel bands of a frame.
pub(crate) const MELS: usize = 40;
/// The recordings were made at 8 kHz and hold nothing above.
const HIGHEST: f64 = 4000.0;
/// What is quieter counts as this quiet: 70 dB below a full sine.
const QUIET: f64 = 0.08;

/// Log-mel frames of sounds, standardised; and sounds of frames, with phases found by Griffin-Lim.
#[derive(Debug)]
pub(crate) struct Sound {
    stft: StftConfig,
    /// `[MELS, bins]`.
    filters: Tensor,
    /// Their pseudo-inverse, `[bins, MELS]`.
    inverse: Tensor,
    scaler: StandardScaler,
}

impl Sound {
    /// Learns the mean and deviation of each band.
    pub(crate) fn fit(train: &Recordings) -> Result<Self> {
        let stft = StftConfig { hop: HOP, ..StftConfig::new(1024) };
        let config = MelConfig { high: HIGHEST, ..MelConfig::new(RATE, 1024, MELS) };
        let filters = mel_filters(config)?;
        let inverse = filters.pinv()?;
        let logs = logs(&bands(&stft, &filters, &train.waves)?)?;
        let scaler = StandardScalerConfig::default().fit(&TrainRows::whole(&logs))?;
        Ok(Self { stft, filters, inverse, scaler })
    }

    /// Standardised logarithms of the mel bands.
    ///
    /// # Shapes
    /// - `waves`: `[N, SAMPLES]` → `[N, FRAMES, MELS]`, f32
    pub(crate) fn frames(&self, waves: &Tensor) -> Result<Tensor> {
        let logs = logs(&bands(&self.stft, &self.filters, waves)?)?;
        Ok(self.scaler.transform(&logs)?.to_dtype(DType::F32)?)
    }

    /// The mean power of each band over the frames of a sound, a row for each.
    pub(crate) fn spectra(&self, waves: &Tensor) -> Result<Vec<Vec<f64>>> {
        let bands = bands(&self.stft, &self.filters, waves)?;
        let powers = bands.mul(&bands)?.mean(1)?.to_vec::<f64>()?; // (N, M)
        Ok(powers.chunks_exact(MELS).map(<[f64]>::to_vec).collect())
    }

    /// Sounds whose frames are near these.
    ///
    /// # Shapes
    /// - `frames`: `[N, FRAMES, MELS]` → `[N, SAMPLES]`, f32
    pub(crate) fn waves(&self, frames: &Tensor, key: Key) -> Result<Tensor> {
        // Beyond six deviations nothing was ever heard.
        let frames = frames.to_dtype(DType::F64)?.clamp(-6.0, 6.0)?;
        let bands = self.scaler.inverse_transform(&frames)?.exp()?.transpose(1, 2)?; // (N, M, F)
        let magnitudes = self.inverse.matmul(&bands)?.clamp(0.0, f64::INFINITY)?; // (N, bins, F)
        let start = PhaseStart::Keyed(key);
        let vocoder = GriffinLim { start, ..GriffinLim::new(self.stft.clone()) };
        Ok(vocoder.run(&magnitudes, SAMPLES)?.to_dtype(DType::F32)?)
    }
}

/// Magnitudes of the mel bands, `[N, FRAMES, MELS]`, f64.
fn bands(stft: &StftConfig, filters: &Tensor, waves: &Tensor) -> Result<Tensor> {
    let magnitudes = stft.spectrogram(&waves.to_dtype(DType::F64)?, 1.0)?; // (N, bins, F)
    Ok(filters.matmul(&magnitudes)?.clamp(QUIET, f64::INFINITY)?.transpose(1, 2)?)
}

fn logs(bands: &Tensor) -> Result<Tensor> {
    Ok(bands.log()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::recordings::{FRAMES, Spoken};

    #[test]
    fn sounds_come_back_near_what_they_were() {
        let train = Spoken::made_up(Key::new(1), [2, 2]).unwrap().train;
        let sound = Sound::fit(&train).unwrap();
        let frames = sound.frames(&train.waves).unwrap();
        assert_eq!(frames.dims(), &[20, FRAMES, MELS]);
        let one = frames.narrow(0, 7, 1).unwrap();
        let waves = sound.waves(&one, Key::new(2)).unwrap();
        assert_eq!(waves.dims(), &[1, SAMPLES]);
        let back = sound.frames(&waves).unwrap();
        let gap = back.sub(&one).unwrap().square().unwrap();
        // Deviations: where the sounds differ from each other by one, these differ by little.
        assert!(gap.mean(..).unwrap().item().unwrap() < 0.2);
    }
}
