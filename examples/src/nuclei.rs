//! Cell nuclei, measured under a microscope.

use anyhow::{Context, Result};
use gradus::data::{Fit, StandardScalerConfig, TrainRows, Transform};
use gradus::tensor::{DType, Tensor};
use smartcore::dataset::breast_cancer;

/// Shapes of cell nuclei in 569 images: what is typical of an image, and its largest nuclei.
///
/// The features differ a thousandfold in size, as measured numbers do: areas are in the hundreds,
/// smoothness is about 0.1.
#[derive(Debug, Clone)]
pub struct Nuclei {
    /// `[N, 10]`, f64: the mean over the nuclei of each image, of ten measures.
    pub features: Tensor,
    /// `[N, 1]`, f64: mean area of the three largest nuclei, in the images' own units.
    pub largest_area: Tensor,
    /// The names of the ten measures.
    pub names: Vec<String>,
}

impl Nuclei {
    /// The data, from the `smartcore` crate.
    ///
    /// # Reference
    /// Wolberg, Mangasarian, Street & Street 1993, "Breast Cancer Wisconsin (Diagnostic)", UCI.
    ///
    /// # Errors
    /// If the data in the crate are not what they should be.
    pub fn load() -> Result<Self> {
        let set = breast_cancer::load_dataset();
        let table = Tensor::from_vec(set.data, [set.num_samples, set.num_features])?;
        let table = table.to_dtype(DType::F64)?;
        let column = |name: &str| {
            let found = set.feature_names.iter().position(|n| n == name);
            found.with_context(|| format!("the data have no column `{name}`"))
        };
        Ok(Self {
            features: table.narrow(1, column("mean radius")?, 10)?,
            largest_area: table.narrow(1, column("worst area")?, 1)?,
            names: set.feature_names[..10].to_vec(),
        })
    }

    /// Features and areas of mean 0 and deviation 1: `[N, 10]` and `[N, 1]`.
    ///
    /// # Errors
    /// Never for the data made here.
    pub fn scaled(&self) -> Result<[Tensor; 2]> {
        let scaled = |t: &Tensor| -> Result<Tensor> {
            let scaler = StandardScalerConfig::default().fit(&TrainRows::whole(t))?;
            Ok(scaler.transform(t)?)
        };
        Ok([scaled(&self.features)?, scaled(&self.largest_area)?])
    }
}
