//! `attention`.

use gradus_core::{DType, Key, Kind, Shape};
use gradus_tensor::{Attended, AttentionOptions, Causal, Tensor};

use crate::{Result, Var, is_grad_enabled};

impl Var {
    /// Scaled dot-product attention: softmax(q kᵀ · scale + mask) v.
    ///
    /// As `Tensor::attention`, which says what the options mean and which bits are promised. The
    /// weights are not kept for the gradient but worked out again; they are composed of
    /// [`Var::matmul`], [`Var::masked_fill`] and [`Var::softmax`] if the graph is kept.
    /// A query that may look at no key gives zeros, and no gradient.
    ///
    /// # Shapes
    /// q `[..., H, T, D]`, k `[..., H_kv, S, D]`, v `[..., H_kv, S, E]` → `[..., H, T, E]`, where each
    /// head of keys and values serves a run of `H / H_kv` query heads; the dimensions before
    /// broadcast, and all of them may be left out
    ///
    /// # Errors
    /// If the shapes or dtypes do not fit, there are more queries than keys with
    /// [`Causal::Yes`], or an option is out of range.
    ///
    /// # Reference
    /// Vaswani et al. 2017, "Attention Is All You Need", eq. 1.
    ///
    /// # PyTorch
    /// `torch.nn.functional.scaled_dot_product_attention`
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::{AttentionOptions, Causal, Var};
    /// use gradus_tensor::Tensor;
    /// let q = Var::constant(Tensor::from([[0.0f32], [0.0]])); // all scores are equal
    /// let v = Var::leaf(Tensor::from([[2.0f32], [4.0]]));
    /// let options = AttentionOptions { causal: Causal::Yes, ..Default::default() };
    /// let y = Var::attention(&q, &q, &v, options)?;
    /// assert_eq!(y.value().to_vec::<f32>()?, [2.0, 3.0]); // the first query sees one value
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn attention(q: &Self, k: &Self, v: &Self, options: AttentionOptions<'_>) -> Result<Self> {
        let attended = Tensor::attention(q.value(), k.value(), v.value(), options)?;
        let (value, logsumexp) = (attended.output, attended.logsumexp);
        let inputs = [q.clone(), k.clone(), v.clone()];
        let mask = options.mask.cloned();
        // What is borrowed cannot be kept.
        let kept = AttentionOptions { mask: None, ..options };
        Ok(Self::from_op("attention", &[q, k, v], value, move |grad, output| {
            let options = AttentionOptions { mask: mask.as_ref(), ..kept };
            let grads = if is_grad_enabled() {
                composite_grads(&inputs, grad, options)?
            } else {
                let (output, logsumexp) = (output.value().clone(), logsumexp.clone());
                let operands = inputs.each_ref().map(Self::value);
                let attended = Attended { output, logsumexp };
                attended.grads(operands, grad.value(), options)?.map(Self::from)
            };
            let own = |(x, grad): (&Self, Self)| grad.sum_to(x.shape()).map(Some);
            inputs.iter().zip(grads).map(own).collect()
        }))
    }
}

/// The gradients of `Var::attention` in public ops, over the broadcast leading dimensions, with
/// the heads of each operand: with P the weights and W what dropout leaves of them, dW = g vᵀ,
/// dS = P (dP − Σ dP P), dq = dS k · scale, dk = dSᵀ q · scale, dv = Wᵀ g.
pub(super) fn composite_grads(
    [q, k, v]: &[Var; 3],
    grad: &Var,
    options: AttentionOptions<'_>,
) -> Result<[Var; 3]> {
    let width = q.size(-1)?;
    let scale = options.scale.unwrap_or_else(|| 1.0 / (width.max(1) as f64).sqrt());
    let n_heads = if grad.rank() > 2 { grad.size(-3)? } else { 1 };
    let (all_k, all_v) = (repeat_heads(k, n_heads)?, repeat_heads(v, n_heads)?);
    let scores = q.matmul(&all_k.t()?)?.mul_scalar(scale)?; // (..., H, T, S)
    let weights = weights(&scores, options)?;
    let factors = options.dropout.map(|dropout| factors(&weights, options, dropout)).transpose()?;
    let drop = |x: &Var| factors.as_ref().map_or(Ok(x.clone()), |f| x.mul(f));
    let dv = drop(&weights)?.t()?.matmul(grad)?;
    let dweights = drop(&grad.matmul(&all_v.t()?)?)?;
    let along = dweights.mul(&weights)?.sum_keepdim(-1)?;
    let dscores = dweights.sub(&along)?.mul(&weights)?.mul_scalar(scale)?;
    let (dq, dk) = (dscores.matmul(&all_k)?, dscores.t()?.matmul(q)?);
    Ok([dq, sum_heads(&dk, k, n_heads)?, sum_heads(&dv, v, n_heads)?])
}

/// Each head of keys or values once for every query head of its group.
fn repeat_heads(x: &Var, n_heads: usize) -> Result<Var> {
    let [batch @ .., kv_heads, len, width] = x.dims() else { return Ok(x.clone()) };
    if *kv_heads == n_heads || *kv_heads == 1 {
        return Ok(x.clone());
    }
    let (kv_heads, len, width) = (*kv_heads, *len, *width);
    let group = n_heads / kv_heads;
    let grouped = [batch, &[kv_heads, group, len, width]].concat();
    let joined = [batch, &[n_heads, len, width]].concat();
    x.unsqueeze(-3)?.expand(grouped)?.reshape(joined)
}

/// The gradient of [`repeat_heads`], over the gradient's other leading dimensions.
fn sum_heads(grad: &Var, x: &Var, n_heads: usize) -> Result<Var> {
    let [.., kv_heads, _, _] = *x.dims() else { return Ok(grad.clone()) };
    if kv_heads == n_heads {
        return Ok(grad.clone());
    }
    let rank = grad.rank();
    let (batch, rest) = (&grad.dims()[..rank - 3], &grad.dims()[rank - 2..]);
    let grouped = [batch, &[kv_heads, n_heads / kv_heads], rest].concat();
    grad.reshape(grouped)?.sum(-3)
}

/// softmax(scores + mask), zero where hidden.
fn weights(scores: &Var, options: AttentionOptions<'_>) -> Result<Var> {
    let mut scores = scores.clone();
    if let Some(bias) = options.mask.filter(|mask| mask.dtype() != DType::Bool) {
        scores = scores.add(&bias.into())?;
    }
    let Some(hidden) = hidden(scores.shape(), options)? else { return scores.softmax(-1) };
    // A finite number instead of −∞: a row that is hidden as a whole stays free of NaN, and the
    // second fill makes its weights zero.
    let lowest = if scores.dtype() == DType::F64 { -1e300 } else { -1e38 };
    scores.masked_fill(&hidden, lowest)?.softmax(-1)?.masked_fill(&hidden, 0.0)
}

/// Where a query may not look at a key, if anywhere.
fn hidden(scores: &Shape, options: AttentionOptions<'_>) -> Result<Option<Tensor>> {
    let masked = match options.mask {
        None => None,
        Some(mask) if mask.dtype() == DType::Bool => Some(mask.logical_not()?),
        Some(bias) => Some(bias.eq_scalar(f64::NEG_INFINITY)?),
    };
    if options.causal == Causal::No {
        return Ok(masked);
    }
    let rank = scores.rank();
    let (queries, keys) = (scores[rank - 2], scores[rank - 1]);
    let cached = keys as i64 - queries as i64;
    let all = Tensor::ones([queries, keys], DType::Bool)?;
    let mut unseen = all.triu(cached + 1)?;
    if let Some(window) = options.window.and_then(|window| i64::try_from(window).ok()) {
        unseen = unseen.logical_or(&all.tril(cached.saturating_sub(window))?)?;
    }
    Ok(Some(match masked {
        Some(masked) => masked.logical_or(&unseen)?,
        None => unseen,
    }))
}

/// What dropout multiplies each weight by.
fn factors(weights: &Var, options: AttentionOptions<'_>, (p, key): (f64, Key)) -> Result<Var> {
    let shape = weights.shape();
    let rank = shape.rank();
    let (queries, keys) = (shape[rank - 2], shape[rank - 1]);
    let ahead = if options.causal == Causal::Yes { keys - queries } else { 0 };
    let (key, scale) = (key.kind(Kind::Dropout), if p < 1.0 { 1.0 / (1.0 - p) } else { 0.0 });
    let factor = |i: usize| {
        let (row, j) = (i / keys, i % keys);
        let (head, query) = (row / queries, row % queries);
        let u = key.at(head as u32, (query + ahead) as u32).uniform(j as u64);
        if u < p { 0.0 } else { scale }
    };
    let factors: Vec<f64> = (0..shape.len()).map(factor).collect();
    Ok(Tensor::from_vec(factors, shape)?.to_dtype(weights.dtype())?.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    fn qkv(queries: usize, keys: usize) -> [Tensor; 3] {
        [normal([2, queries, 3], 1), normal([2, keys, 3], 2), normal([2, keys, 2], 3)]
    }

    fn causal() -> AttentionOptions<'static> {
        AttentionOptions { causal: Causal::Yes, ..AttentionOptions::default() }
    }

    fn attend(x: &[Tensor; 3], options: AttentionOptions<'_>) -> Tensor {
        let [q, k, v] = x.each_ref().map(Var::from);
        Var::attention(&q, &k, &v, options).unwrap().into_value()
    }

    #[test]
    fn derivatives_agree_with_differences() {
        let attend = |options| move |x: &[Var]| Var::attention(&x[0], &x[1], &x[2], options);
        check_op(attend(AttentionOptions::default()), &qkv(3, 4));
        check_op(attend(causal()), &qkv(3, 4));
        let mask = normal([3, 4], 5).gt_scalar(0.0).unwrap();
        let options = AttentionOptions { mask: Some(&mask), scale: Some(0.7), ..causal() };
        check_op(|x| Var::attention(&x[0], &x[1], &x[2], options), &qkv(3, 4));
        let bias = normal([2, 1, 4], 6);
        let options = AttentionOptions { mask: Some(&bias), ..AttentionOptions::default() };
        check_op(|x| Var::attention(&x[0], &x[1], &x[2], options), &qkv(3, 4));
    }

    #[test]
    fn new_queries_see_the_cache_as_in_one_pass() {
        let [q, k, v] = qkv(4, 4);
        let whole = attend(&[q.clone(), k.clone(), v.clone()], causal());
        let last = attend(&[q.narrow(1, 3, 1).unwrap(), k, v], causal());
        assert!(whole.narrow(1, 3, 1).unwrap().allclose(&last, 1e-12, 1e-14).unwrap());
    }

    #[test]
    fn the_past_does_not_depend_on_the_future() {
        let [q, k, v] = qkv(4, 4);
        let whole = attend(&[q.clone(), k.clone(), v.clone()], causal());
        let cut = |x: Tensor| x.narrow(1, 0, 2).unwrap();
        let part = attend(&[cut(q), cut(k), cut(v)], causal());
        assert!(cut(whole).allclose(&part, 1e-12, 1e-14).unwrap());
    }

    #[test]
    fn a_query_without_keys_gives_zeros_and_no_nan() {
        let [q, k, v] = qkv(2, 3).map(Var::leaf);
        let mask = Tensor::from([[true, false, true], [false, false, false]]);
        let options = AttentionOptions { mask: Some(&mask), ..AttentionOptions::default() };
        let y = Var::attention(&q, &k, &v, options).unwrap();
        let blind = y.value().select(1, 1).unwrap();
        assert!(blind.equal(&blind.zeros_like()));
        let grads = y.sum(..).unwrap().backward().unwrap();
        let of_q = grads.get(&q).unwrap();
        assert!(of_q.is_finite().unwrap().all(..).unwrap().item().unwrap() == 1.0);
        let blind = of_q.select(1, 1).unwrap();
        assert!(blind.equal(&blind.zeros_like()));
    }

    #[test]
    fn a_bias_of_minus_infinity_hides_as_a_mask_does() {
        let mask = Tensor::from([[true, false, true], [false, false, false]]);
        let bias = mask.to_dtype(DType::F64).unwrap().log().unwrap(); // 0 or −∞
        let by = |mask| AttentionOptions { mask: Some(mask), ..AttentionOptions::default() };
        assert!(attend(&qkv(2, 3), by(&mask)).equal(&attend(&qkv(2, 3), by(&bias))));
    }

    #[test]
    fn dropout_is_of_the_weights() {
        let options = AttentionOptions { dropout: Some((0.5, Key::new(3))), ..causal() };
        let [q, k, _] = qkv(4, 4);
        let eye = Tensor::eye(4, DType::F64).unwrap().expand([2, 4, 4]).unwrap();
        let kept = Var::from(attend(&[q.clone(), k.clone(), eye.clone()], causal()));
        let dropped = attend(&[q.clone(), k.clone(), eye.clone()], options);
        let factors = factors(&kept, options, (0.5, Key::new(3))).unwrap();
        assert!(kept.mul(&factors).unwrap().value().allclose(&dropped, 1e-12, 0.0).unwrap());
        // The last query alone drops what it drops among the others.
        let last = attend(&[q.narrow(1, 3, 1).unwrap(), k, eye], options);
        assert!(dropped.narrow(1, 3, 1).unwrap().equal(&last));
    }

    #[test]
    fn the_fast_gradients_are_those_of_the_composite() {
        let mask = normal([2, 1, 5, 6], 5).gt_scalar(-1.0).unwrap();
        let bias = normal([6], 6);
        let key = Key::new(4);
        let options = [
            AttentionOptions::default(),
            AttentionOptions { mask: Some(&mask), scale: Some(0.3), ..causal() },
            AttentionOptions { mask: Some(&bias), dropout: Some((0.3, key)), ..causal() },
            AttentionOptions { window: Some(2), dropout: Some((0.3, key)), ..causal() },
        ];
        // Heads of their own, shared heads, one for all, and no batch.
        let shapes: [[&[usize]; 3]; 3] = [
            [&[2, 4, 5, 3], &[2, 4, 6, 3], &[2, 4, 6, 2]],
            [&[2, 4, 5, 3], &[2, 2, 6, 3], &[2, 2, 6, 2]],
            [&[2, 4, 5, 3], &[1, 1, 6, 3], &[1, 6, 2]],
        ];
        for options in options {
            for shapes in shapes {
                let inputs = [0, 1, 2].map(|i| Var::leaf(normal(shapes[i], i as u64)));
                let [q, k, v] = &inputs;
                let y = Var::attention(q, k, v, options).unwrap();
                let grad = normal(y.shape(), 9);
                let fast = y.backward_with(&grad).unwrap();
                let slow = composite_grads(&inputs, &Var::from(grad), options).unwrap();
                for (x, slow) in inputs.iter().zip(slow) {
                    let slow = slow.sum_to(x.shape()).unwrap();
                    let fast = fast.get(x).unwrap();
                    assert!(fast.allclose(slow.value(), 1e-10, 1e-12).unwrap());
                }
            }
        }
    }

    #[test]
    fn shared_heads_have_right_derivatives() {
        let inputs = [normal([1, 4, 3, 2], 1), normal([2, 2, 4, 2], 2), normal([2, 2, 4, 3], 3)];
        let options =
            AttentionOptions { window: Some(2), dropout: Some((0.4, Key::new(2))), ..causal() };
        check_op(|x| Var::attention(&x[0], &x[1], &x[2], options), &inputs);
    }

    #[test]
    fn causal_queries_need_their_keys() {
        let [q, k, v] = qkv(4, 3).map(Var::from);
        assert!(Var::attention(&q, &k, &v, causal()).is_err());
    }
}
