//! The gradient of a unary op in one pass.

use gradus_core::UnaryOp;

use crate::{Result, Var, is_grad_enabled};

impl Var {
    /// `grad` times the derivative of `op` by one kernel, where `self` is what the kernel works it
    /// out from; or the composite, if the gradient is to be differentiated again.
    pub(super) fn unary_grad(
        &self,
        op: UnaryOp,
        grad: &Self,
        composite: impl FnOnce() -> Result<Self>,
    ) -> Result<Self> {
        if is_grad_enabled() {
            return composite();
        }
        Ok(Self::constant(self.value().unary_grad(op, grad.value())?))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::normal;
    use crate::{Graph, Result, Var, grad};

    /// The kernel and the composite are two ways to the same number.
    #[test]
    fn both_ways_agree() {
        let ops: [fn(&Var) -> Result<Var>; 14] = [
            Var::square,
            Var::reciprocal,
            Var::log,
            Var::sin,
            Var::cos,
            Var::gelu,
            Var::gelu_tanh,
            Var::silu,
            Var::softplus,
            Var::sqrt,
            Var::exp,
            Var::tanh,
            Var::sigmoid,
            Var::relu,
        ];
        let x = Var::leaf(normal(50, 1).abs().unwrap().add_scalar(0.1).unwrap());
        for op in ops {
            let y = op(&x).unwrap().mul(&x).unwrap().sum(..).unwrap();
            let once = grad(&y, &[&x], Graph::Drop).unwrap().remove(0);
            let again = grad(&y, &[&x], Graph::Keep).unwrap().remove(0);
            assert!(once.value().allclose(again.value(), 1e-12, 1e-13).unwrap());
        }
    }
}
