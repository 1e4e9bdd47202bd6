//! Items that can be put together into a batch.

use gradus_tensor::Tensor;

use crate::{Error, Result};

/// An item that can be stacked with its like: tensors gain a first dimension, arrays and pairs are
/// stacked component by component.
///
/// # Examples
/// ```
/// use gradus_data::Stack;
/// use gradus_tensor::Tensor;
/// let rows = vec![
///     (Tensor::new([1.0, 2.0]), Tensor::scalar(0i64)),
///     (Tensor::new([3.0, 4.0]), Tensor::scalar(1i64)),
/// ];
/// let (x, y) = Stack::stack(rows)?;
/// assert_eq!((x.dims(), y.dims()), (&[2, 2][..], &[2][..]));
/// # Ok::<(), gradus_data::Error>(())
/// ```
pub trait Stack: Sized {
    /// Puts items side by side.
    ///
    /// # Errors
    /// If there is no item, or if their shapes or dtypes differ.
    fn stack(items: Vec<Self>) -> Result<Self>;
}

impl Stack for Tensor {
    fn stack(items: Vec<Self>) -> Result<Self> {
        refuse_empty(&items)?;
        Ok(Self::stack(&items, 0)?)
    }
}

impl<T: Stack, const N: usize> Stack for [T; N] {
    fn stack(items: Vec<Self>) -> Result<Self> {
        let mut parts: [Vec<T>; N] = std::array::from_fn(|_| Vec::with_capacity(items.len()));
        for item in items {
            for (part, component) in parts.iter_mut().zip(item) {
                part.push(component);
            }
        }
        let stacked = parts.into_iter().map(T::stack).collect::<Result<Vec<_>>>()?;
        Ok(Self::try_from(stacked).unwrap_or_else(|_| unreachable!("one for each of N parts")))
    }
}

impl<A: Stack, B: Stack> Stack for (A, B) {
    fn stack(items: Vec<Self>) -> Result<Self> {
        let (a, b) = items.into_iter().unzip();
        Ok((A::stack(a)?, B::stack(b)?))
    }
}

impl<A: Stack, B: Stack, C: Stack> Stack for (A, B, C) {
    fn stack(items: Vec<Self>) -> Result<Self> {
        let (a, (b, c)): (_, (Vec<_>, Vec<_>)) =
            items.into_iter().map(|(a, b, c)| (a, (b, c))).unzip();
        Ok((A::stack(a)?, B::stack(b)?, C::stack(c)?))
    }
}

fn refuse_empty<T>(items: &[T]) -> Result<()> {
    if items.is_empty() {
        let got = "none".to_owned();
        let (name, expected) = ("items", "at least one");
        return Err(Error::InvalidArgument { op: "stack", name, expected, got });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_are_stacked_side_by_side() {
        let item = |v: f32| [Tensor::scalar(v), Tensor::from([v, -v])];
        let [a, b] = Stack::stack(vec![item(1.0), item(2.0), item(3.0)]).unwrap();
        assert_eq!(a.to_vec::<f32>().unwrap(), [1.0, 2.0, 3.0]);
        assert_eq!(b.to_vec::<f32>().unwrap(), [1.0, -1.0, 2.0, -2.0, 3.0, -3.0]);
        let (c, d, e) =
            Stack::stack(vec![(Tensor::scalar(1i64), Tensor::scalar(2i64), Tensor::scalar(3i64))])
                .unwrap();
        assert_eq!((c.dims(), d.dims(), e.dims()), (&[1][..], &[1][..], &[1][..]));
    }

    #[test]
    fn nothing_and_unequal_shapes_are_refused() {
        assert_eq!(
            <Tensor as Stack>::stack(vec![]).unwrap_err().to_string(),
            "stack: items must be at least one, got none"
        );
        let unequal = vec![Tensor::from([1.0f32]), Tensor::from([1.0f32, 2.0])];
        assert!(<Tensor as Stack>::stack(unequal).is_err());
    }
}
