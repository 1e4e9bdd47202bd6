//! Splits in time.

use super::part::{Part, sizes};
use crate::Result;

/// Cuts `0..len` into consecutive parts, for series where the future must not be learned from.
///
/// # Errors
/// [`crate::Error::InvalidArgument`] if counts do not sum to `len` or fractions to 1;
/// [`crate::Error::EmptyPart`] if a part would be empty.
///
/// # Examples
/// ```
/// use gradus_data::chronological_split;
/// let [train, test] = chronological_split(5, [0.6, 0.4])?;
/// assert_eq!((train, test), (vec![0, 1, 2], vec![3, 4]));
/// let [past, future] = chronological_split(5, [4, 1])?;
/// assert_eq!((past.len(), future), (4, vec![4]));
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn chronological_split<P: Part, const N: usize>(
    len: usize,
    parts: [P; N],
) -> Result<[Vec<usize>; N]> {
    let sizes = sizes("chronological_split", len, &parts)?;
    let mut start = 0;
    Ok(std::array::from_fn(|part| {
        start += sizes[part];
        (start - sizes[part]..start).collect()
    }))
}
