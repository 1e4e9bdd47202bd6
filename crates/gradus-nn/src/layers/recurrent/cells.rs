//! Single steps of one layer, with parameters of their own.

use gradus_autograd::{Param, RecurrentOptions, RnnActivation, Var};
use gradus_core::Keys;
use gradus_tensor::RecurrentCell;

use super::stack::Weights;
use crate::error::require;
use crate::{Error, Module, Result};

/// Stamps a cell: parameters, how they are drawn, and a step through them.
macro_rules! cells {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Module)]
        pub struct $name {
            /// From the input to the gates: `[gates · H, F]`.
            pub weight_ih: Param,
            /// From the state to the gates: `[gates · H, H]`.
            pub weight_hh: Param,
            /// What is added to the first product: `[gates · H]`.
            pub bias_ih: Option<Param>,
            /// What is added to the second product: `[gates · H]`.
            pub bias_hh: Option<Param>,
            #[module(skip)]
            cell: RecurrentCell,
        }

        impl $name {
            fn draw(
                cell: RecurrentCell,
                input_size: usize,
                hidden_size: usize,
                keys: &mut Keys,
            ) -> Result<Self> {
                const NAME: &str = stringify!($name);
                require(input_size > 0, NAME, "input_size", "above zero", input_size)?;
                require(hidden_size > 0, NAME, "hidden_size", "above zero", hidden_size)?;
                let weights = Weights::init(cell, (input_size, hidden_size), true, keys)?;
                let [bias_ih, bias_hh] = weights.bias.map_or([None, None], |bias| bias.map(Some));
                let (weight_ih, weight_hh) = (weights.ih, weights.hh);
                Ok(Self { weight_ih, weight_hh, bias_ih, bias_hh, cell })
            }

            /// The new state, and memory if there is one.
            fn advance(&self, x: &Var, start: Option<&[Var]>) -> Result<Vec<Var>> {
                let inputs = self.weight_ih.value().dims()[1];
                if x.rank() != 2 || x.dims()[1] != inputs {
                    let (layer, expected) = (stringify!($name), format!("[B, {inputs}]"));
                    return Err(Error::InputShape { layer, expected, got: x.shape().clone() });
                }
                let bias = self.bias_ih.as_ref().zip(self.bias_hh.as_ref());
                let parts = Parts { ih: &self.weight_ih, hh: &self.weight_hh, bias };
                parts.run(self.cell, &x.unsqueeze(0)?, start)
            }
        }
    )*};
}

cells! {
    /// One step of a plain recurrent layer.
    RnnCell
    /// One step of long short-term memory.
    ///
    /// # Examples
    /// ```
    /// use gradus_core::Keys;
    /// use gradus_nn::{LstmCell, Tensor, Var};
    /// let cell = LstmCell::new(3, 2, &mut Keys::new(7))?;
    /// let x = Var::constant(Tensor::new([[1.0, 2.0, 3.0]]));
    /// let (h, c) = cell.step(&x, None)?;
    /// let (h, _) = cell.step(&x, Some((&h, &c)))?;
    /// assert_eq!(h.dims(), &[1, 2]);
    /// # Ok::<(), gradus_nn::Error>(())
    /// ```
    LstmCell
    /// One step of a gated recurrent unit.
    GruCell
}

/// The parameters of a cell, wherever they are.
struct Parts<'a> {
    ih: &'a Param,
    hh: &'a Param,
    bias: Option<(&'a Param, &'a Param)>,
}

impl Parts<'_> {
    fn run(&self, cell: RecurrentCell, x: &Var, start: Option<&[Var]>) -> Result<Vec<Var>> {
        let bias = self.bias.map(|(ih, hh)| [ih.var(), hh.var()]);
        let vars = (self.ih.var(), self.hh.var(), bias);
        Ok(super::stack::run(cell, x, start, &vars, RecurrentOptions::default())?.1)
    }
}

impl RnnCell {
    /// A cell with biases, drawn from U(−1/√H, 1/√H).
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if an extent is zero.
    pub fn new(
        input_size: usize,
        hidden_size: usize,
        activation: RnnActivation,
        keys: &mut Keys,
    ) -> Result<Self> {
        let cell = match activation {
            RnnActivation::Tanh => RecurrentCell::RnnTanh,
            RnnActivation::Relu => RecurrentCell::RnnRelu,
        };
        Self::draw(cell, input_size, hidden_size, keys)
    }

    /// The next state, `[B, H]`, from inputs `[B, F]` and a state (`None`: zeros).
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn step(&self, x: &Var, state: Option<&Var>) -> Result<Var> {
        let start = state.map(|h| vec![h.clone()]);
        Ok(self.advance(x, start.as_deref())?.remove(0))
    }
}

impl LstmCell {
    /// A cell with biases, drawn from U(−1/√H, 1/√H).
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if an extent is zero.
    pub fn new(input_size: usize, hidden_size: usize, keys: &mut Keys) -> Result<Self> {
        Self::draw(RecurrentCell::Lstm, input_size, hidden_size, keys)
    }

    /// The next state and memory, `[B, H]` each, from inputs `[B, F]` and those before (`None`: zeros).
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn step(&self, x: &Var, start: Option<(&Var, &Var)>) -> Result<(Var, Var)> {
        let start = start.map(|(h, c)| vec![h.clone(), c.clone()]);
        let mut end = self.advance(x, start.as_deref())?;
        let c = end.remove(1);
        Ok((end.remove(0), c))
    }
}

impl GruCell {
    /// A cell with biases, drawn from U(−1/√H, 1/√H).
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if an extent is zero.
    pub fn new(input_size: usize, hidden_size: usize, keys: &mut Keys) -> Result<Self> {
        Self::draw(RecurrentCell::Gru, input_size, hidden_size, keys)
    }

    /// The next state, `[B, H]`, from inputs `[B, F]` and a state (`None`: zeros).
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn step(&self, x: &Var, state: Option<&Var>) -> Result<Var> {
        let start = state.map(|h| vec![h.clone()]);
        Ok(self.advance(x, start.as_deref())?.remove(0))
    }
}
