//! One figure, as both sides print it.

use serde::{Deserialize, Serialize};

/// A JSON object on a line of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) peer: String,
    pub(crate) threads: usize,
    pub(crate) round: usize,
    pub(crate) case: String,
    pub(crate) metric: Metric,
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) unit: String,
    /// Work per second in `rate_unit`, at the median.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rate: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rate_unit: Option<String>,
    /// How many batches of calls were timed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reps: Option<usize>,
    /// Calls per batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) iters: Option<usize>,
    /// Loss of the first step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first: Option<f64>,
}

/// What a figure is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Metric {
    /// Time of one call, in µs.
    Time,
    /// Loss after some steps on one batch.
    Loss,
    /// The most memory that was resident, in MiB.
    PeakRss,
    /// Bytes of weights that decoding has to read, per second, in GB/s.
    ReadRate,
}
