//! The smallest set that has some mass.

/// Keeps ids in the order of falling `rank`, lowest ids first on ties, until their share of the mass
/// is at least `mass`; at least one, and all of them if `mass` is 1.
pub(super) fn keep_mass(logits: &mut [f64], mass: f64, rank: impl Fn(f64) -> f64) {
    if mass >= 1.0 {
        return;
    }
    let mut kept: Vec<(f64, usize)> = logits
        .iter()
        .enumerate()
        .filter(|x| x.1.is_finite())
        .map(|(id, &l)| (rank(l), id))
        .collect();
    kept.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let max = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = kept.iter().map(|x| (logits[x.1] - max).exp()).sum();
    let mut sum = 0.0;
    for (place, &(_, id)) in kept.iter().enumerate() {
        let weight = (logits[id] - max).exp();
        if place > 0 && sum >= mass * total {
            logits[id] = f64::NEG_INFINITY;
        }
        sum += weight;
    }
}
