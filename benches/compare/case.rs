//! The cases, and their names.

use anyhow::{Result, bail};
use gradus::core::DType;

/// One piece of work that both sides do.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// The letter under which it can be chosen with its like.
    pub(crate) group: &'static str,
    pub(crate) name: String,
    pub(crate) work: Work,
}

/// What is done.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Work {
    /// A matrix product of `[m, k, n]`.
    Product([usize; 3], DType),
    /// An operation on rows of 512 numbers.
    Rows(RowOp, usize),
    Mlp,
    TinyMlp,
    Cnn,
    ConvForward,
    ConvBoth,
    Gpt(GptSize),
    Lstm,
    Gru,
    /// Greedy decoding in the shape of GPT-2, with weights of this type.
    Decode(DType),
    /// How fast memory can be read; PyTorch has no part in it.
    ReadBandwidth,
}

/// An elementwise operation or a reduction.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RowOp {
    Add,
    Bias,
    GeluTanh,
    Exp,
    Softmax,
    GeluErf,
    LayerNorm,
    Sum,
}

/// Which of the two transformers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum GptSize {
    /// 4 layers, 128 wide, block 64, batch 12.
    Small,
    /// 6 layers, 384 wide, block 256, batch 8.
    Medium,
}

/// All of them, in order.
pub(crate) fn all() -> Vec<Case> {
    let mut cases = products();
    cases.extend(rows());
    let mut add = |group, name: &str, work| cases.push(Case { group, name: name.into(), work });
    add("C", "mlp_train", Work::Mlp);
    add("C", "tiny_mlp_train", Work::TinyMlp);
    add("D", "cnn_train", Work::Cnn);
    add("D", "conv2d_fwd", Work::ConvForward);
    add("D", "conv2d_fwdbwd", Work::ConvBoth);
    add("E", "gpt_small_train", Work::Gpt(GptSize::Small));
    add("E", "gpt_medium_train", Work::Gpt(GptSize::Medium));
    add("F", "lstm_train", Work::Lstm);
    add("F", "gru_train", Work::Gru);
    add("G", "read_bandwidth", Work::ReadBandwidth);
    add("G", "gpt2_loop_f32", Work::Decode(DType::F32));
    add("G", "gpt2_loop_bf16", Work::Decode(DType::BF16));
    cases
}

/// Those of the named groups and names, in the order of [`all`].
pub(crate) fn choose(wanted: &[String]) -> Result<Vec<Case>> {
    let is = |case: &Case, name: &String| case.group == name || case.name == *name;
    for name in wanted {
        if !all().iter().any(|case| is(case, name)) {
            bail!("no group and no case is called {name}");
        }
    }
    Ok(all().into_iter().filter(|case| wanted.iter().any(|name| is(case, name))).collect())
}

impl Case {
    /// Whether it is a training step, whose precision can be lowered.
    pub(crate) fn is_step(&self) -> bool {
        self.name.ends_with("_train")
    }
}

fn products() -> Vec<Case> {
    let square = |n: usize| (n.to_string(), [n, n, n]);
    let long = |[m, k, n]: [usize; 3]| (format!("{m}x{k}x{n}"), [m, k, n]);
    let oblong = [long([768, 128, 512]), long([2048, 512, 2048])];
    let of = |prefix: &'static str, dtype, sides: &[usize], oblong: &[(String, [usize; 3])]| {
        let sizes = sides.iter().map(|&n| square(n)).chain(oblong.iter().cloned());
        let case = |(size, dims)| Case {
            group: "A",
            name: format!("{prefix}_{size}"),
            work: Work::Product(dims, dtype),
        };
        sizes.map(case).collect::<Vec<_>>()
    };
    let mut cases = of("sgemm", DType::F32, &[64, 256, 512, 1024, 2048], &oblong);
    cases.extend(of("dgemm", DType::F64, &[1024], &[]));
    cases.extend(of("bf16gemm", DType::BF16, &[64, 128, 256, 1024, 2048], &oblong));
    cases
}

fn rows() -> Vec<Case> {
    let ops = [
        ("add", RowOp::Add),
        ("bias", RowOp::Bias),
        ("gelu_tanh", RowOp::GeluTanh),
        ("exp", RowOp::Exp),
        ("softmax", RowOp::Softmax),
        ("gelu_erf", RowOp::GeluErf),
        ("layernorm", RowOp::LayerNorm),
        ("sum", RowOp::Sum),
    ];
    let sizes = [("4M", 8192), ("64K", 128)];
    let case = |(size, rows), (name, op)| Case {
        group: "B",
        name: format!("{name}_{size}"),
        work: Work::Rows(op, rows),
    };
    sizes.into_iter().flat_map(|size| ops.map(|op| case(size, op))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_and_choose_one_case_each() {
        for case in all() {
            let chosen = choose(std::slice::from_ref(&case.name)).unwrap();
            assert_eq!(chosen.len(), 1, "{}", case.name);
        }
    }

    #[test]
    fn groups_hold_every_case() {
        let groups = ["A", "B", "C", "D", "E", "F", "G"].map(String::from);
        assert_eq!(choose(&groups).unwrap().len(), all().len());
        assert!(choose(&["H".into()]).is_err());
    }
}
