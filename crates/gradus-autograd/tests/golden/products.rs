//! Products of whole tensors.

use gradus_autograd::Var;

use crate::case::{Arm, Case, one};

pub(crate) const ARMS: &[Arm] = &[
    ("einsum", |c, x| one(Var::einsum(c.word("equation"), &x.iter().collect::<Vec<_>>()))),
    ("tensordot", |c, x| one(x[0].tensordot(&x[1], &signed(c, "left"), &signed(c, "right")))),
    ("outer", |_, x| one(x[0].outer(&x[1]))),
    ("kron", |_, x| one(x[0].kron(&x[1]))),
    ("cross", |c, x| one(x[0].cross(&x[1], c.n("dim")))),
    ("trace", |_, x| one(x[0].trace())),
    ("cdist", |c, x| one(x[0].cdist(&x[1], c.f("p")))),
];

fn signed(c: &Case, name: &str) -> Vec<isize> {
    c.list(name).iter().map(|&dim| dim as isize).collect()
}
