//! Many elements to one along some dimensions.
//!
//! Every op takes the dimensions as `impl Into<Dims>` (`-1`, `[0, 2]`, `..`) and drops them; its
//! twin with `_keepdim` leaves them with extent 1. Empty dimensions reduce to the neutral element
//! where there is one (`sum` 0, `prod` 1), `mean` to NaN; `max`, `min` and `argmax` refuse.

mod arg;
mod axes;
mod cumsum;
mod fold;
mod logical;
mod norm;
mod scan;
mod softmax;
mod stats;
#[cfg(test)]
mod tests;

/// Stamps the pair of public methods of a reduction.
macro_rules! with_keepdim {
    ($(#[$doc:meta])* $name:ident, $keepdim:ident, $inner:ident($($arg:ident: $ty:ty),*)) => {
        impl $crate::Tensor {
            $(#[$doc])*
            pub fn $name(&self, $($arg: $ty,)* dims: impl Into<gradus_core::Dims>) -> $crate::Result<Self> {
                self.$inner($($arg,)* &dims.into()).map($crate::reduce::axes::Reduced::dropped)
            }

            #[doc = concat!("As [`Self::", stringify!($name), "`]; reduced dimensions stay, with extent 1.")]
            ///
            /// # Errors
            #[doc = concat!("As [`Self::", stringify!($name), "`].")]
            pub fn $keepdim(&self, $($arg: $ty,)* dims: impl Into<gradus_core::Dims>) -> $crate::Result<Self> {
                self.$inner($($arg,)* &dims.into()).map($crate::reduce::axes::Reduced::kept)
            }
        }
    };
}
use with_keepdim;
