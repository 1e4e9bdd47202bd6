//! Frames as codes, from coarse to fine: all of them one after the other, all at once, or the coarse
//! ones first and the fine ones at once.

use std::collections::BTreeMap;

use anyhow::Result;
use gradus::data::{Fitted, ResidualQuantizer, ResidualQuantizerConfig, TrainRows};
use gradus::generate::{Ar, Both, Join, Order, Output, Parallel, Request, Reveal, Strategy, Then};
use gradus::models::{Gpt, MaskedTransformer, TransformerConfig};
use gradus::prelude::*;
use gradus::train::Score;

use super::recordings::{CLASSES, FRAMES, Recordings};
use super::sound::{MELS, Sound};
use super::voices::{Drawn, vocoded};
use crate::context::Context;
use crate::learn::{Lesson, learn};

/// Codes of a frame.
const LEVELS: usize = 3;
/// Vectors of a codebook.
const SIZE: usize = 64;
/// Codes of a word: those of a frame stand side by side, the coarse one first.
const LENGTH: usize = FRAMES * LEVELS;

/// The codebooks and three networks of one size.
#[derive(Debug)]
pub(crate) struct Codes {
    quantizer: ResidualQuantizer,
    /// Every code, given those before it.
    ar: Gpt,
    /// The coarse codes, given those before them.
    plan: Gpt,
    /// Any codes, given any others.
    nar: MaskedTransformer,
}

/// How codes are drawn.
#[derive(Debug, Clone)]
pub(crate) enum How {
    Ar,
    Parallel(Parallel),
    /// Coarse codes one after the other, then each finer level in one go.
    Then,
}

/// Every level in one go: positions 0, 3, 6 … hold the coarse codes.
pub(crate) fn by_level() -> Parallel {
    let (reveal, order) = (Reveal::Levels, Order::Strided);
    Parallel { calls: LEVELS, reveal, order, ..Parallel::default() }
}

impl Codes {
    pub(crate) fn train(
        cx: &Context,
        train: &Recordings,
        sound: &Sound,
        data: u64,
    ) -> Result<Self> {
        let frames = sound.frames(&train.waves)?;
        let quantizer = quantizer(cx, &frames, data)?;
        let tokens = ids(&quantizer, &frames)?;
        let config = TransformerConfig {
            classes: CLASSES,
            width: cx.effort.pick(48, 96),
            n_layers: cx.effort.pick(2, 3),
            ..TransformerConfig::new(LEVELS * SIZE, LENGTH)
        };
        let lesson = Lesson { steps: cx.effort.pick(100, 900), batch: 16, lr: 2e-3 };
        let classes = train.classes();
        let gpt = |name: &str, config: &TransformerConfig, tokens: &Tensor| {
            let blank = Gpt::new(config, &mut Keys::from(cx.key.fold_in(33)))?;
            cx.cache.model(name, &(config, lesson, data, cx.key), blank, |blank| {
                learn(blank, [tokens, &classes], lesson, cx.key, |net, [x, c], ctx| {
                    Ok(Score::new(net.loss(x, Some(c), ctx)?, x.dims()[0]))
                })
            })
        };
        let ar = gpt("speech codes, AR", &config, &tokens)?;
        let coarse = tokens.reshape([train.len(), FRAMES, LEVELS])?.select(2, 0)?;
        let short = TransformerConfig { context: FRAMES, ..config.clone() };
        let plan = gpt("speech coarse codes, AR", &short, &coarse)?;
        let blank = MaskedTransformer::new(&config, &mut Keys::from(cx.key.fold_in(34)))?;
        let settings = (&config, lesson, data, cx.key);
        let nar = cx.cache.model("speech codes, NAR", &settings, blank, |blank| {
            learn(blank, [&tokens, &classes], lesson, cx.key, |net, [x, c], ctx| {
                let key = if ctx.is_train() { ctx.next_key()? } else { Key::new(0) };
                Ok(Score::new(net.loss(x, Some(c), key, ctx)?, x.dims()[0]))
            })
        })?;
        Ok(Self { quantizer, ar, plan, nar })
    }

    /// Words whose codes are drawn.
    pub(crate) fn draw(
        &self,
        how: &How,
        sound: &Sound,
        classes: &[u32],
        seed: u64,
    ) -> Result<Drawn> {
        let request = Request::blank(LENGTH).rows(classes.len()).seed(seed);
        let output = match how {
            How::Ar => Ar::default().run(&self.ar.conditioned(classes)?, request)?.collect_all()?,
            How::Parallel(parallel) => {
                parallel.run(&self.nar.conditioned(classes)?, request)?.collect_all()?
            }
            How::Then => {
                let plan = self.plan.conditioned(classes)?;
                let both = Both { plan, detail: self.nar.conditioned(classes)? };
                let then = Then { plan: Ar::every(LEVELS), detail: by_level(), join: Join::Fix };
                then.run(&both, request)?.collect_all()?
            }
        };
        vocoded(sound, &self.frames(&output)?, &output.stats, seed)
    }

    /// The frames that codes stand for. A code of another level than its place's, which a network may
    /// draw, counts as that number in the place's own codebook.
    fn frames(&self, output: &Output) -> Result<Tensor> {
        let codes: Vec<i64> = (0..output.rows())
            .flat_map(|row| output.row(row))
            .map(|id| i64::from(id) % SIZE as i64)
            .collect();
        Ok(self.quantizer.decode(&Tensor::from_vec(codes, [output.rows(), FRAMES, LEVELS])?)?)
    }

    /// Everything that was learned.
    pub(crate) fn state(&self) -> Vec<Tensor> {
        let networks = [self.ar.state_dict(), self.plan.state_dict(), self.nar.state_dict()];
        networks
            .into_iter()
            .chain([self.quantizer.state_dict()])
            .flat_map(BTreeMap::into_values)
            .collect()
    }

    /// Real words through the codes and back: no model of codes can be nearer.
    pub(crate) fn there_and_back(
        &self,
        sound: &Sound,
        words: &Recordings,
        key: Key,
    ) -> Result<Tensor> {
        let codes = self.quantizer.encode(&sound.frames(&words.waves)?)?;
        sound.waves(&self.quantizer.decode(&codes)?, key)
    }
}

fn quantizer(cx: &Context, frames: &Tensor, data: u64) -> Result<ResidualQuantizer> {
    let config = ResidualQuantizerConfig {
        max_iter: cx.effort.pick(10, 30),
        ..ResidualQuantizerConfig::new(LEVELS, SIZE, cx.key)
    };
    let state = cx.cache.tensors("speech codebooks", &(&config, data), || {
        let rows = frames.reshape([frames.len() / MELS, MELS])?;
        Ok(config.fit(&TrainRows::whole(&rows))?.state_dict())
    })?;
    Ok(ResidualQuantizer::from_state_dict(&state)?)
}

/// Codes as tokens, each level with ids of its own.
///
/// # Shapes
/// - `frames`: `[N, FRAMES, MELS]` → `[N, LENGTH]`
fn ids(quantizer: &ResidualQuantizer, frames: &Tensor) -> Result<Tensor> {
    let codes = quantizer.encode(frames)?; // (N, F, LEVELS)
    let first: Vec<i64> = (0..LEVELS).map(|level| (level * SIZE) as i64).collect();
    Ok(codes.add(&Tensor::from(first))?.flatten(1, 2)?)
}
