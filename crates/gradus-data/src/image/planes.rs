//! Pictures as planes of pixels of any dtype.

use gradus_core::DType;
use gradus_tensor::{Element, Tensor};

use crate::{Error, Result};

/// The planes of a picture or of several, one for each channel.
pub(super) struct Planes {
    pub(super) values: Vec<f64>,
    pub(super) height: usize,
    pub(super) width: usize,
    outer: Vec<usize>,
    dtype: DType,
}

impl Planes {
    /// # Errors
    /// If `x` is neither u8 nor float, or not of rank 2 or more with at least one pixel in a plane.
    pub(super) fn new(op: &'static str, x: &Tensor) -> Result<Self> {
        let [height, width] = extents(op, x)?;
        if height * width == 0 {
            let (name, expected, got) = ("x", "with a pixel", x.shape().to_string());
            return Err(Error::InvalidArgument { op, name, expected, got });
        }
        let outer = x.dims()[..x.rank() - 2].to_vec();
        let values = x.to_dtype(DType::F64)?.to_vec()?;
        Ok(Self { values, height, width, outer, dtype: x.dtype() })
    }

    pub(super) fn each(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.height * self.width)
    }

    /// Planes of another size as a tensor like the first one; u8 are rounded and cut off.
    pub(super) fn like(&self, values: Vec<f64>, size: [usize; 2]) -> Result<Tensor> {
        let shape: Vec<usize> = self.outer.iter().copied().chain(size).collect();
        if self.dtype == DType::U8 {
            let pixel = |v: &f64| u8::from_f64(v.round());
            return Ok(Tensor::from_vec(values.iter().map(pixel).collect::<Vec<_>>(), shape)?);
        }
        Ok(Tensor::from_vec(values, shape)?.to_dtype(self.dtype)?)
    }
}

/// Height and width.
///
/// # Errors
/// If `x` is neither u8 nor float, or not of rank 2 or more.
pub(super) fn extents(op: &'static str, x: &Tensor) -> Result<[usize; 2]> {
    let invalid = |expected, got: String| Error::InvalidArgument { op, name: "x", expected, got };
    if x.dtype() != DType::U8 && !x.dtype().is_float() {
        return Err(invalid("u8 or float", x.dtype().to_string()));
    }
    match x.dims() {
        &[.., height, width] => Ok([height, width]),
        _ => Err(invalid("[..., H, W]", x.shape().to_string())),
    }
}
