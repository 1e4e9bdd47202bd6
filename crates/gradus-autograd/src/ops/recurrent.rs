//! What `rnn`, `lstm` and `gru` share: the fused run over a sequence and the composite it equals.

use gradus_core::{DType, Shape};
use gradus_tensor::{
    Recurrent, RecurrentCell, RecurrentTape, RecurrentUpstream, RecurrentWanted, Tensor, TimeOrder,
};

use crate::composite::composite_vjp;
use crate::{Result, Var, is_grad_enabled};

/// The weights of a recurrent layer, rows gate by gate in PyTorch's order.
#[derive(Debug, Clone, Copy)]
pub struct RecurrentWeights<'a> {
    /// From the inputs to the gates: `[gates · H, F]`.
    pub w_ih: &'a Var,
    /// From the state to the gates: `[gates · H, H]`.
    pub w_hh: &'a Var,
    /// What is added to both products: `[gates · H]` each.
    pub bias: Option<(&'a Var, &'a Var)>,
}

/// How a recurrent layer runs over time.
#[derive(Debug, Clone, Copy, Default)]
pub struct RecurrentOptions<'a> {
    /// The direction of time.
    pub order: TimeOrder,
    /// Steps of each row, at most T: a row's state stays after them, its outputs there are zero, and in
    /// [`TimeOrder::Reverse`] it starts at its own end. `None`: all rows have T steps. Rows are run
    /// without waste if the lengths fall.
    pub lengths: Option<&'a [usize]>,
}

/// The start of a run.
#[derive(Clone, Copy, Default)]
pub(super) struct From<'a> {
    pub(super) state: Option<&'a Var>,
    pub(super) memory: Option<&'a Var>,
}

/// The results of a run.
pub(super) struct Outputs(Vec<Var>);

impl Outputs {
    /// `[T, B, H]`, and the last state.
    pub(super) fn and_state(mut self) -> (Var, Var) {
        self.0.truncate(2);
        let state = self.0.pop().expect("every cell has a state");
        (self.0.pop().expect("every cell has outputs"), state)
    }

    /// The same with the last memory.
    pub(super) fn and_memory(mut self) -> (Var, (Var, Var)) {
        let memory = self.0.pop().expect("the caller's cell has a memory");
        let (y, state) = self.and_state();
        (y, (state, memory))
    }
}

/// Runs a layer over a sequence.
pub(super) fn recurrent(
    cell: RecurrentCell,
    x: &Var,
    start: From<'_>,
    weights: RecurrentWeights<'_>,
    options: RecurrentOptions<'_>,
) -> Result<Outputs> {
    let layer = Layer {
        cell,
        x: x.clone(),
        w_ih: weights.w_ih.clone(),
        w_hh: weights.w_hh.clone(),
        bias: weights.bias.map(|(ih, hh)| [ih.clone(), hh.clone()]),
        state: start.state.cloned(),
        memory: start.memory.cloned(),
        order: options.order,
        lengths: options.lengths.map(<[usize]>::to_vec),
    };
    if x.dtype() == DType::BF16 {
        let outputs = layer.map(|x| x.to_dtype(DType::F32))?.run()?;
        let outputs = outputs.iter().map(|y| y.to_dtype(DType::BF16));
        return Ok(Outputs(outputs.collect::<Result<_>>()?));
    }
    Ok(Outputs(layer.run()?))
}

/// A layer and what it runs over.
struct Layer {
    cell: RecurrentCell,
    x: Var,
    w_ih: Var,
    w_hh: Var,
    bias: Option<[Var; 2]>,
    state: Option<Var>,
    memory: Option<Var>,
    order: TimeOrder,
    lengths: Option<Vec<usize>>,
}

impl Layer {
    /// All variables, always in this order.
    fn inputs(&self) -> Vec<&Var> {
        let bias = self.bias.iter().flatten();
        [&self.x, &self.w_ih, &self.w_hh]
            .into_iter()
            .chain(&self.state)
            .chain(&self.memory)
            .chain(bias)
            .collect()
    }

    /// The same layer with other variables.
    fn map(&self, f: impl Fn(&Var) -> Result<Var>) -> Result<Self> {
        let maybe = |x: &Option<Var>| x.as_ref().map(&f).transpose();
        let bias = self.bias.as_ref().map(|[ih, hh]| Ok::<_, crate::Error>([f(ih)?, f(hh)?]));
        Ok(Self {
            cell: self.cell,
            x: f(&self.x)?,
            w_ih: f(&self.w_ih)?,
            w_hh: f(&self.w_hh)?,
            bias: bias.transpose()?,
            state: maybe(&self.state)?,
            memory: maybe(&self.memory)?,
            order: self.order,
            lengths: self.lengths.clone(),
        })
    }

    fn kernel(&self) -> Recurrent<'_> {
        Recurrent {
            cell: self.cell,
            x: self.x.value(),
            state: self.state.as_ref().map(Var::value),
            memory: self.memory.as_ref().map(Var::value),
            w_ih: self.w_ih.value(),
            w_hh: self.w_hh.value(),
            bias: self.bias.as_ref().map(|[ih, hh]| (ih.value(), hh.value())),
            order: self.order,
            lengths: self.lengths.as_deref(),
        }
    }

    fn run(self) -> Result<Vec<Var>> {
        let kernel = self.kernel();
        let tape = kernel.run()?;
        let mut values = vec![kernel.outputs(&tape)?, kernel.state(&tape)?];
        values.extend(kernel.memory(&tape)?);
        let name = match self.cell {
            RecurrentCell::Lstm => "lstm",
            RecurrentCell::Gru => "gru",
            _ => "rnn",
        };
        if !is_grad_enabled() {
            return Ok(values.into_iter().map(Var::constant).collect());
        }
        let layer = std::sync::Arc::new(self);
        let saved = layer.clone();
        Ok(Var::from_op_outputs(name, &layer.inputs(), values, move |grads| {
            if is_grad_enabled() {
                return composite_vjp(&saved.inputs(), |x| saved.composite(x), grads);
            }
            saved.backward(&tape, grads)
        }))
    }

    /// The fused derivative, in the order of [`Layer::inputs`].
    fn backward(&self, tape: &RecurrentTape, grads: &[Option<Var>]) -> Result<Vec<Option<Var>>> {
        let of = |i: usize| grads.get(i).and_then(|grad| grad.as_ref()).map(Var::value);
        let upstream = RecurrentUpstream { outputs: of(0), state: of(1), memory: of(2) };
        let wanted = RecurrentWanted {
            x: self.x.requires_grad(),
            state: self.state.as_ref().is_some_and(Var::requires_grad),
            w_ih: self.w_ih.requires_grad(),
            w_hh: self.w_hh.requires_grad(),
        };
        let found = self.kernel().grad(tape, upstream, wanted)?;
        let var = |x: Option<Tensor>| x.map(Var::constant);
        let mut grads = vec![var(found.x), var(found.w_ih), var(found.w_hh)];
        if self.state.is_some() {
            grads.push(var(found.state));
        }
        if self.memory.is_some() {
            grads.push(var(found.memory));
        }
        if self.bias.is_some() {
            grads.extend([Some(found.bias.0.into()), Some(found.bias.1.into())]);
        }
        Ok(grads)
    }

    /// The outputs in public ops, from inputs in the order of [`Layer::inputs`].
    fn composite(&self, inputs: &[Var]) -> Result<Vec<Var>> {
        let mut rest = inputs[3..].iter();
        let [x, w_ih, w_hh] = [&inputs[0], &inputs[1], &inputs[2]];
        let (steps, batch, hidden) = (x.dims()[0], x.dims()[1], w_hh.dims()[1]);
        let zeros = |dims: &[usize]| Tensor::zeros(dims, x.dtype()).map(Var::constant);
        let mut start = |given: &Option<Var>| match given.as_ref().and_then(|_| rest.next()) {
            Some(start) => Ok(start.clone()),
            None => zeros(&[batch, hidden]),
        };
        let (mut h, mut c) = (start(&self.state)?, start(&self.memory)?);
        let bias = rest.as_slice();
        let affine = |x: &Var, w: &Var, i: usize| {
            let y = x.matmul(&w.t()?)?;
            bias.get(i).map_or(Ok(y.clone()), |b| y.add(b))
        };
        let mut outputs = vec![zeros(&[batch, hidden])?; steps];
        let reverse = self.order == TimeOrder::Reverse;
        for s in 0..steps {
            let t = if reverse { steps - 1 - s } else { s };
            let from_x = affine(&x.select(0, t)?, w_ih, 0)?;
            let from_h = affine(&h, w_hh, 1)?;
            let (next_h, next_c) = step(self.cell, &from_x, &from_h, (&h, &c))?;
            let (has, next_h, next_c) = match self.has(t)? {
                None => (None, next_h, next_c),
                Some(has) => {
                    let h = Var::where_cond(&has, &next_h, &h)?;
                    (Some(has.clone()), h, Var::where_cond(&has, &next_c, &c)?)
                }
            };
            outputs[t] = match has {
                None => next_h.clone(),
                Some(has) => next_h.masked_fill(&has.logical_not()?, 0.0)?,
            };
            (h, c) = (next_h, next_c);
        }
        let y = if steps == 0 { zeros(&[0, batch, hidden])? } else { Var::stack(&outputs, 0)? };
        Ok(if self.cell.has_memory() { vec![y, h, c] } else { vec![y, h] })
    }

    /// Which rows have step `t`, `[B, 1]`, if not all have.
    fn has(&self, t: usize) -> Result<Option<Tensor>> {
        let Some(lengths) = &self.lengths else { return Ok(None) };
        let has: Vec<bool> = lengths.iter().map(|&len| t < len).collect();
        Ok(Some(Tensor::from_vec(has, Shape::from([lengths.len(), 1]))?))
    }
}

/// The new state and memory of the composite.
fn step(
    cell: RecurrentCell,
    from_x: &Var,
    from_h: &Var,
    (h, c): (&Var, &Var),
) -> Result<(Var, Var)> {
    match cell {
        RecurrentCell::RnnTanh => Ok((from_x.add(from_h)?.tanh()?, c.clone())),
        RecurrentCell::RnnRelu => Ok((from_x.add(from_h)?.relu()?, c.clone())),
        RecurrentCell::Lstm => super::lstm::step(from_x, from_h, c),
        RecurrentCell::Gru => Ok((super::gru::step(from_x, from_h, h)?, c.clone())),
    }
}
