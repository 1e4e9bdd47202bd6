//! The perceptron learns AND, fails at XOR, and one hidden layer solves it.
//!
//! `cargo run --release --example perceptron`
#![forbid(unsafe_code)]

use anyhow::Result;
use gradus::models::{MlpConfig, Perceptron};
use gradus::nn::Activation;
use gradus::nn::loss::{CrossEntropy, cross_entropy};
use gradus::optim::Adam;
use gradus::prelude::*;
use gradus::train::report::Table;
use gradus_examples::{Experiment, Ink, Plane, planes};

const CORNERS: [[f32; 2]; 4] = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
const AND: [i64; 4] = [0, 0, 0, 1];
const XOR: [i64; 4] = [0, 1, 1, 0];
/// The rule stops by itself after a pass without a mistake; on XOR there is none.
const MOST_PASSES: usize = 1000;
/// Points of a side of the grid on which a network's answers are drawn.
const SIDE: usize = 81;

fn main() -> Result<()> {
    let mut experiment =
        Experiment::begin("perceptron", "AND, XOR, and what a hidden layer is for");
    let corners = Tensor::new(CORNERS);
    let mut table = Table::new(["model", "task", "passes", "mistakes in the last", "right of 4"]);
    let mut pictures = Vec::new();
    for (task, classes) in [("AND", AND), ("XOR", XOR)] {
        let mut perceptron = Perceptron::new(2, 2)?;
        let mistakes = perceptron.fit(&corners, &Tensor::new(classes), MOST_PASSES)?;
        let last = mistakes.last().copied().unwrap_or(0);
        let right = right(&perceptron, &corners, classes)?;
        let name = task.to_lowercase();
        experiment.figure(format!("{name}_passes"), mistakes.len() as f64);
        experiment.figure(format!("{name}_mistakes"), last as f64);
        experiment.figure(format!("{name}_right"), right);
        let cells = [mistakes.len().to_string(), last.to_string(), right.to_string()];
        table.row(["perceptron".to_owned(), task.to_owned()].into_iter().chain(cells));
        pictures.push(picture(format!("Perceptron, {task}: {right} of 4"), &perceptron, classes)?);
    }

    let config = MlpConfig { activation: Activation::Tanh, ..MlpConfig::new([2, 4, 2]) };
    let mut mlp = config.init(&mut Keys::from(experiment.key()))?;
    let (steps, loss) = learn(&mut mlp, &corners)?;
    let right = right(&mlp, &corners, XOR)?;
    experiment.figure("mlp_steps", f64::from(steps));
    experiment.figure("mlp_loss", loss);
    experiment.figure("mlp_right", right);
    table.row(["4 hidden neurons", "XOR", &steps.to_string(), "0", &right.to_string()]);
    pictures.push(picture(format!("4 hidden neurons, XOR: {right} of 4"), &mlp, XOR)?);

    experiment.print(&table)?;
    let title = "Where a network answers 0 (blue) and 1 (orange); dots are the truth";
    experiment.picture("perceptron", &planes(title, &[(580, pictures)])?)?;
    experiment.finish()
}

/// Adam on the cross-entropy of XOR, until it is below 0.01.
fn learn(net: &mut impl Layer, corners: &Tensor) -> Result<(u32, f64)> {
    let mut optimizer = Adam { lr: 0.05, ..Adam::default() }.init()?;
    let (x, classes) = (Var::from(corners), Tensor::new(XOR));
    let mut steps = 0;
    loop {
        let logits = net.forward(&x, &mut Ctx::eval())?;
        let loss = cross_entropy(&logits, &classes, CrossEntropy::default())?;
        if loss.item()? < 0.01 || steps == 2000 {
            return Ok((steps, loss.item()?));
        }
        optimizer.step(net, &loss.backward()?)?;
        steps += 1;
    }
}

/// How many corners get their class.
fn right(net: &impl Layer, corners: &Tensor, classes: [i64; 4]) -> Result<f64> {
    let scores = no_grad(|| net.forward(&Var::from(corners), &mut Ctx::eval()))?;
    let given = scores.value().argmax(-1)?.to_vec::<i64>()?;
    Ok(given.iter().zip(classes).filter(|&(&given, class)| given == class).count() as f64)
}

/// The answer at every place, and the truth at the corners.
fn picture(title: String, net: &impl Layer, classes: [i64; 4]) -> Result<Plane> {
    let range = [-0.5, 1.5];
    let mut plane = Plane::new(title, ["first input", "second input"], range, range);
    let places = Var::from(plane.grid(SIDE)?.to_dtype(DType::F32)?);
    let scores = no_grad(|| net.forward(&places, &mut Ctx::eval()))?;
    let answers = scores.value().softmax(-1)?.select(1, 1)?;
    plane.shade(SIDE, &answers)?;
    plane.contours(SIDE, &answers, &[0.5], Ink::Black)?;
    for (corner, class) in CORNERS.into_iter().zip(classes) {
        let ink = if class == 1 { Ink::Orange } else { Ink::Blue };
        plane.dot((corner[0].into(), corner[1].into()), ink, 16);
    }
    Ok(plane)
}
