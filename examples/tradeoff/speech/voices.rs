//! The ways to speak that are compared.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::Result;
use gradus::generate::{Order, Parallel, Stats};
use gradus::models::{FlowMlp, WaveNet};
use gradus::prelude::*;
use gradus::train::hash_tensors;

use super::codes::{Codes, How, by_level};
use super::recordings::Spoken;
use super::sound::Sound;
use super::{flow, wave};
use crate::cache::data_hash;
use crate::context::Context;

/// Words and what they cost.
#[derive(Debug, Clone)]
pub(crate) struct Drawn {
    /// `[N, SAMPLES]`.
    pub(crate) waves: Tensor,
    pub(crate) calls: u64,
    /// Until the last sample could be heard, the vocoder included.
    pub(crate) seconds: f64,
}

/// Sounds of frames that a model drew.
pub(crate) fn vocoded(sound: &Sound, frames: &Tensor, stats: &Stats, seed: u64) -> Result<Drawn> {
    let started = Instant::now();
    let waves = sound.waves(frames, Key::new(seed).fold_in(1))?;
    let seconds = stats.wall.as_secs_f64() + started.elapsed().as_secs_f64();
    Ok(Drawn { waves, calls: stats.calls, seconds })
}

/// All models.
#[derive(Debug)]
pub(crate) struct Voices {
    wave: WaveNet,
    flow: FlowMlp,
    pub(crate) codes: Codes,
}

/// A way to speak, with its name and its family.
#[derive(Debug, Clone)]
pub(crate) struct Voice {
    pub(crate) family: &'static str,
    pub(crate) name: &'static str,
    how: Way,
}

#[derive(Debug, Clone)]
enum Way {
    Wave,
    Flow(usize),
    Codes(How),
}

/// All ways, those of one family side by side.
pub(crate) fn voices() -> Vec<Voice> {
    let voice = |family, name, how| Voice { family, name, how };
    let parallel = |calls| {
        let order = Order::Random;
        Way::Codes(How::Parallel(Parallel { calls, order, ..Parallel::default() }))
    };
    vec![
        voice("AR", "WaveNet, sample by sample", Way::Wave),
        voice("AR", "codes, one by one", Way::Codes(How::Ar)),
        voice("NAR, flow", "flow on frames, 1 call", Way::Flow(1)),
        voice("NAR, flow", "flow on frames, 4 calls", Way::Flow(4)),
        voice("NAR, flow", "flow on frames, 16 calls", Way::Flow(16)),
        voice("NAR, codes", "codes, in one go", parallel(1)),
        voice("NAR, codes", "codes, level by level", Way::Codes(How::Parallel(by_level()))),
        voice("NAR, codes", "codes, 16 calls", parallel(16)),
        voice("AR+NAR", "coarse codes one by one, then each level", Way::Codes(How::Then)),
    ]
}

impl Voices {
    pub(crate) fn train(cx: &Context, spoken: &Spoken, sound: &Sound) -> Result<Self> {
        let (train, data) = (&spoken.train, fingerprint(spoken)?);
        Ok(Self {
            wave: wave::train(cx, train, data)?,
            flow: flow::train(cx, train, sound, data)?,
            codes: Codes::train(cx, train, sound, data)?,
        })
    }

    /// A text that stands for all that was learned.
    pub(crate) fn fingerprint(&self) -> Result<String> {
        let networks = [self.wave.state_dict(), self.flow.state_dict()];
        let state: Vec<Tensor> = networks.into_iter().flat_map(BTreeMap::into_values).collect();
        Ok(hash_tensors(state.iter().chain(&self.codes.state()))?)
    }

    /// A word for each class.
    pub(crate) fn speak(
        &self,
        voice: &Voice,
        sound: &Sound,
        classes: &[u32],
        seed: u64,
    ) -> Result<Drawn> {
        match &voice.how {
            Way::Wave => wave::draw(&self.wave, classes, seed),
            Way::Flow(steps) => flow::draw(&self.flow, sound, *steps, classes, seed),
            Way::Codes(how) => self.codes.draw(how, sound, classes, seed),
        }
    }
}

/// A number that stands for the words that are learned from.
pub(crate) fn fingerprint(spoken: &Spoken) -> Result<u64> {
    let bits = spoken.train.waves.to_vec::<f32>()?.into_iter().map(f32::to_bits).collect();
    Ok(data_hash(&[bits, spoken.train.labels.clone()]))
}
