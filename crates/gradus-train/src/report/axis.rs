//! An axis with round numbers on it.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use super::Scale;

/// About how many numbers stand along an axis.
const TICKS: f64 = 6.0;
/// What lies beyond is not drawn, so that sums and powers of coordinates stay finite.
const LIMIT: f64 = 1e300;

/// A range of numbers, linear or logarithmic, and its ticks.
///
/// Ticks are multiples of 1, 2 or 5 times a power of ten. A logarithmic axis of less than one
/// decade has evenly spaced ticks too: `1, 2, 5` would leave it with one number or none.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    scale: Scale,
    ticks: Vec<f64>,
    decimals: usize,
}

impl Axis {
    /// The axis that holds all values, with a small margin.
    pub(super) fn around(values: impl Iterator<Item = f64>, scale: Scale) -> Self {
        let (low, high) =
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        let (low, high) = match scale {
            _ if low > high => (0.1, 1.0),
            Scale::Log => {
                let margin = (high / low).powf(0.04).max(1.05);
                (low / margin, high * margin)
            }
            Scale::Linear => {
                let margin = ((high - low) * 0.04).max(high.abs().max(low.abs()) * 1e-3);
                let margin = if margin == 0.0 { 1.0 } else { margin };
                // A curve that never goes below zero should not seem to.
                let start = if low >= 0.0 { (low - margin).max(0.0) } else { low - margin };
                (start, high + margin)
            }
        };
        let (ticks, decimals) = match scale {
            Scale::Log if high / low >= 10.0 => (decades(low, high), 0),
            _ => even(low, high),
        };
        Self { low, high, scale, ticks, decimals }
    }

    /// Whether a value can be shown on a scale.
    pub(super) fn shows(value: f64, scale: Scale) -> bool {
        value.abs() < LIMIT && (scale == Scale::Linear || value > 1.0 / LIMIT)
    }

    /// The text of a tick.
    pub(super) fn label(&self, tick: f64) -> String {
        match (self.scale, tick.abs()) {
            (_, 0.0) => "0".to_owned(),
            (_, a) if !(1e-3..1e9).contains(&a) => format!("{tick:e}"),
            (_, a) if a >= 1e4 => thousands(tick),
            (Scale::Log, _) if self.decimals == 0 => format!("{tick}"),
            _ => format!("{tick:.0$}", self.decimals),
        }
    }

    fn position(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log => (value / self.low).log10() / (self.high / self.low).log10(),
        }
    }
}

/// Multiples of a round step, and how many decimals they need.
fn even(low: f64, high: f64) -> (Vec<f64>, usize) {
    let rough = (high - low) / TICKS;
    let power = rough.log10().floor() as i32;
    let lead = rough / 10f64.powi(power);
    let (digit, power) = match lead {
        l if l <= 1.0 => (1.0, power),
        l if l <= 2.0 => (2.0, power),
        l if l <= 5.0 => (5.0, power),
        _ => (1.0, power + 1),
    };
    let first = (low / (digit * 10f64.powi(power))).ceil();
    // Written as decimal text and read back, a tick prints as the round number that it is.
    let ticks = (0..=2 * TICKS as usize)
        .filter_map(|i| format!("{}e{power}", (first + i as f64) * digit).parse().ok())
        .take_while(|&t: &f64| t <= high);
    (ticks.collect(), usize::try_from(-power).unwrap_or(0))
}

/// Powers of ten, thinned when they are many, refined by 2 and 5 when they are few.
fn decades(low: f64, high: f64) -> Vec<f64> {
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let stride = ((f64::from(last - first) / TICKS).ceil() as i32).max(1);
    let digits: &[i32] = if last - first <= 3 { &[1, 2, 5] } else { &[1] };
    (first..=last)
        .filter(|p| p.rem_euclid(stride) == 0)
        .flat_map(|p| digits.iter().filter_map(move |d| format!("{d}e{p}").parse().ok()))
        .filter(|t: &f64| (low..=high).contains(t))
        .collect()
}

/// 25000 as `25k`, 3000000 as `3M`.
fn thousands(v: f64) -> String {
    if v.abs() >= 1e6 { format!("{}M", v / 1e6) } else { format!("{}k", v / 1e3) }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        limit.0 + (self.position(*value) * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<H: KeyPointHint>(&self, _: H) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        self.label(*value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn labels(low: f64, high: f64, scale: Scale) -> Vec<String> {
        let axis = Axis::around([low, high].into_iter(), scale);
        axis.ticks.iter().map(|&t| axis.label(t)).collect()
    }

    #[test]
    fn labels_are_round_and_short() {
        assert_eq!(labels(0.0, 1.0, Scale::Linear), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(0.0, 50_000.0, Scale::Linear)[..3], ["0", "10k", "20k"]);
        assert_eq!(labels(1e-6, 1.0, Scale::Log), ["1e-6", "1e-4", "0.01", "1"]);
        assert_eq!(labels(0.02, 2.0, Scale::Log), ["0.02", "0.05", "0.1", "0.2", "0.5", "1", "2"]);
        assert_eq!(labels(0.5, 0.9, Scale::Log), ["0.5", "0.6", "0.7", "0.8", "0.9"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn every_axis_has_some_ticks_inside_it(a in -1e9f64..1e9, width in 0.0f64..1e9, log: bool) {
            let scale = if log { Scale::Log } else { Scale::Linear };
            let low = if log { a.abs() + 1e-9 } else { a };
            let axis = Axis::around([low, low + width].into_iter(), scale);
            prop_assert!((2..=14).contains(&axis.ticks.len()), "{axis:?}");
            prop_assert!(axis.ticks.iter().all(|t| (axis.low..=axis.high).contains(t)), "{axis:?}");
            for edge in [low, low + width] {
                prop_assert!((0..=100).contains(&axis.map(&edge, (0, 100))));
            }
        }
    }
}
