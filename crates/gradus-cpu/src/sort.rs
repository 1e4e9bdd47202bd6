//! Order of the elements of rows.

use std::cmp::Ordering;

use crate::pool;

/// Which comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The smallest; NaN comes last.
    Ascending,
    /// The largest; NaN comes first, as if it were the largest, as in PyTorch.
    Descending,
}

/// A total order in which NaN is larger than all and equal to itself.
#[expect(clippy::eq_op, reason = "only NaN differs from itself")]
fn compare<T: PartialOrd>(a: &T, b: &T) -> Ordering {
    a.partial_cmp(b).unwrap_or_else(|| (a != a).cmp(&(b != b)))
}

fn ordered<T: PartialOrd>(order: Order, a: &T, b: &T) -> Ordering {
    match order {
        Order::Ascending => compare(a, b),
        Order::Descending => compare(b, a),
    }
}

/// For each row of `n`, the indices of its elements in order. Stable: ties keep their places.
///
/// # Panics
/// If the lengths differ or are not a multiple of `n`.
///
/// # Examples
/// ```
/// use gradus_cpu::sort::{Order, argsort};
/// let mut out = [0; 4];
/// argsort(4, &[2.0, f32::NAN, 1.0, 2.0], Order::Ascending, &mut out);
/// assert_eq!(out, [2, 0, 3, 1]);
/// ```
pub fn argsort<T: Copy + PartialOrd + Send + Sync>(
    n: usize,
    x: &[T],
    order: Order,
    out: &mut [i64],
) {
    assert_eq!(x.len(), out.len(), "argsort: lengths differ");
    if x.is_empty() {
        return;
    }
    assert!(x.len().is_multiple_of(n), "argsort: length is not a multiple of n");
    let rows = pool::grain(x.len() / n, 30.0 * n as f64);
    pool::for_slices(out, rows * n, |c, out| {
        for (out, x) in out.chunks_mut(n).zip(x[c * rows * n..].chunks(n)) {
            for (i, o) in out.iter_mut().enumerate() {
                *o = i as i64;
            }
            out.sort_by(|&i, &j| ordered(order, &x[i as usize], &x[j as usize]));
        }
    });
}

/// For each row of `n`, the indices of its `k` first elements in order; ties keep their places.
///
/// # Panics
/// If `k > n`, or `x` and `out` are not the same number of rows.
///
/// # Examples
/// ```
/// use gradus_cpu::sort::{Order, topk};
/// let mut out = [0; 2];
/// topk(4, 2, &[1.0, 4.0, 3.0, 4.0], Order::Descending, &mut out);
/// assert_eq!(out, [1, 3]);
/// ```
pub fn topk<T: Copy + PartialOrd + Send + Sync>(
    n: usize,
    k: usize,
    x: &[T],
    order: Order,
    out: &mut [i64],
) {
    assert!(k <= n, "topk: k is larger than the rows");
    assert!(k == 0 || x.len() / n * k == out.len(), "topk: length of out");
    if out.is_empty() {
        return;
    }
    let rows = pool::grain(x.len() / n, 10.0 * n as f64);
    pool::for_slices(out, rows * k, |c, out| {
        let mut index = Vec::with_capacity(n);
        for (out, x) in out.chunks_mut(k).zip(x[c * rows * n..].chunks(n)) {
            index.clear();
            index.extend(0..n as i64);
            let by = |&i: &i64, &j: &i64| {
                // The place breaks ties, so the unstable selection has one answer.
                ordered(order, &x[i as usize], &x[j as usize]).then(i.cmp(&j))
            };
            if k < n {
                index.select_nth_unstable_by(k - 1, by);
            }
            index[..k].sort_unstable_by(by);
            out.copy_from_slice(&index[..k]);
        }
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn topk_is_the_head_of_a_stable_sort(
            rows in 1usize..4, n in 1usize..40, seed: u32, k in any::<prop::sample::Index>(),
            down in any::<bool>(),
        ) {
            let x: Vec<f32> = (0..rows * n)
                .map(|i| (i as u32).wrapping_mul(2_654_435_761).wrapping_add(seed) >> 28)
                .map(|v| if v == 15 { f32::NAN } else { v as f32 - 7.0 })
                .collect();
            let order = if down { Order::Descending } else { Order::Ascending };
            let mut all = vec![0; x.len()];
            argsort(n, &x, order, &mut all);
            for (row, index) in x.chunks(n).zip(all.chunks(n)) {
                for pair in index.windows(2) {
                    let (a, b) = (&row[pair[0] as usize], &row[pair[1] as usize]);
                    let by = ordered(order, a, b);
                    prop_assert!(by.is_lt() || (by.is_eq() && pair[0] < pair[1]));
                }
            }
            let k = k.index(n + 1);
            let mut head = vec![0; rows * k];
            topk(n, k, &x, order, &mut head);
            let want: Vec<i64> = all.chunks(n).flat_map(|r| r[..k].to_vec()).collect();
            prop_assert_eq!(head, want);
        }
    }
}
