//! Which positions a masked model is trained to predict.

use gradus_core::{Key, Kind};

/// Places of a flattened batch `[B·T]` that are hidden from the model, and how much each counts.
pub(crate) struct Hidden {
    pub(crate) places: Vec<usize>,
    /// The mean over the hidden places of a row, then over rows: they sum to 1.
    pub(crate) weights: Vec<f64>,
}

impl Hidden {
    /// Hides n of the `len` places of each row, n uniform on 1..=len and the places uniform.
    ///
    /// Row b hides `1 + ⌊len · u_b⌋` of them with `u_b = (b/B + u) mod 1`: each of these alone is uniform,
    /// and together they are spread evenly.
    pub(crate) fn draw(rows: usize, len: usize, key: Key) -> Self {
        let u = key.kind(Kind::Noise).uniform(0);
        let (mut places, mut weights) = (Vec::new(), Vec::new());
        for b in 0..rows {
            let u_b = (b as f64 / rows as f64 + u).fract();
            let n = 1 + ((len as f64 * u_b) as usize).min(len - 1);
            places.extend(subset(n, len, key.fold_in(b as u64)).map(|at| b * len + at));
            weights.resize(places.len(), 1.0 / (rows * n) as f64);
        }
        Self { places, weights }
    }
}

/// `n` of `len` positions, every subset equally likely.
fn subset(n: usize, len: usize, key: Key) -> impl Iterator<Item = usize> {
    let key = key.kind(Kind::Remask);
    let mut order: Vec<usize> = (0..len).collect();
    order.sort_by(|&a, &b| key.uniform(a as u64).total_cmp(&key.uniform(b as u64)));
    order.into_iter().take(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_hides_every_count_equally_often() {
        for seed in 0..50 {
            let hidden = Hidden::draw(12, 4, Key::new(seed));
            let mut counts = [0; 12];
            hidden.places.iter().for_each(|place| counts[place / 4] += 1);
            let times = |n| counts.iter().filter(|&&c| c == n).count();
            assert_eq!([times(1), times(2), times(3), times(4)], [3; 4]);
            assert!((hidden.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn every_row_hides_every_subset_equally_often() {
        const DRAWS: u64 = 6000;
        let mut times = [[0u32; 8]; 2];
        for seed in 0..DRAWS {
            let mut masks = [0; 2];
            for place in Hidden::draw(2, 3, Key::new(seed)).places {
                masks[place / 3] |= 1 << (place % 3);
            }
            (0..2).for_each(|row| times[row][masks[row]] += 1);
        }
        for (mask, p) in [(0, 0.0), (1, 1.0), (2, 1.0), (3, 1.0), (4, 1.0), (7, 3.0)] {
            // n = 1 and n = 2 have three subsets each, n = 3 has one.
            let p = p / 9.0;
            let sigma = (DRAWS as f64 * p * (1.0 - p)).sqrt();
            for row in times {
                assert!(
                    (f64::from(row[mask]) - DRAWS as f64 * p).abs() <= 5.0 * sigma,
                    "{times:?}"
                );
            }
        }
    }
}
