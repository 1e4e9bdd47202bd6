//! Measures of how good a model is, gathered batch by batch.

mod calibration;
mod confusion;
mod errors;
mod gathered;
mod mean;
mod ranking;
mod score;
mod simple;

pub use calibration::{Calibration, CalibrationBin};
pub use confusion::{Average, ConfusionMatrix};
pub use errors::Errors;
pub use gathered::Metric;
pub use mean::Mean;
pub use ranking::Ranking;
pub use score::{Means, Score};
pub use simple::{accuracy, bits, mae, perplexity, r2, rmse, top_k_accuracy};
