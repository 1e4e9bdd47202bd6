//! Jacobians and Hessians as a whole.

use gradus_core::{DType, Shape};
use gradus_tensor::Tensor;

use super::point::stand_ins;
use crate::mode::with_mode;
use crate::{Graph, Result, Var, grad, grad_with};

/// The Jacobian of `f` by each input: the derivative of every element of the output by every element
/// of the input.
///
/// Made by rows, one reverse sweep per element of the output; or by columns, one per element of the
/// inputs, where these are fewer.
///
/// # Shapes
/// output `[O...]`, input `[I...]` → `[O..., I...]`
///
/// # Errors
/// Those of `f`.
///
/// # PyTorch
/// `torch.autograd.functional.jacobian`
///
/// # Examples
/// ```
/// use gradus_autograd::{Graph, Var, jacobian};
/// use gradus_tensor::Tensor;
/// let x = Var::constant(Tensor::from([1.0f64, 2.0]));
/// let j = jacobian(|x| x[0].cumsum(0)?.square(), &[&x], Graph::Drop)?;
/// assert_eq!(j[0].value().to_vec::<f64>()?, [2.0, 0.0, 6.0, 6.0]);
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub fn jacobian(
    f: impl FnOnce(&[Var]) -> Result<Var>,
    inputs: &[&Var],
    graph: Graph,
) -> Result<Vec<Var>> {
    let x = stand_ins(inputs, graph);
    let y = with_mode(Graph::Keep, || f(&x))?;
    let x: Vec<&Var> = x.iter().collect();
    let n_columns: usize = x.iter().map(|x| x.len()).sum();
    if n_columns < y.len() { columns(&y, &x, graph) } else { rows(&y, &x, graph) }
}

/// The Hessian of `f`, which is one number: block i, j has the second derivatives by inputs i and j.
///
/// # Shapes
/// inputs `[I...]` and `[J...]` → `[I..., J...]`
///
/// # Errors
/// Those of `f`; [`Error::NotScalar`](crate::Error::NotScalar) unless it gives one element.
///
/// # PyTorch
/// `torch.autograd.functional.hessian`
///
/// # Examples
/// ```
/// use gradus_autograd::{Graph, Var, hessian};
/// use gradus_tensor::Tensor;
/// let x = Var::constant(Tensor::from([1.0f64, 2.0]));
/// let h = hessian(|x| x[0].prod(..), &[&x], Graph::Drop)?;
/// assert_eq!(h[0][0].value().to_vec::<f64>()?, [0.0, 1.0, 1.0, 0.0]);
/// # Ok::<(), gradus_autograd::Error>(())
/// ```
pub fn hessian(
    f: impl FnOnce(&[Var]) -> Result<Var>,
    inputs: &[&Var],
    graph: Graph,
) -> Result<Vec<Vec<Var>>> {
    let x = stand_ins(inputs, graph);
    let y = with_mode(Graph::Keep, || f(&x))?;
    let x: Vec<&Var> = x.iter().collect();
    let gradients = grad(&y, &x, Graph::Keep)?;
    gradients.iter().map(|dx| rows(dx, &x, graph)).collect()
}

/// One sweep for each element of the output.
fn rows(y: &Var, x: &[&Var], graph: Graph) -> Result<Vec<Var>> {
    let mut rows = vec![Vec::with_capacity(y.len()); x.len()];
    for element in 0..y.len() {
        let grads = grad_with(y, &one_hot(y, element)?, x, graph)?;
        rows.iter_mut().zip(grads).for_each(|(rows, grad)| rows.push(grad));
    }
    let joined =
        |(rows, x): (&Vec<Var>, &&Var)| with_mode(graph, || join(rows, x, 0)?.reshape(shape(y, x)));
    rows.iter().zip(x).map(joined).collect()
}

/// One sweep through Jᵀu, which is linear in u, for each element of the inputs.
fn columns(y: &Var, x: &[&Var], graph: Graph) -> Result<Vec<Var>> {
    let u = Var::leaf(y.value().zeros_like());
    let products = grad_with(y, &u, x, Graph::Keep)?;
    let of = |(product, x): (&Var, &&Var)| {
        let column = |element: usize| {
            Ok(grad_with(product, &one_hot(product, element)?, &[&u], graph)?.remove(0))
        };
        let columns = (0..x.len()).map(column).collect::<Result<Vec<_>>>()?;
        let last = y.rank() as isize;
        with_mode(graph, || join(&columns, y, last)?.reshape(shape(y, x)))
    };
    products.iter().zip(x).map(of).collect()
}

/// The parts, each of the shape of `like`, along a new dimension.
fn join(parts: &[Var], like: &Var, dim: isize) -> Result<Var> {
    if parts.is_empty() {
        return Ok(Tensor::zeros(0, like.dtype())?.into());
    }
    Var::stack(parts, dim)
}

fn shape(y: &Var, x: &Var) -> Shape {
    [y.dims(), x.dims()].concat().into()
}

/// One at an element, in row-major order, and zero elsewhere.
fn one_hot(like: &Var, element: usize) -> Result<Var> {
    let places = Tensor::arange(0.0, like.len() as f64, 1.0, DType::I64)?;
    let flat = places.eq_scalar(element as f64)?;
    Ok(flat.to_dtype(like.dtype())?.reshape(like.shape())?.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_op, normal};

    fn f(x: &[Var]) -> Result<Var> {
        x[0].matmul(&x[1])?.sin()
    }

    fn points() -> [Var; 2] {
        [normal([2, 3], 1), normal([3, 4], 2)].map(Var::constant)
    }

    #[test]
    fn rows_and_columns_agree_with_differences() {
        const STEP: f64 = 1e-6;
        let x = points();
        let y = || {
            let x = stand_ins(&x.each_ref(), Graph::Drop);
            (f(&x).unwrap(), x)
        };
        let (y, inputs) = y();
        let inputs: Vec<&Var> = inputs.iter().collect();
        let by_rows = rows(&y, &inputs, Graph::Drop).unwrap();
        let by_columns = columns(&y, &inputs, Graph::Drop).unwrap();
        for i in 0..2 {
            assert_eq!(by_rows[i].dims(), [y.dims(), x[i].dims()].concat());
            assert!(by_rows[i].value().allclose(by_columns[i].value(), 1e-13, 1e-13).unwrap());
            let table = by_rows[i].reshape([y.len(), x[i].len()]).unwrap();
            for element in 0..x[i].len() {
                let at = |shift: f64| {
                    let mut x = x.clone();
                    let step = one_hot(&x[i], element).unwrap().mul_scalar(shift).unwrap();
                    x[i] = x[i].add(&step).unwrap();
                    f(&x).unwrap().into_value()
                };
                let numeric = (at(STEP) - at(-STEP)).div_scalar(2.0 * STEP).unwrap();
                let column = table.select(1, element).unwrap().reshape(y.shape()).unwrap();
                assert!(column.value().allclose(&numeric, 1e-8, 1e-8).unwrap());
            }
        }
    }

    #[test]
    fn both_ways_are_taken() {
        let x = Var::constant(normal(2, 1));
        let wide = jacobian(|x| x[0].expand([5, 2])?.sin(), &[&x], Graph::Drop).unwrap();
        let narrow = jacobian(|x| x[0].sum(..), &[&x], Graph::Drop).unwrap();
        assert_eq!((wide[0].dims(), narrow[0].dims()), (&[5, 2, 2][..], &[2][..]));
        assert_eq!(narrow[0].value().to_vec::<f64>().unwrap(), [1.0, 1.0]);
    }

    #[test]
    fn nothing_has_a_jacobian_of_nothing() {
        let (x, empty) = (Var::constant(normal(2, 1)), Var::constant(normal(0, 1)));
        let f = |x: &[Var]| Var::cat(&[x[0].clone(), x[1].clone()], 0)?.exp();
        let j = jacobian(f, &[&x, &empty], Graph::Drop).unwrap();
        assert_eq!((j[0].dims(), j[1].dims()), (&[2, 2][..], &[2, 0][..]));
        let j = jacobian(|x| x[0].exp(), &[&empty], Graph::Drop).unwrap();
        assert_eq!(j[0].dims(), [0, 0]);
    }

    #[test]
    fn they_can_be_differentiated() {
        let of = |x: &[Var]| Ok(jacobian(|x| x[0].sin(), &[&x[0]], Graph::Keep)?.remove(0));
        check_op(of, &[normal(2, 1)]);
        let wide = |x: &[Var]| {
            let f = |x: &[Var]| x[0].expand([3, 2])?.sin();
            Ok(jacobian(f, &[&x[0]], Graph::Keep)?.remove(0))
        };
        check_op(wide, &[normal(2, 1)]);
        let of = |x: &[Var]| {
            let f = |x: &[Var]| x[0].sin()?.prod(..);
            Ok(hessian(f, &[&x[0]], Graph::Keep)?.remove(0).remove(0))
        };
        check_op(of, &[normal(2, 1)]);
    }

    #[test]
    fn a_hessian_is_symmetric() {
        let x = points();
        let blocks = hessian(|x| f(x)?.exp()?.sum(..), &x.each_ref(), Graph::Drop).unwrap();
        let flat = |i: usize, j: usize| blocks[i][j].reshape([x[i].len(), x[j].len()]).unwrap();
        let across = flat(1, 0).t().unwrap();
        assert!(flat(0, 1).value().allclose(across.value(), 1e-12, 1e-13).unwrap());
    }
}
