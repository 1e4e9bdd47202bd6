//! Elements chosen by indices or masks.

use gradus_autograd::Var;
use gradus_tensor::{IncludeSelf, Order, ScatterReduce};

use crate::case::{Arm, one, plain};

pub(crate) const ARMS: &[Arm] = &[
    ("where_cond", |_, x| one(Var::where_cond(x[0].value(), &x[1], &x[2]))),
    ("masked_fill", |c, x| one(x[0].masked_fill(x[1].value(), c.f("value")))),
    ("index_select", |c, x| one(x[0].index_select(c.n("dim"), x[1].value()))),
    ("gather", |c, x| one(x[0].gather(c.n("dim"), x[1].value()))),
    ("scatter_add", |c, x| one(x[0].scatter_add(c.n("dim"), x[1].value(), &x[2]))),
    ("sort", |c, x| {
        let (values, ids) = x[0].sort(c.n("dim"), Order::Ascending)?;
        Ok(vec![values, ids.into()])
    }),
    ("topk", |c, x| {
        let (values, ids) = x[0].topk(c.n("k"), c.n("dim"))?;
        Ok(vec![values, ids.into()])
    }),
    ("argsort", |c, x| plain(Ok(x[0].value().argsort(c.n("dim"), Order::Ascending)?))),
    ("embedding", |_, x| one(x[0].embedding(x[1].value()))),
    ("scatter", |c, x| one(x[0].scatter(c.n("dim"), x[1].value(), &x[2]))),
    ("scatter_reduce", |c, x| {
        let reduce = match c.word("reduce") {
            "sum" => ScatterReduce::Sum,
            "prod" => ScatterReduce::Prod,
            "mean" => ScatterReduce::Mean,
            "amax" => ScatterReduce::Amax,
            _ => ScatterReduce::Amin,
        };
        let include = if c.flag("include") { IncludeSelf::Yes } else { IncludeSelf::No };
        one(x[0].scatter_reduce(c.n("dim"), x[1].value(), &x[2], reduce, include))
    }),
    ("index_add", |c, x| one(x[0].index_add(c.n("dim"), x[1].value(), &x[2]))),
    ("index_copy", |c, x| one(x[0].index_copy(c.n("dim"), x[1].value(), &x[2]))),
    ("masked_select", |_, x| one(x[0].masked_select(x[1].value()))),
    ("masked_scatter", |_, x| one(x[0].masked_scatter(x[1].value(), &x[2]))),
    ("take_along_dim", |c, x| one(x[0].take_along_dim(x[1].value(), c.n("dim")))),
];
