//! The best parameters, their moving averages, and the last ones.

use std::collections::{BTreeMap, BTreeSet};

use gradus_autograd::Module;
use gradus_tensor::{DType, Tensor};

use crate::config::{Ema, Keep};
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
    /// The moving averages, if they are taken; those of bf16 parameters in f32.
    pub(crate) ema: Option<StateDict>,
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

    /// Gives the model the moving averages, if they are taken.
    pub(crate) fn show_average(&mut self) -> Result<()> {
        let ema = self.kept.ema.as_ref().filter(|_| self.config.ema.is_some());
        match ema.map(|ema| self.as_model(ema)).transpose()? {
            Some(ema) => self.show(&ema),
            None => Ok(()),
        }
    }

    fn show(&mut self, values: &StateDict) -> Result<()> {
        let last = self.model.state_dict();
        self.model.load_state_dict(values)?;
        self.kept.last.get_or_insert(last);
        Ok(())
    }

    /// Moves the averages towards the model, which has made its `step`-th update (from 0).
    pub(crate) fn move_average(&mut self, step: u64) -> Result<()> {
        let Some(Ema { decay }) = self.config.ema else { return Ok(()) };
        let values = self.model.state_dict();
        let Some(old) = self.kept.ema.take() else {
            let wide = values.into_iter().map(|(path, value)| Ok((path, widened(&value)?)));
            self.kept.ema = Some(wide.collect::<Result<_>>()?);
            return Ok(());
        };
        let share = 1.0 - decay.min((1.0 + step as f64) / (10.0 + step as f64));
        let is_learned: BTreeSet<String> =
            self.model.named_parameters().into_iter().map(|(path, _)| path).collect();
        let average = |(path, value): (String, Tensor)| {
            let value = widened(&value)?;
            let moved = match old.get(&path) {
                Some(old) if is_learned.contains(&path) && value.dtype().is_float() => {
                    old.add(&value.sub(old)?.mul_scalar(share)?)?
                }
                _ => value,
            };
            Ok((path, moved))
        };
        self.kept.ema = Some(values.into_iter().map(average).collect::<Result<_>>()?);
        Ok(())
    }

    /// Averages with the dtypes of the model.
    pub(crate) fn as_model(&self, ema: &StateDict) -> Result<StateDict> {
        let own = self.model.state_dict();
        let cast = |(path, value): (&String, &Tensor)| {
            let dtype = own.get(path).map_or(value.dtype(), Tensor::dtype);
            Ok((path.clone(), value.to_dtype(dtype)?))
        };
        ema.iter().map(cast).collect()
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

/// The value in a dtype whose steps are fine enough for an average.
fn widened(value: &Tensor) -> Result<Tensor> {
    let dtype = if value.dtype() == DType::BF16 { DType::F32 } else { value.dtype() };
    Ok(value.to_dtype(dtype)?)
}
