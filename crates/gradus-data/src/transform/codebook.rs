//! Vectors that stand for others, found by k-means.

use gradus_core::{Key, Kind};

/// Vectors with numbers, of which the nearest to a point stands for it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Codebook {
    n_features: usize,
    /// A vector after the other.
    rows: Vec<f64>,
    /// The same, one feature after the other: distances to all vectors grow side by side.
    columns: Vec<f64>,
}

impl Codebook {
    pub(super) fn new(rows: Vec<f64>, n_features: usize) -> Self {
        let n = rows.len() / n_features;
        let feature = |f: usize| rows.iter().skip(f).step_by(n_features).copied();
        let columns = (0..n_features).flat_map(feature).collect();
        debug_assert_eq!(rows.len(), n * n_features);
        Self { n_features, rows, columns }
    }

    pub(super) fn rows(&self) -> &[f64] {
        &self.rows
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len() / self.n_features
    }

    pub(super) fn row(&self, code: usize) -> &[f64] {
        &self.rows[code * self.n_features..(code + 1) * self.n_features]
    }

    /// The number of the nearest vector, the lowest of equally near ones, and its squared distance.
    pub(super) fn nearest(&self, x: &[f64]) -> (usize, f64) {
        let mut distances = vec![0.0; self.len()];
        for (x, column) in x.iter().zip(self.columns.chunks_exact(self.len())) {
            for (sum, center) in distances.iter_mut().zip(column) {
                *sum += (x - center) * (x - center);
            }
        }
        let mut best = (0, distances[0]);
        for (code, &distance) in distances.iter().enumerate() {
            if distance < best.1 {
                best = (code, distance);
            }
        }
        best
    }

    /// Learns `len` vectors from at least as many points.
    ///
    /// Lloyd's iteration from a k-means++ start, until no point changes its vector or `max_iter`
    /// rounds are over. The vectors are then means of a partition of the points, so the squared
    /// error is at most that of putting 0 for every point.
    ///
    /// # Reference
    /// Lloyd 1982, "Least squares quantization in PCM"; Arthur & Vassilvitskii 2007, "k-means++: the
    /// advantages of careful seeding"; empty clusters as scikit-learn's `KMeans`.
    pub(super) fn learn(
        points: &[f64],
        n_features: usize,
        len: usize,
        max_iter: usize,
        key: Key,
    ) -> Self {
        let mut book = Self::new(spread(points, n_features, len, key), n_features);
        let mut own: Vec<usize> = Vec::new();
        for _ in 0..max_iter {
            let nearest: Vec<_> =
                points.chunks_exact(n_features).map(|x| book.nearest(x)).collect();
            let codes = nearest.iter().map(|(code, _)| *code).collect();
            if own == codes {
                break;
            }
            own = codes;
            book = book.means(points, &nearest);
        }
        book
    }

    /// The means of the points of each vector. A vector without points moves to the point that is
    /// farthest from its own, and takes it away.
    fn means(&self, points: &[f64], nearest: &[(usize, f64)]) -> Self {
        let mut own: Vec<usize> = nearest.iter().map(|(code, _)| *code).collect();
        let mut counts = vec![0usize; self.len()];
        own.iter().for_each(|&code| counts[code] += 1);
        let mut far: Vec<usize> = (0..own.len()).filter(|&i| nearest[i].1 > 0.0).collect();
        far.sort_by(|&a, &b| nearest[b].1.total_cmp(&nearest[a].1));
        let empty: Vec<usize> = (0..self.len()).filter(|&code| counts[code] == 0).collect();
        for (code, point) in empty.into_iter().zip(far) {
            counts[own[point]] -= 1;
            own[point] = code;
            counts[code] += 1;
        }
        let mut rows = vec![0.0; self.rows.len()];
        for (point, &code) in points.chunks_exact(self.n_features).zip(&own) {
            let sum = &mut rows[code * self.n_features..][..self.n_features];
            sum.iter_mut().zip(point).for_each(|(sum, x)| *sum += x);
        }
        for (code, row) in rows.chunks_exact_mut(self.n_features).enumerate() {
            match counts[code] {
                0 => row.copy_from_slice(self.row(code)),
                n => row.iter_mut().for_each(|v| *v /= n as f64),
            }
        }
        Self::new(rows, self.n_features)
    }
}

/// The start of k-means++: each next point is drawn in proportion to its squared distance from the
/// points drawn so far.
fn spread(points: &[f64], n_features: usize, len: usize, key: Key) -> Vec<f64> {
    let key = key.kind(Kind::Shuffle);
    let point = |i: usize| &points[i * n_features..(i + 1) * n_features];
    let n = points.len() / n_features;
    let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
    // A uniform number is below 1, but its product may round up to n.
    let mut last = ((key.uniform(0) * n as f64) as usize).min(n - 1);
    let mut distances = vec![f64::INFINITY; n];
    let mut rows = point(last).to_vec();
    for draw in 1..len {
        for (i, least) in distances.iter_mut().enumerate() {
            *least = least.min(distance(point(i), point(last)));
        }
        let total: f64 = distances.iter().sum();
        let mut left = key.uniform(draw as u64) * total;
        // Where all points are drawn, the last one is drawn again and gets no point of its own.
        for (i, &weight) in distances.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
            last = i;
            left -= weight;
            if left < 0.0 {
                break;
            }
        }
        rows.extend_from_slice(point(last));
    }
    rows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn the_nearest_is_that_of_the_definition_and_means_lower_the_error(
            points in prop::collection::vec(-4i32..5, 12..60), len in 1usize..5, seed: u64,
        ) {
            let points: Vec<f64> = points.iter().map(|&v| f64::from(v) * 0.5).collect();
            let points = &points[..points.len() / 3 * 3];
            let book = Codebook::learn(points, 3, len, 20, Key::new(seed));
            prop_assert_eq!(book.len(), len);
            let (mut error, mut zero) = (0.0, 0.0);
            for x in points.chunks_exact(3) {
                let squared =
                    |c: usize| -> f64 { (0..3).map(|f| (x[f] - book.row(c)[f]).powi(2)).sum() };
                let best = (0..len).map(squared).fold(f64::INFINITY, f64::min);
                let (code, distance) = book.nearest(x);
                prop_assert!((squared(code) - best).abs() < 1e-12 && distance >= 0.0);
                error += best;
                zero += x.iter().map(|v| v * v).sum::<f64>();
            }
            prop_assert!(error <= zero + 1e-9);
        }
    }

    #[test]
    fn clusters_are_found_and_an_empty_one_moves() {
        let points = [0.0, 1.0, 10.0, 11.0, 12.0, 50.0];
        for seed in 0..20 {
            let mut rows = Codebook::learn(&points, 1, 3, 50, Key::new(seed)).rows;
            rows.sort_by(f64::total_cmp);
            assert_eq!(rows, [0.5, 11.0, 50.0], "seed {seed}");
        }
        let book = Codebook::new(vec![0.0, 90.0], 1);
        let nearest = [0.0, 0.0, 3.0].map(|x| book.nearest(&[x]));
        assert_eq!(book.means(&[0.0, 0.0, 3.0], &nearest).rows, [0.0, 3.0]);
        // As many vectors as points, and fewer different points than vectors.
        assert_eq!(Codebook::learn(&[2.0, 2.0, 2.0], 1, 3, 9, Key::new(0)).rows, [2.0; 3]);
        let mut rows = Codebook::learn(&[2.0, 7.0], 1, 2, 9, Key::new(0)).rows;
        rows.sort_by(f64::total_cmp);
        assert_eq!(rows, [2.0, 7.0]);
    }
}
