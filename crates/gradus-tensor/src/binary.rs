//! Ops of two operands, element by element, with broadcasting.

use gradus_core::BinaryOp;

use crate::dtypes::{integer, same, unsupported};
use crate::elementwise::zip;
use crate::{DType, Element, Error, Result, Tensor, bf16};

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
    /// Integers wrap around on overflow. They have no `div`, since the name does not say how to
    /// round: cast with [`Tensor::to_dtype`], or use `remainder`.
    ///
    /// # Shapes
    /// Any two shapes that broadcast as in NumPy.
    ///
    /// # Errors
    /// [`gradus_core::Error::ShapeMismatch`], [`gradus_core::Error::DTypeMismatch`],
    /// [`gradus_core::Error::UnsupportedDType`] for `bool`, and for integers with `div`, `pow` and
    /// `atan2`; [`Error::DivisionByZero`] for the `remainder` of integers.
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
        match same(name, self.dtype(), other.dtype())? {
            DType::F32 => zip(name, self, other, |a: f32, b: f32| {
                float(op, f64::from(a), f64::from(b)) as f32
            }),
            DType::F64 => zip(name, self, other, |a: f64, b: f64| float(op, a, b)),
            DType::BF16 => zip(name, self, other, |a: bf16, b: bf16| -> bf16 {
                Element::from_f64(float(op, a.to_f64(), b.to_f64()))
            }),
            dtype if matches!(op, BinaryOp::Div | BinaryOp::Pow | BinaryOp::Atan2) => {
                Err(unsupported(name, "a float (cast with to_dtype)", dtype))
            }
            dtype => self.integer_binary(op, other, dtype),
        }
    }

    fn integer_binary(&self, op: BinaryOp, other: &Self, dtype: DType) -> Result<Self> {
        let name = op.name();
        integer!(name, dtype, "a float or an integer", T => {
            // Only a pair that exists is a division.
            let divides = !self.is_empty() && other.elements::<T>().contains(&0);
            if op == BinaryOp::Remainder && divides {
                return Err(Error::DivisionByZero { op: name });
            }
            zip(name, self, other, |a: T, b: T| match op {
                BinaryOp::Add => a.wrapping_add(b),
                BinaryOp::Sub => a.wrapping_sub(b),
                BinaryOp::Mul => a.wrapping_mul(b),
                BinaryOp::Maximum => a.max(b),
                BinaryOp::Minimum => a.min(b),
                _ => {
                    let r = a.wrapping_rem(b);
                    if r != 0 && (r < 0) != (b < 0) { r.wrapping_add(b) } else { r }
                }
            })
        })
    }
}

/// The definitions.
fn float(op: BinaryOp, a: f64, b: f64) -> f64 {
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        BinaryOp::Pow => a.powf(b),
        BinaryOp::Maximum => {
            if a.is_nan() || a > b {
                a
            } else {
                b
            }
        }
        BinaryOp::Minimum => {
            if a.is_nan() || a < b {
                a
            } else {
                b
            }
        }
        BinaryOp::Remainder => {
            let r = a % b;
            if r != 0.0 && (r < 0.0) != (b < 0.0) { r + b } else { r }
        }
        BinaryOp::Atan2 => a.atan2(b),
    }
}
