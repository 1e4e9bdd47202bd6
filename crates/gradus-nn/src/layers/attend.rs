//! The core of attention, with everything a layer may ask of it.

use gradus_autograd::Var;
use gradus_core::{DType, Key};
use gradus_tensor::Tensor;

use crate::{Causal, Result};

/// What the core of attention is asked for beside queries, keys and values.
pub(super) struct Attend<'a> {
    /// Whether the i-th of T queries sees only the first S − T + i + 1 of S keys.
    pub(super) causal: Causal,
    /// `bool`: which keys may be seen; any other dtype is added to the scores.
    pub(super) mask: Option<&'a Tensor>,
    /// Probability and key with which attention weights are dropped.
    pub(super) dropout: Option<(f64, Key)>,
}

/// softmax(q kᵀ / √D + mask) v; zeros for a query that sees no key.
///
/// # Shapes
/// - `q`: `[B, H, T, D]`, `k`, `v`: `[B, H_kv, S, D]` → `[B, H, T, D]`
pub(super) fn attend(q: &Var, k: &Var, v: &Var, options: &Attend<'_>) -> Result<Var> {
    let n_heads = q.dims()[1];
    let (k, v) = (repeat_heads(k, n_heads)?, repeat_heads(v, n_heads)?);
    let scale = 1.0 / (q.dims()[3] as f64).sqrt();
    let mut scores = q.matmul(&k.t()?)?.mul_scalar(scale)?; // (B, H, T, S)
    let mut hidden = match options.mask {
        Some(mask) if mask.dtype() == DType::Bool => Some(mask.logical_not()?),
        Some(mask) => {
            scores = scores.add(&Var::from(mask))?;
            Some(mask.eq_scalar(f64::NEG_INFINITY)?)
        }
        None => None,
    };
    if options.causal == Causal::Yes {
        let future = future(q.dims()[2], k.dims()[2])?;
        hidden = Some(match hidden {
            Some(hidden) => hidden.logical_or(&future)?,
            None => future,
        });
    }
    let mut weights = match hidden {
        None => scores.softmax(-1)?,
        Some(hidden) => {
            // A query that sees nothing: scores of zero keep its row free of NaN.
            let blind = hidden.all_keepdim(-1)?;
            let scores = scores.masked_fill(&hidden, f64::NEG_INFINITY)?;
            let scores = scores.masked_fill(&blind, 0.0)?;
            scores.softmax(-1)?.masked_fill(&blind, 0.0)?
        }
    };
    if let Some((p, key)) = options.dropout {
        weights = weights.dropout(p, key)?;
    }
    Ok(weights.matmul(&v)?)
}

/// `[T, S]`, true where a key comes after its query; the last query is at the last key.
fn future(queries: usize, keys: usize) -> Result<Tensor> {
    let offset = keys as i64 - queries as i64;
    let seen = Tensor::ones([queries, keys], DType::F32)?.tril(offset)?;
    Ok(seen.eq_scalar(0.0)?)
}

/// Each head of keys or values for its group of query heads.
fn repeat_heads(x: &Var, n_heads: usize) -> Result<Var> {
    let [batch, kv_heads, len, head_dim] = [0, 1, 2, 3].map(|dim| x.dims()[dim]);
    if kv_heads == n_heads {
        return Ok(x.clone());
    }
    let group = n_heads / kv_heads;
    let x = x.unsqueeze(2)?.expand([batch, kv_heads, group, len, head_dim])?;
    Ok(x.reshape([batch, n_heads, len, head_dim])?)
}
