//! Step 2: a class. A small convolutional network reads the digits.

use anyhow::{Context, Result};
use gradus::data::{Loader, LoaderConfig, Shuffle, TensorDataset, stratified_split};
use gradus::models::{LeNet, LeNetConfig};
use gradus::nn::loss::{CrossEntropy, cross_entropy};
use gradus::optim::{AdamW, Schedule};
use gradus::prelude::*;
use gradus::train::{BoxError, ConfusionMatrix, Fit, FitConfig, Score, accuracy};
use gradus_examples::Digits;

use crate::Tour;

/// The classifier, and the digits it learned from and was tested on.
pub(crate) struct Judge {
    pub(crate) net: LeNet,
    pub(crate) train: Digits,
    pub(crate) test: Digits,
}

impl Judge {
    /// Logits `[N, 10]` and features `[N, F]` of images `[N, 1, H, W]`.
    pub(crate) fn read(&self, images: &Tensor) -> Result<(Tensor, Tensor)> {
        no_grad(|| {
            let x = Var::from(images);
            let features = self.net.features(&x, &mut Ctx::eval())?;
            let logits = self.net.forward(&x, &mut Ctx::eval())?;
            Ok((logits.value().clone(), features.value().clone()))
        })
    }
}

pub(crate) fn run(tour: &mut Tour, digits: &Digits) -> Result<Judge> {
    tour.begin("2. A class: reading handwritten digits");
    let labels = digits.labels.to_vec::<i64>()?;
    let [train, test] = stratified_split(&labels, [0.8, 0.2], tour.key)?;
    let (train, test) = (digits.select(&train)?, digits.select(&test)?);
    println!("{}: {} to learn from, {} held out", digits.source, train.len(), test.len());

    let batches = |d: &Digits, shuffle, batch_size| -> Result<_> {
        let data = TensorDataset::new([d.images()?, d.labels.clone()])?;
        Ok(Loader::new(data, LoaderConfig { shuffle, ..LoaderConfig::new(batch_size) })?)
    };
    let train_batches = batches(&train, Shuffle::Keyed(tour.key), 32)?;
    let test_batches = batches(&test, Shuffle::No, 256)?;

    let net =
        LeNetConfig { channels: [32, 64], dropout: 0.5, ..LeNetConfig::new(digits.side(), 10) }
            .init(&mut Keys::from(tour.key))?;
    let epochs = if train.len() > 5_000 { 6 } else { 40 };
    let schedule = Schedule::cosine(epochs * train_batches.len() as u64);
    let optimizer = AdamW { lr: 2e-3, weight_decay: 0.05, schedule, ..AdamW::default() }.init()?;
    let config = FitConfig { epochs, key: tour.key, ..FitConfig::default() };
    let mut fit = Fit::new(net, loss, optimizer, config)?;
    fit.run_validated(&train_batches, &test_batches)?;
    let net = fit.into_model();

    let judge = Judge { net, train, test };
    report(tour, &judge)?;
    Ok(judge)
}

/// Cross-entropy, and the share of digits that are read right.
fn loss(net: &LeNet, [images, labels]: &[Tensor; 2], ctx: &mut Ctx) -> Result<Score, BoxError> {
    let logits = net.forward(&Var::from(images), ctx)?;
    let right = accuracy(logits.value(), labels)?;
    let loss = cross_entropy(
        &logits,
        labels,
        CrossEntropy { label_smoothing: 0.1, ..CrossEntropy::default() },
    )?;
    Ok(Score::new(loss, labels.len()).with("accuracy", right))
}

fn report(tour: &mut Tour, judge: &Judge) -> Result<()> {
    let (logits, _) = judge.read(&judge.test.images()?)?;
    let mut matrix = ConfusionMatrix::new(10);
    let labels = judge.test.labels.to_vec::<i64>()?;
    matrix.add(&labels, &logits.argmax(-1)?.to_vec::<i64>()?)?;

    let first = logits.select(0, 0)?.to_dtype(DType::F64)?.softmax(-1)?.to_vec::<f64>()?;
    let label = labels.first().context("no digit is held out")?;
    let list: Vec<String> = first.iter().map(|p| format!("{p:.4}")).collect();
    let sum: f64 = first.iter().sum();
    let probabilities =
        format!("the first held-out digit, a {label}: [{}], sum {sum:.12}", list.join(", "));

    println!("{}{probabilities}", matrix.table());
    tour.page
        .paragraph(&format!(
            "{}: {} digits to learn from, {} held out, the classes in equal shares. A LeNet of two \
             convolutions, trained with AdamW on the cross-entropy. Rows are true classes, columns \
             what the network read.",
            judge.test.source,
            judge.train.len(),
            judge.test.len()
        ))
        .table(&matrix.table())
        .paragraph(&format!("Ten probabilities for {probabilities}."));
    tour.found("digits: held-out accuracy", format!("{:.2} %", 100.0 * matrix.accuracy()));
    tour.found("digits: ten probabilities sum to", format!("{sum:.12}"));
    Ok(())
}
