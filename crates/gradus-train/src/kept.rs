//! The best parameters, and the last ones.

use std::collections::BTreeMap;

use gradus_autograd::Module;
use gradus_tensor::Tensor;

use crate::config::Keep;
use crate::error::Result;
use crate::fit::Fit;

/// The values of a model by path.
pub(crate) type StateDict = BTreeMap<String, Tensor>;

/// Values that the model does not have at the moment. Tensors share memory, so that taking them
/// aside copies nothing.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Those after the best epoch, if they are to be kept.
    pub(crate) best: Option<StateDict>,
    /// Those after the last update, while the model has the best ones.
    pub(crate) last: Option<StateDict>,
}

impl<M: Module, B> Fit<'_, M, B> {
    /// Notes that the model is the best so far.
    pub(crate) fn keep_best(&mut self) {
        if self.config.keep == Keep::Best {
            self.kept.best = Some(self.model.state_dict());
        }
    }

    /// Gives the model the values that [`Keep`] names.
    pub(crate) fn show_kept(&mut self) -> Result<()> {
        let Some(best) = self.kept.best.as_ref().filter(|_| self.config.keep == Keep::Best) else {
            return Ok(());
        };
        let last = self.model.state_dict();
        self.model.load_state_dict(best)?;
        self.kept.last.get_or_insert(last);
        Ok(())
    }

    /// Gives the model the values from which training goes on.
    pub(crate) fn show_last(&mut self) -> Result<()> {
        if let Some(last) = self.kept.last.take() {
            self.model.load_state_dict(&last)?;
        }
        Ok(())
    }

    /// The values after the last update, whichever the model has.
    pub(crate) fn last_values(&self) -> StateDict {
        self.kept.last.clone().unwrap_or_else(|| self.model.state_dict())
    }
}
