//! The gradient of a run.

use gradus_core::Shape;
use gradus_cpu::gemm::GemmElement;
use gradus_cpu::math::Real;
use gradus_cpu::memory::take;
use gradus_cpu::recurrent::{
    Backward, Cell, Sequence, Start, Tape, Upstream, backward, grad_input, grad_input_weight,
    grad_state_weight,
};

use super::run::{Recurrent, RecurrentTape};
use crate::dtypes::{real, same};
use crate::{Element, Result, Tensor};

/// The gradients that come from above; `None` is zero.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecurrentUpstream<'a> {
    /// Of the outputs, `[T, B, H]`.
    pub outputs: Option<&'a Tensor>,
    /// Of the last state, `[B, H]`.
    pub state: Option<&'a Tensor>,
    /// Of the last memory, `[B, H]`.
    pub memory: Option<&'a Tensor>,
}

/// Which gradients are worked out. Those of the biases cost nothing beside the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecurrentWanted {
    /// Of the inputs.
    pub x: bool,
    /// Of the state at the start.
    pub state: bool,
    /// Of `W_ih`.
    pub w_ih: bool,
    /// Of `W_hh`.
    pub w_hh: bool,
}

/// The gradients of a run, in the shapes of what they are of; `None` where not wanted.
#[derive(Debug, Clone)]
pub struct RecurrentGrads {
    /// Of the inputs.
    pub x: Option<Tensor>,
    /// Of the state at the start.
    pub state: Option<Tensor>,
    /// Of the memory at the start, for a cell that has one.
    pub memory: Option<Tensor>,
    /// Of `W_ih`.
    pub w_ih: Option<Tensor>,
    /// Of `W_hh`.
    pub w_hh: Option<Tensor>,
    /// Of `b_ih` and `b_hh`.
    pub bias: (Tensor, Tensor),
}

impl Recurrent<'_> {
    /// The gradient of a run, from its tape.
    ///
    /// # Errors
    /// As [`Recurrent::run`], and if a gradient from above or the tape does not fit.
    pub fn grad(
        &self,
        tape: &RecurrentTape,
        upstream: RecurrentUpstream<'_>,
        wanted: RecurrentWanted,
    ) -> Result<RecurrentGrads> {
        let seq = self.sequence()?;
        let slot = [seq.batch, seq.hidden];
        self.fits(Some(&tape.states), &[seq.steps + 1, seq.batch, seq.hidden])?;
        self.fits(tape.memories.as_ref(), &[seq.steps + 1, seq.batch, seq.hidden])?;
        self.fits(tape.kept.as_ref(), &[seq.steps, seq.batch, seq.kept_row()])?;
        self.fits(upstream.outputs, &[seq.steps, seq.batch, seq.hidden])?;
        self.fits(upstream.state, &slot)?;
        self.fits(upstream.memory, &slot)?;
        real!(self.op(), self.x.dtype(), T => self.sweep::<T>(&seq, tape, upstream, wanted))
    }

    fn fits(&self, x: Option<&Tensor>, shape: &[usize]) -> Result<()> {
        let Some(x) = x else { return Ok(()) };
        same(self.op(), self.x.dtype(), x.dtype())?;
        if x.dims() == shape {
            return Ok(());
        }
        let (op, expected, got) = (self.op(), format!("{shape:?}"), x.shape().clone());
        Err(gradus_core::Error::UnexpectedShape { op, expected, got }.into())
    }

    fn sweep<T: Element + GemmElement + Real>(
        &self,
        seq: &Sequence<'_>,
        tape: &RecurrentTape,
        upstream: RecurrentUpstream<'_>,
        wanted: RecurrentWanted,
    ) -> Result<RecurrentGrads> {
        let (mut kept, mut bias) = (take::<T>(seq.kept_len()), take(seq.kept_row()));
        let memory_len = if seq.cell.has_memory() { seq.slot() } else { 0 };
        let (mut state, mut memory) = (take(seq.slot()), take(memory_len));
        let [outputs, d_state, d_memory] =
            [upstream.outputs, upstream.state, upstream.memory].map(|d| d.map(Tensor::elements));
        let upstream = Upstream {
            outputs: outputs.as_deref(),
            state: d_state.as_deref(),
            memory: d_memory.as_deref(),
        };
        let [memories, old] =
            [&tape.memories, &tape.kept].map(|x| x.as_ref().map(Tensor::elements));
        let states = tape.states.elements();
        let tape = Tape {
            states: &states,
            memories: memories.as_deref().unwrap_or(&[]),
            kept: old.as_deref().unwrap_or(&[]),
        };
        let start = if wanted.state { Start::Wanted } else { Start::Unwanted };
        let out =
            Backward { kept: &mut kept, bias: &mut bias, state: &mut state, memory: &mut memory };
        backward(seq, &self.w_hh.elements(), tape, upstream, start, out);
        let slot = Shape::from([seq.batch, seq.hidden]);
        Ok(RecurrentGrads {
            x: wanted.x.then(|| {
                filled(self.x, |dx| grad_input::<T>(seq, &kept, &self.w_ih.elements(), dx))
            }),
            w_ih: wanted.w_ih.then(|| {
                let x = self.x.elements();
                filled(self.w_ih, |dw| grad_input_weight::<T>(seq, &kept, &x, dw))
            }),
            w_hh: wanted
                .w_hh
                .then(|| filled(self.w_hh, |dw| grad_state_weight::<T>(seq, &kept, &states, dw))),
            state: wanted.state.then(|| Tensor::from_data(state, &slot)),
            memory: seq.cell.has_memory().then(|| Tensor::from_data(memory, &slot)),
            bias: self.biases(Tensor::from_data(bias, seq.kept_row()))?,
        })
    }

    /// From kept order to the order of the weights.
    fn biases(&self, kept: Tensor) -> Result<(Tensor, Tensor)> {
        if self.cell != Cell::Gru {
            return Ok((kept.clone(), kept));
        }
        let h = kept.len() / 4; // n, r, z and what W_hh adds to n
        let (n, gates) = (kept.narrow(0, 0, h)?, kept.narrow(0, h, 2 * h)?);
        Ok((Tensor::cat(&[&gates, &n], 0)?, kept.narrow(0, h, 3 * h)?.contiguous()))
    }
}

/// A tensor like another, filled by a kernel.
fn filled<T: Element>(like: &Tensor, fill: impl FnOnce(&mut [T])) -> Tensor {
    let mut data = take(like.len());
    fill(&mut data);
    Tensor::from_data(data, like.shape())
}
