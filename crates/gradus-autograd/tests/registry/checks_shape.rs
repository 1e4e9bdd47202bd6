//! The checks of running forms, ranks, arrangements, scatters and products.

use gradus_autograd::Var;
use gradus_tensor::{ConvOptions, IncludeSelf, PadMode, ScatterReduce};

use crate::case::{Case, Check, Outcome, along, check};
use crate::checks::{along_distinct, along_full};

pub(crate) const CHECKS: &[(&str, Check)] = &[
    ("cumprod", |c| along(c, Var::cumprod)),
    ("logcumsumexp", |c| along(c, Var::logcumsumexp)),
    ("cummax", |c| along_distinct(c, |x, dim| Ok(x.cummax(dim)?.0))),
    ("cummin", |c| along_distinct(c, |x, dim| Ok(x.cummin(dim)?.0))),
    ("median", |c| distinct(c, |x, dim| Ok(x.median(dim)?.0))),
    ("kthvalue", |c| distinct(c, |x, dim| Ok(x.kthvalue(1 + c.n % x.dims()[dim], dim)?.0))),
    ("quantile", |c| distinct(c, |x, dim| x.quantile([0.0, 0.3, 0.75, 1.0][c.n], dim))),
    ("softmin", |c| along(c, Var::softmin)),
    ("roll", |c| along(c, |x, dim| x.roll(c.n as i64 - 2, dim))),
    ("repeat", |c| along(c, |x, _| x.repeat(&vec![c.n; 1 + c.n % 2]))),
    ("repeat_interleave", |c| along(c, |x, dim| x.repeat_interleave(c.n, dim))),
    ("movedim", |c| along(c, |x, dim| x.movedim(dim, 0))),
    ("unbind", |c| along_full(c, |x, dim| Ok(x.unbind(dim)?.remove(0)))),
    ("diagonal", |c| matrices(c, |x| x.diagonal(c.n as i64 - 1, -1, 0))),
    ("diag_embed", |c| along(c, |x, dim| x.diag_embed(c.n as i64 - 1, dim, -1))),
    ("diag", |c| check(&[c.normal(0, &[c.n])], |x| x[0].diag(c.seed as i64 % 3))),
    ("trace", |c| matrices(c, Var::trace)),
    ("windows", |c| along(c, |x, dim| x.windows(dim, c.n.min(x.dims()[dim]), 1 + c.n % 2))),
    ("unfold", |c| {
        check(&[c.normal(0, &[1, 2, 3, 4])], |x| x[0].unfold([2, 1 + c.n % 2], options(c)))
    }),
    ("fold", |c| {
        let kernel = [2, 1 + c.n % 2];
        check(&[c.normal(0, &[1, 2, 3, 4])], |x| {
            x[0].unfold(kernel, options(c))?.sin()?.fold([3, 4], kernel, options(c))
        })
    }),
    ("scatter", |c| scattered(c, Var::scatter)),
    ("scatter_reduce", |c| {
        let reduce = [
            ScatterReduce::Sum,
            ScatterReduce::Mean,
            ScatterReduce::Amax,
            ScatterReduce::Amin,
            ScatterReduce::Prod,
        ][c.seed as usize % 5];
        let include = [IncludeSelf::Yes, IncludeSelf::No][c.seed as usize / 5 % 2];
        scattered(c, |x, dim, ids, src| x.scatter_reduce(dim, ids, src, reduce, include))
    }),
    ("index_add", |c| sliced(c, Var::index_add)),
    ("index_copy", |c| sliced(c, Var::index_copy)),
    ("masked_select", |c| {
        check(&[c.normal(0, &c.shape)], |x| x[0].masked_select(&c.mask(1, &c.shape)))
    }),
    ("masked_scatter", |c| {
        let src = [c.shape.clone(), vec![2]].concat();
        check(&[c.normal(0, &c.shape), c.normal(2, &src)], |x| {
            x[0].masked_scatter(&c.mask(1, &c.shape), &x[1])
        })
    }),
    ("take_along_dim", |c| {
        along_full(c, |x, dim| {
            let mut places = vec![1; x.rank()];
            places[dim] = c.n;
            x.take_along_dim(&c.ids(1, x.dims()[dim], &places), dim)
        })
    }),
    ("einsum", |c| {
        let (batch, inner) = (c.n % 3, c.n);
        let inputs =
            [c.normal(0, &[batch, 2, inner]), c.normal(1, &[inner, 3]), c.normal(2, &[2, 2])];
        let equation =
            ["bij,jk,ii->bk", "bij,jk,il->lk", "...j,jk,im", "aij,jk,ai->ik"][c.seed as usize % 4];
        // The last one names the batch and a row by one letter.
        let inputs = if equation.starts_with('a') {
            [c.normal(0, &[2, 2, inner]), inputs[1].clone(), inputs[2].clone()]
        } else {
            inputs
        };
        check(&inputs, |x| Var::einsum(equation, &[&x[0], &x[1], &x[2]]))
    }),
    ("tensordot", |c| {
        check(&[c.normal(0, &[2, c.n, 3]), c.normal(1, &[3, 2, 2])], |x| {
            x[0].tensordot(&x[1], &[-1, 0], &[0, 2])
        })
    }),
    ("outer", |c| check(&[c.normal(0, &[c.n]), c.normal(1, &[2])], |x| x[0].outer(&x[1]))),
    ("kron", |c| check(&[c.normal(0, &[2, c.n]), c.normal(1, &[3])], |x| x[0].kron(&x[1]))),
    ("cross", |c| check(&[c.normal(0, &[3, c.n]), c.normal(1, &[3, 1])], |x| x[0].cross(&x[1], 0))),
    ("cdist", |c| {
        // Rows on two grids that never meet.
        let inputs = [c.grid(0, 0.0, &[2, c.n, 2]), c.grid(1, 0.2, &[3, 2])];
        check(&inputs, |x| x[0].cdist(&x[1], [1.0, 2.0, 3.0, 2.0][c.n]))
    }),
];

/// Every mode of a border that is no constant.
pub(crate) fn borders(c: &Case) -> Outcome {
    for mode in [PadMode::Reflect, PadMode::Replicate, PadMode::Circular] {
        along_full(c, |x, dim| {
            let mut border = vec![(0, 0); x.rank()];
            border[dim] = ((x.dims()[dim] - 1).min(c.n), (x.dims()[dim] - 1).min(1));
            x.pad_with(&border, mode)
        })?;
    }
    Ok(())
}

fn distinct(c: &Case, f: impl Fn(&Var, usize) -> gradus_autograd::Result<Var>) -> Outcome {
    let shape = c.full_shape(1);
    check(&[c.distinct(0, &shape)], |x| f(&x[0], c.dim(&shape)))
}

fn matrices(c: &Case, f: impl Fn(&Var) -> gradus_autograd::Result<Var>) -> Outcome {
    check(&[c.normal(0, &c.shape_of_rank(2))], |x| f(&x[0]))
}

fn options(c: &Case) -> ConvOptions {
    let (stride, dilation) = ([1 + c.n / 2, 1], [1, 1 + c.seed as usize % 2]);
    ConvOptions { stride, padding: [c.n % 2, 1], dilation, groups: 1 }
}

/// An op that writes elements at indices along a dimension.
fn scattered(
    c: &Case,
    f: impl Fn(&Var, usize, &gradus_tensor::Tensor, &Var) -> gradus_autograd::Result<Var>,
) -> Outcome {
    let shape = c.full_shape(1);
    let dim = c.dim(&shape);
    let mut places = shape.clone();
    places[dim] = c.n;
    let ids = c.ids(1, shape[dim], &places);
    // Values without ties, also between the two.
    let src = c.distinct(2, &places).add_scalar(0.07).unwrap();
    check(&[c.distinct(0, &shape), src], |x| f(&x[0], dim, &ids, &x[1]))
}

/// An op that writes slices at indices of a dimension.
fn sliced(
    c: &Case,
    f: impl Fn(&Var, usize, &gradus_tensor::Tensor, &Var) -> gradus_autograd::Result<Var>,
) -> Outcome {
    let shape = c.full_shape(1);
    let dim = c.dim(&shape);
    let mut slices = shape.clone();
    slices[dim] = c.n;
    let ids = c.ids(1, shape[dim], &[c.n]);
    check(&[c.normal(0, &shape), c.normal(2, &slices)], |x| f(&x[0], dim, &ids, &x[1]))
}
