//! The best parameters, their averages, and the last ones.

use std::collections::BTreeMap;

use gradus_autograd::Module;
use gradus_nn::AveragedWeights;
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
    /// The averages, if they are taken and there has been an update.
    pub(crate) averages: Option<AveragedWeights>,
    /// Those after the last update, while the model has the best ones or the averages.
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
        let best = self.kept.best.clone().filter(|_| self.config.keep == Keep::Best);
        match best {
            Some(best) => self.show(&best),
            None => self.show_average(),
        }
    }

    /// Gives the model the averages, if they are taken.
    pub(crate) fn show_average(&mut self) -> Result<()> {
        let Some(averages) = &self.kept.averages else { return Ok(()) };
        let last = self.model.state_dict();
        averages.apply_to(&mut self.model)?;
        self.kept.last.get_or_insert(last);
        Ok(())
    }

    fn show(&mut self, values: &StateDict) -> Result<()> {
        let last = self.model.state_dict();
        self.model.load_state_dict(values)?;
        self.kept.last.get_or_insert(last);
        Ok(())
    }

    /// Takes the parameters after an update into the averages.
    pub(crate) fn add_to_average(&mut self) -> Result<()> {
        let Some(averaging) = self.config.averaging else { return Ok(()) };
        let averages = match self.kept.averages.take() {
            Some(averages) => averages,
            None => AveragedWeights::new(&self.model, averaging)?,
        };
        Ok(self.kept.averages.insert(averages).update(&self.model)?)
    }

    /// Gives the model the values from which training goes on.
    pub(crate) fn show_last(&mut self) -> Result<()> {
        match self.kept.last.take() {
            Some(last) => Ok(self.model.load_state_dict(&last)?),
            None => Ok(()),
        }
    }

    /// The values after the last update, whichever the model has.
    pub(crate) fn last_values(&self) -> StateDict {
        self.kept.last.clone().unwrap_or_else(|| self.model.state_dict())
    }
}
