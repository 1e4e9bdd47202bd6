//! Faults are named, and leave the run as it was.

use gradus_core::DType;
use gradus_data::{Loader, LoaderConfig, TensorDataset};
use gradus_nn::{Ctx, Layer, Linear, Module, Sequential, Tensor, Var};
use gradus_optim::Sgd;
use gradus_train::{
    BoxError, Checkpointing, EarlyStopping, Error, Fit, FitConfig, Log, NonFinite, Score,
    TensorBoard,
};

use crate::task::{Batch, Net, data, fit, loss, optimizer, same, silent};

/// Batches of which the second holds a NaN.
fn poisoned() -> Vec<Batch> {
    let data = data(24, 1);
    let mut batches: Vec<Batch> = data.epoch(0).collect::<Result<_, _>>().unwrap();
    batches[1][0] = batches[1][0].mul_scalar(f64::NAN).unwrap();
    batches
}

#[test]
fn a_loss_that_is_not_finite_leaves_the_model_of_the_step_before() {
    let poisoned = poisoned();
    let mut broken = fit(1, silent(1));
    let error = broken.run(&poisoned).unwrap_err();
    assert!(
        matches!(&error, Error::NonFiniteLoss { step: 1, loss, .. } if loss.is_nan()),
        "{error}"
    );
    let mut sound = fit(1, silent(1));
    sound.run(&poisoned[..1]).unwrap();
    // The running statistics saw the NaN; they are put back too.
    assert!(same(broken.model(), sound.model()));
    assert_eq!(broken.steps(), 1);
}

#[test]
fn a_gradient_that_is_not_finite_leaves_the_model_of_the_step_before() {
    // The derivative of the root is infinite at 0, while the root is not.
    let model = vec![gradus_nn::Param::new(Tensor::new([0.0]))];
    let loss = |m: &Vec<gradus_nn::Param>, _: &u8, _: &mut Ctx| Ok(m[0].var().sqrt()?.sum(..)?);
    let optimizer = Sgd::default().init().unwrap();
    let mut fit = Fit::new(model, loss, optimizer, silent(1)).unwrap();
    let error = fit.run(&[0]).unwrap_err();
    let text = "step 0: the gradient is not finite, first in 0 (sqrt: made inf at element 0 of the \
                gradient of input 0); try a smaller learning rate";
    assert_eq!(error.to_string(), text);
    assert_eq!((fit.model()[0].value().item().unwrap(), fit.steps()), (0.0, 0));
}

/// Two layers with names, of which the second takes a root of what may be negative.
fn rooted(weight: f32) -> (Sequential, Linear) {
    let mut keys = gradus_core::Keys::new(1);
    let mut body = Linear::new(1, 1, &mut keys).unwrap();
    body.weight.set_value(Tensor::new([[weight]])).unwrap();
    (Sequential::new().with(body), Linear::new(1, 1, &mut keys).unwrap())
}

#[test]
fn a_loss_that_is_not_finite_names_its_place_and_the_last_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    type Model = (Sequential, Linear);
    let loss = |(body, head): &Model, x: &Tensor, ctx: &mut Ctx| {
        let x = ctx.at("body", |ctx| body.forward(&x.into(), ctx))?;
        let x = ctx.at("root", |_| Ok(x.sqrt()?))?;
        Ok(ctx.at("head", |ctx| head.forward(&x, ctx))?.square()?.mean(..)?)
    };
    let new = |config| {
        let optimizer = Sgd { lr: 0.0, ..Sgd::default() }.init().unwrap();
        Fit::new(rooted(1.0), loss, optimizer, config).unwrap()
    };
    let checkpoint = Some(Checkpointing { every: 1, ..Checkpointing::new(&path) });
    let batches = [1.0, 4.0, -1.0, f32::NAN, f32::INFINITY].map(|x| Tensor::new([[x]]));
    let mut fit = new(FitConfig { checkpoint, ..silent(1) });
    let Error::NonFiniteLoss { step: 2, origin, .. } = fit.run(&batches).unwrap_err() else {
        panic!("the third batch has a negative number")
    };
    assert_eq!((origin.path.as_deref(), origin.checkpoint.as_ref()), (Some("root"), Some(&path)));
    let text = ", first in root: sqrt: made NaN at element 0 of its value; the last checkpoint is ";
    assert!(origin.to_string().starts_with(text), "{origin}");

    // What is wrong with the data is first seen in the first layer.
    for bad in &batches[3..] {
        let mut fit = new(silent(1));
        let Error::NonFiniteLoss { origin, .. } = fit.run(std::slice::from_ref(bad)).unwrap_err()
        else {
            panic!("the batch is not finite")
        };
        // An infinity in the data is no op's doing.
        let expected = bad.item().unwrap().is_nan().then_some("body.0");
        assert_eq!((origin.path.as_deref(), origin.checkpoint), (expected, None));
    }
}

#[test]
fn steps_that_are_not_finite_can_be_left_out() {
    let skipping = |at_most| FitConfig { non_finite: NonFinite::Skip { at_most }, ..silent(1) };
    let poisoned = poisoned(); // the second of three
    let mut skipped = fit(1, skipping(1));
    assert_eq!(skipped.run(&poisoned).unwrap(), gradus_train::Stop::Epochs);
    assert_eq!((skipped.steps(), skipped.skipped()), (2, 1));
    // It is as if the batch had not been there, batch statistics included.
    let sound = [poisoned[0].clone(), poisoned[2].clone()];
    let mut without = fit(1, silent(1));
    without.run(&sound).unwrap();
    assert!(same(skipped.model(), without.model()));
    assert_eq!(skipped.history().last().unwrap().train, without.history().last().unwrap().train);
    assert!(skipped.report().unwrap().to_html().contains("1 were"));

    // Too many in a row are a fault after all.
    let bad = &poisoned[1];
    let many = [&poisoned[0], bad, bad, &poisoned[2], bad, bad, bad].map(Clone::clone);
    let mut run = fit(1, skipping(2));
    let error = run.run(&many).unwrap_err();
    assert!(matches!(error, Error::NonFiniteLoss { step: 2, .. }), "{error}");
    assert_eq!(run.skipped(), 4);
    let error = fit(1, skipping(9)).run(&[bad.clone(), bad.clone()]).unwrap_err().to_string();
    assert_eq!(error, "epoch 1: the losses or gradients of all 2 batches are not finite");
}

#[test]
fn gradients_that_are_not_finite_can_be_left_out() {
    let model = vec![gradus_nn::Param::new(Tensor::new([0.0]))];
    // The root has an infinite derivative at 0, the other loss has none.
    let loss = |m: &Vec<gradus_nn::Param>, root: &bool, _: &mut Ctx| {
        let w = m[0].var();
        Ok(if *root { w.sqrt()? } else { w.neg()? }.sum(..)?)
    };
    let config = FitConfig { non_finite: NonFinite::Skip { at_most: 1 }, ..silent(1) };
    let optimizer = Sgd { lr: 0.5, ..Sgd::default() }.init().unwrap();
    let mut fit = Fit::new(model, loss, optimizer, config).unwrap();
    fit.run(&[true, false]).unwrap();
    assert_eq!((fit.steps(), fit.skipped()), (1, 1));
    assert_eq!(fit.model()[0].value().item().unwrap(), 0.5);
}

#[test]
fn data_without_a_batch_are_refused() {
    let empty: Vec<Batch> = Vec::new();
    let error = fit(1, silent(1)).run(&empty).unwrap_err();
    assert_eq!(error.to_string(), "epoch 1: the training data hold no batch");
    let error = fit(1, silent(1)).run_validated(&data(16, 1), &empty).unwrap_err();
    assert_eq!(error.to_string(), "epoch 1: the validation data hold no batch");
}

#[test]
fn a_metric_that_nobody_reports_is_refused() {
    let stopping = EarlyStopping { monitor: "acuracy".to_owned(), ..EarlyStopping::default() };
    let config = FitConfig { early_stopping: Some(stopping), ..silent(3) };
    let error = fit(1, config).run(&data(16, 1)).unwrap_err();
    let text = "early stopping watches `acuracy`, but the metrics are: accuracy, loss";
    assert_eq!(error.to_string(), text);
}

#[test]
fn settings_that_contradict_themselves_are_refused_before_the_first_batch() {
    let message = |config: FitConfig| {
        Fit::new(Net::new(1), loss, optimizer(), config).unwrap_err().to_string()
    };
    let stopping = |patience, min_delta| {
        Some(EarlyStopping { patience, min_delta, ..EarlyStopping::default() })
    };
    let base = silent(1);
    for (field, config) in [
        ("early_stopping.patience", FitConfig { early_stopping: stopping(0, 0.0), ..base.clone() }),
        (
            "early_stopping.min_delta",
            FitConfig { early_stopping: stopping(1, -1.0), ..base.clone() },
        ),
        (
            "early_stopping.min_delta",
            FitConfig { early_stopping: stopping(1, f64::NAN), ..base.clone() },
        ),
        ("time_limit", FitConfig { time_limit: Some(Default::default()), ..base.clone() }),
        ("log.path", FitConfig { log: Some("no such folder/log".into()), ..base.clone() }),
        ("log.path", FitConfig { log: Some("/".into()), ..base.clone() }),
        ("log.every", FitConfig { log: Some(Log { every: 0, ..Log::new("a") }), ..base.clone() }),
        ("gradients_every", FitConfig { gradients_every: Some(0), ..base.clone() }),
        (
            "non_finite.at_most",
            FitConfig { non_finite: NonFinite::Skip { at_most: 0 }, ..base.clone() },
        ),
        (
            "tensorboard.every",
            FitConfig {
                tensorboard: Some(TensorBoard { every: 0, ..TensorBoard::new("a") }),
                ..base.clone()
            },
        ),
        (
            "checkpoint.best",
            FitConfig {
                checkpoint: Some(Checkpointing {
                    best: Some("no such folder/best".into()),
                    ..Checkpointing::new("a")
                }),
                ..base.clone()
            },
        ),
        (
            "checkpoint.every",
            FitConfig {
                checkpoint: Some(Checkpointing { every: 0, ..Checkpointing::new("a") }),
                ..base.clone()
            },
        ),
    ] {
        let message = message(config);
        assert!(message.starts_with(&format!("{field}: expected ")), "{message}");
    }
}

#[test]
fn the_errors_of_a_loss_come_through() {
    type Loss = fn(&Net, &Batch, &mut Ctx) -> Result<Var, BoxError>;
    let run = |loss: Loss| {
        let mut fit = Fit::new(Net::new(1), loss, optimizer(), silent(1)).unwrap();
        fit.run(&data(8, 1)).unwrap_err()
    };
    assert!(matches!(run(|_, _, _| Err("in words".into())), Error::Custom(_)));
    assert!(matches!(run(|_, _, _| Err(anyhow::anyhow!("anyhow").into())), Error::Custom(_)));
    let eval = |_: &Net, _: &Batch, _: &mut Ctx| {
        Ctx::eval().next_key()?;
        Ok(Var::constant(Tensor::scalar(1f32)))
    };
    assert!(matches!(run(eval), Error::Nn(_)));
    let many = |_: &Net, [x, _]: &Batch, _: &mut Ctx| Ok(Var::constant(x.clone()));
    assert!(matches!(run(many), Error::Tensor(_) | Error::Autograd(_)));
    // A loss that does not depend on the model would train nothing, without a word.
    let constant = |_: &Net, _: &Batch, _: &mut Ctx| Ok(Var::constant(Tensor::scalar(1f32)));
    assert!(matches!(run(constant), Error::Autograd(_)));
}

#[test]
fn a_loss_can_be_a_function_and_can_borrow() {
    let weights = [0.5];
    let borrowing = |model: &Net, batch: &Batch, ctx: &mut Ctx| {
        let score = loss(model, batch, ctx)?;
        let examples = score.examples;
        Ok(Score::new(score.loss.mul_scalar(weights[0])?, examples))
    };
    let mut half = Fit::new(Net::new(1), borrowing, optimizer(), silent(1)).unwrap();
    let mut whole = Fit::new(Net::new(1), loss, optimizer(), silent(1)).unwrap();
    half.run(&data(8, 1)).unwrap();
    whole.run(&data(8, 1)).unwrap();
    let of = |fit: &Fit<'_, Net, Batch>| fit.history().steps[0].loss;
    assert_eq!(of(&half), weights[0] * of(&whole));
}

#[test]
fn a_fault_of_the_data_comes_through() {
    let x = Tensor::zeros([4, 2], DType::F32).unwrap();
    let y = Tensor::full(4, 9.0, DType::I64).unwrap(); // no such class
    let data = Loader::new(TensorDataset::new([x, y]).unwrap(), LoaderConfig::new(4)).unwrap();
    let mut fit = fit(1, silent(1));
    assert!(matches!(fit.run(&data).unwrap_err(), Error::Nn(_)));
    assert!(same(fit.model(), &Net::new(1)));
    assert_eq!(fit.model().num_parameters(), Net::new(1).num_parameters());
}
