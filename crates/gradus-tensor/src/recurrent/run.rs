//! A run over a sequence.

use gradus_core::{DType, Shape};
use gradus_cpu::gemm::GemmElement;
use gradus_cpu::math::Real;
use gradus_cpu::memory::{Block, take};
use gradus_cpu::recurrent::{Cell, Forward, Order, Sequence, Weights, forward};

use crate::dtypes::{real, same};
use crate::tensor::checked_len;
use crate::{Element, Result, Tensor};

/// A recurrent layer and what it runs over: `f32` or `f64`, the same for all tensors.
///
/// The rows of the weights are gate by gate in PyTorch's order: i, f, g, o for an LSTM, r, z, n for a
/// GRU. A row's outputs have the same bits alone, in a batch, and step by step.
///
/// # Shapes
/// With `G` gates (1, 4 or 3):
/// - `x`: `[T, B, F]`, `state` and `memory`: `[B, H]`
/// - `w_ih`: `[G·H, F]`, `w_hh`: `[G·H, H]`, biases: `[G·H]`
///
/// # Examples
/// ```
/// use gradus_tensor::{Recurrent, RecurrentCell, Tensor, TimeOrder};
/// let x = Tensor::new([[[1.0]], [[2.0]], [[3.0]]]); // three steps of one row of one number
/// let one = Tensor::new([[1.0]]);
/// let sum = Recurrent {
///     cell: RecurrentCell::RnnRelu,
///     x: &x,
///     state: None,
///     memory: None,
///     w_ih: &one,
///     w_hh: &one,
///     bias: None,
///     order: TimeOrder::Forward,
///     lengths: None,
/// };
/// let tape = sum.run()?;
/// assert_eq!(sum.outputs(&tape)?.to_vec::<f32>()?, [1.0, 3.0, 6.0]);
/// assert_eq!(sum.state(&tape)?.to_vec::<f32>()?, [6.0]);
/// # Ok::<(), gradus_tensor::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Recurrent<'a> {
    /// The recurrence.
    pub cell: Cell,
    /// The inputs.
    pub x: &'a Tensor,
    /// The state before the first step; `None` is zero.
    pub state: Option<&'a Tensor>,
    /// An LSTM's memory before the first step; `None` is zero.
    pub memory: Option<&'a Tensor>,
    /// From the inputs to the gates.
    pub w_ih: &'a Tensor,
    /// From the state to the gates.
    pub w_hh: &'a Tensor,
    /// What is added to both products.
    pub bias: Option<(&'a Tensor, &'a Tensor)>,
    /// The direction of time.
    pub order: Order,
    /// Steps of each row, at most T: a row's state stays after them, its outputs there are zero, and in
    /// [`Order::Reverse`] it starts at its own end. `None`: all rows have T steps. Rows are run
    /// without waste if the lengths fall.
    pub lengths: Option<&'a [usize]>,
}

/// What a run leaves behind, for its results and its gradient.
#[derive(Debug, Clone)]
pub struct RecurrentTape {
    /// `[T + 1, B, H]`: the state after every step, and at the start.
    pub(super) states: Tensor,
    /// The same for the memory of an LSTM.
    pub(super) memories: Option<Tensor>,
    /// `[T, B, kept · H]`: what else the gradient needs.
    pub(super) kept: Option<Tensor>,
}

impl Recurrent<'_> {
    /// Runs over all steps.
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`], [`gradus_core::Error::DTypeMismatch`],
    /// [`gradus_core::Error::UnsupportedDType`] unless the dtype is `f32` or `f64`,
    /// [`gradus_core::Error::InvalidArgument`] if the lengths do not fit or a cell without a memory
    /// is given one.
    pub fn run(&self) -> Result<RecurrentTape> {
        let seq = self.sequence()?;
        let dtype = self.x.dtype();
        let slots = Shape::from([seq.steps + 1, seq.batch, seq.hidden]);
        let kept = Shape::from([seq.steps, seq.batch, seq.kept_row()]);
        checked_len(self.op(), &slots, dtype)?;
        checked_len(self.op(), &kept, dtype)?;
        real!(self.op(), dtype, T => self.fill::<T>(&seq, slots, kept))
    }

    fn fill<T: Element + GemmElement + Real>(
        &self,
        seq: &Sequence<'_>,
        slots: Shape,
        kept_shape: Shape,
    ) -> Result<RecurrentTape> {
        let (mut states, mut kept) = (take::<T>(seq.states_len()), take(seq.kept_len()));
        let mut memories = take(seq.memories_len());
        let (ih, hh) = (self.w_ih.elements(), self.w_hh.elements());
        let bias = self.bias.map(|(ih, hh)| (ih.elements(), hh.elements()));
        let bias = bias.as_ref().map(|(ih, hh)| (&ih[..], &hh[..]));
        let state = self.state.map(Tensor::elements);
        let memory = self.memory.map(Tensor::elements);
        forward(
            seq,
            &self.x.elements(),
            Weights { ih: &ih, hh: &hh, bias },
            (state.as_deref(), memory.as_deref()),
            Forward { states: &mut states, memories: &mut memories, kept: &mut kept },
        );
        let tensor = |data: Block<T>, shape: &Shape| Tensor::from_data(data, shape);
        Ok(RecurrentTape {
            states: tensor(states, &slots),
            memories: self.cell.has_memory().then(|| tensor(memories, &slots)),
            // A plain RNN's derivative is one of its state.
            kept: (self.cell.kept() > 1).then(|| tensor(kept, &kept_shape)),
        })
    }

    /// The outputs, `[T, B, H]`: the state after every step, zero where a row lacks the step.
    ///
    /// # Errors
    /// If the tape is not of a run with these shapes.
    pub fn outputs(&self, tape: &RecurrentTape) -> Result<Tensor> {
        let seq = self.sequence()?;
        let first = usize::from(self.order == Order::Forward);
        let states = tape.states.narrow(0, first, seq.steps)?;
        let Some(lengths) = seq.lengths else { return Ok(states) };
        real!(self.op(), states.dtype(), T => {
            let mut data = states.elements::<T>().into_owned();
            let lacks = |i: usize| i / seq.batch >= lengths[i % seq.batch];
            let rows = data.chunks_exact_mut(seq.hidden.max(1)).enumerate();
            rows.filter(|(i, _)| lacks(*i)).for_each(|(_, row)| row.fill(0.0));
            Ok(Tensor::from_data(data, states.shape()))
        })
    }

    /// The state after each row's last step, `[B, H]`.
    ///
    /// # Errors
    /// If the tape is not of a run with these shapes.
    pub fn state(&self, tape: &RecurrentTape) -> Result<Tensor> {
        tape.states.select(0, self.sequence()?.ends().1)
    }

    /// The memory after each row's last step, `[B, H]`, if there is one.
    ///
    /// # Errors
    /// If the tape is not of a run with these shapes.
    pub fn memory(&self, tape: &RecurrentTape) -> Result<Option<Tensor>> {
        let end = self.sequence()?.ends().1;
        tape.memories.as_ref().map(|memories| memories.select(0, end)).transpose()
    }

    /// The op's name in errors.
    pub(super) fn op(&self) -> &'static str {
        match self.cell {
            Cell::RnnTanh | Cell::RnnRelu => "rnn",
            Cell::Lstm => "lstm",
            Cell::Gru => "gru",
        }
    }

    /// The extents, once all shapes and dtypes are checked.
    pub(super) fn sequence(&self) -> Result<Sequence<'_>> {
        let (op, cell, gates) = (self.op(), self.cell, self.cell.gates());
        let &[steps, batch, inputs] = self.x.dims() else {
            return Err(unexpected(op, "x of [T, B, F]".into(), self.x));
        };
        let &[rows, hidden] = self.w_hh.dims() else {
            return Err(unexpected(op, format!("w_hh of [{gates}·H, H]"), self.w_hh));
        };
        if rows != gates * hidden {
            return Err(unexpected(op, format!("w_hh of [{gates}·H, H]"), self.w_hh));
        }
        let fits = |name: &str, x: &Tensor, shape: &[usize]| {
            same(op, self.x.dtype(), x.dtype())?;
            if x.dims() == shape {
                return Ok(());
            }
            Err(unexpected(op, format!("{name} of {shape:?}"), x))
        };
        fits("w_hh", self.w_hh, &[rows, hidden])?;
        fits("w_ih", self.w_ih, &[rows, inputs])?;
        if let Some((ih, hh)) = self.bias {
            fits("b_ih", ih, &[rows])?;
            fits("b_hh", hh, &[rows])?;
        }
        for (name, start) in [("state", self.state), ("memory", self.memory)] {
            start.map_or(Ok(()), |start| fits(name, start, &[batch, hidden]))?;
        }
        if self.memory.is_some() && !cell.has_memory() {
            let got = "one for a cell without".to_owned();
            return Err(invalid(op, "memory", "that of an LSTM", got));
        }
        if let Some(lengths) = self.lengths
            && (lengths.len() != batch || lengths.iter().any(|&len| len > steps))
        {
            let got = format!("{lengths:?} for {batch} rows of {steps} steps");
            return Err(invalid(op, "lengths", "one per row, at most T", got));
        }
        if !matches!(self.x.dtype(), DType::F32 | DType::F64) {
            return Err(crate::dtypes::unsupported(op, "f32 or f64", self.x.dtype()));
        }
        let (order, lengths) = (self.order, self.lengths);
        Ok(Sequence { cell, steps, batch, inputs, hidden, order, lengths })
    }
}

fn unexpected(op: &'static str, expected: String, x: &Tensor) -> crate::Error {
    gradus_core::Error::UnexpectedShape { op, expected, got: x.shape().clone() }.into()
}

fn invalid(
    op: &'static str,
    name: &'static str,
    expected: &'static str,
    got: String,
) -> crate::Error {
    gradus_core::Error::InvalidArgument { op, name, expected, got }.into()
}
