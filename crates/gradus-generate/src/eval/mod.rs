//! Measures of how far samples are from data.

mod frechet;

pub use frechet::frechet_distance;
