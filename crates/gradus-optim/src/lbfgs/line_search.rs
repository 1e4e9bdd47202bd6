//! A length at which the loss has fallen enough and is flat enough.

use super::vector::Vector;

/// What is known at a length along the direction.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) t: f64,
    /// The loss; infinite if it, or its gradient, is not finite.
    pub(super) loss: f64,
    /// The derivative of the loss along the direction.
    pub(super) slope: f64,
    pub(super) grad: Vector,
}

/// Sufficient decrease.
const C1: f64 = 1e-4;
/// Curvature.
const C2: f64 = 0.9;

/// When to give up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) evaluations: usize,
    /// Largest change of a parameter that is none.
    pub(super) change: f64,
    /// Largest magnitude of an element of the direction.
    pub(super) direction: f64,
}

/// A point that meets the strong Wolfe conditions, or the best that was found, and how many points
/// were evaluated.
///
/// First the length grows until an interval holds a good one; then the interval shrinks. As PyTorch's
/// `_strong_wolfe`, after Nocedal & Wright's algorithms 3.5 and 3.6.
pub(super) fn strong_wolfe<E>(
    mut at: impl FnMut(f64) -> Result<Point, E>,
    start: Point,
    first: f64,
    limits: Limits,
) -> Result<(Point, usize), E> {
    let (mut prev, mut new) = (start.clone(), at(first)?);
    let mut steps = 0;
    while steps < limits.evaluations {
        if !falls(&start, &new) || (steps > 1 && new.loss >= prev.loss) {
            return shrink(at, &start, [prev, new], steps, limits);
        }
        if is_flat(&start, &new) {
            return Ok((new, steps + 1));
        }
        if new.slope >= 0.0 {
            return shrink(at, &start, [prev, new], steps, limits);
        }
        let bounds = [new.t + 0.01 * (new.t - prev.t), new.t * 10.0];
        let next = at(lowest_of_cubic(&prev, &new, bounds))?;
        (prev, new) = (new, next);
        steps += 1;
    }
    let best = if start.loss <= new.loss { start } else { new };
    Ok((best, steps + 1))
}

/// Shrinks an interval that holds a good point.
fn shrink<E>(
    mut at: impl FnMut(f64) -> Result<Point, E>,
    start: &Point,
    mut ends: [Point; 2],
    mut steps: usize,
    limits: Limits,
) -> Result<(Point, usize), E> {
    let mut is_slow = false;
    let mut low = usize::from(ends[0].loss > ends[1].loss);
    while steps < limits.evaluations {
        let (left, right) = (ends[0].t.min(ends[1].t), ends[0].t.max(ends[1].t));
        if (right - left) * limits.direction < limits.change {
            break;
        }
        let guess = lowest_of_cubic(&ends[0], &ends[1], [left, right]);
        let (t, slow) = away_from_ends(guess, [left, right], is_slow);
        is_slow = slow;
        let new = at(t)?;
        steps += 1;
        let high = 1 - low;
        if !falls(start, &new) || new.loss >= ends[low].loss {
            ends[high] = new;
            low = usize::from(ends[0].loss > ends[1].loss);
            continue;
        }
        let is_done = is_flat(start, &new);
        if !is_done && new.slope * (ends[high].t - ends[low].t) >= 0.0 {
            ends[high] = ends[low].clone();
        }
        ends[low] = new;
        if is_done {
            break;
        }
    }
    let best = std::mem::replace(&mut ends[low], start.clone());
    Ok((best, steps + 1))
}

fn falls(start: &Point, new: &Point) -> bool {
    new.loss <= start.loss + C1 * new.t * start.slope
}

fn is_flat(start: &Point, new: &Point) -> bool {
    new.slope.abs() <= -C2 * start.slope
}

/// A guess at an end of the interval makes no progress; the second in a row is moved inwards.
fn away_from_ends(guess: f64, [left, right]: [f64; 2], is_slow: bool) -> (f64, bool) {
    let margin = 0.1 * (right - left);
    if (right - guess).min(guess - left) >= margin {
        return (guess, false);
    }
    if !is_slow && guess < right && guess > left {
        return (guess, true);
    }
    let is_right = (guess - right).abs() < (guess - left).abs();
    (if is_right { right - margin } else { left + margin }, false)
}

/// Where the cubic through two points and their slopes is lowest, within bounds.
fn lowest_of_cubic(a: &Point, b: &Point, [low, high]: [f64; 2]) -> f64 {
    let d1 = a.slope + b.slope - 3.0 * (a.loss - b.loss) / (a.t - b.t);
    let square = d1 * d1 - a.slope * b.slope;
    let d2 = square.sqrt();
    let lowest = if a.t <= b.t {
        b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2.0 * d2))
    } else {
        a.t - (a.t - b.t) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2.0 * d2))
    };
    // No lowest point, or a loss that is not finite: the middle.
    if square >= 0.0 && lowest.is_finite() { lowest.max(low).min(high) } else { (low + high) / 2.0 }
}
