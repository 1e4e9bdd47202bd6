//! The pass against the links one after the other.

use gradus_autograd::{Grads, Param};
use gradus_tensor::{DType, Key, Tensor};
use proptest::prelude::*;

use crate::{
    AdaBelief, Adadelta, Adagrad, Adam, AdamW, Adamax, Chain, Group, Lion, Momentum, NAdam,
    Optimizer, RAdam, Result, RmsProp, Schedule, Sgd, Transformation, Updates, add_decayed_weights,
    clip_by_global_norm, scale_by_adam, trace,
};

/// A link that does nothing and hides that: a chain with it goes link by link.
#[derive(Debug)]
struct Opaque;

impl Transformation for Opaque {
    fn apply(&mut self, _: &mut Updates) -> Result<()> {
        Ok(())
    }
}

fn optimizers(clip: f64, decay: f64) -> Vec<Optimizer> {
    let sgd = Sgd { lr: 0.1, weight_decay: decay, ..Sgd::default() };
    let heavy = Sgd { momentum: 0.9, dampening: 0.3, ..sgd.clone() };
    let nesterov = Sgd { momentum: 0.9, nesterov: true, ..sgd.clone() };
    let made = [
        sgd.init(),
        heavy.init(),
        nesterov.init(),
        Adagrad { weight_decay: decay, initial_accumulator: 0.5, ..Adagrad::default() }.init(),
        RmsProp { weight_decay: decay, ..RmsProp::default() }.init(),
        Adam { weight_decay: decay, ..Adam::default() }.init(),
        AdamW { weight_decay: decay, lr: 0.3, ..AdamW::default() }.init(),
        AdamW { weight_decay: decay, amsgrad: true, ..AdamW::default() }.init(),
        AdaBelief { weight_decay: decay, ..AdaBelief::default() }.init(),
        Adamax { weight_decay: decay, ..Adamax::default() }.init(),
        NAdam { weight_decay: decay, ..NAdam::default() }.init(),
        RAdam { weight_decay: decay, betas: [0.5, 0.6], ..RAdam::default() }.init(),
        Lion { weight_decay: decay, ..Lion::default() }.init(),
        Adadelta { weight_decay: decay, ..Adadelta::default() }.init(),
    ];
    let group = Group { lr_factor: 0.3, decay_factor: 0.7 };
    let whole = |o: Result<Optimizer>| {
        o?.first(clip_by_global_norm(clip)?).group(|path, _| path == "1", group)
    };
    made.into_iter().map(|o| whole(o).unwrap()).collect()
}

fn model(sizes: &[usize], dtype: DType) -> Vec<Param> {
    let draw = |(i, &n): (usize, &usize)| {
        Param::new(Tensor::randn([n, 3], dtype, Key::new(7).fold_in(i as u64)).unwrap())
    };
    sizes.iter().enumerate().map(draw).collect()
}

/// Gradients with zeros of both signs, the last of them transposed.
fn grads(model: &[Param], dtype: DType, step: u64) -> Grads {
    let grad = |(i, param): (usize, &Param)| {
        let key = Key::new(step).fold_in(100 + i as u64);
        let shape = [param.shape()[1], param.shape()[0]];
        let grad = Tensor::randn(shape, dtype, key).unwrap();
        let zeroed = grad.mul(&grad.gt_scalar(-0.5).unwrap().to_dtype(dtype).unwrap()).unwrap();
        let grad = zeroed.t().unwrap();
        (param.id(), if i + 1 == model.len() { grad } else { grad.contiguous() })
    };
    model.iter().enumerate().map(grad).collect()
}

fn bits(x: &Tensor) -> Vec<u64> {
    x.to_dtype(DType::F64).unwrap().to_vec::<f64>().unwrap().into_iter().map(f64::to_bits).collect()
}

fn assert_same(a: &Optimizer, b: &Optimizer) {
    let (a, b) = (a.state_dict(), b.state_dict());
    assert!(a.keys().eq(b.keys()));
    for ((name, a), b) in a.iter().zip(b.values()) {
        assert_eq!((a.dtype(), a.dims(), bits(a)), (b.dtype(), b.dims(), bits(b)), "{name}");
    }
}

fn check(sizes: &[usize], dtype: DType, [clip, decay]: [f64; 2], steps: u64) {
    for (fused, linked) in optimizers(clip, decay).into_iter().zip(optimizers(clip, decay)) {
        let (mut fused, mut linked) = (fused, linked.first(Opaque));
        let (mut a, mut b) = (model(sizes, dtype), model(sizes, dtype));
        for step in 0..steps {
            let (ga, gb) = (grads(&a, dtype, step), grads(&b, dtype, step));
            let info = fused.step(&mut a, &ga).unwrap();
            assert_eq!(info, linked.step(&mut b, &gb).unwrap());
            for (a, b) in a.iter().zip(&b) {
                assert_eq!(bits(a.value()), bits(b.value()), "step {step} of {fused:?}");
            }
            assert_same(&fused, &linked);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn the_pass_has_the_bits_of_the_links(sizes in prop::collection::vec(0..40usize, 1..5), clip in 0.1..100.0, decay in prop::sample::select(vec![0.0, 0.1])) {
        for dtype in [DType::F32, DType::F64, DType::BF16] {
            check(&sizes, dtype, [clip, decay], 4);
        }
    }
}

#[test]
fn long_parameters_have_the_bits_of_the_links() {
    gradus_tensor::with_threads(3, || check(&[20_001, 5], DType::F32, [1.0, 0.1], 2));
}

#[test]
fn a_shared_value_keeps_its_copy() {
    let mut model = model(&[4], DType::F32);
    let before = model[0].value().clone();
    let kept = bits(&before);
    let grads = grads(&model, DType::F32, 1);
    Adam::default().init().unwrap().step(&mut model, &grads).unwrap();
    assert_eq!(bits(&before), kept);
    assert_ne!(bits(model[0].value()), kept);
}

#[test]
fn a_saved_state_does_not_move_with_the_optimizer() {
    let mut model = model(&[4], DType::F32);
    let mut optimizer = Adam::default().init().unwrap();
    let grads = grads(&model, DType::F32, 1);
    optimizer.step(&mut model, &grads).unwrap();
    let saved = optimizer.state_dict();
    let kept = bits(&saved["exp_avg.0"]);
    optimizer.step(&mut model, &grads).unwrap();
    assert_eq!(bits(&saved["exp_avg.0"]), kept);
}

#[test]
fn other_chains_go_link_by_link() {
    let chain = Chain::new()
        .then(trace(0.9, 0.0, Momentum::Heavy).unwrap())
        .then(scale_by_adam([0.9, 0.99], 1e-8).unwrap())
        .then(add_decayed_weights(0.1).unwrap())
        .then(add_decayed_weights(0.1).unwrap());
    let mut optimizer = Optimizer::new(chain, 0.1, Schedule::Constant).unwrap();
    let mut model = model(&[3], DType::F32);
    let grads = grads(&model, DType::F32, 1);
    optimizer.step(&mut model, &grads).unwrap();
    assert_eq!(optimizer.state_dict().len(), 6);
}
