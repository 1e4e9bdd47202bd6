//! k-means on a line.

/// More rounds than this are not run (scikit-learn's bound).
const MAX_ROUNDS: usize = 300;

/// Rising centres of clusters of sorted values, from given ones: each value belongs to the nearest
/// centre, each centre is the mean of its values. A centre without values moves to the value that
/// is farthest from its own.
///
/// # Reference
/// Lloyd 1982, "Least squares quantization in PCM"; empty clusters as scikit-learn's `KMeans`.
pub(super) fn k_means(sorted: &[f64], mut centers: Vec<f64>) -> Vec<f64> {
    for _ in 0..MAX_ROUNDS {
        let next = round(sorted, &centers);
        if next == centers {
            break;
        }
        centers = next;
    }
    centers
}

fn round(sorted: &[f64], centers: &[f64]) -> Vec<f64> {
    let mut sums = vec![(0.0, 0usize); centers.len()];
    // Of each value, the distance to its centre, and which that is.
    let mut far: Vec<(f64, f64, usize)> = Vec::with_capacity(sorted.len());
    let mut own = 0;
    for &v in sorted {
        // Of equally near centres the lower one has the value.
        while own + 1 < centers.len() && v > 0.5 * (centers[own] + centers[own + 1]) {
            own += 1;
        }
        sums[own] = (sums[own].0 + v, sums[own].1 + 1);
        far.push(((v - centers[own]).abs(), v, own));
    }
    far.sort_by(|a, b| b.0.total_cmp(&a.0));
    let empty: Vec<usize> = (0..centers.len()).filter(|&i| sums[i].1 == 0).collect();
    for (cluster, (_, v, former)) in empty.into_iter().zip(far) {
        sums[former] = (sums[former].0 - v, sums[former].1 - 1);
        sums[cluster] = (v, 1);
    }
    let mean = |(i, &(sum, n)): (usize, &(f64, usize))| {
        if n == 0 { centers[i] } else { sum / n as f64 }
    };
    let mut next: Vec<f64> = sums.iter().enumerate().map(mean).collect();
    next.sort_unstable_by(f64::total_cmp);
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centers_are_the_means_of_what_is_nearest() {
        assert_eq!(k_means(&[0.0, 1.0, 10.0, 11.0, 12.0], vec![3.0, 9.0]), [0.5, 11.0]);
    }

    #[test]
    fn an_empty_cluster_moves_to_the_farthest_value() {
        assert_eq!(k_means(&[0.0, 3.0, 10.0], vec![0.0, 5.0, 10.0]), [0.0, 3.0, 10.0]);
        assert_eq!(k_means(&[0.0, 1.0, 20.0], vec![0.0, 19.0, 20.0]), [0.0, 1.0, 20.0]);
        // Fewer values than clusters.
        assert_eq!(k_means(&[0.0, 9.0], vec![1.0, 4.0, 8.0]).len(), 3);
    }
}
