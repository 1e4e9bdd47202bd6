//! Which text messages are spam? A linear model that counts groups of characters, and a small
//! convolutional network that finds its own.
//!
//! `cargo run --release --example spam -- --data sms.tsv`
//!
//! A stratified fifth of the messages is held out and looked at once, in the end. Each model is four,
//! each trained without one fourth of the rest; those fourths tell where to cut between ham and spam.
//! The two kinds of model err in different places, so the last word is the mean of both.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "an example speaks to the person at the terminal")]

mod char_cnn;
mod odds;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use clap::Parser;
use gradus::data::{
    Analyzer, CharTokenizerConfig, ColumnKind, CountVectorizerConfig, CsvConfig, Header, Quoting,
    TfIdfConfig, UnknownCharacter, stratified_split,
};
use gradus::models::LogisticRegression;
use gradus::prelude::*;
use gradus::train::ConfusionMatrix;
use gradus::train::report::Table;
use gradus_examples::{data_file, print_json};

use crate::char_cnn::CharCnn;
use crate::odds::{Odds, Pace};

/// Characters of a message that the network reads.
const LENGTH: usize = 200;

#[derive(Parser)]
#[command(about = "Which text messages are spam?")]
struct Args {
    /// A file with `ham` or `spam`, a tab and the message in each line, or a folder with `sms.tsv`;
    /// without it, 60 messages made up for this example, which show no more than that it runs.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Seed of the split, the initial values and the order of the messages.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Print the figures as one JSON object at the end.
    #[arg(long)]
    json: bool,
}

/// Messages and their classes: 1 is spam.
struct Messages {
    texts: Vec<String>,
    labels: Vec<i64>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let key = Key::new(args.seed);
    let all = Messages::read(args.data.as_deref())?;
    let [train, test] =
        stratified_split(&all.labels, [0.8, 0.2], key)?.map(|part| all.select(&part));
    println!("{} messages to learn from, {} held out", train.labels.len(), test.labels.len());

    // What turns a text into numbers is learned from the training messages alone.
    let y = Tensor::from(train.labels.clone());
    let (analyzer, ngrams, min_df) = (Analyzer::Char, (2, 4), 2);
    let count = CountVectorizerConfig { analyzer, ngrams, min_df, ..Default::default() };
    let count = CountVectorizerConfig { max_features: Some(4_000), ..count };
    let tfidf = TfIdfConfig { count, sublinear_tf: true, ..TfIdfConfig::default() };
    let tfidf = tfidf.fit(&train.texts)?;
    let [x, held_out] = [tfidf.transform(&train.texts)?, tfidf.transform(&test.texts)?];
    let terms = tfidf.idf().len();
    println!("logistic regression on TF-IDF of {terms} groups of characters");
    let model = |keys: &mut Keys| Ok(LogisticRegression::new(terms, 2, keys)?);
    let pace = Pace { lr: 0.02, epochs: 20, key };
    let linear = Odds::learn(model, &[x, y.clone()], &held_out, pace)?;

    let unknown = UnknownCharacter::Replace('\0'); // also what fills up a short message
    let tokenizer = CharTokenizerConfig { unknown }.fit(&train.texts.concat())?;
    let ids = |texts: &[String]| -> Result<Tensor> {
        let padding = std::iter::repeat('\0');
        let filled = texts.iter().flat_map(|t| t.chars().chain(padding.clone()).take(LENGTH));
        let all: String = filled.collect();
        Ok(tokenizer.encode_tensor(&all)?.reshape([texts.len(), LENGTH])?)
    };
    println!("convolutional network on {} characters", tokenizer.vocab_size());
    let model = |keys: &mut Keys| CharCnn::new(tokenizer.vocab_size(), keys);
    let pace = Pace { lr: 2e-3, epochs: 12, key };
    let cnn = Odds::learn(model, &[ids(&train.texts)?, y], &ids(&test.texts)?, pace)?;

    let both = linear.mean(&cnn);
    let models = [("logistic", linear), ("CNN", cnn), ("both", both)];
    let f1 = compare(&models, &train.labels, &test)?;
    if args.json {
        print_json(&[("f1_logistic", f1[0]), ("f1_best", f1[2])])?;
    }
    Ok(())
}

impl Messages {
    fn read(path: Option<&Path>) -> Result<Self> {
        let columns = [("class", ColumnKind::Category), ("text", ColumnKind::Text)];
        let (header, quoting, delimiter) = (Header::Absent, Quoting::Off, b'\t');
        let file = CsvConfig { header, quoting, delimiter, ..CsvConfig::new(columns) };
        let table = match path {
            Some(path) => file.read(data_file(path, "sms.tsv"))?,
            None => {
                file.parse(include_bytes!("../data/messages.tsv"), Path::new("messages.tsv"))?
            }
        };
        let (labels, names) = table.categories("class")?;
        ensure!(names == ["ham", "spam"], "classes {names:?}, expected [\"ham\", \"spam\"]");
        Ok(Self { texts: table.texts("text")?.to_vec(), labels: labels.to_vec()? })
    }

    fn select(&self, part: &[usize]) -> Self {
        let texts = part.iter().map(|&i| self.texts[i].clone()).collect();
        Self { texts, labels: part.iter().map(|&i| self.labels[i]).collect() }
    }
}

/// Prints how well each model finds spam, and where the last is most wrong; gives the F1 of each.
fn compare(models: &[(&str, Odds)], train: &[i64], test: &Messages) -> Result<Vec<f64>> {
    let mut table = Table::new(["model", "F1 on left-out fourths", "F1", "precision", "recall"]);
    let (mut f1, mut worst) = (Vec::new(), String::new());
    for (name, odds) in models {
        let (cut, seen) = odds.best_cut(train);
        let called: Vec<i64> = odds.held_out.iter().map(|&o| i64::from(o > cut)).collect();
        let mut matrix = ConfusionMatrix::new(2);
        matrix.add(&test.labels, &called)?;
        let shares = [seen, matrix.f1(1), matrix.precision(1), matrix.recall(1)];
        let shares = shares.map(|share| format!("{share:.3}"));
        table.row([(*name).to_owned()].into_iter().chain(shares));
        f1.push(matrix.f1(1));
        worst = worst_mistakes(&odds.held_out, cut, test);
    }
    print!("\n{table}\n{worst}");
    Ok(f1)
}

/// The mistakes that are farthest from the cut.
fn worst_mistakes(odds: &[f64], cut: f64, test: &Messages) -> String {
    let is_wrong = |&i: &usize| (odds[i] > cut) != (test.labels[i] == 1);
    let mut wrong: Vec<usize> = (0..odds.len()).filter(is_wrong).collect();
    wrong.sort_by(|&a, &b| (odds[b] - cut).abs().total_cmp(&(odds[a] - cut).abs()));
    let probability = |odds: f64| 100.0 / (1.0 + (-odds).exp());
    let mut lines = format!(
        "{} mistakes; the worst, called spam above {:.1} %:\n",
        wrong.len(),
        probability(cut)
    );
    for i in wrong.into_iter().take(8) {
        let truth = ["ham", "spam"][test.labels[i] as usize];
        let text: String = test.texts[i].chars().take(110).collect();
        lines += &format!("  {truth}, {:.1} %: {text}\n", probability(odds[i]));
    }
    lines
}
