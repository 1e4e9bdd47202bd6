//! Whether samples are copies of what a model was trained on.

use gradus_tensor::Tensor;

use super::nearest_distances;
use crate::Result;

/// What [`memorisation`] finds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memorisation {
    /// Mean distance of a sample to the nearest training vector.
    pub samples: f64,
    /// The same of data that were held out.
    pub held_out: f64,
    /// The probability that a sample is nearer to the training data than a held-out vector is; ties
    /// count half. ½ where nothing is copied, 1 where everything is, and towards 0 for samples
    /// that are far from all data.
    pub closer: f64,
}

/// How near samples are to the training data, beside how near other real data are.
///
/// `closer` is Mann and Whitney's U over the number of pairs.
///
/// # Shapes
/// - `samples` `[N, F]`, `train` `[M, F]`, `held_out` `[K, F]`, float; computed in f64
///
/// # Errors
/// As [`nearest_distances`].
///
/// # Reference
/// Meehan, Chaudhuri & Dasgupta 2020, "A Non-Parametric Test to Detect Data-Copying in Generative
/// Models", with one cell.
pub fn memorisation(samples: &Tensor, train: &Tensor, held_out: &Tensor) -> Result<Memorisation> {
    let ours = nearest_distances(samples, train)?;
    let theirs = nearest_distances(held_out, train)?;
    let mean = |list: &[f64]| list.iter().sum::<f64>() / list.len() as f64;
    Ok(Memorisation {
        samples: mean(&ours),
        held_out: mean(&theirs),
        closer: share_below(&ours, theirs.clone()),
    })
}

/// P(a < b) + P(a = b) / 2 for a member of each.
fn share_below(a: &[f64], mut b: Vec<f64>) -> f64 {
    b.sort_by(f64::total_cmp);
    let above = |a: &f64| {
        let (less, not_more) = (b.partition_point(|b| b < a), b.partition_point(|b| b <= a));
        (b.len() - not_more) as f64 + 0.5 * (not_more - less) as f64
    };
    a.iter().map(above).sum::<f64>() / (a.len() as f64 * b.len() as f64)
}

#[cfg(test)]
mod tests {
    use gradus_core::{DType, Key};
    use proptest::prelude::*;

    use super::*;

    fn cloud(n: usize, seed: u64) -> Tensor {
        Tensor::randn([n, 4], DType::F32, Key::new(seed)).unwrap()
    }

    #[test]
    fn copies_are_found() {
        let (train, held_out) = (cloud(200, 1), cloud(200, 2));
        let copies = memorisation(&train.narrow(0, 0, 50).unwrap(), &train, &held_out).unwrap();
        assert_eq!((copies.samples, copies.closer), (0.0, 1.0));
        let honest = memorisation(&cloud(200, 3), &train, &held_out).unwrap();
        assert!((honest.closer - 0.5).abs() < 0.08, "{honest:?}");
        let noise = cloud(50, 4).add_scalar(50.0).unwrap();
        assert_eq!(memorisation(&noise, &train, &held_out).unwrap().closer, 0.0);
    }

    /// From `tests/golden/eval.py`: `scipy.stats.mannwhitneyu`.
    #[test]
    fn the_share_is_that_of_mann_and_whitney() {
        let (a, b) = ([1.0, 2.0, 2.0, 5.0], vec![6.0, 2.0, 1.5]);
        assert!((share_below(&a, b) - MANN_WHITNEY).abs() < 1e-15);
    }

    const MANN_WHITNEY: f64 = 0.583_333_333_333_333_4;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn it_is_the_share_of_pairs(
            a in prop::collection::vec(0..5u32, 1..9), b in prop::collection::vec(0..5u32, 1..9),
        ) {
            let (a, b): (Vec<f64>, Vec<f64>) =
                (a.into_iter().map(f64::from).collect(), b.into_iter().map(f64::from).collect());
            let pairs = a.iter().flat_map(|a| b.iter().map(move |b| (a, b)));
            let worth = pairs.map(|(a, b)| if a < b { 1.0 } else if a == b { 0.5 } else { 0.0 });
            let expected = worth.sum::<f64>() / (a.len() * b.len()) as f64;
            prop_assert!((share_below(&a, b) - expected).abs() < 1e-12);
        }
    }
}
