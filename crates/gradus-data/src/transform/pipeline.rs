//! Transformations one after the other.

use std::collections::BTreeMap;

use gradus_tensor::Tensor;

use super::fit::{Fit, Transform};
use super::state::{Entries, Fitted, State};
use super::step::{FittedStep, Step};
use super::train_rows::TrainRows;
use crate::{Error, Result};

/// How a [`Pipeline`] is fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct PipelineConfig {
    /// Names and configurations, in order.
    pub steps: Vec<(String, Step)>,
}

impl PipelineConfig {
    /// These steps, in order.
    pub fn new<S: Into<String>>(steps: impl IntoIterator<Item = (S, Step)>) -> Self {
        Self { steps: steps.into_iter().map(|(name, step)| (name.into(), step)).collect() }
    }
}

impl Fit for PipelineConfig {
    type Fitted = Pipeline;

    /// Each step learns from what the steps before it make of the rows.
    ///
    /// # Errors
    /// Also [`Error::InvalidArgument`] if there is no step, and [`Error::Step`] with the name of the
    /// step that fails.
    fn fit(&self, rows: &TrainRows) -> Result<Pipeline> {
        if self.steps.is_empty() {
            let (op, name, expected) = ("Pipeline::fit", "steps", "one or more");
            return Err(Error::InvalidArgument { op, name, expected, got: "none".to_owned() });
        }
        let mut rows = rows.clone();
        let mut steps = Vec::with_capacity(self.steps.len());
        for (name, config) in &self.steps {
            let step = in_step(name, config.fit(&rows))?;
            rows = in_step(name, rows.map(|x| step.transform(x)))?;
            steps.push((name.clone(), step));
        }
        Ok(Pipeline { steps })
    }
}

/// Names the step in which an error happened.
pub(super) fn in_step<T>(name: &str, result: Result<T>) -> Result<T> {
    result.map_err(|e| Error::Step { name: name.to_owned(), source: Box::new(e) })
}

/// Applies learned transformations one after the other.
///
/// # Reference
/// scikit-learn's `Pipeline`, of transformations alone.
///
/// # Examples
/// ```
/// use gradus_data::{
///     Fit, ImputerConfig, PipelineConfig, StandardScalerConfig, TrainRows, Transform,
/// };
/// use gradus_tensor::Tensor;
/// let x = Tensor::from([[1.0f32], [f32::NAN], [3.0]]);
/// let config = PipelineConfig::new([
///     ("impute", ImputerConfig::default().into()),
///     ("scale", StandardScalerConfig { with_std: false, ..Default::default() }.into()),
/// ]);
/// let pipeline = config.fit(&TrainRows::whole(&x))?;
/// assert_eq!(pipeline.transform(&x)?.to_vec::<f32>()?, [-1.0, 0.0, 1.0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    steps: Vec<(String, FittedStep)>,
}

impl Pipeline {
    /// Names and learned steps, in order.
    pub fn steps(&self) -> &[(String, FittedStep)] {
        &self.steps
    }

    /// A learned step by name; the first, if several have it.
    pub fn step(&self, name: &str) -> Option<&FittedStep> {
        self.steps.iter().find(|(n, _)| n == name).map(|(_, step)| step)
    }
}

impl Transform for Pipeline {
    fn n_features_in(&self) -> usize {
        self.steps[0].1.n_features_in()
    }

    fn n_features_out(&self) -> usize {
        self.steps[self.steps.len() - 1].1.n_features_out()
    }

    /// # Errors
    /// [`Error::Step`] with the name of the step that fails.
    fn transform(&self, x: &Tensor) -> Result<Tensor> {
        let mut steps = self.steps.iter();
        steps.try_fold(x.clone(), |x, (name, step)| in_step(name, step.transform(&x)))
    }

    /// Undoes the steps from the last to the first. Between them, the dtype of `y` is kept.
    ///
    /// # Errors
    /// [`Error::Step`] with the name of the step that fails, as one without an inverse does.
    fn inverse_transform(&self, y: &Tensor) -> Result<Tensor> {
        self.steps.iter().rev().try_fold(y.clone(), |y, (name, step)| {
            let x = in_step(name, step.inverse_transform(&y))?;
            Ok(x.to_dtype(y.dtype())?)
        })
    }
}

impl Fitted for Pipeline {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        let count = Entries::default().integers("n_steps", &[self.steps.len() as i64]);
        let steps = self.steps.iter().enumerate();
        let all = steps.fold(count, |entries, (i, (name, step))| {
            entries.text(&format!("{i}.name"), name).nested(&format!("{i}.step"), step.state_dict())
        });
        all.finish()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "Pipeline", state };
        let step = |i: usize| {
            let name = state.text(&format!("{i}.name"))?;
            Ok((name, FittedStep::from_state_dict(&state.nested(&format!("{i}.step")))?))
        };
        // An absent step ends this before a forged count can ask for memory.
        let steps: Vec<_> = (0..state.count("n_steps")?).map(step).collect::<Result<_>>()?;
        let fits = steps.windows(2).all(|s| s[0].1.n_features_out() == s[1].1.n_features_in());
        if fits { Ok(Self { steps }) } else { Err(unfit(&state)) }
    }
}

fn unfit(state: &State<'_>) -> Error {
    state.error("n_steps", "a count of steps that fit together", "others".to_owned())
}
