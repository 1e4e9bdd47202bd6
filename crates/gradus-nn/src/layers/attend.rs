//! The core of attention, for keys and values with fewer heads than the queries.

use gradus_autograd::{AttentionOptions, Var};

use crate::Result;

/// softmax(q kᵀ / √D + mask) v, where each head of `k` and `v` serves a group of query heads.
///
/// # Shapes
/// - `q`: `[B, H, T, D]`, `k`, `v`: `[B, H_kv, S, D]` → `[B, H, T, D]`
pub(super) fn attend(q: &Var, k: &Var, v: &Var, options: AttentionOptions<'_>) -> Result<Var> {
    let n_heads = q.dims()[1];
    Ok(Var::attention(q, &repeat_heads(k, n_heads)?, &repeat_heads(v, n_heads)?, options)?)
}

/// Each head of keys or values once for every query head of its group.
fn repeat_heads(x: &Var, n_heads: usize) -> Result<Var> {
    let [batch, kv_heads, len, head_dim] = [0, 1, 2, 3].map(|dim| x.dims()[dim]);
    if kv_heads == n_heads {
        return Ok(x.clone());
    }
    let group = n_heads / kv_heads;
    let x = x.unsqueeze(2)?.expand([batch, kv_heads, group, len, head_dim])?;
    Ok(x.reshape([batch, n_heads, len, head_dim])?)
}
