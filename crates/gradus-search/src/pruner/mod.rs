//! Who stops trials that lead nowhere.

mod asha;
mod median;
mod pruners;

pub use asha::AshaPruner;
pub use median::MedianPruner;
pub use pruners::{Course, Pruner, Verdict};
