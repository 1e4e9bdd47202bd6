//! Transforms are what their formula says, and come back.

use std::f64::consts::TAU;

use proptest::prelude::*;

use crate::testing::{assert_close, at, cases, filled, indices};
use crate::{DType, FftNorm, Key, Result, Tensor, with_threads};

fn norms() -> impl Strategy<Value = FftNorm> {
    prop::sample::select(vec![FftNorm::Backward, FftNorm::Ortho, FftNorm::Forward])
}

/// The index with another entry in one dimension.
fn with(index: &[usize], dim: usize, entry: usize) -> Vec<usize> {
    let mut index = index.to_vec();
    index[dim] = entry;
    index
}

proptest! {
    #![proptest_config(cases())]
    #[test]
    fn transforms_follow_the_definition(recipe in filled(3), pick in any::<prop::sample::Index>(), norm in norms()) {
        let dim = pick.index(recipe.shape.len());
        let n = recipe.shape[dim];
        let pairs = recipe.with_shape(&[&recipe.shape[..], &[2]].concat());
        for dtype in [DType::F32, DType::F64] {
            let x = pairs.make(dtype);
            let y = x.fft(dim, norm).unwrap();
            let one = |index: &Vec<usize>| {
                let (place, part) = index.split_at(recipe.shape.len());
                let sum: f64 = (0..n).map(|j| {
                    let angle = -TAU * (j * index[dim]) as f64 / n as f64;
                    let value = |part: usize| at(&x, &[&with(place, dim, j)[..], &[part]].concat());
                    if part[0] == 0 {
                        value(0) * angle.cos() - value(1) * angle.sin()
                    } else {
                        value(0) * angle.sin() + value(1) * angle.cos()
                    }
                }).sum();
                sum * norm.forward_scale(n)
            };
            let expected: Vec<f64> = indices(x.dims()).iter().map(one).collect();
            assert_close(&y, x.dims(), &expected);
            prop_assert!(y.ifft(dim, norm).unwrap().allclose(&x, 1e-5, 1e-5).unwrap());

            let real = recipe.make(dtype);
            let both = [real.clone(), real.zeros_like()];
            let complex = Tensor::stack(&both, real.rank()).unwrap().fft(dim, norm).unwrap();
            let half = real.rfft(dim, norm).unwrap();
            let first = complex.narrow(dim, 0, n / 2 + 1).unwrap();
            prop_assert!(half.dims() == first.dims() && half.allclose(&first, 1e-5, 1e-5).unwrap());
            prop_assert!(half.irfft(dim, n, norm).unwrap().allclose(&real, 1e-5, 1e-5).unwrap());
        }
    }

    #[test]
    fn shifts_go_back(recipe in filled(3), pick in any::<prop::sample::Index>()) {
        let x = recipe.make(DType::I64);
        let dim = pick.index(x.rank());
        prop_assert!(x.fftshift(dim).unwrap().ifftshift(dim).unwrap().equal(&x));
    }
}

#[test]
fn many_rows_have_the_same_bits_on_any_number_of_threads() {
    let x = Tensor::randn([300, 48, 2], DType::F32, Key::new(1)).unwrap();
    let all = |x: &Tensor| {
        let y = x.fft(1, FftNorm::Ortho)?;
        Ok::<_, crate::Error>((y, x.rfft(0, FftNorm::Ortho)?, x.irfft(1, 94, FftNorm::Ortho)?))
    };
    let one = with_threads(1, || all(&x)).unwrap();
    let four = with_threads(4, || all(&x)).unwrap();
    assert!(one.0.equal(&four.0) && one.1.equal(&four.1) && one.2.equal(&four.2));
}

#[test]
fn frequencies_fit_the_shift() {
    for n in 1..7 {
        let all = Tensor::fftfreq(n, 0.25, DType::F64).unwrap().fftshift(0).unwrap();
        let all = all.to_vec::<f64>().unwrap();
        assert!(all.windows(2).all(|w| (w[1] - w[0] - 4.0 / n as f64).abs() < 1e-12));
        let half = Tensor::rfftfreq(n, 0.25, DType::F64).unwrap().to_vec::<f64>().unwrap();
        assert!(half.iter().enumerate().all(|(i, f)| *f == i as f64 * 4.0 / n as f64));
    }
}

#[test]
fn faults_are_errors() {
    let message = |r: Result<Tensor>| r.unwrap_err().to_string();
    let x = Tensor::zeros([3, 2], DType::F32).unwrap();
    let real = Tensor::zeros([2, 3], DType::F32).unwrap();
    assert_eq!(
        message(real.fft(0, FftNorm::Backward)),
        "fft: expected pairs in a last dimension of 2, got shape [2, 3]"
    );
    assert!(x.fft(1, FftNorm::Backward).is_err() && x.fft(-2, FftNorm::Backward).is_err());
    assert!(x.irfft(0, 3, FftNorm::Backward).is_err());
    assert!(x.irfft(0, 0, FftNorm::Backward).is_err());
    let none = Tensor::zeros([0, 2], DType::F32).unwrap();
    assert!(none.fft(0, FftNorm::Backward).is_err() && none.rfft(0, FftNorm::Backward).is_err());
    let no_rows = Tensor::zeros([0, 3, 2], DType::F32).unwrap();
    assert_eq!(no_rows.fft(1, FftNorm::Backward).unwrap().dims(), [0, 3, 2]);
    assert_eq!(no_rows.rfft(1, FftNorm::Backward).unwrap().dims(), [0, 2, 2, 2]);
    assert!(Tensor::new([[1, 2]]).fft(0, FftNorm::Backward).is_err());
    assert!(Tensor::fftfreq(0, 1.0, DType::F32).is_err());
}
