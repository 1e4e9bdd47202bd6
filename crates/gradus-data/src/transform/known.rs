//! What an imputer remembers of a column.

use std::collections::BTreeMap;

use super::column_stream::Seen;
use super::moments::Moments;

/// The mean of the values, and whether some were missing.
#[derive(Debug, Clone, Default)]
pub struct Known {
    moments: Moments,
    missing: bool,
}

impl Seen for Known {
    fn add(&mut self, v: f64) {
        self.moments.add(v);
    }

    fn add_nan(&mut self) {
        self.missing = true;
    }

    fn is_empty(&self) -> bool {
        self.moments.is_empty()
    }
}

impl Known {
    pub(super) const fn has_missing(&self) -> bool {
        self.missing
    }

    pub(super) const fn mean(&self) -> f64 {
        self.moments.mean()
    }
}

/// How often each value occurred, and whether some were missing.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    /// Keys have the order of the values; see [`key`].
    counts: BTreeMap<u64, u64>,
    missing: bool,
}

/// Bits that rise with the value, −0 as 0.
fn key(v: f64) -> u64 {
    let bits = (v + 0.0).to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

/// Undoes [`key`].
fn value(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

impl Seen for Counted {
    fn add(&mut self, v: f64) {
        *self.counts.entry(key(v)).or_default() += 1;
    }

    fn add_nan(&mut self) {
        self.missing = true;
    }

    fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }
}

impl Counted {
    pub(super) const fn has_missing(&self) -> bool {
        self.missing
    }

    pub(super) fn median(&self) -> f64 {
        let n: u64 = self.counts.values().sum();
        f64::midpoint(self.at(n.saturating_sub(1) / 2), self.at(n / 2))
    }

    pub(super) fn most_frequent(&self) -> f64 {
        // `max_by_key` returns the last of equals; reversed, that is the smallest value.
        let most = self.counts.iter().rev().max_by_key(|(_, count)| **count);
        most.map_or(f64::NAN, |(key, _)| value(*key))
    }

    /// The value at a place in rising order.
    fn at(&self, place: u64) -> f64 {
        let mut before = 0;
        let found = self.counts.iter().find(|(_, count)| {
            before += **count;
            before > place
        });
        found.map_or(f64::NAN, |(key, _)| value(*key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_order_of_values() {
        let values = [f64::MIN, -1.5, -1e-300, 0.0, 5e-324, 2.0, f64::MAX];
        assert!(values.is_sorted_by_key(|&v| key(v)));
        assert!(values.iter().all(|&v| value(key(v)) == v));
        assert_eq!(key(-0.0), key(0.0));
    }

    #[test]
    fn order_statistics_are_those_of_the_sorted_values() {
        let mut known = Counted::default();
        for v in [3.0, -1.0, 3.0, 7.0, -1.0, 10.0] {
            known.add(v);
        }
        assert_eq!((known.median(), known.most_frequent()), (3.0, -1.0));
        known.add(8.0);
        assert_eq!(known.median(), 3.0);
        known.add(9.0);
        assert_eq!(known.median(), 5.0);
    }
}
