//! The checks of windows, interpolation, bags and the norms of channels.

use gradus_autograd::{Bag, LocalResponse, Result, Var};
use gradus_tensor::{
    Conv3dOptions, ConvTranspose3dOptions, Corners, Interpolation, Pool1dOptions, Pool3dOptions,
    PoolDivisor, PoolOptions, Rounding, Taps, Tensor,
};

use crate::case::{Case, Check, Outcome, check};

pub(crate) const CHECKS: &[(&str, Check)] = &[
    ("resample", resample),
    ("conv3d", conv3d),
    ("conv_transpose3d", conv_transpose3d),
    ("max_pool3d", |c| volume(c, Var::max_pool3d)),
    ("avg_pool3d", |c| {
        let divisor = [PoolDivisor::Taps, PoolDivisor::Inside][c.n % 2];
        volume(c, |x, options| x.avg_pool3d(Pool3dOptions { divisor, ..options }))
    }),
    ("lp_pool1d", |c| {
        let options = Pool1dOptions { stride: 1, ..Pool1dOptions::new(1 + c.n) };
        check(&[c.away_from_zero(0, &[2, 1, 5])], |x| x[0].lp_pool1d(2.5, options))
    }),
    ("lp_pool2d", |c| {
        let options = PoolOptions { kernel: [2, 1 + c.n], ..PoolOptions::new(2) };
        check(&[c.away_from_zero(0, &[1, 2, 3, 4])], |x| x[0].lp_pool2d(2.0, options))
    }),
    ("lp_pool3d", |c| {
        let x = [c.away_from_zero(0, &[1, 1, 2, 3, 2])];
        check(&x, |x| x[0].lp_pool3d(3.0, Pool3dOptions::new(2)))
    }),
    ("adaptive_avg_pool1d", |c| along(c, |x| x.adaptive_avg_pool1d([1 + c.n]))),
    ("adaptive_max_pool1d", |c| along(c, |x| x.adaptive_max_pool1d([1 + c.n]))),
    ("adaptive_avg_pool2d", |c| image(c, |x| x.adaptive_avg_pool2d([2, 1 + c.n]))),
    ("adaptive_max_pool2d", |c| image(c, |x| x.adaptive_max_pool2d([2, 1 + c.n]))),
    ("adaptive_avg_pool3d", |c| volume(c, |x, _| x.adaptive_avg_pool3d([1, 2, 1 + c.n]))),
    ("adaptive_max_pool3d", |c| volume(c, |x, _| x.adaptive_max_pool3d([1, 2, 1 + c.n]))),
    ("interpolate", |c| image(c, |x| x.interpolate(&[2 + c.n, 3], MODES[c.seed as usize % 7]))),
    ("pixel_shuffle", |c| check(&[c.normal(0, &[1, 4, c.n, 2])], |x| x[0].pixel_shuffle(2))),
    ("pixel_unshuffle", |c| check(&[c.normal(0, &[1, c.n, 2, 4])], |x| x[0].pixel_unshuffle(2))),
    ("channel_shuffle", |c| check(&[c.normal(0, &[2, 4, c.n])], |x| x[0].channel_shuffle(2))),
    ("embedding_bag", embedding_bag),
    ("group_norm", |c| norm(c, |x| x[0].group_norm(2, Some(&x[1]), Some(&x[2]), 0.1))),
    ("instance_norm", |c| norm(c, |x| x[0].instance_norm(Some(&x[1]), Some(&x[2]), 0.1))),
    ("batch_norm", |c| {
        norm(c, |x| {
            if c.seed.is_multiple_of(2) {
                return x[0].batch_norm(None, Some(&x[1]), Some(&x[2]), 0.1);
            }
            let var = x[2].square()?;
            x[0].batch_norm(Some((&x[1], &var)), None, None, 0.1)
        })
    }),
    ("local_response_norm", |c| {
        let options = LocalResponse { alpha: 0.5, ..LocalResponse::new(1 + c.n) };
        check(&[c.normal(0, &[2, 4, c.n])], |x| x[0].local_response_norm(options))
    }),
];

const MODES: [Interpolation; 7] = [
    Interpolation::Nearest,
    Interpolation::NearestExact,
    Interpolation::Linear(Corners::Aligned),
    Interpolation::Linear(Corners::Edges),
    Interpolation::Cubic(Corners::Aligned),
    Interpolation::Cubic(Corners::Edges),
    Interpolation::Area,
];

fn along(c: &Case, f: impl Fn(&Var) -> Result<Var>) -> Outcome {
    check(&[c.distinct(0, &[2, 1, 5])], |x| f(&x[0]))
}

fn image(c: &Case, f: impl Fn(&Var) -> Result<Var>) -> Outcome {
    check(&[c.distinct(0, &[1, 2, 3, 4])], |x| f(&x[0]))
}

/// Small volumes, and options with or without holes and cut ends.
fn volume(c: &Case, f: impl Fn(&Var, Pool3dOptions) -> Result<Var>) -> Outcome {
    let options = Pool3dOptions {
        kernel: [1, 2, 2],
        stride: [1, 1 + c.seed as usize % 2, 2],
        padding: [0, 1, c.n % 2],
        dilation: [1, 1, 1 + c.seed as usize / 2 % 2],
        rounding: [Rounding::Floor, Rounding::Ceil][c.seed as usize / 4 % 2],
        ..Pool3dOptions::new(2)
    };
    check(&[c.distinct(0, &[1, 1, 2, 3, 4])], |x| f(&x[0], options))
}

fn resample(c: &Case) -> Outcome {
    let shape = c.full_shape(1);
    let dim = c.dim(&shape);
    let row = |i: usize| vec![(i % shape[dim], 0.5), ((i * i + 1) % shape[dim], -1.5)];
    let taps = Taps::new(shape[dim], (0..c.n).map(row)).unwrap();
    check(&[c.normal(0, &shape)], |x| x[0].resample(dim, &taps))
}

fn conv3d(c: &Case) -> Outcome {
    let groups = 1 + c.n % 2;
    let options = Conv3dOptions {
        stride: [1 + c.n / 2, 1, 1 + c.seed as usize % 2],
        padding: [c.n % 2, 1, 0],
        dilation: [1 + c.seed as usize / 2 % 2, 1, 1],
        groups,
    };
    let inputs =
        [c.normal(0, &[1, 2, 3, 1, 2]), c.normal(1, &[2, 2 / groups, 2, 2, 1]), c.normal(2, &[2])];
    check(&inputs, |x| x[0].conv3d(&x[1], Some(&x[2]), options))
}

fn conv_transpose3d(c: &Case) -> Outcome {
    let (groups, stride) = (1 + c.n % 2, [1 + c.n / 2, 1, 2]);
    let options = ConvTranspose3dOptions {
        stride,
        padding: [c.n % 2, 0, 1],
        output_padding: stride.map(|s| s - 1),
        dilation: [1 + c.seed as usize % 2, 1, 1],
        groups,
    };
    let inputs =
        [c.normal(0, &[1, 2, 2, 1, 2]), c.normal(1, &[2, 1, 2, 2, 2]), c.normal(2, &[groups])];
    check(&inputs, |x| x[0].conv_transpose3d(&x[1], Some(&x[2]), options))
}

/// Four ids in up to three bags, of which one may be empty.
fn embedding_bag(c: &Case) -> Outcome {
    let ids = c.ids(1, 3, &[4]);
    let offsets = [[0i64, 1, 3], [0, 0, 2], [0, 4, 4], [0, 2, 2]][c.n];
    let offsets = Tensor::from(offsets);
    let inputs = [c.distinct(0, &[3, 2]), c.normal(2, &[4])];
    match c.seed % 4 {
        0 => check(&inputs, |x| x[0].embedding_bag(&ids, &offsets, Bag::WeightedSum(&x[1]))),
        1 => check(&inputs[..1], |x| x[0].embedding_bag(&ids, &offsets, Bag::Sum)),
        2 => check(&inputs[..1], |x| x[0].embedding_bag(&ids, &offsets, Bag::Mean)),
        _ => check(&inputs[..1], |x| x[0].embedding_bag(&ids, &offsets, Bag::Max)),
    }
}

fn norm(c: &Case, f: impl Fn(&[Var]) -> Result<Var>) -> Outcome {
    check(&[c.normal(0, &[2, 4, 1 + c.n % 2]), c.normal(1, &[4]), c.normal(2, &[4])], f)
}
