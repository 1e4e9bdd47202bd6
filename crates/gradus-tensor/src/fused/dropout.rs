//! `dropout`.

use gradus_core::{Key, Kind};
use gradus_cpu::memory::take;
use gradus_cpu::random;

use crate::dtypes::float;
use crate::{Result, Tensor};

impl Tensor {
    /// Each element set to zero with probability `p`, else multiplied by 1/(1 − p).
    ///
    /// The draws are those of `key` in kind [`Kind::Dropout`], as in [`Tensor::bernoulli`]; with p = 1
    /// everything is zero. No mask is kept: the same key drops the same elements of the gradient.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] unless `0 <= p <= 1`;
    /// [`gradus_core::Error::UnsupportedDType`] if the dtype is no float.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{DType, Key, Tensor};
    /// let y = Tensor::ones(100, DType::F32)?.dropout(0.5, Key::new(1))?;
    /// assert!(y.to_vec::<f32>()?.iter().all(|y| [0.0, 2.0].contains(y)));
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn dropout(&self, p: f64, key: Key) -> Result<Self> {
        if !(0.0..=1.0).contains(&p) {
            let (expected, got) = ("a probability from 0 to 1", p.to_string());
            let op = "dropout";
            return Err(gradus_core::Error::InvalidArgument { op, name: "p", expected, got }.into());
        }
        let scale = if p < 1.0 { 1.0 / (1.0 - p) } else { 0.0 };
        Ok(float!("dropout", self.dtype(), T => {
            let mut out = take(self.len());
            random::dropout::<T>(key.kind(Kind::Dropout), p, scale, &self.elements(), &mut out);
            Self::from_data(out, self.shape())
        }))
    }
}
