//! Which position sees which.

use std::ops::Range;

use gradus_tensor::Tensor;

use crate::error::Result;

/// What a place of a pass holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The class.
    Lead,
    /// A known token of this block.
    Clean(usize),
    /// A token of this block of which some are hidden.
    Noisy(usize),
}

impl Place {
    const fn sees(self, other: Self) -> bool {
        match (self, other) {
            (_, Self::Lead) => true,
            (Self::Clean(block), Self::Clean(of)) => of <= block,
            (Self::Noisy(block), Self::Clean(of)) => of < block,
            (Self::Noisy(block), Self::Noisy(of)) => of == block,
            (Self::Lead | Self::Clean(_), _) => false,
        }
    }
}

/// Who sees whom in a pass over the class (if `lead` is 1), `len` clean positions and the same again with
/// noise: `[N, N]`, true where a row sees a column.
pub(super) fn of_training(lead: usize, len: usize, block: usize) -> Result<Tensor> {
    let clean = (0..len).map(|at| Place::Clean(at / block));
    let noisy = (0..len).map(|at| Place::Noisy(at / block));
    table(std::iter::repeat_n(Place::Lead, lead).chain(clean).chain(noisy))
}

/// Who sees whom in a pass over the class and `end` positions, the last block of which holds noise: each sees
/// its block and all before.
pub(super) fn of_past(lead: usize, end: usize, block: usize) -> Result<Tensor> {
    let clean = (0..end).map(|at| Place::Clean(at / block));
    table(std::iter::repeat_n(Place::Lead, lead).chain(clean))
}

fn table(places: impl Iterator<Item = Place>) -> Result<Tensor> {
    let places: Vec<Place> = places.collect();
    let rows = places.iter().flat_map(|place| places.iter().map(|other| place.sees(*other)));
    Ok(Tensor::from_vec(rows.collect::<Vec<bool>>(), [places.len(), places.len()])?)
}

/// The positions of a block, the last of which may be shorter.
pub(super) fn room(at: usize, block: usize, len: usize) -> Range<usize> {
    let start = at / block * block;
    start..(start + block).min(len)
}
