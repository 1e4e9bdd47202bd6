//! Sliding windows: along one dimension, and over images as columns.

use gradus_core::{Dim, Shape};

use crate::tensor::addressable;
use crate::{ConvOptions, Result, Tensor};

impl Tensor {
    /// The windows of `size` neighbours of a dimension, `step` apart, as a new last dimension:
    /// `Tensor.unfold` of PyTorch.
    ///
    /// # Shapes
    /// `[..., N, ...]` → `[..., (N − size)/step + 1, ..., size]`
    ///
    /// # Errors
    /// [`gradus_core::Error::DimOutOfRange`], or [`gradus_core::Error::InvalidArgument`] if the size
    /// exceeds the extent or the step is 0.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::Tensor;
    /// let x = Tensor::new([1, 2, 3, 4]).windows(0, 2, 1)?;
    /// assert_eq!(x.to_vec::<i64>()?, [1, 2, 2, 3, 3, 4]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn windows(&self, dim: impl Into<Dim>, size: usize, step: usize) -> Result<Self> {
        let dim = dim.into().resolve("windows", self.rank())?;
        self.spread(dim, size, step, 1)?.movedim(dim + 1, -1)
    }

    /// The windows of a convolution as columns: `F.unfold` of PyTorch, also known as im2col.
    /// Positions beyond the border are 0.
    ///
    /// # Shapes
    /// `[B, C, H, W]` → `[B, C · KH · KW, L]` with a column per window, row by row
    ///
    /// # Errors
    /// [`gradus_core::Error::UnexpectedShape`] unless there are four dimensions;
    /// [`gradus_core::Error::InvalidArgument`] if no window fits, a stride or dilation is 0, or there
    /// are groups.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{ConvOptions, Tensor};
    /// let x = Tensor::new([[[[1, 2, 3], [4, 5, 6]]]]);
    /// let columns = x.unfold([2, 2], ConvOptions::default())?;
    /// assert_eq!(columns.dims(), [1, 4, 2]);
    /// assert_eq!(columns.to_vec::<i64>()?, [1, 2, 2, 3, 4, 5, 5, 6]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn unfold(&self, kernel: [usize; 2], options: ConvOptions) -> Result<Self> {
        let op = "unfold";
        let &[batch, channels, height, width] = self.dims() else {
            return Err(unexpected(op, "four dimensions", self.shape()));
        };
        let [rows, columns] = counts(op, [height, width], kernel, options)?;
        let ([top, left], [kh, kw]) = (options.padding, kernel);
        let x = self.pad(&[(0, 0), (0, 0), (top, top), (left, left)], 0.0)?;
        // (B, C, rows, KH, columns, KW)
        let x = x.spread(2, kh, options.stride[0], options.dilation[0])?;
        let x = x.spread(4, kw, options.stride[1], options.dilation[1])?;
        let shape = [batch, channels * kh * kw, rows * columns];
        x.permute(&[0, 1, 3, 5, 2, 4])?.reshape(shape)
    }

    /// Columns added up where the windows of a convolution took them from: the reverse of
    /// [`Tensor::unfold`], `F.fold` of PyTorch.
    ///
    /// # Shapes
    /// `[B, C · KH · KW, L]` → `[B, C, H, W]` for `size` `[H, W]`
    ///
    /// # Errors
    /// As [`Tensor::unfold`] and [`Tensor::scatter_add`]; [`gradus_core::Error::UnexpectedShape`]
    /// unless there are as many rows and columns as windows of this size have.
    pub fn fold(&self, size: [usize; 2], kernel: [usize; 2], options: ConvOptions) -> Result<Self> {
        let op = "fold";
        let [rows, columns] = counts(op, size, kernel, options)?;
        let area = kernel[0].saturating_mul(kernel[1]).max(1);
        let fits = match *self.dims() {
            [_, depth, windows] => depth % area == 0 && windows == rows * columns,
            _ => false,
        };
        if !fits {
            let expected = format!("[B, C · {area}, {}]", rows * columns);
            return Err(unexpected(op, &expected, self.shape()));
        }
        let (batch, channels) = (self.dims()[0], self.dims()[1] / area);
        let padded = [0, 1].map(|i| size[i] + 2 * options.padding[i]);
        let plane = padded[0] * padded[1];
        // The places of the elements, by the windows of their numbers.
        let places = Self::from_vec((0..plane as i64).collect(), [1, 1, padded[0], padded[1]])?;
        let inside = ConvOptions { padding: [0, 0], ..options };
        let places = places.unfold(kernel, inside)?.reshape([1, area * rows * columns])?;
        let source = self.reshape([batch * channels, area * rows * columns])?;
        let zeros = Self::zeros([batch * channels, plane], self.dtype())?;
        let whole = zeros.scatter_add(1, &places.expand(source.shape())?, &source)?;
        let whole = whole.reshape([batch, channels, padded[0], padded[1]])?;
        let [top, left] = options.padding;
        whole.narrow(2, top, size[0])?.narrow(3, left, size[1])
    }

    /// The windows of a dimension as two: which window, and which element of it.
    fn spread(&self, dim: usize, size: usize, step: usize, dilation: usize) -> Result<Self> {
        let (op, extent) = ("windows", self.dims()[dim]);
        let reach = size.saturating_sub(1).saturating_mul(dilation).saturating_add(size.min(1));
        if reach > extent || step == 0 {
            let (name, expected) = ("size and step", "at most the extent, and at least 1");
            let got = format!("{size} and {step} for a dimension of {extent}");
            return Err(gradus_core::Error::InvalidArgument { op, name, expected, got }.into());
        }
        let windows = (extent - reach) / step + 1;
        let (before, after) = (&self.dims()[..dim], &self.dims()[dim + 1..]);
        let shape = Shape::from([before, &[windows, size], after].concat());
        addressable(op, &shape)?;
        let starts = (0..windows).map(|i| i * step);
        let ids = starts.flat_map(|start| (0..size).map(move |k| (start + k * dilation) as i64));
        let ids = Self::from_vec(ids.collect::<Vec<i64>>(), windows * size)?;
        self.index_select(dim, &ids)?.reshape(shape)
    }
}

/// How many windows there are down and across.
fn counts(
    op: &'static str,
    size: [usize; 2],
    kernel: [usize; 2],
    options: ConvOptions,
) -> Result<[usize; 2]> {
    let mut counts = [0; 2];
    for i in [0, 1] {
        let extent = size[i].saturating_add(options.padding[i].saturating_mul(2));
        let reach =
            kernel[i].saturating_sub(1).saturating_mul(options.dilation[i]).saturating_add(1);
        let valid = kernel[i] > 0 && options.stride[i] > 0 && options.dilation[i] > 0;
        if !valid || reach > extent || options.groups != 1 {
            let (name, expected) = ("kernel and options", "of windows that fit, without groups");
            let got = format!("kernel {kernel:?}, {options:?} for {size:?}");
            return Err(gradus_core::Error::InvalidArgument { op, name, expected, got }.into());
        }
        counts[i] = (extent - reach) / options.stride[i] + 1;
    }
    Ok(counts)
}

fn unexpected(op: &'static str, expected: &str, got: &Shape) -> crate::Error {
    let (expected, got) = (expected.to_owned(), got.clone());
    gradus_core::Error::UnexpectedShape { op, expected, got }.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{at, cases, filled, indices, read};
    use crate::{DType, Key};

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn windows_are_neighbours(recipe in filled(3), pick in any::<prop::sample::Index>(), size in 0..5usize, step in 1..4usize) {
            let dim = pick.index(recipe.shape.len());
            for dtype in DType::ALL {
                let x = recipe.make(dtype);
                let size = size.min(x.dims()[dim]);
                let y = x.windows(dim, size, step).unwrap();
                let from = |i: &Vec<usize>| {
                    let mut source = i[..i.len() - 1].to_vec();
                    source[dim] = i[dim] * step + i[i.len() - 1];
                    at(&x, &source)
                };
                prop_assert_eq!(read(&y), indices(y.dims()).iter().map(from).collect::<Vec<_>>());
            }
        }

        #[test]
        fn columns_times_weights_are_a_convolution_and_fold_is_the_adjoint(
            seed: u64, kh in 1..3usize, kw in 1..4usize, stride in 1..3usize, pad in 0..2usize, dilation in 1..3usize,
        ) {
            let draw = |i: u64, shape: &[usize]| Tensor::randn(shape, DType::F64, Key::new(seed).fold_in(i)).unwrap();
            let options = ConvOptions { stride: [stride, 1], padding: [pad, 1], dilation: [1, dilation], groups: 1 };
            let (x, w) = (draw(0, &[2, 2, 4, 6]), draw(1, &[3, 2, kh, kw]));
            let columns = x.unfold([kh, kw], options).unwrap();
            let y = w.flatten(1, -1).unwrap().matmul(&columns).unwrap();
            let conv = x.conv2d(&w, None, options).unwrap();
            prop_assert!(conv.flatten(2, 3).unwrap().allclose(&y, 1e-12, 1e-12).unwrap());
            // ⟨unfold x, c⟩ = ⟨x, fold c⟩
            let c = draw(2, columns.dims());
            let folded = c.fold([4, 6], [kh, kw], options).unwrap();
            let inner = |a: &Tensor, b: &Tensor| a.mul(b).unwrap().sum(..).unwrap().item().unwrap();
            prop_assert!((inner(&columns, &c) - inner(&x, &folded)).abs() < 1e-9);
        }
    }

    #[test]
    fn faults_are_errors() {
        let x = Tensor::zeros([1, 1, 2, 2], DType::F32).unwrap();
        let options = ConvOptions::default();
        assert!(
            x.windows(2, 3, 1).is_err()
                && x.windows(2, 1, 0).is_err()
                && x.windows(4, 1, 1).is_err()
        );
        assert!(x.unfold([3, 1], options).is_err() && x.unfold([0, 1], options).is_err());
        assert!(x.unfold([1, 1], ConvOptions { stride: [0, 1], ..options }).is_err());
        assert!(x.unfold([1, 1], ConvOptions { groups: 2, ..options }).is_err());
        assert!(x.fold([2, 2], [1, 1], options).is_err());
        assert!(x.flatten(2, 3).unwrap().fold([2, 3], [1, 1], options).is_err());
        assert!(x.windows(2, usize::MAX, 1).is_err());
    }
}
