//! The taps of windows: pooling, unfolding, adaptive pooling.

use gradus_core::Shape;

use crate::conv::window::invalid;
use crate::tensor::checked_len;
use crate::{DType, PoolDivisor, Result, Taps};

/// Whether a window that does not fit whole at the end counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rounding {
    /// Only windows that lie inside the padded input: PyTorch's `ceil_mode=False`.
    #[default]
    Floor,
    /// Also a last one that starts inside the input or its first padding: `ceil_mode=True`.
    Ceil,
}

/// How a window moves along one dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowAxis {
    /// Elements of the window, at least 1.
    pub kernel: usize,
    /// Distance between neighbouring windows, at least 1.
    pub stride: usize,
    /// Border at both ends.
    pub padding: usize,
    /// Distance between neighbouring elements of a window, at least 1.
    pub dilation: usize,
    /// What happens to a last window that does not fit.
    pub rounding: Rounding,
}

impl WindowAxis {
    /// How many windows there are on `input` elements.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] if a number that must not be zero is, or if the window
    /// is longer than the padded input.
    pub fn count(&self, op: &'static str, input: usize) -> Result<usize> {
        let Self { kernel, stride, padding, dilation, rounding } = *self;
        for (name, value) in [("kernel", kernel), ("stride", stride), ("dilation", dilation)] {
            if value == 0 {
                return Err(invalid(op, name, "at least 1", value.to_string()));
            }
        }
        let padded = padding.checked_mul(2).and_then(|border| border.checked_add(input));
        let reach = (kernel - 1).checked_mul(dilation);
        let free = padded.zip(reach).and_then(|(padded, reach)| padded.checked_sub(reach + 1));
        let free = free.ok_or_else(|| {
            let got = format!("{kernel} with dilation {dilation} on {input} padded by {padding}");
            invalid(op, "kernel", "a window that fits into the padded input", got)
        })?;
        if rounding == Rounding::Floor {
            return Ok(free / stride + 1);
        }
        let count = free.div_ceil(stride) + 1;
        // A window must not start in the padding at the far end.
        Ok(if (count - 1) * stride >= input + padding { count - 1 } else { count })
    }

    /// Fails if the padding is more than half of the window: one could lie in it whole.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`].
    pub(crate) fn require_narrow_padding(&self, op: &'static str) -> Result<()> {
        let half =
            self.kernel.saturating_sub(1).saturating_mul(self.dilation).saturating_add(1) / 2;
        if self.padding <= half {
            return Ok(());
        }
        let got = format!("{} for kernel {}", self.padding, self.kernel);
        Err(invalid(op, "padding", "at most half the kernel", got))
    }

    /// Element `tap` of window `i`, where it is not in the padding.
    fn place(&self, i: usize, tap: usize, input: usize) -> Option<usize> {
        (i * self.stride + tap * self.dilation).checked_sub(self.padding).filter(|at| *at < input)
    }

    /// The taps of window `i` that are not in the padding.
    fn inside(&self, i: usize, input: usize) -> impl Iterator<Item = usize> {
        let start = i * self.stride;
        // The first tap at or after the input's start, and the first after its end.
        let tap = |at: usize| at.saturating_sub(start).div_ceil(self.dilation).min(self.kernel);
        let (first, end) = (tap(self.padding), tap(self.padding + input));
        (first..end).map(move |tap| start + tap * self.dilation - self.padding)
    }
}

impl Taps {
    /// The elements of each window, with weight 1.
    ///
    /// # Errors
    /// As [`WindowAxis::count`].
    pub fn windows(op: &'static str, input: usize, axis: WindowAxis) -> Result<Self> {
        let count = axis.count(op, input)?;
        let row = |i| axis.inside(i, input).map(|at| (at, 1.0)).collect();
        Self::new(input, (0..count).map(row))
    }

    /// The mean of each window.
    ///
    /// # Errors
    /// As [`WindowAxis::count`].
    pub fn means(
        op: &'static str,
        input: usize,
        axis: WindowAxis,
        divisor: PoolDivisor,
    ) -> Result<Self> {
        let count = axis.count(op, input)?;
        let row = |i: usize| {
            let taps: Vec<usize> = axis.inside(i, input).collect();
            // What a window has beyond the far padding is no tap.
            let room = (input + 2 * axis.padding - i * axis.stride).div_ceil(axis.dilation);
            let n = match divisor {
                PoolDivisor::Taps => axis.kernel.min(room),
                PoolDivisor::Inside => taps.len(),
            };
            taps.into_iter().map(|at| (at, 1.0 / n as f64)).collect()
        };
        Self::new(input, (0..count).map(row))
    }

    /// Every element of every window, one after the other: first the first elements of all
    /// windows, then the second ones, and so on. The padding gives empty rows.
    ///
    /// # Errors
    /// As [`WindowAxis::count`], and [`crate::Error::TooLarge`].
    pub fn unfolded(op: &'static str, input: usize, axis: WindowAxis) -> Result<Self> {
        let count = axis.count(op, input)?;
        checked_len(op, &Shape::from([axis.kernel, count]), DType::F64)?;
        let pairs = (0..axis.kernel).flat_map(|tap| (0..count).map(move |i| (i, tap)));
        let row = |(i, tap)| axis.place(i, tap, input).map(|at| (at, 1.0)).into_iter().collect();
        Self::new(input, pairs.map(row))
    }

    /// `output` windows that cover the input as evenly as whole numbers allow, from
    /// `⌊i · input / output⌋` to `⌈(i + 1) · input / output⌉`, with the weights of a mean.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] if there are windows but no input.
    pub fn adaptive(op: &'static str, input: usize, output: usize) -> Result<Self> {
        if input == 0 && output > 0 {
            return Err(invalid(op, "input", "at least one element", input.to_string()));
        }
        checked_len(op, &Shape::from([output]), DType::F64)?;
        let edge = |i: usize| i as u128 * input as u128;
        let row = |i: usize| {
            let start = (edge(i) / output as u128) as usize;
            let end = edge(i + 1).div_ceil(output as u128) as usize;
            (start..end).map(|at| (at, 1.0 / (end - start) as f64)).collect()
        };
        Self::new(input, (0..output).map(row))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::cases;

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn windows_are_where_the_formula_says(
            input in 0..9usize, kernel in 1..4usize, stride in 1..4usize, padding in 0..3usize,
            dilation in 1..3usize, ceil in any::<bool>(),
        ) {
            let rounding = if ceil { Rounding::Ceil } else { Rounding::Floor };
            let axis = WindowAxis { kernel, stride, padding, dilation, rounding };
            let Ok(taps) = Taps::windows("t", input, axis) else {
                prop_assert!(input + 2 * padding < (kernel - 1) * dilation + 1);
                return Ok(());
            };
            // Windows in order, until one no longer fits.
            let last = (kernel - 1) * dilation;
            let fits = |i: &usize| i * stride + last < input + 2 * padding;
            let whole = (0..).take_while(fits).count();
            let covered = (whole - 1) * stride + last + 1;
            let count = whole + usize::from(ceil && covered < input + 2 * padding);
            // None starts in the far padding.
            let late = ceil && (count - 1) * stride >= input + padding;
            prop_assert_eq!(taps.output(), count - usize::from(late));
            let unfolded = Taps::unfolded("t", input, axis).unwrap();
            for i in 0..taps.output() {
                let place = |tap: usize| (i * stride + tap * dilation).checked_sub(padding).filter(|at| *at < input);
                let expected: Vec<_> = (0..kernel).filter_map(place).map(|at| (at, 1.0)).collect();
                prop_assert_eq!(taps.row(i), &expected[..]);
                for tap in 0..kernel {
                    let row = unfolded.row(tap * taps.output() + i);
                    prop_assert_eq!(row.first().map(|tap| tap.0), place(tap));
                }
            }
        }

        #[test]
        fn adaptive_windows_cover_everything(input in 1..20usize, output in 1..20usize) {
            let taps = Taps::adaptive("t", input, output).unwrap();
            let rows: Vec<_> = (0..output).map(|i| taps.row(i)).collect();
            prop_assert_eq!(rows[0][0].0, 0);
            prop_assert_eq!(rows[output - 1].last().unwrap().0, input - 1);
            prop_assert!(rows.windows(2).all(|w| w[1][0].0 <= w[0].last().unwrap().0 + 1));
            prop_assert!(rows.iter().all(|r| (r.iter().map(|t| t.1).sum::<f64>() - 1.0).abs() < 1e-12));
        }
    }

    #[test]
    fn faults_are_errors() {
        let axis =
            WindowAxis { kernel: 3, stride: 1, padding: 2, dilation: 1, rounding: Rounding::Floor };
        assert!(axis.require_narrow_padding("t").is_err());
        let huge = WindowAxis { padding: usize::MAX, ..axis };
        assert!(huge.count("t", 4).is_err());
        assert!(WindowAxis { stride: 0, ..axis }.count("t", 4).is_err());
        assert!(Taps::adaptive("t", 0, 1).is_err() && Taps::adaptive("t", 0, 0).is_ok());
    }
}
