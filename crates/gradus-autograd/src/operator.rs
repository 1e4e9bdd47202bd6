//! The operators `+ - * /` and unary `-`, which panic where the methods report.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::{Result, Var};

/// The value, or a panic with the error's message at the caller.
#[track_caller]
fn or_panic(result: Result<Var>) -> Var {
    result.unwrap_or_else(|error| panic!("{error}"))
}

/// Stamps an operator for owned and borrowed operands and for numbers on either side.
macro_rules! operator {
    ($trait:ident $method:ident $scalar:ident, $left:expr) => {
        operator!(@var $trait $method, Var, Var);
        operator!(@var $trait $method, Var, &Var);
        operator!(@var $trait $method, &Var, Var);
        operator!(@var $trait $method, &Var, &Var);
        operator!(@number $trait $method $scalar $left, Var);
        operator!(@number $trait $method $scalar $left, &Var);
    };
    (@var $trait:ident $method:ident, $lhs:ty, $rhs:ty) => {
        impl $trait<$rhs> for $lhs {
            type Output = Var;

            #[track_caller]
            fn $method(self, rhs: $rhs) -> Var {
                or_panic(Var::$method(&self, &rhs))
            }
        }
    };
    (@number $trait:ident $method:ident $scalar:ident $left:expr, $var:ty) => {
        impl $trait<f64> for $var {
            type Output = Var;

            #[track_caller]
            fn $method(self, rhs: f64) -> Var {
                or_panic(self.$scalar(rhs))
            }
        }

        impl $trait<$var> for f64 {
            type Output = Var;

            #[track_caller]
            fn $method(self, rhs: $var) -> Var {
                let left: fn(f64, &Var) -> Result<Var> = $left;
                or_panic(left(self, &rhs))
            }
        }
    };
}
operator!(Add add add_scalar, |c, x| x.add_scalar(c));
operator!(Sub sub sub_scalar, |c, x| x.neg()?.add_scalar(c));
operator!(Mul mul mul_scalar, |c, x| x.mul_scalar(c));
operator!(Div div div_scalar, |c, x| x.reciprocal()?.mul_scalar(c));

impl Neg for Var {
    type Output = Self;

    #[track_caller]
    fn neg(self) -> Self {
        or_panic(Self::neg(&self))
    }
}

impl Neg for &Var {
    type Output = Var;

    #[track_caller]
    fn neg(self) -> Var {
        or_panic(Var::neg(self))
    }
}

#[cfg(test)]
mod tests {
    use gradus_tensor::Tensor;

    use super::*;
    use crate::testing::check_op;

    #[test]
    fn operators_are_the_methods() {
        let inputs = [Tensor::from([1.5f64, -2.0]), Tensor::from([0.5f64, 3.0])];
        check_op(
            |x| {
                let (a, b) = (&x[0], &x[1]);
                Ok(-(a + b * 2.0) / (1.0 / b - 3.0 * a) + (2.0 - a) * (b - 1.0))
            },
            &inputs,
        );
    }

    #[test]
    #[should_panic(expected = "add: shapes [2] and [3] do not fit together")]
    fn a_mismatch_panics_with_the_methods_message() {
        let of = |n: usize| Var::constant(Tensor::zeros(n, gradus_core::DType::F32).unwrap());
        let _ = of(2) + of(3);
    }
}
