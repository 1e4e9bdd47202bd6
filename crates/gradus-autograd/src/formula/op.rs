//! The op.

use gradus_core::Shape;
use gradus_tensor::{Pointwise, Tensor};

use super::sym::Recording;
use crate::{Graph, Result, Var, grad, is_grad_enabled};

impl Var {
    /// A formula on every element of `N` variables: one pass forward, one for all gradients.
    ///
    /// Write it with [`pointwise!`](crate::pointwise!), or implement [`Pointwise`] for a type of your
    /// own; `name` is what it is called in messages. If the graph is kept, the gradient is that of the
    /// same formula recorded as ops, so it can be differentiated again.
    ///
    /// # Shapes
    /// Any shapes that broadcast as in NumPy.
    ///
    /// # Errors
    /// If the shapes do not broadcast, or the dtypes differ or are no floats.
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::{Var, gradcheck, gradgradcheck};
    /// use gradus_tensor::Tensor;
    /// gradus_autograd::pointwise! {
    ///     /// x σ(βx), with a gate.
    ///     struct Gated { beta: f64 }
    ///     |x, gate| x * (x * beta).sigmoid() * gate
    /// }
    /// let gated = |x: &[Var]| Var::pointwise("gated", Gated { beta: 2.0 }, [&x[0], &x[1]]);
    /// let inputs = [Tensor::from([[0.5f64, -1.0]]), Tensor::from([[2.0f64], [3.0]])];
    /// gradcheck(gated, &inputs)?;
    /// gradgradcheck(gated, &inputs)?;
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    pub fn pointwise<const N: usize>(
        name: &'static str,
        f: impl Pointwise<N> + Send + Sync + 'static,
        inputs: [&Self; N],
    ) -> Result<Self> {
        let mut shape = Shape::from(());
        for x in inputs {
            shape = shape.broadcast(name, x.shape())?;
        }
        let mut inputs = inputs.map(Self::clone);
        for x in inputs.iter_mut().filter(|x| *x.shape() != shape) {
            *x = x.expand(&shape)?;
        }
        let value = Tensor::pointwise_named(name, &f, inputs.each_ref().map(Self::value))?;
        let saved = inputs.clone();
        Ok(Self::from_op_of_inputs(name, &inputs.each_ref(), value, move |grad| {
            if is_grad_enabled() {
                return composite(&f, &saved, grad);
            }
            let values = saved.each_ref().map(Self::value);
            let grads = Tensor::pointwise_grad(&f, values, grad.value())?;
            Ok(grads.map(|grad| Some(Self::constant(grad))).into())
        }))
    }
}

/// The gradients by the recorded ops, as variables that can be differentiated again.
fn composite<const N: usize>(
    f: &impl Pointwise<N>,
    inputs: &[Var; N],
    upstream: &Var,
) -> Result<Vec<Option<Var>>> {
    // A node of its own for each input: one that is given twice has two gradients.
    let inputs = inputs.each_ref().map(|x| x.map("input", x.value().clone(), |g| Ok(g.clone())));
    let y = Recording::of(f).replay(&inputs)?;
    let wanted: Vec<&Var> = inputs.iter().filter(|x| x.requires_grad()).collect();
    let mut grads = grad(&y.mul(upstream)?.sum(..)?, &wanted, Graph::Keep)?.into_iter();
    Ok(inputs.iter().map(|x| if x.requires_grad() { grads.next() } else { None }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    crate::pointwise! {
        struct Everything { a: f64 }
        |x, y| {
            let positive = y * y + 0.5;
            let p = (x * a).exp() / positive - x.tanh() * (-y).sigmoid();
            let q = positive.log() + positive.sqrt() * x.erf() - y.expm1() / 3.0;
            x.if_less(y, p - 1.0, q) + positive.log1p() + x.max(y) * y.min(x)
        }
    }

    crate::pointwise! {
        struct Constant;
        |x| x.if_less(x, x, x) - x
    }

    fn everything(x: &[Var]) -> Result<Var> {
        Var::pointwise("everything", Everything { a: 0.7 }, [&x[0], &x[1]])
    }

    #[test]
    fn derivatives_agree_with_differences() {
        check_op(everything, &[normal([3, 4], 1), normal([3, 4], 2)]);
        check_op(everything, &[normal([3, 1], 1), normal(4, 2)]);
        check_op(|x| everything(&[x[0].clone(), x[0].clone()])?.mul(&x[0]), &[normal(5, 3)]);
        check_op(|x| Var::pointwise("constant", Constant, [&x[0]]), &[normal(3, 1)]);
    }

    #[test]
    fn both_ways_to_the_gradient_agree() {
        let x = [normal([50], 1), normal([50], 2)].map(Var::leaf);
        let y = everything(&x).unwrap().square().unwrap().sum(..).unwrap();
        let of = |graph| grad(&y, &x.each_ref(), graph).unwrap();
        for (fused, composite) in of(Graph::Drop).iter().zip(of(Graph::Keep)) {
            assert!(fused.value().allclose(composite.value(), 1e-12, 1e-13).unwrap());
        }
    }

    #[test]
    fn an_input_without_gradient_has_none() {
        let (x, y) = (Var::leaf(normal(3, 1)), Var::constant(normal(3, 2)));
        for graph in [Graph::Drop, Graph::Keep] {
            let z = everything(&[x.clone(), y.clone()]).unwrap().sum(..).unwrap();
            assert_eq!(grad(&z, &[&x], graph).unwrap()[0].dims(), [3]);
        }
    }

    #[test]
    fn shapes_must_broadcast() {
        let (x, y) = (Var::from(normal(3, 1)), Var::from(normal(2, 2)));
        assert!(everything(&[x, y]).is_err());
    }
}
