//! Matrix products and decompositions.

use gradus_autograd::{Result, Var};
use gradus_tensor::{Tensor, Triangle};

use crate::case::{Arm, one};

pub(crate) const ARMS: &[Arm] = &[
    ("matmul", |_, x| one(x[0].matmul(&x[1]))),
    ("linear", |_, x| one(x[0].linear(&x[1], Some(&x[2])))),
    ("solve", |_, x| one(x[0].solve(&x[1]))),
    ("inverse", |_, x| one(x[0].inverse())),
    ("solve_triangular", |c, x| {
        let triangle = match (c.flag("upper"), c.flag("unit")) {
            (false, false) => Triangle::Lower,
            (false, true) => Triangle::UnitLower,
            (true, false) => Triangle::Upper,
            (true, true) => Triangle::UnitUpper,
        };
        one(x[0].solve_triangular(&x[1], triangle))
    }),
    ("det", |_, x| one(x[0].det())),
    ("slogdet", |_, x| one(Ok(x[0].slogdet()?.1))),
    ("cholesky", |_, x| {
        let eye = Tensor::eye(x[0].size(-1)?, x[0].dtype())?;
        one(x[0].matmul(&x[0].t()?)?.add(&eye.into())?.cholesky())
    }),
    ("svd", |_, x| {
        let (u, s, vh) = x[0].svd()?;
        let product = scaled(&u, &s.sin()?)?.matmul(&vh)?;
        Ok(vec![s, product, u.square()?, vh.square()?])
    }),
    ("qr", |_, x| {
        let (q, r) = x[0].qr()?;
        Ok(vec![q, r])
    }),
    ("pinv", |_, x| one(x[0].pinv())),
    ("lstsq", |_, x| one(x[0].lstsq(&x[1]))),
    ("eigh", |_, x| {
        let (values, vectors) = x[0].add(&x[0].t()?)?.eigh()?;
        let product = scaled(&vectors, &values.sin()?)?.matmul(&vectors.t()?)?;
        Ok(vec![values, product, vectors.square()?])
    }),
    ("matrix_exp", |_, x| one(x[0].matrix_exp())),
];

/// The columns times numbers.
fn scaled(matrix: &Var, by: &Var) -> Result<Var> {
    matrix.mul(&by.unsqueeze(-2)?)
}
