//! Ops of two operands, element by element, with broadcasting.

use gradus_core::BinaryOp;
use gradus_cpu::elementwise as kernel;
use gradus_cpu::memory::take;
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
            let mut out = take(len);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_close, at, cases, indices, pairs, read, recipes};

    fn definition(op: BinaryOp, a: f64, b: f64) -> f64 {
        match op {
            BinaryOp::Add => a + b,
            BinaryOp::Sub => a - b,
            BinaryOp::Mul => a * b,
            BinaryOp::Div => a / b,
            BinaryOp::Pow => a.powf(b),
            BinaryOp::Maximum => a.max(b),
            BinaryOp::Minimum => a.min(b),
            BinaryOp::Remainder => a - b * (a / b).floor(),
            BinaryOp::Atan2 => a.atan2(b),
        }
    }

    proptest! {
        #![proptest_config(cases())]
        #[test]
        fn floats_follow_the_definitions_with_broadcasting((a, b, shape) in pairs()) {
            for dtype in [DType::F32, DType::F64, DType::BF16] {
                let (x, y) = (a.make(dtype), b.make(dtype));
                for &op in BinaryOp::ALL {
                    let expected: Vec<f64> =
                        indices(&shape).iter().map(|i| definition(op, at(&x, i), at(&y, i))).collect();
                    let z = x.binary(op, &y).unwrap();
                    if op == BinaryOp::Remainder {
                        // Near a multiple of b, a rounding shows as a whole b.
                        assert_eq!(z.dims(), shape);
                        for ((z, e), i) in read(&z).iter().zip(expected).zip(indices(&shape)) {
                            let b = at(&y, &i);
                            let off = (z - e).abs();
                            assert!(off.min((off - b.abs()).abs()) < 0.05 && z * b >= 0.0);
                        }
                    } else {
                        assert_close(&z, &shape, &expected);
                    }
                }
            }
        }

        #[test]
        fn integers_follow_the_definitions_with_broadcasting((a, b, shape) in pairs()) {
            let (x, y) = (a.make(DType::I64), b.make(DType::I64).square().unwrap().add_scalar(1.0).unwrap());
            use BinaryOp::{Add, Maximum, Minimum, Mul, Pow, Remainder, Sub};
            for op in [Add, Sub, Mul, Pow, Maximum, Minimum, Remainder] {
                let expected: Vec<f64> =
                    indices(&shape).iter().map(|i| definition(op, at(&x, i), at(&y, i))).collect();
                assert_close(&x.binary(op, &y).unwrap(), &shape, &expected);
            }
        }

        #[test]
        fn a_constant_is_a_broadcast_scalar(recipe in recipes(3), c in -3.0..3.0) {
            for dtype in [DType::F32, DType::F64, DType::BF16] {
                let x = recipe.make(dtype);
                let scalar = Tensor::full((), c, dtype).unwrap();
                for &op in BinaryOp::ALL {
                    let (y, z) = (x.binary_scalar(op, c).unwrap(), x.binary(op, &scalar).unwrap());
                    let bits = |x: &Tensor| -> Vec<u64> { read(x).iter().map(|x| x.to_bits()).collect() };
                    prop_assert_eq!(bits(&y), bits(&z));
                }
            }
        }
    }

    #[test]
    fn faults_are_errors_that_name_the_op() {
        let message = |r: Result<Tensor>| r.unwrap_err().to_string();
        let (x, i) = (Tensor::new([1.0, 2.0]), Tensor::new([1, 0]));
        assert_eq!(message(x.add(&i)), "add: dtypes f32 and i64 differ; cast one with to_dtype");
        assert_eq!(message(i.remainder(&i)), "remainder: integer division by zero");
        assert_eq!(
            message(i.div(&i)),
            "div: dtype i64 is not supported, expected a float (cast with to_dtype)"
        );
        assert_eq!(
            message(Tensor::new([true]).add(&Tensor::new([true]))),
            "add: dtype bool is not supported, expected a number"
        );
        assert_eq!(
            message(i.add_scalar(0.5)),
            "add: constant must be a value that the integer dtype can hold, got 0.5"
        );
        assert!(i.pow(&Tensor::new([1, -1])).is_err());
        assert!(x.add(&Tensor::new([1.0, 2.0, 3.0])).is_err());
    }

    #[test]
    fn an_impossible_size_is_an_error() {
        let x = Tensor::new(1.0);
        let (a, b) = (x.expand([1 << 40, 1]).unwrap(), x.expand([1, 1 << 40]).unwrap());
        assert!(matches!(a.add(&b), Err(crate::Error::TooLarge { op: "add", .. })));
        assert!(matches!(a.lt(&b), Err(crate::Error::TooLarge { op: "lt", .. })));
    }

    #[test]
    fn nan_wins_in_maximum_and_minimum() {
        let (x, y) = (Tensor::new([f32::NAN, 1.0]), Tensor::new([1.0, f32::NAN]));
        assert!(read(&x.maximum(&y).unwrap()).iter().all(|x| x.is_nan()));
        assert!(read(&x.minimum(&y).unwrap()).iter().all(|x| x.is_nan()));
    }

    #[test]
    fn integers_wrap_around_and_the_extreme_remainder_is_no_panic() {
        let x = Tensor::from([i64::MIN]);
        assert_eq!(x.sub_scalar(1.0).unwrap().to_vec::<i64>().unwrap(), [i64::MAX]);
        assert_eq!(x.remainder(&Tensor::from([-1i64])).unwrap().to_vec::<i64>().unwrap(), [0]);
        let x = Tensor::from([3u8]).sub_scalar(5.0).unwrap();
        assert_eq!(x.to_vec::<u8>().unwrap(), [254]);
    }
}
