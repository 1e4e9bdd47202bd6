//! The taps of interpolation between the places of a grid.

use gradus_core::Shape;

use crate::conv::window::invalid;
use crate::tensor::checked_len;
use crate::{DType, Result, Taps};

/// Where the ends of two grids of different length meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Corners {
    /// The centres of the first and last places lie on each other: `align_corners=True`.
    Aligned,
    /// The outer edges of the first and last places do: `align_corners=False`.
    Edges,
}

/// How values between the places of a grid are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interpolation {
    /// The place `⌊i · input / output⌋`.
    Nearest,
    /// The place whose centre is nearest: `⌊(i + ½) · input / output⌋`.
    NearestExact,
    /// On the line between the two neighbours; over several dimensions, bilinear and trilinear.
    Linear(Corners),
    /// On the cubic through four neighbours, with `a = −¾`; over two dimensions, bicubic.
    Cubic(Corners),
    /// The mean over the area of a place, as adaptive pooling.
    Area,
}

impl Taps {
    /// `output` values on a grid of `input` places.
    ///
    /// # Errors
    /// [`gradus_core::Error::InvalidArgument`] if there are values but no places,
    /// [`Error::TooLarge`](crate::Error::TooLarge) for more places than memory has.
    pub fn interpolation(
        op: &'static str,
        input: usize,
        output: usize,
        mode: Interpolation,
    ) -> Result<Self> {
        if mode == Interpolation::Area || input == 0 {
            return Self::adaptive(op, input, output);
        }
        if output == 0 {
            return Err(invalid(op, "size", "at least 1", output.to_string()));
        }
        checked_len(op, &Shape::from([output]), DType::F64)?;
        let row = |i: usize| match mode {
            Interpolation::Nearest => vec![(scaled(i, input, output), 1.0)],
            Interpolation::NearestExact => vec![(scaled(2 * i + 1, input, 2 * output), 1.0)],
            Interpolation::Linear(corners) => {
                linear(source(i, input, output, corners).max(0.0), input)
            }
            Interpolation::Cubic(corners) => cubic(source(i, input, output, corners), input),
            Interpolation::Area => unreachable!("handled above"),
        };
        Self::new(input, (0..output).map(row))
    }
}

/// `⌊i · input / output⌋`
fn scaled(i: usize, input: usize, output: usize) -> usize {
    (i as u128 * input as u128 / output as u128) as usize
}

/// Where place `i` of the new grid lies on the old one.
fn source(i: usize, input: usize, output: usize, corners: Corners) -> f64 {
    match corners {
        Corners::Aligned if output == 1 => 0.0,
        Corners::Aligned => i as f64 * ((input - 1) as f64 / (output - 1) as f64),
        Corners::Edges => (i as f64 + 0.5) * (input as f64 / output as f64) - 0.5,
    }
}

fn linear(at: f64, input: usize) -> Vec<(usize, f64)> {
    let low = (at as usize).min(input - 1);
    let high = (low + 1).min(input - 1);
    let share = at - low as f64;
    if high == low || share == 0.0 {
        return vec![(low, 1.0)];
    }
    vec![(low, 1.0 - share), (high, share)]
}

/// Beyond the ends, the last place goes on.
fn cubic(at: f64, input: usize) -> Vec<(usize, f64)> {
    const A: f64 = -0.75;
    let near = |x: f64| ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0;
    let far = |x: f64| ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A;
    let floor = at.floor();
    let t = at - floor;
    let weights = [far(t + 1.0), near(t), near(1.0 - t), far(2.0 - t)];
    let place = |k: usize| (floor + k as f64 - 1.0).clamp(0.0, (input - 1) as f64) as usize;
    weights.into_iter().enumerate().filter(|tap| tap.1 != 0.0).map(|(k, w)| (place(k), w)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::cases;

    #[test]
    fn a_size_that_no_memory_has_is_an_error() {
        for mode in [Interpolation::Nearest, Interpolation::NearestExact, Interpolation::Area] {
            assert!(Taps::interpolation("interpolate", 2, usize::MAX, mode).is_err());
        }
    }

    fn modes() -> impl Strategy<Value = Interpolation> {
        use Corners::{Aligned, Edges};
        use Interpolation::{Area, Cubic, Linear, Nearest, NearestExact};
        prop::sample::select(vec![
            Nearest,
            NearestExact,
            Linear(Aligned),
            Linear(Edges),
            Cubic(Aligned),
            Cubic(Edges),
            Area,
        ])
    }

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn weights_sum_to_one(input in 1..9usize, output in 1..9usize, mode in modes()) {
            let taps = Taps::interpolation("t", input, output, mode).unwrap();
            for i in 0..output {
                let sum: f64 = taps.row(i).iter().map(|tap| tap.1).sum();
                prop_assert!((sum - 1.0).abs() < 1e-12);
            }
        }

        #[test]
        fn the_same_grid_is_the_identity(n in 1..9usize, mode in modes()) {
            let taps = Taps::interpolation("t", n, n, mode).unwrap();
            prop_assert!((0..n).all(|i| taps.row(i) == [(i, 1.0)]));
        }

        #[test]
        fn lines_stay_lines_inside(input in 2..9usize, output in 2..20usize) {
            let taps = Taps::interpolation("t", input, output, Interpolation::Linear(Corners::Aligned)).unwrap();
            let step = (input - 1) as f64 / (output - 1) as f64;
            for i in 0..output {
                let value: f64 = taps.row(i).iter().map(|&(at, w)| at as f64 * w).sum();
                prop_assert!((value - i as f64 * step).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn no_places_have_no_values() {
        assert!(Taps::interpolation("t", 0, 2, Interpolation::Nearest).is_err());
        assert!(Taps::interpolation("t", 2, 0, Interpolation::Nearest).is_err());
    }
}
