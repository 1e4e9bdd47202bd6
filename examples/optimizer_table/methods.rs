//! What minimizes.

use anyhow::Result;
use gradus::optim::{
    AdaBelief, Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Error, Lamb, Lbfgs,
    LbfgsOptimizer, Lion, Muon, NAdam, Optimizer, RAdam, RmsProp, Rprop, Sam, Sgd, SharpnessAware,
};
use gradus::prelude::*;

type Made<T> = gradus::optim::Result<T>;

/// An optimizer whose settings are its defaults, but for the rate.
pub(crate) struct Method {
    pub(crate) name: &'static str,
    /// Whether it treats only matrices in its own way.
    pub(crate) wants_matrices: bool,
    pub(crate) make: fn(f64) -> Made<Stepper>,
}

/// An optimizer, by what it asks of the loss.
pub(crate) enum Stepper {
    /// One gradient a step.
    Plain(Box<Optimizer>),
    /// Two.
    Sharp(Box<SharpnessAware>),
    /// As many as the line search takes.
    Search(Box<LbfgsOptimizer>),
}

impl Stepper {
    /// Makes a step; `false` if loss or gradient are no longer finite.
    pub(crate) fn step(
        &mut self,
        model: &mut Vec<Param>,
        loss: &dyn Fn(&[Param]) -> Result<Var>,
    ) -> Result<bool> {
        let closure = |model: &Vec<Param>| loss(model);
        let result = match self {
            Self::Plain(optimizer) => {
                let grads = loss(model)?.backward()?;
                optimizer.step(model, &grads).map(drop).map_err(anyhow::Error::from)
            }
            Self::Sharp(optimizer) => optimizer.step(model, closure).map(drop),
            Self::Search(optimizer) => optimizer.step(model, closure).map(drop),
        };
        match result.map_err(anyhow::Error::downcast::<Error>) {
            Ok(()) => Ok(true),
            Err(Ok(Error::NonFiniteGradient { .. } | Error::NonFiniteLoss { .. })) => Ok(false),
            Err(Ok(error)) => Err(error.into()),
            Err(Err(error)) => Err(error),
        }
    }
}

pub(crate) fn methods() -> Vec<Method> {
    let method = |name, make| Method { name, wants_matrices: false, make };
    vec![
        method("SGD", |lr| plain(Sgd { lr, ..Sgd::default() }.init())),
        method("momentum", |lr| plain(momentum(lr).init())),
        method("Nesterov", |lr| plain(Sgd { nesterov: true, ..momentum(lr) }.init())),
        method("Adagrad", |lr| plain(Adagrad { lr, ..Adagrad::default() }.init())),
        method("Adadelta", |lr| plain(Adadelta { lr, ..Adadelta::default() }.init())),
        method("RMSProp", |lr| plain(RmsProp { lr, ..RmsProp::default() }.init())),
        method("Rprop", |lr| plain(Rprop { lr, ..Rprop::default() }.init())),
        method("Adam", |lr| plain(adam(lr).init())),
        method("AMSGrad", |lr| plain(Adam { amsgrad: true, ..adam(lr) }.init())),
        method("AdamW", |lr| plain(AdamW { lr, ..AdamW::default() }.init())),
        method("Adamax", |lr| plain(Adamax { lr, ..Adamax::default() }.init())),
        method("NAdam", |lr| plain(NAdam { lr, ..NAdam::default() }.init())),
        method("RAdam", |lr| plain(RAdam { lr, ..RAdam::default() }.init())),
        method("AdaBelief", |lr| plain(AdaBelief { lr, ..AdaBelief::default() }.init())),
        method("Lion", |lr| plain(Lion { lr, ..Lion::default() }.init())),
        Method {
            name: "Muon",
            wants_matrices: true,
            make: |lr| plain(Muon { lr, adam_lr: lr, ..Muon::default() }.init()),
        },
        method("Adafactor", |lr| plain(Adafactor { lr, ..Adafactor::default() }.init())),
        method("LAMB", |lr| plain(Lamb { lr, ..Lamb::default() }.init())),
        method("look-ahead", |lr| plain(adam(lr).init()?.lookahead(5, 0.5))),
        method("SAM", |lr| {
            let sam = Sam::default().init(momentum(lr).init()?)?;
            Ok(Stepper::Sharp(Box::new(sam)))
        }),
        method("L-BFGS", |lr| {
            let lbfgs = Lbfgs { lr, max_iter: 1, max_eval: Some(20), ..Lbfgs::default() };
            Ok(Stepper::Search(Box::new(lbfgs.init()?)))
        }),
    ]
}

fn plain(optimizer: Made<Optimizer>) -> Made<Stepper> {
    Ok(Stepper::Plain(Box::new(optimizer?)))
}

fn momentum(lr: f64) -> Sgd {
    Sgd { lr, momentum: 0.9, ..Sgd::default() }
}

fn adam(lr: f64) -> Adam {
    Adam { lr, ..Adam::default() }
}
