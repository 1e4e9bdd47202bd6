//! Items drawn by weight.

use gradus_core::{Key, Kind};

use super::sampler::Sampler;
use crate::{Error, Result};

/// Whether an item can be drawn twice in an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Replacement {
    /// Every draw is from all items.
    #[default]
    With,
    /// Every draw is from the items that were not drawn yet in this epoch.
    Without,
}

/// Draws items with probabilities in proportion to their weights, for example to show rare classes
/// as often as common ones.
///
/// With replacement, draw `d` of an epoch is the item whose share of the summed weights holds
/// `u_d`. Without, the items are those with the largest `ln(u_i) / w_i`.
///
/// # Reference
/// PyTorch's `WeightedRandomSampler`; Efraimidis & Spirakis 2006, "Weighted random sampling with a
/// reservoir", for draws without replacement.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_data::{Replacement, Sampler, WeightedSampler};
/// let sampler = WeightedSampler::new(&[0.0, 3.0, 1.0], 400, Replacement::With, Key::new(7))?;
/// let drawn = sampler.indices(0);
/// let count = |item| drawn.iter().filter(|&&i| i == item).count();
/// assert_eq!(count(0), 0);
/// assert!(count(1) > 250 && count(2) > 60);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct WeightedSampler {
    weights: Vec<f64>,
    /// Sums of the weights up to and with each item.
    sums: Vec<f64>,
    n_draws: usize,
    replacement: Replacement,
    key: Key,
}

impl WeightedSampler {
    /// A sampler of `n_draws` items per epoch.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if a weight is negative or not finite, if their sum is not a
    /// positive finite number, or if more items are drawn without replacement than have a weight.
    pub fn new(
        weights: &[f64],
        n_draws: usize,
        replacement: Replacement,
        key: Key,
    ) -> Result<Self> {
        let invalid = |name, expected, got: String| {
            Err(Error::InvalidArgument { op: "WeightedSampler::new", name, expected, got })
        };
        if let Some(bad) = weights.iter().find(|w| !w.is_finite() || **w < 0.0) {
            return invalid("weights", "finite and not negative", bad.to_string());
        }
        let sums: Vec<f64> = weights
            .iter()
            .scan(0.0, |sum, w| {
                *sum += w;
                Some(*sum)
            })
            .collect();
        let total = sums.last().copied().unwrap_or(0.0);
        if !total.is_finite() || total <= 0.0 {
            return invalid("weights", "of a positive finite sum", total.to_string());
        }
        let positive = weights.iter().filter(|&&w| w > 0.0).count();
        if replacement == Replacement::Without && n_draws > positive {
            let got = format!("{n_draws} of {positive}");
            return invalid("n_draws", "at most the number of items with a weight", got);
        }
        let weights = weights.to_vec();
        Ok(Self { weights, sums, n_draws, replacement, key })
    }

    fn item(&self, uniform: f64) -> usize {
        let at = uniform * self.sums.last().expect("a sum of weights is positive");
        let item = self.sums.partition_point(|&sum| sum <= at);
        // The product can round up to the whole sum: then it is the last item with a weight.
        let last = || self.weights.iter().rposition(|&w| w > 0.0).expect("the sum is positive");
        if item < self.sums.len() { item } else { last() }
    }
}

impl Sampler for WeightedSampler {
    fn len(&self) -> usize {
        self.n_draws
    }

    fn indices(&self, epoch: u64) -> Vec<usize> {
        let key = self.key.fold_in(epoch).kind(Kind::Shuffle);
        if self.replacement == Replacement::With {
            return (0..self.n_draws).map(|draw| self.item(key.uniform(draw as u64))).collect();
        }
        let race = |(i, &w): (usize, &f64)| (w > 0.0).then(|| (key.uniform(i as u64).ln() / w, i));
        let mut race: Vec<(f64, usize)> =
            self.weights.iter().enumerate().filter_map(race).collect();
        race.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        race.into_iter().take(self.n_draws).map(|(_, item)| item).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn draws_are_items_with_a_weight(
            weights in prop::collection::vec(0u8..4, 1..20), n in 0usize..40, seed: u64,
        ) {
            let weights: Vec<f64> = weights.into_iter().map(f64::from).collect();
            let positive = weights.iter().filter(|&&w| w > 0.0).count();
            for (replacement, n) in [(Replacement::With, n), (Replacement::Without, n.min(positive))] {
                let sampler = WeightedSampler::new(&weights, n, replacement, Key::new(seed));
                prop_assert_eq!(sampler.is_ok(), positive > 0);
                let Ok(sampler) = sampler else { return Ok(()) };
                let mut drawn = sampler.indices(3);
                prop_assert_eq!(&drawn, &sampler.indices(3));
                prop_assert_eq!(drawn.len(), sampler.len());
                prop_assert!(drawn.iter().all(|&i| weights[i] > 0.0));
                if replacement == Replacement::Without {
                    drawn.sort_unstable();
                    drawn.dedup();
                    prop_assert_eq!(drawn.len(), n);
                }
            }
        }
    }

    #[test]
    fn the_first_draw_follows_the_weights_in_both_ways() {
        let weights = [1.0, 2.0, 5.0];
        for replacement in [Replacement::With, Replacement::Without] {
            let mut counts = [0u32; 3];
            let sampler = WeightedSampler::new(&weights, 1, replacement, Key::new(5)).unwrap();
            for epoch in 0..8000 {
                counts[sampler.indices(epoch)[0]] += 1;
            }
            // Standard deviations are below 45: a 5-sigma band.
            for (count, expected) in counts.into_iter().zip([1000, 2000, 5000]) {
                assert!(count.abs_diff(expected) < 225, "{replacement:?} {counts:?}");
            }
        }
    }

    #[test]
    fn impossible_weights_are_refused() {
        let new = |weights: &[f64], n, r| WeightedSampler::new(weights, n, r, Key::new(0));
        for bad in [&[][..], &[0.0], &[-1.0, 2.0], &[f64::NAN], &[f64::INFINITY], &[1e308; 3]] {
            assert!(new(bad, 1, Replacement::With).is_err(), "{bad:?}");
        }
        let error = new(&[1.0, 0.0], 2, Replacement::Without).unwrap_err().to_string();
        assert!(error.ends_with("got 2 of 1"), "{error}");
    }
}
