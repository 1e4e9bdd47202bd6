//! The gated recurrent unit.
//!
//! ```text
//! r, z = σ(…)      hₙ = W_hn h₋ + b_hn      n = tanh(W_in x + b_in + r hₙ)      h = (1 − z) n + z h₋
//! ```
//! Kept: n, r, z, hₙ. `W_ih` makes the first three, `W_hh` the last three.

use super::Cell;
use super::cell::{Given, Made, Past, Slopes, Unit};
use crate::math::Real;

pub(super) struct Gru;

impl Unit for Gru {
    const CELL: Cell = Cell::Gru;

    #[inline(always)]
    fn forward<T: Real, const FMA: bool>(given: Given<T>) -> Made<T> {
        let Given { input, product, bias, state, .. } = given;
        let r = ((input[1] + bias[1]) + product[0]).sigmoid::<FMA>();
        let z = ((input[2] + bias[2]) + product[1]).sigmoid::<FMA>();
        let from_state = product[2] + bias[3];
        let n = ((input[0] + bias[0]) + r * from_state).tanh::<FMA>();
        let state = (T::ONE - z) * n + z * state;
        Made { kept: [n, r, z, from_state], state, memory: T::ZERO }
    }

    #[inline(always)]
    fn backward<T: Real, const FMA: bool>(past: Past<T>) -> Slopes<T> {
        let [n, r, z, from_state] = past.kept;
        let d = past.d_state;
        let dn = d * (T::ONE - z) * (T::ONE - n * n);
        let dz = d * (past.state_before - n) * (z * (T::ONE - z));
        let dr = dn * from_state * (r * (T::ONE - r));
        Slopes { kept: [dn, dr, dz, dn * r], state: d * z, memory: T::ZERO }
    }
}
