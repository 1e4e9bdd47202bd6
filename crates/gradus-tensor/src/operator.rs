//! The operators `+ - * /` and unary `-`. They panic where the named methods return an error.

use std::ops::{Add, Div, Mul, Neg, Sub};

use gradus_core::BinaryOp;

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
                or_panic(self.binary(BinaryOp::$Trait, &other))
            }
        }

        impl $Trait<&Self> for Tensor {
            type Output = Self;

            #[track_caller]
            fn $method(self, other: &Self) -> Self {
                or_panic(self.binary(BinaryOp::$Trait, other))
            }
        }

        impl $Trait for Tensor {
            type Output = Self;

            #[track_caller]
            fn $method(self, other: Self) -> Self {
                or_panic(self.binary(BinaryOp::$Trait, &other))
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
