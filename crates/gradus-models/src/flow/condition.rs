//! The time and the class as a vector.

use gradus_autograd::Var;
use gradus_core::Keys;
use gradus_nn::{Ctx, Embedding, Layer, Linear, Module};
use gradus_tensor::Tensor;

use crate::error::{Error, Result};

/// Sines and cosines of this many angular frequencies, from 1 to 100 in equal ratios: fine enough to
/// tell times apart that differ by a hundredth, too coarse to learn a time by heart.
const WAVES: usize = 16;
const HIGHEST: f64 = 100.0;

/// What a network is told beside x: two layers over sines and cosines of the time, and a learned vector
/// of the class added to them.
///
/// # Shapes
/// - times: B of them, classes: `i64` `[B]` → `[B, width]`
///
/// # Reference
/// Ho et al. 2020, "Denoising Diffusion Probabilistic Models", appendix B; Ho & Salimans 2022,
/// "Classifier-Free Diffusion Guidance", for the class that stands for none.
#[derive(Debug, Clone, Module)]
pub struct Condition {
    /// From the waves.
    pub fc1: Linear,
    /// To the vector.
    pub fc2: Linear,
    /// A row for each class and one for "not told"; nothing if the network knows no classes.
    pub class: Option<Embedding>,
    #[module(skip)]
    model: &'static str,
}

impl Condition {
    pub(super) fn new(
        model: &'static str,
        width: usize,
        classes: usize,
        keys: &mut Keys,
    ) -> Result<Self> {
        let (fc1, fc2) = (Linear::new(2 * WAVES, width, keys)?, Linear::new(width, width, keys)?);
        let class = (classes > 0).then(|| Embedding::new(classes + 1, width, keys)).transpose()?;
        Ok(Self { fc1, fc2, class, model })
    }

    /// How many classes there are, "not told" not counted.
    pub fn classes(&self) -> usize {
        self.class.as_ref().map_or(0, |table| table.weight.shape()[0] - 1)
    }

    /// The vector of each row, `[B, width]`.
    ///
    /// # Errors
    /// [`Error::Classes`] unless there is one class for each row, none if there are none to know;
    /// [`Error::Class`] if one is out of range.
    pub fn forward(&self, times: &[f64], classes: Option<&Tensor>, ctx: &mut Ctx) -> Result<Var> {
        let waves = waves(times)?.to_dtype(self.fc1.weight.dtype())?;
        let time = ctx.at("condition.fc1", |ctx| self.fc1.forward(&waves.into(), ctx))?.silu()?;
        let time = ctx.at("condition.fc2", |ctx| self.fc2.forward(&time, ctx))?;
        self.check_classes(times.len(), classes)?;
        let (Some(table), Some(ids)) = (&self.class, classes) else { return Ok(time) };
        let class = ctx.at("condition.class", |ctx| table.forward_ids(ids, ctx))?;
        Ok(time.add(&class.to_dtype(time.dtype())?)?)
    }

    fn check_classes(&self, rows: usize, classes: Option<&Tensor>) -> Result<()> {
        let known = self.classes();
        let ids = classes.map(Tensor::to_vec::<i64>).transpose()?.unwrap_or_default();
        let (expected, got) = (if known > 0 { rows } else { 0 }, ids.len());
        if expected != got || classes.is_some_and(|ids| ids.rank() != 1) {
            return Err(Error::Classes { model: self.model, expected, got });
        }
        match ids.into_iter().find(|class| !(0..=known as i64).contains(class)) {
            Some(class) => Err(Error::Class { model: self.model, class, classes: known }),
            None => Ok(()),
        }
    }
}

/// `[B, 2·WAVES]`, computed in f64: first the sines, then the cosines.
fn waves(times: &[f64]) -> Result<Tensor> {
    let rate = |k: usize| HIGHEST.powf(k as f64 / (WAVES - 1) as f64);
    let mut table = Vec::with_capacity(times.len() * 2 * WAVES);
    for t in times {
        table.extend((0..WAVES).map(|k| (t * rate(k)).sin()));
        table.extend((0..WAVES).map(|k| (t * rate(k)).cos()));
    }
    Ok(Tensor::from_vec(table, [times.len(), 2 * WAVES])?)
}
