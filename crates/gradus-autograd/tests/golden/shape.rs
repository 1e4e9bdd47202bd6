//! The same elements in another arrangement.

use gradus_autograd::Var;

use crate::case::{Arm, one};

pub(crate) const ARMS: &[Arm] = &[
    ("narrow", |c, x| one(x[0].narrow(c.n("dim"), c.n("start"), c.n("len")))),
    ("select", |c, x| one(x[0].select(c.n("dim"), c.n("i")))),
    ("step", |c, x| one(x[0].step(1, c.n("n")))),
    ("permute", |c, x| one(x[0].permute(&c.list("dims")))),
    ("transpose", |_, x| one(x[0].transpose(0, 2))),
    ("t", |_, x| one(x[0].t())),
    ("expand", |c, x| one(x[0].expand(c.list("shape")))),
    ("squeeze", |c, x| one(x[0].squeeze(c.n("dim")))),
    ("unsqueeze", |c, x| one(x[0].unsqueeze(c.n("dim")))),
    ("reshape", |c, x| one(x[0].reshape(c.list("shape")))),
    ("flatten", |_, x| one(x[0].flatten(1, 2))),
    ("flip", |c, x| one(x[0].flip(&c.list("dims")[..]))),
    ("pad", |c, x| one(x[0].pad(&[(0, 1), (1, 2)], c.f("value")))),
    ("cat", |c, x| one(Var::cat(x, c.n("dim")))),
    ("stack", |c, x| one(Var::stack(x, c.n("dim")))),
    ("split", |c, x| x[0].split(&c.list("sizes"), 1)),
    ("chunk", |c, x| x[0].chunk(c.n("n"), 1)),
    ("tril", |c, x| one(x[0].tril(c.i("k")))),
    ("triu", |c, x| one(x[0].triu(c.i("k")))),
    ("contiguous", |_, x| one(Ok(x[0].t()?.contiguous()))),
];
