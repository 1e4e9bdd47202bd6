//! Quantiles of sorted values.

/// The values in rising order.
pub(super) fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The quantile at `p` in 0..=1 of sorted values, linear between neighbours.
///
/// # Reference
/// NumPy's `percentile` with method `linear`, to the bit.
pub(super) fn linear(sorted: &[f64], p: f64) -> f64 {
    let last = sorted.len() - 1;
    let place = p * last as f64;
    let below = (place.floor() as usize).min(last);
    let (a, b) = (sorted[below], sorted[(below + 1).min(last)]);
    let t = place - below as f64;
    if t < 0.5 { a + (b - a) * t } else { b - (b - a) * (1.0 - t) }
}

/// The quantile at `part / parts`: the value that so many values do not exceed; where two do, their
/// mean.
///
/// # Reference
/// NumPy's `percentile` with method `averaged_inverted_cdf`.
pub(super) fn averaged_inverted_cdf(sorted: &[f64], part: usize, parts: usize) -> f64 {
    let n = sorted.len();
    let below = part * n / parts;
    let exact = (part * n).is_multiple_of(parts);
    if exact && below > 0 && below < n {
        return f64::midpoint(sorted[below - 1], sorted[below]);
    }
    sorted[below.min(n - 1)]
}
