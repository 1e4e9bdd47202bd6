//! Connectionist temporal classification against the sum over all alignments, one by one.

use gradus_core::{DType, Key};
use gradus_nn::loss::{Ctc, Reduction, ctc};
use gradus_nn::{Tensor, Var};
use proptest::prelude::*;

/// What a path says: repetitions joined, then blanks left out.
fn said(path: &[usize], blank: usize) -> Vec<usize> {
    let mut joined = path.to_vec();
    joined.dedup();
    joined.retain(|&class| class != blank);
    joined
}

/// −ln Σ p(path) over all paths that say the target.
fn naive(log_probs: &[f64], steps: usize, classes: usize, target: &[usize], blank: usize) -> f64 {
    let paths = classes.pow(steps as u32);
    let mut total = 0.0;
    for number in 0..paths {
        let path: Vec<usize> =
            (0..steps).map(|t| number / classes.pow(t as u32) % classes).collect();
        if said(&path, blank) == target {
            let score: f64 =
                path.iter().enumerate().map(|(t, &c)| log_probs[t * classes + c]).sum();
            total += score.exp();
        }
    }
    -total.ln()
}

fn none() -> Ctc {
    Ctc { reduction: Reduction::None, ..Ctc::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_loss_is_the_sum_over_all_alignments(
        steps in 0..6usize,
        target in proptest::collection::vec(0..2usize, 0..4),
        blank in 0..3usize,
        seed: u64,
    ) {
        let target: Vec<usize> = target.iter().map(|&c| if c >= blank { c + 1 } else { c }).collect();
        let x = Tensor::randn([1, 6, 3], DType::F64, Key::new(seed)).unwrap();
        let log_probs = x.mul_scalar(2.0).unwrap().log_softmax(-1).unwrap();
        let mut ids: Vec<i64> = target.iter().map(|&c| c as i64).collect();
        ids.resize(4, -7); // what lies behind the length is not looked at
        let ids = Tensor::from_vec(ids, [1, 4]).unwrap();
        let options = Ctc { blank, ..none() };
        let leaf = Var::leaf(log_probs.clone());
        let loss = ctc(&leaf, &ids, &[steps], &[target.len()], options).unwrap();
        let expected = naive(&log_probs.to_vec::<f64>().unwrap(), steps, 3, &target, blank);
        let got = loss.item().unwrap();
        prop_assert!(got == expected || (got - expected).abs() < 1e-10, "{} {}", got, expected);
        let grads = loss.sum(..).unwrap().backward().unwrap();
        let per_step = grads.get(&leaf).unwrap().sum(-1).unwrap().to_vec::<f64>().unwrap();
        // Something is emitted at every step that counts.
        for (t, mass) in per_step.into_iter().enumerate() {
            let expected = if t < steps && got.is_finite() { -1.0 } else { 0.0 };
            prop_assert!((mass - expected).abs() < 1e-10);
        }
    }

    #[test]
    fn a_row_has_the_loss_it_has_alone(seed: u64) {
        let x = Tensor::randn([4, 7, 5], DType::F32, Key::new(seed)).unwrap();
        let log_probs = Var::from(x.log_softmax(-1).unwrap());
        let targets = Tensor::randint(1, 5, [4, 3], Key::new(seed)).unwrap();
        let (inputs, lengths) = ([7, 5, 6, 7], [3, 2, 1, 0]);
        let all = ctc(&log_probs, &targets, &inputs, &lengths, none()).unwrap();
        for b in 0..4 {
            let [x, y] = [log_probs.value(), &targets].map(|t| t.narrow(0, b, 1).unwrap());
            let alone = ctc(&x.into(), &y, &inputs[b..=b], &lengths[b..=b], none()).unwrap();
            prop_assert!(alone.value().equal(&all.value().narrow(0, b, 1).unwrap()));
        }
    }
}

#[test]
fn long_sequences_neither_underflow_nor_overflow() {
    let x = Tensor::randn([1, 3000, 30], DType::F32, Key::new(1)).unwrap();
    let leaf = Var::leaf(x);
    let targets = Tensor::randint(1, 30, [1, 400], Key::new(2)).unwrap();
    let log_probs = leaf.log_softmax(-1).unwrap();
    let loss = ctc(&log_probs, &targets, &[3000], &[400], none()).unwrap();
    assert!(loss.item().unwrap().is_finite());
    let grads = loss.sum(..).unwrap().backward().unwrap();
    let finite = grads.get(&leaf).unwrap().is_finite().unwrap().all(..).unwrap();
    assert_eq!(finite.item().unwrap(), 1.0);
}

#[test]
fn misuse_is_an_error() {
    let x = Var::from(Tensor::zeros([2, 3, 4], DType::F32).unwrap());
    let targets = Tensor::new([[1, 2], [3, 1]]);
    let fault = |targets: &Tensor, inputs: &[usize], lengths: &[usize], blank| {
        let options = Ctc { blank, ..Ctc::default() };
        ctc(&x, targets, inputs, lengths, options).unwrap_err().to_string()
    };
    assert!(fault(&targets, &[4, 3], &[1, 1], 0).contains("input_lengths"));
    assert!(fault(&targets, &[3], &[1, 1], 0).contains("input_lengths"));
    assert!(fault(&targets, &[3, 3], &[1, 3], 0).contains("target_lengths"));
    assert!(fault(&targets, &[3, 3], &[2, 2], 4).contains("blank"));
    assert!(fault(&targets, &[3, 3], &[2, 2], 1).contains("classes other than the blank"));
    assert!(fault(&Tensor::new([[1, 9], [1, 1]]), &[3, 3], &[2, 2], 0).contains("got 9"));
    assert!(fault(&Tensor::new([[1.0], [1.0]]), &[3, 3], &[1, 1], 0).contains("i64"));
    let empty = Var::from(Tensor::zeros([0, 3, 4], DType::F32).unwrap());
    let none_left = Tensor::zeros([0, 2], DType::I64).unwrap();
    assert!(ctc(&empty, &none_left, &[], &[], Ctc::default()).is_err()); // a mean over nothing
    assert!(ctc(&empty, &none_left, &[], &[], none()).unwrap().is_empty());
}
