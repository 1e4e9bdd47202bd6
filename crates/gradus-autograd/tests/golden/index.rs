//! Elements chosen by indices or masks.

use gradus_autograd::Var;
use gradus_tensor::Order;

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
];
