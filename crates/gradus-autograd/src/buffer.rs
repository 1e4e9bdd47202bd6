//! [`Buffer`]: state that a model keeps but does not learn by gradients.

use std::sync::{PoisonError, RwLock};

use gradus_tensor::Tensor;

use crate::Result;
use crate::param::check_fits;

/// State of a model that belongs in its checkpoints but has no gradient, such as the running
/// mean of a batch normalization.
///
/// It can be set through `&self`, because a layer's `forward` takes the layer by reference.
/// A clone has its own value.
///
/// # Examples
/// ```
/// use gradus_autograd::Buffer;
/// use gradus_tensor::Tensor;
/// let mean = Buffer::new(Tensor::from([0.0f32]));
/// mean.set(Tensor::from([2.5f32]))?;
/// assert_eq!(mean.value().item()?, 2.5);
/// assert!(mean.set(Tensor::from([1.0f32, 2.0])).is_err());
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
#[derive(Debug)]
pub struct Buffer(RwLock<Tensor>);

impl Buffer {
    /// A buffer with a first value.
    pub fn new(value: Tensor) -> Self {
        Self(RwLock::new(value))
    }

    /// The value now.
    pub fn value(&self) -> Tensor {
        // A tensor is replaced as a whole, so a poisoned lock still holds a good one.
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the value.
    ///
    /// # Errors
    /// [`Error::StateShape`](crate::Error::StateShape) or
    /// [`Error::StateDType`](crate::Error::StateDType) if the new value looks otherwise.
    pub fn set(&self, value: Tensor) -> Result<()> {
        let mut slot = self.0.write().unwrap_or_else(PoisonError::into_inner);
        check_fits("buffer", &slot, &value)?;
        *slot = value;
        Ok(())
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        Self::new(self.value())
    }
}
