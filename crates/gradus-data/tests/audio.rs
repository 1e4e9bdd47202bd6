//! Sound against torch and torchaudio.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

#[rustfmt::skip]
#[path = "golden/audio.rs"]
mod golden;

use gradus_core::DType;
use gradus_data::{
    GriffinLim, MelConfig, MelNorm, MelScale, StftConfig, hann_window, mel_filters, mfcc,
    mu_law_decode, mu_law_encode, power_to_db,
};
use gradus_tensor::Tensor;

const N: usize = 400;

fn sound() -> Tensor {
    let sample = |t: usize| {
        let t = t as f64;
        (0.05 * t * (1.0 + t / 300.0)).sin() * 0.6 + 0.3 * (1.3 * t + 0.002 * t * t).cos()
    };
    Tensor::from((0..N).map(sample).collect::<Vec<_>>())
}

/// The products with cosines that the script writes.
fn projected(x: &Tensor) -> Vec<f64> {
    let flat: Vec<f64> = x.to_vec().unwrap();
    let product = |k: usize| {
        let k = k as f64;
        flat.iter().enumerate().map(|(j, v)| v * (k * 0.37 * j as f64 + k).cos()).sum()
    };
    (0..12).map(product).collect()
}

#[track_caller]
fn assert_close(got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len());
    for (g, e) in got.iter().zip(expected) {
        assert!((g - e).abs() <= tolerance * e.abs().max(1.0), "{g} {e}");
    }
}

#[test]
fn mu_law_agrees() {
    let classes = mu_law_encode(&sound(), 256).unwrap().narrow(0, 0, 64).unwrap();
    let classes: Vec<f64> = classes.to_dtype(DType::F64).unwrap().to_vec().unwrap();
    assert_close(&classes, &golden::MU_LAW, 0.0);
    let classes = Tensor::from((0..256).step_by(5).collect::<Vec<i64>>());
    let decoded = mu_law_decode(&classes, 256).unwrap().to_dtype(DType::F64).unwrap();
    // Decoded sound is f32 on both sides.
    assert_close(&decoded.to_vec::<f64>().unwrap(), &golden::MU_LAW_DECODED, 1e-6);
}

#[test]
fn spectra_and_their_inverses_agree() {
    for (n_fft, hop, window, forward, inverse) in [
        (64, 16, 64, &golden::STFT_64, &golden::ISTFT_64),
        (50, 20, 40, &golden::STFT_50, &golden::ISTFT_50),
        (33, 8, 33, &golden::STFT_33, &golden::ISTFT_33),
    ] {
        let stft = StftConfig { n_fft, hop, window: hann_window(window) };
        let spectrum = stft.forward(&sound()).unwrap();
        assert_close(&projected(&spectrum), forward, 1e-9);
        let n_bins = n_fft / 2 + 1;
        let weights = Tensor::linspace(-1.0, 1.0, n_bins, DType::F64).unwrap().exp().unwrap();
        let changed = spectrum.mul(&weights.reshape([n_bins, 1, 1]).unwrap()).unwrap();
        assert_close(&projected(&stft.inverse(&changed, 360).unwrap()), inverse, 1e-9);
    }
}

#[test]
fn mel_filters_agree() {
    let config = MelConfig { low: 50.0, high: 3800.0, ..MelConfig::new(8000, 256, 20) };
    for (scale, norm, expected) in [
        (MelScale::Htk, MelNorm::None, &golden::MEL_HTK_PLAIN),
        (MelScale::Htk, MelNorm::Slaney, &golden::MEL_HTK_SLANEY),
        (MelScale::Slaney, MelNorm::None, &golden::MEL_SLANEY_PLAIN),
        (MelScale::Slaney, MelNorm::Slaney, &golden::MEL_SLANEY_SLANEY),
    ] {
        let filters = mel_filters(MelConfig { scale, norm, ..config }).unwrap();
        assert_close(&projected(&filters), expected, 1e-9);
    }
}

#[test]
fn decibels_and_cepstra_agree() {
    let power: Vec<f64> = (0..60).map(|i| f64::from(i).cos().powi(2) * 1e3).collect();
    let db = power_to_db(&Tensor::from_vec(power, [20, 3]).unwrap(), 40.0).unwrap();
    assert_close(&db.to_vec::<f64>().unwrap(), &golden::DB, 1e-12);
    assert_close(&mfcc(&db, 5).unwrap().to_vec::<f64>().unwrap(), &golden::MFCC, 1e-11);
}

#[test]
fn rebuilt_sounds_agree() {
    let stft = StftConfig::new(64);
    let magnitudes = stft.spectrogram(&sound(), 1.0).unwrap();
    for (momentum, expected) in [(0.0, &golden::GRIFFIN_LIM_0), (0.99, &golden::GRIFFIN_LIM_99)] {
        let search = GriffinLim { n_iter: 6, momentum, ..GriffinLim::new(stft.clone()) };
        let y: Vec<f64> = search.run(&magnitudes, N).unwrap().to_vec().unwrap();
        let every_fourth: Vec<f64> = y.into_iter().step_by(4).collect();
        assert_close(&every_fourth, expected, 1e-6);
    }
}
