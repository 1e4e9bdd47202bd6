//! Convolutions against the sum over all places, and gradients against their definition.

use proptest::prelude::*;

use crate::testing::{Recipe, assert_close, at, indices, of_shape, read};
use crate::{
    Conv1dOptions, ConvOptions, ConvTranspose1dOptions, ConvTransposeOptions, DType, Result, Tensor,
};

/// An image and a filter that fit.
fn images() -> impl Strategy<Value = (Recipe, Recipe, ConvOptions)> {
    let pair = |from: usize, to: usize| [from..to, from..to];
    let channels = (1..3usize, 0..3usize, 0..3usize, 0..3usize);
    let recipe = || of_shape(Just(vec![]));
    (channels, pair(1, 7), pair(1, 4), pair(1, 3), (pair(0, 3), pair(1, 3)), (recipe(), recipe()))
        .prop_filter_map(
            "the window must fit",
            |(c, size, kernel, stride, (padding, dilation), (x, w))| {
                let (groups, batch, c_in, c_out) = c;
                let fits = |i: usize| dilation[i] * (kernel[i] - 1) < size[i] + 2 * padding[i];
                let x = x.with_shape(&[batch, c_in * groups, size[0], size[1]]);
                let w = w.with_shape(&[c_out * groups, c_in, kernel[0], kernel[1]]);
                (fits(0) && fits(1)).then_some((
                    x,
                    w,
                    ConvOptions { stride, padding, dilation, groups },
                ))
            },
        )
}

/// The sum over channels and taps at one place of the output.
fn element(x: &Tensor, w: &Tensor, o: ConvOptions, index: &[usize]) -> f64 {
    let [n, out, y, z] = index[..] else { unreachable!() };
    let group = out / (w.dims()[0] / o.groups);
    let taps = indices(&w.dims()[1..]);
    let term = |tap: &Vec<usize>| {
        let row = (y * o.stride[0] + tap[1] * o.dilation[0]).wrapping_sub(o.padding[0]);
        let column = (z * o.stride[1] + tap[2] * o.dilation[1]).wrapping_sub(o.padding[1]);
        if row >= x.dims()[2] || column >= x.dims()[3] {
            return 0.0;
        }
        at(x, &[n, group * w.dims()[1] + tap[0], row, column])
            * at(w, &[out, tap[0], tap[1], tap[2]])
    };
    taps.iter().map(term).sum()
}

fn dot(a: &Tensor, b: &Tensor) -> f64 {
    read(&(a * b)).iter().sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn outputs_are_sums_over_windows((x, w, options) in images()) {
        for dtype in [DType::F32, DType::F64] {
            let (x, w) = (x.make(dtype), w.make(dtype));
            let y = x.conv2d(&w, None, options).unwrap();
            let expected: Vec<f64> =
                indices(y.dims()).iter().map(|i| element(&x, &w, options, i)).collect();
            assert_close(&y, y.dims(), &expected);
        }
    }

    #[test]
    fn gradients_are_transposes_of_the_linear_maps((x, w, options) in images()) {
        let (x, w) = (x.make(DType::F64), w.make(DType::F64));
        let y = x.conv2d(&w, None, options).unwrap();
        let dy = y.sin().unwrap();
        let dx = dy.conv2d_grad_input(&w, x.shape(), options).unwrap();
        let dw = dy.conv2d_grad_weight(&x, w.shape(), options).unwrap();
        // The output is linear in each operand: ⟨y(x, w), dy⟩ = ⟨x, dx⟩ = ⟨w, dw⟩.
        let total = dot(&y, &dy);
        prop_assert!((total - dot(&x, &dx)).abs() < 1e-9 * (1.0 + total.abs()));
        prop_assert!((total - dot(&w, &dw)).abs() < 1e-9 * (1.0 + total.abs()));
        // The same for another operand than the one the gradient was computed with.
        let other = x.cos().unwrap();
        let there = dot(&other.conv2d(&w, None, options).unwrap(), &dy);
        prop_assert!((there - dot(&other, &dx)).abs() < 1e-9 * (1.0 + there.abs()));
        let other = w.cos().unwrap();
        let there = dot(&x.conv2d(&other, None, options).unwrap(), &dy);
        prop_assert!((there - dot(&other, &dw)).abs() < 1e-9 * (1.0 + there.abs()));
    }
}

#[test]
fn one_dimension_is_an_image_of_height_one() {
    let x = Tensor::new([[[1.0, 2.0, 3.0, 4.0, 5.0]]]);
    let w = Tensor::new([[[1.0, -1.0]]]);
    let options = Conv1dOptions { stride: 2, padding: 1, dilation: 2, groups: 1 };
    let y = x.conv1d(&w, None, options).unwrap();
    assert_eq!(y.to_vec::<f32>().unwrap(), [-2.0, -2.0, 4.0 - 0.0]);
    assert!(x.conv1d(&w.unsqueeze(0).unwrap(), None, options).is_err());
}

#[test]
fn bf16_is_summed_in_f32() {
    let x = Tensor::ones([1, 300, 1, 1], DType::BF16).unwrap();
    let w = Tensor::ones([1, 300, 1, 1], DType::BF16).unwrap();
    let y = x.conv2d(&w, None, ConvOptions::default());
    assert_eq!(y.unwrap().item().unwrap(), 300.0);
}

#[test]
fn faults_are_errors() {
    let x = Tensor::zeros([1, 4, 3, 3], DType::F32).unwrap();
    let w = |shape: [usize; 4]| Tensor::zeros(shape, DType::F32).unwrap();
    let with = |options: ConvOptions, shape| x.conv2d(&w(shape), None, options);
    let message = |r: Result<Tensor>| r.unwrap_err().to_string();
    let plain = ConvOptions::default();
    assert_eq!(
        message(with(plain, [2, 3, 1, 1])),
        "conv2d: shapes [1, 4, 3, 3] and [2, 3, 1, 1] do not fit together"
    );
    assert_eq!(
        message(with(ConvOptions { groups: 3, ..plain }, [3, 1, 1, 1])),
        "conv2d: groups must be a divisor of both channel counts, got 3 for 4 to 3 channels"
    );
    assert!(with(plain, [1, 4, 4, 1]).is_err() && with(plain, [1, 4, 0, 1]).is_err());
    assert!(with(ConvOptions { groups: 0, ..plain }, [1, 4, 1, 1]).is_err());
    assert!(with(ConvOptions { stride: [0, 1], ..plain }, [1, 4, 1, 1]).is_err());
    assert!(with(ConvOptions { padding: [usize::MAX, 1], ..plain }, [1, 4, 1, 1]).is_err());
    assert!(x.select(0, 0).unwrap().conv2d(&w([1, 4, 1, 1]), None, plain).is_err());
    assert!(x.conv2d_grad_input(&w([1, 4, 1, 1]), [1, 4, 3, 3], plain).is_err());
    assert!(x.conv2d_grad_weight(&x, [1, 4, 1, 1], plain).is_err());
}

#[test]
fn a_bias_is_added_to_its_channel() {
    let x = Tensor::new([[[[1.0, 2.0]]]]);
    let w = Tensor::new([[[[1.0]]], [[[10.0]]]]);
    let b = Tensor::new([0.5, -0.5]);
    let y = x.conv2d(&w, Some(&b), ConvOptions::default()).unwrap();
    assert_eq!(y.to_vec::<f32>().unwrap(), [1.5, 2.5, 9.5, 19.5]);
    let narrow = |t: &Tensor| t.to_dtype(DType::BF16).unwrap();
    let y = narrow(&x).conv2d(&narrow(&w), Some(&narrow(&b)), ConvOptions::default()).unwrap();
    assert_eq!(read(&y), [1.5, 2.5, 9.5, 19.5]);
    assert!(x.conv2d(&w, Some(&Tensor::new([1.0])), ConvOptions::default()).is_err());
    assert!(x.conv2d(&w, Some(&narrow(&b)), ConvOptions::default()).is_err());
    assert!(narrow(&x).conv2d(&narrow(&w), Some(&b), ConvOptions::default()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn transposed_convolution_is_the_transpose((x, w, conv) in images(), more in [0..3usize, 0..3usize]) {
        // `x` becomes the output, so that ⟨conv(y, w), x⟩ = ⟨y, conv_transpose(x, w)⟩.
        let w = w.make(DType::F64);
        let y = x.make(DType::F64);
        let x = y.conv2d(&w, None, conv).unwrap();
        let ConvOptions { stride, padding, dilation, groups } = conv;
        let extra = [0, 1].map(|d| more[d].min(stride[d] - 1));
        let options = ConvTransposeOptions { stride, padding, output_padding: extra, dilation, groups };
        let back = x.cos().unwrap().conv_transpose2d(&w, None, options);
        let Ok(back) = back else {
            // Only an output that padding swallows.
            prop_assert!((0..2).any(|d| padding[d] > 0));
            return Ok(());
        };
        let other = back.cos().unwrap();
        let forth = other.conv2d(&w, None, conv).unwrap();
        prop_assert_eq!(forth.dims(), x.dims());
        let (left, right) = (dot(&forth, &x.cos().unwrap()), dot(&other, &back));
        prop_assert!((left - right).abs() < 1e-9 * (1.0 + left.abs()));
    }
}

#[test]
fn transposed_convolution_places_kernels() {
    let x = Tensor::new([[[1.0, 2.0, 3.0]]]);
    let w = Tensor::new([[[1.0, 10.0, 100.0]]]);
    let options = ConvTranspose1dOptions { stride: 2, ..ConvTranspose1dOptions::default() };
    let b = Tensor::new([0.5]);
    let y = x.conv_transpose1d(&w, Some(&b), options).unwrap();
    assert_eq!(y.to_vec::<f32>().unwrap(), [1.5, 10.5, 102.5, 20.5, 203.5, 30.5, 300.5]);
    let options = ConvTranspose1dOptions { padding: 1, output_padding: 1, ..options };
    let y = x.conv_transpose1d(&w, None, options).unwrap();
    assert_eq!(y.to_vec::<f32>().unwrap(), [10.0, 102.0, 20.0, 203.0, 30.0, 300.0]);
}

#[test]
fn faults_of_transposed_convolution_are_errors() {
    let x = Tensor::zeros([1, 4, 3, 3], DType::F32).unwrap();
    let w = Tensor::zeros([4, 2, 2, 2], DType::F32).unwrap();
    let plain = ConvTransposeOptions::default();
    let with = |options| x.conv_transpose2d(&w, None, options);
    let message = |r: Result<Tensor>| r.unwrap_err().to_string();
    assert_eq!(
        message(with(ConvTransposeOptions { output_padding: [0, 1], ..plain })),
        "conv_transpose2d: output_padding must be below the stride, got [0, 1] for stride [1, 1]"
    );
    assert_eq!(
        message(with(ConvTransposeOptions { padding: [2, 0], ..plain })),
        "conv_transpose2d: padding must be less than half of the output, got [2, 0] around 4 places"
    );
    assert!(with(ConvTransposeOptions { groups: 0, ..plain }).is_err());
    assert!(with(ConvTransposeOptions { groups: 3, ..plain }).is_err());
    assert!(with(ConvTransposeOptions { stride: [0, 1], ..plain }).is_err());
    assert!(with(ConvTransposeOptions { dilation: [usize::MAX, 1], ..plain }).is_err());
    assert!(with(ConvTransposeOptions { padding: [usize::MAX, 1], ..plain }).is_err());
    let narrow = x.narrow(2, 0, 0).unwrap();
    assert!(narrow.conv_transpose2d(&w, None, plain).is_err());
    assert!(x.conv_transpose2d(&x, None, plain).is_err());
    assert!(x.conv_transpose2d(&w, Some(&Tensor::new([1.0])), plain).is_err());
    let grouped = ConvTransposeOptions { groups: 2, ..plain };
    assert_eq!(with(grouped).unwrap().dims(), [1, 4, 4, 4]);
}
