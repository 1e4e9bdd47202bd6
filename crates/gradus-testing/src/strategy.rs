//! Shapes and tensors for proptest.
//!
//! ```
//! use gradus_testing::strategy::{broadcastable, tensors};
//! use proptest::prelude::*;
//! let pairs = broadcastable(3, 0..=4)
//!     .prop_flat_map(|(a, b)| (tensors(Just(a), -3.0..3.0), tensors(Just(b), -3.0..3.0)));
//! proptest!(|((a, b) in pairs)| {
//!     prop_assert!(a.add(&b)?.equal(&b.add(&a)?));
//! });
//! ```

use std::ops::{Range, RangeInclusive};

use gradus_core::{DType, Key};
use gradus_tensor::{Result, Tensor};
use proptest::collection::vec;
use proptest::prelude::*;

/// Shapes with up to `rank` dimensions of these extents.
pub fn shapes(
    rank: usize,
    extents: RangeInclusive<usize>,
) -> impl Strategy<Value = Vec<usize>> + Clone {
    vec(extents, 0..=rank)
}

/// Pairs of shapes that broadcast together: extents that are 1 on either side, and leading dimensions
/// that one side lacks.
pub fn broadcastable(
    rank: usize,
    extents: RangeInclusive<usize>,
) -> impl Strategy<Value = (Vec<usize>, Vec<usize>)> + Clone {
    let one_at =
        |side: u8| move |&(extent, who): &(usize, u8)| if who == side { 1 } else { extent };
    (vec((extents, 0..4u8), 0..=rank), 0..=rank, any::<bool>()).prop_map(
        move |(dims, missing, left)| {
            let mut sides = [1, 2].map(|side| dims.iter().map(one_at(side)).collect::<Vec<_>>());
            let short = &mut sides[usize::from(left)];
            short.drain(..missing.min(dims.len()));
            let [a, b] = sides;
            (a, b)
        },
    )
}

/// How a tensor lies in memory.
#[derive(Debug, Clone, Copy)]
enum Form {
    Contiguous,
    /// Dimensions reversed: Fortran's order.
    Reversed,
    /// Every second element of the last dimension.
    Stepped,
    /// A window of a larger tensor.
    Window,
}

fn forms() -> impl Strategy<Value = Form> + Clone {
    prop::sample::select(&[Form::Contiguous, Form::Reversed, Form::Stepped, Form::Window][..])
}

/// f64 tensors of a drawn shape with values in a range, contiguous or as views of every kind. For
/// another dtype, cast them.
///
/// # Panics
/// While drawing, if the range is empty or has an end that is not finite.
pub fn tensors(
    shapes: impl Strategy<Value = Vec<usize>> + Clone,
    values: Range<f64>,
) -> impl Strategy<Value = Tensor> + Clone {
    (shapes, forms(), any::<u64>()).prop_map(move |(shape, form, seed)| {
        let fill = |shape: &[usize]| {
            Tensor::uniform(values.start, values.end, shape, DType::F64, Key::new(seed))
        };
        in_form(&shape, form, fill).expect("a range of finite numbers can be drawn from")
    })
}

/// f64 tensors whose elements all differ by at least `gap`, in any order: for ops that sort or
/// choose, whose derivative ends where two are equal.
///
/// # Panics
/// While drawing, if a shape has more elements than memory.
pub fn distinct(
    shapes: impl Strategy<Value = Vec<usize>> + Clone,
    gap: f64,
) -> impl Strategy<Value = Tensor> + Clone {
    (shapes, forms(), any::<u64>()).prop_map(move |(shape, form, seed)| {
        let fill = |shape: &[usize]| {
            let len: usize = shape.iter().product();
            let order = Tensor::randperm(len, Key::new(seed))?.to_dtype(DType::F64)?;
            order.sub_scalar(len as f64 / 2.0)?.mul_scalar(gap)?.reshape(shape)
        };
        in_form(&shape, form, fill).expect("a permutation takes any shape")
    })
}

fn in_form(
    shape: &[usize],
    form: Form,
    fill: impl Fn(&[usize]) -> Result<Tensor>,
) -> Result<Tensor> {
    let Some(last) = shape.len().checked_sub(1) else { return fill(shape) };
    let mut larger = shape.to_vec();
    match form {
        Form::Contiguous => fill(shape),
        Form::Reversed => {
            larger.reverse();
            let order: Vec<usize> = (0..shape.len()).rev().collect();
            fill(&larger)?.permute(&order)
        }
        Form::Stepped => {
            larger[last] *= 2;
            fill(&larger)?.step(last, 2)
        }
        Form::Window => {
            larger.iter_mut().for_each(|extent| *extent += 2);
            let narrow = |x: Tensor, (dim, &len): (usize, &usize)| x.narrow(dim, 1, len);
            shape.iter().enumerate().try_fold(fill(&larger)?, narrow)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest! {
        #[test]
        fn pairs_broadcast((a, b) in broadcastable(3, 0..=3)) {
            let [a, b] = [a, b].map(|shape| Tensor::zeros(shape, DType::F32).unwrap());
            prop_assert!(a.add(&b).is_ok());
        }

        #[test]
        fn tensors_have_the_shape_and_the_range(
            (shape, x) in shapes(3, 0..=3).prop_flat_map(|shape| {
                (Just(shape.clone()), tensors(Just(shape), -1.0..2.0))
            })
        ) {
            prop_assert_eq!(x.dims(), &shape[..]);
            let values = x.to_vec::<f64>().unwrap();
            prop_assert!(values.iter().all(|x| (-1.0..2.0).contains(x)));
        }

        #[test]
        fn distinct_elements_are_apart(x in distinct(shapes(3, 0..=3), 0.5)) {
            let mut values = x.to_vec::<f64>().unwrap();
            values.sort_by(f64::total_cmp);
            prop_assert!(values.windows(2).all(|pair| pair[1] - pair[0] >= 0.5 - 1e-12));
        }
    }

    /// The kinds of views, not only contiguous tensors.
    #[test]
    fn some_tensors_are_views() {
        use proptest::strategy::ValueTree;
        use proptest::test_runner::TestRunner;
        let mut runner = TestRunner::deterministic();
        let draws = tensors(Just(vec![3, 2]), 0.0..1.0);
        let drawn: Vec<Tensor> =
            (0..40).map(|_| draws.new_tree(&mut runner).unwrap().current()).collect();
        let contiguous = drawn.iter().filter(|x| x.layout().is_contiguous()).count();
        assert!((1..40).contains(&contiguous), "{contiguous}");
    }
}
