//! What holds for every layer: one table, one suite.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use gradus_autograd::gradcheck;
use gradus_core::{DType, INFER, Key, Keys};
use gradus_nn::{
    Activation, AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AdaptiveMaxPool1d,
    AdaptiveMaxPool2d, AdaptiveMaxPool3d, AlphaDropout, AvgPool1d, AvgPool2d, AvgPool3d, BatchNorm,
    Causal, ChannelDropout, ChannelShuffle, CircularPad, ConstantPad, Conv1dConfig, Conv2dConfig,
    Conv3dConfig, ConvTranspose1dConfig, ConvTranspose2dConfig, ConvTranspose3dConfig, Ctx,
    Directions, DoubleConv, DropPath, Dropout, FeedForwardConfig, Flatten, Fold, Glu, GroupNorm,
    InstanceNorm, InstanceNormConfig, Layer, LayerNorm, LearnedPositions, Linear, LocalResponse,
    LocalResponseNorm, LogSoftmax, LoraConfig, LpPool1d, LpPool2d, LpPool3d, MaxPool1d, MaxPool2d,
    MaxPool3d, MixerBlockConfig, Module, MultiHeadAttentionConfig, NormPlace, PRelu, PixelShuffle,
    PixelUnshuffle, RRelu, RecurrentConfig, ReflectionPad, ReplicationPad, ResNetBlock, Residual,
    RmsNorm, RnnActivation, Sequential, SinusoidalPositions, Softmax, Tensor,
    TransformerBlockConfig, TransformerEncoderConfig, UNetDown, Unflatten, Unfold, Upsample,
    UpsampleTo, Var, WeightNorm, cast,
};
use gradus_tensor::{Corners, Interpolation};

struct Row {
    name: &'static str,
    layer: Box<dyn Layer + Send + Sync>,
    x: Tensor,
}

fn row(name: &'static str, layer: impl Layer + Send + Sync + 'static, shape: &[usize]) -> Row {
    let x = Tensor::randn(shape, DType::F64, Key::new(11)).unwrap();
    let mut layer: Box<dyn Layer + Send + Sync> = Box::new(layer);
    cast(&mut *layer, DType::F64).unwrap();
    Row { name, layer, x }
}

/// Norms, dropouts and layers around others, with more than one dimension of channels or positions.
fn more(k: &mut Keys) -> Vec<Row> {
    let momentum = Some(0.2);
    let tracked = InstanceNormConfig { momentum, affine: true, ..InstanceNormConfig::new(2) };
    let alibi = MultiHeadAttentionConfig {
        causal: Causal::Yes,
        alibi: true,
        ..MultiHeadAttentionConfig::new(4, 2)
    };
    let after = TransformerBlockConfig {
        norm: NormPlace::After,
        hidden: 5,
        dropout: 0.3,
        ..TransformerBlockConfig::new(4, 2)
    };
    let encoder = TransformerEncoderConfig { block: after, n_layers: 2, final_norm: true };
    let mixer = MixerBlockConfig { dropout: 0.3, ..MixerBlockConfig::new(3, 4) };
    let linear = |k: &mut Keys| Linear::new(3, 2, k).unwrap();
    let conv = Conv2dConfig::new(2, 3, [2, 2]).init(k).unwrap();
    let mut adapted = linear(k);
    let lora = LoraConfig { alpha: 3.0, dropout: 0.3, rank: 2 };
    lora.adapt(&mut adapted, k).unwrap();
    adapted.unfreeze();
    let b = Tensor::randn([2, 2], DType::F32, k.next_key()).unwrap();
    adapted.lora.as_mut().unwrap().b.set_value(b).unwrap();
    let residual = Residual::new(linear(k)).with_shortcut(linear(k));
    vec![
        row("GroupNorm", GroupNorm::new(2, 4).unwrap(), &[2, 4, 3]),
        row("InstanceNorm", InstanceNorm::new(2).unwrap(), &[2, 2, 3]),
        row("InstanceNorm tracked", tracked.init().unwrap(), &[2, 2, 3]),
        row("ChannelDropout", ChannelDropout::new(0.5).unwrap(), &[2, 3, 2]),
        row("DropPath", DropPath::new(0.5).unwrap(), &[4, 3]),
        row("AlphaDropout", AlphaDropout::new(0.5).unwrap(), &[4, 3]),
        row("SinusoidalPositions", SinusoidalPositions::new(4).unwrap(), &[2, 3, 4]),
        row("LearnedPositions", LearnedPositions::new(5, 4, k).unwrap(), &[2, 3, 4]),
        row("WeightNorm", WeightNorm::new(conv.clone()).unwrap(), &[2, 2, 3, 2]),
        row("Lora", adapted, &[2, 3]),
        row("Residual", residual, &[2, 3]),
        row("ResNetBlock", ResNetBlock::new(2, 3, 2, k).unwrap(), &[2, 2, 3, 4]),
        row("DoubleConv", DoubleConv::new(2, 2, k).unwrap(), &[2, 2, 3, 2]),
        row("UNetDown", UNetDown::new(2, 2, k).unwrap(), &[2, 2, 4, 5]),
        row("MixerBlock", mixer.init(k).unwrap(), &[2, 3, 4]),
        row("ALiBi", alibi.init(k).unwrap(), &[2, 3, 4]),
        row("TransformerEncoder", encoder.init(k).unwrap(), &[1, 3, 4]),
    ]
}

/// What pools, scales, cuts and moves sequences, images and volumes.
fn windows(k: &mut Keys) -> Vec<Row> {
    let conv3d = Conv3dConfig { padding: [1, 0, 1], ..Conv3dConfig::new(2, 2, [2, 1, 3]) };
    let up3d =
        ConvTranspose3dConfig { stride: [2, 1, 1], ..ConvTranspose3dConfig::new(2, 1, [2; 3]) };
    let response = LocalResponse { alpha: 0.5, ..LocalResponse::new(2) };
    let twice = Upsample::new(UpsampleTo::ScaleFactor(2.0), Interpolation::Nearest).unwrap();
    let linear = Interpolation::Linear(Corners::Edges);
    let larger = Upsample::new(UpsampleTo::Size(vec![5, 3]), linear).unwrap();
    vec![
        row("Conv3d", conv3d.init(k).unwrap(), &[2, 2, 2, 3, 2]),
        row("ConvTranspose3d", up3d.init(k).unwrap(), &[2, 2, 1, 2, 2]),
        row("MaxPool3d", MaxPool3d::new(2), &[1, 2, 2, 4, 2]),
        row("AvgPool3d", AvgPool3d::new(2), &[1, 2, 2, 4, 2]),
        row("LpPool1d", LpPool1d::new(2.0, 2), &[1, 2, 4]),
        row("LpPool2d", LpPool2d::new(3.0, 2), &[1, 2, 4, 2]),
        row("LpPool3d", LpPool3d::new(1.5, 2), &[1, 1, 2, 4, 2]),
        row("AdaptiveAvgPool1d", AdaptiveAvgPool1d::new([3]), &[1, 2, 5]),
        row("AdaptiveAvgPool2d", AdaptiveAvgPool2d { size: [Some(2), None] }, &[1, 2, 3, 2]),
        row("AdaptiveAvgPool3d", AdaptiveAvgPool3d::new([1, 2, 3]), &[1, 1, 2, 3, 2]),
        row("AdaptiveMaxPool1d", AdaptiveMaxPool1d::new([3]), &[1, 2, 5]),
        row("AdaptiveMaxPool2d", AdaptiveMaxPool2d { size: [None, Some(2)] }, &[1, 2, 2, 3]),
        row("AdaptiveMaxPool3d", AdaptiveMaxPool3d::new([1, 2, 3]), &[1, 1, 2, 3, 2]),
        row("Upsample nearest", twice, &[1, 2, 3]),
        row("Upsample bilinear", larger, &[1, 2, 3, 2]),
        row("PixelShuffle", PixelShuffle::new(2), &[1, 8, 2, 1]),
        row("PixelUnshuffle", PixelUnshuffle::new(2), &[1, 2, 4, 2]),
        row("ChannelShuffle", ChannelShuffle::new(2), &[1, 4, 3]),
        row("LocalResponseNorm", LocalResponseNorm { options: response }, &[1, 4, 3]),
        row("ConstantPad", ConstantPad::new(&[(1, 0), (0, 2)], 3.0), &[1, 2, 2, 2]),
        row("ReflectionPad", ReflectionPad::new(&[(1, 0), (1, 2)]), &[1, 2, 2, 3]),
        row("ReplicationPad", ReplicationPad::new(&[(0, 3)]), &[1, 2, 2]),
        row("CircularPad", CircularPad::new(&[(2, 1)]), &[1, 2, 2]),
        row("Unfold", Unfold::new([2, 2]), &[1, 2, 3, 3]),
        row("Fold", Fold::new([3, 3], [2, 2]), &[1, 8, 4]),
        row("Unflatten", Unflatten::new(1, &[INFER, 2]), &[2, 6, 2]),
    ]
}

/// Every layer in f64 with an input. Dropout is in it where a layer has some.
fn table(seed: u64) -> Vec<Row> {
    let k = &mut Keys::new(seed);
    let mut rows = first(k);
    rows.extend(more(k));
    rows.extend(windows(k));
    rows.extend(activations());
    rows
}

fn first(k: &mut Keys) -> Vec<Row> {
    let attention = MultiHeadAttentionConfig {
        causal: Causal::Yes,
        dropout: 0.3,
        n_kv_heads: 1,
        ..MultiHeadAttentionConfig::new(4, 2)
    };
    let block =
        TransformerBlockConfig { dropout: 0.3, hidden: 5, ..TransformerBlockConfig::new(4, 2) };
    let feed_forward = FeedForwardConfig { hidden: 5, ..FeedForwardConfig::new(4) };
    let conv2d = Conv2dConfig { padding: [1, 0], ..Conv2dConfig::new(2, 3, [2, 3]) };
    let conv1d = Conv1dConfig { stride: 2, ..Conv1dConfig::new(2, 3, 2) };
    let up1d = ConvTranspose1dConfig { stride: 2, ..ConvTranspose1dConfig::new(2, 3, 2) };
    let up2d = ConvTranspose2dConfig {
        stride: [2, 1],
        output_padding: [1, 0],
        ..ConvTranspose2dConfig::new(2, 3, [2, 2])
    };
    let deep = RecurrentConfig { num_layers: 2, dropout: 0.3, ..RecurrentConfig::new(3, 2) };
    let both = RecurrentConfig { directions: Directions::Both, ..RecurrentConfig::new(3, 2) };
    let sequential = Sequential::new()
        .with(Flatten)
        .with(Linear::new(6, 3, k).unwrap())
        .with(Activation::Tanh)
        .with(BatchNorm::new(3).unwrap());
    vec![
        row("Linear", Linear::new(3, 2, k).unwrap(), &[2, 2, 3]),
        row("Conv1d", conv1d.init(k).unwrap(), &[2, 2, 5]),
        row("Conv2d", conv2d.init(k).unwrap(), &[2, 2, 3, 4]),
        row("ConvTranspose1d", up1d.init(k).unwrap(), &[2, 2, 3]),
        row("ConvTranspose2d", up2d.init(k).unwrap(), &[2, 2, 2, 3]),
        row("MaxPool1d", MaxPool1d::new(2), &[1, 2, 4]),
        row("AvgPool1d", AvgPool1d::new(2), &[1, 2, 4]),
        row("MaxPool2d", MaxPool2d::new(2), &[1, 2, 4, 4]),
        row("AvgPool2d", AvgPool2d::new(2), &[1, 2, 4, 4]),
        row("LayerNorm", LayerNorm::new(4).unwrap(), &[2, 4]),
        row("RmsNorm", RmsNorm::new(4).unwrap(), &[2, 4]),
        row("BatchNorm", BatchNorm::new(2).unwrap(), &[3, 2, 2]),
        row("Dropout", Dropout::new(0.5).unwrap(), &[2, 5]),
        row("Flatten", Flatten, &[2, 2, 3]),
        row("FeedForward", feed_forward.init(k).unwrap(), &[2, 4]),
        row("MultiHeadAttention", attention.init(k).unwrap(), &[2, 3, 4]),
        row("TransformerBlock", block.init(k).unwrap(), &[1, 3, 4]),
        row("Rnn", both.rnn(RnnActivation::Tanh, k).unwrap(), &[2, 3, 3]),
        row("Lstm", deep.lstm(k).unwrap(), &[1, 3, 3]),
        row("Gru", RecurrentConfig { bias: false, ..both }.gru(k).unwrap(), &[2, 3, 3]),
        row("Sequential", sequential, &[3, 2, 3]),
    ]
}

fn activations() -> Vec<Row> {
    vec![
        row("Identity", Activation::Identity, &[3]),
        row("LeakyRelu", Activation::LeakyRelu(0.1), &[3]),
        row("Elu", Activation::Elu(1.0), &[3]),
        row("Gelu", Activation::Gelu, &[3]),
        row("GeluTanh", Activation::GeluTanh, &[3]),
        row("Silu", Activation::Silu, &[3]),
        row("Sigmoid", Activation::Sigmoid, &[3]),
        row("Softplus", Activation::Softplus, &[3]),
        row("Relu6", Activation::Relu6, &[3]),
        row("Celu", Activation::Celu(0.7), &[3]),
        row("Selu", Activation::Selu, &[3]),
        row("QuickGelu", Activation::QuickGelu, &[3]),
        row("Mish", Activation::Mish, &[3]),
        row("HardSwish", Activation::HardSwish, &[3]),
        row("SoftShrink", Activation::SoftShrink(0.1), &[3]),
        row("Softmax", Softmax::new(-1), &[2, 3]),
        row("LogSoftmax", LogSoftmax::new(-1), &[2, 3]),
        row("Glu", Glu::new(1), &[2, 4, 2]),
        row("PRelu", PRelu::new(3).unwrap(), &[2, 3, 2]),
        row("RRelu", RRelu::new(0.1, 0.5).unwrap(), &[2, 3]),
    ]
}

fn train() -> Ctx {
    Ctx::train(Key::new(4))
}

/// Σ y · weights, with weights that tell elements apart.
fn score(y: &Var) -> Var {
    let weights = Tensor::randn(y.shape(), DType::F64, Key::new(8)).unwrap();
    y.mul(&weights.into()).unwrap().sum(..).unwrap()
}

#[test]
fn gradients_of_inputs_agree_with_differences() {
    for Row { name, layer, x } in table(1) {
        for mode in [train as fn() -> Ctx, Ctx::eval] {
            let check = gradcheck(
                |x| {
                    let y = layer.forward(&x[0], &mut mode()).unwrap();
                    Ok(score(&y))
                },
                std::slice::from_ref(&x),
            );
            assert!(check.is_ok(), "{name}: {check:?}");
        }
    }
}

#[test]
fn gradients_of_parameters_agree_with_differences() {
    const STEP: f64 = 1e-5;
    for Row { name, mut layer, x } in table(2) {
        let x = Var::from(x);
        let loss = |layer: &dyn Layer| score(&layer.forward(&x, &mut train()).unwrap());
        let grads = loss(&*layer).backward();
        if layer.num_parameters() == 0 {
            continue;
        }
        let grads = grads.unwrap();
        for i in 0..layer.parameters().len() {
            let (path, param) = layer.named_parameters().swap_remove(i);
            let value = param.value().clone();
            let grad = grads.get(param).unwrap().to_vec::<f64>().unwrap();
            for (element, grad) in grad.into_iter().enumerate() {
                let mut at = |shift: f64| {
                    let mut moved = value.to_vec::<f64>().unwrap();
                    moved[element] += shift;
                    let moved = Tensor::from_vec(moved, value.shape()).unwrap();
                    layer.parameters_mut_at(i).set_value(moved).unwrap();
                    loss(&*layer).item().unwrap()
                };
                let numeric = (at(STEP) - at(-STEP)) / (2.0 * STEP);
                at(0.0);
                let error = (grad - numeric).abs();
                assert!(error < 1e-7 * (1.0 + grad.abs()), "{name} {path}: {grad} {numeric}");
            }
        }
    }
}

trait ParametersMutAt {
    fn parameters_mut_at(&mut self, i: usize) -> &mut gradus_nn::Param;
}

impl ParametersMutAt for Box<dyn Layer + Send + Sync> {
    fn parameters_mut_at(&mut self, i: usize) -> &mut gradus_nn::Param {
        self.named_parameters_mut().swap_remove(i).1
    }
}

#[test]
fn state_makes_the_round_trip() {
    for (a, mut b) in table(1).into_iter().zip(table(2)) {
        a.layer.forward(&a.x.clone().into(), &mut train()).unwrap(); // moves running statistics
        b.layer.load_state_dict(&a.layer.state_dict()).unwrap();
        let [of_a, of_b] =
            [&a, &b].map(|row| row.layer.forward(&row.x.clone().into(), &mut Ctx::eval()).unwrap());
        assert!(of_a.value().equal(of_b.value()), "{}", a.name);
    }
}

#[test]
fn the_same_keys_give_the_same_bits() {
    for (a, b) in table(1).into_iter().zip(table(1)) {
        let [of_a, of_b] =
            [&a, &b].map(|row| row.layer.forward(&row.x.clone().into(), &mut train()).unwrap());
        assert!(of_a.value().equal(of_b.value()), "{}", a.name);
    }
}

#[test]
fn a_row_of_a_batch_has_the_bits_it_has_alone() {
    for dtype in [DType::F64, DType::F32] {
        for Row { name, mut layer, x } in table(1) {
            cast(&mut *layer, dtype).unwrap();
            // Many rows, so that kernels take their fast ways.
            let x = Tensor::cat(&vec![x; 30], 0).unwrap().to_dtype(dtype).unwrap();
            let whole = layer.forward(&Var::from(&x), &mut Ctx::eval()).unwrap();
            for row in [0, 1, 29] {
                let alone = Var::from(x.narrow(0, row, 1).unwrap());
                let alone = layer.forward(&alone, &mut Ctx::eval()).unwrap();
                assert!(alone.value().equal(&whole.value().narrow(0, row, 1).unwrap()), "{name}");
            }
        }
    }
}

#[test]
fn inputs_need_not_be_contiguous() {
    for Row { name, layer, x } in table(1) {
        let last = x.rank() - 1;
        let view = x.transpose(0, last).unwrap().contiguous().transpose(0, last).unwrap();
        let [a, b] = [x, view].map(|x| layer.forward(&x.into(), &mut Ctx::eval()).unwrap());
        assert!(a.value().equal(b.value()), "{name}");
    }
}

#[test]
fn faults_name_the_path_of_the_layer() {
    for Row { name, layer, .. } in table(1) {
        // No layer that is particular about its input takes a number alone.
        let Err(_) = layer.forward(&Var::from(Tensor::scalar(1.0f64)), &mut Ctx::eval()) else {
            continue;
        };
        let model = Sequential::new().with(Activation::Identity).with(Nested(layer));
        let fault =
            model.forward(&Var::from(Tensor::scalar(1.0f64)), &mut Ctx::eval()).unwrap_err();
        assert!(fault.to_string().starts_with("1.inner"), "{name}: {fault}");
    }
}

#[derive(Module)]
struct Nested(Box<dyn Layer + Send + Sync>);

impl Layer for Nested {
    fn forward(&self, x: &Var, ctx: &mut Ctx) -> gradus_nn::Result<Var> {
        ctx.at("inner", |ctx| self.0.forward(x, ctx))
    }
}

#[test]
fn a_batch_without_rows_gives_no_rows() {
    for Row { name, layer, x } in table(1) {
        let empty = x.narrow(0, 0, 0).unwrap();
        let y = layer.forward(&empty.into(), &mut Ctx::eval()).unwrap();
        assert!(y.is_empty(), "{name}");
    }
}

#[test]
fn batch_norm_refuses_one_value_per_channel() {
    let norm = BatchNorm::new(2).unwrap();
    let x = Var::from(Tensor::new([[1.0, 2.0]]));
    let error = norm.forward(&x, &mut train()).unwrap_err().to_string();
    assert_eq!(
        error,
        "BatchNorm: training needs more than one value per channel, got input of shape [1, 2]"
    );
    assert!(norm.forward(&x, &mut Ctx::eval()).is_ok());
    assert_eq!(norm.num_batches_tracked.value().item().unwrap(), 0.0);
}

#[test]
fn casting_keeps_what_is_frozen_and_counts() {
    let mut model = (Linear::new(2, 2, &mut Keys::new(1)).unwrap(), BatchNorm::new(2).unwrap());
    model.0.freeze();
    cast(&mut model, DType::F64).unwrap();
    assert!(!model.0.weight.trainable() && model.1.weight.trainable());
    assert_eq!(model.1.running_mean.value().dtype(), DType::F64);
    assert_eq!(model.1.num_batches_tracked.value().dtype(), DType::I64);
    assert!(cast(&mut model, DType::I64).is_err());
}

#[test]
fn a_block_runs_in_half_precision() {
    let mut block = TransformerBlockConfig::new(8, 2).init(&mut Keys::new(1)).unwrap();
    let x = Tensor::randn([2, 3, 8], DType::F32, Key::new(2)).unwrap();
    let full = block.forward(&Var::from(&x), &mut Ctx::eval()).unwrap();
    cast(&mut block, DType::BF16).unwrap();
    let x = Var::from(x.to_dtype(DType::BF16).unwrap());
    let half = block.forward(&x, &mut Ctx::eval()).unwrap();
    assert_eq!(half.dtype(), DType::BF16);
    let half = half.value().to_dtype(DType::F32).unwrap();
    assert!(half.allclose(full.value(), 0.05, 0.05).unwrap(), "{half} {full}");
    assert!(score_of(&block, &x).backward().is_ok());
}

fn score_of(layer: &impl Layer, x: &Var) -> Var {
    layer.forward(x, &mut train()).unwrap().square().unwrap().sum(..).unwrap()
}
