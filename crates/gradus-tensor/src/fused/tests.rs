//! The kernels have their own tests; here, layouts, dtypes and faults.

use crate::testing::{cases, read, recipes};
use crate::{Classes, DType, Key, Norm, Tensor, UnaryOp};
use proptest::prelude::*;

proptest! {
    #![proptest_config(cases())]
    #[test]
    fn views_give_the_values_of_copies(recipe in recipes(3), seed: u64) {
        for dtype in [DType::F32, DType::F64, DType::BF16] {
            let x = recipe.make(dtype);
            let copy = Tensor::from_vec(read(&x), x.shape()).unwrap().to_dtype(dtype).unwrap();
            let bits = |x: &Tensor| -> Vec<u64> { read(x).iter().map(|x| x.to_bits()).collect() };
            let key = Key::new(seed);
            prop_assert_eq!(bits(&x.dropout(0.4, key).unwrap()), bits(&copy.dropout(0.4, key).unwrap()));
            prop_assert_eq!(
                bits(&x.unary_grad(UnaryOp::Gelu, &x).unwrap()),
                bits(&copy.unary_grad(UnaryOp::Gelu, &copy).unwrap())
            );
            if x.rank() == 0 {
                continue;
            }
            for norm in [Norm::Layer, Norm::Rms] {
                let run = |x: &Tensor| {
                    let y = x.normalize(norm, 0.1, None, None).unwrap();
                    let grads = x.normalize_grad(norm, &y.stats, [None, None], x).unwrap();
                    (bits(&y.value), bits(&grads.dx))
                };
                prop_assert_eq!(run(&x), run(&copy));
            }
            if x.dims()[x.rank() - 1] > 0 {
                let rows = &x.dims()[..x.rank() - 1];
                let targets = Tensor::zeros(rows, DType::I64).unwrap();
                let classes = Classes { targets, smoothing: 0.1, ignore: None };
                let run = |x: &Tensor| {
                    let y = x.cross_entropy(&classes).unwrap();
                    let dx = x.cross_entropy_grad(&classes, &y.lse, &y.losses).unwrap();
                    (bits(&y.losses), bits(&dx))
                };
                prop_assert_eq!(run(&x), run(&copy));
            }
        }
    }
}

#[test]
fn faults_are_errors() {
    let (x, i) = (Tensor::new([[1.0, 2.0]]), Tensor::new([[1, 2]]));
    assert!(i.dropout(0.5, Key::new(1)).is_err() && x.dropout(1.5, Key::new(1)).is_err());
    assert!(i.normalize(Norm::Layer, 0.1, None, None).is_err());
    assert!(Tensor::new(1.0).normalize(Norm::Layer, 0.1, None, None).is_err());
    let error = x.normalize(Norm::Rms, 0.1, Some(&Tensor::new([1.0])), None).unwrap_err();
    assert_eq!(error.to_string(), "rms_norm: expected [2], got shape [1]");
    assert!(x.unary_grad(UnaryOp::Floor, &x).is_err() && i.unary_grad(UnaryOp::Exp, &i).is_err());
    let classes = |targets| Classes { targets, smoothing: 0.0, ignore: Some(-1) };
    assert!(x.cross_entropy(&classes(Tensor::new([2]))).is_err());
    assert!(x.cross_entropy(&classes(Tensor::new([0.0]))).is_err());
    assert!(x.cross_entropy(&classes(Tensor::new([0, 1]))).is_err());
    assert_eq!(x.cross_entropy(&classes(Tensor::new([-1]))).unwrap().losses.item().unwrap(), 0.0);
}
