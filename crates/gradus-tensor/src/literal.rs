//! Tensors from nested arrays.

use gradus_cpu::memory::Block;

use crate::{Element, Tensor};

/// What [`Tensor::new`] takes: nested arrays of `f32`, `i64` or `bool`, so that literals have one
/// possible type.
pub trait Literal {
    /// The element type.
    type Element: Element;

    /// Appends the extents, outermost first.
    fn extents(out: &mut Vec<usize>);

    /// Appends the elements in row-major order.
    fn flatten(self, out: &mut Vec<Self::Element>);
}

/// Stamps the leaves.
macro_rules! leaf {
    ($($t:ident),*) => {$(
        impl Literal for $t {
            type Element = Self;

            fn extents(_: &mut Vec<usize>) {}

            fn flatten(self, out: &mut Vec<Self>) {
                out.push(self);
            }
        }
    )*};
}
leaf!(f32, i64, bool);

impl<L: Literal, const N: usize> Literal for [L; N] {
    type Element = L::Element;

    fn extents(out: &mut Vec<usize>) {
        out.push(N);
        L::extents(out);
    }

    fn flatten(self, out: &mut Vec<L::Element>) {
        self.into_iter().for_each(|x| x.flatten(out));
    }
}

impl Tensor {
    /// A tensor from a nested array literal: float literals give `f32`, integer literals `i64`,
    /// truth values `bool`. For other dtypes use `Tensor::from`.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{DType, Tensor};
    /// let x = Tensor::new([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!((x.dtype(), x.dims()), (DType::F32, [2, 2].as_slice()));
    /// assert_eq!(Tensor::new([1, 2, 3]).dtype(), DType::I64);
    /// assert_eq!(Tensor::from([1.0f64, 2.0]).dtype(), DType::F64);
    /// ```
    pub fn new<L: Literal>(literal: L) -> Self {
        let (mut extents, mut data) = (Vec::new(), Vec::new());
        L::extents(&mut extents);
        literal.flatten(&mut data);
        Self::from_data(data, extents)
    }
}

impl<T: Element> From<Vec<T>> for Tensor {
    fn from(data: Vec<T>) -> Self {
        let len = data.len();
        Self::from_data(data, len)
    }
}

impl<T: Element> From<&[T]> for Tensor {
    fn from(data: &[T]) -> Self {
        Self::from_data(Block::from(data), data.len())
    }
}

impl<T: Element, const N: usize> From<[T; N]> for Tensor {
    fn from(data: [T; N]) -> Self {
        Self::from_data(Block::from(&data[..]), [N])
    }
}

impl<T: Element, const M: usize, const N: usize> From<[[T; M]; N]> for Tensor {
    fn from(data: [[T; M]; N]) -> Self {
        Self::from_data(data.into_iter().flatten().collect::<Block<T>>(), [N, M])
    }
}

impl<T: Element, const L: usize, const M: usize, const N: usize> From<[[[T; L]; M]; N]> for Tensor {
    fn from(data: [[[T; L]; M]; N]) -> Self {
        Self::from_data(data.into_iter().flatten().flatten().collect::<Block<T>>(), [N, M, L])
    }
}

impl<T: Element, const K: usize, const L: usize, const M: usize, const N: usize>
    From<[[[[T; K]; L]; M]; N]> for Tensor
{
    fn from(data: [[[[T; K]; L]; M]; N]) -> Self {
        Self::from_data(
            data.into_iter().flatten().flatten().flatten().collect::<Block<T>>(),
            [N, M, L, K],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DType;

    #[test]
    fn nested_arrays_keep_their_order() {
        let x = Tensor::new([[[1, 2], [3, 4], [5, 6]]]);
        assert_eq!((x.dims(), x.dtype()), ([1, 3, 2].as_slice(), DType::I64));
        assert!(x.equal(&Tensor::from([[[1i64, 2], [3, 4], [5, 6]]])));
        let y = Tensor::from([[[[1u8, 2], [3, 4]]]]);
        assert_eq!(
            (y.dims(), y.to_vec::<u8>().unwrap()),
            ([1, 1, 2, 2].as_slice(), vec![1, 2, 3, 4])
        );
        assert_eq!(Tensor::new([[1.0; 3]; 0]).dims(), [0, 3]);
        assert_eq!(Tensor::new(true).rank(), 0);
        assert_eq!(Tensor::from(vec![1.5f64]).dims(), [1]);
        assert_eq!(Tensor::from(&[1.5f64][..]).item().unwrap(), 1.5);
    }
}
