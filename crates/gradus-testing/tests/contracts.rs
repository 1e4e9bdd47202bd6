//! Things of Gradus keep the contracts, and each way to break one is found.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::atomic::{AtomicU64, Ordering};

use gradus_autograd::{Param, Var};
use gradus_core::{DType, Key, Keys};
use gradus_nn::loss::{self, CrossEntropy, Reduction};
use gradus_nn::{
    BatchNorm, Ctx, Layer, LinearConfig, Module, MultiHeadAttentionConfig, Result,
    TransformerBlockConfig,
};
use gradus_optim::{
    Adafactor, AdamW, Chain, Lion, Muon, Optimizer, Schedule, Sgd, Transformation, Updates, scale,
};
use gradus_tensor::Tensor;
use gradus_testing::{Claim, Error, LayerContract, LossContract, OptimizerContract, Rows};

fn normal(shape: &[usize], seed: u64) -> Tensor {
    Tensor::randn(shape, DType::F64, Key::new(seed)).unwrap()
}

fn broken(result: Result<(), Error>) -> Claim {
    match result.unwrap_err() {
        Error::Broken { claim, .. } => claim,
        other => panic!("{other}"),
    }
}

#[test]
fn layers_of_gradus_keep_the_contract() {
    let contract = |name: &str, shape: &[usize]| LayerContract::new(name, normal(shape, 1));
    contract("Linear", &[2, 3]).check(|k| LinearConfig::new(3, 2).init(k)).unwrap();
    contract("BatchNorm", &[3, 2]).check(|_| BatchNorm::new(2)).unwrap();
    let attention =
        MultiHeadAttentionConfig { dropout: 0.3, ..MultiHeadAttentionConfig::new(4, 2) };
    contract("MultiHeadAttention", &[2, 3, 4]).check(|k| attention.init(k)).unwrap();
    let block =
        TransformerBlockConfig { dropout: 0.3, hidden: 5, ..TransformerBlockConfig::new(4, 2) };
    contract("TransformerBlock", &[1, 3, 4]).check(|k| block.init(k)).unwrap();
}

/// How a planted layer goes wrong.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    Restless,
    Forgetful,
    NoInputGradient,
    NoParameterGradient,
    MixesRows,
    Panics,
}

/// x · w, but for the fault.
struct Planted {
    weight: Param,
    hidden: Tensor,
    fault: Fault,
}

impl Module for Planted {
    fn visit<'a>(
        &'a self,
        path: &mut gradus_nn::Path,
        f: &mut dyn FnMut(&gradus_nn::Path, gradus_nn::Slot<'a>),
    ) {
        path.with("weight", |path| self.weight.visit(path, f));
    }

    fn visit_mut<'a>(
        &'a mut self,
        path: &mut gradus_nn::Path,
        f: &mut dyn FnMut(&gradus_nn::Path, gradus_nn::SlotMut<'a>),
    ) {
        path.with("weight", |path| self.weight.visit_mut(path, f));
    }
}

impl Layer for Planted {
    fn forward(&self, x: &Var, _ctx: &mut Ctx) -> Result<Var> {
        static CALLS: AtomicU64 = AtomicU64::new(0);
        let weight = self.weight.var();
        let y = x.mul(&weight)?;
        Ok(match self.fault {
            Fault::Restless => y.add_scalar(CALLS.fetch_add(1, Ordering::Relaxed) as f64)?,
            Fault::Forgetful => y.mul(&self.hidden.to_dtype(x.dtype())?.into())?,
            Fault::NoInputGradient => x.detach().mul(&weight)?,
            Fault::NoParameterGradient => x.mul(&weight.detach())?.add(&weight.mul_scalar(0.0)?)?,
            Fault::MixesRows => y.sub(&x.mean_keepdim(0)?)?,
            Fault::Panics => {
                assert_eq!(x.rank(), 2, "on purpose");
                y
            }
        })
    }
}

#[test]
fn each_broken_claim_of_a_layer_is_found() {
    let cases = [
        (Fault::Restless, Claim::SameBits),
        (Fault::Forgetful, Claim::StateRoundTrip),
        (Fault::NoInputGradient, Claim::InputGradient),
        (Fault::NoParameterGradient, Claim::ParameterGradient),
        (Fault::MixesRows, Claim::RowsIndependent),
        (Fault::Panics, Claim::ShapeErrors),
    ];
    for (fault, claim) in cases {
        let make = |keys: &mut Keys| {
            let draw = |key| Tensor::randn(3, DType::F32, key);
            let weight = Param::new(draw(keys.next_key())?);
            Ok(Planted { weight, hidden: draw(keys.next_key())?, fault })
        };
        let contract = LayerContract::new("Planted", normal(&[2, 3], 1));
        assert_eq!(broken(contract.check(make)), claim);
        if fault == Fault::MixesRows {
            LayerContract { rows: Rows::Mixed, ..contract }.check(make).unwrap();
        }
    }
}

#[test]
fn losses_of_gradus_keep_the_contract() {
    let two = vec![normal(&[3, 4], 1), normal(&[3, 4], 2)];
    LossContract::new("mse", two).check(|x, r| loss::mse(&x[0], &x[1], r)).unwrap();
    let targets = Tensor::new([2, 0, 3]);
    let cross_entropy = |x: &[Var], reduction| {
        let options = CrossEntropy { reduction, label_smoothing: 0.1, ..CrossEntropy::default() };
        loss::cross_entropy(&x[0], &targets, options)
    };
    LossContract::new("cross_entropy", vec![normal(&[3, 4], 1)]).check(cross_entropy).unwrap();
}

#[test]
fn each_broken_claim_of_a_loss_is_found() {
    let contract = LossContract::new("planted", vec![normal(&[3, 4], 1)]);
    let reduce = |y: &Var, reduction| {
        Ok(match reduction {
            Reduction::None => y.clone(),
            Reduction::Sum => y.sum(..)?,
            _ => y.mean(..)?,
        })
    };
    let never_summed = |x: &[Var], _| Ok(x[0].square()?);
    assert_eq!(broken(contract.check(never_summed)), Claim::Reductions);
    let wrong_sum = |x: &[Var], r| match r {
        Reduction::Sum => Ok(x[0].mean(..)?),
        r => reduce(&x[0], r),
    };
    assert_eq!(broken(contract.check(wrong_sum)), Claim::Reductions);
    let cut_off = |x: &[Var], r| reduce(&x[0].mul(&x[0].detach())?, r);
    assert_eq!(broken(contract.check(cut_off)), Claim::InputGradient);
    let once = |x: &[Var], r| {
        let saved = x[0].detach();
        let square = Var::from_op("square", &[&x[0]], saved.value().square()?, move |grad, _| {
            Ok(vec![Some(grad.mul(&saved.mul_scalar(2.0)?)?)])
        });
        reduce(&square, r)
    };
    assert_eq!(broken(contract.check(once)), Claim::SecondDerivative);
}

#[test]
fn optimizers_of_gradus_keep_the_contract() {
    let check = |name: &str, make: &dyn Fn() -> gradus_optim::Result<Optimizer>| {
        OptimizerContract::new(name).check(make).unwrap();
    };
    check("Sgd", &|| Sgd { lr: 0.1, momentum: 0.9, ..Sgd::default() }.init());
    check("AdamW", &|| AdamW { lr: 0.05, ..AdamW::default() }.init());
    check("Adafactor", &|| Adafactor { lr: 0.1, ..Adafactor::default() }.init());
    check("Muon", &|| Muon { lr: 0.05, adam_lr: 0.05, ..Muon::default() }.init());
    check("Lion", &|| Lion { lr: 0.02, ..Lion::default() }.init());
    check("accumulated", &|| AdamW { lr: 0.1, ..AdamW::default() }.init()?.accumulate(3));
    check("look-ahead", &|| AdamW { lr: 0.1, ..AdamW::default() }.init()?.lookahead(5, 0.5));
}

/// A link that counts its steps, but does not say so in the state.
#[derive(Debug, Default)]
struct Secretive {
    steps: f64,
}

impl Transformation for Secretive {
    fn apply(&mut self, updates: &mut Updates) -> gradus_optim::Result<()> {
        self.steps += 1.0;
        let steps = self.steps;
        updates.map(|item| Ok(item.update.div_scalar(steps.sqrt())?))
    }
}

#[test]
fn broken_claims_of_an_optimizer_are_found() {
    let secretive =
        || Optimizer::new(Chain::new().then(Secretive::default()), 0.3, Schedule::Constant);
    let contract = OptimizerContract::new("planted");
    assert_eq!(broken(contract.check(secretive)), Claim::StateRoundTrip);
    let uphill = || Optimizer::new(Chain::new().then(scale(-1.0)?), 0.1, Schedule::Constant);
    assert_eq!(broken(contract.check(uphill)), Claim::Descent);
}
