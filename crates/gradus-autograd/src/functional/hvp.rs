//! The product with the Hessian.

use super::jvp::result;
use super::point::{check_tangents, dot, stand_ins};
use crate::mode::with_mode;
use crate::{Graph, Result, Var, grad};

/// The value of `f`, which is one number, and the product of its Hessian with `tangents`, without the
/// Hessian.
///
/// It is the gradient of (gradient · tangents): two sweeps, whatever the number of inputs.
///
/// # Shapes
/// each tangent and each product as its input
///
/// # Errors
/// Those of `f`; [`Error::NotScalar`](crate::Error::NotScalar) unless it gives one element; if there is not one
/// tangent that looks like it for every input.
///
/// # PyTorch
/// `torch.autograd.functional.hvp`, which calls the tangents `v`
///
/// # Reference
/// Pearlmutter 1994, "Fast Exact Multiplication by the Hessian".
///
/// # Examples
/// ```
/// use gradus_autograd::{Graph, Var, hvp};
/// use gradus_tensor::Tensor;
/// let x = Var::constant(Tensor::from([1.0f64, 2.0]));
/// let v = Var::constant(Tensor::from([1.0f64, 1.0]));
/// let (_, product) = hvp(|x| x[0].powf(3.0)?.sum(..), &[&x], &[&v], Graph::Drop)?;
/// assert_eq!(product[0].value().to_vec::<f64>()?, [6.0, 12.0]); // diag(6x) v
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub fn hvp(
    f: impl FnOnce(&[Var]) -> Result<Var>,
    inputs: &[&Var],
    tangents: &[&Var],
    graph: Graph,
) -> Result<(Var, Vec<Var>)> {
    check_tangents("hvp", inputs, tangents)?;
    let x = stand_ins(inputs, graph);
    let x: Vec<&Var> = x.iter().collect();
    let y = with_mode(Graph::Keep, || {
        let owned: Vec<Var> = x.iter().copied().cloned().collect();
        f(&owned)
    })?;
    let gradients = grad(&y, &x, Graph::Keep)?;
    let products = match with_mode(Graph::Keep, || dot(&gradients, tangents))? {
        Some(sum) => grad(&sum, &x, graph)?,
        None => Vec::new(),
    };
    Ok((result(y, graph), products))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};
    use crate::{Error, hessian};

    fn f(x: &[Var]) -> Result<Var> {
        x[0].matmul(&x[1])?.sin()?.exp()?.sum(..)
    }

    #[test]
    fn it_is_the_hessian_times_the_tangents() {
        let x = [normal([2, 3], 1), normal([3], 2)].map(Var::constant);
        let v = [normal([2, 3], 3), normal([3], 4)].map(Var::constant);
        let (_, products) = hvp(f, &x.each_ref(), &v.each_ref(), Graph::Drop).unwrap();
        let blocks = hessian(f, &x.each_ref(), Graph::Drop).unwrap();
        for (i, product) in products.iter().enumerate() {
            let part = |j: usize| {
                let block = blocks[i][j].reshape([x[i].len(), x[j].len()]).unwrap();
                block.matmul(&v[j].reshape([x[j].len()]).unwrap()).unwrap()
            };
            let expected = part(0).add(&part(1)).unwrap().reshape(x[i].shape()).unwrap();
            assert!(product.value().allclose(expected.value(), 1e-12, 1e-12).unwrap());
        }
    }

    #[test]
    fn products_can_be_differentiated() {
        let product = |x: &[Var]| {
            let f = |x: &[Var]| x[0].sin()?.mul(&x[0])?.sum(..);
            Ok(hvp(f, &[&x[0]], &[&x[1]], Graph::Keep)?.1.remove(0))
        };
        check_op(product, &[normal(3, 1), normal(3, 2)]);
    }

    #[test]
    fn a_linear_function_has_no_curvature() {
        let x = Var::constant(normal(3, 1));
        let (_, products) = hvp(|x| x[0].sum(..), &[&x], &[&x], Graph::Drop).unwrap();
        assert_eq!(products[0].value().to_vec::<f64>().unwrap(), [0.0; 3]);
    }

    #[test]
    fn only_a_number_has_a_hessian() {
        let x = Var::constant(normal(3, 1));
        let error = hvp(|x| x[0].exp(), &[&x], &[&x], Graph::Drop).unwrap_err();
        assert!(matches!(error, Error::NotScalar { .. }), "{error}");
    }
}
