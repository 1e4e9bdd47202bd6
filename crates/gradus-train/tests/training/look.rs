//! Callbacks that see gradients, freeze parts and take pictures; events for TensorBoard.

use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::rc::Rc;

use gradus_autograd::{Grads, Module};
use gradus_nn::Tensor;
use gradus_train::report::Picture;
use gradus_train::{Callback, FitConfig, Freeze, Result, TensorBoard};

use crate::task::{Net, data, fit, same, silent};

#[derive(Default, Clone)]
struct Watcher {
    norms: Rc<RefCell<Vec<f64>>>,
}

impl Callback for Watcher {
    fn on_gradients(&mut self, step: u64, model: &dyn Module, grads: &Grads) -> Result<()> {
        assert_eq!(step, self.norms.borrow().len() as u64);
        let square = |param| -> Result<f64> {
            let grad = grads.get(param).expect("every parameter is used");
            Ok(grad.square()?.sum(..)?.item()?)
        };
        let squares = model.parameters().into_iter().map(square).collect::<Result<Vec<_>>>()?;
        self.norms.borrow_mut().push(squares.iter().sum::<f64>().sqrt());
        Ok(())
    }
}

#[test]
fn gradients_are_seen_before_they_are_used() {
    let watcher = Watcher::default();
    let mut run = fit(1, FitConfig { gradients_every: Some(2), ..silent(1) });
    run.add_callback(watcher.clone());
    run.run(&data(40, 1)).unwrap(); // 5 steps
    let seen = watcher.norms.borrow();
    for (norm, point) in seen.iter().zip(&run.history().steps) {
        assert!((norm - point.grad_norm).abs() < 1e-5 * norm);
    }
    let norms = &run.history().gradients;
    assert_eq!(norms.iter().map(|point| point.step).collect::<Vec<_>>(), [2, 4]);
    let names: Vec<&str> = norms[0].norms.keys().map(String::as_str).collect();
    assert!(names.contains(&"input.weight") && names.contains(&"output.bias"), "{names:?}");
    let whole = norms[0].norms.values().map(|n| n * n).sum::<f64>().sqrt();
    assert!((whole - seen[1]).abs() < 1e-5 * whole);
    let html = run.report().unwrap().to_html();
    assert!(html.contains("Gradient norms by parameter") && html.contains("norm.weight"));
}

#[test]
fn a_part_is_frozen_until_its_epoch() {
    let train = data(24, 1);
    let mut run = fit(1, silent(2));
    run.add_callback(Freeze::until(3, ["input"]));
    run.run(&train).unwrap();
    let input = |net: &Net| net.state_dict()["input.weight"].clone();
    let output = |net: &Net| net.state_dict()["output.weight"].clone();
    assert!(input(run.model()).equal(&input(&Net::new(1))));
    assert!(!output(run.model()).equal(&output(&Net::new(1))));
    run.extend(1);
    run.run(&train).unwrap();
    assert!(!input(run.model()).equal(&input(&Net::new(1))));

    let mut wrong = fit(1, silent(1));
    wrong.add_callback(Freeze::always(["inp"])); // a part of a name is no part of the model
    let error = wrong.run(&train).unwrap_err().to_string();
    assert!(error.contains("freeze") && error.ends_with("got inp"), "{error}");
}

#[test]
fn a_step_made_of_the_parts_is_the_usual_step() {
    let mut usual = fit(1, silent(2));
    usual.run(&data(40, 1)).unwrap();
    let mut own = fit(1, silent(2));
    own.set_step(|parts| {
        let again = parts.score()?;
        let score = parts.score()?; // the same dropout
        assert!(again.loss.value().equal(score.loss.value()));
        let info = parts.apply(&score.loss.backward()?)?;
        Ok((score, info))
    });
    own.run(&data(40, 1)).unwrap();
    assert_eq!(own.history().steps, usual.history().steps);
    // The batch statistics have seen each batch twice, the parameters have not.
    let parameters = |net: &Net| net.parameters().into_iter().map(|p| p.value().clone()).collect();
    let (a, b): (Vec<Tensor>, Vec<Tensor>) = (parameters(own.model()), parameters(usual.model()));
    assert!(a.iter().zip(&b).all(|(a, b)| a.equal(b)) && !same(own.model(), usual.model()));
}

/// The events of the only file of a folder, as (field number, bytes of the rest), after their
/// lengths are checked.
fn records(folder: &Path) -> Vec<Vec<u8>> {
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert!(files[0].display().to_string().contains("events.out.tfevents."));
    let bytes = fs::read(&files[0]).unwrap();
    let mut rest = &bytes[..];
    let mut records = Vec::new();
    while !rest.is_empty() {
        let len = u64::from_le_bytes(rest[..8].try_into().unwrap()) as usize;
        records.push(rest[12..12 + len].to_vec());
        rest = &rest[12 + len + 4..];
    }
    records
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn events_have_scalars_and_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("a/b");
    let tensorboard = Some(TensorBoard { every: 2, ..TensorBoard::new(&events) });
    let mut run = fit(1, FitConfig { tensorboard, gradients_every: Some(3), ..silent(1) });
    run.add_samples(|net: &Net| {
        let weight = net.state_dict()["input.weight"].clone();
        Ok(vec![Picture::new("weights", &weight)?])
    });
    run.run_validated(&data(40, 1), &data(16, 2)).unwrap(); // 5 steps
    let records = records(&events);
    // Version, restart, steps 2, 3 (gradients) and 4, picture, epoch.
    assert_eq!(records.len(), 7);
    assert!(holds(&records[0], b"brain.Event:2"));
    let loss = run.history().steps[1].loss as f32;
    let tag = [&b"step/loss\x15"[..], &loss.to_le_bytes()].concat();
    assert!(holds(&records[2], &tag) && holds(&records[2], b"step/accuracy"));
    assert!(holds(&records[3], b"gradient/input.weight") && !holds(&records[3], b"step/loss"));
    assert!(holds(&records[5], b"weights/0") && holds(&records[5], b"PNG"));
    let valid = run.history().last().unwrap().valid["accuracy"] as f32;
    let tag = [&b"valid/accuracy\x15"[..], &valid.to_le_bytes()].concat();
    assert!(holds(&records[6], &tag));
    let html = run.report().unwrap().to_html();
    assert!(html.contains("Samples") && html.contains("weights"));
}
