//! How queries look at keys.

use gradus_core::Key;

use crate::Tensor;

/// Whether a query may look at keys that come after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Causal {
    /// At all keys.
    #[default]
    No,
    /// Not at later ones. The last query stands at the last key: with T queries and S keys, query
    /// i may look at keys 0 ..= i + S − T, so that new queries see all of a cache.
    Yes,
}

/// How [`Tensor::attention`] weighs the values.
#[derive(Debug, Clone, Copy, Default)]
pub struct AttentionOptions<'a> {
    /// Factor of the scores; `None` is 1/√D.
    pub scale: Option<f64>,
    /// Whether later keys are hidden.
    pub causal: Causal,
    /// How many keys a causal query sees, its own being the last; `None` is all up to its own.
    pub window: Option<usize>,
    /// `[..., T, S]`, broadcast to the scores: `bool`, true where a query may look at a key, or of
    /// the queries' dtype and added to the scores, where −∞ hides a key.
    pub mask: Option<&'a Tensor>,
    /// Probability p with which a weight is dropped, and the key that says which: with the leading
    /// dimensions counted as one head index h, the weight of key j for the query at place i is
    /// dropped where `key.kind(Kind::Dropout).at(h, i).uniform(j) < p`. A causal query's place is
    /// that of its key, so a draw does not depend on how many queries or keys are given. Other
    /// weights are multiplied by 1/(1 − p).
    pub dropout: Option<(f64, Key)>,
}
