//! Windows, interpolation, bags and the norms of channels.

use gradus_autograd::{Bag, LocalResponse, Result, Var};
use gradus_tensor::{
    Conv3dOptions, ConvTranspose3dOptions, Corners, Interpolation, Pool1dOptions, Pool3dOptions,
    PoolDivisor, PoolOptions, Rounding,
};

use crate::case::{Arm, Case, one};

pub(crate) const ARMS: &[Arm] = &[
    ("conv3d", |c, x| {
        let [stride, padding, dilation] = ["stride", "padding", "dilation"].map(|p| c.triple(p));
        let options = Conv3dOptions { stride, padding, dilation, groups: c.n("groups") };
        one(x[0].conv3d(&x[1], Some(&x[2]), options))
    }),
    ("conv_transpose3d", |c, x| {
        let [stride, padding, dilation] = ["stride", "padding", "dilation"].map(|p| c.triple(p));
        let (output_padding, groups) = (c.triple("output_padding"), c.n("groups"));
        let options = ConvTranspose3dOptions { stride, padding, output_padding, dilation, groups };
        one(x[0].conv_transpose3d(&x[1], Some(&x[2]), options))
    }),
    ("max_pool1d", |c, x| one(x[0].max_pool1d(pool1d(c)))),
    ("max_pool2d", |c, x| one(x[0].max_pool2d(pool2d(c)))),
    ("max_pool3d", |c, x| one(x[0].max_pool3d(pool3d(c)))),
    ("avg_pool1d", |c, x| one(x[0].avg_pool1d(pool1d(c)))),
    ("avg_pool2d", |c, x| one(x[0].avg_pool2d(pool2d(c)))),
    ("avg_pool3d", |c, x| one(x[0].avg_pool3d(pool3d(c)))),
    ("lp_pool1d", |c, x| one(x[0].lp_pool1d(c.f("p"), pool1d(c)))),
    ("lp_pool2d", |c, x| one(x[0].lp_pool2d(c.f("p"), pool2d(c)))),
    ("lp_pool3d", |c, x| one(x[0].lp_pool3d(c.f("p"), pool3d(c)))),
    ("adaptive_avg_pool1d", |c, x| one(x[0].adaptive_avg_pool1d([c.list("size")[0]]))),
    ("adaptive_max_pool1d", |c, x| one(x[0].adaptive_max_pool1d([c.list("size")[0]]))),
    ("adaptive_avg_pool2d", |c, x| one(x[0].adaptive_avg_pool2d(c.pair("size")))),
    ("adaptive_max_pool2d", |c, x| one(x[0].adaptive_max_pool2d(c.pair("size")))),
    ("adaptive_avg_pool3d", |c, x| one(x[0].adaptive_avg_pool3d(c.triple("size")))),
    ("adaptive_max_pool3d", |c, x| one(x[0].adaptive_max_pool3d(c.triple("size")))),
    ("interpolate", |c, x| one(x[0].interpolate(&c.list("size"), mode(c)))),
    ("pixel_shuffle", |c, x| one(x[0].pixel_shuffle(c.n("r")))),
    ("pixel_unshuffle", |c, x| one(x[0].pixel_unshuffle(c.n("r")))),
    ("channel_shuffle", |c, x| one(x[0].channel_shuffle(c.n("r")))),
    ("embedding_bag", |c, x| one(embedding_bag(c, x))),
    ("group_norm", |c, x| {
        one(x[0].group_norm(c.n("groups"), Some(&x[1]), Some(&x[2]), c.f("eps")))
    }),
    ("instance_norm", |c, x| one(x[0].instance_norm(Some(&x[1]), Some(&x[2]), c.f("eps")))),
    ("batch_norm", |c, x| {
        let [mean, var] = [3, 4].map(|i| x.get(i).map(Var::detach));
        let statistics = mean.as_ref().zip(var.as_ref());
        one(x[0].batch_norm(statistics, Some(&x[1]), Some(&x[2]), c.f("eps")))
    }),
    ("local_response_norm", |c, x| {
        let (alpha, beta, k) = (c.f("alpha"), c.f("beta"), c.f("k"));
        one(x[0].local_response_norm(LocalResponse { size: c.n("size"), alpha, beta, k }))
    }),
];

fn rounding(c: &Case) -> Rounding {
    if c.has("ceil") && c.flag("ceil") { Rounding::Ceil } else { Rounding::Floor }
}

fn divisor(c: &Case) -> PoolDivisor {
    if c.has("inside") && c.flag("inside") { PoolDivisor::Inside } else { PoolDivisor::Taps }
}

fn pool1d(c: &Case) -> Pool1dOptions {
    let or = |name: &str, default| if c.has(name) { c.n(name) } else { default };
    Pool1dOptions {
        kernel: c.n("kernel"),
        stride: c.n("stride"),
        padding: or("padding", 0),
        dilation: or("dilation", 1),
        rounding: rounding(c),
        divisor: divisor(c),
    }
}

fn pool2d(c: &Case) -> PoolOptions {
    let or = |name: &str, default| if c.has(name) { c.pair(name) } else { [default; 2] };
    PoolOptions {
        kernel: c.pair("kernel"),
        stride: c.pair("stride"),
        padding: or("padding", 0),
        dilation: or("dilation", 1),
        rounding: rounding(c),
        divisor: divisor(c),
    }
}

fn pool3d(c: &Case) -> Pool3dOptions {
    let or = |name: &str, default| if c.has(name) { c.triple(name) } else { [default; 3] };
    Pool3dOptions {
        kernel: c.triple("kernel"),
        stride: c.triple("stride"),
        padding: or("padding", 0),
        dilation: or("dilation", 1),
        rounding: rounding(c),
        divisor: divisor(c),
    }
}

fn mode(c: &Case) -> Interpolation {
    let corners = || if c.flag("aligned") { Corners::Aligned } else { Corners::Edges };
    match c.text("mode") {
        "nearest" => Interpolation::Nearest,
        "nearest-exact" => Interpolation::NearestExact,
        "area" => Interpolation::Area,
        "bicubic" => Interpolation::Cubic(corners()),
        _ => Interpolation::Linear(corners()),
    }
}

fn embedding_bag(c: &Case, x: &[Var]) -> Result<Var> {
    let bag = match x.get(3) {
        Some(weights) => Bag::WeightedSum(weights),
        None if c.text("mode") == "sum" => Bag::Sum,
        None if c.text("mode") == "mean" => Bag::Mean,
        None => Bag::Max,
    };
    x[0].embedding_bag(x[1].value(), x[2].value(), bag)
}
