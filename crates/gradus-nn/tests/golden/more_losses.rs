//! Losses with weights and options, of pairs and of sequences.

use gradus_core::DType;
use gradus_nn::loss::{
    self, BceWithLogits, CrossEntropy, Ctc, GaussianNll, MultiMargin, MultilabelSoftMargin, Nll,
    PoissonNll, Reduction, SigmoidFocal, SoftCrossEntropy, TripletMargin,
};
use gradus_nn::{Result, Tensor, Var};

use super::losses::{check_loss, soft, targets};
use super::numbers;

/// A factor for each of four classes.
fn weight() -> Tensor {
    numbers([4], 5).add_scalar(1.5).unwrap()
}

/// A loss of two inputs as one of their stack.
fn check_pair(name: &str, shape: &[usize], f: impl Fn(&Var, &Var, Reduction) -> Result<Var>) {
    check_loss(name, numbers(shape, 1), |x, r| f(&x.select(0, 0)?, &x.select(0, 1)?, r));
}

#[test]
fn weighted_classes() {
    let weight = weight();
    for (name, label_smoothing) in [("WEIGHTED", 0.0), ("WEIGHTED_SMOOTHED", 0.2)] {
        check_loss(name, numbers([5, 4], 1), |x, reduction| {
            let (weight, ignore_index) = (Some(&weight), Some(0));
            let options = CrossEntropy { weight, label_smoothing, ignore_index, reduction };
            loss::cross_entropy(&x.mul_scalar(3.0)?, &targets(), options)
        });
    }
    check_loss("NLL_WEIGHTED", numbers([5, 4], 1), |x, reduction| {
        let options = Nll { weight: Some(&weight), ignore_index: Some(3), reduction };
        loss::nll(x, &targets(), options)
    });
    check_loss("SOFT_TARGETS", numbers([3, 4], 1), |x, reduction| {
        let options = SoftCrossEntropy { weight: Some(&weight), label_smoothing: 0.1, reduction };
        loss::soft_cross_entropy(&x.mul_scalar(3.0)?, &soft(), options)
    });
}

#[test]
fn yes_or_no() {
    let weight = weight();
    check_loss("BCE_PROBS", numbers([3, 4], 1), |x, r| {
        loss::bce(&x.mul_scalar(0.5)?.add_scalar(0.5)?, &soft(), r)
    });
    let flipped = weight.flip(0).unwrap();
    check_loss("BCE_WEIGHTED", numbers([3, 4], 1), |x, reduction| {
        let options =
            BceWithLogits { weight: Some(&flipped), pos_weight: Some(&weight), reduction };
        loss::bce_with_logits(&x.mul_scalar(5.0)?, &soft(), options)
    });
    check_loss("SIGMOID_FOCAL", numbers([3, 4], 1), |x, reduction| {
        let options = SigmoidFocal { reduction, ..SigmoidFocal::default() };
        loss::sigmoid_focal(&x.mul_scalar(3.0)?, &soft(), options)
    });
    check_loss("MULTILABEL_SOFT_MARGIN", numbers([3, 4], 1), |x, reduction| {
        let options = MultilabelSoftMargin { weight: Some(&weight), reduction };
        loss::multilabel_soft_margin(x, &soft(), options)
    });
}

#[test]
fn numbers_and_counts() {
    check_loss("SMOOTH_L1", numbers([3, 4], 1), |x, r| loss::smooth_l1(x, &soft(), 0.7, r));
    let counts = soft().mul_scalar(4.0).unwrap();
    check_loss("POISSON", numbers([3, 4], 1), |x, reduction| {
        let options = PoissonNll { full: true, reduction, ..PoissonNll::default() };
        loss::poisson_nll(x, &counts, options)
    });
    check_loss("POISSON_RATE", numbers([3, 4], 1), |x, reduction| {
        let options = PoissonNll { log_input: false, reduction, ..PoissonNll::default() };
        loss::poisson_nll(&x.add_scalar(2.0)?, &counts, options)
    });
    check_pair("GAUSSIAN", &[2, 3, 4], |x, v, reduction| {
        let options = GaussianNll { full: true, eps: 0.3, reduction };
        loss::gaussian_nll(x, &soft(), &v.abs()?, options)
    });
    check_loss("KL_DIV_LOG", numbers([3, 4], 1), |x, r| {
        let log_target = soft().add_scalar(0.1)?.log()?;
        loss::kl_div_log(&x.log_softmax(-1)?, &log_target, r)
    });
}

#[test]
fn pairs_and_triplets() {
    let signs = Tensor::new([1, -1, -1]);
    let wide = signs.unsqueeze(1).unwrap().expand([3, 4]).unwrap();
    check_loss("HINGE_EMBEDDING", numbers([3, 4], 1), |x, r| {
        loss::hinge_embedding(x, &wide, 0.4, r)
    });
    check_loss("SOFT_MARGIN", numbers([3, 4], 1), |x, r| {
        loss::soft_margin(&x.mul_scalar(3.0)?, &wide, r)
    });
    check_pair("MARGIN_RANKING", &[2, 3], |a, b, r| loss::margin_ranking(a, b, &signs, 0.3, r));
    check_pair("COSINE_EMBEDDING", &[2, 3, 4], |a, b, r| {
        loss::cosine_embedding(a, b, &signs.to_dtype(DType::F64)?, 0.1, r)
    });
    for (name, options) in [
        ("TRIPLET", TripletMargin { margin: 2.0, swap: true, ..TripletMargin::default() }),
        ("TRIPLET_P1", TripletMargin { p: 1.0, ..TripletMargin::default() }),
    ] {
        check_loss(name, numbers([3, 3, 4], 1), |x, reduction| {
            let [anchor, positive, negative] = [0, 1, 2].map(|i| x.select(0, i).unwrap());
            let options = TripletMargin { reduction, ..options };
            loss::triplet_margin(&anchor, &positive, &negative, options)
        });
    }
}

#[test]
fn margins_of_classes() {
    let weight = weight();
    for (name, options) in [
        ("MULTI_MARGIN", MultiMargin { margin: 0.9, ..MultiMargin::default() }),
        ("MULTI_MARGIN_2", MultiMargin { p: 2, weight: Some(&weight), ..MultiMargin::default() }),
    ] {
        check_loss(name, numbers([5, 4], 1), |x, reduction| {
            loss::multi_margin(x, &targets(), MultiMargin { reduction, ..options })
        });
    }
    let lists = Tensor::new([[3, 0, -1, 1], [1, 2, 3, 0], [-1, 0, 0, 0]]);
    check_loss("MULTILABEL_MARGIN", numbers([3, 4], 1), |x, r| {
        loss::multilabel_margin(x, &lists, r)
    });
}

#[test]
fn ctc() {
    let words = Tensor::new([[1, 2, 2], [3, 1, 0], [2, 1, 3]]);
    check_loss("CTC", numbers([3, 6, 4], 1), |x, reduction| {
        let options = Ctc { reduction, ..Ctc::default() };
        let log_probs = x.mul_scalar(3.0)?.log_softmax(-1)?;
        loss::ctc(&log_probs, &words, &[6, 4, 5], &[3, 2, 3], options)
    });
    // The second row is too short for its target.
    let words = Tensor::new([[1, 1, 2], [1, 1, 2]]);
    check_loss("CTC_BLANK", numbers([2, 5, 4], 1), |x, reduction| {
        let options = Ctc { blank: 3, zero_infinity: true, reduction };
        let log_probs = x.mul_scalar(3.0)?.log_softmax(-1)?;
        loss::ctc(&log_probs, &words, &[4, 3], &[3, 3], options)
    });
}
