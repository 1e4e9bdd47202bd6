//! Fused pieces of networks.

use gradus_autograd::{
    AttentionOptions, Causal, RecurrentOptions, RecurrentWeights, RnnActivation, Var,
};
use gradus_tensor::{
    Conv1dOptions, ConvOptions, ConvTranspose1dOptions, ConvTransposeOptions, Pool1dOptions,
    PoolOptions,
};

use crate::case::{Arm, Case, one};

pub(crate) const ARMS: &[Arm] = &[
    ("conv1d", |c, x| {
        let (stride, padding) = (c.n("stride"), c.n("padding"));
        let (dilation, groups) = (c.n("dilation"), c.n("groups"));
        let options = Conv1dOptions { stride, padding, dilation, groups };
        one(x[0].conv1d(&x[1], Some(&x[2]), options))
    }),
    ("conv2d", |c, x| {
        let (stride, padding) = (c.pair("stride"), c.pair("padding"));
        let (dilation, groups) = (c.pair("dilation"), c.n("groups"));
        let options = ConvOptions { stride, padding, dilation, groups };
        one(x[0].conv2d(&x[1], Some(&x[2]), options))
    }),
    ("conv_transpose1d", |c, x| {
        let options = ConvTranspose1dOptions {
            stride: c.n("stride"),
            padding: c.n("padding"),
            output_padding: c.n("output_padding"),
            dilation: c.n("dilation"),
            groups: c.n("groups"),
        };
        one(x[0].conv_transpose1d(&x[1], Some(&x[2]), options))
    }),
    ("conv_transpose2d", |c, x| {
        let options = ConvTransposeOptions {
            stride: c.pair("stride"),
            padding: c.pair("padding"),
            output_padding: c.pair("output_padding"),
            dilation: c.pair("dilation"),
            groups: c.n("groups"),
        };
        one(x[0].conv_transpose2d(&x[1], Some(&x[2]), options))
    }),
    ("conv2d_grad_input", |c, x| {
        one(x[0].conv2d_grad_input(&x[1], c.list("shape"), ConvOptions::default()))
    }),
    ("conv2d_grad_weight", |c, x| {
        one(x[0].conv2d_grad_weight(&x[1], c.list("shape"), ConvOptions::default()))
    }),
    ("max_pool1d", |c, x| one(x[0].max_pool1d(pool1d(c)))),
    ("avg_pool1d", |c, x| one(x[0].avg_pool1d(pool1d(c)))),
    ("max_pool2d", |c, x| one(x[0].max_pool2d(pool2d(c)))),
    ("avg_pool2d", |c, x| one(x[0].avg_pool2d(pool2d(c)))),
    ("layer_norm", |c, x| one(x[0].layer_norm(Some(&x[1]), Some(&x[2]), c.f("eps")))),
    ("rms_norm", |c, x| one(x[0].rms_norm(Some(&x[1]), c.f("eps")))),
    ("cross_entropy", |_, x| one(x[0].cross_entropy(x[1].value()))),
    ("attention", |c, x| {
        let causal = if c.has("causal") { Causal::Yes } else { Causal::No };
        let options = AttentionOptions { causal, ..AttentionOptions::default() };
        one(Var::attention(&x[0], &x[1], &x[2], options))
    }),
    ("rnn", |_, x| {
        let weights = weights(&x[2..]);
        let options = RecurrentOptions::default();
        let (y, h) = x[0].rnn(Some(&x[1]), weights, RnnActivation::Tanh, options)?;
        Ok(vec![y, h])
    }),
    ("gru", |_, x| {
        let (y, h) = x[0].gru(Some(&x[1]), weights(&x[2..]), RecurrentOptions::default())?;
        Ok(vec![y, h])
    }),
    ("lstm", |_, x| {
        let state = Some((&x[1], &x[2]));
        let (y, (h, c)) = x[0].lstm(state, weights(&x[3..]), RecurrentOptions::default())?;
        Ok(vec![y, h, c])
    }),
];

fn pool1d(c: &Case) -> Pool1dOptions {
    Pool1dOptions {
        stride: c.n("stride"),
        padding: c.n("padding"),
        ..Pool1dOptions::new(c.n("kernel"))
    }
}

fn pool2d(c: &Case) -> PoolOptions {
    PoolOptions {
        kernel: c.pair("kernel"),
        stride: c.pair("stride"),
        padding: c.pair("padding"),
        ..PoolOptions::new(1)
    }
}

/// The weights in PyTorch's order: for the input, for the state, and the two biases.
fn weights(x: &[Var]) -> RecurrentWeights<'_> {
    RecurrentWeights { w_ih: &x[0], w_hh: &x[1], bias: Some((&x[2], &x[3])) }
}
