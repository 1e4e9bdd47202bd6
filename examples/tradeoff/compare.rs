//! Every strategy draws the same rows, is timed, and is measured.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use gradus::generate::Stats;
use gradus::prelude::*;
use indicatif::{ProgressBar, ProgressStyle};

use crate::artists::{Artists, tokens};
use crate::context::Context;
use crate::gauge::{Gauge, Measured};
use crate::rows::Row;
use crate::strategies::{Shape, Way, ways};

/// Rows that are drawn side by side.
pub(crate) const BATCH: usize = 64;
/// Rows that are drawn one by one, to time them.
const SINGLES: usize = 4;

/// A strategy's samples and what they cost.
#[derive(Debug, Clone)]
struct Drawn {
    rows: Vec<Vec<u32>>,
    /// Calls, and milliseconds per sample, in a batch and alone.
    batched: [f64; 2],
    alone: [f64; 2],
    /// Share of a draft's proposals that were kept; NaN without a draft.
    accepted: f64,
}

/// What a comparison leaves: two rows of figures for each strategy, and its samples.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(crate) rows: Vec<Row>,
    /// By strategy, without those that are exact and so equal another.
    pub(crate) samples: Vec<(String, Vec<Vec<u32>>)>,
}

/// Runs all strategies for these classes, one row for each.
pub(crate) fn compare(
    cx: &Context,
    modality: &str,
    artists: &Artists,
    shape: &Shape,
    classes: &[u32],
    gauge: &dyn Gauge,
) -> Result<Compared> {
    let ways = ways(artists.len, shape);
    let bar = ProgressBar::new(ways.len() as u64);
    bar.set_style(ProgressStyle::with_template("{msg:44} {wide_bar} {pos}/{len} {elapsed}")?);
    bar.enable_steady_tick(Duration::from_millis(250));
    let mut compared = Compared { rows: Vec::new(), samples: Vec::new() };
    // An exact way has the samples of the one before that is not, and so its distance.
    let mut last: Option<(Vec<Vec<u32>>, Measured)> = None;
    for way in &ways {
        bar.set_message(way.name.clone());
        let drawn = drawn_by(cx, modality, artists, way, classes)?;
        let measured = match &last {
            Some((rows, measured)) if way.how.is_exact() => {
                ensure!(rows.starts_with(&drawn.rows), "{}: not what it should equal", way.name);
                measured.clone()
            }
            _ => gauge.measure(&drawn.rows, classes)?,
        };
        compared.rows.extend(points(cx, modality, way, &drawn, &measured, classes.len()));
        if !way.how.is_exact() {
            compared.samples.push((way.name.clone(), drawn.rows.clone()));
            last = Some((drawn.rows, measured));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(compared)
}

/// The two points of a strategy: drawn alone, and in a batch.
fn points(
    cx: &Context,
    modality: &str,
    way: &Way,
    drawn: &Drawn,
    measured: &Measured,
    samples: usize,
) -> [Row; 2] {
    let mut beside = measured.beside.clone();
    if drawn.accepted.is_finite() {
        beside.push(("accepted", drawn.accepted));
    }
    [(1, drawn.alone), (BATCH, drawn.batched)].map(|(batch, [calls, milliseconds])| Row {
        modality: modality.to_owned(),
        family: way.family.to_owned(),
        strategy: way.name.clone(),
        batch,
        calls,
        milliseconds,
        distance: measured.distance,
        interval: measured.interval,
        samples,
        beside: beside.clone(),
        seed: cx.key.seed,
        dtype: "f32",
    })
}

/// What this way drew, now or in an earlier run.
fn drawn_by(
    cx: &Context,
    modality: &str,
    artists: &Artists,
    way: &Way,
    classes: &[u32],
) -> Result<Drawn> {
    let settings = format!("{way:?} {classes:?} {BATCH} {SINGLES} {}", artists.settings);
    let name = format!("{modality} samples {}", way.name);
    let kept = cx.cache.tensors(&name, &settings, || {
        let drawn = draw(artists, way, classes, cx.key.seed)?;
        let figures = [&drawn.batched[..], &drawn.alone, &[drawn.accepted]].concat();
        let named = [("rows", tokens(&drawn.rows, None)?), ("figures", Tensor::from(figures))];
        Ok(named.map(|(name, tensor)| (name.to_owned(), tensor)).into())
    })?;
    read(&kept, artists.len).with_context(|| format!("{name}: not what was kept; delete the cache"))
}

fn read(kept: &BTreeMap<String, Tensor>, len: usize) -> Result<Drawn> {
    let rows = kept.get("rows").context("no rows")?.to_vec::<i64>()?;
    let rows = rows.chunks(len).map(|row| row.iter().map(|&id| Ok(u32::try_from(id)?)).collect());
    let figures = kept.get("figures").context("no figures")?.to_vec::<f64>()?;
    let &[a, b, c, d, accepted] = &figures[..] else { anyhow::bail!("{} figures", figures.len()) };
    Ok(Drawn { rows: rows.collect::<Result<_>>()?, batched: [a, b], alone: [c, d], accepted })
}

/// Draws in batches, then some rows alone. An exact way draws one batch, to be compared.
fn draw(artists: &Artists, way: &Way, classes: &[u32], seed: u64) -> Result<Drawn> {
    let n = if way.how.is_exact() { BATCH.min(classes.len()) } else { classes.len() };
    let mut rows = Vec::with_capacity(n);
    let mut batched = Cost::default();
    for (i, chunk) in classes[..n].chunks(BATCH).enumerate() {
        let (drawn, stats) = way.how.draw(artists, chunk, i * BATCH, seed)?;
        rows.extend(drawn);
        batched.add(chunk.len(), &stats);
    }
    let mut alone = Cost::default();
    for row in 0..SINGLES.min(n) {
        let (drawn, stats) = way.how.draw(artists, &classes[row..=row], row, seed)?;
        // The batch beside a row has no say in it.
        ensure!(drawn[..] == rows[row..=row], "{}: row {row} differs when drawn alone", way.name);
        alone.add(1, &stats);
    }
    Ok(Drawn { rows, batched: batched.mean(), alone: alone.mean(), accepted: batched.accepted() })
}

/// Sums over runs.
#[derive(Debug, Default)]
struct Cost {
    runs: f64,
    samples: f64,
    calls: f64,
    seconds: f64,
    drafted: f64,
    kept: f64,
}

impl Cost {
    fn add(&mut self, rows: usize, stats: &Stats) {
        self.runs += 1.0;
        self.samples += rows as f64;
        self.calls += stats.calls as f64;
        self.seconds += stats.wall.as_secs_f64();
        self.drafted += stats.drafted as f64;
        self.kept += stats.accepted as f64;
    }

    /// Calls per run, milliseconds per sample.
    fn mean(&self) -> [f64; 2] {
        [self.calls / self.runs, 1e3 * self.seconds / self.samples]
    }

    fn accepted(&self) -> f64 {
        if self.drafted > 0.0 { self.kept / self.drafted } else { f64::NAN }
    }
}
