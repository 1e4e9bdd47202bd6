//! Parameters that learn later, or not at all.

use gradus_autograd::Module;
use gradus_nn::{freeze_where, unfreeze_where};

use crate::callback::{Callback, NextStep};
use crate::error::{Error, Result};

/// Keeps parts of a model as they are until an epoch: for fine-tuning, where a new head learns
/// before the body under it may move.
///
/// It is a function of the epoch alone, so a run that is resumed is the same run.
///
/// # Examples
/// ```
/// use gradus_train::Freeze;
/// let body = Freeze::until(3, ["embedding", "blocks"]); // learns from the third epoch on
/// let head = Freeze::always(["norm"]);
/// # let _ = (body, head);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    parts: Vec<String>,
    /// The first epoch in which they learn, counted from one.
    until: Option<u64>,
}

impl Freeze {
    /// Freezes the parameters under these paths until an epoch begins, which counts from one.
    pub fn until<S: Into<String>>(epoch: u64, parts: impl IntoIterator<Item = S>) -> Self {
        Self { parts: parts.into_iter().map(Into::into).collect(), until: Some(epoch) }
    }

    /// Freezes the parameters under these paths.
    pub fn always<S: Into<String>>(parts: impl IntoIterator<Item = S>) -> Self {
        Self { parts: parts.into_iter().map(Into::into).collect(), until: None }
    }
}

/// Whether a parameter is the part or in it: `blocks.1` holds `blocks.1.weight`, not `blocks.10`.
fn is_under(path: &str, part: &str) -> bool {
    path.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl Callback for Freeze {
    fn before_step(&mut self, next: &NextStep, model: &mut dyn Module) -> Result<()> {
        let is_frozen = self.until.is_none_or(|epoch| next.epoch < epoch);
        for part in &self.parts {
            let chosen = |path: &str| is_under(path, part);
            let count =
                if is_frozen { freeze_where(model, chosen) } else { unfreeze_where(model, chosen) };
            if count == 0 {
                let expected = "the path of a parameter or of a part that has some";
                return Err(Error::Config { field: "freeze", expected, got: part.clone() });
            }
        }
        Ok(())
    }
}
