//! Spoken digits, of the user or made up.

use std::f64::consts::TAU;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use gradus::data::{read_wav, resample};
use gradus::prelude::*;

/// Samples per second.
pub(crate) const RATE: u32 = 16_000;
/// Samples from frame to frame: 20 ms.
pub(crate) const HOP: usize = 320;
/// Frames of a word.
pub(crate) const FRAMES: usize = 32;
/// Samples of a word: 0.62 seconds. Longer recordings lose their end, shorter ones end in silence.
pub(crate) const SAMPLES: usize = (FRAMES - 1) * HOP;
pub(crate) const CLASSES: usize = 10;
/// Of each class, the recordings with a number below this are held out.
pub(crate) const HELD_OUT: usize = 10;

/// Words of one length and what they say.
#[derive(Debug, Clone)]
pub(crate) struct Recordings {
    /// `[N, SAMPLES]`, f32, each with a peak of 0.9.
    pub(crate) waves: Tensor,
    pub(crate) labels: Vec<u32>,
}

/// Words to learn from, and words that nobody learns from.
#[derive(Debug, Clone)]
pub(crate) struct Spoken {
    pub(crate) train: Recordings,
    pub(crate) held_out: Recordings,
    pub(crate) source: String,
}

impl Recordings {
    fn new(words: Vec<(u32, Vec<f32>)>) -> Result<Self> {
        let labels: Vec<u32> = words.iter().map(|(label, _)| *label).collect();
        let of_class = |class: usize| labels.iter().filter(move |&&l| l as usize == class).count();
        let rarest = (0..CLASSES).map(of_class).min().unwrap_or(0);
        ensure!(rarest >= 2, "{rarest} recordings of a digit in a part, expected 2");
        let n = words.len();
        let waves: Vec<f32> = words.into_iter().flat_map(|(_, wave)| fitted(wave)).collect();
        Ok(Self { waves: Tensor::from_vec(waves, [n, SAMPLES])?, labels })
    }

    pub(crate) fn len(&self) -> usize {
        self.labels.len()
    }

    /// `[N]`, i64.
    pub(crate) fn classes(&self) -> Tensor {
        Tensor::from(self.labels.iter().map(|&label| i64::from(label)).collect::<Vec<_>>())
    }

    /// So many of each class, the classes in turn.
    pub(crate) fn in_turn(&self, per_class: usize) -> Result<Self> {
        let of = |class: usize| (0..self.len()).filter(move |&i| self.labels[i] as usize == class);
        let by_class: Vec<Vec<usize>> =
            (0..CLASSES).map(|class| of(class).take(per_class).collect()).collect();
        let least = by_class.iter().map(Vec::len).min().unwrap_or(0);
        let chosen: Vec<usize> =
            (0..least).flat_map(|i| by_class.iter().map(move |of| of[i])).collect();
        let ids: Vec<i64> = chosen.iter().map(|&i| i as i64).collect();
        let labels = chosen.iter().map(|&i| self.labels[i]).collect();
        Ok(Self { waves: self.waves.index_select(0, &Tensor::from(ids))?, labels })
    }

    /// The first ones, if there are so many.
    pub(crate) fn first(&self, most: usize) -> Result<Self> {
        let n = most.min(self.len());
        Ok(Self { waves: self.waves.narrow(0, 0, n)?, labels: self.labels[..n].to_vec() })
    }
}

/// The length of a word, with a peak of 0.9.
fn fitted(mut wave: Vec<f32>) -> Vec<f32> {
    wave.resize(SAMPLES, 0.0);
    let peak = wave.iter().fold(0.0f32, |peak, v| peak.max(v.abs()));
    if peak > 0.0 {
        wave.iter_mut().for_each(|v| *v *= 0.9 / peak);
    }
    wave
}

impl Spoken {
    /// The WAV files `DIGIT_speaker_INDEX.wav` of a folder, at any rate; other files are passed over.
    /// Of each digit the recordings 0 to 9 are held out.
    pub(crate) fn folder(dir: &Path) -> Result<Self> {
        let entries = std::fs::read_dir(dir).with_context(|| dir.display().to_string())?;
        let mut files: Vec<_> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        files.sort();
        let mut parts = [Vec::new(), Vec::new()];
        for file in &files {
            let Some((digit, index)) = named(file) else { continue };
            let wav = read_wav(file)?;
            let wave = resample(&wav.mono()?, wav.rate, RATE)?.to_vec::<f32>()?;
            parts[usize::from(index < HELD_OUT)].push((digit, wave));
        }
        let n = parts[0].len() + parts[1].len();
        let [train, held_out] = parts.map(Recordings::new);
        let what = || format!("{}: DIGIT_speaker_INDEX.wav", dir.display());
        let (train, held_out) = (train.with_context(what)?, held_out.with_context(what)?);
        let source = format!("{n} recordings of spoken digits");
        Ok(Self { train, held_out, source })
    }

    /// Made up: ten sounds like vowels, each a glide between two pairs of formants, with pitch, length
    /// and pace that vary. No speech, but of its kind, with known classes; so many of each to learn from
    /// and held out.
    pub(crate) fn made_up(key: Key, per_class: [usize; 2]) -> Result<Self> {
        let word = |part: u64, i: usize| {
            let class = i % CLASSES;
            (class as u32, glide(class, key.fold_in(part).fold_in(i as u64)))
        };
        let part = |part, per_class: usize| {
            Recordings::new((0..per_class * CLASSES).map(|i| word(part, i)).collect())
        };
        let n = CLASSES * (per_class[0] + per_class[1]);
        let source = format!("{n} made-up sounds, each a glide between two vowels");
        Ok(Self { train: part(0, per_class[0])?, held_out: part(1, per_class[1])?, source })
    }
}

/// The digit and the number of a recording, from the name of its file.
fn named(file: &Path) -> Option<(u32, usize)> {
    let name = file.file_name()?.to_str()?.strip_suffix(".wav")?;
    let mut parts = name.split('_');
    let digit = parts.next()?.parse().ok().filter(|&digit: &u32| (digit as usize) < CLASSES)?;
    let index = parts.next_back()?.parse().ok()?;
    Some((digit, index))
}

/// First and second formant at the start and at the end, in hertz.
const GLIDES: [[[f64; 2]; 2]; CLASSES] = [
    [[300.0, 2300.0], [500.0, 900.0]],
    [[320.0, 800.0], [650.0, 1200.0]],
    [[700.0, 1200.0], [700.0, 1200.0]],
    [[300.0, 2300.0], [300.0, 2300.0]],
    [[500.0, 900.0], [500.0, 900.0]],
    [[750.0, 1200.0], [300.0, 2200.0]],
    [[350.0, 2100.0], [550.0, 1700.0]],
    [[550.0, 1800.0], [450.0, 1100.0]],
    [[500.0, 1900.0], [300.0, 2300.0]],
    [[750.0, 1300.0], [320.0, 850.0]],
];

/// A pulse train through two resonators that move.
fn glide(class: usize, key: Key) -> Vec<f32> {
    let vary = |i, share: f64| 1.0 + share * (2.0 * key.uniform(i) - 1.0);
    let length = (0.45 * vary(0, 0.2) * f64::from(RATE)) as usize;
    let (pitch, mouth) = (110.0 * vary(1, 0.15), vary(2, 0.05));
    let [from, to] = GLIDES[class];
    let mut past = [[0.0; 2]; 2];
    let mut phase = 0.0;
    let sample = |t: usize| {
        let share = t as f64 / length as f64;
        phase += pitch * (1.1 - 0.3 * share) / f64::from(RATE);
        let breath = 0.02 * key.normal(8 + t as u64);
        let mut x = breath + if phase >= 1.0 { 1.0 } else { 0.0 };
        phase = phase.fract();
        for (i, past) in past.iter_mut().enumerate() {
            let hertz = mouth * (from[i] + (to[i] - from[i]) * share);
            x += resonance(x, past, hertz, 60.0 + 40.0 * i as f64);
        }
        // Comes in 20 ms, and goes in 80.
        let ends = (share * length as f64 / 320.0).min((1.0 - share) * length as f64 / 1280.0);
        (x * ends.min(1.0)) as f32
    };
    (0..length).map(sample).collect()
}

/// One step of a resonator of order two.
fn resonance(x: f64, past: &mut [f64; 2], hertz: f64, width: f64) -> f64 {
    let radius = (-TAU / 2.0 * width / f64::from(RATE)).exp();
    let turn = 2.0 * radius * (TAU * hertz / f64::from(RATE)).cos();
    let y = (1.0 - radius) * x + turn * past[0] - radius * radius * past[1];
    *past = [y, past[0]];
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_spoken() {
        let of = |name: &str| named(Path::new(name));
        assert_eq!(of("dir/7_jackson_12.wav"), Some((7, 12)));
        assert_eq!(of("3_a_b_0.wav"), Some((3, 0)));
        for bad in ["10_x_1.wav", "x_y_1.wav", "1.wav", "1_x_y.wav", "1_x_2.mp3", "_1.wav"] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }

    #[test]
    fn made_up_words_are_balanced_and_repeat() {
        let spoken = Spoken::made_up(Key::new(1), [2, 3]).unwrap();
        assert_eq!((spoken.train.len(), spoken.held_out.len()), (20, 30));
        let again = Spoken::made_up(Key::new(1), [2, 3]).unwrap();
        assert!(spoken.train.waves.equal(&again.train.waves));
        let waves = spoken.held_out.waves.to_vec::<f32>().unwrap();
        assert!(waves.iter().all(|v| v.abs() <= 0.9 + 1e-6));
        let two = spoken.held_out.in_turn(2).unwrap();
        assert_eq!(two.labels[..11], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
    }

    #[test]
    fn a_folder_without_words_is_named() {
        let error = Spoken::folder(Path::new("absent")).unwrap_err();
        assert!(format!("{error:#}").contains("absent"));
        let error = Spoken::folder(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap_err();
        assert!(format!("{error:#}").contains("expected 2"));
    }
}
