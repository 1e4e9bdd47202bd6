//! The generic forms: an op given as a value.

use gradus_core::{BinaryOp, UnaryOp};
use gradus_tensor::Tensor;

use crate::{Result, Var};

impl Var {
    /// An elementwise op of one operand, chosen at run time.
    ///
    /// # Errors
    /// As the op's own method.
    pub fn unary(&self, op: UnaryOp) -> Result<Self> {
        match op {
            UnaryOp::Neg => self.neg(),
            UnaryOp::Abs => self.abs(),
            UnaryOp::Sign => self.sign(),
            UnaryOp::Square => self.square(),
            UnaryOp::Sqrt => self.sqrt(),
            UnaryOp::Rsqrt => self.rsqrt(),
            UnaryOp::Reciprocal => self.reciprocal(),
            UnaryOp::Exp => self.exp(),
            UnaryOp::Expm1 => self.expm1(),
            UnaryOp::Log => self.log(),
            UnaryOp::Log1p => self.log1p(),
            UnaryOp::Sin => self.sin(),
            UnaryOp::Cos => self.cos(),
            UnaryOp::Tan => self.tan(),
            UnaryOp::Tanh => self.tanh(),
            UnaryOp::Sigmoid => self.sigmoid(),
            UnaryOp::Erf => self.erf(),
            UnaryOp::Relu => self.relu(),
            UnaryOp::Gelu => self.gelu(),
            UnaryOp::GeluTanh => self.gelu_tanh(),
            UnaryOp::Silu => self.silu(),
            UnaryOp::Softplus => self.softplus(),
            UnaryOp::Floor => self.floor(),
            UnaryOp::Ceil => self.ceil(),
            UnaryOp::Round => self.round(),
        }
    }

    /// An elementwise op of two operands, chosen at run time.
    ///
    /// # Errors
    /// As the op's own method.
    pub fn binary(&self, op: BinaryOp, other: &Self) -> Result<Self> {
        match op {
            BinaryOp::Add => self.add(other),
            BinaryOp::Sub => self.sub(other),
            BinaryOp::Mul => self.mul(other),
            BinaryOp::Div => self.div(other),
            BinaryOp::Pow => self.pow(other),
            BinaryOp::Maximum => self.maximum(other),
            BinaryOp::Minimum => self.minimum(other),
            BinaryOp::Remainder => self.remainder(other),
            BinaryOp::Atan2 => self.atan2(other),
        }
    }

    /// An elementwise op with a constant as the second operand, chosen at run time.
    ///
    /// # Errors
    /// As the op's own method.
    pub fn binary_scalar(&self, op: BinaryOp, constant: f64) -> Result<Self> {
        match op {
            BinaryOp::Add => self.add_scalar(constant),
            BinaryOp::Sub => self.sub_scalar(constant),
            BinaryOp::Mul => self.mul_scalar(constant),
            BinaryOp::Div => self.div_scalar(constant),
            BinaryOp::Pow => self.powf(constant),
            _ => self.binary(op, &Tensor::full((), constant, self.dtype())?.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, elements, normal};

    #[test]
    fn the_generic_form_is_the_method() {
        let (a, b) = (Var::from(normal(4, 1)), Var::from(normal(4, 2)));
        for &op in UnaryOp::ALL {
            let expected = a.value().unary(op).unwrap();
            let got = elements(&a.unary(op).unwrap());
            assert_eq!(format!("{got:?}"), format!("{:?}", expected.to_vec::<f64>().unwrap()));
        }
        for &op in BinaryOp::ALL {
            let expected = a.value().binary(op, b.value()).unwrap();
            let got = elements(&a.binary(op, &b).unwrap());
            assert_eq!(format!("{got:?}"), format!("{:?}", expected.to_vec::<f64>().unwrap()));
        }
    }

    #[test]
    fn constants_have_the_same_derivative_as_variables() {
        let a = normal(4, 1).square().unwrap().add_scalar(0.1).unwrap();
        for &op in BinaryOp::ALL {
            check_op(|x| x[0].binary_scalar(op, 1.7), std::slice::from_ref(&a));
        }
    }
}
