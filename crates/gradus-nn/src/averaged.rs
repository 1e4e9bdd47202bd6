//! Averages of a model's weights over its training.

use std::collections::BTreeMap;

use gradus_autograd::{Module, Path, Slot};
use gradus_core::DType;
use gradus_tensor::Tensor;

use crate::error::require;
use crate::{Error, Result};

/// How the weights of the steps are averaged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Averaging {
    /// Average ← decay · average + (1 − decay) · weights: the exponential moving average (EMA).
    Exponential {
        /// In `0.0..=1.0`, such as 0.999.
        decay: f64,
    },
    /// The plain mean of all: stochastic weight averaging (SWA).
    Mean,
}

/// The average of a model's weights over the steps at which it was updated.
///
/// The first update copies, as PyTorch's `AveragedModel`. Averages of half-precision weights are kept in
/// `f32`. Buffers are not averaged but copied; after averaging batch norms' weights, run some training passes
/// over the data to make their statistics anew.
///
/// # Reference
/// Izmailov et al. 2018, "Averaging Weights Leads to Wider Optima and Better Generalization"; Polyak &
/// Juditsky 1992, "Acceleration of Stochastic Approximation by Averaging".
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_nn::{AveragedWeights, Averaging, Linear, Module};
///
/// let mut model = Linear::new(2, 2, &mut Keys::new(7))?;
/// let mut ema = AveragedWeights::new(&model, Averaging::Exponential { decay: 0.9 })?;
/// for _ in 0..3 {
///     // … a training step …
///     ema.update(&model)?;
/// }
/// let trained = model.state_dict(); // shares the memory
/// ema.apply_to(&mut model)?; // evaluate with the average,
/// model.load_state_dict(&trained)?; // and go on training
/// # Ok::<(), gradus_nn::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct AveragedWeights {
    averaging: Averaging,
    n_averaged: i64,
    values: BTreeMap<String, Tensor>,
}

const N_AVERAGED: &str = "n_averaged";
const PREFIX: &str = "values.";

impl AveragedWeights {
    /// An average of nothing yet; until the first update it holds the weights as they are.
    ///
    /// # Errors
    /// [`Error::InvalidConfig`] if a decay is not in `0.0..=1.0`.
    pub fn new(model: &(impl Module + ?Sized), averaging: Averaging) -> Result<Self> {
        if let Averaging::Exponential { decay } = averaging {
            let valid = (0.0..=1.0).contains(&decay);
            require(valid, "AveragedWeights", "decay", "in 0.0..=1.0", decay)?;
        }
        let mut values = BTreeMap::new();
        each(model, |path, value, _| {
            values.insert(path, wide(&value)?);
            Ok(())
        })?;
        Ok(Self { averaging, n_averaged: 0, values })
    }

    /// How many updates there were.
    pub fn n_averaged(&self) -> i64 {
        self.n_averaged
    }

    /// Takes the weights of another step into the average.
    ///
    /// # Errors
    /// If the model has other parameters than the one this was made for; nothing is changed then.
    pub fn update(&mut self, model: &(impl Module + ?Sized)) -> Result<()> {
        let share = match self.averaging {
            _ if self.n_averaged == 0 => 1.0,
            Averaging::Exponential { decay } => 1.0 - decay,
            Averaging::Mean => 1.0 / (self.n_averaged + 1) as f64,
        };
        let mut values = BTreeMap::new();
        each(model, |path, value, is_param| {
            let (old, new) = (self.fitting(&path, &value)?, wide(&value)?);
            let averages = is_param && share < 1.0 && new.dtype().is_float();
            let new = if averages { old.add(&new.sub(old)?.mul_scalar(share)?)? } else { new };
            values.insert(path, new);
            Ok(())
        })?;
        self.check_names(&values)?;
        self.values = values;
        self.n_averaged += 1;
        Ok(())
    }

    /// Puts the averages, rounded to each parameter's dtype, into a model.
    ///
    /// # Errors
    /// If the model has other parameters than the one this was made for; it is unchanged then.
    pub fn apply_to(&self, model: &mut (impl Module + ?Sized)) -> Result<()> {
        let mut state = BTreeMap::new();
        each(model, |path, value, _| {
            let average = self.fitting(&path, &value)?.to_dtype(value.dtype())?;
            state.insert(path, average);
            Ok(())
        })?;
        self.check_names(&state)?;
        Ok(model.load_state_dict(&state)?)
    }

    /// The averages and their number, for a checkpoint.
    pub fn state_dict(&self) -> BTreeMap<String, Tensor> {
        let values = self.values.iter().map(|(path, v)| (format!("{PREFIX}{path}"), v.clone()));
        values.chain([(N_AVERAGED.to_owned(), Tensor::scalar(self.n_averaged))]).collect()
    }

    /// Goes on from a checkpoint.
    ///
    /// # Errors
    /// If a name is missing or too many, or a shape differs; nothing is changed then.
    pub fn load_state_dict(&mut self, state: &BTreeMap<String, Tensor>) -> Result<()> {
        let missing =
            |path: &str| gradus_autograd::Error::MissingState { paths: vec![path.into()] };
        let count = state.get(N_AVERAGED).ok_or_else(|| missing(N_AVERAGED))?;
        let mut values = BTreeMap::new();
        for (name, value) in state.iter().filter(|(name, _)| *name != N_AVERAGED) {
            let Some(path) = name.strip_prefix(PREFIX) else {
                let paths = vec![name.clone()];
                return Err(gradus_autograd::Error::UnexpectedState { paths }.into());
            };
            self.fitting(path, value)?;
            values.insert(path.to_owned(), value.clone());
        }
        self.check_names(&values)?;
        self.n_averaged = count.to_dtype(DType::I64)?.item()? as i64;
        self.values = values;
        Ok(())
    }

    /// The average of a parameter, if it has the shape of its value.
    fn fitting(&self, path: &str, value: &Tensor) -> Result<&Tensor> {
        let Some(average) = self.values.get(path) else {
            let paths = vec![path.to_owned()];
            return Err(gradus_autograd::Error::UnexpectedState { paths }.into());
        };
        if average.shape() != value.shape() {
            let (expected, got) = (average.shape().clone(), value.shape().clone());
            let path = path.into();
            return Err(gradus_autograd::Error::StateShape { path, expected, got }.into());
        }
        Ok(average)
    }

    fn check_names(&self, values: &BTreeMap<String, Tensor>) -> Result<()> {
        let absent = self.values.keys().filter(|path| !values.contains_key(*path));
        let paths: Vec<String> = absent.cloned().collect();
        if paths.is_empty() {
            return Ok(());
        }
        Err(gradus_autograd::Error::MissingState { paths }.into())
    }
}

/// Calls `f` with each path, value, and whether it is a parameter; stops at the first fault.
fn each(
    model: &(impl Module + ?Sized),
    mut f: impl FnMut(String, Tensor, bool) -> Result<()>,
) -> Result<()> {
    let mut result = Ok(());
    model.visit(&mut Path::new(), &mut |path, slot| {
        if result.is_ok() {
            result = f(path.to_string(), slot.value(), matches!(slot, Slot::Param(_)));
        }
    });
    result
}

fn wide(value: &Tensor) -> Result<Tensor, Error> {
    let half = value.dtype() == DType::BF16;
    Ok(if half { value.to_dtype(DType::F32)? } else { value.clone() })
}

#[cfg(test)]
mod tests {
    use gradus_core::Keys;

    use super::*;
    use crate::{BatchNorm, Linear, cast};

    fn model() -> (Linear, BatchNorm) {
        (Linear::new(2, 2, &mut Keys::new(1)).unwrap(), BatchNorm::new(2).unwrap())
    }

    fn set(model: &mut (Linear, BatchNorm), value: f64) {
        for (_, param) in model.named_parameters_mut() {
            param.set_value(param.value().full_like(value)).unwrap();
        }
        model.1.running_mean.set(Tensor::new([value as f32; 2])).unwrap();
    }

    fn averaged(averaging: Averaging, values: &[f64]) -> (AveragedWeights, (Linear, BatchNorm)) {
        let mut model = model();
        let mut average = AveragedWeights::new(&model, averaging).unwrap();
        for &value in values {
            set(&mut model, value);
            average.update(&model).unwrap();
        }
        (average, model)
    }

    fn first(model: &(Linear, BatchNorm)) -> f32 {
        model.0.weight.value().to_vec::<f32>().unwrap()[0]
    }

    #[test]
    fn averages_are_those_of_the_formulas() {
        let (mean, mut model) = averaged(Averaging::Mean, &[1.0, 2.0, 6.0]);
        let kept = model.state_dict();
        mean.apply_to(&mut model).unwrap();
        assert_eq!((first(&model), mean.n_averaged()), (3.0, 3));
        // Buffers are the latest.
        assert_eq!(model.1.running_mean.value().to_vec::<f32>().unwrap(), [6.0, 6.0]);
        model.load_state_dict(&kept).unwrap();
        assert_eq!(first(&model), 6.0);
        let (ema, mut model) = averaged(Averaging::Exponential { decay: 0.75 }, &[1.0, 5.0, 3.0]);
        ema.apply_to(&mut model).unwrap();
        assert_eq!(first(&model), 2.25); // ((1) · ¾ + 5 · ¼) · ¾ + 3 · ¼
    }

    #[test]
    fn going_on_from_a_checkpoint_gives_the_same_bits() {
        let (mut one, mut model) = averaged(Averaging::Exponential { decay: 0.9 }, &[1.0, 2.0]);
        let averaging = Averaging::Exponential { decay: 0.9 };
        let mut other = AveragedWeights::new(&model, averaging).unwrap();
        other.load_state_dict(&one.state_dict()).unwrap();
        set(&mut model, 7.0);
        for average in [&mut one, &mut other] {
            average.update(&model).unwrap();
        }
        let (a, b) = (one.state_dict(), other.state_dict());
        assert!(a.iter().all(|(path, value)| b[path].equal(value)) && a.len() == b.len());
        let mut short = a.clone();
        short.remove("values.0.bias");
        assert!(other.load_state_dict(&short).is_err());
        short.insert("values.0.bias".into(), Tensor::new([1.0]));
        assert!(other.load_state_dict(&short).unwrap_err().to_string().contains("0.bias"));
    }

    #[test]
    fn small_steps_of_halves_are_not_lost() {
        let mut model = model();
        cast(&mut model, DType::BF16).unwrap();
        for param in model.parameters() {
            assert_eq!(param.dtype(), DType::BF16);
        }
        let mut average = AveragedWeights::new(&model, Averaging::Mean).unwrap();
        for (i, (_, param)) in model.named_parameters_mut().into_iter().enumerate() {
            param.set_value(param.value().full_like(1.0 + i as f64)).unwrap();
        }
        average.update(&model).unwrap();
        for (_, param) in model.named_parameters_mut() {
            param.set_value(param.value().full_like(256.0)).unwrap();
        }
        for _ in 0..400 {
            average.update(&model).unwrap();
        }
        average.apply_to(&mut model).unwrap();
        // 256 − 255/401 = 255.36, which bf16 rounds to 255; bf16 averages would stop much earlier.
        assert_eq!(
            model.0.weight.value().to_dtype(DType::F32).unwrap().to_vec::<f32>().unwrap()[0],
            255.0
        );
    }

    #[test]
    fn another_model_is_an_error() {
        let (mut average, mut model) = averaged(Averaging::Mean, &[1.0]);
        let mut other = Linear::new(2, 2, &mut Keys::new(1)).unwrap();
        assert!(average.update(&other).is_err() && average.apply_to(&mut other).is_err());
        assert!(average.apply_to(&mut model).is_ok());
        let decay = Averaging::Exponential { decay: 1.5 };
        assert!(AveragedWeights::new(&model, decay).is_err());
    }
}
