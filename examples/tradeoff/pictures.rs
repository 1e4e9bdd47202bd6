//! What draws pictures and nothing else: convolutions pixel by pixel, and a flow from noise.

use anyhow::{Context as _, Result};
use gradus::generate::flow::{Flow, Grid, Samples, Solver};
use gradus::generate::{Jacobi, Stats};
use gradus::models::{Denoiser, Diffusion, FlowUNet, FlowUNetConfig, PixelCnn, PixelCnnConfig};
use gradus::prelude::*;
use gradus::train::Score;
use gradus_examples::Digits;

use crate::context::Context;
use crate::learn::{Lesson, learn};
use crate::strategies::{How, Way};

/// The trained networks.
#[derive(Debug)]
pub(crate) struct Painters {
    pub(crate) pixels: PixelCnn,
    flow: FlowUNet,
    side: [usize; 2],
    levels: usize,
    /// A hash of all that the networks depend on.
    pub(crate) settings: String,
}

impl Painters {
    /// Trains both, or loads them; `learned` is a hash of the digits.
    pub(crate) fn train(cx: &Context, train: &Digits, learned: u64) -> Result<Self> {
        let (side, levels) = (train.side(), train.levels);
        let pixels = PixelCnnConfig {
            classes: 10,
            channels: 16,
            n_layers: 4,
            ..PixelCnnConfig::new(levels, side)
        };
        let widths = cx.effort.pick(vec![16, 32], vec![24, 48]);
        let flow = FlowUNetConfig { widths, classes: 10, ..FlowUNetConfig::new(1) };
        let lesson = |steps, batch| Lesson { steps, batch, lr: 3e-3 };
        let lessons = cx
            .effort
            .pick([lesson(300, 16), lesson(400, 32)], [lesson(700, 16), lesson(1_500, 32)]);
        let settings = format!("{pixels:?} {flow:?} {lessons:?} {learned:?} {:?}", cx.key);

        let key = cx.key.fold_in(7);
        let net = pixels.init(&mut Keys::from(key))?;
        let pixels = cx.cache.model("digits PixelCNN", &settings, net, |net| {
            let data = [&train.pixels, &train.labels];
            learn(net, data, lessons[0], key, |net, [x, c], ctx| {
                Ok(Score::new(net.loss(x, Some(c), ctx)?, x.dims()[0]))
            })
        })?;
        let key = cx.key.fold_in(6);
        let net = flow.init(&mut Keys::from(key))?;
        let flow = cx.cache.model("digits flow", &settings, net, |net| {
            // −1 is paper, 1 is ink.
            let x = train.images()?.mul_scalar(2.0)?.add_scalar(-1.0)?;
            learn(net, [&x, &train.labels], lessons[1], key, |net, [x, c], ctx| {
                let drawn = ctx.next_key()?;
                let loss = Diffusion::FLOW_MATCHING.loss(net, x, Some(c), drawn, ctx)?;
                Ok(Score::new(loss, x.dims()[0]))
            })
        })?;
        Ok(Self { pixels, flow, side, levels, settings })
    }

    /// Pictures of these classes by Euler's method, rounded to grey levels.
    pub(crate) fn flow(
        &self,
        calls: usize,
        classes: &[u32],
        first_row: u32,
        seed: u64,
    ) -> Result<(Vec<Vec<u32>>, Stats)> {
        let [height, width] = self.side;
        let model = Denoiser::new(&self.flow, Diffusion::FLOW_MATCHING).with_classes(classes)?;
        let samples =
            Samples::new(classes.len(), [1, height, width]).seed(seed).first_row(first_row);
        let flow = Flow { solver: Solver::Euler, grid: Grid::Uniform(calls) };
        let output = flow.run(&model, samples)?.collect_all()?;
        let top = (self.levels - 1) as f64;
        let level = |v: f32| ((f64::from(v) + 1.0) / 2.0 * top).round().clamp(0.0, top) as u32;
        let values = output.value.to_vec::<f32>()?;
        let rows = values.chunks(height * width).map(|row| row.iter().map(|&v| level(v)).collect());
        Ok((rows.collect(), output.stats))
    }
}

/// The ways of these networks.
pub(crate) fn ways() -> Vec<Way> {
    let jacobi = Jacobi { window: 8, ..Jacobi::default() };
    let way = |family, name: String, how| Way { family, name, how };
    let mut all = vec![
        way("AR", "PixelCNN with cache".into(), How::Pixels),
        way("AR, several at once", "PixelCNN, Jacobi(8)".into(), How::PixelsJacobi(jacobi)),
    ];
    for calls in [1, 4, 16, 50] {
        all.push(way("NAR, flow", format!("flow K={calls}, Euler"), How::Flow(calls)));
    }
    all
}

/// The painters of artists that have them.
pub(crate) fn of(painters: Option<&Painters>) -> Result<&Painters> {
    painters.context("no network for pictures was trained")
}
