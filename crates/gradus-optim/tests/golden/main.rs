//! Every optimizer walks the path that PyTorch's walks, step by step.
//!
//! Three elements, five steps; `make.py` has the problem and made the values.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use gradus_autograd::{Module, Param, Var};
use gradus_optim::{
    Adagrad, Adam, AdamW, Optimizer, RmsProp, Schedule, Sgd, clip_by_global_norm, clip_by_value,
};
use gradus_tensor::Tensor;

fn golden(name: &str) -> Vec<f64> {
    let line = include_str!("values.txt").lines().find(|line| line.split(' ').next() == Some(name));
    let values = line.unwrap_or_else(|| panic!("no {name}")).split(' ').skip(1);
    values.map(|value| value.parse().unwrap()).collect()
}

/// Σ c w⁴/4 + w, whose gradient is c w³ + 1.
fn loss(w: &Param) -> Var {
    let c = Var::constant(Tensor::from([1.0f64, 0.5, 3.0]));
    let w = w.var();
    let quartic = w.square().unwrap().square().unwrap().mul(&c).unwrap().mul_scalar(0.25).unwrap();
    quartic.add(&w).unwrap().sum(..).unwrap()
}

fn check(name: &str, optimizer: gradus_optim::Result<Optimizer>) {
    let mut optimizer = optimizer.unwrap();
    let mut model = vec![Param::new(Tensor::from([1.0f64, -2.0, 0.5]))];
    for (step, expected) in golden(name).chunks(3).enumerate() {
        let grads = loss(&model[0]).backward().unwrap();
        optimizer.step(&mut model, &grads).unwrap();
        let got = model.parameters()[0].value().to_vec::<f64>().unwrap();
        for (got, expected) in got.iter().zip(expected) {
            let error = (got - expected).abs();
            assert!(error < 1e-11, "{name}, step {step}: got {got}, expected {expected}");
        }
    }
    assert_eq!(optimizer.steps(), 5);
}

#[test]
fn sgd() {
    let sgd = Sgd { lr: 0.1, ..Sgd::default() };
    check("SGD", sgd.init());
    check("SGD_DECAY", Sgd { weight_decay: 0.2, ..sgd.clone() }.init());
    check("SGD_CLIP_NORM", sgd.init().map(|o| o.first(clip_by_global_norm(1.5).unwrap())));
    check("SGD_CLIP_VALUE", sgd.init().map(|o| o.first(clip_by_value(1.5).unwrap())));
    let schedule = Schedule::Cosine { steps: 4, floor: 0.2 };
    // PyTorch's cosine climbs again after its last step; ours stays at the floor, as at step 4.
    check("SGD_COSINE", Sgd { schedule, ..sgd }.init());
}

#[test]
fn sgd_with_momentum() {
    let sgd = Sgd { lr: 0.05, momentum: 0.9, ..Sgd::default() };
    check("SGD_MOMENTUM", Sgd { dampening: 0.3, weight_decay: 0.1, ..sgd.clone() }.init());
    check("SGD_NESTEROV", Sgd { nesterov: true, ..sgd }.init());
}

#[test]
fn rmsprop() {
    let rmsprop = RmsProp { lr: 0.05, alpha: 0.9, ..RmsProp::default() };
    check("RMSPROP", RmsProp { eps: 1e-3, weight_decay: 0.1, ..rmsprop.clone() }.init());
    check("RMSPROP_MOMENTUM", RmsProp { momentum: 0.8, ..rmsprop }.init());
}

#[test]
fn adam_and_adamw() {
    let (betas, eps, weight_decay) = ([0.8, 0.95], 1e-3, 0.1);
    check("ADAM", Adam { lr: 0.1, betas, eps, weight_decay, ..Adam::default() }.init());
    check("ADAMW", AdamW { lr: 0.1, betas, eps, weight_decay, ..AdamW::default() }.init());
    check("ADAMW_DEFAULT", AdamW::default().init());
}

#[test]
fn adagrad() {
    check("ADAGRAD", Adagrad { lr: 0.3, eps: 0.01, ..Adagrad::default() }.init());
}
