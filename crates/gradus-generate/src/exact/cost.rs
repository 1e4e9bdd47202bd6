//! What drawing positions of a [`Chain`] together costs.

use super::Chain;

impl Chain {
    /// KL(p‖q) in nats for drawing `len` bits in these groups, in an order fixed in advance: the sum of
    /// the groups' conditional total correlations.
    ///
    /// # Panics
    /// If a position is not below `len`, as slice indexing does.
    ///
    /// # Examples
    /// ```
    /// use gradus_generate::exact::Chain;
    /// let chain = Chain::new(0.1)?;
    /// let all_at_once = chain.cost(8, &[(0..8).collect()]);
    /// assert!((all_at_once - 2.576449450179).abs() < 1e-9);
    /// let dyadic = chain.cost(8, &[vec![3], vec![0, 7], vec![1, 5], vec![2, 4, 6]]);
    /// assert!(dyadic.abs() < 1e-9);
    /// # Ok::<(), gradus_generate::Error>(())
    /// ```
    pub fn cost(&self, len: usize, groups: &[Vec<usize>]) -> f64 {
        let mut known = vec![false; len];
        let mut total = 0.0;
        for group in groups {
            let mut grown = known.clone();
            for &at in group {
                total += self.entropy_among(&known, at) - self.entropy_among(&grown, at);
                grown[at] = true;
            }
            known = grown;
        }
        total
    }

    /// The mean of [`Chain::cost`] over all orders, for groups of these sizes. It bounds KL(p‖q) of
    /// drawing in a random order from above.
    pub fn random_cost(&self, len: usize, counts: &[usize]) -> f64 {
        let entropy: Vec<f64> = (0..len).map(|known| self.mean_entropy(len, known)).collect();
        let mut start = 0;
        let mut total = 0.0;
        for &count in counts {
            let group = &entropy[start..start + count];
            total += group.iter().map(|h| group[0] - h).sum::<f64>();
            start += count;
        }
        total
    }

    fn entropy_among(&self, known: &[bool], at: usize) -> f64 {
        let left = known[..at].iter().rev().position(|&k| k).map(|d| d + 1);
        let right = known[at + 1..].iter().position(|&k| k).map(|d| d + 1);
        self.entropy_given(left, right)
    }

    /// The entropy of a masked bit, on average over the bit and over which `known` others are known.
    fn mean_entropy(&self, len: usize, known: usize) -> f64 {
        if known == 0 {
            return self.entropy_given(None, None);
        }
        let mut total = 0.0;
        for left in 1..len {
            // The nearest known bit lies `left` away on one side, and none on the other side.
            total += 2.0 * choose(len - left, known) * self.entropy_given(Some(left), None);
            for right in 1..(len - left).min(if known > 1 { len } else { 0 }) {
                let span = left + right;
                let ways = (len - span) as f64 * choose(len - 1 - span, known - 2);
                total += ways * self.entropy_given(Some(left), Some(right));
            }
        }
        total / (len as f64 * choose(len - 1, known))
    }
}

/// Binomial coefficient, as f64.
fn choose(n: usize, k: usize) -> f64 {
    if k > n { 0.0 } else { (1..=k).map(|i| (n - k + i) as f64 / i as f64).product() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The closed form against every set of known positions.
    #[test]
    fn the_mean_entropy_is_the_mean() {
        let (chain, len) = (Chain::new(0.1).unwrap(), 8);
        for known in 0..len {
            let (mut total, mut n) = (0.0, 0.0);
            for set in (0u32..1 << len).filter(|s| s.count_ones() as usize == known) {
                let flags: Vec<bool> = (0..len).map(|i| set >> i & 1 == 1).collect();
                for at in (0..len).filter(|&at| !flags[at]) {
                    total += chain.entropy_among(&flags, at);
                    n += 1.0;
                }
            }
            assert!((chain.mean_entropy(len, known) - total / n).abs() < 1e-13);
        }
    }
}
