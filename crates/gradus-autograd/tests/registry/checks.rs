//! The table of gradient checks: one entry per row of `OPS` that has a derivative.

use gradus_autograd::{
    AttentionOptions, Causal, RecurrentOptions, RecurrentWeights, Result, RnnActivation, Var,
};
use gradus_tensor::{
    Conv1dOptions, ConvOptions, ConvTranspose1dOptions, ConvTransposeOptions, DType, INFER, Order,
    Pool1dOptions, PoolOptions, Rounding, Shape, TimeOrder,
};

use crate::case::{Case, Check, Outcome, along, binary, check, kinked, reduce, unary};
use crate::checks_shape::borders;

/// Ranges keep away from kinks, poles and places too steep for differences.
pub(crate) const CHECKS: &[(&str, Check)] = &[
    ("neg", |c| unary(c, -2.0..2.0, Var::neg)),
    ("abs", |c| kinked(c, Var::abs)),
    ("sign", |c| kinked(c, Var::sign)),
    ("square", |c| unary(c, -2.0..2.0, Var::square)),
    ("sqrt", |c| unary(c, 0.3..3.0, Var::sqrt)),
    ("rsqrt", |c| unary(c, 0.5..3.0, Var::rsqrt)),
    ("reciprocal", |c| unary(c, -3.0..-0.5, Var::reciprocal)),
    ("exp", |c| unary(c, -2.0..2.0, Var::exp)),
    ("expm1", |c| unary(c, -2.0..2.0, Var::expm1)),
    ("log", |c| unary(c, 0.3..3.0, Var::log)),
    ("log1p", |c| unary(c, -0.5..3.0, Var::log1p)),
    ("sin", |c| unary(c, -4.0..4.0, Var::sin)),
    ("cos", |c| unary(c, -4.0..4.0, Var::cos)),
    ("tan", |c| unary(c, -1.0..1.0, Var::tan)),
    ("tanh", |c| unary(c, -3.0..3.0, Var::tanh)),
    ("sigmoid", |c| unary(c, -4.0..4.0, Var::sigmoid)),
    ("erf", |c| unary(c, -2.0..2.0, Var::erf)),
    ("relu", |c| kinked(c, Var::relu)),
    ("gelu", |c| unary(c, -4.0..4.0, Var::gelu)),
    ("gelu_tanh", |c| unary(c, -4.0..4.0, Var::gelu_tanh)),
    ("silu", |c| unary(c, -4.0..4.0, Var::silu)),
    ("softplus", |c| unary(c, -4.0..4.0, Var::softplus)),
    ("floor", |c| unary(c, 1.1..1.9, Var::floor)),
    ("ceil", |c| unary(c, -1.9..-1.1, Var::ceil)),
    ("round", |c| unary(c, -0.4..0.4, Var::round)),
    ("clamp", |c| kinked(c, |x| x.clamp(-3.0, 0.1))),
    ("leaky_relu", |c| kinked(c, |x| x.leaky_relu(0.2))),
    ("elu", |c| kinked(c, |x| x.elu(1.3))),
    ("powf", |c| unary(c, 0.3..3.0, |x| x.powf(c.n as f64 - 1.5))),
    ("add", |c| binary(c, Var::add)),
    ("sub", |c| binary(c, Var::sub)),
    ("mul", |c| binary(c, Var::mul)),
    ("div", |c| binary(c, Var::div)),
    ("pow", pow),
    ("maximum", |c| uneven(c, Var::maximum)),
    ("minimum", |c| uneven(c, Var::minimum)),
    ("remainder", remainder),
    ("atan2", |c| binary(c, Var::atan2)),
    ("sum", |c| reduce(c, |x, dims| x.sum(dims))),
    ("prod", |c| reduce(c, |x, dims| x.prod(dims))),
    ("max", |c| reduce(c, |x, dims| x.max(dims))),
    ("min", |c| reduce(c, |x, dims| x.min(dims))),
    ("mean", |c| reduce(c, |x, dims| x.mean(dims))),
    ("var", |c| reduce(c, |x, dims| x.var(dims, 0.5))),
    ("std", |c| reduce(c, |x, dims| x.std(dims, 0.5))),
    ("logsumexp", |c| reduce(c, |x, dims| x.logsumexp(dims))),
    ("norm", |c| reduce(c, |x, dims| x.norm([1.0, 2.0, 3.0, f64::INFINITY][c.n], dims))),
    ("sum_to", |c| binary(c, |a, b| a.add(b)?.sum_to(a.shape())?.mul(a))),
    ("cumsum", |c| along(c, Var::cumsum)),
    ("softmax", |c| along(c, Var::softmax)),
    ("log_softmax", |c| along(c, Var::log_softmax)),
    ("narrow", |c| along(c, |x, dim| x.narrow(dim, x.dims()[dim] / 2, x.dims()[dim].div_ceil(2)))),
    ("select", |c| along_full(c, |x, dim| x.select(dim, c.n % x.dims()[dim]))),
    ("step", |c| along(c, |x, dim| x.step(dim, c.n + 1))),
    ("permute", |c| along(c, |x, dim| x.permute(&rotation(x.rank(), dim)))),
    ("transpose", |c| along(c, |x, dim| x.transpose(0, dim))),
    ("t", |c| check(&[c.normal(0, &c.shape_of_rank(2))], |x| x[0].t())),
    ("expand", |c| along(c, |x, dim| x.unsqueeze(dim)?.expand(widened(x, dim, c.n)))),
    ("squeeze", |c| {
        along(c, |x, dim| x.narrow(dim, 0, x.dims()[dim].min(1))?.sum_keepdim(dim)?.squeeze(dim))
    }),
    ("unsqueeze", |c| along(c, Var::unsqueeze)),
    ("reshape", |c| along_full(c, |x, _| x.t_or_self()?.reshape([INFER]))),
    ("flatten", |c| along(c, |x, dim| x.flatten(0, dim))),
    ("flip", |c| along(c, Var::flip)),
    ("pad", |c| {
        along(c, |x, _| x.pad(&vec![(c.n, 1); x.rank()], 0.5))?;
        borders(c)
    }),
    ("cat", |c| join(c, Var::cat)),
    ("stack", |c| join(c, Var::stack)),
    ("split", |c| {
        along(c, |x, dim| {
            Ok(x.split(&[x.dims()[dim] / 2, x.dims()[dim].div_ceil(2)], dim)?.remove(1))
        })
    }),
    ("chunk", |c| along_full(c, |x, dim| Ok(x.chunk(2, dim)?.remove(0)))),
    ("tril", |c| check(&[c.normal(0, &c.shape_of_rank(2))], |x| x[0].tril(c.n as i64 - 1))),
    ("triu", |c| check(&[c.normal(0, &c.shape_of_rank(2))], |x| x[0].triu(c.n as i64 - 1))),
    ("to_dtype", |c| unary(c, -2.0..2.0, |x| x.to_dtype(DType::F64))),
    ("contiguous", |c| along(c, |x, dim| Ok(x.transpose(0, dim)?.contiguous()))),
    ("where_cond", |c| binary(c, |a, b| Var::where_cond(&c.mask(2, &c.shape), a, b))),
    ("masked_fill", |c| unary(c, -2.0..2.0, |x| x.masked_fill(&c.mask(2, &c.shape), 0.5))),
    ("index_select", |c| {
        along_full(c, |x, dim| x.index_select(dim, &c.ids(1, x.dims()[dim], &[c.n])))
    }),
    ("gather", |c| along_full(c, |x, dim| x.gather(dim, &c.ids(1, x.dims()[dim], x.dims())))),
    ("scatter_add", scatter_add),
    ("sort", |c| along_distinct(c, |x, dim| Ok(x.sort(dim, Order::Descending)?.0))),
    ("topk", |c| along_distinct(c, |x, dim| Ok(x.topk(c.n.min(x.dims()[dim]), dim)?.0))),
    ("matmul", matmul),
    ("linear", linear),
    ("conv1d", conv1d),
    ("conv2d", |c| conv2d(c, |x, w, o| x.conv2d(w, Some(&w.sum([1, 2, 3])?), o))),
    ("conv_transpose1d", conv_transpose1d),
    ("conv_transpose2d", conv_transpose2d),
    ("conv2d_grad_input", |c| {
        conv2d(c, |x, w, o| x.conv2d(w, None, o)?.sin()?.conv2d_grad_input(w, x.shape(), o))
    }),
    ("conv2d_grad_weight", |c| {
        conv2d(c, |x, w, o| x.conv2d(w, None, o)?.sin()?.conv2d_grad_weight(x, w.shape(), o))
    }),
    ("max_pool1d", |c| pool1d(c, Var::max_pool1d)),
    ("avg_pool1d", |c| pool1d(c, Var::avg_pool1d)),
    ("max_pool2d", |c| pool(c, Var::max_pool2d)),
    ("max_pool2d_grad", |c| {
        pool(c, |x, options| {
            let (_, places) = x.value().max_pool2d_with_indices(options)?;
            x.max_pool2d(options)?.sin()?.max_pool2d_grad(&places, x.shape())
        })
    }),
    ("avg_pool2d", |c| pool(c, Var::avg_pool2d)),
    ("avg_pool2d_grad", |c| {
        pool(c, |x, options| x.avg_pool2d(options)?.sin()?.avg_pool2d_grad(x.shape(), options))
    }),
    ("embedding", |c| check(&[c.normal(0, &[3, c.n])], |x| x[0].embedding(&c.ids(1, 3, &c.shape)))),
    ("layer_norm", layer_norm),
    ("rms_norm", rms_norm),
    ("cross_entropy", cross_entropy),
    ("attention", attention),
    ("self_attention", self_attention),
    ("rope", |c| check(&[c.normal(0, &[2, c.n, 4])], |x| x[0].rope(c.n, 10.0))),
    ("rope_grad", |c| check(&[c.normal(0, &[2, c.n, 4])], |x| x[0].rope_grad(c.n, 10.0))),
    ("rnn", |c| recurrent(c, 1)),
    ("lstm", |c| recurrent(c, 4)),
    ("gru", |c| recurrent(c, 3)),
    ("dropout", |c| unary(c, -2.0..2.0, |x| x.dropout(0.4, c.key(1)))),
];

/// Shapes for the checks of views.
trait Views {
    fn t_or_self(&self) -> Result<Var>;
}

impl Views for Var {
    fn t_or_self(&self) -> Result<Var> {
        if self.rank() < 2 { Ok(self.clone()) } else { self.t() }
    }
}

pub(crate) fn along_full(case: &Case, f: impl Fn(&Var, usize) -> Result<Var>) -> Outcome {
    let shape = case.full_shape(1);
    check(&[case.normal(0, &shape)], |x| f(&x[0], case.dim(&shape)))
}

pub(crate) fn along_distinct(case: &Case, f: impl Fn(&Var, usize) -> Result<Var>) -> Outcome {
    let shape = case.shape_of_rank(1);
    check(&[case.distinct(0, &shape)], |x| f(&x[0], case.dim(&shape)))
}

fn rotation(rank: usize, by: usize) -> Vec<usize> {
    (0..rank).map(|d| (d + by) % rank).collect()
}

/// The shape of `x` with one more dimension of `n`, and one before all.
fn widened(x: &Var, dim: usize, n: usize) -> Shape {
    let mut shape = x.dims().to_vec();
    shape.insert(dim, n);
    shape.insert(0, 2);
    shape.into()
}

fn pow(c: &Case) -> Outcome {
    let [a, b] = c.pair();
    check(&[c.uniform(0, 0.4..2.0, &a), c.normal(1, &b)], |x| x[0].pow(&x[1]))
}

/// Operands on two grids that never meet.
pub(crate) fn uneven(c: &Case, f: impl Fn(&Var, &Var) -> Result<Var>) -> Outcome {
    let [a, b] = c.pair();
    check(&[c.grid(0, 0.0, &a), c.grid(1, 0.2, &b)], |x| f(&x[0], &x[1]))
}

/// a = whole numbers + 0.2 ..= 0.6, b near 1: never at a step.
fn remainder(c: &Case) -> Outcome {
    let [a, b] = c.pair();
    let whole = c.ids(2, 3, &a).to_dtype(DType::F64).unwrap();
    let a = c.uniform(0, 0.2..0.6, &a).add(&whole).unwrap();
    check(&[a, c.uniform(1, 0.95..1.05, &b)], |x| x[0].remainder(&x[1]))
}

pub(crate) fn join(c: &Case, f: impl Fn(&[Var], usize) -> Result<Var>) -> Outcome {
    let shape = c.shape_of_rank(1);
    let inputs = [0, 1, 2].map(|i| c.normal(i, &shape));
    check(&inputs, |x| f(x, c.dim(&shape)))
}

fn scatter_add(c: &Case) -> Outcome {
    let shape = c.full_shape(1);
    let dim = c.dim(&shape);
    let mut places = shape.clone();
    places[dim] = c.n;
    let ids = c.ids(1, shape[dim], &places);
    check(&[c.normal(0, &shape), c.normal(2, &places)], |x| x[0].scatter_add(dim, &ids, &x[1]))
}

/// Broadcast batches of `[c.n, 2]` times `[2, 3]`, or vectors.
fn matmul(c: &Case) -> Outcome {
    let [batch_a, batch_b] = c.pair();
    let small = |batch: Vec<usize>| batch[batch.len().saturating_sub(2)..].to_vec();
    let (mut a, mut b) = (small(batch_a), small(batch_b));
    match c.seed % 4 {
        0 => a = vec![2],
        _ => a.extend([c.n, 2]),
    }
    match c.seed / 4 % 4 {
        0 => b = vec![2],
        _ => b.extend([2, 3]),
    }
    check(&[c.normal(0, &a), c.normal(1, &b)], |x| x[0].matmul(&x[1]))
}

/// Any leading dimensions, with or without a bias.
fn linear(c: &Case) -> Outcome {
    let [mut x, _] = c.pair();
    x.truncate(2);
    x.push(2);
    let inputs = [c.normal(0, &x), c.normal(1, &[c.n, 2]), c.normal(2, &[c.n])];
    if c.seed.is_multiple_of(2) {
        return check(&inputs[..2], |x| x[0].linear(&x[1], None));
    }
    check(&inputs, |x| x[0].linear(&x[1], Some(&x[2])))
}

fn conv1d(c: &Case) -> Outcome {
    let groups = 1 + c.n % 2;
    let (stride, padding, dilation) = (1 + c.n / 2, c.n % 3, 1 + c.seed as usize % 2);
    let options = Conv1dOptions { stride, padding, dilation, groups };
    let inputs = [c.normal(0, &[2, 2, 5]), c.normal(1, &[2, 2 / groups, 2]), c.normal(2, &[2])];
    check(&inputs, |x| x[0].conv1d(&x[1], Some(&x[2]), options))
}

fn conv_transpose1d(c: &Case) -> Outcome {
    let groups = 1 + c.n % 2;
    let stride = 1 + c.n / 2;
    let options = ConvTranspose1dOptions {
        stride,
        padding: c.n % 2,
        output_padding: c.seed as usize % stride,
        dilation: 1 + c.seed as usize / 2 % 2,
        groups,
    };
    let inputs = [c.normal(0, &[2, 2, 3]), c.normal(1, &[2, 2, 2]), c.normal(2, &[2 * groups])];
    check(&inputs, |x| x[0].conv_transpose1d(&x[1], Some(&x[2]), options))
}

fn conv_transpose2d(c: &Case) -> Outcome {
    let groups = 1 + c.n % 2;
    let stride = [1 + c.n / 2, 1 + c.seed as usize % 2];
    let options = ConvTransposeOptions {
        stride,
        padding: [c.n % 2, 1],
        output_padding: stride.map(|s| s - 1),
        dilation: [1, 1 + c.seed as usize / 2 % 2],
        groups,
    };
    let weight = c.normal(1, &[2, 1, 2, 2]);
    let inputs = [c.normal(0, &[1, 2, 2, 3]), weight, c.normal(2, &[groups])];
    check(&inputs, |x| x[0].conv_transpose2d(&x[1], Some(&x[2]), options))
}

fn conv2d(c: &Case, f: impl Fn(&Var, &Var, ConvOptions) -> Result<Var>) -> Outcome {
    let groups = 1 + c.n % 2;
    let options = ConvOptions {
        stride: [1 + c.n / 2, 1 + c.seed as usize % 2],
        padding: [c.n % 2, c.n % 3],
        dilation: [1, 1 + c.seed as usize / 2 % 2],
        groups,
    };
    let inputs = [c.normal(0, &[1, 2, 3, 4]), c.normal(1, &[2, 2 / groups, 2, 2])];
    check(&inputs, |x| f(&x[0], &x[1], options))
}

fn pool1d(c: &Case, f: impl Fn(&Var, Pool1dOptions) -> Result<Var>) -> Outcome {
    let options = Pool1dOptions {
        stride: 1 + c.seed as usize % 2,
        padding: c.n / 2,
        ..Pool1dOptions::new(1 + c.n)
    };
    check(&[c.distinct(0, &[2, 2, 5])], |x| f(&x[0], options))
}

fn pool(c: &Case, f: impl Fn(&Var, PoolOptions) -> Result<Var>) -> Outcome {
    let options = PoolOptions {
        kernel: [2, 1 + c.n],
        stride: [1, 1 + c.seed as usize % 2],
        padding: [1, c.n / 2],
        rounding: [Rounding::Floor, Rounding::Ceil][c.seed as usize / 2 % 2],
        ..PoolOptions::new(1)
    };
    check(&[c.distinct(0, &[1, 2, 3, 4])], |x| f(&x[0], options))
}

fn layer_norm(c: &Case) -> Outcome {
    let shape = c.full_shape(1);
    let channels = &shape[shape.len() - 1..];
    let inputs = [c.normal(0, &shape), c.normal(1, channels), c.normal(2, channels)];
    check(&inputs, |x| x[0].layer_norm(Some(&x[1]), Some(&x[2]), 0.1))
}

fn rms_norm(c: &Case) -> Outcome {
    let shape = c.full_shape(1);
    let channels = &shape[shape.len() - 1..];
    check(&[c.normal(0, &shape), c.normal(1, channels)], |x| x[0].rms_norm(Some(&x[1]), 0.1))
}

fn cross_entropy(c: &Case) -> Outcome {
    let shape = c.shape_of_rank(1);
    let (rows, classes) = (&shape[..shape.len() - 1], 1 + c.n);
    let targets = c.ids(1, classes, rows);
    check(&[c.normal(0, &[rows, &[classes]].concat())], |x| x[0].cross_entropy(&targets))
}

fn self_attention(c: &Case) -> Outcome {
    let options = AttentionOptions { causal: Causal::Yes, ..AttentionOptions::default() };
    let kv_heads = 1 + c.n % 2;
    let channels = 2 * (2 + 2 * kv_heads);
    check(&[c.normal(0, &[2, c.n, channels])], |x| Var::self_attention(&x[0], 2, kv_heads, options))
}

fn attention(c: &Case) -> Outcome {
    let (queries, keys) = (c.n, c.n + 1);
    let mask = c.mask(3, &[queries, keys]);
    let causal = if c.seed.is_multiple_of(2) { Causal::Yes } else { Causal::No };
    let mask = c.seed.is_multiple_of(3).then_some(&mask);
    let options = AttentionOptions { causal, mask, ..AttentionOptions::default() };
    let inputs =
        [c.normal(0, &[2, queries, 2]), c.normal(1, &[2, keys, 2]), c.normal(2, &[keys, 3])];
    check(&inputs, |x| Var::attention(&x[0], &x[1], &x[2], options))
}

/// Few steps of two rows, with all outputs, some without a start, a bias or equal lengths.
fn recurrent(c: &Case, gates: usize) -> Outcome {
    let (steps, inputs, hidden) = (c.n, 1 + c.seed as usize % 2, 1 + c.seed as usize / 2 % 2);
    let lengths = [c.n, c.n / 2];
    let coin = |i: u32| (c.seed >> i) & 1 == 1;
    let options = RecurrentOptions {
        order: [TimeOrder::Forward, TimeOrder::Reverse][c.seed as usize / 4 % 2],
        lengths: coin(3).then_some(&lengths[..]),
    };
    let (from_zero, with_bias) = (coin(4), coin(5));
    let rows = gates * hidden;
    let shapes: [&[usize]; 7] = [
        &[steps, 2, inputs],
        &[rows, inputs],
        &[rows, hidden],
        &[2, hidden],
        &[2, hidden],
        &[rows],
        &[rows],
    ];
    let draw = |(i, shape): (usize, &&[usize])| c.uniform(i as u64, -1.0..1.0, shape);
    let inputs: Vec<_> = shapes.iter().enumerate().map(draw).collect();
    check(&inputs, |x| {
        let bias = with_bias.then_some((&x[5], &x[6]));
        let weights = RecurrentWeights { w_ih: &x[1], w_hh: &x[2], bias };
        let state = (!from_zero).then_some(&x[3]);
        let (y, mut ends) = match gates {
            1 => {
                let (y, h) = x[0].rnn(state, weights, RnnActivation::Tanh, options)?;
                (y, vec![h])
            }
            3 => {
                let (y, h) = x[0].gru(state, weights, options)?;
                (y, vec![h])
            }
            _ => {
                let (y, (h, c)) = x[0].lstm(state.map(|h| (h, &x[4])), weights, options)?;
                (y, vec![h, c])
            }
        };
        // Every input takes part, so that each has a gradient.
        ends.extend([x[3].clone(), x[4].clone()]);
        let biases = x[5].mul(&x[6])?;
        let ends = ends.iter().map(|end| end.flatten(0, -1)).collect::<Result<Vec<_>>>()?;
        Var::cat(&[&[y.flatten(0, -1)?, biases], &ends[..]].concat(), 0)
    })
}
