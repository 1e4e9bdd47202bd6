"""Writes values.txt: what PyTorch gives, in f64, for losses and layers.

Inputs and weights are `numbers(count, seed)`, which the tests compute too. Run in this folder:
    pip install torch && python make.py
"""
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
OUT = [f"# Made by make.py with PyTorch {torch.__version__.split('+')[0]}; do not edit."]


def numbers(shape, seed):
    count = 1
    for n in shape:
        count *= n
    values = [((i * 7919 + seed * 104729) % 1009) / 504.5 - 1.0 for i in range(count)]
    return torch.tensor(values).reshape(shape)


def write(name, tensor):
    values = " ".join(f"{float(v):.13g}" for v in tensor.detach().reshape(-1))
    OUT.append(f"{name} {values}")


def loss(name, f, shape, seed=1, x=None):
    """The values of each element, and the gradient of the mean."""
    x = (numbers(shape, seed) if x is None else x).requires_grad_()
    write(f"{name}", f(x, "none"))
    mean = f(x, "mean")
    write(f"{name}_MEAN", mean)
    write(f"{name}_GRAD", torch.autograd.grad(mean, x)[0])


def layer(name, module, x, f=None):
    """The output, and the gradient of Σ output · numbers(.., 99) by the input."""
    x = x.requires_grad_()
    y = (f or module)(x)
    write(f"{name}", y)
    write(f"{name}_GRAD", torch.autograd.grad((y * numbers(y.shape, 99)).sum(), x)[0])


def fill(module):
    """Weights in the order of their names in our state dict: sorted."""
    for seed, (_, p) in enumerate(sorted(module.named_parameters())):
        p.data = numbers(p.shape, 10 + seed)


targets = torch.tensor([2, 0, 3, 2, 1])
soft = numbers([3, 4], 2) * 0.5 + 0.5
loss("CROSS_ENTROPY", lambda x, r: F.cross_entropy(3 * x, targets, reduction=r), [5, 4])
loss("SMOOTHED", lambda x, r: F.cross_entropy(3 * x, targets, reduction=r, label_smoothing=0.2, ignore_index=2), [5, 4])
loss("NLL", lambda x, r: F.nll_loss(x, targets, reduction=r), [5, 4])
loss("MSE", lambda x, r: F.mse_loss(x, soft, reduction=r), [3, 4])
loss("L1", lambda x, r: F.l1_loss(x, soft, reduction=r), [3, 4])
loss("HUBER", lambda x, r: F.huber_loss(x, soft, delta=0.7, reduction=r), [3, 4])
loss("BCE", lambda x, r: F.binary_cross_entropy_with_logits(5 * x, soft, reduction=r), [3, 4])
loss("KL_DIV", lambda x, r: F.kl_div(F.log_softmax(x, -1), soft, reduction=r), [3, 4])

weight = numbers([4], 5) + 1.5
loss("WEIGHTED", lambda x, r: F.cross_entropy(3 * x, targets, weight, reduction=r, ignore_index=0), [5, 4])
loss("WEIGHTED_SMOOTHED", lambda x, r: F.cross_entropy(3 * x, targets, weight, reduction=r, label_smoothing=0.2, ignore_index=0), [5, 4])
loss("SOFT_TARGETS", lambda x, r: F.cross_entropy(3 * x, soft, weight, reduction=r, label_smoothing=0.1), [3, 4])
loss("NLL_WEIGHTED", lambda x, r: F.nll_loss(x, targets, weight, reduction=r, ignore_index=3), [5, 4])
loss("BCE_PROBS", lambda x, r: F.binary_cross_entropy(x * 0.5 + 0.5, soft, reduction=r), [3, 4])
loss("BCE_WEIGHTED", lambda x, r: F.binary_cross_entropy_with_logits(5 * x, soft, weight.flip(0), pos_weight=weight, reduction=r), [3, 4])
loss("SMOOTH_L1", lambda x, r: F.smooth_l1_loss(x, soft, beta=0.7, reduction=r), [3, 4])
loss("POISSON", lambda x, r: F.poisson_nll_loss(x, 4 * soft, full=True, reduction=r), [3, 4])
loss("POISSON_RATE", lambda x, r: F.poisson_nll_loss(x + 2, 4 * soft, log_input=False, reduction=r), [3, 4])


def pair(f):
    """A loss of two inputs as one of their stack, so that both gradients are written."""
    return lambda x, r: f(x[0], x[1], r)


loss("GAUSSIAN", pair(lambda x, v, r: F.gaussian_nll_loss(x, soft, v.abs(), full=True, eps=0.3, reduction=r)), [2, 3, 4])
signs = torch.tensor([1, -1, -1])
loss("HINGE_EMBEDDING", lambda x, r: F.hinge_embedding_loss(x, signs[:, None].expand(3, 4), 0.4, reduction=r), [3, 4])
loss("SOFT_MARGIN", lambda x, r: F.soft_margin_loss(3 * x, signs[:, None].expand(3, 4), reduction=r), [3, 4])
loss("MARGIN_RANKING", pair(lambda a, b, r: F.margin_ranking_loss(a, b, signs, 0.3, reduction=r)), [2, 3])
loss("COSINE_EMBEDDING", pair(lambda a, b, r: F.cosine_embedding_loss(a, b, signs, 0.1, reduction=r)), [2, 3, 4])
loss("TRIPLET", lambda x, r: F.triplet_margin_loss(x[0], x[1], x[2], margin=2.0, swap=True, reduction=r), [3, 3, 4])
loss("TRIPLET_P1", lambda x, r: F.triplet_margin_loss(x[0], x[1], x[2], p=1.0, reduction=r), [3, 3, 4])
loss("MULTI_MARGIN", lambda x, r: F.multi_margin_loss(x, targets, margin=0.9, reduction=r), [5, 4])
loss("MULTI_MARGIN_2", lambda x, r: F.multi_margin_loss(x, targets, p=2, weight=weight, reduction=r), [5, 4])
lists = torch.tensor([[3, 0, -1, 1], [1, 2, 3, 0], [-1, 0, 0, 0]])
loss("MULTILABEL_MARGIN", lambda x, r: F.multilabel_margin_loss(x, lists, reduction=r), [3, 4])
loss("MULTILABEL_SOFT_MARGIN", lambda x, r: F.multilabel_soft_margin_loss(x, soft, weight, reduction=r), [3, 4])
loss("KL_DIV_LOG", lambda x, r: F.kl_div(F.log_softmax(x, -1), torch.log(soft + 0.1), log_target=True, reduction=r), [3, 4])
words = torch.tensor([[1, 2, 2], [3, 1, 0], [2, 1, 3]])
loss("CTC", lambda x, r: F.ctc_loss(F.log_softmax(3 * x, -1).transpose(0, 1), words, (6, 4, 5), (3, 2, 3), reduction=r), [3, 6, 4])
loss("CTC_BLANK", lambda x, r: F.ctc_loss(F.log_softmax(3 * x, -1).transpose(0, 1), torch.tensor([[1, 1, 2]] * 2), (4, 3), (3, 3), blank=3, zero_infinity=True, reduction=r), [2, 5, 4])
# torchvision.ops.sigmoid_focal_loss is this formula.
def sigmoid_focal(x, r):
    p, ce = torch.sigmoid(3 * x), F.binary_cross_entropy_with_logits(3 * x, soft, reduction="none")
    p_t = p * soft + (1 - p) * (1 - soft)
    each = (0.25 * soft + 0.75 * (1 - soft)) * ce * (1 - p_t) ** 2
    return each.mean() if r == "mean" else each
loss("SIGMOID_FOCAL", sigmoid_focal, [3, 4])

m = torch.nn.Linear(4, 3); fill(m)
layer("LINEAR", m, numbers([2, 5, 4], 1))
m = torch.nn.LayerNorm(4); fill(m)
layer("LAYER_NORM", m, numbers([2, 3, 4], 1))
m = torch.nn.RMSNorm(4, eps=1e-6); fill(m)
layer("RMS_NORM", m, numbers([2, 3, 4], 1))
m = torch.nn.Conv1d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2); fill(m)
layer("CONV1D", m, numbers([2, 4, 9], 1))
m = torch.nn.Conv2d(2, 4, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2); fill(m)
layer("CONV2D", m, numbers([2, 2, 6, 5], 1))
m = torch.nn.ConvTranspose1d(4, 6, 3, stride=3, padding=1, output_padding=2, dilation=2, groups=2); fill(m)
layer("CONV_TRANSPOSE1D", m, numbers([2, 4, 5], 1))
m = torch.nn.ConvTranspose2d(4, 2, (3, 2), stride=(2, 1), padding=(1, 2), output_padding=(1, 0), dilation=(1, 2), groups=2); fill(m)
layer("CONV_TRANSPOSE2D", m, numbers([2, 4, 3, 5], 1))
for name, momentum in [("BATCH_NORM", 0.1), ("BATCH_NORM_AVERAGE", None)]:
    m = torch.nn.BatchNorm2d(3, momentum=momentum); fill(m)
    m(numbers([2, 3, 2, 2], 1))
    layer(name, m, numbers([4, 3, 2, 1], 2))
    write(f"{name}_RUNNING_MEAN", m.running_mean)
    write(f"{name}_RUNNING_VAR", m.running_var)
    m.eval()
    layer(f"{name}_EVAL", m, numbers([2, 3, 2, 2], 3))


def attention(q_shape, kv_shape, seed, kdim=None):
    """Our names k, out, q, v in sorted order, packed as PyTorch wants them."""
    c = q_shape[-1]
    m = torch.nn.MultiheadAttention(c, 2, kdim=kdim, vdim=kdim, batch_first=True)
    kd = kdim or c
    w = {}
    for i, (name, n) in enumerate([("k", kd), ("out", c), ("q", c), ("v", kd)]):
        w[name] = (numbers([c], seed + 2 * i), numbers([c, n], seed + 2 * i + 1))
    m.in_proj_bias.data = torch.cat([w[n][0] for n in "qkv"])
    if kdim is None:
        m.in_proj_weight.data = torch.cat([w[n][1] for n in "qkv"])
    else:
        m.q_proj_weight.data, m.k_proj_weight.data, m.v_proj_weight.data = (w[n][1] for n in "qkv")
    m.out_proj.bias.data, m.out_proj.weight.data = w["out"]
    return m


later = torch.triu(torch.ones(5, 5, dtype=torch.bool), 1)
m = attention([2, 5, 6], [2, 5, 6], 10)
layer("ATTENTION", m, numbers([2, 5, 6], 1), lambda x: m(x, x, x)[0])
layer("ATTENTION_CAUSAL", m, numbers([2, 5, 6], 1), lambda x: m(x, x, x, attn_mask=later)[0])
bias = numbers([5, 5], 7)
layer("ATTENTION_BIAS", m, numbers([2, 5, 6], 1), lambda x: m(x, x, x, attn_mask=bias)[0])
memory = numbers([2, 3, 4], 8)
mc = attention([2, 5, 6], [2, 3, 4], 10, kdim=4)
layer("ATTENTION_CROSS", mc, numbers([2, 5, 6], 1), lambda x: mc(x, memory, memory)[0])

# Our sorted names: attn.{k,out,q,v}, ff.{down,up}, norm1, norm2, bias before weight.
b = torch.nn.TransformerEncoderLayer(6, 2, 8, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
b.self_attn = attention([2, 5, 6], None, 10)
for seed, p in zip(range(18, 26), [b.linear2.bias, b.linear2.weight, b.linear1.bias, b.linear1.weight,
                                   b.norm1.bias, b.norm1.weight, b.norm2.bias, b.norm2.weight]):
    p.data = numbers(p.shape, seed)
layer("BLOCK", b, numbers([2, 5, 6], 1))
lengths = torch.arange(5) >= torch.tensor([[5], [3]])
e = torch.nn.TransformerEncoderLayer(6, 2, 8, dropout=0.0, batch_first=True)
e.self_attn, e.linear1, e.linear2, e.norm1, e.norm2 = b.self_attn, b.linear1, b.linear2, b.norm1, b.norm2
layer("ENCODER_LAYER", e, numbers([2, 5, 6], 1), lambda x: e(x, src_key_padding_mask=lengths))
slopes = torch.tensor([2.0 ** -4, 2.0 ** -8])
places = torch.arange(5.0, dtype=torch.float64)
alibi = -slopes[:, None, None] * (places[:, None] - places[None]).abs()
layer("ATTENTION_ALIBI", m, numbers([2, 5, 6], 1), lambda x: m(x, x, x, attn_mask=(alibi + later * -1e300).repeat(2, 1, 1))[0])

# Our sorted names: cross_attn, ff.{down,up}, norm1, norm2, norm3, self_attn.
d = torch.nn.TransformerDecoderLayer(6, 2, 8, dropout=0.0, batch_first=True)
d.multihead_attn = attention([2, 5, 6], [2, 3, 4], 10, kdim=4)
d.self_attn = attention([2, 5, 6], None, 28)
for seed, p in zip(range(18, 28), [d.linear2.bias, d.linear2.weight, d.linear1.bias, d.linear1.weight, d.norm1.bias,
                                   d.norm1.weight, d.norm2.bias, d.norm2.weight, d.norm3.bias, d.norm3.weight]):
    p.data = numbers(p.shape, seed)
layer("DECODER_LAYER", d, numbers([2, 5, 6], 1), lambda x: d(x, memory, tgt_mask=later, tgt_is_causal=True))

# PyTorch's own hardsigmoid and hardswish have 1/6 in single precision.
for name, m in [("RELU6", torch.nn.ReLU6()), ("CELU", torch.nn.CELU(1.5)), ("SELU", torch.nn.SELU()), ("MISH", torch.nn.Mish()),
                ("LOG_SIGMOID", torch.nn.LogSigmoid()), ("SOFTSIGN", torch.nn.Softsign()), ("HARD_SIGMOID", lambda x: F.relu6(x + 3) / 6),
                ("HARD_SWISH", lambda x: x * F.relu6(x + 3) / 6), ("HARD_TANH", torch.nn.Hardtanh(-2, 3)), ("HARD_SHRINK", torch.nn.Hardshrink(1.0)),
                ("SOFT_SHRINK", torch.nn.Softshrink(1.0)), ("TANH_SHRINK", torch.nn.Tanhshrink()), ("THRESHOLD", torch.nn.Threshold(0.5, -7.0)),
                ("RRELU", torch.nn.RReLU(0.1, 0.5).eval()), ("SOFTMAX", torch.nn.Softmax(1)), ("LOG_SOFTMAX", torch.nn.LogSoftmax(-1)),
                ("GLU", torch.nn.GLU(1))]:
    # The corners of most of them are among these.
    corners = torch.tensor([[-3.0, 0.0, 6.0], [3.0, 1.0, -1.0], [-2.0, 0.5, 2.0], [7.0, -7.0, 0.25]]).reshape(2, 2, 3)
    layer(name, m, torch.cat([numbers([2, 2, 3], 1) * 8, corners], 1))
m = torch.nn.PReLU(4); fill(m)
layer("PRELU", m, numbers([2, 4, 3], 1))
m = torch.nn.GroupNorm(2, 4); fill(m)
layer("GROUP_NORM", m, numbers([3, 4, 2, 3], 1))
m = torch.nn.InstanceNorm2d(3, affine=True); fill(m)
layer("INSTANCE_NORM", m, numbers([2, 3, 2, 3], 1))
m = torch.nn.InstanceNorm1d(3, track_running_stats=True)
m(numbers([2, 3, 4], 1))
layer("INSTANCE_NORM_TRACKED", m, numbers([4, 3, 2], 2))
write("INSTANCE_NORM_TRACKED_MEAN", m.running_mean)
write("INSTANCE_NORM_TRACKED_VAR", m.running_var)
m.eval()
layer("INSTANCE_NORM_TRACKED_EVAL", m, numbers([2, 3, 4], 3))
m = torch.nn.Bilinear(3, 4, 2); fill(m)
layer("BILINEAR", m, numbers([2, 5, 3], 1), lambda x: m(x, numbers([2, 5, 4], 2)))
ids, starts, factors = torch.tensor([1, 4, 2, 2, 0, 3, 1]), torch.tensor([0, 3, 3]), numbers([7], 3)
for name, mode in [("SUM", "sum"), ("MEAN", "mean"), ("MAX", "max")]:
    table = lambda w: F.embedding_bag(ids, w, starts, mode=mode, padding_idx=4, per_sample_weights=factors if mode == "sum" else None)
    layer(f"EMBEDDING_BAG_{name}", None, numbers([5, 3], 10), table)
m = torch.nn.Embedding(5, 3, padding_idx=2)
layer("EMBEDDING_PADDED", None, numbers([5, 3], 10), lambda w: F.embedding(ids, w, padding_idx=2))
m = torch.nn.utils.parametrizations.weight_norm(torch.nn.Conv2d(2, 3, 2))
for p, seed in [(m.bias, 10), (m.parametrizations.weight.original1, 11), (m.parametrizations.weight.original0, 12)]:
    p.data = numbers(p.shape, seed)
layer("WEIGHT_NORM", m, numbers([2, 2, 3, 4], 1))
c = torch.nn.Conv2d(2, 3, 2); fill(c)
m = torch.nn.utils.parametrizations.spectral_norm(c)
m.parametrizations.weight[0]._u.data = F.normalize(numbers([3], 5), dim=0)
m.parametrizations.weight[0]._v.data = F.normalize(numbers([8], 6), dim=0)
layer("SPECTRAL_NORM", m, numbers([2, 2, 3, 4], 1))
m.eval()
layer("SPECTRAL_NORM_EVAL", m, numbers([2, 2, 3, 4], 1))


class Block(torch.nn.Module):
    """torchvision's BasicBlock."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = torch.nn.Conv2d(2, 3, 3, 2, 1, bias=False), torch.nn.BatchNorm2d(3)
        self.conv2, self.bn2 = torch.nn.Conv2d(3, 3, 3, 1, 1, bias=False), torch.nn.BatchNorm2d(3)
        self.downsample = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 1, 2, bias=False), torch.nn.BatchNorm2d(3))

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + self.downsample(x))


m = Block(); fill(m)
layer("RES_NET_BLOCK", m, numbers([2, 2, 5, 4], 1))


m = torch.nn.Conv3d(2, 4, (3, 2, 2), stride=(2, 1, 2), padding=(1, 2, 0), dilation=(1, 2, 1), groups=2); fill(m)
layer("CONV3D", m, numbers([2, 2, 4, 3, 5], 1))
m = torch.nn.ConvTranspose3d(4, 2, (3, 2, 2), stride=(2, 1, 3), padding=(1, 1, 0), output_padding=(1, 0, 2), dilation=(1, 2, 1), groups=2); fill(m)
layer("CONV_TRANSPOSE3D", m, numbers([2, 4, 2, 3, 2], 1))
sequence, image, volume = numbers([2, 3, 8], 1), numbers([1, 2, 5, 6], 1), numbers([1, 2, 4, 5, 3], 1)
layer("MAX_POOL1D", torch.nn.MaxPool1d(3, 2, 1, 2, ceil_mode=True), sequence)
layer("MAX_POOL2D", torch.nn.MaxPool2d((3, 2), (2, 1), (1, 0), (1, 2), ceil_mode=True), image)
layer("MAX_POOL3D", torch.nn.MaxPool3d((2, 3, 2), (1, 2, 2), (0, 1, 1), (2, 1, 1), ceil_mode=True), volume)
layer("AVG_POOL1D", torch.nn.AvgPool1d(3, 2, 1, count_include_pad=False), sequence)
layer("AVG_POOL2D", torch.nn.AvgPool2d((3, 2), (2, 1), (1, 0)), image)
layer("AVG_POOL3D", torch.nn.AvgPool3d((2, 3, 2), (1, 2, 2), (0, 1, 1), count_include_pad=False), volume)
layer("LP_POOL1D", torch.nn.LPPool1d(2, 3, 2), sequence)
layer("LP_POOL2D", torch.nn.LPPool2d(4, (3, 2), (2, 1)), image)
layer("LP_POOL3D", torch.nn.LPPool3d(2, (2, 3, 2), (1, 2, 1)), volume)
for n, (x, size) in enumerate([(sequence, 5), (image, (None, 4)), (volume, (3, 2, 3))], 1):
    for kind in ["Avg", "Max"]:
        layer(f"ADAPTIVE_{kind.upper()}_POOL{n}D", getattr(torch.nn, f"Adaptive{kind}Pool{n}d")(size), x)
layer("UPSAMPLE_NEAREST", torch.nn.Upsample(scale_factor=2), sequence)
layer("UPSAMPLE_EXACT", torch.nn.Upsample(scale_factor=(1.5, 0.7), mode="nearest-exact", recompute_scale_factor=True), image)
layer("UPSAMPLE_LINEAR", torch.nn.Upsample(11, mode="linear", align_corners=True), sequence)
layer("UPSAMPLE_BILINEAR", torch.nn.Upsample(scale_factor=1.7, mode="bilinear", recompute_scale_factor=True), image)
layer("UPSAMPLE_BICUBIC", torch.nn.Upsample((7, 4), mode="bicubic", align_corners=True), image)
layer("UPSAMPLE_TRILINEAR", torch.nn.Upsample((3, 7, 5), mode="trilinear"), volume)
layer("UPSAMPLE_AREA", torch.nn.Upsample((3, 4), mode="area"), image)
layer("PIXEL_SHUFFLE", torch.nn.PixelShuffle(2), numbers([2, 8, 2, 3], 1))
layer("PIXEL_UNSHUFFLE", torch.nn.PixelUnshuffle(2), numbers([2, 2, 4, 6], 1))
layer("CHANNEL_SHUFFLE", torch.nn.ChannelShuffle(3), numbers([2, 6, 2, 3], 1))
layer("LOCAL_RESPONSE_NORM", torch.nn.LocalResponseNorm(4, alpha=0.5, beta=0.6, k=0.8), numbers([2, 6, 2, 3], 1))
# PyTorch's border begins with the last dimension.
layer("CONSTANT_PAD", torch.nn.ConstantPad2d((1, 2, 0, 3), 0.5), image)
layer("REFLECTION_PAD", torch.nn.ReflectionPad2d((1, 2, 0, 3)), image)
layer("REPLICATION_PAD", torch.nn.ReplicationPad3d((1, 2, 0, 1, 2, 0)), volume)
layer("CIRCULAR_PAD", torch.nn.CircularPad1d((3, 8)), sequence)
layer("UNFOLD", torch.nn.Unfold((3, 2), dilation=(1, 2), padding=(1, 0), stride=(2, 1)), image)
layer("FOLD", torch.nn.Fold((5, 6), (3, 2), dilation=(1, 2), padding=(1, 0), stride=(2, 1)), numbers([1, 18, 12], 1))
layer("UNFLATTEN", torch.nn.Unflatten(-1, (2, -1)), sequence)


def recurrent(name, m, states):
    """Outputs and last states; gradients of their sum, weighed by numbers, by inputs, starts and weights."""
    fill(m)
    x = numbers([3, 4, 2], 1).requires_grad_()
    starts = [numbers([m.num_layers * 2, 3, 3], 2 + i).requires_grad_() for i in range(states)]
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, [2, 4, 1], batch_first=True, enforce_sorted=False)
    y, end = m(packed, tuple(starts) if states == 2 else starts[0])
    y = torch.nn.utils.rnn.pad_packed_sequence(y, batch_first=True, total_length=4)[0]
    ends = end if states == 2 else (end,)
    write(name, torch.cat([v.reshape(-1) for v in (y, *ends)]))
    total = sum((v * numbers(v.shape, 99 - i)).sum() for i, v in enumerate((y, *ends)))
    weights = [p for _, p in sorted(m.named_parameters())]
    grads = torch.autograd.grad(total, [x, *starts, *weights])
    write(f"{name}_GRAD", torch.cat([g.reshape(-1) for g in grads]))


for kind, m, states in [("RNN", torch.nn.RNN, 1), ("LSTM", torch.nn.LSTM, 2), ("GRU", torch.nn.GRU, 1)]:
    recurrent(kind, m(2, 3, num_layers=2, bidirectional=True, batch_first=True), states)
    m = m(2, 3)
    fill(m)
    layer(f"{kind}_PLAIN", m, numbers([4, 3, 2], 1), lambda x: m(x)[0])
m = torch.nn.RNN(2, 3, nonlinearity="relu", bias=False)
fill(m)
layer("RNN_RELU", m, numbers([4, 3, 2], 1), lambda x: m(x)[0])
m = torch.nn.LSTMCell(2, 3)
fill(m)
layer("LSTM_CELL", m, numbers([3, 2], 1), lambda x: torch.cat(m(x, m(x)), 1))
m = torch.nn.GRUCell(2, 3)
fill(m)
layer("GRU_CELL", m, numbers([3, 2], 1), lambda x: m(x, m(x)))
m = torch.nn.RNNCell(2, 3)
fill(m)
layer("RNN_CELL", m, numbers([3, 2], 1), lambda x: m(x, m(x)))

with open("values.txt", "w") as f:
    f.write("\n".join(OUT) + "\n")
