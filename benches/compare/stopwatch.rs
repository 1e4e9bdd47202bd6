//! How a call is timed; the same on both sides.

use std::time::Instant;

use anyhow::Result;

use crate::line::{Line, Metric};

/// Times calls and prints the figures.
#[derive(Debug, Clone)]
pub(crate) struct Stopwatch {
    pub(crate) peer: &'static str,
    pub(crate) threads: usize,
    pub(crate) round: usize,
    /// Seconds measured per case.
    pub(crate) seconds: f64,
}

/// What one call does, for the rate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amount {
    /// In units of `unit` · seconds.
    pub(crate) work: f64,
    pub(crate) unit: &'static str,
}

impl Amount {
    pub(crate) fn flops(n: usize) -> Self {
        Self { work: n as f64 * 1e-9, unit: "GFLOP/s" }
    }

    pub(crate) fn bytes(n: usize) -> Self {
        Self { work: n as f64 * 1e-9, unit: "GB/s" }
    }

    pub(crate) fn step() -> Self {
        Self { work: 1.0, unit: "steps/s" }
    }

    pub(crate) fn tokens(n: usize) -> Self {
        Self { work: n as f64, unit: "tok/s" }
    }
}

/// Batches of calls that are timed, if calls are short.
const REPS: usize = 7;

impl Stopwatch {
    /// Warms up, times batches of calls, prints and returns median and least time of a call in seconds.
    pub(crate) fn time(
        &self,
        case: &str,
        amount: Amount,
        mut call: impl FnMut() -> Result<()>,
    ) -> Result<[f64; 2]> {
        let mut batch = |n: usize| {
            let start = Instant::now();
            (0..n).try_for_each(|_| call())?;
            anyhow::Ok(start.elapsed().as_secs_f64() / n as f64)
        };
        let mut once = batch(1)?;
        if once < 1.0 {
            once = batch(1)?;
        }
        if once < 0.2 {
            batch(3)?;
            once = batch(1)?;
        }
        let iters = ((self.seconds / REPS as f64 / once.max(1e-7)) as usize).max(1);
        let reps = self.reps(once, iters);
        let mut times = (0..reps).map(|_| batch(iters)).collect::<Result<Vec<_>>>()?;
        times.sort_by(f64::total_cmp);
        let (median, min) = (median(&times), times[0]);
        self.print(&Line {
            rate: Some(amount.work / median),
            rate_unit: Some(amount.unit.into()),
            reps: Some(reps),
            iters: Some(iters),
            ..self.line(case, Metric::Time, [median * 1e6, min * 1e6], "us")
        })?;
        Ok([median, min])
    }

    /// A figure of this process, without the optional fields.
    pub(crate) fn line(&self, case: &str, metric: Metric, figures: [f64; 2], unit: &str) -> Line {
        Line {
            peer: self.peer.into(),
            threads: self.threads,
            round: self.round,
            case: case.into(),
            metric,
            median: figures[0],
            min: figures[1],
            unit: unit.into(),
            rate: None,
            rate_unit: None,
            reps: None,
            iters: None,
            first: None,
        }
    }

    /// Prints a figure on a line of its own.
    pub(crate) fn print(&self, line: &Line) -> Result<()> {
        println!("{}", serde_json::to_string(line)?);
        Ok(())
    }

    /// Fewer batches where a single call takes long.
    fn reps(&self, once: f64, iters: usize) -> usize {
        if once * iters as f64 * (REPS as f64) < 3.0 * self.seconds {
            REPS
        } else {
            ((2.0 * self.seconds / once) as usize).max(if once < 2.0 { 3 } else { 2 })
        }
    }
}

/// The middle of sorted numbers, of which there is at least one.
pub(crate) fn median(sorted: &[f64]) -> f64 {
    let mid = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[mid] } else { (sorted[mid - 1] + sorted[mid]) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_count_is_the_mean_of_two() {
        assert_eq!(median(&[1.0, 2.0, 4.0]), 2.0);
        assert_eq!(median(&[1.0, 2.0, 4.0, 8.0]), 3.0);
    }

    #[test]
    fn long_calls_are_timed_less_often() {
        let watch = Stopwatch { peer: "gradus", threads: 1, round: 0, seconds: 1.0 };
        assert_eq!(watch.reps(0.001, 142), REPS);
        assert_eq!(watch.reps(0.6, 1), 3);
        assert_eq!(watch.reps(5.0, 1), 2);
    }
}
