//! What the contracts claim.

use std::fmt;

/// One claim of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claim {
    /// The same keys give the same bits, in training and in evaluation.
    SameBits,
    /// A state that is saved and loaded into another layer gives that layer's state and output; or, of
    /// an optimizer, the same steps as not having stopped.
    StateRoundTrip,
    /// The derivative by the input agrees with differences.
    InputGradient,
    /// The derivatives by all parameters agree with differences.
    ParameterGradient,
    /// The derivative of the derivative agrees with differences.
    SecondDerivative,
    /// A row of a batch has the bits it has alone.
    RowsIndependent,
    /// A view gives the bits of its copy.
    Views,
    /// The output has the dtype of the input.
    DType,
    /// A shape that does not fit is an error, which names the layer's path, and no panic.
    ShapeErrors,
    /// The sum is the sum of the losses that are not reduced, and mean and sum are one number.
    Reductions,
    /// Steps go down a bowl.
    Descent,
    /// A frozen parameter, and one without a gradient, stay as they are.
    Frozen,
    /// A gradient that is not finite is an error that names its parameter, and nothing moves.
    NonFinite,
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SameBits => "the same keys give the same bits",
            Self::StateRoundTrip => "saved state makes the round trip",
            Self::InputGradient => "the derivative by an input agrees with differences",
            Self::ParameterGradient => "the derivative by a parameter agrees with differences",
            Self::SecondDerivative => "the second derivative agrees with differences",
            Self::RowsIndependent => "a row of a batch has the bits it has alone",
            Self::Views => "a view gives the bits of its copy",
            Self::DType => "the output has the dtype of the input",
            Self::ShapeErrors => "a shape that does not fit is an error that names the path",
            Self::Reductions => "reductions are those of the losses that are not reduced",
            Self::Descent => "steps go down a bowl",
            Self::Frozen => "what is frozen or has no gradient stays",
            Self::NonFinite => "a gradient that is not finite is reported and nothing moves",
        })
    }
}
