//! Tensors of every dtype and shape, for the tests.

use std::collections::BTreeMap;

use gradus_tensor::{DType, Key, Tensor};
use proptest::prelude::*;

/// A tensor whose values use the whole range of its dtype, as far as its bits go.
pub(crate) fn filled(dtype: DType, shape: &[usize], seed: u64) -> Tensor {
    let key = Key::new(seed);
    let n: usize = shape.iter().product();
    let bits = |i: usize| (key.uniform(i as u64) * 2f64.powi(52)) as u64;
    match dtype {
        DType::I64 => {
            let values: Vec<i64> = (0..n).map(|i| (bits(i) << 12) as i64).collect();
            Tensor::from_vec(values, shape).unwrap()
        }
        DType::U8 => {
            let values: Vec<u8> = (0..n).map(|i| bits(i) as u8).collect();
            Tensor::from_vec(values, shape).unwrap()
        }
        DType::Bool => {
            let values: Vec<bool> = (0..n).map(|i| bits(i) % 2 == 1).collect();
            Tensor::from_vec(values, shape).unwrap()
        }
        float => Tensor::randn(shape, float, key).unwrap().mul_scalar(1e3).unwrap(),
    }
}

pub(crate) fn shapes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0usize..5, 0..5)
}

pub(crate) fn named(dtypes: &'static [DType]) -> impl Strategy<Value = BTreeMap<String, Tensor>> {
    let tensor = (prop::sample::select(dtypes), shapes(), any::<u64>(), any::<bool>()).prop_map(
        |(dtype, shape, seed, flip)| {
            let tensor = filled(dtype, &shape, seed);
            // A view that is not contiguous.
            if flip && shape.len() > 1 { tensor.transpose(0, -1).unwrap() } else { tensor }
        },
    );
    prop::collection::btree_map("[a-z]{1,3}([./]\\PC{1,3})?", tensor, 0..6)
}

pub(crate) fn same(a: &BTreeMap<String, Tensor>, b: &BTreeMap<String, Tensor>) -> bool {
    a.keys().eq(b.keys()) && a.values().zip(b.values()).all(|(a, b)| a.equal(b))
}
