//! The size of a recurrent language model.

use gradus_core::Keys;
use gradus_nn::{Dropout, Embedding, LinearConfig, Param, RecurrentConfig, RnnActivation, init};

use super::net::{NAME, RnnLm};
use super::recurrent::Recurrent;
use crate::error::{Result, require};

/// What a recurrent layer is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RnnKind {
    /// The plain layer with tanh: see [`gradus_nn::Rnn`].
    Rnn,
    /// Long short-term memory: see [`gradus_nn::Lstm`].
    #[default]
    Lstm,
    /// Gated recurrent units: see [`gradus_nn::Gru`].
    Gru,
}

/// Size of an [`RnnLm`].
///
/// # Examples
/// ```
/// use gradus_models::{RnnKind, RnnLmConfig};
/// let small = RnnLmConfig { kind: RnnKind::Gru, n_layers: 2, ..RnnLmConfig::new(65) };
/// assert_eq!((small.embedding_dim, small.hidden_size), (128, 128));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RnnLmConfig {
    /// How many different tokens there are (V).
    pub vocab: usize,
    /// How many classes a sequence can be conditioned on; 0 for none. A class is a token of its own, which is
    /// read before the first one.
    pub classes: usize,
    /// What the layers are made of.
    pub kind: RnnKind,
    /// Width of the tokens' vectors (E).
    pub embedding_dim: usize,
    /// Units of each layer (H).
    pub hidden_size: usize,
    /// How many layers there are.
    pub n_layers: usize,
    /// Probability, in `0.0..1.0`, with which a vector's entry, an output of a layer or of the last one is
    /// dropped in training.
    pub dropout: f64,
    /// Whether the table of the tokens is the head too; E and H are then the same.
    pub tie_word_embeddings: bool,
}

impl RnnLmConfig {
    /// One LSTM layer of 128 units on vectors of 128, a head of its own, without classes and without dropout.
    pub const fn new(vocab: usize) -> Self {
        Self {
            vocab,
            classes: 0,
            kind: RnnKind::Lstm,
            embedding_dim: 128,
            hidden_size: 128,
            n_layers: 1,
            dropout: 0.0,
            tie_word_embeddings: false,
        }
    }

    /// Draws the initial parameters, as PyTorch's layers do; a tied table from U(−0.1, 0.1), since those of a
    /// table alone would be far too large for a head.
    ///
    /// # Errors
    /// [`crate::Error::Config`] naming the field that cannot be, [`gradus_nn::Error::InvalidConfig`] if it is
    /// one of the layers.
    pub fn init(&self, keys: &mut Keys) -> Result<RnnLm> {
        const BOUND: f64 = 0.1;
        self.check()?;
        let Self { vocab, embedding_dim, hidden_size, dropout, .. } = *self;
        let table = [vocab + self.classes, embedding_dim];
        let token = if self.tie_word_embeddings {
            let weight = init::uniform(table, -BOUND, BOUND, keys.next_key())?;
            Embedding { weight: Param::new(weight), padding_idx: None }
        } else {
            Embedding::new(table[0], table[1], keys)?
        };
        let recurrent = RecurrentConfig {
            num_layers: self.n_layers,
            dropout,
            ..RecurrentConfig::new(embedding_dim, hidden_size)
        };
        let rnn = match self.kind {
            RnnKind::Rnn => Recurrent::Rnn(recurrent.rnn(RnnActivation::Tanh, keys)?),
            RnnKind::Lstm => Recurrent::Lstm(recurrent.lstm(keys)?),
            RnnKind::Gru => Recurrent::Gru(recurrent.gru(keys)?),
        };
        let head = LinearConfig::new(hidden_size, vocab);
        Ok(RnnLm {
            token,
            rnn,
            head: (!self.tie_word_embeddings).then(|| head.init(keys)).transpose()?,
            dropout: Dropout::new(dropout)?,
            config: self.clone(),
        })
    }

    fn check(&self) -> Result<()> {
        let Self { vocab, embedding_dim, hidden_size, .. } = *self;
        require(vocab > 0, NAME, "vocab", "above zero", vocab)?;
        let ids = vocab.saturating_add(self.classes).saturating_add(1);
        require(u32::try_from(ids).is_ok(), NAME, "vocab", "below 2³² with the classes", vocab)?;
        require(embedding_dim > 0, NAME, "embedding_dim", "above zero", embedding_dim)?;
        let fits = !self.tie_word_embeddings || embedding_dim == hidden_size;
        require(fits, NAME, "hidden_size", "that of the embedding, if tied", hidden_size)
    }
}
