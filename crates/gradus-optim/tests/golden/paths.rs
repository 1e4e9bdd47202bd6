//! The paths of the optimizers.

use gradus_autograd::{Module, Param, Var};
use gradus_optim::{
    AdaBelief, Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Lamb, Lion, MatrixRate, Muon,
    NAdam, Optimizer, RAdam, Result, RmsProp, Rprop, Sam, Schedule, Sgd, clip_by_global_norm,
    clip_by_norm, clip_by_value,
};
use gradus_tensor::Tensor;

use super::golden;

/// Where a path begins, and the factors c.
pub(super) struct Problem {
    pub(super) start: Tensor,
    pub(super) curve: Tensor,
}

pub(super) fn vector() -> Problem {
    Problem { start: Tensor::from([1.0f64, -2.0, 0.5]), curve: Tensor::from([1.0f64, 0.5, 3.0]) }
}

fn matrix() -> Problem {
    let start = Tensor::from([[1.0f64, -2.0, 0.5], [0.3, 0.7, -1.1]]);
    Problem { start, curve: Tensor::from([[1.0f64, 0.5, 3.0], [2.0, 1.0, 0.25]]) }
}

fn tall() -> Problem {
    let Problem { start, curve } = matrix();
    Problem { start: start.t().unwrap(), curve: curve.t().unwrap() }
}

/// Σ c w⁴/4 + w, whose gradient is c w³ + 1.
pub(super) fn loss(w: &Param, curve: &Tensor) -> Var {
    let (w, curve) = (w.var(), Var::constant(curve.clone()));
    let quartic = w.square().unwrap().square().unwrap().mul(&curve).unwrap();
    quartic.mul_scalar(0.25).unwrap().add(&w).unwrap().sum(..).unwrap()
}

fn check_on(name: &str, problem: Problem, optimizer: Result<Optimizer>) {
    let Problem { start, curve } = problem;
    let mut optimizer = optimizer.unwrap();
    let mut model = vec![Param::new(start)];
    let expected = golden(name);
    let n = model[0].len();
    assert!(expected.len() >= 5 * n);
    for (step, expected) in expected.chunks(n).enumerate() {
        let grads = loss(&model[0], &curve).backward().unwrap();
        optimizer.step(&mut model, &grads).unwrap();
        let got = model.parameters()[0].value().to_vec::<f64>().unwrap();
        for (got, expected) in got.iter().zip(expected) {
            let error = (got - expected).abs();
            assert!(error < 1e-11, "{name}, step {step}: got {got}, expected {expected}");
        }
    }
    assert_eq!(optimizer.steps() as usize, expected.len() / n);
}

fn check(name: &str, optimizer: Result<Optimizer>) {
    check_on(name, vector(), optimizer);
}

#[test]
fn sgd() {
    let sgd = Sgd { lr: 0.1, ..Sgd::default() };
    check("SGD", sgd.init());
    check("SGD_DECAY", Sgd { weight_decay: 0.2, ..sgd.clone() }.init());
    check("SGD_CLIP_NORM", sgd.init().map(|o| o.first(clip_by_global_norm(1.5).unwrap())));
    check("SGD_CLIP_NORM", sgd.init().map(|o| o.first(clip_by_norm(1.5).unwrap())));
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
    check("RMSPROP_MOMENTUM", RmsProp { momentum: 0.8, ..rmsprop.clone() }.init());
    check("RMSPROP_CENTERED", RmsProp { eps: 1e-3, centered: true, ..rmsprop }.init());
}

const BETAS: [f64; 2] = [0.8, 0.95];

#[test]
fn adam_and_adamw() {
    let (lr, betas, eps, weight_decay) = (0.1, BETAS, 1e-3, 0.1);
    let adam = Adam { lr, betas, eps, weight_decay, ..Adam::default() };
    check("ADAM", adam.init());
    check("ADAM_AMSGRAD", Adam { amsgrad: true, ..adam }.init());
    let adamw = AdamW { lr, betas, eps, weight_decay, ..AdamW::default() };
    check("ADAMW", adamw.init());
    check("ADAMW_AMSGRAD", AdamW { amsgrad: true, ..adamw }.init());
    check("ADAMW_DEFAULT", AdamW::default().init());
}

#[test]
fn adamax() {
    let (lr, betas, eps, weight_decay) = (0.1, BETAS, 1e-3, 0.1);
    check("ADAMAX", Adamax { lr, betas, eps, weight_decay, ..Adamax::default() }.init());
    check("ADAMAX_DEFAULT", Adamax::default().init());
}

#[test]
fn nadam() {
    let (lr, betas, eps, weight_decay) = (0.1, BETAS, 1e-3, 0.1);
    let nadam = NAdam { lr, betas, eps, weight_decay, ..NAdam::default() };
    check("NADAM", NAdam { momentum_decay: 0.01, ..nadam.clone() }.init());
    check("NADAM_DECOUPLED", NAdam { decoupled_weight_decay: true, ..nadam }.init());
    check("NADAM_DEFAULT", NAdam::default().init());
}

#[test]
fn radam() {
    let (lr, betas, eps, weight_decay) = (0.1, BETAS, 1e-3, 0.1);
    let radam = RAdam { lr, betas, eps, weight_decay, ..RAdam::default() };
    check("RADAM", radam.init());
    check("RADAM_DECOUPLED", RAdam { decoupled_weight_decay: true, ..radam }.init());
    check("RADAM_DEFAULT", RAdam::default().init());
}

#[test]
fn adagrad() {
    let adagrad = Adagrad { lr: 0.3, ..Adagrad::default() };
    let schedule = Schedule::InverseTime { decay: 0.2 };
    check("ADAGRAD_DECAY", Adagrad { schedule, ..adagrad.clone() }.init());
    let (eps, weight_decay, initial_accumulator) = (0.01, 0.1, 0.5);
    check("ADAGRAD", Adagrad { eps, weight_decay, initial_accumulator, ..adagrad }.init());
}

#[test]
fn adadelta() {
    let (lr, rho, eps, weight_decay) = (0.8, 0.8, 1e-3, 0.1);
    check("ADADELTA", Adadelta { lr, rho, eps, weight_decay, ..Adadelta::default() }.init());
    check("ADADELTA_DEFAULT", Adadelta::default().init());
}

#[test]
fn rprop() {
    check("RPROP", Rprop { lr: 0.2, etas: [0.4, 1.5], step_sizes: [1e-3, 0.5] }.init());
}

#[test]
fn adafactor() {
    let adafactor = Adafactor { lr: 0.3, weight_decay: 0.1, ..Adafactor::default() };
    check("ADAFACTOR", adafactor.init());
    let other = Adafactor { d: 1.2, beta2_decay: -0.6, ..adafactor };
    check_on("ADAFACTOR_MATRIX", matrix(), other.init());
    check_on("ADAFACTOR_DEFAULT", matrix(), Adafactor::default().init());
}

#[test]
fn adabelief() {
    let adabelief = AdaBelief { lr: 0.1, betas: BETAS, eps: 1e-6, ..AdaBelief::default() };
    check("ADABELIEF", adabelief.init());
    check("ADABELIEF_DEFAULT", AdaBelief::default().init());
}

#[test]
fn lion() {
    check("LION", Lion { lr: 0.1, betas: BETAS, weight_decay: 0.1, ..Lion::default() }.init());
}

#[test]
fn lamb() {
    let (lr, betas, eps, weight_decay) = (0.1, BETAS, 1e-3, 0.1);
    let lamb = Lamb { lr, betas, eps, weight_decay, ..Lamb::default() };
    check_on("LAMB", matrix(), lamb.init());
}

#[test]
fn muon() {
    let muon = Muon { lr: 0.1, ..Muon::default() };
    check_on("MUON_WIDE", matrix(), muon.init());
    check_on("MUON_TALL", tall(), muon.init());
    let spectral = Muon { matrix_rate: MatrixRate::Spectral, ..muon.clone() };
    check_on("MUON_SPECTRAL", matrix(), spectral.init());
    let matrix_rate = MatrixRate::MatchRmsAdamW;
    let heavy = Muon { momentum: 0.8, nesterov: false, ns_steps: 3, matrix_rate, ..muon };
    check_on("MUON_WIDE_RMS", matrix(), heavy.init());
    check_on("MUON_TALL_RMS", tall(), heavy.init());
}

#[test]
fn what_is_no_matrix_goes_by_adamw() {
    let (adam_lr, adam_betas, adam_eps, weight_decay) = (0.1, BETAS, 1e-3, 0.1);
    let muon = Muon { lr: 0.02, adam_lr, adam_betas, adam_eps, weight_decay, ..Muon::default() };
    check("ADAMW", muon.init());
    let none = Muon { matrices: |_, _| false, ..muon };
    check("ADAMW", none.init());
}

#[test]
fn sharpness_aware() {
    for (name, adaptive) in [("SAM", false), ("ASAM", true)] {
        let sgd = Sgd { lr: 0.1, momentum: 0.5, ..Sgd::default() }.init().unwrap();
        let mut optimizer = Sam { rho: 0.3, adaptive }.init(sgd).unwrap();
        let Problem { start, curve } = vector();
        let mut model = vec![Param::new(start)];
        for (step, expected) in golden(name).chunks(3).enumerate() {
            let closure =
                |model: &Vec<Param>| Ok::<_, gradus_optim::Error>(loss(&model[0], &curve));
            optimizer.step(&mut model, closure).unwrap();
            let got = model[0].value().to_vec::<f64>().unwrap();
            let near = got.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-11);
            assert!(near, "{name}, step {step}: got {got:?}, expected {expected:?}");
        }
    }
}

#[test]
fn lookahead() {
    let adam = Adam { lr: 0.1, ..Adam::default() }.init();
    check("LOOKAHEAD", adam.and_then(|adam| adam.lookahead(3, 0.4)));
}
