//! Attention that falls with the distance.

use gradus_tensor::Tensor;

use crate::Result;

/// The slope of each head by which scores fall per position of distance: 2^(−8/H), 2^(−16/H), …, 2⁻⁸ for a
/// power of two; else those of the next lower one, then every second of the next higher.
///
/// # Reference
/// Press et al. 2022, "Train Short, Test Long: Attention with Linear Biases", section 3 and its code.
///
/// # Examples
/// ```
/// use gradus_nn::alibi_slopes;
/// assert_eq!(alibi_slopes(4), [0.25, 0.0625, 0.015625, 0.00390625]);
/// assert_eq!(alibi_slopes(3), [0.0625, 0.00390625, 0.25]);
/// ```
pub fn alibi_slopes(n_heads: usize) -> Vec<f64> {
    let powers = |n: usize| (1..=n).map(move |i| (-8.0 * i as f64 / n as f64).exp2());
    let all = n_heads.next_power_of_two();
    if all == n_heads {
        return powers(n_heads).collect();
    }
    let lower = all / 2;
    powers(lower).chain(powers(all).step_by(2).take(n_heads - lower)).collect()
}

/// −slope · distance for each head, query and key: `[H, T, S]` in f64, where the first query and the first
/// key stand at the given places.
pub(super) fn alibi_bias(
    n_heads: usize,
    [first_query, first_key]: [usize; 2],
    [n_queries, n_keys]: [usize; 2],
) -> Result<Tensor> {
    let mut bias = Vec::with_capacity(n_heads * n_queries * n_keys);
    for slope in alibi_slopes(n_heads) {
        for query in first_query..first_query + n_queries {
            let keys = first_key..first_key + n_keys;
            bias.extend(keys.map(|key| -slope * query.abs_diff(key) as f64));
        }
    }
    Ok(Tensor::from_vec(bias, [n_heads, n_queries, n_keys])?)
}
