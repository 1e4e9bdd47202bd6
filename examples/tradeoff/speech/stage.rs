//! Every voice says the same words, is timed, and is listened to.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use gradus::data::{Wav, WavFormat};
use gradus::prelude::*;
use gradus::train::report::Picture;
use indicatif::ProgressBar;

use super::critic::{Critic, pictures};
use super::recordings::{CLASSES, HELD_OUT, RATE, SAMPLES, Spoken};
use super::sound::Sound;
use super::voices::{Drawn, Voice, Voices, fingerprint, voices};
use crate::chart::FLOOR;
use crate::compare::BATCH;
use crate::context::Context;
use crate::gauge::Measured;
use crate::rows::Row;
use crate::table::table;

/// Seconds of a word.
const SECONDS: f64 = SAMPLES as f64 / RATE as f64;

/// The user's recordings, or sounds that are made up.
pub(crate) fn load(cx: &Context) -> Result<Spoken> {
    match cx.folder("spoken_digits") {
        Some(folder) => Spoken::folder(&folder),
        None => Spoken::made_up(Key::new(0), [40, HELD_OUT]),
    }
}

pub(crate) fn run(cx: &mut Context) -> Result<Vec<Row>> {
    let spoken = load(cx)?;
    cx.begin("Spoken digits: samples, frames or codes");
    let (train, held_out) = (&spoken.train, &spoken.held_out);
    println!("{}: {} to learn from, {} held out", spoken.source, train.len(), held_out.len());
    let sound = Sound::fit(train)?;
    let critic = Critic::train(cx, train, &sound, fingerprint(&spoken)?)?;
    let models = Voices::train(cx, &spoken, &sound)?;

    let real = held_out.in_turn(BATCH.div_ceil(CLASSES))?.first(BATCH)?;
    let stage = Stage { cx, sound: &sound, critic: &critic, asked: &real.labels };
    let mut rows = Vec::new();
    let all = voices();
    let bar = ProgressBar::new(all.len() as u64);
    for voice in &all {
        rows.extend(stage.rows(voice, &models)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    rows.push(Row { batch: 1, ..stage.real(FLOOR, &real.waves)? });
    let again = sound.waves(&sound.frames(&real.waves)?, cx.key)?;
    rows.push(stage.real("data through the vocoder", &again)?);
    let coded = models.codes.there_and_back(&sound, &real, cx.key)?;
    rows.push(stage.real("data through the codes", &coded)?);
    report(cx, &spoken, &rows)?;
    Ok(rows)
}

/// What every voice is asked, and who listens.
struct Stage<'a> {
    cx: &'a Context,
    sound: &'a Sound,
    critic: &'a Critic,
    asked: &'a [u32],
}

impl Stage<'_> {
    /// One row for a word alone, one for many side by side. The word alone is drawn twice, and timed
    /// the second time.
    fn rows(&self, voice: &Voice, models: &Voices) -> Result<[Row; 2]> {
        let (asked, seed) = (self.asked, self.cx.key.seed);
        let name = format!("speech {}", voice.name);
        let key = (asked, seed, models.fingerprint()?);
        let drawn = self.cx.cache.tensors(&name, &key, || {
            models.speak(voice, self.sound, &asked[..1], seed)?;
            let alone = models.speak(voice, self.sound, &asked[..1], seed)?;
            let Drawn { waves, calls, seconds } = models.speak(voice, self.sound, asked, seed)?;
            let cost = [alone.calls as f64, alone.seconds, calls as f64, seconds];
            Ok(BTreeMap::from([("waves".to_owned(), waves), ("cost".to_owned(), cost.into())]))
        })?;
        let (waves, cost) = (&drawn["waves"], drawn["cost"].to_vec::<f64>()?);
        self.keep(voice.name, waves)?;
        let measured = self.critic.measure(self.sound, waves, asked)?;
        let row = |batch: usize, calls: f64, seconds: f64, words: usize| {
            let mut row = self.row(voice.family, voice.name, &measured);
            row.beside.push(("times real time", SECONDS * words as f64 / seconds));
            (row.batch, row.calls) = (batch, calls);
            row.milliseconds = 1e3 * seconds / words as f64;
            row
        };
        let many = asked.len();
        Ok([row(1, cost[0], cost[1], 1), row(many, cost[2], cost[3], many)])
    }

    /// Real words, which cost nothing and stand in no chart.
    fn real(&self, name: &str, waves: &Tensor) -> Result<Row> {
        self.keep(name, waves)?;
        let measured = self.critic.measure(self.sound, waves, self.asked)?;
        Ok(self.row(name, name, &measured))
    }

    fn row(&self, family: &str, name: &str, measured: &Measured) -> Row {
        let Measured { distance, interval, beside } = measured.clone();
        Row {
            modality: "speech".to_owned(),
            family: family.to_owned(),
            strategy: name.to_owned(),
            batch: 0,
            calls: f64::NAN,
            milliseconds: f64::NAN,
            distance,
            interval,
            samples: self.asked.len(),
            beside,
            seed: self.cx.key.seed,
            dtype: "f32",
        }
    }

    /// The first ten words as one file to listen to, and as pictures.
    fn keep(&self, name: &str, waves: &Tensor) -> Result<()> {
        let first = waves.narrow(0, 0, CLASSES.min(waves.size(0)?))?;
        let wav = Wav { samples: first.reshape([1, first.len()])?, rate: RATE };
        write(&self.cx.out.join(file(name, "wav")), &wav.to_bytes(WavFormat::Int16)?)?;
        // Two deviations above the mean is white, two below is black; low bands at the bottom.
        let light = pictures(self.sound, &first)?.flip([2])?.mul_scalar(0.25)?.add_scalar(0.5)?;
        let picture = Picture::grid(name, &light, CLASSES)?;
        write(&self.cx.out.join(file(name, "png")), picture.png())
    }
}

/// A file of a strategy.
fn file(strategy: &str, kind: &str) -> String {
    let letters = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!("speech-{}.{kind}", strategy.chars().map(letters).collect::<String>())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    gradus::io::write_atomic(path, |file| file.write_all(bytes))
        .with_context(|| path.display().to_string())
}

fn report(cx: &mut Context, spoken: &Spoken, rows: &[Row]) -> Result<()> {
    let table = table(rows);
    println!("{table}words to listen to: {}", cx.out.join("speech-*.wav").display());
    cx.page
        .paragraph(&format!(
            "{} at 16 kHz, cut to {SECONDS:.2} seconds. `Heard as asked` is the share of words that a \
             small network, trained on the training words alone, reads as what was asked; the distance \
             is the Fréchet distance of its features to those of the training words; the spectrum is \
             the mean one of all frames, against theirs. `Times real time` is seconds of sound made in \
             a second. WaveNet draws 16,000 samples a second of sound; all others draw frames of \
             20 ms, or codes of them, and a vocoder (Griffin-Lim) makes the sound, in their time. The \
             last rows are real words that nobody learned from: as they are, through the vocoder, \
             and through the codes and the vocoder, the best that models of frames and codes can be.",
            spoken.source
        ))
        .table(&table);
    for row in rows.iter().filter(|row| row.batch <= 1) {
        let path = cx.out.join(file(&row.strategy, "png"));
        let png = std::fs::read(&path).with_context(|| path.display().to_string())?;
        let caption = format!("{}: zero to nine, low bands at the bottom", row.strategy);
        cx.page.png(&png, 640, &caption);
    }
    Ok(())
}
