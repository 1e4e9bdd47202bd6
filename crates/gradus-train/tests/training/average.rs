//! Averages of the parameters.

use gradus_core::DType;
use gradus_nn::{BatchNormConfig, Ctx, Module, Param, Tensor};
use gradus_optim::Sgd;
use gradus_train::{Averaging, Fit, FitConfig, Keep, Score};

use crate::task::silent;

/// A number that rises by 1 with every update; validation reports it.
fn climb(dtype: DType, config: FitConfig) -> Fit<'static, Vec<Param>, f64> {
    let model = vec![Param::new(Tensor::zeros((), dtype).unwrap())];
    let loss = |model: &Vec<Param>, _: &f64, _: &mut Ctx| {
        let w = model[0].var();
        let height = w.item()?;
        Ok(Score::new(w.neg()?, 1).with("height", height))
    };
    let optimizer = Sgd { lr: 1.0, ..Sgd::default() }.init().unwrap();
    Fit::new(model, loss, optimizer, config).unwrap()
}

fn moving(decay: f64) -> Option<Averaging> {
    Some(Averaging::Exponential { decay })
}

/// The moving average after the values 1, 2, … n: the first counts as a whole.
fn expected(n: u64, decay: f64) -> f64 {
    (2..=n).fold(1.0, |average, value| decay * average + (1.0 - decay) * value as f64)
}

#[test]
fn validation_and_the_end_have_the_average_and_training_has_not() {
    let config = |epochs| FitConfig { averaging: moving(0.5), ..silent(epochs) };
    let mut fit = climb(DType::F64, config(4));
    fit.run_validated(&[0.0, 0.0, 0.0], &[0.0]).unwrap();
    for (epoch, n) in fit.history().epochs.iter().zip([3, 6, 9, 12]) {
        assert!((epoch.valid["height"] - expected(n, 0.5)).abs() < 1e-12);
        // Losses of training are those of the parameters themselves: n − 3, n − 2, n − 1.
        assert_eq!(epoch.train["height"], n as f64 - 2.0);
    }
    let height = |fit: &Fit<'_, Vec<Param>, f64>| fit.model()[0].value().item().unwrap();
    assert!((height(&fit) - expected(12, 0.5)).abs() < 1e-12);
    fit.extend(1);
    fit.run_validated(&[0.0, 0.0, 0.0], &[0.0]).unwrap();
    assert_eq!(fit.history().last().unwrap().train["height"], 13.0);
    assert!((height(&fit) - expected(15, 0.5)).abs() < 1e-12);
}

#[test]
fn the_best_epoch_keeps_its_average() {
    let config = FitConfig { averaging: moving(0.999), keep: Keep::Best, ..silent(4) };
    let mut fit = climb(DType::F64, config);
    fit.run_validated(&[0.0], &[0.0]).unwrap();
    assert_eq!(fit.history().best().unwrap().epoch, 4); // the loss falls for ever
    let shown = fit.model()[0].value().item().unwrap();
    assert!((shown - expected(4, 0.999)).abs() < 1e-12);
}

#[test]
fn the_plain_mean_is_another_average() {
    let mut fit = climb(DType::F64, FitConfig { averaging: Some(Averaging::Mean), ..silent(5) });
    fit.run_validated(&[0.0], &[0.0]).unwrap();
    let heights = fit.history().epochs.iter().map(|epoch| epoch.valid["height"]);
    assert_eq!(heights.collect::<Vec<_>>(), [1.0, 1.5, 2.0, 2.5, 3.0]);
}

#[test]
fn small_steps_are_not_lost_in_bf16() {
    // In bf16, 128.5 is 128: an average kept in it would stand still.
    let config = FitConfig { averaging: moving(0.99), ..silent(1) };
    let mut fit = climb(DType::BF16, config);
    fit.run_validated(&vec![0.0; 200], &[0.0]).unwrap();
    let shown = fit.model()[0].value();
    assert_eq!(shown.dtype(), DType::BF16);
    let expected = expected(200, 0.99);
    assert!((shown.item().unwrap() - expected).abs() < 0.5, "{shown:?} {expected}");
}

#[test]
fn buffers_are_copied() {
    let norm = BatchNormConfig::new(1).init().unwrap();
    let loss = |norm: &gradus_nn::BatchNorm, x: &Tensor, ctx: &mut Ctx| {
        let y = gradus_nn::Layer::forward(norm, &x.into(), ctx)?;
        Ok(Score::new(y.square()?.mean(..)?, 2))
    };
    let optimizer = || Sgd { lr: 0.1, ..Sgd::default() }.init().unwrap();
    let x = Tensor::new([[1.0], [3.0]]);
    let run = |averaging| {
        let config = FitConfig { averaging, ..silent(3) };
        let mut fit = Fit::new(norm.clone(), loss, optimizer(), config).unwrap();
        fit.run(std::slice::from_ref(&x)).unwrap();
        fit.into_model()
    };
    let (averaged, last) = (run(moving(0.9)), run(None));
    for ((path, a), (_, b)) in averaged.named_buffers().iter().zip(last.named_buffers()) {
        assert!(a.value().equal(&b.value()), "{path}");
    }
    assert!(!averaged.parameters()[0].value().equal(last.parameters()[0].value()));
}

#[test]
fn a_decay_of_one_would_never_move_and_is_refused() {
    for decay in [1.0, -0.1, f64::NAN] {
        let config = FitConfig { averaging: moving(decay), ..silent(1) };
        let model = vec![Param::new(Tensor::scalar(0f32))];
        let loss = |model: &Vec<Param>, _: &u8, _: &mut Ctx| Ok(model[0].var());
        let error = Fit::new(model, loss, Sgd::default().init().unwrap(), config).unwrap_err();
        assert!(error.to_string().starts_with("averaging.decay: expected"), "{error}");
    }
}
