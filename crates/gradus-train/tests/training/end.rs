//! Runs end when they should, with the parameters that they should.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Duration;

use gradus_core::DType;
use gradus_nn::{Ctx, Param, Tensor};
use gradus_optim::{Plateau, Sgd};
use gradus_train::{
    Callback, EarlyStopping, EpochRecord, Fit, FitConfig, Goal, Keep, Result, Score, StepRecord,
    Stop,
};

use crate::task::{data, fit, same, silent};

/// A model of one number that rises by 1 with every update; its validation loss is |w − 3|.
fn climb(config: FitConfig) -> Fit<'static, Vec<Param>, f64> {
    let model = vec![Param::new(Tensor::zeros((), DType::F64).unwrap())];
    let loss = |model: &Vec<Param>, _: &f64, ctx: &mut Ctx| {
        let w = model[0].var();
        let height = w.item()?;
        let loss = if ctx.is_train() { w.neg()? } else { w.sub_scalar(3.0)?.abs()? };
        Ok(Score::new(loss, 1).with("height", height))
    };
    let optimizer = Sgd { lr: 1.0, ..Sgd::default() }.init().unwrap();
    Fit::new(model, loss, optimizer, config).unwrap()
}

fn height(fit: &Fit<'_, Vec<Param>, f64>) -> f64 {
    fit.model()[0].value().item().unwrap()
}

fn patience(patience: u64) -> Option<EarlyStopping> {
    Some(EarlyStopping { patience, ..EarlyStopping::default() })
}

#[test]
fn early_stopping_stops_and_keeps_the_best() {
    let config = |keep| FitConfig { early_stopping: patience(4), keep, ..silent(100) };
    for (keep, expected) in [(Keep::Best, 3.0), (Keep::Last, 7.0)] {
        let mut fit = climb(config(keep));
        assert_eq!(fit.run_validated(&[0.0], &[0.0]).unwrap(), Stop::EarlyStopping);
        assert_eq!(fit.history().best().unwrap().epoch, 3);
        assert_eq!((fit.history().epochs.len(), height(&fit)), (7, expected));
        // A run that is over stays so.
        assert_eq!(fit.run_validated(&[0.0], &[0.0]).unwrap(), Stop::EarlyStopping);
        assert_eq!(height(&fit), expected);
    }
}

#[test]
fn training_goes_on_from_the_last_parameters_not_the_best() {
    let mut fit = climb(FitConfig { keep: Keep::Best, ..silent(5) });
    assert_eq!(fit.run_validated(&[0.0], &[0.0]).unwrap(), Stop::Epochs);
    assert_eq!(height(&fit), 3.0);
    fit.extend(1);
    fit.run_validated(&[0.0], &[0.0]).unwrap();
    assert_eq!(fit.history().last().unwrap().valid["height"], 6.0);
    assert_eq!(height(&fit), 3.0);
}

#[test]
fn a_metric_can_be_watched_upwards() {
    let stopping = EarlyStopping {
        monitor: "height".to_owned(),
        goal: Goal::Max,
        patience: 2,
        min_delta: 1.5,
    };
    let mut fit = climb(FitConfig { early_stopping: Some(stopping), ..silent(20) });
    // It rises by 1 an epoch, which is not enough at once but over two epochs.
    assert_eq!(fit.run_validated(&[0.0], &[0.0]).unwrap(), Stop::Epochs);
    assert_eq!(fit.history().best().unwrap().epoch, 19);
}

#[test]
fn a_plateau_lowers_the_rate_after_epochs_and_survives_a_resume() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let new = |epochs| {
        let plateau = Plateau { patience: 1, factor: 0.5, ..Plateau::default() };
        let optimizer =
            Sgd { lr: 0.01, ..Sgd::default() }.init().unwrap().plateau(plateau).unwrap();
        // The loss is the same whatever the model does, so no epoch is progress but the first.
        let loss = |model: &Vec<Param>, _: &f64, _: &mut Ctx| {
            let w = model[0].var();
            Ok(w.sub(&w)?)
        };
        let model = vec![Param::new(Tensor::zeros((), DType::F64).unwrap())];
        Fit::new(model, loss, optimizer, silent(epochs)).unwrap()
    };
    let rates = |fit: &Fit<'_, Vec<Param>, f64>| {
        fit.history().epochs.iter().map(|epoch| epoch.learning_rate).collect::<Vec<_>>()
    };
    let mut whole = new(7);
    whole.run_validated(&[0.0], &[0.0]).unwrap();
    assert_eq!(rates(&whole), [0.01, 0.01, 0.01, 0.005, 0.005, 0.0025, 0.0025]);
    let mut first = new(4);
    first.run_validated(&[0.0], &[0.0]).unwrap();
    first.save(&path).unwrap();
    let mut second = new(7);
    second.resume(&path).unwrap();
    second.run_validated(&[0.0], &[0.0]).unwrap();
    assert_eq!(rates(&second), rates(&whole));
}

#[test]
fn time_that_is_up_ends_a_run_in_an_epoch_and_it_goes_on_there() {
    let config = |limit| FitConfig { time_limit: limit, ..silent(2) };
    let data = data(50, 1);
    let mut cut = fit(1, config(Some(Duration::from_nanos(1))));
    for step in 1..=3 {
        assert_eq!(cut.run(&data).unwrap(), Stop::TimeLimit);
        assert_eq!((cut.steps(), cut.history().epochs.len()), (step, 0));
    }
    while cut.run(&data).unwrap() == Stop::TimeLimit {}
    let mut whole = fit(1, config(None));
    whole.run(&data).unwrap();
    assert!(same(cut.model(), whole.model()));
    assert_eq!(cut.history().last().unwrap().train, whole.history().last().unwrap().train);
}

/// Writes down what it is told, and stops after some epochs.
#[derive(Default, Clone)]
struct Witness {
    seen: Rc<RefCell<Vec<String>>>,
    stop_at: u64,
}

impl Callback for Witness {
    fn on_step(&mut self, step: &StepRecord) -> Result<()> {
        let StepRecord { step, epoch, batch, n_batches, .. } = step;
        self.seen.borrow_mut().push(format!("{step}: {epoch}, {batch}/{n_batches}"));
        Ok(())
    }

    fn on_epoch(&mut self, epoch: &EpochRecord) -> Result<ControlFlow<()>> {
        self.seen.borrow_mut().push(format!("epoch {}", epoch.epoch));
        let stop = epoch.epoch == self.stop_at;
        Ok(if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    fn on_end(&mut self) {
        self.seen.borrow_mut().push("end".to_owned());
    }
}

#[test]
fn callbacks_see_everything_in_order_and_can_stop() {
    let witness = Witness { stop_at: 2, ..Witness::default() };
    let mut fit = climb(silent(5));
    fit.add_callback(witness.clone());
    assert_eq!(fit.run(&[0.0, 0.0]).unwrap(), Stop::Callback);
    let seen = witness.seen.borrow();
    let expected =
        ["1: 1, 1/2", "2: 1, 2/2", "epoch 1", "3: 2, 1/2", "4: 2, 2/2", "epoch 2", "end"];
    assert_eq!(*seen, expected);
}
