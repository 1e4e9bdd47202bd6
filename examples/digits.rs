//! Handwritten digits, read by three networks: fully connected, convolutional, and convolutional with
//! pictures that are moved at random. A report shows every mistake of the last one.
//!
//! `cargo run --release --example digits -- --data FOLDER_OF_MNIST`
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "an example speaks to the person at the terminal")]

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Parser;
use gradus::data::{
    Augmented, Loader, LoaderConfig, RandomAffine, Shuffle, Stacked, TensorDataset, augment_rows,
};
use gradus::models::LeNetConfig;
use gradus::nn::loss::{CrossEntropy, cross_entropy};
use gradus::nn::{Activation, Dropout, Flatten, Linear, Sequential};
use gradus::optim::{AdamW, Schedule};
use gradus::prelude::*;
use gradus::train::report::{Picture, Table};
use gradus::train::{
    Batches, BoxError, ConfusionMatrix, Fit, FitConfig, Metric, Score, hash_tensors,
};
use gradus_examples::{Digits, print_json};

#[derive(Parser)]
#[command(about = "Handwritten digits, read by three networks")]
struct Args {
    /// A folder with a pair of IDX files, as MNIST's; without it, 1,797 digits of 8×8 pixels.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Epochs of each network; the small digits take thrice as many.
    #[arg(long, default_value_t = 15)]
    epochs: u64,
    /// Seed of the initial values, the order of the digits and their movements.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Where the report goes.
    #[arg(long, default_value = "target/digits.html")]
    out: PathBuf,
    /// Print the figures as one JSON object at the end.
    #[arg(long)]
    json: bool,
}

type Batch = [Tensor; 2];

fn main() -> Result<()> {
    let args = Args::parse();
    let (digits, epochs) = match &args.data {
        Some(folder) => (Digits::idx(folder)?, args.epochs),
        None => (Digits::small()?, 3 * args.epochs),
    };
    let key = Key::new(args.seed);
    // The end of the file is held out: of MNIST's, the harder end.
    let n_train = digits.len() - (digits.len() / 5).min(1_000);
    let train = digits.select(&(0..n_train).collect::<Vec<_>>())?;
    let test = digits.select(&(n_train..digits.len()).collect::<Vec<_>>())?;
    println!("{}: {} to learn from, {} held out", digits.source, train.len(), test.len());

    let rows = |d: &Digits| Ok::<_, anyhow::Error>([d.images()?, d.labels.clone()]);
    let data = TensorDataset::new(rows(&train)?)?;
    let shuffle = Shuffle::Keyed(key);
    let config = LoaderConfig { shuffle, workers: 1, ..LoaderConfig::new(64) };
    let plain = Loader::new(data.clone(), config.clone())?;
    let held_out = Loader::new(TensorDataset::new(rows(&test)?)?, LoaderConfig::new(250))?;
    let movement = RandomAffine { degrees: 10.0, translate: 0.06, scale: (0.9, 1.1), shear: 5.0 };
    let moved = move |[images, labels]: Batch, keys: &[Key]| {
        Ok([augment_rows(&images, keys, &[&movement])?, labels])
    };
    let moved = Loader::with_collate(data, config, Augmented::new(Stacked, key, moved))?;

    let [height, width] = digits.side();
    let keys = &mut Keys::from(key);
    let mlp = Sequential::new()
        .with(Flatten)
        .with(Linear::new(height * width, 256, keys)?)
        .with(Activation::Relu)
        .with(Dropout::new(0.3)?)
        .with(Linear::new(256, 10, keys)?);
    let cnn = LeNetConfig {
        channels: [32, 64],
        hidden: 128,
        dropout: 0.3,
        ..LeNetConfig::new(digits.side(), 10)
    };
    let mlp = learn("MLP", mlp, &plain, &held_out, epochs, key)?;
    let plain_cnn = learn("CNN", cnn.init(keys)?, &plain, &held_out, epochs, key)?;
    let mut best = learn("CNN, augmented", cnn.init(keys)?, &moved, &held_out, epochs, key)?;

    let read = [
        ("MLP", mlp.model().num_parameters(), mlp.evaluate(&held_out)?["accuracy"]),
        ("CNN", plain_cnn.model().num_parameters(), plain_cnn.evaluate(&held_out)?["accuracy"]),
        ("CNN, augmented", best.model().num_parameters(), best.evaluate(&held_out)?["accuracy"]),
    ];
    best.note("pictures are moved by", format!("{movement:?}"));
    report(&mut best, &digits, &test, &read, &args.out)?;
    if args.json {
        let names = ["accuracy_mlp", "accuracy_cnn", "accuracy_cnn_augmented"];
        let figures: Vec<_> = names.into_iter().zip(read.map(|(.., right)| right)).collect();
        print_json(&figures)?;
    }
    Ok(())
}

/// Trains a network; the digits held out are looked at after every epoch, and decide nothing.
fn learn<M: Layer + 'static>(
    name: &str,
    net: M,
    train: &impl Batches<Batch = Batch>,
    held_out: &impl Batches<Batch = Batch>,
    epochs: u64,
    key: Key,
) -> Result<Fit<'static, M, Batch>> {
    println!("{name}");
    let schedule = Schedule::cosine(epochs * train.len() as u64);
    let optimizer = AdamW { lr: 2e-3, weight_decay: 0.05, schedule, ..AdamW::default() }.init()?;
    let config = FitConfig { epochs, key, ..FitConfig::default() };
    let mut fit = Fit::new(net, loss::<M>, optimizer, config)?;
    fit.run_validated(train, held_out)?;
    Ok(fit)
}

/// Cross-entropy against smoothed labels, and who was taken for whom.
fn loss<M: Layer>(net: &M, [images, labels]: &Batch, ctx: &mut Ctx) -> Result<Score, BoxError> {
    let logits = net.forward(&Var::from(images), ctx)?;
    let right = Metric::Accuracy(ConfusionMatrix::of(logits.value(), labels)?);
    let smooth = CrossEntropy { label_smoothing: 0.1, ..CrossEntropy::default() };
    let loss = cross_entropy(&logits, labels, smooth)?;
    Ok(Score::new(loss, labels.len()).gather("accuracy", right))
}

/// Prints how well each network reads, and writes the last one's report with its mistakes.
fn report<M: Layer>(
    best: &mut Fit<'_, M, Batch>,
    digits: &Digits,
    test: &Digits,
    read: &[(&str, usize, f64)],
    path: &Path,
) -> Result<()> {
    let mut table = Table::new(["network", "parameters", "held-out accuracy"]);
    for (name, size, right) in read {
        table.row([(*name).to_owned(), size.to_string(), format!("{:.2} %", 100.0 * right)]);
    }
    println!("\n{table}");
    best.note("data", format!("{}, the last {} held out", digits.source, test.len()));
    best.note("data hash", hash_tensors([&digits.pixels, &digits.labels])?);
    let mistakes = mistakes(best.model(), test)?;
    let mut page = best.report()?;
    page.heading("Networks").table(&table);
    page.heading("Mistakes")
        .paragraph("Every held-out digit that is read wrong, the surest first.");
    for picture in &mistakes {
        page.picture(picture, 112);
    }
    path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    page.save(path)?;
    println!("report with {} mistakes: {}", mistakes.len(), path.display());
    Ok(())
}

/// Every digit that is read wrong, the surest first.
fn mistakes(net: &impl Layer, test: &Digits) -> Result<Vec<Picture>> {
    let images = test.images()?;
    let logits = no_grad(|| net.forward(&Var::from(&images), &mut Ctx::eval()))?;
    let sure = logits.value().softmax(-1)?.max(-1)?.to_vec::<f32>()?;
    let read = logits.value().argmax(-1)?.to_vec::<i64>()?;
    let labels = test.labels.to_vec::<i64>()?;
    let mut wrong: Vec<usize> = (0..labels.len()).filter(|&i| read[i] != labels[i]).collect();
    wrong.sort_by(|&a, &b| sure[b].total_cmp(&sure[a]));
    let picture = |i: usize| {
        let caption = format!("{} read as {}, {:.0} %", labels[i], read[i], 100.0 * sure[i]);
        Ok(Picture::new(caption, &images.select(0, i)?)?)
    };
    wrong.into_iter().map(picture).collect()
}
