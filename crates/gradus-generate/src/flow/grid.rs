//! At which times the model is asked.

use super::path::Path;
use crate::{Error, Result};

/// The times of a [`Flow`](super::Flow), from noise to data: n + 1 of them for n steps.
///
/// Steps use neighbours of this list and never compute a time again.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Grid {
    /// n steps of equal length from the path's noise to its data.
    Uniform(usize),
    /// n steps between noise levels of `max` and `min`, dense at small ones, and a last one to 0: σ(i) =
    /// (max^(1/ρ) + i/(n−1)·(min^(1/ρ) − max^(1/ρ)))^ρ. For [`Path::Edm`].
    ///
    /// # Reference
    /// Karras et al. 2022, eq. 5, with `min: 0.002, max: 80.0, rho: 7.0`.
    Karras {
        /// Number of steps.
        steps: usize,
        /// Smallest level that is not 0.
        min: f64,
        /// Largest level.
        max: f64,
        /// How dense small levels are.
        rho: f64,
    },
    /// These times.
    Times(Vec<f64>),
}

impl Grid {
    /// The usual noise levels of [`Path::Edm`].
    pub const fn karras(steps: usize) -> Self {
        Self::Karras { steps, min: 0.002, max: 80.0, rho: 7.0 }
    }

    /// The times on a path.
    ///
    /// # Errors
    /// [`Error::Parameter`] or [`Error::Contradiction`] if they are not at least two finite times along
    /// which the noise falls, with noise left at all but the last; if the grid belongs to another path.
    ///
    /// # Examples
    /// ```
    /// use gradus_generate::flow::{Grid, Path};
    /// assert_eq!(Grid::Uniform(4).times(&Path::Flow)?, [0.0, 0.25, 0.5, 0.75, 1.0]);
    /// assert_eq!(Grid::Uniform(2).times(&Path::Cosine)?, [1.0, 0.5, 0.0]);
    /// assert_eq!(Grid::karras(18).times(&Path::Edm)?.len(), 19);
    /// # Ok::<(), gradus_generate::Error>(())
    /// ```
    pub fn times(&self, path: &Path) -> Result<Vec<f64>> {
        let times = match self {
            Self::Uniform(steps) => uniform(*steps, path)?,
            Self::Karras { steps, min, max, rho } => {
                if *path != Path::Edm {
                    let (what, with) = ("a grid of noise levels", "a path of another kind of time");
                    return Err(Error::Contradiction { what, with });
                }
                check_steps(*steps)?;
                karras(*steps, *min, *max, *rho)
            }
            Self::Times(times) => times.clone(),
        };
        check(&times, path)?;
        Ok(times)
    }
}

fn uniform(steps: usize, path: &Path) -> Result<Vec<f64>> {
    check_steps(steps)?;
    let Some((noise, data)) = path.ends() else {
        let (what, with) = ("a uniform grid", "a path without a first time");
        return Err(Error::Contradiction { what, with });
    };
    Ok((0..=steps).map(|k| noise + (data - noise) * (k as f64 / steps as f64)).collect())
}

/// Each step is a round of the keys of its noise, which are counted in 24 bits.
fn check_steps(steps: usize) -> Result<()> {
    let (name, expected) = ("steps of a grid", "in 1..=2^24");
    let holds = (1..=1 << 24).contains(&steps);
    if holds { Ok(()) } else { Err(Error::Parameter { name, expected, got: steps as f64 }) }
}

fn karras(steps: usize, min: f64, max: f64, rho: f64) -> Vec<f64> {
    let root = |x: f64| x.powf(1.0 / rho);
    let last = steps.saturating_sub(1).max(1) as f64;
    let level = |i: usize| (root(max) + i as f64 / last * (root(min) - root(max))).powf(rho);
    (0..steps).map(level).chain([0.0]).collect()
}

/// The share of noise must fall from time to time.
fn check(times: &[f64], path: &Path) -> Result<()> {
    let refuse = |expected, got| Err(Error::Parameter { name: "times of a grid", expected, got });
    if times.len() < 2 {
        return refuse("at least two", times.len() as f64);
    }
    // The angle between data and noise: a quarter turn is noise, 0 is data.
    let angle = |t: f64| {
        let (a, s) = path.scales(t);
        s.atan2(a)
    };
    for pair in times.windows(2) {
        let (before, after) = (angle(pair[0]), angle(pair[1]));
        if !(pair[0].is_finite() && before <= std::f64::consts::FRAC_PI_2 + 1e-12) {
            return refuse("finite, from noise to data", pair[0]);
        }
        // NaN does not fall.
        if !(after < before && after >= 0.0) {
            return refuse("such that noise falls from each to the next", pair[1]);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_grids_are_errors() {
        let bad = [
            Grid::Uniform(0),
            Grid::Uniform(usize::MAX),
            Grid::Times(vec![0.5]),
            Grid::Times(vec![0.0, 0.5, 0.5]),
            Grid::Times(vec![1.0, 0.0]),
            Grid::Times(vec![0.0, f64::NAN]),
            Grid::Times(vec![-0.5, 1.0]),
            Grid::Times(vec![0.0, 1.5]),
            Grid::karras(4),
        ];
        for grid in bad {
            assert!(grid.times(&Path::Flow).is_err(), "{grid:?}");
        }
        assert!(Grid::Uniform(3).times(&Path::Edm).is_err());
        assert!(Grid::karras(0).times(&Path::Edm).is_err());
        assert!(Grid::karras(usize::MAX).times(&Path::Edm).is_err());
        assert!(Grid::karras(1).times(&Path::Edm).is_ok());
    }

    #[test]
    fn the_levels_of_karras() {
        let levels = Grid::karras(3).times(&Path::Edm).unwrap();
        let middle = ((80f64.powf(1.0 / 7.0) + 0.002f64.powf(1.0 / 7.0)) / 2.0).powi(7);
        for (got, want) in levels.iter().zip([80.0, middle, 0.002, 0.0]) {
            assert!((got - want).abs() < 1e-9 * want.max(1.0), "{levels:?}");
        }
    }
}
