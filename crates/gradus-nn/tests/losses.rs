//! Laws that losses obey, and the errors of misuse. Values are in `golden`.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use gradus_core::{DType, Key};
use gradus_nn::loss::{self, CrossEntropy, Reduction};
use gradus_nn::{Tensor, Var};
use proptest::prelude::*;

fn normal(shape: impl Into<gradus_core::Shape>, seed: u64) -> Var {
    Tensor::randn(shape, DType::F64, Key::new(seed)).unwrap().into()
}

fn uniform(shape: impl Into<gradus_core::Shape>, seed: u64) -> Var {
    Tensor::rand(shape, DType::F64, Key::new(seed)).unwrap().into()
}

fn none() -> CrossEntropy<'static> {
    CrossEntropy { reduction: Reduction::None, ..CrossEntropy::default() }
}

fn close(a: &Var, b: &Var) -> bool {
    a.value().allclose(b.value(), 1e-12, 1e-12).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn cross_entropy_is_nll_of_log_softmax(rows in 1..6usize, classes in 1..7usize, seed: u64) {
        let logits = normal([rows, classes], seed);
        let targets = Tensor::randint(0, classes as i64, [rows], Key::new(seed)).unwrap();
        let of_logits = loss::cross_entropy(&logits, &targets, none()).unwrap();
        let log_probs = logits.log_softmax(-1).unwrap();
        let of_log_probs = loss::nll(&log_probs, &targets, Reduction::None).unwrap();
        prop_assert!(close(&of_logits, &of_log_probs));
        prop_assert!(of_logits.value().to_vec::<f64>().unwrap().iter().all(|&loss| loss >= 0.0));
    }

    #[test]
    fn full_smoothing_is_the_mean_over_classes(classes in 1..7usize, seed: u64) {
        let logits = normal([4, classes], seed);
        let smooth = CrossEntropy { label_smoothing: 1.0, ..none() };
        let losses: Vec<Var> = (0..classes)
            .map(|class| {
                let targets = Tensor::full([4], class as f64, DType::I64).unwrap();
                loss::cross_entropy(&logits, &targets, none()).unwrap()
            })
            .collect();
        let mean = Var::stack(&losses, 0).unwrap().mean(0).unwrap();
        let targets = Tensor::zeros([4], DType::I64).unwrap();
        prop_assert!(close(&mean, &loss::cross_entropy(&logits, &targets, smooth).unwrap()));
    }

    #[test]
    fn an_ignored_target_is_as_good_as_absent(seed: u64) {
        let logits = normal([3, 4], seed);
        let options = CrossEntropy { ignore_index: Some(-100), ..CrossEntropy::default() };
        let some = loss::cross_entropy(&logits, &Tensor::new([1, -100, 3]), options).unwrap();
        let kept = logits.index_select(0, &Tensor::new([0, 2])).unwrap();
        let alone = loss::cross_entropy(&kept, &Tensor::new([1, 3]), options).unwrap();
        prop_assert!(close(&some, &alone));
    }

    #[test]
    fn bce_is_cross_entropy_of_two_classes(seed: u64) {
        let x = normal([5], seed);
        let zeros = x.zeros_like();
        let logits = Var::stack(&[zeros, x.clone()], -1).unwrap();
        let targets = Tensor::randint(0, 2, [5], Key::new(seed)).unwrap();
        let y = Var::from(targets.to_dtype(DType::F64).unwrap());
        let bce = loss::bce_with_logits(&x, &y, Reduction::None).unwrap();
        prop_assert!(close(&bce, &loss::cross_entropy(&logits, &targets, none()).unwrap()));
    }

    #[test]
    fn huber_is_half_the_square_near_and_linear_far(seed: u64) {
        let (x, y) = (normal([6], seed), normal([6], seed ^ 1));
        let near = loss::huber(&x, &y, 1e3, Reduction::None).unwrap();
        let square = loss::mse(&x, &y, Reduction::None).unwrap().mul_scalar(0.5).unwrap();
        prop_assert!(close(&near, &square));
        let delta = 1e-9;
        let far = loss::huber(&x, &y, delta, Reduction::Sum).unwrap().div_scalar(delta).unwrap();
        let l1 = loss::l1(&x, &y, Reduction::Sum).unwrap();
        prop_assert!((far.item().unwrap() - l1.item().unwrap()).abs() < 1e-7);
    }

    #[test]
    fn a_distribution_has_no_divergence_from_itself_and_some_from_others(seed: u64) {
        let p = uniform([3, 5], seed).softmax(-1).unwrap();
        let q = uniform([3, 5], seed ^ 1).softmax(-1).unwrap();
        let divergence = |p: &Var, q: &Var| {
            loss::kl_div(&q.log().unwrap(), p, Reduction::Sum).unwrap().item().unwrap()
        };
        prop_assert!(divergence(&p, &p).abs() < 1e-14);
        prop_assert!(divergence(&p, &q) > 0.0);
    }
}

#[test]
fn leading_dimensions_are_kept() {
    let logits = normal([2, 3, 4], 1);
    let targets = Tensor::new([[0, 1, 2], [3, 2, 1]]);
    let losses = loss::cross_entropy(&logits, &targets, none()).unwrap();
    assert_eq!(losses.dims(), [2, 3]);
    let flat = logits.reshape([6, 4]).unwrap();
    let of_flat = loss::cross_entropy(&flat, &targets.reshape([6]).unwrap(), none()).unwrap();
    assert!(losses.value().reshape([6]).unwrap().equal(of_flat.value()));
    let one = normal([4], 2);
    let options = CrossEntropy::default();
    let loss = loss::cross_entropy(&one, &Tensor::scalar(2i64), options).unwrap();
    assert_eq!(loss.rank(), 0);
}

#[test]
fn a_target_of_no_mass_counts_nothing_even_against_infinity() {
    let log_probs = Var::leaf(Tensor::from([f64::NEG_INFINITY, 0.0]));
    let target = Var::from(Tensor::from([0.0, 1.0]));
    let loss = loss::kl_div(&log_probs, &target, Reduction::Sum).unwrap();
    assert_eq!(loss.item().unwrap(), 0.0);
    let grads = loss.backward().unwrap();
    assert_eq!(grads.get(&log_probs).unwrap().to_vec::<f64>().unwrap(), [0.0, -1.0]);
}

#[test]
fn misuse_is_an_error() {
    let logits = normal([2, 3], 1);
    let options = CrossEntropy::default();
    let error = |targets: Tensor, options| {
        loss::cross_entropy(&logits, &targets, options).unwrap_err().to_string()
    };
    assert_eq!(
        error(Tensor::new([0]), options),
        "cross_entropy: expected input of shape that of the predictions [2, 3] without C, got [1]"
    );
    assert!(error(Tensor::new([0.0, 1.0]), options).contains("expected i64"));
    assert!(error(Tensor::new([0, 3]), options).contains("index 3"));
    let ignore = CrossEntropy { ignore_index: Some(0), ..options };
    let nothing = "cross_entropy: there is no target to take the mean over";
    assert_eq!(error(Tensor::new([0, 0]), ignore), nothing);
    let smooth = CrossEntropy { label_smoothing: 1.5, ..options };
    assert!(error(Tensor::new([0, 0]), smooth).contains("label_smoothing"));
    let broadcastable = normal([1, 3], 2);
    assert!(loss::mse(&logits, &broadcastable, Reduction::Mean).is_err());
    assert!(loss::huber(&logits, &logits, 0.0, Reduction::Mean).is_err());
    let empty = normal([0, 3], 3);
    assert!(loss::l1(&empty, &empty, Reduction::Mean).is_err());
    assert_eq!(loss::l1(&empty, &empty, Reduction::Sum).unwrap().item().unwrap(), 0.0);
}

#[test]
fn certainty_has_finite_losses_and_gradients() {
    let sure = Var::leaf(Tensor::from([0.0, 1.0, 1.0, 0.0]));
    let target = Var::from(Tensor::from([0.0, 1.0, 0.0, 1.0]));
    let losses = loss::bce(&sure, &target, Reduction::None).unwrap();
    assert_eq!(losses.value().to_vec::<f64>().unwrap(), [0.0, 0.0, 100.0, 100.0]);
    let grads = losses.sum(..).unwrap().backward().unwrap();
    assert!(grads.get(&sure).unwrap().to_vec::<f64>().unwrap().iter().all(|g| g.is_finite()));

    let far = Var::leaf(Tensor::from([[1e3, 0.0], [0.0, 1e3]]));
    let answers = Var::from(Tensor::from([[1.0, 0.0], [1.0, 0.0]]));
    let classes = Tensor::new([0, 0]);
    for losses in [
        loss::focal(&far, &classes, loss::Focal::default()).unwrap(),
        loss::sigmoid_focal(&far, &answers, loss::SigmoidFocal::default()).unwrap(),
        loss::log_cosh(&far, &answers, Reduction::Mean).unwrap(),
    ] {
        assert!(losses.item().unwrap().is_finite());
        let grads = losses.backward().unwrap();
        assert!(grads.get(&far).unwrap().to_vec::<f64>().unwrap().iter().all(|g| g.is_finite()));
    }
}

#[test]
fn distributions_without_mass_and_infinite_logits_go_together() {
    let logits = Var::leaf(Tensor::from([[0.0, f64::NEG_INFINITY]]));
    let probs = Var::from(Tensor::from([[1.0, 0.0]]));
    assert_eq!(
        loss::soft_cross_entropy(&logits, &probs, Reduction::Sum).unwrap().item().unwrap(),
        0.0
    );
    let log_target = probs.log().unwrap();
    let log_probs = Var::leaf(Tensor::from([[-0.5, f64::NEG_INFINITY]]));
    let loss = loss::kl_div_log(&log_probs, &log_target, Reduction::Sum).unwrap();
    assert_eq!(loss.item().unwrap(), 0.5);
    let grads = loss.backward().unwrap();
    assert_eq!(grads.get(&log_probs).unwrap().to_vec::<f64>().unwrap(), [-1.0, 0.0]);
}

#[test]
fn focal_losses_without_focus_are_cross_entropies() {
    let logits = normal([3, 4], 1);
    let targets = Tensor::new([0, 3, 1]);
    let options = loss::Focal { gamma: 0.0, ..loss::Focal::default() };
    let focal = loss::focal(&logits, &targets, options).unwrap();
    let plain = loss::cross_entropy(&logits, &targets, CrossEntropy::default()).unwrap();
    assert!(close(&focal, &plain));
    let answers = uniform([3, 4], 2);
    let options = loss::SigmoidFocal { alpha: None, gamma: 0.0, ..loss::SigmoidFocal::default() };
    let focal = loss::sigmoid_focal(&logits, &answers, options).unwrap();
    assert!(close(&focal, &loss::bce_with_logits(&logits, &answers, Reduction::Mean).unwrap()));
}

#[test]
fn options_and_labels_out_of_range_are_errors() {
    let (x, y) = (normal([2, 3], 1), normal([2, 3], 2));
    let text = |result: gradus_nn::Result<Var>| result.unwrap_err().to_string();
    let labels = Tensor::new([[1, 0, 1], [1, 1, 1]]);
    let error = text(loss::hinge(&x, &labels, Reduction::Mean));
    assert_eq!(error, "hinge: target must be 1 or -1, got \"another number\"");
    assert!(text(loss::hinge(&x, &Tensor::new([1, 1]), Reduction::Mean)).contains("[2, 3]"));
    assert!(text(loss::bce(&x, &y, Reduction::Mean)).contains("probs must be in 0.0..=1.0"));
    let short = Tensor::ones([2], DType::F64).unwrap();
    let options = CrossEntropy { weight: Some(&short), ..CrossEntropy::default() };
    let error = text(loss::cross_entropy(&x, &Tensor::new([0, 1]), options));
    assert_eq!(error, "cross_entropy: expected input of shape a weight of shape [3], got [2]");
    let negative = loss::gaussian_nll(&x, &y, &x, loss::GaussianNll::default());
    assert!(text(negative).contains("var must be not negative"));
    let options = loss::MultiMargin { p: 3, ..loss::MultiMargin::default() };
    assert!(text(loss::multi_margin(&x, &Tensor::new([0, 1]), options)).contains("1 or 2"));
    let lists = Tensor::new([[0, 3, -1], [0, 0, 0]]);
    assert!(text(loss::multilabel_margin(&x, &lists, Reduction::Mean)).contains("index 3"));
    assert!(text(loss::dice(&x, &y, 0.0, Reduction::Mean)).contains("smooth"));
    assert!(text(loss::info_nce(&x, &y, 0.0, Reduction::Mean)).contains("temperature"));
    let zero = Tensor::zeros([3], DType::F64).unwrap();
    let options = loss::Nll { weight: Some(&zero), ..loss::Nll::default() };
    assert!(text(loss::nll(&x, &Tensor::new([0, 1]), options)).contains("no target"));
}
