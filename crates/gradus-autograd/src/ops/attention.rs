//! `attention`.

use gradus_core::{DType, Key};
use gradus_tensor::Tensor;

use crate::{Result, Var};

/// Whether a query may look at keys that come after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Causal {
    /// At all keys.
    #[default]
    No,
    /// Not at later ones. The last query stands at the last key: with T queries and S keys, query
    /// i may look at keys 0 ..= i + S − T, so that new queries see all of a cache.
    Yes,
}

/// How [`Var::attention`] weighs the values.
#[derive(Debug, Clone, Copy, Default)]
pub struct AttentionOptions<'a> {
    /// Factor of the scores; `None` is 1/√D.
    pub scale: Option<f64>,
    /// Whether later keys are hidden.
    pub causal: Causal,
    /// `[..., T, S]`, broadcast to the scores: `bool`, true where a query may look at a key, or a
    /// float that is added to the scores, where −∞ hides a key.
    pub mask: Option<&'a Tensor>,
    /// Probability with which a weight is dropped, and the key that says which, as in
    /// [`Var::dropout`].
    pub dropout: Option<(f64, Key)>,
}

impl Var {
    /// Scaled dot-product attention: softmax(q kᵀ · scale + mask) v.
    ///
    /// A query that may look at no key gives zeros, and no gradient. This is the composite of
    /// [`Var::matmul`], [`Var::masked_fill`], [`Var::softmax`] and [`Var::dropout`].
    ///
    /// # Shapes
    /// q `[..., T, D]`, k `[..., S, D]`, v `[..., S, E]` → `[..., T, E]`, with leading dimensions
    /// broadcast
    ///
    /// # Errors
    /// If the shapes or dtypes do not fit, or there are more queries than keys with
    /// [`Causal::Yes`].
    ///
    /// # Reference
    /// Vaswani et al. 2017, "Attention Is All You Need", eq. 1.
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
        let width = q.size(-1)?;
        let scale = options.scale.unwrap_or_else(|| 1.0 / (width as f64).sqrt());
        // The factor is cheaper on the queries than on the scores.
        let mut scores = q.mul_scalar(scale)?.matmul(&k.t()?)?; // (..., T, S)
        if let Some(bias) = options.mask.filter(|mask| mask.dtype() != DType::Bool) {
            scores = scores.add(&bias.into())?;
        }
        let mut weights = match hidden(&scores, options)? {
            None => scores.softmax(-1)?,
            Some(hidden) => {
                // A finite number instead of −∞: a row that is hidden as a whole stays free of NaN,
                // and the second fill makes its weights zero.
                let lowest = if q.dtype() == DType::F64 { -1e300 } else { -1e38 };
                scores.masked_fill(&hidden, lowest)?.softmax(-1)?.masked_fill(&hidden, 0.0)?
            }
        };
        if let Some((p, key)) = options.dropout {
            weights = weights.dropout(p, key)?;
        }
        weights.matmul(v)
    }
}

/// Where a query may not look at a key, if anywhere.
fn hidden(scores: &Var, options: AttentionOptions<'_>) -> Result<Option<Tensor>> {
    let masked = match options.mask {
        None => None,
        Some(mask) if mask.dtype() == DType::Bool => Some(mask.logical_not()?),
        Some(bias) => {
            let masked = bias.eq_scalar(f64::NEG_INFINITY)?;
            Some(masked).filter(|masked| masked.to_vec::<bool>().is_ok_and(|m| m.contains(&true)))
        }
    };
    if options.causal == Causal::No {
        return Ok(masked);
    }
    let (queries, keys) = (scores.size(-2)?, scores.size(-1)?);
    let Some(cached) = keys.checked_sub(queries) else {
        let expected = "no more causal queries than keys".into();
        let got = scores.shape().clone();
        let error = gradus_core::Error::UnexpectedShape { op: "attention", expected, got };
        return Err(error.into());
    };
    let later = Tensor::ones([queries, keys], DType::Bool)?.triu(cached as i64 + 1)?;
    Ok(Some(match masked {
        Some(masked) => masked.logical_or(&later)?,
        None => later,
    }))
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
        let key = Key::new(3);
        let options = AttentionOptions { dropout: Some((0.5, key)), ..causal() };
        let [q, k, _] = qkv(4, 4);
        let eye = Tensor::eye(4, DType::F64).unwrap().expand([2, 4, 4]).unwrap();
        let kept = attend(&[q.clone(), k.clone(), eye.clone()], causal());
        let dropped = attend(&[q, k, eye], options);
        assert!(Var::from(kept).dropout(0.5, key).unwrap().value().equal(&dropped));
    }

    #[test]
    fn causal_queries_need_their_keys() {
        let [q, k, v] = qkv(4, 3).map(Var::from);
        assert!(Var::attention(&q, &k, &v, causal()).is_err());
    }
}
