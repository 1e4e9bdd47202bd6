//! Layers of sequences, images and volumes: convolutions in space, pools, sizes, shuffles, borders.

use gradus_core::INFER;
use gradus_nn::{
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AdaptiveMaxPool1d, AdaptiveMaxPool2d,
    AdaptiveMaxPool3d, AvgPool1d, AvgPool2d, AvgPool3d, ChannelShuffle, CircularPad, ConstantPad,
    Conv3dConfig, ConvTranspose3dConfig, Fold, LocalResponse, LocalResponseNorm, LpPool1d,
    LpPool2d, LpPool3d, MaxPool1d, MaxPool2d, MaxPool3d, PixelShuffle, PixelUnshuffle,
    ReflectionPad, ReplicationPad, Tensor, Unflatten, Unfold, Upsample, UpsampleTo,
};
use gradus_tensor::{
    ConvOptions, Corners, Interpolation, Pool1dOptions, Pool3dOptions, PoolDivisor, PoolOptions,
    Rounding,
};

use super::layers::{keys, run};
use super::{filled, numbers};

fn sequence() -> Tensor {
    numbers([2, 3, 8], 1)
}

fn image() -> Tensor {
    numbers([1, 2, 5, 6], 1)
}

fn volume() -> Tensor {
    numbers([1, 2, 4, 5, 3], 1)
}

#[test]
fn convolutions_of_volumes() {
    let config = Conv3dConfig {
        stride: [2, 1, 2],
        padding: [1, 2, 0],
        dilation: [1, 2, 1],
        groups: 2,
        ..Conv3dConfig::new(2, 4, [3, 2, 2])
    };
    run("CONV3D", &filled(config.init(&mut keys()).unwrap()), numbers([2, 2, 4, 3, 5], 1));
    let config = ConvTranspose3dConfig {
        stride: [2, 1, 3],
        padding: [1, 1, 0],
        output_padding: [1, 0, 2],
        dilation: [1, 2, 1],
        groups: 2,
        ..ConvTranspose3dConfig::new(4, 2, [3, 2, 2])
    };
    let layer = filled(config.init(&mut keys()).unwrap());
    run("CONV_TRANSPOSE3D", &layer, numbers([2, 4, 2, 3, 2], 1));
}

#[test]
fn pools() {
    let rounding = Rounding::Ceil;
    let one = Pool1dOptions { stride: 2, padding: 1, ..Pool1dOptions::new(3) };
    let options = Pool1dOptions { dilation: 2, rounding, ..one };
    run("MAX_POOL1D", &MaxPool1d { options }, sequence());
    let options = Pool1dOptions { divisor: PoolDivisor::Inside, ..one };
    run("AVG_POOL1D", &AvgPool1d { options }, sequence());
    let kernel = [3, 2];
    let two = PoolOptions { kernel, stride: [2, 1], padding: [1, 0], ..PoolOptions::new(1) };
    let options = PoolOptions { dilation: [1, 2], rounding, ..two };
    run("MAX_POOL2D", &MaxPool2d { options }, image());
    run("AVG_POOL2D", &AvgPool2d { options: two }, image());
    let kernel = [2, 3, 2];
    let padding = [0, 1, 1];
    let three = Pool3dOptions { kernel, stride: [1, 2, 2], padding, ..Pool3dOptions::new(1) };
    let options = Pool3dOptions { dilation: [2, 1, 1], rounding, ..three };
    run("MAX_POOL3D", &MaxPool3d { options }, volume());
    let options = Pool3dOptions { divisor: PoolDivisor::Inside, ..three };
    run("AVG_POOL3D", &AvgPool3d { options }, volume());
    let options = Pool1dOptions { padding: 0, ..one };
    run("LP_POOL1D", &LpPool1d { p: 2.0, options }, sequence());
    let options = PoolOptions { padding: [0, 0], ..two };
    run("LP_POOL2D", &LpPool2d { p: 4.0, options }, image());
    let options = Pool3dOptions { stride: [1, 2, 1], padding: [0; 3], ..three };
    run("LP_POOL3D", &LpPool3d { p: 2.0, options }, volume());
}

#[test]
fn adaptive_pools() {
    run("ADAPTIVE_AVG_POOL1D", &AdaptiveAvgPool1d::new([5]), sequence());
    run("ADAPTIVE_MAX_POOL1D", &AdaptiveMaxPool1d::new([5]), sequence());
    run("ADAPTIVE_AVG_POOL2D", &AdaptiveAvgPool2d { size: [None, Some(4)] }, image());
    run("ADAPTIVE_MAX_POOL2D", &AdaptiveMaxPool2d { size: [None, Some(4)] }, image());
    run("ADAPTIVE_AVG_POOL3D", &AdaptiveAvgPool3d::new([3, 2, 3]), volume());
    run("ADAPTIVE_MAX_POOL3D", &AdaptiveMaxPool3d::new([3, 2, 3]), volume());
}

#[test]
fn sizes() {
    use Corners::{Aligned, Edges};
    use Interpolation::{Area, Cubic, Linear, Nearest, NearestExact};
    use UpsampleTo::{ScaleFactor, ScaleFactors, Size};
    for (name, to, mode, x) in [
        ("NEAREST", ScaleFactor(2.0), Nearest, sequence()),
        ("EXACT", ScaleFactors(vec![1.5, 0.7]), NearestExact, image()),
        ("LINEAR", Size(vec![11]), Linear(Aligned), sequence()),
        ("BILINEAR", ScaleFactor(1.7), Linear(Edges), image()),
        ("BICUBIC", Size(vec![7, 4]), Cubic(Aligned), image()),
        ("TRILINEAR", Size(vec![3, 7, 5]), Linear(Edges), volume()),
        ("AREA", Size(vec![3, 4]), Area, image()),
    ] {
        run(&format!("UPSAMPLE_{name}"), &Upsample::new(to, mode).unwrap(), x);
    }
}

#[test]
fn shuffles_and_responses() {
    run("PIXEL_SHUFFLE", &PixelShuffle::new(2), numbers([2, 8, 2, 3], 1));
    run("PIXEL_UNSHUFFLE", &PixelUnshuffle::new(2), numbers([2, 2, 4, 6], 1));
    let x = numbers([2, 6, 2, 3], 1);
    run("CHANNEL_SHUFFLE", &ChannelShuffle::new(3), x.clone());
    let options = LocalResponse { size: 4, alpha: 0.5, beta: 0.6, k: 0.8 };
    run("LOCAL_RESPONSE_NORM", &LocalResponseNorm { options }, x);
    run("UNFLATTEN", &Unflatten::new(-1, &[2, INFER]), sequence());
}

#[test]
fn borders() {
    let border = [(0, 3), (1, 2)];
    run("CONSTANT_PAD", &ConstantPad::new(&border, 0.5), image());
    run("REFLECTION_PAD", &ReflectionPad::new(&border), image());
    run("REPLICATION_PAD", &ReplicationPad::new(&[(2, 0), (0, 1), (1, 2)]), volume());
    run("CIRCULAR_PAD", &CircularPad::new(&[(3, 8)]), sequence());
}

#[test]
fn columns() {
    let options =
        ConvOptions { stride: [2, 1], padding: [1, 0], dilation: [1, 2], ..ConvOptions::default() };
    let kernel = [3, 2];
    run("UNFOLD", &Unfold { kernel, options }, image());
    run("FOLD", &Fold { size: [5, 6], kernel, options }, numbers([1, 18, 12], 1));
}
