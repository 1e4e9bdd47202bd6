"""Fused pieces of networks."""

import torch
import torch.nn.functional as F
from generate import case, ids, normal

case("conv1d", lambda x, w, b, stride, padding, dilation, groups: F.conv1d(x, w, b, stride, padding, dilation, groups),
     normal(2, 2, 6), normal(2, 1, 2), normal(2), stride=2, padding=1, dilation=2, groups=2)
case("conv2d", lambda x, w, b, stride, padding, dilation, groups: F.conv2d(x, w, b, stride, padding, dilation, groups),
     normal(1, 2, 4, 5), normal(2, 2, 2, 2), normal(2), stride=[2, 1], padding=[1, 0], dilation=[1, 2], groups=1)
case("conv_transpose1d", lambda x, w, b, stride, padding, output_padding, groups, dilation:
     F.conv_transpose1d(x, w, b, stride, padding, output_padding, groups, dilation),
     normal(2, 2, 4), normal(2, 1, 2), normal(2), stride=2, padding=1, output_padding=1, groups=2, dilation=2)
case("conv_transpose2d", lambda x, w, b, stride, padding, output_padding, groups, dilation:
     F.conv_transpose2d(x, w, b, stride, padding, output_padding, groups, dilation),
     normal(1, 2, 3, 2), normal(2, 1, 2, 2), normal(1),
     stride=[2, 1], padding=[1, 0], output_padding=[1, 0], groups=1, dilation=[1, 1])
case("conv2d_grad_input", lambda dy, w, shape: torch.nn.grad.conv2d_input(shape, w, dy),
     normal(1, 2, 3, 4), normal(2, 2, 2, 2), shape=[1, 2, 4, 5])
case("conv2d_grad_weight", lambda dy, x, shape: torch.nn.grad.conv2d_weight(x, shape, dy),
     normal(1, 2, 3, 4), normal(1, 2, 4, 5), shape=[2, 2, 2, 2])
case("max_pool1d", lambda x, kernel, stride, padding: F.max_pool1d(x, kernel, stride, padding),
     normal(2, 2, 6), kernel=3, stride=2, padding=1)
case("avg_pool1d", lambda x, kernel, stride, padding: F.avg_pool1d(x, kernel, stride, padding, count_include_pad=False),
     normal(2, 2, 6), kernel=3, stride=2, padding=0)
case("max_pool2d", lambda x, kernel, stride, padding: F.max_pool2d(x, kernel, stride, padding),
     normal(1, 2, 4, 5), kernel=[2, 3], stride=[1, 2], padding=[1, 1])
case("avg_pool2d", lambda x, kernel, stride, padding: F.avg_pool2d(x, kernel, stride, padding, count_include_pad=False),
     normal(1, 2, 4, 5), kernel=[2, 3], stride=[1, 2], padding=[0, 0])
case("layer_norm", lambda x, w, b, eps: F.layer_norm(x, w.shape, w, b, eps), normal(2, 4), normal(4), normal(4), eps=0.1)
case("rms_norm", lambda x, w, eps: F.rms_norm(x, w.shape, w, eps), normal(2, 4), normal(4), eps=0.1)
case("cross_entropy", lambda x, target: F.cross_entropy(x, target, reduction="none"), normal(3, 4), ids(4, 3))
case("attention", lambda q, k, v: F.scaled_dot_product_attention(q, k, v), normal(2, 3, 2), normal(2, 4, 2), normal(2, 4, 3))
case("attention", lambda q, k, v, causal: F.scaled_dot_product_attention(q, k, v, is_causal=causal),
     normal(2, 3, 2), normal(2, 3, 2), normal(2, 3, 2), causal=True)


def recurrent(kind):
    """A layer on [T, B, I] with its weights as inputs: x, h, (c,) w_ih, w_hh, b_ih, b_hh."""
    def run(x, *rest):
        *state, w_ih, w_hh, b_ih, b_hh = rest
        layer = kind(w_ih.shape[1], w_hh.shape[1]).double()
        names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
        weights = dict(zip(names, [w_ih, w_hh, b_ih, b_hh]))
        state = [s[None] for s in state]
        y, end = torch.func.functional_call(layer, weights, (x, tuple(state) if len(state) > 1 else state[0]))
        return [y] + [s[0] for s in (end if isinstance(end, tuple) else [end])]
    return run


for name, kind, gates, states in [("rnn", torch.nn.RNN, 1, 1), ("gru", torch.nn.GRU, 3, 1), ("lstm", torch.nn.LSTM, 4, 2)]:
    case(name, recurrent(kind), normal(3, 2, 2), *[normal(2, 3)] * states,
         normal(3 * gates, 2), normal(3 * gates, 3), normal(3 * gates), normal(3 * gates))
