//! Activations, at their corners too.

use gradus_nn::{Activation, Ctx, Glu, Layer, LogSoftmax, PRelu, RRelu, Softmax, Tensor, Var};

use super::layers::run;
use super::{check_layer, filled, numbers};

/// Numbers in −8..8, and the corners of most functions.
fn input() -> Tensor {
    let corners = [[-3.0, 0.0, 6.0], [3.0, 1.0, -1.0], [-2.0, 0.5, 2.0], [7.0, -7.0, 0.25]];
    let corners = Tensor::from(corners).reshape([2, 2, 3]).unwrap();
    let numbers = numbers([2, 2, 3], 1).mul_scalar(8.0).unwrap();
    Tensor::cat(&[numbers, corners], 1).unwrap()
}

#[test]
fn activations() {
    for (name, activation) in [
        ("RELU6", Activation::Relu6),
        ("CELU", Activation::Celu(1.5)),
        ("SELU", Activation::Selu),
        ("MISH", Activation::Mish),
        ("LOG_SIGMOID", Activation::LogSigmoid),
        ("SOFTSIGN", Activation::Softsign),
        ("HARD_SIGMOID", Activation::HardSigmoid),
        ("HARD_SWISH", Activation::HardSwish),
        ("HARD_TANH", Activation::HardTanh { low: -2.0, high: 3.0 }),
        ("HARD_SHRINK", Activation::HardShrink(1.0)),
        ("SOFT_SHRINK", Activation::SoftShrink(1.0)),
        ("TANH_SHRINK", Activation::TanhShrink),
        ("THRESHOLD", Activation::Threshold { threshold: 0.5, value: -7.0 }),
    ] {
        run(name, &activation, input());
        // NaN stays NaN.
        let nan = Var::from(Tensor::from([f64::NAN]));
        let y = activation.forward(&nan, &mut Ctx::eval()).unwrap();
        assert!(y.item().unwrap().is_nan(), "{name}");
    }
}

#[test]
fn functions_that_learn_draw_or_look_along_a_dimension() {
    run("RRELU", &RRelu::new(0.1, 0.5).unwrap(), input());
    run("SOFTMAX", &Softmax::new(1), input());
    run("LOG_SOFTMAX", &LogSoftmax::new(-1), input());
    run("GLU", &Glu::new(1), input());
    let slopes = filled(PRelu::new(4).unwrap());
    let x = Var::leaf(numbers([2, 4, 3], 1));
    check_layer("PRELU", &x, &slopes.forward(&x, &mut Ctx::eval()).unwrap());
}
