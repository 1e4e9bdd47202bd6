//! `argmax`, `argmin`.

use gradus_core::{Dim, Dims, ReduceOp};

use crate::dtypes::number;
use crate::reduce::axes::{Axes, Reduced};
use crate::{Result, Tensor};

/// Stamps the pair of methods.
macro_rules! arg {
    ($name:ident $keepdim:ident $op:ident $which:literal) => {
        impl Tensor {
            #[doc = concat!("Index (`i64`) of the ", $which, " element of a dimension, the first on ties; NaN wins.")]
            ///
            /// # Errors
            /// [`gradus_core::Error::DimOutOfRange`], [`gradus_core::Error::EmptyReduction`] if the
            /// dimension is empty, or [`gradus_core::Error::UnsupportedDType`] for `bf16` and `bool`.
            pub fn $name(&self, dim: impl Into<Dim>) -> Result<Self> {
                self.arg(stringify!($name), ReduceOp::$op, dim.into()).map(Reduced::dropped)
            }

            #[doc = concat!("As [`Self::", stringify!($name), "`]; the dimension stays, with extent 1.")]
            ///
            /// # Errors
            #[doc = concat!("As [`Self::", stringify!($name), "`].")]
            pub fn $keepdim(&self, dim: impl Into<Dim>) -> Result<Self> {
                self.arg(stringify!($name), ReduceOp::$op, dim.into()).map(Reduced::kept)
            }
        }
    };
}
arg!(argmax argmax_keepdim Max "largest");
arg!(argmin argmin_keepdim Min "smallest");

impl Tensor {
    fn arg(&self, name: &'static str, op: ReduceOp, dim: Dim) -> Result<Reduced> {
        let axes = Axes::new(name, self, &Dims::from(dim))?;
        Ok(number!(name, self.dtype(), T => {
            axes.require_elements(self.shape())?;
            let is_nan = |x: T| x.partial_cmp(&x).is_none();
            let better = |a: T, b: T| if op == ReduceOp::Max { a > b } else { a < b };
            axes.fold(|xs: &mut dyn Iterator<Item = T>| {
                let best = xs.enumerate().reduce(|best, x| {
                    if is_nan(best.1) || (!is_nan(x.1) && !better(x.1, best.1)) { best } else { x }
                });
                best.map_or(0, |(i, _)| i as i64)
            })
        }))
    }
}
