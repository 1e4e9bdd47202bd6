//! Whole networks give what a few lines of PyTorch give, and so do gradients.
//!
//! Inputs and weights are `numbers(shape, seed)` here and in `golden/make.py`, which made the values.

use gradus_autograd::Var;
use gradus_core::{DType, Keys, Shape};
use gradus_models::{PixelCnnConfig, WaveNetCondition, WaveNetConfig};
use gradus_nn::{Ctx, Module, cast};
use gradus_tensor::Tensor;

/// Rounding of thirteen printed digits, and of sums in another order.
const TOLERANCE: f64 = 1e-11;

fn golden(name: &str) -> Vec<f64> {
    let mut lines = include_str!("golden/values.txt").lines();
    let line = lines.find(|line| line.split(' ').next() == Some(name));
    let values = line.unwrap_or_else(|| panic!("no {name}")).split(' ').skip(1);
    values.map(|value| value.parse().unwrap()).collect()
}

/// Numbers in −1..1 that both languages compute exactly alike.
fn numbers(shape: impl Into<Shape>, seed: usize) -> Tensor {
    let shape = shape.into();
    let value = |i: usize| ((i * 7919 + seed * 104_729) % 1009) as f64 / 504.5 - 1.0;
    Tensor::from_vec((0..shape.len()).map(value).collect(), shape).unwrap()
}

/// Sets parameters to numbers, in the order of their sorted names, and the dtype to f64.
fn filled<M: Module>(mut model: M) -> M {
    cast(&mut model, DType::F64).unwrap();
    let mut parameters = model.named_parameters_mut();
    parameters.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (i, (_, param)) in parameters.into_iter().enumerate() {
        let value = numbers(param.shape(), 10 + i);
        param.set_value(value).unwrap();
    }
    model
}

fn check(name: &str, got: &Tensor) {
    let expected = Tensor::from_vec(golden(name), got.shape()).unwrap();
    let close = got.allclose(&expected, TOLERANCE, TOLERANCE).unwrap();
    assert!(close, "{name}: got {got}, expected {expected}");
}

/// Checks logits, and the gradients of the loss by some weights.
fn check_model(name: &str, model: &impl Module, logits: &Var, loss: &Var, some: [&str; 3]) {
    check(name, logits.value());
    let grads = loss.backward().unwrap();
    for (path, param) in
        model.named_parameters().into_iter().filter(|(p, _)| some.contains(&&p[..]))
    {
        check(&format!("{name}_GRAD_{path}"), grads.get(param).unwrap());
    }
}

fn ids(shape: impl Into<Shape>, id: impl Fn(&[usize]) -> usize) -> Tensor {
    let shape = shape.into();
    let mut at = vec![0; shape.rank()];
    let mut all = Vec::with_capacity(shape.len());
    for _ in 0..shape.len() {
        all.push(id(&at) as i64);
        for dim in (0..at.len()).rev() {
            at[dim] += 1;
            if at[dim] < shape[dim] {
                break;
            }
            at[dim] = 0;
        }
    }
    Tensor::from_vec(all, shape).unwrap()
}

#[test]
fn a_wave_net_is_that_of_the_paper() {
    let config = WaveNetConfig {
        classes: 3,
        frame_channels: 2,
        hop: 3,
        residual_channels: 3,
        gate_channels: 2,
        skip_channels: 4,
        kernel: 3,
        n_layers: 2,
        ..WaveNetConfig::new(5)
    };
    let net = filled(config.init(&mut Keys::new(7)).unwrap());
    let waves = ids([2, 8], |at| (3 * at[0] + at[1] * at[1]) % 5);
    let given = WaveNetCondition {
        classes: Some(Tensor::from(vec![2i64, 0])),
        frames: Some(numbers([2, 3, 2], 1)),
    };
    let logits = net.forward(&waves, &given, &mut Ctx::eval()).unwrap();
    let loss = net.loss(&waves, &given, &mut Ctx::eval()).unwrap();
    let some = ["embedding.weight", "blocks.1.dilated.weight", "blocks.0.class.weight"];
    check_model("WAVE_NET", &net, &logits, &loss, some);
}

#[test]
fn a_pixel_cnn_is_that_of_the_paper() {
    let size =
        PixelCnnConfig { channels: 3, kernel: 3, n_layers: 3, ..PixelCnnConfig::new(4, [4, 5]) };
    let net = PixelCnnConfig { classes: 2, ..size }.init(&mut Keys::new(7)).unwrap();
    let net = filled(net);
    let images = ids([2, 4, 5], |at| (at[0] + at[1] * at[1] + 3 * at[2]) % 4);
    let classes = Tensor::from(vec![1i64, 0]);
    let logits = net.forward(&images, Some(&classes), &mut Ctx::eval()).unwrap();
    let loss = net.loss(&images, Some(&classes), &mut Ctx::eval()).unwrap();
    let some = ["embedding.weight", "layers.0.vertical.weight", "layers.2.horizontal.weight"];
    check_model("PIXEL_CNN", &net, &logits, &loss, some);
}
