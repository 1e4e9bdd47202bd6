//! Many elements to one, and running forms.

use crate::case::{Arm, one, plain, with_ids};

pub(crate) const ARMS: &[Arm] = &[
    ("sum", |c, x| one(x[0].sum(&c.list("dims")[..]))),
    ("prod", |c, x| one(x[0].prod(c.n("dim")))),
    ("max", |c, x| one(x[0].max(&c.list("dims")[..]))),
    ("min", |c, x| one(x[0].min(&c.list("dims")[..]))),
    ("mean", |c, x| one(x[0].mean(&c.list("dims")[..]))),
    ("var", |c, x| one(x[0].var(&c.list("dims")[..], c.f("correction")))),
    ("std", |c, x| one(x[0].std(&c.list("dims")[..], c.f("correction")))),
    ("logsumexp", |c, x| one(x[0].logsumexp(&c.list("dims")[..]))),
    ("norm", |c, x| one(x[0].norm(c.f("p"), &c.list("dims")[..]))),
    ("sum_to", |c, x| one(x[0].sum_to(c.list("shape")))),
    ("cumsum", |c, x| one(x[0].cumsum(c.n("dim")))),
    ("argmax", |c, x| plain(x[0].argmax(c.n("dim")))),
    ("argmin", |c, x| plain(x[0].argmin(c.n("dim")))),
    ("any", |c, x| plain(Ok(x[0].value().any(c.n("dim"))?))),
    ("all", |c, x| plain(Ok(x[0].value().all(c.n("dim"))?))),
    ("softmax", |c, x| one(x[0].softmax(c.n("dim")))),
    ("log_softmax", |c, x| one(x[0].log_softmax(c.n("dim")))),
    ("softmin", |c, x| one(x[0].softmin(c.n("dim")))),
    ("cumprod", |c, x| one(x[0].cumprod(c.n("dim")))),
    ("logcumsumexp", |c, x| one(x[0].logcumsumexp(c.n("dim")))),
    ("cummax", |c, x| with_ids(x[0].cummax(c.n("dim")))),
    ("cummin", |c, x| with_ids(x[0].cummin(c.n("dim")))),
    ("median", |c, x| with_ids(x[0].median(c.n("dim")))),
    ("kthvalue", |c, x| with_ids(x[0].kthvalue(c.n("k"), c.n("dim")))),
    ("quantile", |c, x| one(x[0].quantile(c.f("q"), c.n("dim")))),
];
