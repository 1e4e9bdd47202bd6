//! What holds for the modules that take two inputs, and so are no `Layer`.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use gradus_autograd::gradcheck;
use gradus_core::{DType, Key, Keys};
use gradus_nn::{
    Activation, Bilinear, Ctx, DecoderMasks, Module, Result, Tensor, TransformerDecoderConfig,
    TransformerDecoderLayer, UNetUp, Var, cast,
};

fn train() -> Ctx {
    Ctx::train(Key::new(4))
}

/// Derivatives by both inputs and all parameters, and the state.
fn check<M: Module>(
    make: impl Fn(&mut Keys) -> Result<M>,
    shapes: [&[usize]; 2],
    forward: impl Fn(&M, &Var, &Var, &mut Ctx) -> Result<Var>,
) {
    let of_seed = |seed| {
        let mut module = make(&mut Keys::new(seed)).unwrap();
        cast(&mut module, DType::F64).unwrap();
        module
    };
    let draw = |i: usize| Tensor::randn(shapes[i], DType::F64, Key::new(i as u64)).unwrap();
    let inputs = [draw(0), draw(1)];
    let module = of_seed(1);
    gradcheck(|x| Ok(forward(&module, &x[0], &x[1], &mut train()).unwrap()), &inputs).unwrap();
    parameters_agree(of_seed(1), &inputs, &forward);

    let (a, mut b) = (of_seed(1), of_seed(2));
    let run = |module: &M| {
        let [x, y] = inputs.each_ref().map(Var::from);
        forward(module, &x, &y, &mut Ctx::eval()).unwrap().into_value()
    };
    assert!(!run(&a).equal(&run(&b)));
    b.load_state_dict(&a.state_dict()).unwrap();
    assert!(run(&a).equal(&run(&b)));
}

fn parameters_agree<M: Module>(
    mut module: M,
    inputs: &[Tensor; 2],
    forward: &impl Fn(&M, &Var, &Var, &mut Ctx) -> Result<Var>,
) {
    const STEP: f64 = 1e-5;
    let score = |module: &M| {
        let [x, y] = inputs.each_ref().map(Var::from);
        let out = forward(module, &x, &y, &mut train()).unwrap();
        let weights = Tensor::randn(out.shape(), DType::F64, Key::new(8)).unwrap();
        out.mul(&weights.into()).unwrap().sum(..).unwrap()
    };
    let grads = score(&module).backward().unwrap();
    for i in 0..module.parameters().len() {
        let (path, param) = module.named_parameters().swap_remove(i);
        let value = param.value().clone();
        let grad = grads.get(param).unwrap().to_vec::<f64>().unwrap();
        for (element, grad) in grad.into_iter().enumerate() {
            let mut at = |shift: f64| {
                let mut moved = value.to_vec::<f64>().unwrap();
                moved[element] += shift;
                let moved = Tensor::from_vec(moved, value.shape()).unwrap();
                module.named_parameters_mut().swap_remove(i).1.set_value(moved).unwrap();
                score(&module).item().unwrap()
            };
            let numeric = (at(STEP) - at(-STEP)) / (2.0 * STEP);
            at(0.0);
            assert!((grad - numeric).abs() < 1e-6 * (1.0 + grad.abs()), "{path}: {grad} {numeric}");
        }
    }
}

#[test]
fn u_net_up_has_right_derivatives_and_state() {
    let forward = |up: &UNetUp, x: &Var, skip: &Var, ctx: &mut Ctx| up.forward_skip(x, skip, ctx);
    // The skip has an odd extent, which is padded for.
    check(|k| UNetUp::new(2, 1, 2, k), [&[2, 2, 2, 2], &[2, 1, 4, 5]], forward);
}

#[test]
fn a_decoder_layer_has_right_derivatives_and_state() {
    let config = TransformerDecoderConfig {
        hidden: 3,
        memory_channels: 3,
        activation: Activation::Gelu,
        dropout: 0.2,
        ..TransformerDecoderConfig::new(4, 2, 1)
    };
    let forward = |layer: &TransformerDecoderLayer, x: &Var, memory: &Var, ctx: &mut Ctx| {
        layer.forward_memory(x, memory, DecoderMasks::default(), ctx)
    };
    check(|k| config.init_layer(k), [&[1, 2, 4], &[1, 3, 3]], forward);
}

#[test]
fn bilinear_has_right_derivatives_and_state() {
    let forward = |layer: &Bilinear, x: &Var, y: &Var, ctx: &mut Ctx| layer.forward_pair(x, y, ctx);
    check(|k| Bilinear::new(2, 3, 2, k), [&[2, 2], &[2, 3]], forward);
}

#[test]
fn a_skip_that_does_not_fit_is_an_error() {
    let up = UNetUp::new(2, 1, 2, &mut Keys::new(1)).unwrap();
    let zeros = |shape: &[usize]| Var::from(Tensor::zeros(shape, DType::F32).unwrap());
    let x = zeros(&[1, 2, 2, 2]);
    for skip in [&[1, 1, 3, 4][..], &[1, 1, 4, 6], &[1, 1, 4]] {
        let error = up.forward_skip(&x, &zeros(skip), &mut Ctx::eval()).unwrap_err().to_string();
        assert!(error.contains("a skip beside [1, 1, 4, 4]"), "{error}");
    }
}
