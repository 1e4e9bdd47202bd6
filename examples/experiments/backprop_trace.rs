//! Backpropagation on the small network of the guide, by hand and by machine, layer by layer.
//!
//! ∂C/∂w is what flows into the weight going forward, ∂z/∂w, times what comes back, ∂C/∂z. The
//! hand is plain arithmetic on f64; the machine is the engine that trains every network here.
//!
//! `cargo run --release --example backprop_trace`
#![forbid(unsafe_code)]

use anyhow::Result;
use gradus::prelude::*;
use gradus::train::report::Table;
use gradus_examples::{Experiment, Ink, Plane, planes};

const X: [f64; 2] = [1.0, 0.5];
/// Two hidden neurons, each with its weights and its bias, and the one above them.
const HIDDEN: [[f64; 3]; 2] = [[0.4, -0.8, 0.0], [0.6, 0.2, 0.3]];
const OUTPUT: [f64; 3] = [1.0, -2.0, 0.5];
const ANSWER: f64 = 1.0;
/// The nine parameters, layer by layer, neuron by neuron.
const NAMES: [&str; 9] = ["w11", "w12", "b1", "w21", "w22", "b2", "w1", "w2", "b"];

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// What the two passes leave at every neuron.
struct Trace {
    hidden: [Neuron; 2],
    output: Neuron,
    cost: f64,
}

#[derive(Clone, Copy)]
struct Neuron {
    z: f64,
    a: f64,
    /// ∂C/∂z.
    back: f64,
}

/// Forward from the inputs to the cost, backward from the cost to every z.
fn by_hand() -> Trace {
    let z = HIDDEN.map(|[w1, w2, b]| w1 * X[0] + w2 * X[1] + b);
    let a = z.map(sigmoid);
    let z_out = OUTPUT[0] * a[0] + OUTPUT[1] * a[1] + OUTPUT[2];
    let y = sigmoid(z_out);
    let back_out = (y - ANSWER) * y * (1.0 - y);
    let neuron = |j: usize| {
        let back = back_out * OUTPUT[j] * a[j] * (1.0 - a[j]);
        Neuron { z: z[j], a: a[j], back }
    };
    let output = Neuron { z: z_out, a: y, back: back_out };
    Trace { hidden: [neuron(0), neuron(1)], output, cost: 0.5 * (y - ANSWER).powi(2) }
}

/// The cost and the gradients of both layers, `[2, 3]` and `[1, 3]`, from the engine.
fn by_machine(layers: &[Param]) -> Result<(f64, Vec<f64>)> {
    let one = Var::constant(Tensor::ones([1, 1], DType::F64)?);
    let with_bias = |a: &Var| Var::cat(&[a.clone(), one.clone()], 0);
    let x = Var::constant(Tensor::from_slice(&X, [2, 1])?);
    let hidden = layers[0].var().matmul(&with_bias(&x)?)?.sigmoid()?;
    let y = layers[1].var().matmul(&with_bias(&hidden)?)?.sigmoid()?;
    let cost = y.sub_scalar(ANSWER)?.square()?.mul_scalar(0.5)?.sum(..)?;
    let grads = cost.backward()?;
    let found = layers.iter().filter_map(|layer| grads.get(layer));
    let found: Vec<Vec<f64>> = found.map(Tensor::to_vec).collect::<Result<_, _>>()?;
    Ok((cost.item()?, found.concat()))
}

fn main() -> Result<()> {
    let about = "The forward and the backward pass of a network of three neurons";
    let mut experiment = Experiment::begin("backprop_trace", about);
    let trace = by_hand();
    let hidden = Tensor::from_slice(HIDDEN.as_flattened(), [2, 3])?;
    let mut layers = vec![Param::new(hidden), Param::new(Tensor::from_slice(&OUTPUT, [1, 3])?)];
    let (cost, machine) = by_machine(&layers)?;

    let [a1, a2] = trace.hidden.map(|neuron| neuron.a);
    let forward = [X[0], X[1], 1.0, X[0], X[1], 1.0, a1, a2, 1.0];
    let neurons = [trace.hidden[0], trace.hidden[1], trace.output];
    let mut table = Table::new(["weight", "∂z/∂w forward", "∂C/∂z backward", "product", "engine"]);
    let mut difference = (cost - trace.cost).abs();
    for (i, (name, engine)) in NAMES.into_iter().zip(&machine).enumerate() {
        let (forward, back) = (forward[i], neurons[i / 3].back);
        difference = difference.max((forward * back - engine).abs());
        let cells = [forward, back, forward * back, *engine].map(|value| format!("{value:.6}"));
        table.row([name.to_owned()].into_iter().chain(cells));
        experiment.figure(format!("gradient_{name}"), *engine);
    }
    // One step of descent with rate 1.
    let mut grads = machine.into_iter();
    for layer in &mut layers {
        let grad = Tensor::from_vec(grads.by_ref().take(layer.len()).collect(), layer.shape())?;
        layer.set_value(layer.value().sub(&grad)?)?;
    }
    let (after, _) = by_machine(&layers)?;
    experiment.print(&table)?;
    experiment.print(format_args!(
        "largest difference between hand and engine: {difference:.1e}\n\
         cost {:.6}, and after one step with rate 1: {after:.6}",
        trace.cost
    ))?;
    let figures = [("output", trace.output.a), ("cost", trace.cost), ("cost_after_a_step", after)];
    figures.into_iter().for_each(|(name, value)| experiment.figure(name, value));
    experiment.figure("difference", difference);
    let title = "Blue goes forward: z and a = σ(z). Orange comes back: ∂C/∂z";
    experiment.picture("backprop_trace", &planes(title, &[(620, vec![picture(&trace)])])?)?;
    experiment.finish()
}

/// The network from left to right, with what each pass leaves at its neurons.
fn picture(trace: &Trace) -> Plane {
    let mut plane = Plane::new("", ["", ""], [0.6, 16.2], [0.5, 6.5]);
    let inputs = [(2.0, 5.2), (2.0, 1.8)];
    let hidden = [(7.6, 5.2), (7.6, 1.8)];
    let output = (13.2, 3.5);
    for (j, &to) in hidden.iter().enumerate() {
        for (i, &from) in inputs.iter().enumerate() {
            edge(&mut plane, [from, to], HIDDEN[j][i], 0.3);
        }
        edge(&mut plane, [to, output], OUTPUT[j], 0.45);
    }
    for (at, x) in inputs.into_iter().zip(X) {
        plane.dot(at, Ink::Grey, 46).text(at, x.to_string(), Ink::White, 30);
    }
    let neurons = hidden.into_iter().zip(trace.hidden).zip(HIDDEN.map(|w| w[2]));
    for ((at, neuron), bias) in neurons.chain([((output, trace.output), OUTPUT[2])]) {
        plane.dot(at, Ink::Green, 46).text(at, format!("b {bias}"), Ink::White, 28);
        let forward = format!("z = {:.4}, a = {:.4}", neuron.z, neuron.a);
        plane.text((at.0 + 0.8, at.1 + 0.9), signed(forward), Ink::Blue, 30);
        let back = format!("∂C/∂z = {:.4}", neuron.back);
        plane.text((at.0 + 0.8, at.1 - 0.9), signed(back), Ink::Orange, 30);
    }
    let cost = format!("C = ½ (a − 1)² = {:.4}", trace.cost);
    plane.text((output.0 + 0.8, output.1 + 1.8), cost, Ink::Black, 30);
    plane
}

/// With the minus of mathematics.
fn signed(text: String) -> String {
    text.replace('-', "−")
}

/// A weight: its line, and its number at a share of the way, where lines that cross are apart.
fn edge(plane: &mut Plane, [from, to]: [(f64, f64); 2], weight: f64, share: f64) {
    plane.line(vec![from, to], Ink::Grey, 3);
    let (x, y) = (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1));
    plane.rect([(x - 0.3, y - 0.25), (x + 0.3, y + 0.25)], Ink::White);
    plane.text((x, y), signed(weight.to_string()), Ink::Black, 28);
}
