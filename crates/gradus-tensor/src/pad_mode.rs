//! Borders made of the elements themselves.

use crate::tensor::checked_len;
use crate::{DType, Error, Result, Tensor};

/// What a border is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PadMode {
    /// A constant.
    Constant(f64),
    /// The elements next to the edge, mirrored at it: `3 2 | 1 2 3 | 2 1`.
    Reflect,
    /// The element at the edge: `1 1 | 1 2 3 | 3 3`.
    Replicate,
    /// The elements of the other end: `2 3 | 1 2 3 | 1 2`.
    Circular,
}

impl Tensor {
    /// A border of `before` and `after` elements for each dimension, from the first dimension on.
    ///
    /// # Shapes
    /// Extent `n` becomes `before + n + after`.
    ///
    /// # Errors
    /// As [`Tensor::pad`]; [`gradus_core::Error::InvalidArgument`] if a border needs elements that are
    /// not there: a mirrored one is smaller than the extent, a circular one at most the extent, and a
    /// replicated one needs one element.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{PadMode, Tensor};
    /// let x = Tensor::new([1, 2, 3]);
    /// assert_eq!(x.pad_with(&[(2, 1)], PadMode::Reflect)?.to_vec::<i64>()?, [3, 2, 1, 2, 3, 2]);
    /// assert_eq!(x.pad_with(&[(2, 1)], PadMode::Circular)?.to_vec::<i64>()?, [2, 3, 1, 2, 3, 1]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn pad_with(&self, pad: &[(usize, usize)], mode: PadMode) -> Result<Self> {
        if let PadMode::Constant(value) = mode {
            return self.pad(pad, value);
        }
        if pad.len() != self.rank() {
            return Err(invalid(
                "one pair per dimension",
                format!("{} pairs for shape {}", pad.len(), self.shape()),
            ));
        }
        let mut x = self.clone();
        for (dim, &(before, after)) in pad.iter().enumerate().filter(|&(_, &pair)| pair != (0, 0)) {
            let extent = self.dims()[dim];
            let longest = match mode {
                PadMode::Reflect => extent.checked_sub(1),
                PadMode::Circular => Some(extent),
                _ => (extent > 0).then_some(isize::MAX as usize / 4),
            };
            if longest.is_none_or(|longest| before.max(after) > longest) {
                let got = format!("({before}, {after}) for a dimension of {extent}");
                return Err(invalid("of elements that are there", got));
            }
            let total = before + extent + after;
            checked_len("pad", &[x.dims(), &[total]].concat().into(), DType::I64)?;
            let ids = (0..total).map(|i| source(i as i64 - before as i64, extent as i64, mode));
            x = x.index_select(dim, &Self::from_vec(ids.collect::<Vec<i64>>(), total)?)?;
        }
        Ok(x)
    }
}

/// Where the element at `i` of an axis of `n` comes from.
fn source(i: i64, n: i64, mode: PadMode) -> i64 {
    match mode {
        PadMode::Reflect if i < 0 => -i,
        PadMode::Reflect if i >= n => 2 * (n - 1) - i,
        PadMode::Replicate => i.clamp(0, n - 1),
        PadMode::Circular => i.rem_euclid(n),
        _ => i,
    }
}

fn invalid(expected: &'static str, got: String) -> Error {
    Error::Core(gradus_core::Error::InvalidArgument { op: "pad", name: "pad", expected, got })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{cases, filled, read};

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn the_inside_stays_and_the_border_is_made_of_it(recipe in filled(3), before in 0..4usize, after in 0..4usize) {
            for dtype in DType::ALL {
                let x = recipe.make(dtype);
                for mode in [PadMode::Constant(1.0), PadMode::Reflect, PadMode::Replicate, PadMode::Circular] {
                    let fits = |&n: &usize| match mode {
                        PadMode::Reflect => (before.min(n - 1), after.min(n - 1)),
                        PadMode::Circular => (before.min(n), after.min(n)),
                        _ => (before, after),
                    };
                    let pad: Vec<_> = x.dims().iter().map(fits).collect();
                    let y = x.pad_with(&pad, mode).unwrap();
                    let inside = |y: Tensor, (dim, &(start, _)): (usize, &(usize, usize))| {
                        y.narrow(dim, start, x.dims()[dim]).unwrap()
                    };
                    prop_assert!(pad.iter().enumerate().fold(y, inside).equal(&x));
                }
            }
        }
    }

    #[test]
    fn values_are_known() {
        let x = Tensor::new([[1, 2, 3], [4, 5, 6]]);
        let of = |mode| read(&x.pad_with(&[(1, 0), (1, 2)], mode).unwrap());
        let expected = [5., 4., 5., 6., 5., 4., 2., 1., 2., 3., 2., 1., 5., 4., 5., 6., 5., 4.];
        assert_eq!(of(PadMode::Reflect), expected);
        let expected = [1., 1., 2., 3., 3., 3., 1., 1., 2., 3., 3., 3., 4., 4., 5., 6., 6., 6.];
        assert_eq!(of(PadMode::Replicate), expected);
        let expected = [6., 4., 5., 6., 4., 5., 3., 1., 2., 3., 1., 2., 6., 4., 5., 6., 4., 5.];
        assert_eq!(of(PadMode::Circular), expected);
    }

    #[test]
    fn faults_are_errors() {
        let x = Tensor::new([1, 2]);
        assert!(x.pad_with(&[], PadMode::Reflect).is_err());
        assert!(x.pad_with(&[(2, 0)], PadMode::Reflect).is_err());
        assert!(x.pad_with(&[(0, 3)], PadMode::Circular).is_err());
        assert!(x.pad_with(&[(0, usize::MAX)], PadMode::Replicate).is_err());
        let empty = Tensor::zeros(0, DType::F32).unwrap();
        assert!(empty.pad_with(&[(1, 0)], PadMode::Replicate).is_err());
        assert!(empty.pad_with(&[(1, 0)], PadMode::Reflect).is_err());
        assert_eq!(empty.pad_with(&[(0, 0)], PadMode::Circular).unwrap().dims(), [0]);
    }
}
