//! Recurrent layers of any kind.

use gradus_autograd::{Module, Path, Slot, SlotMut, Var};
use gradus_nn::{Ctx, Gru, Lstm, LstmState, Result, Rnn};

/// One of the three, as a module without a name of its own.
#[derive(Debug, Clone)]
pub(crate) enum Recurrent {
    Rnn(Rnn),
    Lstm(Lstm),
    Gru(Gru),
}

impl Recurrent {
    /// Outputs `[B, T, H]` of `[B, T, E]`, and the last states, `[layers, B, H]` each: h, and the memory of
    /// an LSTM.
    pub(crate) fn run(
        &self,
        x: &Var,
        start: Option<&[Var]>,
        ctx: &mut Ctx,
    ) -> Result<(Var, Vec<Var>)> {
        Ok(match self {
            Self::Rnn(rnn) => {
                let (y, h) = rnn.run(x, start.map(|start| &start[0]), None, ctx)?;
                (y, vec![h])
            }
            Self::Gru(gru) => {
                let (y, h) = gru.run(x, start.map(|start| &start[0]), None, ctx)?;
                (y, vec![h])
            }
            Self::Lstm(lstm) => {
                let start =
                    start.map(|start| LstmState { h: start[0].clone(), c: start[1].clone() });
                let (y, LstmState { h, c }) = lstm.run(x, start.as_ref(), None, ctx)?;
                (y, vec![h, c])
            }
        })
    }

    /// How many tensors are a state.
    pub(crate) fn parts(&self) -> usize {
        if matches!(self, Self::Lstm(_)) { 2 } else { 1 }
    }

    fn module(&self) -> &dyn Module {
        match self {
            Self::Rnn(rnn) => rnn,
            Self::Lstm(lstm) => lstm,
            Self::Gru(gru) => gru,
        }
    }
}

impl Module for Recurrent {
    fn visit<'a>(&'a self, path: &mut Path, f: &mut dyn FnMut(&Path, Slot<'a>)) {
        self.module().visit(path, f);
    }

    fn visit_mut<'a>(&'a mut self, path: &mut Path, f: &mut dyn FnMut(&Path, SlotMut<'a>)) {
        match self {
            Self::Rnn(rnn) => rnn.visit_mut(path, f),
            Self::Lstm(lstm) => lstm.visit_mut(path, f),
            Self::Gru(gru) => gru.visit_mut(path, f),
        }
    }
}
