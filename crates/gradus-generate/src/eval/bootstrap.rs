//! How sure a figure is.

use gradus_core::{Key, Kind};

use crate::{Error, Result};

/// How a [`bootstrap`] is made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// How many times samples are drawn again, with replacement.
    pub resamples: usize,
    /// Share of the resampled figures inside the interval, in `0.0..1.0`.
    pub level: f64,
    /// Of every draw.
    pub key: Key,
}

impl Bootstrap {
    /// A thousand resamples, 95 %.
    pub const fn new(key: Key) -> Self {
        Self { resamples: 1_000, level: 0.95, key }
    }
}

/// From where to where a figure may lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The percentile interval of a figure that is computed from `n` samples.
///
/// `figure` is given the numbers of the samples of one resample, of which some occur twice and
/// some not at all, and so works for means, medians and Fréchet distances alike. The ends are
/// quantiles of the resampled figures, linear between order statistics (NumPy's default). A
/// distance between clouds rises with every sample that occurs twice, so its interval lies above
/// the figure itself: such an interval says how wide, not where.
///
/// # Errors
/// [`Error::Length`] without samples; [`Error::Parameter`] without resamples or for a level outside
/// (0, 1); [`Error::NotANumber`] if the figure of a resample is NaN; and what `figure` reports.
///
/// # Reference
/// Efron & Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_generate::Result;
/// use gradus_generate::eval::{Bootstrap, bootstrap};
/// let heights = [1.5, 1.6, 1.7, 1.8, 1.9];
/// let mean = |chosen: &[usize]| -> Result<f64> {
///     Ok(chosen.iter().map(|&i| heights[i]).sum::<f64>() / chosen.len() as f64)
/// };
/// let interval = bootstrap(Bootstrap::new(Key::new(7)), heights.len(), mean)?;
/// assert!(interval.low > 1.5 && interval.low < 1.7 && interval.high > 1.7 && interval.high < 1.9);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
pub fn bootstrap<E: From<Error>>(
    how: Bootstrap,
    n: usize,
    mut figure: impl FnMut(&[usize]) -> Result<f64, E>,
) -> Result<Interval, E> {
    how.check(n)?;
    let mut figures = Vec::with_capacity(how.resamples);
    let mut chosen = vec![0; n];
    for resample in 0..how.resamples {
        let key = how.key.kind(Kind::Shuffle).fold_in(resample as u64);
        for (i, slot) in chosen.iter_mut().enumerate() {
            // A uniform number is below 1, but its product may round up to n.
            *slot = ((key.uniform(i as u64) * n as f64) as usize).min(n - 1);
        }
        let value = figure(&chosen)?;
        if value.is_nan() {
            return Err(Error::NotANumber { what: "figure of resample", index: resample }.into());
        }
        figures.push(value);
    }
    figures.sort_by(f64::total_cmp);
    let tail = (1.0 - how.level) / 2.0;
    Ok(Interval { low: quantile(&figures, tail), high: quantile(&figures, 1.0 - tail) })
}

impl Bootstrap {
    fn check(&self, n: usize) -> Result<()> {
        if n == 0 {
            return Err(Error::Length { what: "samples, at least", expected: 1, got: 0 });
        }
        if self.resamples == 0 {
            return Err(Error::Parameter { name: "resamples", expected: "at least 1", got: 0.0 });
        }
        if !(self.level > 0.0 && self.level < 1.0) {
            let expected = "inside (0, 1)";
            return Err(Error::Parameter { name: "level", expected, got: self.level });
        }
        Ok(())
    }
}

/// Of values in rising order.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let (low, high) = (sorted[below], sorted[above]);
    if low == high { low } else { low + (place - below as f64) * (high - low) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_of(values: &[f64]) -> impl FnMut(&[usize]) -> Result<f64> {
        move |chosen| Ok(chosen.iter().map(|&i| values[i]).sum::<f64>() / chosen.len() as f64)
    }

    #[test]
    fn quantiles_are_those_of_numpy() {
        // numpy.quantile([1, 2, 4, 8], [0, .025, .5, .9, 1])
        let values = [1.0, 2.0, 4.0, 8.0];
        let got = [0.0, 0.025, 0.5, 0.9, 1.0].map(|share| quantile(&values, share));
        for (got, expected) in got.iter().zip([1.0, 1.075, 3.0, 6.8, 8.0]) {
            assert!((got - expected).abs() < 1e-12, "{got} {expected}");
        }
        assert_eq!(quantile(&[3.0], 0.7), 3.0);
        assert_eq!(quantile(&[f64::INFINITY; 2], 0.3), f64::INFINITY);
    }

    /// Of 200 sets of 40 normal numbers, about 95 % have the true mean inside their interval.
    #[test]
    fn it_covers_the_truth_as_often_as_it_says() {
        let covered = (0..200).filter(|&set| {
            let key = Key::new(set + 1_000);
            let values: Vec<f64> = (0..40).map(|i| key.normal(i)).collect();
            let how = Bootstrap { resamples: 200, ..Bootstrap::new(Key::new(set)) };
            let interval = bootstrap(how, values.len(), mean_of(&values)).unwrap();
            (interval.low..=interval.high).contains(&0.0)
        });
        let share = covered.count() as f64 / 200.0;
        assert!((0.89..=0.99).contains(&share), "{share}");
    }

    #[test]
    fn a_wider_level_holds_the_narrower_one() {
        let values: Vec<f64> = (0..30).map(f64::from).collect();
        let of = |level| {
            let how = Bootstrap { level, ..Bootstrap::new(Key::new(3)) };
            bootstrap(how, values.len(), mean_of(&values)).unwrap()
        };
        let (half, most) = (of(0.5), of(0.99));
        assert!(most.low < half.low && half.low < half.high && half.high < most.high);
        assert_eq!(of(0.5), half);
    }

    #[test]
    fn bad_requests_are_refused() {
        let how = Bootstrap::new(Key::new(0));
        assert!(bootstrap(how, 0, mean_of(&[])).is_err());
        assert!(bootstrap(Bootstrap { resamples: 0, ..how }, 1, mean_of(&[1.0])).is_err());
        for level in [0.0, 1.0, f64::NAN] {
            assert!(bootstrap(Bootstrap { level, ..how }, 1, mean_of(&[1.0])).is_err());
        }
        assert!(bootstrap(how, 1, mean_of(&[f64::NAN])).is_err());
    }
}
