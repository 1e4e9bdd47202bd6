//! Handwritten digits.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use gradus::tensor::{DType, INFER, Tensor};
use smartcore::dataset::digits;

/// Grey images of handwritten digits with their classes.
#[derive(Debug, Clone)]
pub struct Digits {
    /// `[N, H, W]`, i64 in `0..levels`: 0 is paper.
    pub pixels: Tensor,
    /// `[N]`, i64 in `0..10`.
    pub labels: Tensor,
    /// How many grey levels there are.
    pub levels: usize,
    /// Where they come from.
    pub source: String,
}

impl Digits {
    /// 1,797 digits of 8×8 pixels and 17 grey levels, from the `smartcore` crate.
    ///
    /// # Reference
    /// Alpaydin & Kaynak 1998, "Optical Recognition of Handwritten Digits", UCI.
    ///
    /// # Errors
    /// If the data in the crate are not what they should be.
    pub fn small() -> Result<Self> {
        let set = digits::load_dataset();
        let pixels: Vec<i64> = set.data.iter().map(|&v| v as i64).collect();
        let labels: Vec<i64> = set.target.iter().map(|&v| v as i64).collect();
        Ok(Self {
            pixels: Tensor::from_vec(pixels, [set.num_samples, 8, 8])?,
            labels: Tensor::from_vec(labels, [set.num_samples])?,
            levels: 17,
            source: "UCI handwritten digits, 8×8".into(),
        })
    }

    /// Every digit of the first pair of IDX files in a folder: `*images*idx3*` and `*labels*idx1*`,
    /// plain or gzip, with 256 grey levels.
    ///
    /// # Errors
    /// If the folder or a file cannot be read, or the two do not belong together.
    pub fn idx(dir: &Path) -> Result<Self> {
        let images = find(dir, "images", "idx3")?;
        let labels = find(dir, "labels", "idx1")?;
        let pixels = gradus::data::read_idx(&images)?;
        let classes = gradus::data::read_idx(&labels)?;
        ensure!(
            pixels.rank() == 3 && pixels.dtype() == DType::U8,
            "{}: expected images [N, H, W] of bytes, found {} {}",
            images.display(),
            pixels.dtype(),
            pixels.shape()
        );
        ensure!(
            classes.dims() == &pixels.dims()[..1] && !classes.is_empty(),
            "{}: {} labels for the {} images of {}",
            labels.display(),
            classes.len(),
            pixels.dims()[0],
            images.display()
        );
        let labels_i64 = classes.to_dtype(DType::I64)?;
        let largest = labels_i64.max(..)?.item()?;
        ensure!(largest < 10.0, "{}: label {largest} is not a digit", labels.display());
        Ok(Self {
            pixels: pixels.to_dtype(DType::I64)?,
            labels: labels_i64,
            levels: 256,
            source: dir.display().to_string(),
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Height and width.
    pub fn side(&self) -> [usize; 2] {
        [self.pixels.dims()[1], self.pixels.dims()[2]]
    }

    /// The digits at these positions.
    ///
    /// # Errors
    /// If an index is out of range.
    pub fn select(&self, indices: &[usize]) -> Result<Self> {
        let ids = Tensor::from(indices.iter().map(|&i| i as i64).collect::<Vec<_>>());
        Ok(Self {
            pixels: self.pixels.index_select(0, &ids)?,
            labels: self.labels.index_select(0, &ids)?,
            ..self.clone()
        })
    }

    /// Smaller pictures with fewer grey levels: means of `by`×`by` pixels, rounded to `levels`.
    ///
    /// # Errors
    /// If a side is not a multiple of `by`.
    pub fn shrink(&self, by: usize, levels: usize) -> Result<Self> {
        let [h, w] = self.side();
        ensure!(h % by == 0 && w % by == 0, "cannot shrink {h}×{w} pixels by {by}");
        let n = self.len();
        let means =
            self.pixels.to_dtype(DType::F32)?.reshape([n, h / by, by, w / by, by])?.mean([2, 4])?;
        let scale = (levels - 1) as f64 / (self.levels - 1) as f64;
        let pixels = means.mul_scalar(scale)?.round()?.to_dtype(DType::I64)?;
        Ok(Self { pixels, levels, ..self.clone() })
    }

    /// `[N, 1, H, W]`, f32 in 0..1, as a convolutional network takes them.
    ///
    /// # Errors
    /// Never for the data made here.
    pub fn images(&self) -> Result<Tensor> {
        to_images(&self.pixels, self.levels)
    }

    /// `[N, H·W]`, i64: the pixels in reading order, as a sequence model takes them.
    ///
    /// # Errors
    /// Never for the data made here.
    pub fn tokens(&self) -> Result<Tensor> {
        Ok(self.pixels.flatten(1, 2)?)
    }
}

/// Grey levels `[N, H, W]` to `[N, 1, H, W]` in 0..1.
fn to_images(pixels: &Tensor, levels: usize) -> Result<Tensor> {
    let [h, w] = [pixels.dims()[1], pixels.dims()[2]];
    let grey = pixels.to_dtype(DType::F32)?.div_scalar((levels - 1) as f64)?;
    Ok(grey.reshape([INFER, 1, h, w])?)
}

/// The first file, by name, that holds both words; so that a folder of MNIST works as it is.
fn find(dir: &Path, what: &str, kind: &str) -> Result<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir).with_context(|| format!("{}", dir.display()))?;
    let mut names: Vec<_> = entries.filter_map(std::result::Result::ok).map(|e| e.path()).collect();
    names.sort();
    names
        .into_iter()
        .find(|p| {
            let name = p.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
            name.contains(what) && name.contains(kind)
        })
        .with_context(|| format!("{}: no file named *{what}*{kind}*", dir.display()))
}
