//! The plain recurrence.

use super::Cell;
use super::cell::{Given, Made, Past, Slopes, Unit};
use crate::math::Real;

pub(super) struct Tanh;
pub(super) struct Relu;

#[inline(always)]
fn sum<T: Real>(given: Given<T>) -> T {
    (given.input[0] + given.bias[0]) + given.product[0]
}

#[inline(always)]
fn made<T: Real>(state: T) -> Made<T> {
    Made { kept: [T::ZERO; 4], state, memory: T::ZERO }
}

#[inline(always)]
fn slopes<T: Real>(slope: T) -> Slopes<T> {
    Slopes { kept: [slope, T::ZERO, T::ZERO, T::ZERO], state: T::ZERO, memory: T::ZERO }
}

impl Unit for Tanh {
    const CELL: Cell = Cell::RnnTanh;
    #[inline(always)]
    fn forward<T: Real, const FMA: bool>(given: Given<T>) -> Made<T> {
        made(sum(given).tanh::<FMA>())
    }
    #[inline(always)]
    fn backward<T: Real, const FMA: bool>(past: Past<T>) -> Slopes<T> {
        slopes(past.d_state * (T::ONE - past.state * past.state))
    }
}

impl Unit for Relu {
    const CELL: Cell = Cell::RnnRelu;
    #[inline(always)]
    fn forward<T: Real, const FMA: bool>(given: Given<T>) -> Made<T> {
        let x = sum(given);
        // A NaN stays one.
        made(if x < T::ZERO { T::ZERO } else { x })
    }
    #[inline(always)]
    fn backward<T: Real, const FMA: bool>(past: Past<T>) -> Slopes<T> {
        slopes(if past.state > T::ZERO { past.d_state } else { T::ZERO })
    }
}
