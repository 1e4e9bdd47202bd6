//! Every reduction against plain loops, over any dimensions in any layout.

use gradus_core::Dims;
use proptest::prelude::*;

use crate::testing::{Recipe, assert_close, at, cases, indices, read, recipes};
use crate::{DType, Error, Result, Tensor};

/// The elements that belong to each output, in row-major order, and the shape with extent 1.
fn groups(x: &Tensor, dims: &[usize]) -> (Vec<usize>, Vec<Vec<f64>>) {
    let extents = x.dims();
    let kept: Vec<usize> =
        (0..x.rank()).map(|d| if dims.contains(&d) { 1 } else { extents[d] }).collect();
    let inside: Vec<usize> = dims.iter().map(|&d| extents[d]).collect();
    let group = |index: &Vec<usize>| {
        let one = |inner: &Vec<usize>| {
            let mut index = index.clone();
            dims.iter().zip(inner).for_each(|(&d, &i)| index[d] = i);
            at(x, &index)
        };
        indices(&inside).iter().map(one).collect()
    };
    let groups = indices(&kept).iter().map(group).collect();
    (kept, groups)
}

/// Compares both forms of a reduction with a function of each group.
fn check(
    x: &Tensor,
    dims: &[usize],
    dropped: Result<Tensor>,
    kept: Result<Tensor>,
    f: impl Fn(&[f64]) -> f64,
) {
    let (shape, groups) = groups(x, dims);
    let expected: Vec<f64> = groups.iter().map(|group| f(group)).collect();
    assert_close(&kept.unwrap(), &shape, &expected);
    let shape: Vec<usize> =
        (0..x.rank()).filter(|d| !dims.contains(d)).map(|d| x.dims()[d]).collect();
    assert_close(&dropped.unwrap(), &shape, &expected);
}

fn some_dims() -> impl Strategy<Value = (Recipe, Vec<usize>)> {
    (recipes(3), prop::collection::vec(any::<bool>(), 3)).prop_map(|(recipe, pick)| {
        let dims = (0..recipe.shape.len()).filter(|&d| pick[d]).collect();
        (recipe, dims)
    })
}

fn mean(xs: &[f64]) -> f64 {
    xs.iter().sum::<f64>() / xs.len() as f64
}

fn variance(xs: &[f64], correction: f64) -> f64 {
    let divisor = xs.len() as f64 - correction;
    let sum: f64 = xs.iter().map(|x| (x - mean(xs)).powi(2)).sum();
    if divisor > 0.0 { sum / divisor } else { f64::NAN }
}

proptest! {
    #![proptest_config(cases())]
    #[test]
    fn sums_and_products((recipe, dims) in some_dims()) {
        for dtype in DType::ALL.into_iter().filter(|&d| d != DType::BF16 && d != DType::U8) {
            let (x, d) = (recipe.make(dtype), dims.as_slice());
            check(&x, d, x.sum(d), x.sum_keepdim(d), |xs| xs.iter().sum());
            let scale = |xs: &[f64]| xs.iter().product::<f64>();
            if dtype != DType::F32 {
                check(&x, d, x.prod(d), x.prod_keepdim(d), scale);
            }
        }
    }

    #[test]
    fn statistics((recipe, dims) in some_dims(), correction in 0..2u8) {
        let c = f64::from(correction);
        for dtype in [DType::F32, DType::F64, DType::BF16] {
            let (x, d) = (recipe.make(dtype), dims.as_slice());
            check(&x, d, x.mean(d), x.mean_keepdim(d), mean);
            check(&x, d, x.var(d, c), x.var_keepdim(d, c), |xs| variance(xs, c));
            check(&x, d, x.std(d, c), x.std_keepdim(d, c), |xs| variance(xs, c).sqrt());
            let log = |xs: &[f64]| xs.iter().map(|x| x.exp()).sum::<f64>().ln();
            check(&x, d, x.logsumexp(d), x.logsumexp_keepdim(d), log);
        }
    }

    #[test]
    fn norms((recipe, dims) in some_dims()) {
        for dtype in [DType::F32, DType::F64] {
            let (x, d) = (recipe.make(dtype), dims.as_slice());
            for p in [0.0, 1.0, 2.0, 3.0, f64::INFINITY] {
                check(&x, d, x.norm(p, d), x.norm_keepdim(p, d), |xs| {
                    let sizes = xs.iter().map(|x| x.abs());
                    match p {
                        f64::INFINITY => sizes.fold(0.0, f64::max),
                        0.0 => sizes.filter(|x| *x != 0.0).count() as f64,
                        p => sizes.map(|x| x.powf(p)).sum::<f64>().powf(1.0 / p),
                    }
                });
            }
        }
    }

    #[test]
    fn extremes((recipe, dims) in some_dims()) {
        for dtype in [DType::F32, DType::F64, DType::BF16, DType::I64, DType::U8] {
            let (x, d) = (recipe.make(dtype), dims.as_slice());
            let (_, parts) = groups(&x, d);
            if parts.iter().any(Vec::is_empty) {
                let error = x.max(d).unwrap_err();
                let is_empty = matches!(
                    error,
                    Error::Core(gradus_core::Error::EmptyReduction { op: "max", .. })
                );
                prop_assert!(is_empty, "{}", error);
                prop_assert!(x.min(d).is_err());
                continue;
            }
            let fold = |start: f64, f: fn(f64, f64) -> f64| move |xs: &[f64]| xs.iter().copied().fold(start, f);
            check(&x, d, x.max(d), x.max_keepdim(d), fold(f64::NEG_INFINITY, f64::max));
            check(&x, d, x.min(d), x.min_keepdim(d), fold(f64::INFINITY, f64::min));
        }
    }

    #[test]
    fn indices_of_extremes(recipe in recipes(3), pick in any::<prop::sample::Index>()) {
        prop_assume!(!recipe.shape.is_empty());
        let dim = pick.index(recipe.shape.len());
        for dtype in [DType::F32, DType::F64, DType::I64] {
            let x = recipe.make(dtype);
            let (_, parts) = groups(&x, &[dim]);
            if parts.iter().any(Vec::is_empty) {
                prop_assert!(x.argmax(dim).is_err() && x.argmin(dim).is_err());
                continue;
            }
            let first = |best: fn(f64, f64) -> bool| move |xs: &[f64]| {
                (0..xs.len()).fold(0, |at, i| if best(xs[i], xs[at]) { i } else { at }) as f64
            };
            check(&x, &[dim], x.argmax(dim), x.argmax_keepdim(dim), first(|a, b| a > b));
            check(&x, &[dim], x.argmin(dim), x.argmin_keepdim(dim), first(|a, b| a < b));
        }
    }

    #[test]
    fn truth((recipe, dims) in some_dims()) {
        let (x, d) = (recipe.make(DType::Bool), dims.as_slice());
        let number = |b: bool| f64::from(u8::from(b));
        check(&x, d, x.any(d), x.any_keepdim(d), |xs| number(xs.contains(&1.0)));
        check(&x, d, x.all(d), x.all_keepdim(d), |xs| number(!xs.contains(&0.0)));
    }

    #[test]
    fn running_sums_and_softmax_along_any_dimension(recipe in recipes(3), pick in any::<prop::sample::Index>()) {
        prop_assume!(!recipe.shape.is_empty());
        let dim = pick.index(recipe.shape.len());
        for dtype in [DType::F32, DType::F64, DType::BF16, DType::I64] {
            let x = recipe.make(dtype);
            let line = |index: &Vec<usize>, i: usize| {
                let mut index = index.clone();
                index[dim] = i;
                at(&x, &index)
            };
            let expect = |f: &dyn Fn(&Vec<usize>) -> f64| -> Vec<f64> {
                indices(x.dims()).iter().map(f).collect()
            };
            let sums = expect(&|index| (0..=index[dim]).map(|i| line(index, i)).sum());
            assert_close(&x.cumsum(dim).unwrap(), x.dims(), &sums);
            if !dtype.is_float() {
                prop_assert!(x.softmax(dim).is_err());
                continue;
            }
            let log_total = |index: &Vec<usize>| {
                (0..x.dims()[dim]).map(|i| line(index, i).exp()).sum::<f64>().ln()
            };
            let logs = expect(&|index| at(&x, index) - log_total(index));
            let shares = expect(&|index| (at(&x, index) - log_total(index)).exp());
            assert_close(&x.log_softmax(dim).unwrap(), x.dims(), &logs);
            assert_close(&x.softmax(dim).unwrap(), x.dims(), &shares);
        }
    }

    #[test]
    fn softmax_rows_sum_to_one_and_do_not_see_a_shift(recipe in recipes(2), shift in -1e3..1e3) {
        let x = recipe.make(DType::F64);
        prop_assume!(x.rank() == 2 && !x.is_empty());
        let p = x.softmax(-1).unwrap();
        prop_assert!(p.sum(-1).unwrap().allclose(&Tensor::from([1.0f64]), 1e-12, 0.0).unwrap());
        let shifted = x.add_scalar(shift).unwrap().softmax(-1).unwrap();
        prop_assert!(p.allclose(&shifted, 1e-9, 0.0).unwrap());
    }
}

#[test]
fn nothing_reduces_to_the_neutral_element() {
    let x = Tensor::zeros([2, 0], DType::F32).unwrap();
    assert_eq!(read(&x.sum(1).unwrap()), [0.0, 0.0]);
    assert_eq!(read(&x.prod(1).unwrap()), [1.0, 1.0]);
    assert!(read(&x.mean(1).unwrap()).iter().all(|x| x.is_nan()));
    assert_eq!(read(&x.logsumexp(1).unwrap()), [f64::NEG_INFINITY; 2]);
    assert_eq!(x.max(0).unwrap().dims(), [0]);
    assert_eq!(x.argmax(0).unwrap().dims(), [0]);
    assert!(x.norm(-1.0, 1).is_err());
}

#[test]
fn bytes_and_truth_values_add_up_to_i64() {
    let x = Tensor::from([200u8, 100]).sum(..).unwrap();
    assert_eq!((x.dtype(), x.item().unwrap()), (DType::I64, 300.0));
    assert_eq!(Tensor::new([true, true]).sum(0).unwrap().to_vec::<i64>().unwrap(), [2]);
    let cumsum = Tensor::from([200u8, 100]).cumsum(0).unwrap();
    assert_eq!(cumsum.to_vec::<i64>().unwrap(), [200, 300]);
}

#[test]
fn nan_wins_and_logsumexp_does_not_overflow() {
    let x = Tensor::new([1.0, f32::NAN, 2.0]);
    assert!(x.max(..).unwrap().item().unwrap().is_nan());
    assert!(x.min(..).unwrap().item().unwrap().is_nan());
    assert_eq!(x.argmax(0).unwrap().item().unwrap(), 1.0);
    let x = Tensor::new([1000.0, 1000.0]);
    assert!((x.logsumexp(..).unwrap().item().unwrap() - 1_000.693_147).abs() < 1e-4);
    let masked = Tensor::new([f32::NEG_INFINITY, f32::NEG_INFINITY]);
    assert_eq!(masked.logsumexp(..).unwrap().item().unwrap(), f64::NEG_INFINITY);
    assert!(masked.softmax(0).unwrap().is_nan().unwrap().all(..).unwrap().item().unwrap() == 1.0);
}

#[test]
fn no_dimensions_means_each_element_by_itself() {
    let x = Tensor::new([[1.0, -2.0]]);
    let none = Dims::from([0usize; 0]);
    assert_eq!(read(&x.sum(none.clone()).unwrap()), [1.0, -2.0]);
    assert_eq!(x.max(none).unwrap().dims(), [1, 2]);
    assert_eq!(Tensor::new(2.0).sum(..).unwrap().item().unwrap(), 2.0);
}

#[test]
fn a_long_sum_has_a_small_error_and_one_value_for_any_number_of_threads() {
    let x = Tensor::full([1 << 20], 0.1, DType::F32).unwrap();
    let sum =
        |threads| gradus_cpu::pool::with_threads(threads, || x.sum(..).unwrap().item().unwrap());
    let exact = f64::from(0.1f32) * f64::from(1 << 20);
    assert!((sum(1) - exact).abs() / exact < 1e-6, "{} {exact}", sum(1));
    assert_eq!(sum(1).to_bits(), sum(3).to_bits());
}

#[test]
fn faults_are_errors() {
    let x = Tensor::new([[1.0, 2.0]]);
    assert!(x.sum(2).is_err() && x.sum([0, 0]).is_err());
    assert!(x.any(..).is_err() && Tensor::new([1]).mean(..).is_err());
    assert!(x.norm(f64::NAN, ..).is_err() && x.var(.., f64::INFINITY).is_err());
    assert!(Tensor::new([true]).max(..).is_err());
}
