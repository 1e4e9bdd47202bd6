//! What was found.

use std::fmt;

/// Where a number went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// The op's value has it, and none of its inputs.
    Forward,
    /// The op got it: an input, of this number, has it and was made by no op that was watched.
    Input(usize),
    /// The op's derivative made it, in the gradient of the input of this number.
    Backward(usize),
}

/// The first NaN or infinity: which op made it, where, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Anomaly {
    /// The op.
    pub op: &'static str,
    /// The path of the layer that ran the op; empty if no layer gave its name.
    pub path: String,
    /// Where in the op.
    pub pass: Pass,
    /// The number: NaN or an infinity.
    pub value: f64,
    /// The first element that has it, in row-major order.
    pub element: usize,
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { op, path, pass, value, element } = self;
        if !path.is_empty() {
            write!(f, "{path}: ")?;
        }
        match pass {
            Pass::Forward => write!(f, "{op}: made {value} at element {element} of its value"),
            Pass::Input(i) => write!(f, "{op}: input {i} has {value} at element {element}"),
            Pass::Backward(i) => {
                write!(f, "{op}: made {value} at element {element} of the gradient of input {i}")
            }
        }
    }
}
