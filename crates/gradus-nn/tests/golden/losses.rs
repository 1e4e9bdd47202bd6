//! Losses: values per element, their mean, and its gradient.

use gradus_nn::loss::{self, CrossEntropy, Reduction};
use gradus_nn::{Result, Tensor, Var};

use super::{check, numbers};

pub(super) fn check_loss(name: &str, x: Tensor, f: impl Fn(&Var, Reduction) -> Result<Var>) {
    let x = Var::leaf(x);
    let losses = f(&x, Reduction::None).unwrap();
    check(name, losses.value());
    let sum = f(&x, Reduction::Sum).unwrap().item().unwrap();
    assert!((sum - losses.value().sum(..).unwrap().item().unwrap()).abs() < 1e-12);
    let mean = f(&x, Reduction::Mean).unwrap();
    check(&format!("{name}_MEAN"), mean.value());
    let grads = mean.backward().unwrap();
    check(&format!("{name}_GRAD"), grads.get(&x).unwrap());
}

/// Numbers in 0..1.
pub(super) fn soft() -> Var {
    numbers([3, 4], 2).mul_scalar(0.5).unwrap().add_scalar(0.5).unwrap().into()
}

pub(super) fn targets() -> Tensor {
    Tensor::new([2, 0, 3, 2, 1])
}

#[test]
fn cross_entropy() {
    check_loss("CROSS_ENTROPY", numbers([5, 4], 1), |x, reduction| {
        let options = CrossEntropy { reduction, ..CrossEntropy::default() };
        loss::cross_entropy(&x.mul_scalar(3.0)?, &targets(), options)
    });
}

#[test]
fn smoothed_cross_entropy_with_ignored_targets() {
    check_loss("SMOOTHED", numbers([5, 4], 1), |x, reduction| {
        let options = CrossEntropy {
            label_smoothing: 0.2,
            ignore_index: Some(2),
            reduction,
            ..CrossEntropy::default()
        };
        loss::cross_entropy(&x.mul_scalar(3.0)?, &targets(), options)
    });
}

#[test]
fn nll() {
    check_loss("NLL", numbers([5, 4], 1), |x, reduction| loss::nll(x, &targets(), reduction));
}

#[test]
fn regression_losses() {
    check_loss("MSE", numbers([3, 4], 1), |x, reduction| loss::mse(x, &soft(), reduction));
    check_loss("L1", numbers([3, 4], 1), |x, reduction| loss::l1(x, &soft(), reduction));
    check_loss("HUBER", numbers([3, 4], 1), |x, reduction| loss::huber(x, &soft(), 0.7, reduction));
}

#[test]
fn bce_with_logits() {
    check_loss("BCE", numbers([3, 4], 1), |x, reduction| {
        loss::bce_with_logits(&x.mul_scalar(5.0)?, &soft(), reduction)
    });
}

#[test]
fn kl_div() {
    check_loss("KL_DIV", numbers([3, 4], 1), |x, reduction| {
        loss::kl_div(&x.log_softmax(-1)?, &soft(), reduction)
    });
}
