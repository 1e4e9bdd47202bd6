//! Sound: files, rates, spectra and back.

mod griffin_lim;
mod mel;
mod mfcc;
mod mu_law;
mod resample;
mod stft;
mod wav;

pub use griffin_lim::{GriffinLim, PhaseStart};
pub use mel::{MelConfig, MelNorm, MelScale, mel_filters, power_to_db};
pub use mfcc::{dct_matrix, mfcc};
pub use mu_law::{mu_law_decode, mu_law_encode};
pub use resample::resample;
pub use stft::{StftConfig, hann_window};
pub use wav::{Wav, WavFormat, parse_wav, read_wav};
