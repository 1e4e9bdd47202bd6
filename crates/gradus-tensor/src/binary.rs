//! Ops of two operands, element by element, with broadcasting.

use gradus_core::BinaryOp;
use gradus_cpu::elementwise as kernel;
use gradus_cpu::strided::binary_strided;

use crate::dtypes::{number, same, unsupported};
use crate::error::from_kernel;
use crate::tensor::checked_len;
use crate::{DType, Result, Tensor};

/// Stamps one method per op of the table.
macro_rules! binary {
    ($($method:ident $op:ident $formula:literal,)*) => {
        impl Tensor {
            $(
                #[doc = concat!($formula, ", element by element with broadcasting.")]
                ///
                /// # Errors
                /// As [`Tensor::binary`].
                pub fn $method(&self, other: &Self) -> Result<Self> {
                    self.binary(BinaryOp::$op, other)
                }
            )*
        }
    };
}

binary! {
    add Add "a + b",
    sub Sub "a − b",
    mul Mul "a · b",
    div Div "a / b",
    pow Pow "aᵇ",
    maximum Maximum "The larger of a and b; NaN wins",
    minimum Minimum "The smaller of a and b; NaN wins",
    remainder Remainder "a − b·⌊a/b⌋, which has the sign of b",
    atan2 Atan2 "The angle of the point (b, a)",
}

impl Tensor {
    /// An op of the table, for every pair of elements.
    ///
    /// `bf16` is computed in `f32` and rounded once. Integers wrap around on overflow. They have no `div`, since the name does not say how to
    /// round: cast with [`Tensor::to_dtype`], or use `remainder`.
    ///
    /// # Shapes
    /// Any two shapes that broadcast as in NumPy.
    ///
    /// # Errors
    /// [`gradus_core::Error::ShapeMismatch`], [`gradus_core::Error::DTypeMismatch`],
    /// [`gradus_core::Error::UnsupportedDType`] for `bool`, and for integers with `div` and `atan2`;
    /// [`crate::Error::DivisionByZero`] for the `remainder` of integers,
    /// [`gradus_core::Error::InvalidArgument`] for an integer to a negative power.
    ///
    /// # Examples
    /// ```
    /// use gradus_tensor::{BinaryOp, Tensor};
    /// let (x, row) = (Tensor::new([[1.0], [2.0]]), Tensor::new([10.0, 20.0]));
    /// assert_eq!(x.binary(BinaryOp::Add, &row)?.to_vec::<f32>()?, [11.0, 21.0, 12.0, 22.0]);
    /// # Ok::<(), gradus_tensor::Error>(())
    /// ```
    pub fn binary(&self, op: BinaryOp, other: &Self) -> Result<Self> {
        let name = op.name();
        let dtype = same(name, self.dtype(), other.dtype())?;
        supported(op, dtype)?;
        let shape = self.shape().broadcast(name, other.shape())?;
        let len = checked_len(name, &shape, dtype)?;
        number!(name, dtype, T => {
            let mut out = vec![T::default(); len];
            let fits = |x: &Self| x.shape() == &shape;
            let (a, b) = (self.slice::<T>(), other.slice::<T>());
            match (a, b) {
                (Some(a), Some(b)) if fits(self) && fits(other) => kernel::binary(op, a, b, &mut out),
                (Some(a), Some(&[b])) if fits(self) => kernel::binary_scalar(op, a, b, &mut out),
                (Some(&[a]), Some(b)) if fits(other) => kernel::scalar_binary(op, a, b, &mut out),
                _ => {
                    let a = (self.block::<T>(), &self.layout().expand(&shape)?);
                    let b = (other.block::<T>(), &other.layout().expand(&shape)?);
                    binary_strided(op, a, b, &mut out)
                }
            }
            .map_err(|error| from_kernel(name, error, len))?;
            Ok(Self::from_data(out, shape))
        })
    }
}

/// Fails for an op that has no meaning for a dtype, whatever the shapes.
pub(crate) fn supported(op: BinaryOp, dtype: DType) -> Result<()> {
    match dtype {
        DType::Bool => Err(unsupported(op.name(), "a number", dtype)),
        DType::I64 | DType::U8 if matches!(op, BinaryOp::Div | BinaryOp::Atan2) => {
            Err(unsupported(op.name(), "a float (cast with to_dtype)", dtype))
        }
        _ => Ok(()),
    }
}
