//! The same elements in another arrangement.

use gradus_autograd::Var;
use gradus_tensor::{ConvOptions, PadMode};

use crate::case::{Arm, Case, one};

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
    ("pad", |c, x| {
        if c.has("value") {
            return one(x[0].pad(&[(0, 1), (1, 2)], c.f("value")));
        }
        let mode = match c.word("mode") {
            "reflect" => PadMode::Reflect,
            "replicate" => PadMode::Replicate,
            _ => PadMode::Circular,
        };
        one(x[0].pad_with(&[(0, 0), (0, 0), (2, 1)], mode))
    }),
    ("cat", |c, x| one(Var::cat(x, c.n("dim")))),
    ("stack", |c, x| one(Var::stack(x, c.n("dim")))),
    ("split", |c, x| x[0].split(&c.list("sizes"), 1)),
    ("chunk", |c, x| x[0].chunk(c.n("n"), 1)),
    ("tril", |c, x| one(x[0].tril(c.i("k")))),
    ("triu", |c, x| one(x[0].triu(c.i("k")))),
    ("contiguous", |_, x| one(Ok(x[0].t()?.contiguous()))),
    ("roll", |c, x| one(x[0].roll(c.i("shift"), c.n("dim")))),
    ("repeat", |c, x| one(x[0].repeat(&c.list("times")))),
    ("repeat_interleave", |c, x| {
        if c.has("n") {
            return one(x[0].repeat_interleave(c.n("n"), c.n("dim")));
        }
        one(x[0].repeat_interleave_with(&c.list("times"), c.n("dim")))
    }),
    ("movedim", |_, x| one(x[0].movedim(0, -1))),
    ("unbind", |c, x| x[0].unbind(c.n("dim"))),
    ("diagonal", |c, x| {
        let [a, b] = c.pair("dims");
        one(x[0].diagonal(c.i("offset"), a, b))
    }),
    ("diag_embed", |c, x| {
        let [a, b] = c.pair("dims");
        one(x[0].diag_embed(c.i("offset"), a, b))
    }),
    ("diag", |c, x| one(x[0].diag(c.i("k")))),
    ("windows", |c, x| one(x[0].windows(c.n("dim"), c.n("size"), c.n("step")))),
    ("unfold", |c, x| one(x[0].unfold(c.pair("kernel"), options(c)))),
    ("fold", |c, x| one(x[0].fold([3, 6], c.pair("kernel"), options(c)))),
];

fn options(c: &Case) -> ConvOptions {
    let (stride, padding) = (c.pair("stride"), c.pair("padding"));
    ConvOptions { stride, padding, dilation: c.pair("dilation"), groups: c.n("groups") }
}
