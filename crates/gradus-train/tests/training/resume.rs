//! A run that is saved and resumed goes on with the same bits.

use std::time::Duration;

use gradus_core::Key;
use gradus_nn::loss::{CrossEntropy, cross_entropy};
use gradus_nn::{Ctx, Layer};
use gradus_optim::Sgd;
use gradus_train::{
    Average, Averaging, Checkpointing, ConfusionMatrix, EarlyStopping, Error, Fit, FitConfig,
    History, Keep, Metric, Ranking, Score, Stop,
};

use crate::task::{Batch, Net, data, fit, loss, optimizer, same, silent};

/// The history without what the clock says.
fn timeless(history: &History) -> History {
    let mut history = history.clone();
    history.epochs.iter_mut().for_each(|epoch| epoch.seconds = 0.0);
    history
}

/// A limit that ends a run after one step.
const ONE_STEP: Option<Duration> = Some(Duration::from_nanos(1));

#[test]
fn interrupted_anywhere_it_ends_with_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let (train, valid) = (data(50, 1), data(30, 2)); // 7 batches, the last of 2
    let config = || FitConfig {
        keep: Keep::Best,
        averaging: Some(Averaging::Exponential { decay: 0.8 }),
        ..silent(4)
    };
    // Metrics that are gathered over the epoch in which the run is cut.
    let measured = |model: &Net, batch: &Batch, ctx: &mut Ctx| {
        let logits = model.forward(&(&batch[0]).into(), ctx)?;
        let loss = cross_entropy(&logits, &batch[1], CrossEntropy::default())?;
        let score = Score::new(loss, batch[1].len());
        let scores = logits.value().select(-1, 1)?;
        let matrix = ConfusionMatrix::of(logits.value(), &batch[1])?;
        let score = score.gather("f1", Metric::F1(matrix, Average::Macro));
        Ok(score.gather("auc", Metric::Auc(Ranking::of(&scores, &batch[1])?)))
    };
    let fit = |seed, config| Fit::new(Net::new(seed), measured, optimizer(), config).unwrap();
    let mut whole = fit(1, config());
    whole.run_validated(&train, &valid).unwrap();
    for k in [1, 7, 10, 13, 14, 27] {
        let mut first = fit(1, FitConfig { time_limit: ONE_STEP, ..config() });
        for _ in 0..k {
            assert_eq!(first.run_validated(&train, &valid).unwrap(), Stop::TimeLimit);
        }
        assert_eq!(first.steps(), k);
        first.save(&path).unwrap();
        // Another initial model: everything must come from the file.
        let mut second = fit(99, config());
        second.resume(&path).unwrap();
        assert_eq!(second.steps(), k);
        second.run_validated(&train, &valid).unwrap();
        assert_eq!(timeless(second.history()), timeless(whole.history()), "after {k} steps");
        assert!(same(second.model(), whole.model()));
        let reports = [&second, &whole].map(|fit| fit.report().unwrap().to_html());
        let confusion = |html: &str| html.split("Confusion").nth(1).map(str::len);
        assert!(confusion(&reports[0]).is_some_and(|len| len > 100));
        let states = [&second, &whole].map(|fit| fit.optimizer().state_dict());
        assert!(states[0].iter().all(|(name, value)| value.equal(&states[1][name])));
    }
}

#[test]
fn a_resume_brings_early_stopping_and_best_parameters_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let (train, valid) = (data(40, 1), data(16, 2));
    let stopping = Some(EarlyStopping { patience: 2, ..EarlyStopping::default() });
    let config =
        |epochs| FitConfig { early_stopping: stopping.clone(), keep: Keep::Best, ..silent(epochs) };
    let mut whole = fit(1, config(200));
    assert_eq!(whole.run_validated(&train, &valid).unwrap(), Stop::EarlyStopping);
    let n_epochs = whole.history().epochs.len() as u64;
    let mut first = fit(1, config(n_epochs - 1));
    first.run_validated(&train, &valid).unwrap();
    first.save(&path).unwrap();
    let mut second = fit(99, config(200));
    second.resume(&path).unwrap();
    assert_eq!(second.run_validated(&train, &valid).unwrap(), Stop::EarlyStopping);
    assert_eq!(second.history().epochs.len() as u64, n_epochs);
    assert!(same(second.model(), whole.model()));
}

#[test]
fn a_checkpoint_is_written_while_the_run_goes_and_at_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let checkpoint = Some(Checkpointing { every: 5, ..Checkpointing::new(&path) });
    let train = data(48, 1); // 6 batches
    let mut first = fit(1, FitConfig { checkpoint: checkpoint.clone(), ..silent(2) });
    first.run(&train).unwrap();
    let mut end = fit(99, silent(2));
    end.resume(&path).unwrap();
    assert_eq!(end.steps(), 12);
    assert!(same(end.model(), first.model()));

    // A callback that fails in step 8 leaves the checkpoint of step 5.
    struct Fails;
    impl gradus_train::Callback for Fails {
        fn on_step(&mut self, step: &gradus_train::StepRecord) -> gradus_train::Result<()> {
            if step.step < 8 { Ok(()) } else { Err(Error::Custom("the lights went out".into())) }
        }
    }
    let mut crashed = fit(1, FitConfig { checkpoint, ..silent(2) });
    crashed.add_callback(Fails);
    crashed.run(&train).unwrap_err();
    end.resume(&path).unwrap();
    assert_eq!(end.steps(), 5);
    end.run(&train).unwrap();
    assert!(same(end.model(), first.model()));
}

#[test]
fn numbers_that_are_not_finite_survive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let odd = |model: &Net, batch: &Batch, ctx: &mut Ctx| {
        Ok(loss(model, batch, ctx)?.with("nan", f64::NAN).with("inf", f64::INFINITY))
    };
    let new = || Fit::new(Net::new(1), odd, optimizer(), silent(1)).unwrap();
    let mut first = new();
    first.run(&data(16, 1)).unwrap();
    first.save(&path).unwrap();
    let mut second = new();
    second.resume(&path).unwrap();
    let means = &second.history().last().unwrap().train;
    assert!(means["nan"].is_nan() && means["inf"] == f64::INFINITY);
    assert_eq!(means["loss"], first.history().last().unwrap().train["loss"]);
}

#[test]
fn another_kind_of_run_is_refused_and_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let mut saved = fit(1, FitConfig { time_limit: ONE_STEP, ..silent(1) });
    saved.run(&data(50, 1)).unwrap();
    saved.save(&path).unwrap();

    let mut key = fit(2, FitConfig { key: Key::new(8), ..silent(1) });
    let message = key.resume(&path).unwrap_err().to_string();
    assert!(message.contains("seed: 7") && message.contains("seed: 8"), "{message}");
    assert!(same(key.model(), &Net::new(2)));

    let sgd = Sgd::default().init().unwrap();
    let mut optimizer = Fit::new(Net::new(2), loss, sgd, silent(1)).unwrap();
    let message = optimizer.resume(&path).unwrap_err().to_string();
    assert!(
        message.contains("optimizer state: saved by [scale_by_adam, add_decayed_weights]"),
        "{message}"
    );
    assert!(same(optimizer.model(), &Net::new(2)));

    let mut model = Fit::new(
        gradus_nn::Linear::new(2, 2, &mut gradus_core::Keys::new(1)).unwrap(),
        |_: &gradus_nn::Linear, _: &u8, _: &mut Ctx| {
            Err::<gradus_nn::Var, _>("never called".into())
        },
        crate::task::optimizer(),
        silent(1),
    )
    .unwrap();
    assert!(matches!(model.resume(&path).unwrap_err(), Error::Checkpoint { .. }));

    // The rest of an epoch over other data is not the rest of that epoch.
    let mut other = fit(1, silent(1));
    other.resume(&path).unwrap();
    let message = other.run(&data(80, 1)).unwrap_err().to_string();
    assert_eq!(message, "the epoch began with 7 batches, but the data now hold 10");
}

/// `tests/golden/run-v1.safetensors` was saved by version 0.1.0 as in this file: three steps over
/// `data(50, 1)` from `fit(1)`.
#[test]
fn a_run_that_an_earlier_version_saved_goes_on() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/run-v1.safetensors");
    let mut run = fit(99, silent(1));
    run.resume(path).unwrap();
    assert_eq!((run.steps(), run.history().steps.len()), (3, 3));
    assert_eq!(run.run(&data(50, 1)).unwrap(), Stop::Epochs);
    assert_eq!(run.steps(), 7);
}
