//! NAR: all frames at once, out of noise.

use anyhow::Result;
use gradus::generate::flow::{Flow, Grid, Path, Samples, Solver, Target};
use gradus::models::{Denoiser, Diffusion, FlowMlp, FlowMlpConfig};
use gradus::prelude::*;
use gradus::train::Score;

use super::recordings::{CLASSES, FRAMES, Recordings};
use super::sound::{MELS, Sound};
use super::voices::{Drawn, vocoded};
use crate::context::Context;
use crate::learn::{Lesson, learn};

/// The straight path, with the data as the answer: words fill little of the space of all frames, so a
/// narrow network can name one, but not the noise around it.
const PROCESS: Diffusion = Diffusion { path: Path::Flow, target: Target::Data };

/// Frames of the training words and their classes teach a flow.
pub(crate) fn train(cx: &Context, train: &Recordings, sound: &Sound, data: u64) -> Result<FlowMlp> {
    let width = cx.effort.pick(128, 384);
    let config = FlowMlpConfig { width, classes: CLASSES, ..FlowMlpConfig::new(FRAMES * MELS) };
    let lesson = Lesson { steps: cx.effort.pick(300, 3_000), batch: 32, lr: 1e-3 };
    let blank = config.init(&mut Keys::from(cx.key.fold_in(32)))?;
    cx.cache.model("speech flow", &(&config, lesson, data, cx.key), blank, |blank| {
        let frames = sound.frames(&train.waves)?.flatten(1, 2)?; // (N, F·M)
        learn(blank, [&frames, &train.classes()], lesson, cx.key, |net, [x, classes], ctx| {
            let key = if ctx.is_train() { ctx.next_key()? } else { Key::new(0) };
            Ok(Score::new(PROCESS.loss(net, x, Some(classes), key, ctx)?, x.dims()[0]))
        })
    })
}

/// Words whose frames are drawn in so many calls.
pub(crate) fn draw(
    net: &FlowMlp,
    sound: &Sound,
    steps: usize,
    classes: &[u32],
    seed: u64,
) -> Result<Drawn> {
    let model = Denoiser::new(net, PROCESS).with_classes(classes)?;
    let flow = Flow { solver: Solver::Euler, grid: Grid::Uniform(steps) };
    let samples = Samples::new(classes.len(), [FRAMES * MELS]).seed(seed);
    let output = flow.run(&model, samples)?.collect_all()?;
    let frames = output.value.reshape([classes.len(), FRAMES, MELS])?;
    vocoded(sound, &frames, &output.stats, seed)
}
