//! A function on every element, or on every pair of elements with broadcasting.

use crate::nest::Nest;
use crate::tensor::checked_len;
use crate::{Element, Result, Tensor};
use gradus_cpu::memory::reserve;

/// `f(x)` for every element. The caller has dispatched on the dtype.
pub(crate) fn map<S: Element, D: Element>(x: &Tensor, f: impl Fn(S) -> D) -> Tensor {
    let mut out = reserve(x.len());
    out.extend(x.elements::<S>().iter().map(|&x| f(x)));
    Tensor::from_data(out, x.shape())
}

/// `f(a, b)` for every pair of elements of the common shape. The caller has dispatched on the
/// dtypes.
pub(crate) fn zip<A: Element, B: Element, D: Element>(
    op: &'static str,
    a: &Tensor,
    b: &Tensor,
    f: impl Fn(A, B) -> D,
) -> Result<Tensor> {
    let shape = a.shape().broadcast(op, b.shape())?;
    let mut out = reserve(checked_len(op, &shape, D::DTYPE)?);
    let (x, y) = (a.block::<A>(), b.block::<B>());
    let layouts = [a.layout().expand(&shape)?, b.layout().expand(&shape)?];
    Nest::new([&layouts[0], &layouts[1]]).for_each_row(|len, [i, j], strides| match strides {
        [1, 1] => out.extend(x[i..i + len].iter().zip(&y[j..j + len]).map(|(&a, &b)| f(a, b))),
        [1, 0] => out.extend(x[i..i + len].iter().map(|&a| f(a, y[j]))),
        [0, 1] => out.extend(y[j..j + len].iter().map(|&b| f(x[i], b))),
        [s, t] => out.extend((0..len).map(|n| f(x[i + n * s], y[j + n * t]))),
    });
    Ok(Tensor::from_data(out, shape))
}
