//! `argmax`, `argmin`.

use gradus_core::{Dim, Dims};
use gradus_cpu::reduce as kernel;

use crate::dtypes::number;
use crate::reduce::axes::{Axes, Place, Reduced};
use crate::{Result, Tensor};

/// Stamps the pair of methods.
macro_rules! arg {
    ($name:ident $keepdim:ident $inner:ident $which:literal) => {
        impl Tensor {
            #[doc = concat!("Index (`i64`) of the ", $which, " element of a dimension, the first on ties; NaN wins.")]
            ///
            /// # Errors
            /// [`gradus_core::Error::DimOutOfRange`], [`gradus_core::Error::EmptyReduction`] if the
            /// dimension is empty, or [`gradus_core::Error::UnsupportedDType`] for `bool`.
            pub fn $name(&self, dim: impl Into<Dim>) -> Result<Self> {
                self.$inner(dim.into()).map(Reduced::dropped)
            }

            #[doc = concat!("As [`Self::", stringify!($name), "`]; the dimension stays, with extent 1.")]
            ///
            /// # Errors
            #[doc = concat!("As [`Self::", stringify!($name), "`].")]
            pub fn $keepdim(&self, dim: impl Into<Dim>) -> Result<Self> {
                self.$inner(dim.into()).map(Reduced::kept)
            }

            fn $inner(&self, dim: Dim) -> Result<Reduced> {
                let op = stringify!($name);
                let axes = Axes::new(op, self, &Dims::from(dim), Place::Together)?;
                axes.require_elements(op, self)?;
                Ok(number!(op, self.dtype(), T => axes.run(kernel::$name::<T>)))
            }
        }
    };
}
arg!(argmax argmax_keepdim argmax_axes "largest");
arg!(argmin argmin_keepdim argmin_axes "smallest");
