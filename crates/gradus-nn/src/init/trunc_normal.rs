//! The normal law without its tails.

use gradus_core::{Key, Kind, Shape};
use gradus_tensor::Tensor;

use crate::Result;
use crate::error::require;

/// Draws from N(mean, std²), given that the draw is in `low..=high`.
///
/// The bounds are values, not multiples of `std`, as in PyTorch, and are rounded to `f32` as the
/// draws are. Element i is drawn from its own key until it falls inside.
///
/// # Errors
/// If `std` is not above zero, or the bounds do not reach within two `std` of the mean on both
/// sides (further out the draw would be slow, and PyTorch warns that its own is wrong).
///
/// # Examples
/// ```
/// use gradus_core::Key;
/// use gradus_nn::init::trunc_normal;
/// let x = trunc_normal([100], 0.0, 0.02, [-0.04, 0.04], Key::new(7))?;
/// assert!(x.abs()?.max(..)?.item()? <= f64::from(0.04f32));
/// # Ok::<(), gradus_nn::Error>(())
/// ```
pub fn trunc_normal(
    shape: impl Into<Shape>,
    mean: f64,
    std: f64,
    [low, high]: [f64; 2],
    key: Key,
) -> Result<Tensor> {
    const NAME: &str = "init::trunc_normal";
    require(mean.is_finite(), NAME, "mean", "finite", mean)?;
    require(std.is_finite() && std > 0.0, NAME, "std", "finite and above zero", std)?;
    // Then the interval has a mass of at least 2 %, or is so narrow that the uniform law below
    // does as well.
    let near = low < high && low < mean + 2.0 * std && high > mean - 2.0 * std;
    require(near, NAME, "low..high", "in order, and within two std of the mean", (low, high))?;
    let shape = shape.into();
    let key = key.kind(Kind::Init);
    let law = Law { mean, std, low, high };
    let values: Vec<f32> = (0..shape.len()).map(|i| law.draw(key.fold_in(i as u64))).collect();
    Ok(Tensor::from_vec(values, shape)?)
}

struct Law {
    mean: f64,
    std: f64,
    low: f64,
    high: f64,
}

impl Law {
    /// Rejection: from the normal law where the interval is wide, else from the uniform law under
    /// the density relative to its peak in the interval.
    fn draw(&self, key: Key) -> f32 {
        let Self { mean, std, low, high } = *self;
        let wide = high - low > std;
        let peak = ((mean.clamp(low, high) - mean) / std).powi(2);
        let mut i = 0;
        loop {
            let (x, accepted) = if wide {
                let x = mean + std * key.normal(i);
                (x, (low..=high).contains(&x))
            } else {
                let x = low + (high - low) * key.uniform(2 * i);
                let density = ((peak - ((x - mean) / std).powi(2)) / 2.0).exp();
                (x, key.uniform(2 * i + 1) < density)
            };
            if accepted {
                return x as f32;
            }
            i += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init::statistics::{N, check_moments};

    /// Mean and variance of N(0, 1) on the interval, by the trapezoid rule.
    fn moments(low: f64, high: f64) -> (f64, f64) {
        let n = 100_000;
        let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
        for i in 0..n {
            let x = low + (high - low) * (i as f64 + 0.5) / n as f64;
            let p = (-x * x / 2.0).exp();
            (mass, first, second) = (mass + p, first + p * x, second + p * x * x);
        }
        let mean = first / mass;
        (mean, second / mass - mean * mean)
    }

    #[test]
    fn has_the_moments_of_the_law() {
        for bounds in [[-2.0, 2.0], [-0.5, 3.0], [0.2, 0.9], [1.5, 9.0]] {
            let x =
                trunc_normal([N], 1.0, 2.0, bounds.map(|b| 1.0 + 2.0 * b), Key::new(1)).unwrap();
            let (mean, variance) = moments(bounds[0], bounds[1]);
            check_moments(&x, 1.0 + 2.0 * mean, 4.0 * variance);
        }
    }

    #[test]
    fn refuses_intervals_in_the_tail_or_out_of_order() {
        assert!(trunc_normal([2], 0.0, 1.0, [3.0, 4.0], Key::new(1)).is_err());
        assert!(trunc_normal([2], 0.0, 1.0, [1.0, 0.0], Key::new(1)).is_err());
    }
}
