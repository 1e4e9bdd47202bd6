//! The checks of decompositions and linear systems, on batches of matrices that are well-conditioned.

use gradus_autograd::{Result, Var};
use gradus_tensor::{DType, Tensor, Triangle};

use crate::case::{Case, Check, check};

pub(crate) const CHECKS: &[(&str, Check)] = &[
    ("svd", |c| {
        check(&[spread(c)], |x| {
            // Squares do not depend on the signs of the vectors.
            let (u, s, vh) = x[0].svd()?;
            u.square()?.mul(&s.unsqueeze(-2)?)?.matmul(&vh.square()?)
        })
    }),
    ("qr", |c| {
        check(&[spread(c)], |x| {
            let (q, r) = x[0].qr()?;
            q.square()?.matmul(&r)
        })
    }),
    ("cholesky", |c| check(&[regular(c)], |x| positive(&x[0])?.cholesky())),
    ("eigh", |c| {
        check(&[spread_square(c)], |x| {
            let (values, vectors) = x[0].add(&x[0].t()?)?.eigh()?;
            vectors.square()?.mul(&values.unsqueeze(-2)?)
        })
    }),
    ("solve", |c| check(&[regular(c), right(c)], |x| x[0].solve(&x[1]))),
    ("solve_triangular", |c| {
        let all = [Triangle::Lower, Triangle::Upper, Triangle::UnitLower, Triangle::UnitUpper];
        check(&[regular(c), right(c)], |x| x[0].solve_triangular(&x[1], all[c.seed as usize % 4]))
    }),
    ("inverse", |c| check(&[regular(c)], |x| x[0].inverse())),
    ("pinv", |c| check(&[spread(c)], |x| x[0].pinv())),
    ("lstsq", |c| {
        let a = spread(c);
        let rows = a.dims()[a.rank() - 2];
        check(&[a, c.normal(1, &[rows, 2])], |x| x[0].lstsq(&x[1]))
    }),
    ("det", |c| check(&[regular(c)], |x| x[0].det())),
    ("slogdet", |c| check(&[regular(c)], |x| Ok(x[0].slogdet()?.1))),
    ("matrix_exp", |c| check(&[regular(c)], |x| x[0].mul_scalar(0.3)?.matrix_exp())),
];

/// Up to one leading dimension.
fn batch(c: &Case) -> Vec<usize> {
    c.shape.iter().copied().take(1).collect()
}

/// `[..., n, n]`: small values and a strong diagonal.
fn regular(c: &Case) -> Tensor {
    let x = c.uniform(0, -0.4..0.4, &[&batch(c)[..], &[c.n, c.n]].concat());
    x.add(&Tensor::eye(c.n, DType::F64).unwrap().mul_scalar(2.0).unwrap()).unwrap()
}

/// `[..., m, n]` with singular values near 1, 2, 3.
fn spread(c: &Case) -> Tensor {
    stretched(c, 1 + c.seed as usize % 3, c.n.max(1))
}

fn spread_square(c: &Case) -> Tensor {
    stretched(c, c.n, c.n)
}

fn stretched(c: &Case, m: usize, n: usize) -> Tensor {
    let diagonal: Vec<f64> = (0..m * n)
        .map(|i| if i / n.max(1) == i % n.max(1) { 1.0 + (i % n.max(1)) as f64 } else { 0.0 })
        .collect();
    let diagonal = Tensor::from_vec(diagonal, [m, n]).unwrap();
    c.uniform(0, -0.2..0.2, &[&batch(c)[..], &[m, n]].concat()).add(&diagonal).unwrap()
}

/// A right side: a vector or matrices.
fn right(c: &Case) -> Tensor {
    if c.seed.is_multiple_of(3) { c.normal(1, &[c.n]) } else { c.normal(1, &[c.n, 2]) }
}

/// x xᵀ + 1
fn positive(x: &Var) -> Result<Var> {
    let eye = Tensor::eye(x.size(-1)?, x.dtype())?;
    x.matmul(&x.t()?)?.add(&eye.into())
}
