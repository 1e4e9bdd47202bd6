//! The three steps, for a number, for a class and for an object with structure: one loop finds all three.
//!
//! `cargo run --release --example three_steps`
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "an example speaks to the person at the terminal")]

use anyhow::Result;
use gradus::data::CharTokenizer;
use gradus::generate::{Ar, Request, Strategy};
use gradus::models::{Gpt, LogisticRegression, TransformerConfig};
use gradus::nn::loss::{CrossEntropy, Reduction, cross_entropy, mse};
use gradus::nn::{Linear, LinearConfig};
use gradus::optim::Adam;
use gradus::prelude::*;

fn main() -> Result<()> {
    a_number()?;
    a_class()?;
    an_object()
}

/// Looks for the best function of a set: its loss at the start and at the end.
fn search<M: Module>(
    set: &mut M,
    goodness: impl Fn(&M) -> Result<Var>,
    rate: f64,
    steps: usize,
) -> Result<[f64; 2]> {
    let mut optimizer = Adam { lr: rate, ..Adam::default() }.init()?;
    let first = goodness(set)?.item()?;
    for _ in 0..steps {
        optimizer.step(set, &goodness(set)?.backward()?)?;
    }
    Ok([first, goodness(set)?.item()?])
}

/// Tomorrow's dust from today's: y = w x.
fn a_number() -> Result<()> {
    let today = Var::from(Tensor::new([[10.0], [20.0], [40.0]]));
    let tomorrow = Var::from(Tensor::new([[12.0], [21.0], [36.0]]));
    let mut line =
        LinearConfig { bias: false, ..LinearConfig::new(1, 1) }.init(&mut Keys::new(7))?;
    line.weight.set_value(Tensor::new([[1.0]]))?;
    let goodness = |line: &Linear| {
        let answer = line.forward(&today, &mut Ctx::eval())?;
        Ok(mse(&answer, &tomorrow, Reduction::Mean)?)
    };
    let [first, last] = search(&mut line, goodness, 0.01, 300)?;
    println!("a number: loss {first:.3} with w = 1, {last:.3} at the end");
    println!("  tomorrow = {:.4} · today\n", line.weight.value().item()?);
    Ok(())
}

/// Whether tomorrow is dusty, from today's dust (in tens of µg/m³) and wind (in m/s).
fn a_class() -> Result<()> {
    let days = [[1.0, 5.0], [2.0, 4.0], [3.5, 1.0], [4.0, 2.0], [1.5, 1.0], [3.0, 6.0]];
    let days = Var::from(Tensor::new(days));
    let dusty = Tensor::new([0, 0, 1, 1, 0, 0]);
    let mut model = LogisticRegression::new(2, 2, &mut Keys::new(7))?;
    let goodness = |model: &LogisticRegression| {
        let logits = model.forward(&days, &mut Ctx::eval())?;
        Ok(cross_entropy(&logits, &dusty, CrossEntropy::default())?)
    };
    let [first, last] = search(&mut model, goodness, 0.1, 300)?;
    println!("a class: loss {first:.3} at the start, {last:.3} at the end");
    let new = Tensor::new([[3.0, 1.0], [3.0, 5.0]]);
    let sure = model.probabilities(&new)?.select(1, 1)?.to_vec::<f32>()?;
    println!("  30 µg/m³ and little wind: dusty with probability {:.3}", sure[0]);
    println!("  30 µg/m³ and much wind:   dusty with probability {:.3}\n", sure[1]);
    Ok(())
}

/// A text, made of many choices of a next character.
fn an_object() -> Result<()> {
    let text =
        "one potato, two potato, three potato, four. five potato, six potato, seven potato, more.";
    let tokenizer = CharTokenizer::fit(text)?;
    let windows = tokenizer.encode_tensor(text)?.windows(0, 32, 8)?; // (B, T)
    let size = TransformerConfig::new(tokenizer.vocab_size(), 32);
    let size = TransformerConfig { width: 32, n_layers: 2, ..size };
    let mut gpt = Gpt::new(&size, &mut Keys::new(7))?;
    let goodness = |gpt: &Gpt| Ok(gpt.loss(&windows, None, &mut Ctx::eval())?);
    let [first, last] = search(&mut gpt, goodness, 5e-3, 100)?;
    println!("an object: loss {first:.3} nats per character at the start, {last:.3} at the end");
    let request = Request::new(tokenizer.encode("one")?).max(20).seed(7);
    let output = Ar::default().run(&gpt, request)?.collect_all()?;
    println!("  it writes: {}", tokenizer.decode(&output.row(0))?);
    Ok(())
}
