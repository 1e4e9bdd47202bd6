//! Principal components and whitening.

use std::collections::BTreeMap;

use gradus_core::DType;
use gradus_tensor::Tensor;

use super::columns::{require_float, unexpected};
use super::covariance::Covariance;
use super::fit::{Fit, FitStream, PartialFit, Transform};
use super::state::{Entries, Fitted, State};
use super::train_rows::TrainRows;
use crate::{Error, Result};

/// How many principal components are kept.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Components {
    /// As many as there are columns, or rows if these are fewer.
    #[default]
    All,
    /// So many.
    Count(usize),
    /// The fewest that together have more than this share of the variance, between 0 and 1.
    Variance(f64),
}

/// Whether the result has variance 1 in every direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Whitening {
    /// Components keep their variance.
    #[default]
    Off,
    /// Each component is divided by its standard deviation.
    Pca,
    /// As `Pca`, and turned back to the original columns: of all white versions, the one that is
    /// nearest to the data. All components are kept.
    Zca,
}

/// How a [`Pca`] is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PcaConfig {
    /// How many components are kept.
    pub n_components: Components,
    /// Whether they are whitened.
    pub whitening: Whitening,
}

const OP: &str = "Pca::fit";

impl PcaConfig {
    fn check(&self) -> Result<()> {
        let invalid =
            |name, expected, got| Err(Error::InvalidArgument { op: OP, name, expected, got });
        match self.n_components {
            Components::Variance(v) if !(v > 0.0 && v < 1.0) => {
                invalid("n_components", "a share of variance between 0 and 1", v.to_string())
            }
            Components::Count(0) => invalid("n_components", "1 or more", "0".to_owned()),
            c if self.whitening == Whitening::Zca && c != Components::All => {
                invalid("n_components", "all for ZCA whitening", format!("{c:?}"))
            }
            _ => Ok(()),
        }
    }

    /// How many components of these falling variances are kept, of at most `most`.
    fn count(&self, variances: &[f64], most: usize) -> Result<usize> {
        match self.n_components {
            Components::All if self.whitening == Whitening::Zca => Ok(variances.len()),
            Components::All => Ok(most),
            Components::Count(n) if n <= most => Ok(n),
            Components::Count(n) => {
                let expected = "at most the number of rows and of columns";
                let got = format!("{n}, with {most} the lesser of them");
                Err(Error::InvalidArgument { op: OP, name: "n_components", expected, got })
            }
            Components::Variance(share) => {
                let total: f64 = variances.iter().sum();
                let mut sum = 0.0;
                let enough = variances.iter().position(|v| {
                    sum += v;
                    sum > share * total
                });
                Ok(enough.map_or(most, |i| i + 1).min(most))
            }
        }
    }
}

impl Fit for PcaConfig {
    type Fitted = Pca;

    fn fit(&self, rows: &TrainRows) -> Result<Pca> {
        let mut stream = self.stream()?;
        stream.partial_fit(rows)?;
        stream.finish()
    }
}

impl FitStream for PcaConfig {
    type Stream = PcaStream;

    fn stream(&self) -> Result<PcaStream> {
        self.check()?;
        Ok(PcaStream { config: *self, covariance: None })
    }
}

/// Learns a [`Pca`] from chunks of rows: exactly, but for rounding, through mean and covariance.
#[derive(Debug, Clone)]
pub struct PcaStream {
    config: PcaConfig,
    covariance: Option<Covariance>,
}

impl PartialFit for PcaStream {
    type Fitted = Pca;

    fn partial_fit(&mut self, rows: &TrainRows) -> Result<()> {
        let chunk = Covariance::of(OP, rows)?;
        self.covariance = Some(match &self.covariance {
            None => chunk,
            Some(before) => before.join(OP, &chunk, rows)?,
        });
        Ok(())
    }

    /// # Errors
    /// Also if there were fewer than 2 rows, or fewer rows or columns than components.
    fn finish(&self) -> Result<Pca> {
        let covariance = self.covariance.as_ref().ok_or(Error::NoRows { op: OP })?;
        let (values, vectors) = covariance.matrix(OP)?.eigh()?;
        // eigh gives rising values and columns of vectors.
        let values = values.flip([0])?.clamp(0.0, f64::INFINITY)?.to_vec::<f64>()?;
        let vectors = vectors.t()?.flip([0])?; // (C, C), a row for each component
        let most = covariance.n_rows().min(values.len());
        let kept = self.config.count(&values, most)?;
        let mut components = vectors.narrow(0, 0, kept)?.to_vec::<f64>()?;
        components.chunks_exact_mut(values.len()).for_each(point_upwards);
        Ok(Pca {
            whitening: self.config.whitening,
            mean: covariance.mean().to_vec::<f64>()?,
            components,
            total_variance: values.iter().sum(),
            variance: values[..kept].to_vec(),
        })
    }
}

/// Of a direction and its opposite, the one whose largest coordinate is positive.
fn point_upwards(component: &mut [f64]) {
    let largest = component.iter().fold(0.0f64, |m, v| if v.abs() > m.abs() { *v } else { m });
    if largest < 0.0 {
        component.iter_mut().for_each(|v| *v = -*v);
    }
}

/// Turns columns to the directions of largest variance, which are uncorrelated.
///
/// y = (x − mean) Wᵀ, with the eigenvectors of the covariance (divided by n − 1) as rows of W, in
/// falling order of variance; with whitening, each is divided by its standard deviation.
/// A direction without variance (below rounding) is not divided.
///
/// NaN is refused in `fit` (an [`crate::Imputer`] removes it); in `transform` it makes its row NaN.
/// All arithmetic is in f64; the result has the input's dtype. It streams: chunks teach the same as
/// all rows at once, but for rounding. The inverse gives the nearest point in the kept directions.
///
/// # Reference
/// scikit-learn's `PCA` with `svd_solver="covariance_eigh"`, in its signs.
///
/// # Examples
/// ```
/// use gradus_data::{Components, Fit, PcaConfig, TrainRows, Transform};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]]);
/// let config = PcaConfig { n_components: Components::Count(1), ..Default::default() };
/// let pca = config.fit(&TrainRows::whole(&x))?;
/// let y = pca.transform(&x)?;
/// assert_eq!(y.dims(), &[3, 1]); // one number tells where on the line a row is
/// assert!(pca.inverse_transform(&y)?.allclose(&x, 1e-6, 1e-6)?);
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Pca {
    whitening: Whitening,
    mean: Vec<f64>,
    /// Row by row.
    components: Vec<f64>,
    variance: Vec<f64>,
    total_variance: f64,
}

impl Pca {
    /// What is subtracted from each column.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The directions, one in each row.
    ///
    /// # Shapes
    /// - → `[n_components, n_features_in]`, f64
    ///
    /// # Errors
    /// None in practice: the shape fits by construction.
    pub fn components(&self) -> Result<Tensor> {
        Ok(Tensor::from_slice(&self.components, [self.variance.len(), self.mean.len()])?)
    }

    /// The variance along each component, in falling order.
    pub fn explained_variance(&self) -> &[f64] {
        &self.variance
    }

    /// The share of the variance along each component; 0 if nothing varies.
    pub fn explained_variance_ratio(&self) -> Vec<f64> {
        let total = if self.total_variance > 0.0 { self.total_variance } else { 1.0 };
        self.variance.iter().map(|v| v / total).collect()
    }

    /// What components are divided by.
    fn scale(&self) -> Tensor {
        let largest = self.variance.first().copied().unwrap_or(0.0);
        let noise = largest * f64::EPSILON * self.mean.len() as f64;
        let scale = |v: &f64| if *v > noise { v.sqrt() } else { 1.0 };
        Tensor::from(self.variance.iter().map(scale).collect::<Vec<_>>())
    }

    /// `x` in f64, with a last dimension of `n`.
    fn read(op: &'static str, x: &Tensor, n: usize) -> Result<Tensor> {
        if x.dims().last() != Some(&n) {
            return Err(unexpected(op, format!("a last dimension of {n}"), x));
        }
        require_float(op, x)?;
        Ok(x.to_dtype(DType::F64)?.reshape([x.len() / n, n])?)
    }

    fn write(y: &Tensor, like: &Tensor, n: usize) -> Result<Tensor> {
        let mut shape = like.dims().to_vec();
        shape[like.rank() - 1] = n;
        Ok(y.reshape(shape)?.to_dtype(like.dtype())?)
    }
}

impl Transform for Pca {
    fn n_features_in(&self) -> usize {
        self.mean.len()
    }

    fn n_features_out(&self) -> usize {
        match self.whitening {
            Whitening::Zca => self.mean.len(),
            Whitening::Off | Whitening::Pca => self.variance.len(),
        }
    }

    fn transform(&self, x: &Tensor) -> Result<Tensor> {
        let rows = Self::read("Pca::transform", x, self.mean.len())?;
        let directions = self.components()?; // (K, C)
        let turned = rows.sub(&Tensor::from(&self.mean[..]))?.matmul(&directions.t()?)?;
        let y = match self.whitening {
            Whitening::Off => turned,
            Whitening::Pca => turned.div(&self.scale())?,
            Whitening::Zca => turned.div(&self.scale())?.matmul(&directions)?,
        };
        Self::write(&y, x, self.n_features_out())
    }

    fn inverse_transform(&self, y: &Tensor) -> Result<Tensor> {
        let rows = Self::read("Pca::inverse_transform", y, self.n_features_out())?;
        let directions = self.components()?; // (K, C)
        let turned = match self.whitening {
            Whitening::Off => rows,
            Whitening::Pca => rows.mul(&self.scale())?,
            Whitening::Zca => rows.matmul(&directions.t()?)?.mul(&self.scale())?,
        };
        let x = turned.matmul(&directions)?.add(&Tensor::from(&self.mean[..]))?;
        Self::write(&x, y, self.mean.len())
    }
}

impl Fitted for Pca {
    fn state_dict(&self) -> BTreeMap<String, Tensor> {
        Entries::default()
            .floats("mean", &self.mean)
            .floats("components", &self.components)
            .floats("explained_variance", &self.variance)
            .floats("total_variance", &[self.total_variance])
            .integers("whitening", &[self.whitening as i64])
            .finish()
    }

    fn from_state_dict(state: &BTreeMap<String, Tensor>) -> Result<Self> {
        let state = State { op: "Pca", state };
        let (mean, variance) = (state.floats("mean")?, state.floats("explained_variance")?);
        let components = state.floats("components")?;
        if mean.len().checked_mul(variance.len()) != Some(components.len()) {
            let got = format!("{} numbers", components.len());
            return Err(state.error("components", "one row for each variance", got));
        }
        let whitening = [Whitening::Off, Whitening::Pca, Whitening::Zca]
            [state.code("whitening", 3, "[0], [1] or [2]")?];
        let [total_variance] = state.float_array("total_variance")?;
        Ok(Self { whitening, mean, components, variance, total_variance })
    }
}
