//! Who is nearest to whom.

use gradus_tensor::{DType, Tensor};

use crate::{Error, Result};

/// The Euclidean distance of each query to the nearest of `among`.
///
/// # Shapes
/// - `queries`: float `[N, F]`, `among`: float `[M, F]` → N distances; computed in f64
///
/// # Errors
/// If the shapes do not fit, a set is empty, or a value is not finite.
///
/// # Examples
/// ```
/// use gradus_generate::eval::nearest_distances;
/// use gradus_tensor::Tensor;
/// let (a, b) = (Tensor::from([[0.0f64, 0.0]]), Tensor::from([[3.0f64, 4.0], [9.0, 9.0]]));
/// assert_eq!(nearest_distances(&a, &b)?, [5.0]);
/// # Ok::<(), gradus_generate::Error>(())
/// ```
pub fn nearest_distances(queries: &Tensor, among: &Tensor) -> Result<Vec<f64>> {
    let (queries, among) = (Cloud::new(queries)?, Cloud::new(among)?);
    nearest(&queries, &among, Own::Counts)
}

/// What [`nearest_neighbour_test`] finds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearestNeighbourTest {
    /// The share of both sets whose nearest neighbour is of their own set.
    pub accuracy: f64,
    /// The same for the first set: high where it lies in heaps of its own.
    pub first: f64,
    /// The same for the second set: high where the first leaves parts of it out.
    pub second: f64,
}

/// Can two sets be told apart by asking each member's nearest neighbour where it comes from?
///
/// Leave-one-out accuracy of the 1-nearest-neighbour classifier: ½ for two sets of equal size from
/// one law, 1 for sets apart, below ½ where one holds copies of the other. A neighbour of each set
/// at the same distance counts as half.
///
/// # Shapes
/// - `first`: float `[N, F]`, `second`: float `[M, F]`, N and M at least 2; computed in f64
///
/// # Errors
/// As [`nearest_distances`].
///
/// # Reference
/// Lopez-Paz & Oquab 2017, "Revisiting Classifier Two-Sample Tests"; Xu et al. 2018, "An empirical
/// study on evaluation metrics of generative adversarial networks".
pub fn nearest_neighbour_test(first: &Tensor, second: &Tensor) -> Result<NearestNeighbourTest> {
    let (a, b) = (Cloud::new(first)?, Cloud::new(second)?);
    if let Some(got) = [a.len(), b.len()].into_iter().find(|&n| n < 2) {
        return Err(Error::Length { what: "members of a set, at least", expected: 2, got });
    }
    let right = |own: &Cloud, other: &Cloud| -> Result<f64> {
        let inside = nearest(own, own, Own::Skipped)?;
        let across = nearest(own, other, Own::Counts)?;
        let point = |(a, b): (&f64, &f64)| match a.total_cmp(b) {
            std::cmp::Ordering::Less => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Greater => 0.0,
        };
        Ok(inside.iter().zip(&across).map(point).sum())
    };
    let (of_a, of_b) = (right(&a, &b)?, right(&b, &a)?);
    let (n, m) = (a.len() as f64, b.len() as f64);
    Ok(NearestNeighbourTest {
        accuracy: (of_a + of_b) / (n + m),
        first: of_a / n,
        second: of_b / m,
    })
}

/// Whether a member may be its own neighbour.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Own {
    Counts,
    Skipped,
}

/// Queries whose distances are held at once.
const CHUNK: usize = 128;
/// Beyond the rounding of |a|² + |b|² − 2ab in f64, relative to |a|² + |b|².
const DOUBT: f64 = 1e-11;

/// Vectors, checked, in f64.
struct Cloud {
    rows: Tensor,
    values: Vec<f64>,
    norms: Vec<f64>,
    width: usize,
}

impl Cloud {
    fn new(x: &Tensor) -> Result<Self> {
        let &[n, width] = x.dims() else {
            let what = "dimensions of a set of vectors";
            return Err(Error::Length { what, expected: 2, got: x.rank() });
        };
        for (what, got) in [("vectors of a set, at least", n), ("features, at least", width)] {
            if got == 0 {
                return Err(Error::Length { what, expected: 1, got });
            }
        }
        let rows = x.to_dtype(DType::F64)?.contiguous();
        let values = rows.to_vec::<f64>()?;
        let norms: Vec<f64> =
            values.chunks(width).map(|row| row.iter().map(|v| v * v).sum()).collect();
        if let Some(index) = norms.iter().position(|n| !n.is_finite()) {
            return Err(Error::NotANumber { what: "squared length of vector", index });
        }
        Ok(Self { rows, values, norms, width })
    }

    fn len(&self) -> usize {
        self.norms.len()
    }

    fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.width..][..self.width]
    }
}

/// The products give all distances fast but, near 0, roughly; those that may be the smallest are
/// computed again from differences, so that a copy has distance 0.
fn nearest(queries: &Cloud, among: &Cloud, own: Own) -> Result<Vec<f64>> {
    if queries.width != among.width {
        let (what, expected, got) = ("features of the second set", queries.width, among.width);
        return Err(Error::Length { what, expected, got });
    }
    let across = among.rows.t()?;
    let longest = among.norms.iter().copied().fold(0.0, f64::max);
    let mut found = Vec::with_capacity(queries.len());
    for start in (0..queries.len()).step_by(CHUNK) {
        let n = CHUNK.min(queries.len() - start);
        let products = queries.rows.narrow(0, start, n)?.matmul(&across)?.to_vec::<f64>()?;
        for (i, products) in products.chunks(among.len()).enumerate() {
            let query = start + i;
            let others = || (0..among.len()).filter(|&j| own == Own::Counts || j != query);
            let rough = |j: usize| queries.norms[query] + among.norms[j] - 2.0 * products[j];
            let least = others().map(rough).fold(f64::INFINITY, f64::min);
            let limit = least + DOUBT * (queries.norms[query] + longest);
            let exact = |j: usize| {
                let pairs = queries.row(query).iter().zip(among.row(j));
                pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f64>()
            };
            let close = others().filter(|&j| rough(j) <= limit);
            found.push(close.map(exact).fold(f64::INFINITY, f64::min).sqrt());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use gradus_core::Key;
    use proptest::prelude::*;

    use super::*;

    fn cloud(n: usize, f: usize, seed: u64) -> Tensor {
        Tensor::randn([n, f], DType::F64, Key::new(seed)).unwrap()
    }

    fn naive(queries: &Tensor, among: &Tensor) -> Vec<f64> {
        let f = queries.dims()[1];
        let (q, a) = (queries.to_vec::<f64>().unwrap(), among.to_vec::<f64>().unwrap());
        let distance = |x: &[f64], y: &[f64]| {
            x.iter().zip(y).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt()
        };
        q.chunks(f)
            .map(|x| a.chunks(f).map(|y| distance(x, y)).fold(f64::INFINITY, f64::min))
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn they_are_the_smallest_of_all(
            n in 1..140usize, m in 1..9usize, f in 1..5usize, s in 0..9u64, far in 0.0..1e6f64,
        ) {
            // Far from the origin the products alone would be of no use.
            let a = cloud(n, f, s).add_scalar(far).unwrap();
            let b = cloud(m, f, s + 50).add_scalar(far).unwrap();
            for (got, expected) in nearest_distances(&a, &b).unwrap().iter().zip(naive(&a, &b)) {
                prop_assert!((got - expected).abs() <= 1e-12 * expected, "{got} {expected}");
            }
        }
    }

    #[test]
    fn a_copy_is_at_distance_zero() {
        let a = cloud(40, 7, 1).mul_scalar(1e4).unwrap();
        assert_eq!(nearest_distances(&a, &a).unwrap(), [0.0; 40]);
        // Every nearest neighbour is the copy in the other set.
        assert_eq!(nearest_neighbour_test(&a, &a).unwrap().accuracy, 0.0);
    }

    #[test]
    fn sets_apart_are_told_apart_and_those_of_one_law_are_not() {
        let (a, b) = (cloud(300, 3, 1), cloud(300, 3, 2));
        let same = nearest_neighbour_test(&a, &b).unwrap();
        assert!((same.accuracy - 0.5).abs() < 0.06, "{same:?}");
        let apart = nearest_neighbour_test(&a, &b.add_scalar(100.0).unwrap()).unwrap();
        assert_eq!((apart.accuracy, apart.first, apart.second), (1.0, 1.0, 1.0));
        // One point again and again: the samples huddle, and the data are not covered.
        let heap = Tensor::zeros([300, 3], DType::F32).unwrap();
        let heap = nearest_neighbour_test(&heap, &b).unwrap();
        assert!(heap.first == 1.0 && heap.second > 0.8, "{heap:?}");
    }

    #[test]
    fn bad_sets_are_refused() {
        let a = cloud(4, 2, 0);
        for bad in [cloud(4, 3, 0), cloud(0, 2, 0), cloud(4, 0, 0), Tensor::scalar(1.0f64)] {
            assert!(nearest_distances(&a, &bad).is_err(), "{}", bad.shape());
            assert!(nearest_neighbour_test(&bad, &a).is_err(), "{}", bad.shape());
        }
        assert!(nearest_neighbour_test(&a, &cloud(1, 2, 0)).is_err());
        assert!(nearest_distances(&a, &Tensor::from([[f64::NAN, 0.0]])).is_err());
    }
}
