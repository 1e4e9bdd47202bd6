//! Learning a transformation, and applying it.

use gradus_tensor::Tensor;

use super::state::Fitted;
use super::train_rows::TrainRows;
use crate::{Error, Result};

/// A configuration that can learn a transformation from the rows of a table.
///
/// # Examples
/// ```
/// use gradus_data::{Fit, StandardScalerConfig, TrainRows, Transform};
/// use gradus_tensor::Tensor;
/// let x = Tensor::new([[1.0], [3.0], [100.0]]);
/// let train = TrainRows::select(&x, &[0, 1])?;
/// let scaler = StandardScalerConfig::default().fit(&train)?;
/// assert_eq!(scaler.transform(&x)?.to_vec::<f32>()?, [-1.0, 1.0, 98.0]);
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub trait Fit {
    /// What is learned.
    type Fitted: Transform;

    /// Learns.
    ///
    /// # Errors
    /// If the configuration or the rows are not what the type's page asks for.
    fn fit(&self, rows: &TrainRows) -> Result<Self::Fitted>;
}

/// A configuration that can learn chunk by chunk, without all rows in memory.
///
/// # Examples
/// ```
/// use gradus_data::{Fit, FitStream, PartialFit, StandardScalerConfig, TrainRows};
/// use gradus_tensor::Tensor;
/// let config = StandardScalerConfig::default();
/// let mut stream = config.stream()?;
/// for chunk in [Tensor::new([[1.0], [2.0]]), Tensor::new([[6.0]])] {
///     stream.partial_fit(&TrainRows::whole(&chunk))?;
/// }
/// let whole = config.fit(&TrainRows::whole(&Tensor::new([[1.0], [2.0], [6.0]])))?;
/// assert_eq!(stream.finish()?, whole);
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub trait FitStream: Fit {
    /// What grows with each chunk.
    type Stream: PartialFit<Fitted = Self::Fitted>;

    /// The state before the first chunk.
    ///
    /// # Errors
    /// If the configuration is not what its page asks for.
    fn stream(&self) -> Result<Self::Stream>;
}

/// A transformation in the making.
pub trait PartialFit {
    /// What is learned.
    type Fitted;

    /// Takes in more rows. After an error the state is as before.
    ///
    /// # Errors
    /// As [`Fit::fit`], and if the chunk has another number of columns than those before it.
    fn partial_fit(&mut self, rows: &TrainRows) -> Result<()>;

    /// What the rows so far teach. More can follow.
    ///
    /// # Errors
    /// If there was no row, or a column had nothing to learn from.
    fn finish(&self) -> Result<Self::Fitted>;
}

/// A learned transformation of tables: shapes `[..., n_features_in]` to `[..., n_features_out]`.
///
/// Every row is transformed by itself: its values do not depend on the rows beside it.
pub trait Transform: Fitted {
    /// How many columns go in.
    fn n_features_in(&self) -> usize;

    /// How many columns come out.
    fn n_features_out(&self) -> usize;

    /// Transforms.
    ///
    /// # Errors
    /// If the last dimension of `x` is not [`Transform::n_features_in`], or dtype or values are not
    /// what the type's page asks for.
    fn transform(&self, x: &Tensor) -> Result<Tensor>;

    /// Undoes [`Transform::transform`].
    ///
    /// # Errors
    /// If the last dimension of `y` is not [`Transform::n_features_out`]; [`Error::NoInverse`] if
    /// what was transformed cannot be told any more.
    fn inverse_transform(&self, y: &Tensor) -> Result<Tensor>;
}

/// The error of a transformation that cannot be undone.
pub(super) fn no_inverse<T>(op: &'static str) -> Result<T> {
    Err(Error::NoInverse { op })
}
