use proptest::prelude::*;

use super::*;
use crate::testing::cases;
use crate::{DType, Key, Result, Tensor};

/// The formula in other ops, with all masks as one bias.
fn composite([q, k, v]: [&Tensor; 3], bias: &Tensor) -> Result<Tensor> {
    let scale = 1.0 / (q.size(-1)? as f64).sqrt();
    let scores = q.matmul(&k.transpose(-2, -1)?)?.mul_scalar(scale)?.add(bias)?;
    // Rows that see nothing are NaN here, and zeros by the op's contract.
    let weights = scores.softmax(-1)?;
    let blind = weights.ne(&weights)?;
    weights.masked_fill(&blind, 0.0)?.matmul(v)
}

fn draw(shape: &[usize], dtype: DType, seed: u64) -> Tensor {
    Tensor::randn(shape, DType::F64, Key::new(seed)).unwrap().to_dtype(dtype).unwrap()
}

/// 0 where a query may look, −∞ elsewhere.
fn causal_bias(queries: usize, keys: usize, dtype: DType) -> Tensor {
    let seen = Tensor::ones([queries, keys], DType::F64).unwrap();
    seen.tril((keys - queries) as i64).unwrap().log().unwrap().to_dtype(dtype).unwrap()
}

fn causal() -> AttentionOptions<'static> {
    AttentionOptions { causal: Causal::Yes, ..AttentionOptions::default() }
}

proptest! {
    #![proptest_config(cases())]
    #[test]
    fn heads_of_a_joint_projection_are_read_in_place(
        batch in 1..3usize, heads in 1..4usize, len in 1..90usize, width in 1..9usize,
        seed in any::<u64>(),
    ) {
        for dtype in [DType::F32, DType::F64, DType::BF16] {
            let joint = draw(&[batch, len, 3 * heads * width], dtype, seed);
            let part = |i: usize| {
                let x = joint.narrow(-1, i * heads * width, heads * width).unwrap();
                x.reshape([batch, len, heads, width]).unwrap().transpose(1, 2).unwrap()
            };
            let (q, k, v) = (part(0), part(1), part(2));
            let y = Tensor::attention(&q, &k, &v, causal()).unwrap().output;
            let bias = causal_bias(len, len, DType::F64);
            let wide = |x: &Tensor| x.to_dtype(DType::F64).unwrap();
            let want = composite([&wide(&q), &wide(&k), &wide(&v)], &bias).unwrap();
            let tolerance = match dtype {
                DType::F32 => 1e-5,
                DType::F64 => 1e-12,
                _ => 1e-2, // eight bits of the result
            };
            prop_assert!(wide(&y).allclose(&want, tolerance, tolerance).unwrap());
            let tokens = y.transpose(1, 2).unwrap();
            prop_assert!(tokens.is_contiguous());
            if dtype != DType::BF16 {
                // The same from operands that lie otherwise.
                let turned = |x: &Tensor| {
                    x.transpose(-1, -2).unwrap().contiguous().transpose(-1, -2).unwrap()
                };
                let again = Tensor::attention(&turned(&q), &k.contiguous(), &turned(&v), causal());
                prop_assert!(again.unwrap().output.equal(&y));
            }
        }
    }

    #[test]
    fn leading_dimensions_broadcast_and_masks_do(
        queries in 0..5usize, keys in 0..5usize, width in 0..4usize, out in 0..4usize,
        seed in any::<u64>(),
    ) {
        let q = draw(&[2, 1, 4, queries, width], DType::F64, seed);
        let k = draw(&[3, 4, keys, width], DType::F64, seed ^ 1);
        let v = draw(&[keys, out], DType::F64, seed ^ 2);
        let mask = draw(&[3, 1, 1, keys], DType::F64, seed ^ 3).gt_scalar(-0.5).unwrap();
        let options = AttentionOptions { mask: Some(&mask), ..AttentionOptions::default() };
        let y = Tensor::attention(&q, &k, &v, options).unwrap();
        prop_assert_eq!(y.output.dims(), [2, 3, 4, queries, out]);
        prop_assert_eq!(y.logsumexp.dims(), [2, 3, 4, queries]);
        if width > 0 {
            let bias = mask.to_dtype(DType::F64).unwrap().log().unwrap();
            let want = composite([&q, &k, &v], &bias).unwrap();
            prop_assert!(y.output.allclose(&want, 1e-12, 1e-12).unwrap());
        }
        let grad = y.output.ones_like();
        let grads = y.grads([&q, &k, &v], &grad, options).unwrap();
        prop_assert_eq!(grads[0].dims(), [2, 3, 4, queries, width]);
        prop_assert_eq!(grads[1].dims(), [2, 3, 4, keys, width]);
        prop_assert_eq!(grads[2].dims(), [2, 3, 4, keys, out]);
    }

    #[test]
    fn joined_gradients_are_the_gradients_side_by_side(len in 1..70usize, seed in any::<u64>()) {
        for dtype in [DType::F32, DType::F64, DType::BF16] {
            let q = draw(&[2, 4, len, 3], dtype, seed);
            let (k, v) = (draw(&[2, 2, len, 3], dtype, seed ^ 1), draw(&[2, 2, len, 5], dtype, seed));
            let y = Tensor::attention(&q, &k, &v, causal()).unwrap();
            let grad = draw(y.output.dims(), dtype, seed ^ 2);
            let parts = y.grads([&q, &k, &v], &grad, causal()).unwrap();
            let flat = parts.each_ref().map(|x| x.transpose(1, 2).unwrap().flatten(2, 3).unwrap());
            let joined = y.joined_grad([&q, &k, &v], &grad, causal()).unwrap();
            prop_assert!(joined.equal(&Tensor::cat(&flat, -1).unwrap()));
        }
    }
}

#[test]
fn keys_and_values_may_be_repeated_in_place() {
    let one = draw(&[1, 70], DType::F64, 1);
    let all = one.expand([5, 70]).unwrap();
    for queries in [1, 3] {
        let q = draw(&[queries, 70], DType::F64, 2);
        let y = Tensor::attention(&q, &all, &all, AttentionOptions::default()).unwrap().output;
        let copied = all.contiguous();
        let want = Tensor::attention(&q, &copied, &copied, AttentionOptions::default()).unwrap();
        assert!(y.equal(&want.output));
        assert!(y.allclose(&one.expand([queries, 70]).unwrap(), 1e-12, 1e-12).unwrap());
    }
}

#[test]
fn a_window_sees_the_last_keys() {
    let v = Tensor::new([[1.0], [2.0], [4.0], [8.0]]);
    let q = v.zeros_like();
    let options = AttentionOptions { window: Some(2), ..causal() };
    let y = Tensor::attention(&q, &q, &v, options).unwrap().output;
    assert_eq!(y.to_vec::<f32>().unwrap(), [1.0, 1.5, 3.0, 6.0]);
}

#[test]
fn faults_are_errors() {
    let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32).unwrap();
    let (q, k) = (zeros(&[4, 3, 2]), zeros(&[4, 5, 2]));
    let fault = |q: &Tensor, k: &Tensor, v: &Tensor, options: AttentionOptions<'_>| {
        Tensor::attention(q, k, v, options).unwrap_err().to_string()
    };
    let plain = AttentionOptions::default();
    assert_eq!(
        fault(&q, &zeros(&[4, 5, 3]), &k, plain),
        "attention: shapes [4, 3, 2] and [4, 5, 3] do not fit together"
    );
    assert_eq!(
        fault(&q, &k, &zeros(&[4, 6, 2]), plain),
        "attention: shapes [4, 5, 2] and [4, 6, 2] do not fit together"
    );
    assert_eq!(
        fault(&q, &zeros(&[3, 5, 2]), &zeros(&[3, 5, 2]), plain),
        "attention: shapes [4, 3, 2] and [3, 5, 2] do not fit together"
    );
    assert!(fault(&zeros(&[2]), &k, &k, plain).contains("expected [..., T, D]"));
    assert!(fault(&k, &q, &q, causal()).contains("no more than keys"));
    let window = AttentionOptions { window: Some(3), ..plain };
    assert!(fault(&q, &k, &k, window).contains("window"));
    assert!(fault(&q, &k, &k, AttentionOptions { window: Some(0), ..causal() }).contains("window"));
    let dropout = AttentionOptions { dropout: Some((1.5, Key::new(1))), ..plain };
    assert!(fault(&q, &k, &k, dropout).contains("probability"));
    let mask = zeros(&[2, 5]);
    assert_eq!(
        fault(&q, &k, &k, AttentionOptions { mask: Some(&mask), ..plain }),
        "attention: shapes [4, 3, 5] and [2, 5] do not fit together"
    );
    let mask = Tensor::zeros([3, 5], DType::F64).unwrap();
    assert!(fault(&q, &k, &k, AttentionOptions { mask: Some(&mask), ..plain }).contains("f64"));
    let ids = Tensor::new([[1, 2]]);
    assert!(fault(&ids, &ids, &ids, plain).contains("float"));
    let y = Tensor::attention(&q, &k, &k, plain).unwrap();
    assert!(y.grads([&q, &k, &k], &q.t().unwrap(), plain).is_err());
    assert!(y.joined_grad([&q, &k, &k], &q, plain).is_err());
}
