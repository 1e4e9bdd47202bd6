//! Which positions a masked model is trained to predict.

use std::f64::consts::FRAC_PI_2;

use gradus_core::{Key, Kind};

use crate::masked_loss::Masking;

/// Places of a flattened batch `[B·T]` that are hidden from the model, and how much each counts.
pub(crate) struct Hidden {
    pub(crate) places: Vec<usize>,
    /// One for each place.
    pub(crate) weights: Vec<f64>,
}

impl Hidden {
    /// Hides places of each of `rows` rows of `len`.
    ///
    /// Row b draws by `u_b = (b/B + u) mod 1`: each of these alone is uniform, and together they are spread
    /// evenly.
    pub(crate) fn draw(masking: Masking, rows: usize, len: usize, key: Key) -> Self {
        match masking {
            Masking::PerRow => Self::draw_in_blocks(rows, len, len, key),
            Masking::Independent { least, .. } => Self::independent(rows, len, least, key),
            Masking::Cosine { least } => Self::pooled(rows, len, key, |u| {
                let share = (FRAC_PI_2 * u).cos().max(least);
                (len as f64 * share).ceil() as usize
            }),
            Masking::Pooled => Self::pooled(rows, len, key, |u| 1 + (len as f64 * u) as usize),
        }
    }

    /// Hides n of the S places of each block of each row, n uniform on 1..=S and the places uniform. The weights are
    /// those of the mean over the hidden places of a block, then over all places of the row and over rows: they sum to
    /// 1.
    pub(crate) fn draw_in_blocks(rows: usize, len: usize, block: usize, key: Key) -> Self {
        let (u, blocks) = (even(key), len.div_ceil(block));
        let (mut places, mut weights) = (Vec::new(), Vec::new());
        for b in 0..rows * blocks {
            let (row, start) = (b / blocks, b % blocks * block);
            let size = block.min(len - start);
            let n = 1 + ((size as f64 * u(b, rows * blocks)) as usize).min(size - 1);
            let chosen = subset(n, size, key.fold_in(b as u64));
            places.extend(chosen.map(|at| row * len + start + at));
            weights.resize(places.len(), size as f64 / (rows * len * n) as f64);
        }
        Self { places, weights }
    }

    /// Hides `count(u_b)` places of row b, at least one, which all count alike.
    fn pooled(rows: usize, len: usize, key: Key, count: impl Fn(f64) -> usize) -> Self {
        let u = even(key);
        let mut places = Vec::new();
        for b in 0..rows {
            let n = count(u(b, rows)).clamp(1, len);
            places.extend(subset(n, len, key.fold_in(b as u64)).map(|at| b * len + at));
        }
        let weights = vec![1.0 / places.len() as f64; places.len()];
        Self { places, weights }
    }

    /// Hides each place with the probability of its row.
    fn independent(rows: usize, len: usize, least: f64, key: Key) -> Self {
        let u = even(key);
        let (mut places, mut weights) = (Vec::new(), Vec::new());
        for b in 0..rows {
            let p = least + (1.0 - least) * u(b, rows);
            let coins = key.fold_in(b as u64).kind(Kind::Remask);
            places
                .extend((0..len).filter(|&at| coins.uniform(at as u64) < p).map(|at| b * len + at));
            weights.resize(places.len(), 1.0 / (p * (rows * len) as f64));
        }
        Self { places, weights }
    }
}

/// The b-th of B numbers in 0..1 that are spread evenly.
fn even(key: Key) -> impl Fn(usize, usize) -> f64 {
    let u = key.kind(Kind::Noise).uniform(0);
    move |b, of| (b as f64 / of as f64 + u).fract()
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
            let hidden = Hidden::draw(Masking::PerRow, 12, 4, Key::new(seed));
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
            for place in Hidden::draw(Masking::PerRow, 2, 3, Key::new(seed)).places {
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
