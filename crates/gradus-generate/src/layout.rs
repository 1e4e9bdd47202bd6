//! Which positions of a row a strategy draws.

use crate::{Error, Result};

/// Positions of a row, in the order in which [`Ar`](crate::Ar) draws them.
///
/// # Examples
/// ```
/// use gradus_generate::Layout;
/// assert_eq!(Layout::Every(3).positions(8)?, [0, 3, 6]);
/// let coarse = Layout::Grid { height: 4, width: 4, every: 2 };
/// assert_eq!(coarse.positions(16)?, [0, 2, 8, 10]);
/// assert!(Layout::At(vec![1, 1]).positions(8).is_err());
/// # Ok::<(), gradus_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Layout {
    /// Every position, from left to right.
    #[default]
    All,
    /// Positions 0, k, 2k, ….
    Every(usize),
    /// The first n positions, such as the coarsest level of codes that stand level after level.
    First(usize),
    /// Of an image in raster order, the pixels whose two coordinates are multiples of `every`.
    Grid {
        /// Rows of pixels.
        height: usize,
        /// Pixels of a row.
        width: usize,
        /// Distance of the drawn pixels in both axes.
        every: usize,
    },
    /// These positions, in this order.
    At(Vec<usize>),
}

impl Layout {
    /// The positions for rows of `len`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a distance of 0, [`Error::Length`] if a grid has another size, a
    /// position is not below `len`, or there is none; [`Error::Contradiction`] if a position is named
    /// twice.
    pub fn positions(&self, len: usize) -> Result<Vec<usize>> {
        let every = match self {
            Self::Every(k) | Self::Grid { every: k, .. } => *k,
            Self::All | Self::First(_) | Self::At(_) => 1,
        };
        if every == 0 {
            let (name, expected) = ("distance of planned positions", "at least 1");
            return Err(Error::Parameter { name, expected, got: 0.0 });
        }
        let chosen: Vec<usize> = match self {
            Self::All | Self::Every(_) => (0..len).step_by(every).collect(),
            Self::First(n) if *n > len => {
                let what = "planned positions, at most";
                return Err(Error::Length { what, expected: len, got: *n });
            }
            Self::First(n) => (0..*n).collect(),
            Self::Grid { height, width, .. } => {
                let got = height.saturating_mul(*width);
                if got != len {
                    return Err(Error::Length { what: "pixels of a grid", expected: len, got });
                }
                let line = |y: usize| (0..*width).step_by(every).map(move |x| y * width + x);
                (0..*height).step_by(every).flat_map(line).collect()
            }
            Self::At(list) => list.clone(),
        };
        if chosen.is_empty() {
            return Err(Error::Length { what: "planned positions, at least", expected: 1, got: 0 });
        }
        refuse_repeats(&chosen, len)?;
        Ok(chosen)
    }
}

fn refuse_repeats(chosen: &[usize], len: usize) -> Result<()> {
    let mut seen = vec![false; len];
    for &at in chosen {
        let Some(seen) = seen.get_mut(at) else {
            let what = "planned position, below";
            return Err(Error::Length { what, expected: len, got: at });
        };
        if std::mem::replace(seen, true) {
            let (what, with) = ("a planned position", "the same position named before");
            return Err(Error::Contradiction { what, with });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bad_layouts_are_refused() {
        let grid = |height, width, every| Layout::Grid { height, width, every };
        for layout in [
            Layout::Every(0),
            grid(2, 2, 0),
            grid(2, 3, 1),
            grid(usize::MAX, 2, 1),
            Layout::First(0),
            Layout::First(5),
            Layout::At(vec![]),
            Layout::At(vec![4]),
            Layout::At(vec![2, 0, 2]),
        ] {
            assert!(layout.positions(4).is_err(), "{layout:?}");
        }
        assert!(Layout::All.positions(0).is_err());
        assert_eq!(Layout::At(vec![3, 0]).positions(4).unwrap(), [3, 0]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_grid_keeps_pixels_with_both_coordinates_on_it(
            height in 1..12usize, width in 1..12usize, every in 1..5usize,
        ) {
            let on = |at: &usize| [at / width, at % width].iter().all(|x| x.is_multiple_of(every));
            let expected: Vec<usize> = (0..height * width).filter(on).collect();
            let layout = Layout::Grid { height, width, every };
            prop_assert_eq!(layout.positions(height * width).unwrap(), expected);
        }
    }
}
