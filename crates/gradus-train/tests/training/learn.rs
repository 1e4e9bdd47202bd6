//! Runs reach what they should.

use std::cell::RefCell;

use gradus_autograd::is_grad_enabled;
use gradus_core::{Key, Keys, Kind};
use gradus_nn::loss::{Reduction, mse};
use gradus_nn::{Activation, Ctx, Layer, Linear, Sequential, Tensor};
use gradus_optim::{Adam, Sgd};
use gradus_train::{Fit, Stop};

use crate::task::{Batch, Net, data, fit, loss, optimizer, same, silent};

#[test]
fn a_line_is_found() {
    let x = Tensor::new([[-1.0], [0.0], [1.0], [2.0]]);
    let y = Tensor::new([[-1.0], [1.0], [3.0], [5.0]]); // 2x + 1
    let model = Linear::new(1, 1, &mut Keys::new(7)).unwrap();
    // No score, no annotation beyond the batch: what a first program looks like.
    let loss = |model: &Linear, [x, y]: &[Tensor; 2], ctx: &mut Ctx| {
        Ok(mse(&model.forward(&x.into(), ctx)?, &y.into(), Reduction::Mean)?)
    };
    let optimizer = Sgd { lr: 0.1, ..Sgd::default() }.init().unwrap();
    let mut fit = Fit::new(model, loss, optimizer, silent(300)).unwrap();
    assert_eq!(fit.run(&[[x, y]]).unwrap(), Stop::Epochs);
    assert!(fit.history().last().unwrap().train["loss"] < 1e-10);
    let model = fit.into_model();
    assert!((model.weight.value().item().unwrap() - 2.0).abs() < 1e-4);
}

#[test]
fn exclusive_or_is_learned() {
    let x = Tensor::new([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
    let y = Tensor::new([[0.0], [1.0], [1.0], [0.0]]);
    let mut keys = Keys::new(7);
    let model = Sequential::new()
        .with(Linear::new(2, 8, &mut keys).unwrap())
        .with(Activation::Tanh)
        .with(Linear::new(8, 1, &mut keys).unwrap());
    let loss = |model: &Sequential, [x, y]: &[Tensor; 2], ctx: &mut Ctx| {
        Ok(mse(&model.forward(&x.into(), ctx)?, &y.into(), Reduction::Mean)?)
    };
    let optimizer = Adam { lr: 0.03, ..Adam::default() }.init().unwrap();
    let mut fit = Fit::new(model, loss, optimizer, silent(500)).unwrap();
    fit.run(&vec![[x, y]]).unwrap();
    assert!(fit.history().last().unwrap().train["loss"] < 1e-4);
}

#[test]
fn what_was_learned_holds_on_other_data() {
    let mut fit = fit(1, silent(20));
    fit.run_validated(&data(100, 1), &data(100, 2)).unwrap();
    let last = fit.history().last().unwrap();
    assert!(last.valid["accuracy"] > 0.85, "{last:?}");
    assert_eq!(last.valid, fit.evaluate(&data(100, 2)).unwrap());
    assert_eq!((last.epoch, last.step, fit.steps()), (20, 260, 260));
    assert!(last.learning_rate < 0.02 && last.grad_norm > 0.0);
}

#[test]
fn the_same_seeds_give_the_same_bits_and_others_do_not() {
    let run = |seed| {
        let mut fit = fit(seed, silent(2));
        fit.run(&data(50, 1)).unwrap();
        fit.into_model()
    };
    assert!(same(&run(1), &run(1)));
    assert!(!same(&run(1), &run(2)));
}

#[test]
fn every_step_has_its_own_key_and_evaluation_has_none() {
    let seen = RefCell::new(Vec::new());
    let watching = |model: &Net, batch: &Batch, ctx: &mut Ctx| {
        assert_eq!(ctx.is_train(), is_grad_enabled());
        seen.borrow_mut().push(ctx.clone().next_key().ok());
        loss(model, batch, ctx)
    };
    let mut fit = Fit::new(Net::new(1), watching, optimizer(), silent(2)).unwrap();
    fit.run_validated(&data(16, 1), &data(8, 2)).unwrap();
    let key = |step| Some(Key::new(7).kind(Kind::Dropout).fold_in(step).fold_in(0));
    assert_eq!(*seen.borrow(), [key(0), key(1), None, key(2), key(3), None]);
}

#[test]
fn evaluation_changes_nothing() {
    let mut fit = fit(1, silent(1));
    fit.run(&data(20, 1)).unwrap();
    let once = fit.evaluate(&data(20, 2)).unwrap();
    assert_eq!(once, fit.evaluate(&data(20, 2)).unwrap());
    let mut again = crate::task::fit(1, silent(1));
    again.run(&data(20, 1)).unwrap();
    assert!(same(fit.model(), again.model()));
}

#[test]
fn a_short_last_batch_counts_less() {
    // 9 points in batches of 8 and 1: the mean over batches would be another number.
    let mut fit = fit(1, silent(1));
    fit.run(&data(9, 1)).unwrap_err(); // batch statistics of one point
    let means = fit.evaluate(&data(9, 1)).unwrap();
    let ninths = means["accuracy"] * 9.0;
    assert!((ninths - ninths.round()).abs() < 1e-9, "{means:?}");
}
