//! The recurrences, and what each has to say.

use crate::math::Real;

/// A recurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cell {
    /// `h = tanh(W_ih x + b_ih + W_hh h₋ + b_hh)`.
    RnnTanh,
    /// The same with relu.
    RnnRelu,
    /// Input, forget and output gates around a memory.
    Lstm,
    /// Reset and update gates.
    Gru,
}

impl Cell {
    /// Rows of the weights per unit.
    pub const fn gates(self) -> usize {
        match self {
            Self::RnnTanh | Self::RnnRelu => 1,
            Self::Lstm => 4,
            Self::Gru => 3,
        }
    }

    /// Numbers per unit and step that the gradient needs, beside the states.
    pub const fn kept(self) -> usize {
        match self {
            Self::RnnTanh | Self::RnnRelu => 1,
            Self::Lstm | Self::Gru => 4,
        }
    }

    /// Whether there is a memory beside the state.
    pub const fn has_memory(self) -> bool {
        matches!(self, Self::Lstm)
    }

    /// Where blocks of rows of `W_ih` go among the kept numbers: (first row, rows, place), counted
    /// in blocks of one number per unit.
    pub(super) const fn input_blocks(self) -> &'static [(usize, usize, usize)] {
        match self {
            Self::RnnTanh | Self::RnnRelu => &[(0, 1, 0)],
            Self::Lstm => &[(0, 4, 0)],
            // The kept order n, r, z, hₙ makes both W_ih's and W_hh's blocks neighbours.
            Self::Gru => &[(0, 2, 1), (2, 1, 0)],
        }
    }

    /// The place of the first block of `W_hh` among the kept numbers.
    pub(super) const fn state_block(self) -> usize {
        match self {
            Self::Gru => 1,
            _ => 0,
        }
    }
}

/// What one unit of a cell is given in a step.
#[derive(Clone, Copy)]
pub(super) struct Given<T> {
    /// `x · W_ihᵀ`, in kept order.
    pub(super) input: [T; 4],
    /// `h₋ · W_hhᵀ`, in the order of the weight's rows.
    pub(super) product: [T; 4],
    /// Biases in kept order.
    pub(super) bias: [T; 4],
    /// h₋ of this unit.
    pub(super) state: T,
    /// The memory before the step.
    pub(super) memory: T,
}

/// What one unit makes of it.
#[derive(Clone, Copy)]
pub(super) struct Made<T> {
    pub(super) kept: [T; 4],
    pub(super) state: T,
    pub(super) memory: T,
}

/// What the derivative of one unit is given.
#[derive(Clone, Copy)]
pub(super) struct Past<T> {
    pub(super) kept: [T; 4],
    /// The state after the step, and before it.
    pub(super) state: T,
    pub(super) state_before: T,
    pub(super) memory: T,
    pub(super) memory_before: T,
    /// The gradients of the state and of the memory after the step.
    pub(super) d_state: T,
    pub(super) d_memory: T,
}

/// What it makes of it.
#[derive(Clone, Copy)]
pub(super) struct Slopes<T> {
    /// The gradients of the sums inside the gates, in kept order.
    pub(super) kept: [T; 4],
    /// What reaches the state before the step other than through `W_hh`.
    pub(super) state: T,
    /// What reaches the memory before the step.
    pub(super) memory: T,
}

/// The formulas of a cell for one unit. The loops inline and vectorise them.
pub(super) trait Unit {
    const CELL: Cell;
    fn forward<T: Real, const FMA: bool>(given: Given<T>) -> Made<T>;
    fn backward<T: Real, const FMA: bool>(past: Past<T>) -> Slopes<T>;
}
