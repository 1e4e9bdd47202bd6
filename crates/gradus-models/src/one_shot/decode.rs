//! A one-shot generator as a solver sees it.

use gradus_autograd::{Module, no_grad};
use gradus_generate::flow::{Denoise, Path, Target};
use gradus_tensor::Tensor;

use super::labels::check_classes;
use crate::error::{Error, Result, for_strategy};

/// A model that makes a sample from a vector of noise.
pub trait Decode: Module + Sync {
    /// Size of the vector (Z).
    fn latent(&self) -> usize;

    /// How many classes it knows; 0 for none.
    fn classes(&self) -> usize;

    /// A sample for each row of noise, without a graph. A row does not depend on the others.
    ///
    /// # Shapes
    /// - `z`: `[B, Z]`, `classes`: `i64` `[B]` → `[B, ...]`
    ///
    /// # Errors
    /// If the shapes do not fit, or there is not one class for each row (none if the model knows none).
    fn decode(&self, z: &Tensor, classes: Option<&Tensor>) -> Result<Tensor>;
}

/// A one-shot generator with the class of each row of a request, for
/// [`Solver::Direct`](gradus_generate::flow::Solver::Direct): its noise is `[rows, Z]`, its samples are of their
/// own shape.
///
/// # Examples
/// ```
/// use gradus_core::Keys;
/// use gradus_generate::flow::{Flow, Grid, Samples, Solver};
/// use gradus_models::{Likelihood, OneShot, VaeConfig};
///
/// let config = VaeConfig { widths: vec![8], ..VaeConfig::new([1, 6, 6], 4, Likelihood::Bernoulli) };
/// let vae = config.init(&mut Keys::new(7))?;
/// let direct = Flow { solver: Solver::Direct, grid: Grid::Uniform(1) };
/// let out = direct.run(&OneShot::new(&vae), Samples::new(3, [4]).seed(7))?.collect_all()?;
/// assert_eq!((out.value.dims(), out.stats.calls), (&[3, 1, 6, 6][..], 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct OneShot<'a, M: ?Sized> {
    model: &'a M,
    classes: Option<Tensor>,
}

impl<'a, M: Decode + ?Sized> OneShot<'a, M> {
    /// The model without classes.
    pub const fn new(model: &'a M) -> Self {
        Self { model, classes: None }
    }

    /// The same with a class for each row of a request.
    ///
    /// # Errors
    /// [`Error::Classes`] if the model knows none, [`Error::Class`] if one is out of range.
    pub fn with_classes(self, classes: impl Into<Vec<u32>>) -> Result<Self> {
        let classes: Vec<i64> = classes.into().into_iter().map(i64::from).collect();
        let rows = classes.len();
        let classes = Tensor::from(classes);
        check_classes("OneShot", rows, Some(&classes), self.model.classes())?;
        Ok(Self { classes: Some(classes), ..self })
    }
}

impl<M: Decode + ?Sized> Denoise for OneShot<'_, M> {
    /// At its first time x is noise alone.
    fn path(&self) -> Path {
        Path::Flow
    }

    fn target(&self) -> Target {
        Target::Data
    }

    fn predict(&self, x: &Tensor, _t: f64) -> gradus_generate::Result<Tensor> {
        let latent = self.model.latent();
        let decoded = match x.dims() {
            [_, z] if *z == latent => no_grad(|| self.model.decode(x, self.classes.as_ref())),
            _ => {
                let (name, expected) = ("noise", "[B, Z] with the model's Z");
                Err(Error::InputShape { model: "OneShot", name, expected, got: x.shape().clone() })
            }
        };
        decoded.map_err(for_strategy)
    }
}
