//! The operators `+ - * /` and unary `-`. They panic where the named methods return an error. Owned
//! operands lend their memory to the result where nobody else can see it.

use std::ops::{Add, Div, Mul, Neg, Sub};

use gradus_core::BinaryOp;

use crate::reuse::{binary_left, binary_owned, binary_right};
use crate::{Result, Tensor};

/// The value, or a panic with the error's message at the caller.
#[track_caller]
fn or_panic(result: Result<Tensor>) -> Tensor {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

/// Stamps one operator for tensors, references and constants.
macro_rules! operator {
    ($($Trait:ident $method:ident)*) => {$(
        impl $Trait<&Tensor> for &Tensor {
            type Output = Tensor;

            #[track_caller]
            fn $method(self, other: &Tensor) -> Tensor {
                or_panic(self.binary(BinaryOp::$Trait, other))
            }
        }

        impl $Trait<Tensor> for &Tensor {
            type Output = Tensor;

            #[track_caller]
            fn $method(self, other: Tensor) -> Tensor {
                or_panic(binary_right(BinaryOp::$Trait, self, other))
            }
        }

        impl $Trait<&Self> for Tensor {
            type Output = Self;

            #[track_caller]
            fn $method(self, other: &Self) -> Self {
                or_panic(binary_left(BinaryOp::$Trait, self, other))
            }
        }

        impl $Trait for Tensor {
            type Output = Self;

            #[track_caller]
            fn $method(self, other: Self) -> Self {
                or_panic(binary_owned(BinaryOp::$Trait, self, other))
            }
        }

        impl $Trait<f64> for &Tensor {
            type Output = Tensor;

            #[track_caller]
            fn $method(self, constant: f64) -> Tensor {
                or_panic(self.binary_scalar(BinaryOp::$Trait, constant))
            }
        }

        impl $Trait<f64> for Tensor {
            type Output = Self;

            #[track_caller]
            fn $method(self, constant: f64) -> Self {
                or_panic(self.binary_scalar(BinaryOp::$Trait, constant))
            }
        }

        impl $Trait<&Tensor> for f64 {
            type Output = Tensor;

            #[track_caller]
            fn $method(self, other: &Tensor) -> Tensor {
                let op = BinaryOp::$Trait;
                or_panic(other.constant(op.name(), self).and_then(|x| x.binary(op, other)))
            }
        }

        impl $Trait<Tensor> for f64 {
            type Output = Tensor;

            #[track_caller]
            fn $method(self, other: Tensor) -> Tensor {
                self.$method(&other)
            }
        }
    )*};
}
operator!(Add add Sub sub Mul mul Div div);

impl Neg for &Tensor {
    type Output = Tensor;

    #[track_caller]
    fn neg(self) -> Tensor {
        or_panic(Tensor::neg(self))
    }
}

impl Neg for Tensor {
    type Output = Self;

    #[track_caller]
    fn neg(self) -> Self {
        or_panic(Self::neg(&self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_operands_works() {
        let x = || Tensor::new([1.0, 2.0]);
        let y = || Tensor::new([4.0, 8.0]);
        let is = |z: Tensor, expected: [f32; 2]| assert_eq!(z.to_vec::<f32>().unwrap(), expected);
        is(x() + y(), [5.0, 10.0]);
        is(&x() - y(), [-3.0, -6.0]);
        is(x() * &y(), [4.0, 16.0]);
        is(&y() / &x(), [4.0, 4.0]);
        is(x() + 1.0, [2.0, 3.0]);
        is(&x() / 2.0, [0.5, 1.0]);
        is(1.0 - x(), [0.0, -1.0]);
        is(2.0 / &x(), [2.0, 1.0]);
        is(-x(), [-1.0, -2.0]);
        is(-&x(), [-1.0, -2.0]);
    }

    #[test]
    #[should_panic(expected = "add: shapes [2] and [3] do not fit together")]
    fn a_mismatch_panics_with_the_error_of_the_method() {
        let _ = Tensor::new([1.0, 2.0]) + Tensor::new([1.0, 2.0, 3.0]);
    }
}
