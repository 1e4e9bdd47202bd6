//! Step 3: objects with structure. Digits drawn pixel by pixel, in one go, and by both.

use anyhow::Result;
use gradus::data::{Loader, LoaderConfig, Shuffle, TensorDataset};
use gradus::generate::Layout;
use gradus::models::{Gpt, MaskedTransformer, TransformerConfig};
use gradus::optim::{AdamW, Schedule};
use gradus::prelude::*;
use gradus::train::{BoxError, Fit, FitConfig, Score};
use gradus_examples::Digits;

use crate::Tour;
use crate::classify::Judge;
use crate::strategies;

/// The three networks, all of one size.
pub(crate) struct Artists {
    /// Pixel by pixel.
    pub(crate) ar: Gpt,
    /// Any pixels, given any others.
    pub(crate) nar: MaskedTransformer,
    /// The pixels of the plan, one after the other.
    pub(crate) plan: Gpt,
    /// Which pixels the plan holds.
    pub(crate) layout: Layout,
}

const BATCH: usize = 32;

pub(crate) fn run(tour: &mut Tour, digits: &Digits, judge: &Judge) -> Result<()> {
    tour.begin("3. Objects with structure: digits drawn three ways");
    // A sequence of 784 pixels would take a causal model minutes per sheet; 14×14 tells the same.
    let by = if digits.side()[0] > 16 { 2 } else { 1 };
    let small = judge.train.shrink(by, 17)?;
    let [height, width] = small.side();
    let config = TransformerConfig { classes: 10, ..TransformerConfig::new(17, height * width) };
    let layout = Layout::Grid { height, width, every: 2 };
    let steps = 400;

    let mut keys = Keys::from(tour.key);
    let tokens = small.tokens()?;
    let ar = Gpt::new(&config, &mut keys)?;
    println!(
        "{} pixels of 17 grey levels; three networks of {} parameters each",
        height * width,
        ar.num_parameters()
    );
    let ar = learn(tour, "AR", ar, [&tokens, &small.labels], steps, |net, [x, c], ctx| {
        Ok(Score::new(net.loss(x, Some(c), ctx)?, x.dims()[0]))
    })?;
    let nar = MaskedTransformer::new(&config, &mut keys)?;
    let nar = learn(tour, "NAR", nar, [&tokens, &small.labels], steps, |net, [x, c], ctx| {
        // Evaluation has no randomness of its own: the same masks each time.
        let key = if ctx.is_train() { ctx.next_key()? } else { Key::new(0) };
        Ok(Score::new(net.loss(x, Some(c), key, ctx)?, x.dims()[0]))
    })?;
    let places: Vec<i64> = layout.positions(height * width)?.iter().map(|&at| at as i64).collect();
    let planned = TransformerConfig { context: places.len(), ..config };
    let plan = Gpt::new(&planned, &mut keys)?;
    let plan_tokens = tokens.index_select(1, &Tensor::from(places))?;
    let plan =
        learn(tour, "plan", plan, [&plan_tokens, &small.labels], steps, |net, [x, c], ctx| {
            Ok(Score::new(net.loss(x, Some(c), ctx)?, x.dims()[0]))
        })?;
    strategies::compare(tour, &Artists { ar, nar, plan, layout }, &small, judge)
}

/// Trains one network with AdamW, warm-up and a cosine.
fn learn<M: Module>(
    tour: &Tour,
    name: &str,
    model: M,
    [tokens, labels]: [&Tensor; 2],
    steps: u64,
    loss: impl Fn(&M, &[Tensor; 2], &mut Ctx) -> Result<Score, BoxError>,
) -> Result<M> {
    let data = TensorDataset::new([tokens.clone(), labels.clone()])?;
    let shuffle = Shuffle::Keyed(tour.key);
    let batches = Loader::new(data, LoaderConfig { shuffle, ..LoaderConfig::new(BATCH) })?;
    let epochs = steps.div_ceil(batches.len() as u64);
    let schedule = Schedule::cosine(epochs * batches.len() as u64).warmup(50);
    let optimizer = AdamW { lr: 3e-3, schedule, weight_decay: 0.01, ..AdamW::default() }.init()?;
    let config = FitConfig { epochs, key: tour.key, ..FitConfig::default() };
    let mut fit = Fit::new(model, loss, optimizer, config)?;
    fit.run(&batches)?;
    let last = fit.history().last().map_or(f64::NAN, |e| e.train["loss"]);
    println!("{name}: {last:.4} nats per pixel in the last epoch");
    Ok(fit.into_model())
}
