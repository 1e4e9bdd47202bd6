//! One way of learning for every model, and the forecasts of what was learned.

use std::time::Instant;

use anyhow::Result;
use gradus::data::{Loader, LoaderConfig, SeriesWindows, Shuffle, Subset, Transform};
use gradus::nn::Averaging;
use gradus::nn::loss::{Reduction, mse};
use gradus::optim::{AdamW, Schedule, clip_by_global_norm};
use gradus::prelude::*;
use gradus::train::report::Page;
use gradus::train::{BoxError, EarlyStopping, Errors, Fit, FitConfig, Keep, Metric, Score};

use crate::series::Series;

/// How long and how fast a model learns: what the validation part was asked about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) epochs: u64,
    pub(crate) lr: f64,
    pub(crate) weight_decay: f64,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Learned {
    /// RMSE of the best epoch on the validation part, in µg/m³.
    pub(crate) valid: f64,
    /// The forecast change of every hour of the test part, in µg/m³.
    pub(crate) changes: Vec<f64>,
    pub(crate) seconds: f64,
    pub(crate) report: Page,
}

const BATCH: usize = 128;

/// Trains on the first part, keeps the epoch that is best on the second, forecasts the third.
pub(crate) fn learn<M: Layer>(model: M, series: &Series, pace: Pace, key: Key) -> Result<Learned> {
    let [train, valid, test] = &series.parts;
    let batches =
        |hours: &[usize], config| -> Result<_> { Ok(Loader::new(series.before(hours)?, config)?) };
    let shuffle = Shuffle::Keyed(key);
    let train = batches(train, LoaderConfig { shuffle, ..LoaderConfig::new(BATCH) })?;
    let valid = batches(valid, LoaderConfig::new(512))?;
    let test = batches(test, LoaderConfig::new(512))?;

    let schedule = Schedule::cosine(pace.epochs * train.len() as u64).warmup(100);
    let Pace { epochs, lr, weight_decay } = pace;
    let optimizer = AdamW { lr, weight_decay, schedule, ..AdamW::default() }.init()?;
    // An hour in a thousand changes by hundreds of µg/m³: it must not throw the model off its way.
    let optimizer = optimizer.first(clip_by_global_norm(1.0)?);
    let config = FitConfig {
        epochs,
        key,
        early_stopping: Some(EarlyStopping { patience: 3, ..EarlyStopping::default() }),
        keep: Keep::Best,
        averaging: Some(Averaging::Exponential { decay: 0.995 }),
        ..FitConfig::default()
    };
    let started = Instant::now();
    let loss = |model: &M, [window, change]: &[Tensor; 2], ctx: &mut Ctx| {
        score(model, [window, change], series, ctx)
    };
    let mut fit = Fit::new(model, loss, optimizer, config)?;
    fit.run_validated(&train, &valid)?;
    let seconds = started.elapsed().as_secs_f64();
    let valid = fit.evaluate(&valid)?["rmse"];
    let report = fit.report()?;
    let changes = forecast(&fit.into_model(), &test, series)?;
    Ok(Learned { valid, changes, seconds, report })
}

/// The mean squared error in units of a usual change, and the RMSE in µg/m³.
fn score<M: Layer>(
    model: &M,
    [window, change]: [&Tensor; 2],
    series: &Series,
    ctx: &mut Ctx,
) -> Result<Score, BoxError> {
    let y = model.forward(&window.into(), ctx)?; // (B, 1)
    let loss = mse(&y, &change.into(), Reduction::Mean)?;
    let [y, change] = [y.value(), change].map(|t| series.scaler.inverse_transform(t));
    Ok(Score::new(loss, window.dims()[0]).gather("rmse", Metric::Rmse(Errors::of(&y?, &change?)?)))
}

fn forecast<M: Layer>(
    model: &M,
    test: &Loader<Subset<SeriesWindows>>,
    series: &Series,
) -> Result<Vec<f64>> {
    no_grad(|| {
        let mut changes = Vec::new();
        for batch in test.epoch(0) {
            let [window, _] = batch?;
            let y = model.forward(&Var::from(window), &mut Ctx::eval())?;
            let change = series.scaler.inverse_transform(y.value())?;
            changes.extend(change.to_dtype(DType::F64)?.to_vec::<f64>()?);
        }
        Ok(changes)
    })
}
