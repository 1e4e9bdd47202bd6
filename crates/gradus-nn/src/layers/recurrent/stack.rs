//! What the three layers share: parameters by layer and direction, and the run through them.

use gradus_autograd::{
    Module, Param, Path, RecurrentOptions, RecurrentWeights, RnnActivation, Segment, Slot, SlotMut,
    Var,
};
use gradus_core::{Keys, Kind};
use gradus_tensor::{RecurrentCell, TimeOrder};

use super::{Directions, RecurrentConfig, SequenceLayout};
use crate::{Ctx, Error, Result, init};

/// The weights of one layer in one direction.
#[derive(Debug, Clone)]
pub(super) struct Weights {
    pub(super) ih: Param,
    pub(super) hh: Param,
    pub(super) bias: Option<[Param; 2]>,
}

impl Weights {
    /// Draws all from U(−1/√H, 1/√H).
    pub(super) fn init(
        cell: RecurrentCell,
        (inputs, hidden): (usize, usize),
        bias: bool,
        keys: &mut Keys,
    ) -> Result<Self> {
        let bound = 1.0 / (hidden as f64).sqrt();
        let rows = cell.gates() * hidden;
        let mut draw =
            |shape: &[usize]| init::uniform(shape, -bound, bound, keys.next_key()).map(Param::new);
        let (ih, hh) = (draw(&[rows, inputs])?, draw(&[rows, hidden])?);
        let bias = if bias { Some([draw(&[rows])?, draw(&[rows])?]) } else { None };
        Ok(Self { ih, hh, bias })
    }

    fn vars(&self) -> Vars {
        let bias = self.bias.as_ref().map(|bias| bias.each_ref().map(Param::var));
        (self.ih.var(), self.hh.var(), bias)
    }
}

/// `W_ih`, `W_hh` and the biases in a computation.
pub(super) type Vars = (Var, Var, Option<[Var; 2]>);

/// Runs one layer over `[T, B, F]`: outputs, then the last state and, for an LSTM, memory.
pub(super) fn run(
    cell: RecurrentCell,
    x: &Var,
    start: Option<&[Var]>,
    (w_ih, w_hh, bias): &Vars,
    options: RecurrentOptions<'_>,
) -> Result<(Var, Vec<Var>)> {
    let bias = bias.as_ref().map(|[ih, hh]| (ih, hh));
    let weights = RecurrentWeights { w_ih, w_hh, bias };
    let state = start.map(|start| &start[0]);
    Ok(match cell {
        RecurrentCell::RnnTanh | RecurrentCell::RnnRelu => {
            let relu = cell == RecurrentCell::RnnRelu;
            let activation = if relu { RnnActivation::Relu } else { RnnActivation::Tanh };
            let (y, h) = x.rnn(state, weights, activation, options)?;
            (y, vec![h])
        }
        RecurrentCell::Gru => {
            let (y, h) = x.gru(state, weights, options)?;
            (y, vec![h])
        }
        RecurrentCell::Lstm => {
            let start = start.map(|start| (&start[0], &start[1]));
            let (y, (h, c)) = x.lstm(start, weights, options)?;
            (y, vec![h, c])
        }
    })
}

/// Layers of a cell.
#[derive(Debug, Clone)]
pub(super) struct Stack {
    name: &'static str,
    cell: RecurrentCell,
    pub(super) config: RecurrentConfig,
    /// Layer by layer, forward before reverse.
    weights: Vec<Weights>,
}

impl Stack {
    pub(super) fn init(
        name: &'static str,
        cell: RecurrentCell,
        config: RecurrentConfig,
        keys: &mut Keys,
    ) -> Result<Self> {
        let RecurrentConfig { input_size, hidden_size, bias, .. } = config;
        let directions = config.directions.count();
        let mut weights = Vec::new();
        for layer in 0..config.num_layers {
            let inputs = if layer == 0 { input_size } else { directions * hidden_size };
            for _ in 0..directions {
                weights.push(Weights::init(cell, (inputs, hidden_size), bias, keys)?);
            }
        }
        Ok(Self { name, cell, config, weights })
    }

    /// Runs all layers over a sequence in the configured layout. A state is `[layers · directions, B, H]`.
    pub(super) fn run(
        &self,
        x: &Var,
        start: Option<&[&Var]>,
        lengths: Option<&[usize]>,
        ctx: &mut Ctx,
    ) -> Result<(Var, Vec<Var>)> {
        let time_first = self.config.layout == SequenceLayout::TimeFirst;
        if x.rank() != 3 || x.dims()[2] != self.config.input_size {
            let dims = if time_first { "T, B" } else { "B, T" };
            let expected = format!("[{dims}, {}]", self.config.input_size);
            return Err(Error::InputShape { layer: self.name, expected, got: x.shape().clone() });
        }
        let x = if time_first { x.clone() } else { x.transpose(0, 1)? };
        let (y, end) = self.over_time(x, start, lengths, ctx)?;
        Ok((if time_first { y } else { y.transpose(0, 1)? }, end))
    }

    /// One step of `[B, F]`.
    pub(super) fn step(&self, x: &Var, start: Option<&[&Var]>) -> Result<(Var, Vec<Var>)> {
        let forward = self.config.directions == Directions::Forward;
        let expected = "Directions::Forward to go step by step";
        let got = self.config.directions;
        crate::error::require(forward, self.name, "directions", expected, got)?;
        if x.rank() != 2 || x.dims()[1] != self.config.input_size {
            let expected = format!("[B, {}]", self.config.input_size);
            return Err(Error::InputShape { layer: self.name, expected, got: x.shape().clone() });
        }
        let (y, end) = self.over_time(x.unsqueeze(0)?, start, None, &mut Ctx::eval())?;
        Ok((y.select(0, 0)?, end))
    }

    /// `x` is `[T, B, F]`.
    fn over_time(
        &self,
        mut x: Var,
        start: Option<&[&Var]>,
        lengths: Option<&[usize]>,
        ctx: &mut Ctx,
    ) -> Result<(Var, Vec<Var>)> {
        let directions = self.config.directions.count();
        self.check_start(start, x.dims()[1])?;
        let mut ends = vec![Vec::new(); if self.cell.has_memory() { 2 } else { 1 }];
        for (layer, weights) in self.weights.chunks(directions).enumerate() {
            if layer > 0 && ctx.is_train() && self.config.dropout > 0.0 {
                x = x.dropout(self.config.dropout, ctx.next_key()?.kind(Kind::Dropout))?;
            }
            let mut outputs = Vec::new();
            for (i, weights) in weights.iter().enumerate() {
                let order = [TimeOrder::Forward, TimeOrder::Reverse][i];
                let slot = layer * directions + i;
                let start = start.map(|start| {
                    start.iter().map(|start| start.select(0, slot)).collect::<Result<Vec<_>, _>>()
                });
                let options = RecurrentOptions { order, lengths };
                let start = start.transpose()?;
                let rows = x.dims()[0] * x.dims()[1];
                ctx.count(2 * (rows * (weights.ih.len() + weights.hh.len())) as u64);
                let (y, end) = run(self.cell, &x, start.as_deref(), &weights.vars(), options)?;
                outputs.push(y);
                ends.iter_mut().zip(end).for_each(|(ends, end)| ends.push(end));
            }
            x = if directions == 1 { outputs.remove(0) } else { Var::cat(&outputs, -1)? };
        }
        let ends = ends.iter().map(|ends| match &ends[..] {
            [end] => end.unsqueeze(0),
            ends => Var::stack(ends, 0),
        });
        Ok((x, ends.collect::<Result<_, _>>()?))
    }

    fn check_start(&self, start: Option<&[&Var]>, batch: usize) -> Result<()> {
        let expected = [self.weights.len(), batch, self.config.hidden_size];
        let wrong = start.unwrap_or(&[]).iter().find(|start| start.dims() != expected);
        wrong.map_or(Ok(()), |wrong| {
            let expected = format!("a start of {expected:?}");
            Err(Error::InputShape { layer: self.name, expected, got: wrong.shape().clone() })
        })
    }

    /// PyTorch's name of a parameter.
    fn segment(&self, name: &'static str, i: usize) -> Segment {
        let directions = self.config.directions.count();
        let suffix = if i % directions == 1 { "_reverse" } else { "" };
        Segment::Counted { name, index: i / directions, suffix }
    }
}

const WEIGHT_IH: &str = "weight_ih_l";
const WEIGHT_HH: &str = "weight_hh_l";
const BIAS: [&str; 2] = ["bias_ih_l", "bias_hh_l"];

impl Module for Stack {
    fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
        for (i, weights) in self.weights.iter().enumerate() {
            path.with(self.segment(WEIGHT_IH, i), |path| weights.ih.visit(path, f));
            path.with(self.segment(WEIGHT_HH, i), |path| weights.hh.visit(path, f));
            for (name, bias) in BIAS.into_iter().zip(weights.bias.iter().flatten()) {
                path.with(self.segment(name, i), |path| bias.visit(path, f));
            }
        }
    }

    fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
        let names: Vec<[Segment; 4]> = (0..self.weights.len())
            .map(|i| [WEIGHT_IH, WEIGHT_HH, BIAS[0], BIAS[1]].map(|name| self.segment(name, i)))
            .collect();
        for (weights, [ih, hh, bias @ ..]) in self.weights.iter_mut().zip(names) {
            path.with(ih, |path| weights.ih.visit_mut(path, f));
            path.with(hh, |path| weights.hh.visit_mut(path, f));
            for (name, bias) in bias.into_iter().zip(weights.bias.iter_mut().flatten()) {
                path.with(name, |path| bias.visit_mut(path, f));
            }
        }
    }
}

/// Stamps what the three layers have alike: the module is that of the stack, without a name of its own.
macro_rules! layer_of_stack {
    ($($layer:ident $make:expr),*) => {$(
        impl Module for super::$layer {
            fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
                self.stack.visit(path, f);
            }

            fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
                self.stack.visit_mut(path, f);
            }
        }

        impl crate::Layer for super::$layer {
            /// The outputs from a start of zeros.
            fn forward(&self, x: &Var, ctx: &mut Ctx) -> Result<Var> {
                Ok(self.stack.run(x, None, None, ctx)?.0)
            }
        }

        impl super::$layer {
            /// One layer with [`RecurrentConfig::new`].
            ///
            /// # Errors
            /// [`Error::InvalidConfig`] if an extent is zero.
            pub fn new(input_size: usize, hidden_size: usize, keys: &mut Keys) -> Result<Self> {
                let make = $make;
                make(&RecurrentConfig::new(input_size, hidden_size), keys)
            }

            /// How it was made.
            pub fn config(&self) -> &RecurrentConfig {
                &self.stack.config
            }
        }
    )*};
}
layer_of_stack!(
    Rnn |config: &RecurrentConfig, keys| config.rnn(RnnActivation::Tanh, keys),
    Lstm RecurrentConfig::lstm,
    Gru RecurrentConfig::gru
);
