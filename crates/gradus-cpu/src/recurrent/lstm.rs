//! Long short-term memory.
//!
//! ```text
//! i, f, o = σ(…), g = tanh(…)      c = f c₋ + i g      h = o tanh c
//! ```
//! Kept: i, f, g, o, after their functions.

use super::Cell;
use super::cell::{Given, Made, Past, Slopes, Unit};
use crate::math::Real;

pub(super) struct Lstm;

impl Unit for Lstm {
    const CELL: Cell = Cell::Lstm;

    #[inline(always)]
    fn forward<T: Real, const FMA: bool>(given: Given<T>) -> Made<T> {
        let Given { input, product, bias, memory, .. } = given;
        let i = ((input[0] + bias[0]) + product[0]).sigmoid::<FMA>();
        let f = ((input[1] + bias[1]) + product[1]).sigmoid::<FMA>();
        let g = ((input[2] + bias[2]) + product[2]).tanh::<FMA>();
        let o = ((input[3] + bias[3]) + product[3]).sigmoid::<FMA>();
        let memory = f * memory + i * g;
        Made { kept: [i, f, g, o], state: o * memory.tanh::<FMA>(), memory }
    }

    #[inline(always)]
    fn backward<T: Real, const FMA: bool>(past: Past<T>) -> Slopes<T> {
        let [i, f, g, o] = past.kept;
        let tanh = past.memory.tanh::<FMA>();
        let d_memory = past.d_memory + past.d_state * o * (T::ONE - tanh * tanh);
        let sigmoid = |d: T, y: T| d * (y * (T::ONE - y));
        let kept = [
            sigmoid(d_memory * g, i),
            sigmoid(d_memory * past.memory_before, f),
            d_memory * i * (T::ONE - g * g),
            sigmoid(past.d_state * tanh, o),
        ];
        Slopes { kept, state: T::ZERO, memory: d_memory * f }
    }
}
