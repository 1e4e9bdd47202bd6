//! Random splits.

use gradus_core::Key;

use super::part::{Part, sizes};
use crate::{Result, permutation};

/// Splits `0..len` at random; a pure function of the key. Each part is in rising order.
///
/// # Errors
/// [`crate::Error::InvalidArgument`] if counts do not sum to `len` or fractions to 1;
/// [`crate::Error::EmptyPart`] if a part would be empty.
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_data::{Dataset, Subset, random_split};
/// let data = vec!['a', 'b', 'c', 'd', 'e'];
/// let [train, test] = random_split(data.len(), [0.8, 0.2], Key::new(7))?;
/// let (train, test) = (Subset::new(&data, train)?, Subset::new(&data, test)?);
/// assert_eq!((train.len(), test.len()), (4, 1));
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub fn random_split<P: Part, const N: usize>(
    len: usize,
    parts: [P; N],
    key: Key,
) -> Result<[Vec<usize>; N]> {
    let sizes = sizes("random_split", len, &parts)?;
    let order = permutation(len, key);
    let mut rest = &order[..];
    Ok(std::array::from_fn(|part| {
        let (taken, left) = rest.split_at(sizes[part]);
        rest = left;
        let mut taken = taken.to_vec();
        taken.sort_unstable();
        taken
    }))
}
