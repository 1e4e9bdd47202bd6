//! How far samples are from the data.

use anyhow::Result;
use gradus::generate::eval::{Bootstrap, Interval, bootstrap, frechet_distance};
use gradus::prelude::*;

/// What is measured of a set of samples.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    pub(crate) distance: f64,
    pub(crate) interval: Interval,
    /// Other figures, by name; the same names for every set.
    pub(crate) beside: Vec<(&'static str, f64)>,
}

/// A judge that had no part in the drawing.
pub(crate) trait Gauge {
    /// Measures rows of tokens that were drawn for these classes.
    fn measure(&self, rows: &[Vec<u32>], classes: &[u32]) -> Result<Measured>;
}

const RESAMPLES: usize = 100;

/// The Fréchet distance of features `[N, F]` to those of the data, with its interval.
///
/// A resample holds samples twice and so lies farther from the data than the samples do. The interval
/// is moved back by what the resamples' mean lies above the distance.
pub(crate) fn frechet(features: &Tensor, data: &Tensor, key: Key) -> Result<(f64, Interval)> {
    let distance = frechet_distance(features, data)?;
    let how = Bootstrap { resamples: RESAMPLES, ..Bootstrap::new(key) };
    let mut total = 0.0;
    let n = features.dims()[0];
    let raw = bootstrap(how, n, |chosen| -> Result<f64> {
        let chosen: Vec<i64> = chosen.iter().map(|&i| i as i64).collect();
        let d = frechet_distance(&features.index_select(0, &Tensor::from(chosen))?, data)?;
        total += d;
        Ok(d)
    })?;
    let above = total / RESAMPLES as f64 - distance;
    let end = |v: f64| (v - above).max(0.0);
    Ok((distance, Interval { low: end(raw.low), high: end(raw.high) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_holds_the_distance() {
        let cloud = |seed| Tensor::randn([60, 3], DType::F64, Key::new(seed)).unwrap();
        let far = cloud(1).add_scalar(1.0).unwrap();
        let (distance, interval) = frechet(&far, &cloud(2), Key::new(3)).unwrap();
        assert!(interval.low < distance && distance < interval.high, "{distance} {interval:?}");
        assert_eq!(frechet(&far, &cloud(2), Key::new(3)).unwrap(), (distance, interval));
    }
}
