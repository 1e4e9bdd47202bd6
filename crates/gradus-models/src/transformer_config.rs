//! The size of a transformer.

use gradus_nn::Activation;

use crate::error::{Result, require};

/// How a transformer knows where a token stands.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Positions {
    /// A learned vector for each position is added to the token's, as in GPT-2.
    #[default]
    Learned,
    /// Queries and keys are turned by an angle for each position, as in Llama: attention depends on
    /// distances alone, and there is no parameter. Heads must have an even size.
    ///
    /// # Reference
    /// Su et al. 2021, "`RoFormer`: Enhanced Transformer with Rotary Position Embedding".
    Rotary {
        /// The slowest turn takes 2π times about so many positions; 10,000 in the paper.
        base: f64,
    },
}

/// Size of a [`Gpt`](crate::Gpt) or a [`MaskedTransformer`](crate::MaskedTransformer).
///
/// The two differ in what a position may see, not in their size, so that they can be compared.
///
/// # Examples
/// ```
/// use gradus_models::TransformerConfig;
/// let digits = TransformerConfig { classes: 10, width: 32, ..TransformerConfig::new(17, 64) };
/// assert_eq!((digits.n_heads, digits.n_layers, digits.dropout), (4, 3, 0.0));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TransformerConfig {
    /// How many different tokens there are (V).
    pub vocab: usize,
    /// The most positions of a sequence.
    pub context: usize,
    /// How many classes a sequence can be conditioned on; 0 for none. A class is a token of its own,
    /// in a place of its own before the first position.
    pub classes: usize,
    /// Width of the hidden vectors (C).
    pub width: usize,
    /// Attention heads per block (H); divides the width.
    pub n_heads: usize,
    /// Heads of keys and values, each shared by a group of heads; divides `n_heads`. `None` is one for
    /// each. Fewer make the cache smaller (Ainslie et al. 2023, "GQA").
    pub n_kv_heads: Option<usize>,
    /// How positions are known.
    pub positions: Positions,
    /// How many blocks there are.
    pub n_layers: usize,
    /// Probability, in `0.0..1.0`, with which a hidden value is dropped in training.
    pub dropout: f64,
    /// The function inside the feed-forward networks; GPT-2's is [`Activation::GeluTanh`].
    pub activation: Activation,
    /// Whether the table of the tokens is the head too, as in GPT-2.
    pub tie_word_embeddings: bool,
}

impl TransformerConfig {
    /// Three blocks of width 64 with four heads, learned positions, GELU and a head of its own,
    /// without classes and without dropout.
    pub const fn new(vocab: usize, context: usize) -> Self {
        Self {
            vocab,
            context,
            classes: 0,
            width: 64,
            n_heads: 4,
            n_kv_heads: None,
            positions: Positions::Learned,
            n_layers: 3,
            dropout: 0.0,
            activation: Activation::Gelu,
            tie_word_embeddings: false,
        }
    }

    /// The smallest GPT-2: 124 million parameters.
    ///
    /// # Reference
    /// Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", table 2.
    ///
    /// # Examples
    /// ```
    /// use gradus_models::TransformerConfig;
    /// let small = TransformerConfig::gpt2();
    /// assert_eq!((small.vocab, small.context, small.width), (50_257, 1024, 768));
    /// ```
    pub const fn gpt2() -> Self {
        Self {
            width: 768,
            n_heads: 12,
            n_layers: 12,
            activation: Activation::GeluTanh,
            tie_word_embeddings: true,
            ..Self::new(50_257, 1024)
        }
    }

    /// The base of rotary positions.
    pub(crate) fn rope(&self) -> Option<f64> {
        match self.positions {
            Positions::Learned => None,
            Positions::Rotary { base } => Some(base),
        }
    }

    /// Places of a sequence, the class's included.
    pub(crate) fn places(&self) -> usize {
        self.context + usize::from(self.classes > 0)
    }

    pub(crate) fn check(&self, model: &'static str) -> Result<()> {
        let Self { vocab, context, width, n_heads, .. } = *self;
        // Ids are u32 for the strategies, with room for the classes and the mask.
        let ids = vocab.saturating_add(self.classes).saturating_add(1);
        require(vocab > 0, model, "vocab", "above zero", vocab)?;
        require(u32::try_from(ids).is_ok(), model, "vocab", "below 2³² with the classes", vocab)?;
        require(context > 0, model, "context", "above zero", context)?;
        require(width > 0, model, "width", "above zero", width)?;
        let divides = n_heads > 0 && width.is_multiple_of(n_heads);
        require(divides, model, "n_heads", "a divisor of the width", n_heads)?;
        let groups = self.n_kv_heads.is_none_or(|kv| kv > 0 && n_heads.is_multiple_of(kv));
        require(groups, model, "n_kv_heads", "a divisor of n_heads", self.n_kv_heads)?;
        let Positions::Rotary { base } = self.positions else { return Ok(()) };
        require(base > 0.0 && base.is_finite(), model, "positions", "a base above zero", base)?;
        let even = (width / n_heads).is_multiple_of(2);
        require(even, model, "positions", "learned for heads of odd size", self.positions)
    }
}
