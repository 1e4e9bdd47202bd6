//! How a recurrent layer is made.

use gradus_core::Keys;
use gradus_tensor::RecurrentCell;

use super::stack::Stack;
use super::{Gru, Lstm, Rnn};
use crate::error::require;
use crate::{Result, RnnActivation};

/// In which directions of time a recurrent layer runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Directions {
    /// From the first step to the last.
    #[default]
    Forward,
    /// Both ways, side by side: the outputs are twice as wide, forward first.
    Both,
}

impl Directions {
    /// One or two.
    pub const fn count(self) -> usize {
        match self {
            Self::Forward => 1,
            Self::Both => 2,
        }
    }
}

/// The order of the dimensions of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SequenceLayout {
    /// `[B, T, F]`.
    #[default]
    BatchFirst,
    /// `[T, B, F]`, PyTorch's default.
    TimeFirst,
}

/// Configuration of an [`Rnn`], [`Lstm`] or [`Gru`].
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_nn::{Directions, Module, RecurrentConfig};
///
/// let config = RecurrentConfig { directions: Directions::Both, ..RecurrentConfig::new(8, 16) };
/// let lstm = config.lstm(&mut Keys::new(7))?;
/// assert!(lstm.state_dict().contains_key("weight_hh_l0_reverse"));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecurrentConfig {
    /// Size F of the last dimension of the input.
    pub input_size: usize,
    /// Units H per layer and direction.
    pub hidden_size: usize,
    /// Layers, each reading the outputs of the one before.
    pub num_layers: usize,
    /// Whether learned vectors are added.
    pub bias: bool,
    /// The order of dimensions of inputs and outputs; states are always `[layers · directions, B, H]`.
    pub layout: SequenceLayout,
    /// Probability with which an output of a layer below the last is dropped in training.
    pub dropout: f64,
    /// In which directions the layers run.
    pub directions: Directions,
}

impl RecurrentConfig {
    /// One layer forward in time, with biases, without dropout, of `[B, T, F]`.
    pub const fn new(input_size: usize, hidden_size: usize) -> Self {
        Self {
            input_size,
            hidden_size,
            num_layers: 1,
            bias: true,
            layout: SequenceLayout::BatchFirst,
            dropout: 0.0,
            directions: Directions::Forward,
        }
    }

    /// A plain RNN, drawn from U(−1/√H, 1/√H) as in PyTorch.
    ///
    /// # Errors
    /// [`crate::Error::InvalidConfig`] if an extent or the number of layers is zero, or `dropout` is
    /// not in `0.0..1.0`.
    pub fn rnn(&self, activation: RnnActivation, keys: &mut Keys) -> Result<Rnn> {
        let cell = match activation {
            RnnActivation::Tanh => RecurrentCell::RnnTanh,
            RnnActivation::Relu => RecurrentCell::RnnRelu,
        };
        Ok(Rnn { stack: self.stack("Rnn", cell, keys)? })
    }

    /// An LSTM, drawn likewise.
    ///
    /// # Errors
    /// As [`RecurrentConfig::rnn`].
    pub fn lstm(&self, keys: &mut Keys) -> Result<Lstm> {
        Ok(Lstm { stack: self.stack("Lstm", RecurrentCell::Lstm, keys)? })
    }

    /// A GRU, drawn likewise.
    ///
    /// # Errors
    /// As [`RecurrentConfig::rnn`].
    pub fn gru(&self, keys: &mut Keys) -> Result<Gru> {
        Ok(Gru { stack: self.stack("Gru", RecurrentCell::Gru, keys)? })
    }

    fn stack(&self, name: &'static str, cell: RecurrentCell, keys: &mut Keys) -> Result<Stack> {
        for (field, extent) in [
            ("input_size", self.input_size),
            ("hidden_size", self.hidden_size),
            ("num_layers", self.num_layers),
        ] {
            require(extent > 0, name, field, "above zero", extent)?;
        }
        let p = self.dropout;
        require((0.0..1.0).contains(&p), name, "dropout", "in 0.0..1.0", p)?;
        Stack::init(name, cell, *self, keys)
    }
}
