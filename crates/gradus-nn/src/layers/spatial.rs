//! What layers do whose places begin at dimension 2.

use gradus_autograd::Var;

use crate::{Error, Result};

/// The extents that are wanted, or those of `x` where none is.
pub(super) fn output_size<const N: usize>(
    layer: &'static str,
    x: &Var,
    size: [Option<usize>; N],
) -> Result<[usize; N]> {
    if x.rank() != 2 + N {
        let expected = format!("[B, C] and {N} more dimensions");
        return Err(Error::InputShape { layer, expected, got: x.shape().clone() });
    }
    Ok(std::array::from_fn(|i| size[i].unwrap_or(x.dims()[2 + i])))
}
