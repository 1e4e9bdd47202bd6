//! The two regressions find what their closed forms and Newton's method find.

use gradus_autograd::Var;
use gradus_core::{DType, Key, Keys};
use gradus_models::{LinearRegression, LogisticRegression};
use gradus_nn::loss::{self, CrossEntropy, Reduction};
use gradus_nn::{Ctx, Layer, cast};
use gradus_tensor::Tensor;

use crate::descent::gradient_descent;

const ROWS: usize = 40;

/// Features `[ROWS, 3]`, in f64.
fn features() -> Tensor {
    Tensor::randn([ROWS, 3], DType::F64, Key::new(1)).unwrap()
}

/// The features with a column of ones for the bias.
fn design() -> Tensor {
    let ones = Tensor::ones([ROWS, 1], DType::F64).unwrap();
    Tensor::cat(&[&features(), &ones], 1).unwrap()
}

#[test]
fn linear_regression_reaches_the_least_squares() {
    let (x, a) = (features(), design());
    let noise = Tensor::randn([ROWS, 2], DType::F64, Key::new(2)).unwrap();
    let truth = Tensor::randn([4, 2], DType::F64, Key::new(3)).unwrap();
    let y = a.matmul(&truth).unwrap() + 0.5 * noise;

    let mut model = LinearRegression::new(3, 2, &mut Keys::new(7)).unwrap();
    cast(&mut model, DType::F64).unwrap();
    gradient_descent(&mut model, 300, 0.3, |model| {
        let guess = model.forward(&Var::constant(x.clone()), &mut Ctx::eval()).unwrap();
        loss::mse(&guess, &Var::constant(y.clone()), Reduction::Mean).unwrap()
    });
    let weight = model.linear.weight.value().t().unwrap();
    let bias = model.linear.bias.as_ref().unwrap().value().unsqueeze(0).unwrap();
    let found = Tensor::cat(&[&weight, &bias], 0).unwrap();

    let at = a.t().unwrap();
    let normal = at.matmul(&a).unwrap().solve(&at.matmul(&y).unwrap()).unwrap();
    assert!(found.allclose(&normal, 0.0, 1e-9).unwrap(), "{found} is not {normal}");
    let (q, r) = a.qr().unwrap();
    let by_qr = r.solve(&q.t().unwrap().matmul(&y).unwrap()).unwrap();
    assert!(found.allclose(&by_qr, 0.0, 1e-9).unwrap(), "{found} is not {by_qr}");
}

#[test]
fn logistic_regression_reaches_newtons_optimum() {
    let (x, a) = (features(), design());
    // Labels follow a logistic law, so the classes overlap and the optimum is finite.
    let score = a.matmul(&Tensor::from([1.0f64, -2.0, 0.5, 0.3])).unwrap();
    let coins = Tensor::rand(ROWS, DType::F64, Key::new(4)).unwrap();
    let y = coins.lt(&score.sigmoid().unwrap()).unwrap();
    let (labels, y) = (y.to_dtype(DType::I64).unwrap(), y.to_dtype(DType::F64).unwrap());

    let mut model = LogisticRegression::new(3, 2, &mut Keys::new(7)).unwrap();
    cast(&mut model, DType::F64).unwrap();
    gradient_descent(&mut model, 1500, 1.0, |model| {
        let logits = model.forward(&Var::constant(x.clone()), &mut Ctx::eval()).unwrap();
        loss::cross_entropy(&logits, &labels, CrossEntropy::default()).unwrap()
    });

    let at = a.t().unwrap();
    let mut beta = Tensor::zeros(4, DType::F64).unwrap();
    for _ in 0..12 {
        let p = a.matmul(&beta).unwrap().sigmoid().unwrap();
        let w = &p * (1.0 - &p);
        let hessian = (&at * &w).matmul(&a).unwrap();
        let gradient = at.matmul(&(&y - &p)).unwrap();
        beta = beta + hessian.solve(&gradient).unwrap();
    }
    let expected = a.matmul(&beta).unwrap().sigmoid().unwrap();
    let found = model.probabilities(&x).unwrap().select(1, 1).unwrap();
    assert!(found.allclose(&expected, 0.0, 1e-6).unwrap(), "{found} is not {expected}");
}

#[test]
fn probabilities_sum_to_one() {
    let model = LogisticRegression::new(3, 5, &mut Keys::new(7)).unwrap();
    let x = Tensor::randn([2, 6, 3], DType::F32, Key::new(1)).unwrap();
    let sums = model.probabilities(&x).unwrap().sum(-1).unwrap();
    assert!(sums.allclose(&sums.ones_like(), 0.0, 1e-6).unwrap());
}
