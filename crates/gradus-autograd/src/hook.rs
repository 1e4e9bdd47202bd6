//! Hooks on the gradient of a variable.

use crate::{Result, Var};

impl Var {
    /// The same value, whose gradient is shown to `hook` on its way back; what the hook returns takes its
    /// place, if it is `Some`.
    ///
    /// The hook sees the complete gradient of the returned variable, once per backward pass. It is part
    /// of the graph: only what is computed from the *returned* variable passes it. If the graph is
    /// kept and the hook is written in `Var` ops, its effect can be differentiated. For the gradients
    /// of leaves as they become complete, see [`Var::backward_each`].
    ///
    /// # Errors
    /// None here; those of the hook, and a gradient of another shape or dtype, end the backward
    /// pass.
    ///
    /// # PyTorch
    /// `torch.Tensor.register_hook`, which changes the tensor in place
    ///
    /// # Examples
    /// ```
    /// use gradus_autograd::Var;
    /// use gradus_tensor::Tensor;
    /// let x = Var::leaf(Tensor::from([2.0f32, 3.0]));
    /// let clipped = x.with_hook(|grad| Ok(Some(grad.clamp(-5.0, 5.0)?)));
    /// let grads = clipped.square()?.sum(..)?.backward()?;
    /// assert_eq!(grads.get(&x).map(|g| g.to_vec::<f32>()), Some(Ok(vec![4.0, 5.0])));
    /// # Ok::<(), gradus_autograd::Error>(())
    /// ```
    #[must_use]
    pub fn with_hook(
        &self,
        hook: impl Fn(&Self) -> Result<Option<Self>> + Send + Sync + 'static,
    ) -> Self {
        self.map("hook", self.value().clone(), move |grad| {
            Ok(hook(grad)?.unwrap_or_else(|| grad.clone()))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use gradus_tensor::Tensor;

    use super::*;
    use crate::testing::{check_op, elements, normal};
    use crate::{Error, Graph, grad};

    #[test]
    fn a_hook_sees_the_complete_gradient_once() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = seen.clone();
        let x = Var::leaf(Tensor::from([3.0f64]));
        let y = x.square().unwrap().with_hook(move |grad| {
            kept.lock().unwrap().push(elements(grad));
            Ok(None)
        });
        let z = y.mul(&y).unwrap().add(&y).unwrap(); // y² + y with y = 9
        let grads = z.backward().unwrap();
        assert_eq!(*seen.lock().unwrap(), [[19.0]]);
        assert_eq!(grads.get(&x).unwrap().item().unwrap(), 19.0 * 6.0);
    }

    #[test]
    fn what_a_hook_does_can_be_differentiated() {
        let x = Var::leaf(Tensor::from([3.0f64]));
        let y = x.with_hook(|grad| Ok(Some(grad.square()?))).square().unwrap();
        let dx = grad(&y, &[&x], Graph::Keep).unwrap().remove(0); // (2x)²
        let ddx = grad(&dx, &[&x], Graph::Drop).unwrap().remove(0);
        // The hook squares what comes back the second time too: 8x.
        assert_eq!((dx.item().unwrap(), ddx.item().unwrap()), (36.0, 24.0 * 24.0));
        check_op(|x| x[0].with_hook(|_| Ok(None)).exp(), &[normal(3, 1)]);
    }

    #[test]
    fn a_gradient_of_another_shape_is_refused() {
        let x = Var::leaf(Tensor::from([3.0f64, 1.0]));
        let y = x.with_hook(|grad| Ok(Some(grad.sum(..)?))).sum(..).unwrap();
        let error = y.backward().unwrap_err();
        assert!(matches!(error, Error::GradientShape { op: "hook", .. }), "{error}");
    }
}
