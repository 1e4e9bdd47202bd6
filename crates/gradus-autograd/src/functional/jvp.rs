//! Products with the Jacobian, from either side.

use super::point::{check_tangents, dot, stand_ins};
use crate::mode::with_mode;
use crate::{Graph, Result, Var, grad, grad_with};

/// The output of `f` and, for each input, the product Jᵀ · `cotangent` of the transposed Jacobian:
/// reverse mode.
///
/// # Shapes
/// `cotangent` as the output; each product as its input
///
/// # Errors
/// Those of `f`; if the cotangent does not look like the output.
///
/// # PyTorch
/// `torch.autograd.functional.vjp`
///
/// # Examples
/// ```
/// use gradus_autograd::{Graph, Var, vjp};
/// use gradus_tensor::Tensor;
/// let x = Var::constant(Tensor::from([1.0f64, 2.0]));
/// let v = Var::constant(Tensor::from([1.0f64, 10.0]));
/// let (y, dx) = vjp(|x| x[0].square(), &[&x], &v, Graph::Drop)?;
/// assert_eq!(y.value().to_vec::<f64>()?, [1.0, 4.0]);
/// assert_eq!(dx[0].value().to_vec::<f64>()?, [2.0, 40.0]);
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub fn vjp(
    f: impl FnOnce(&[Var]) -> Result<Var>,
    inputs: &[&Var],
    cotangent: &Var,
    graph: Graph,
) -> Result<(Var, Vec<Var>)> {
    let x = stand_ins(inputs, graph);
    let y = with_mode(Graph::Keep, || f(&x))?;
    let products = grad_with(&y, cotangent, &x.iter().collect::<Vec<_>>(), graph)?;
    Ok((result(y, graph), products))
}

/// The output of `f` and the product J · `tangents` of its Jacobian: the derivative along a direction,
/// forward mode.
///
/// It is exact: the product Jᵀu is linear in u, and its derivative by u along the tangents is J · v. So
/// every op that has a second derivative has forward mode, at the cost of two sweeps.
///
/// # Shapes
/// each tangent as its input; the product as the output
///
/// # Errors
/// Those of `f`; if there is not one tangent that looks like it for every input.
///
/// # PyTorch
/// `torch.autograd.functional.jvp`
///
/// # Examples
/// ```
/// use gradus_autograd::{Graph, Var, jvp};
/// use gradus_tensor::Tensor;
/// let x = Var::constant(Tensor::from([1.0f64, 2.0]));
/// let v = Var::constant(Tensor::from([1.0f64, 10.0]));
/// let (_, dy) = jvp(|x| x[0].square()?.sum(..), &[&x], &[&v], Graph::Drop)?;
/// assert_eq!(dy.item()?, 2.0 * 1.0 + 4.0 * 10.0);
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub fn jvp(
    f: impl FnOnce(&[Var]) -> Result<Var>,
    inputs: &[&Var],
    tangents: &[&Var],
    graph: Graph,
) -> Result<(Var, Var)> {
    check_tangents("jvp", inputs, tangents)?;
    let x = stand_ins(inputs, graph);
    let y = with_mode(Graph::Keep, || f(&x))?;
    let u = Var::leaf(y.value().zeros_like());
    let products = grad_with(&y, &u, &x.iter().collect::<Vec<_>>(), Graph::Keep)?;
    let along = match with_mode(Graph::Keep, || dot(&products, tangents))? {
        Some(sum) => grad(&sum, &[&u], graph)?.remove(0),
        None => y.zeros_like(),
    };
    Ok((result(y, graph), along))
}

/// The output, with its history only if the graph is kept.
pub(super) fn result(y: Var, graph: Graph) -> Var {
    match graph {
        Graph::Keep => y,
        Graph::Drop => y.detach(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{check_op, elements, normal};
    use crate::{Error, no_grad};

    fn f(x: &[Var]) -> Result<Var> {
        x[0].matmul(&x[1])?.tanh()?.softmax(-1)?.mul(&x[0].sum(..)?)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn both_sides_give_the_same_number(seed: u64, n in 0..4usize, m in 1..4usize) {
            // u · (J v) = (Jᵀ u) · v
            let x = [normal([n, 3], seed), normal([3, m], seed ^ 1)].map(Var::constant);
            let v = [normal([n, 3], seed ^ 2), normal([3, m], seed ^ 3)].map(Var::constant);
            let u = Var::constant(normal([n, m], seed ^ 4));
            let (_, along) = jvp(f, &x.each_ref(), &v.each_ref(), Graph::Drop).unwrap();
            let (_, back) = vjp(f, &x.each_ref(), &u, Graph::Drop).unwrap();
            let left = dot(&[u], &[&along]).unwrap().unwrap().item().unwrap();
            let right = dot(&back, &v.each_ref()).unwrap().unwrap().item().unwrap();
            prop_assert!((left - right).abs() < 1e-12 * (1.0 + left.abs()), "{left} {right}");
        }
    }

    #[test]
    fn the_direction_agrees_with_differences() {
        const STEP: f64 = 1e-6;
        let (x, v) =
            ([normal([2, 3], 1), normal([3, 2], 2)], [normal([2, 3], 3), normal([3, 2], 4)]);
        let at = |t: f64| {
            let moved = |i: usize| x[i].add(&v[i].mul_scalar(t).unwrap()).unwrap();
            elements(&f(&[moved(0).into(), moved(1).into()]).unwrap())
        };
        let [x, v] = [x.clone(), v.clone()].map(|pair| pair.map(Var::constant));
        let (y, along) = jvp(f, &x.each_ref(), &v.each_ref(), Graph::Drop).unwrap();
        assert_eq!(elements(&y), at(0.0));
        assert!(!y.requires_grad() && !along.requires_grad());
        for ((high, low), along) in at(STEP).into_iter().zip(at(-STEP)).zip(elements(&along)) {
            assert!(((high - low) / (2.0 * STEP) - along).abs() < 1e-8);
        }
    }

    #[test]
    fn products_can_be_differentiated() {
        let inputs = [normal(3, 1), normal(3, 2)];
        check_op(
            |x| Ok(jvp(|x| x[0].sin()?.mul(&x[0]), &[&x[0]], &[&x[1]], Graph::Keep)?.1),
            &inputs,
        );
        check_op(|x| Ok(vjp(|x| x[0].exp(), &[&x[0]], &x[1], Graph::Keep)?.1.remove(0)), &inputs);
    }

    #[test]
    fn what_the_function_closes_over_is_differentiated_too() {
        let (w, x) = (Var::leaf(normal(3, 1)), Var::constant(normal(3, 2)));
        let f = |x: &[Var]| x[0].square()?.mul(&w);
        let (_, along) = jvp(f, &[&x], &[&x], Graph::Keep).unwrap(); // 2x² w
        let dw = grad(&along.sum(..).unwrap(), &[&w], Graph::Drop).unwrap().remove(0);
        let expected = x.square().unwrap().mul_scalar(2.0).unwrap();
        assert!(dw.value().allclose(expected.value(), 1e-14, 0.0).unwrap());
    }

    #[test]
    fn what_does_not_depend_has_a_derivative_of_zero() {
        let (x, v) = (Var::constant(normal(3, 1)), Var::constant(normal(3, 2)));
        let (_, along) = jvp(|x| Ok(x[0].detach()), &[&x], &[&v], Graph::Drop).unwrap();
        assert_eq!(elements(&along), [0.0; 3]);
        let (y, along) = jvp(|_| Ok(x.clone()), &[], &[], Graph::Drop).unwrap();
        assert_eq!((elements(&y), elements(&along)), (elements(&x), vec![0.0; 3]));
        // Also inside `no_grad`.
        let (_, along) = no_grad(|| jvp(|x| x[0].neg(), &[&x], &[&v], Graph::Drop)).unwrap();
        assert_eq!(elements(&along), elements(&v.neg().unwrap()));
    }

    #[test]
    fn a_tangent_must_look_like_its_input() {
        let (x, v) = (Var::constant(normal(3, 1)), Var::constant(normal(2, 2)));
        let error = jvp(|x| x[0].neg(), &[&x], &[&v], Graph::Drop).unwrap_err();
        assert!(matches!(error, Error::GradientShape { op: "jvp", input: 0, .. }), "{error}");
        let error = jvp(|x| x[0].neg(), &[&x], &[], Graph::Drop).unwrap_err();
        assert!(
            matches!(error, Error::GradientCount { op: "jvp", expected: 1, got: 0 }),
            "{error}"
        );
    }
}
