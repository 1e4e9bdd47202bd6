//! What is measured.

use anyhow::Result;

use crate::methods::Method;
use crate::problems::Problem;

/// How many learning rates are tried: from 10⁻⁴ to 10, two for each factor of ten.
pub(crate) const RATES: usize = 11;

/// An optimizer on a problem.
pub(crate) struct Cell {
    /// The loss after the last step, with each rate; infinite after a divergence.
    pub(crate) losses: [f64; RATES],
    /// The fewest steps to the target; none if no rate leads there.
    pub(crate) steps: Option<u64>,
    /// How many rates lead to the target.
    pub(crate) solved: usize,
}

/// The learning rate with this index.
pub(crate) fn rate(index: usize) -> f64 {
    10f64.powf(-4.0 + index as f64 / 2.0)
}

impl Cell {
    /// The loss after the last step, with the best rate.
    pub(crate) fn loss(&self) -> f64 {
        self.losses.iter().copied().fold(f64::INFINITY, f64::min)
    }

    pub(crate) fn text(&self) -> String {
        let steps = self.steps.map_or("–".to_owned(), |steps| steps.to_string());
        format!("{:.1e} · {steps} · {}", self.loss(), self.solved)
    }
}

/// Tries all rates; nothing if the method has nothing of its own to show on this problem.
pub(crate) fn cell(method: &Method, problem: &Problem) -> Result<Option<Cell>> {
    let has_matrices =
        problem.start.iter().all(|param| param.shape().rank() == 2 && problem.start.len() > 1);
    if method.wants_matrices && !has_matrices {
        return Ok(None);
    }
    let mut cell = Cell { losses: [f64::INFINITY; RATES], steps: None, solved: 0 };
    for i in 0..RATES {
        let (loss, steps) = run(method, problem, rate(i))?;
        cell.losses[i] = loss;
        cell.solved += usize::from(steps.is_some());
        cell.steps = [cell.steps, steps].into_iter().flatten().min();
    }
    Ok(Some(cell))
}

/// The loss after the last step, infinite after a divergence, and the steps to the target.
fn run(method: &Method, problem: &Problem, rate: f64) -> Result<(f64, Option<u64>)> {
    let mut model = problem.start.clone();
    let mut optimizer = (method.make)(rate)?;
    let mut solved = None;
    for step in 0..problem.steps {
        let is_finite = optimizer.step(&mut model, &|model| (problem.loss)(model, step))?;
        if !is_finite {
            return Ok((f64::INFINITY, solved));
        }
        let is_look = (step + 1).is_multiple_of(problem.every) && solved.is_none();
        if is_look && (problem.measure)(&model)? < problem.target {
            solved = Some(step + 1);
        }
    }
    let loss = (problem.measure)(&model)?;
    Ok((if loss.is_nan() { f64::INFINITY } else { loss }, solved))
}
