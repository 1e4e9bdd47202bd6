//! Training steps: gradients and an update, on one batch.

use std::time::Instant;

use anyhow::{Result, ensure};
use gradus::autograd::{Module, Var};
use gradus::optim::Optimizer;

use crate::line::{Line, Metric};
use crate::stopwatch::{Amount, Stopwatch};

/// Checks that the loss falls, then times full steps.
pub(crate) fn run<M: Module>(
    watch: &Stopwatch,
    name: &str,
    mut model: M,
    mut optimizer: Optimizer,
    loss: impl Fn(&M) -> Result<Var>,
) -> Result<()> {
    let mut step = || {
        let loss = loss(&model)?;
        optimizer.step(&mut model, &loss.backward()?)?;
        anyhow::Ok(loss)
    };
    let first = step()?.item()?;
    if watch.round == 0 {
        falls(watch, name, first, &mut step)?;
    }
    watch.time(name, Amount::step(), || step().map(drop))?;
    Ok(())
}

/// At least 8 steps, and at most 30 in three seconds.
fn falls(
    watch: &Stopwatch,
    name: &str,
    first: f64,
    step: &mut impl FnMut() -> Result<Var>,
) -> Result<()> {
    let (start, mut last) = (Instant::now(), first);
    for done in 1..30 {
        if done >= 8 && start.elapsed().as_secs_f64() > 3.0 {
            break;
        }
        last = step()?.item()?;
    }
    let line = watch.line(name, Metric::Loss, [last, last], "nats");
    watch.print(&Line { first: Some(first), ..line })?;
    ensure!(last < first, "the loss went from {first} to {last}");
    Ok(())
}
