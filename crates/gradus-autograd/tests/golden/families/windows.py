"""Windows, interpolation, bags and the norms of channels."""

import torch
import torch.nn.functional as F
from generate import case, given, ids, normal, uniform


def conv3d(x, w, b, stride, padding, dilation, groups):
    return F.conv3d(x, w, b, stride, padding, dilation, groups)


def conv_transpose3d(x, w, b, stride, padding, output_padding, groups, dilation):
    return F.conv_transpose3d(x, w, b, stride, padding, output_padding, groups, dilation)


def max_pool(f):
    return lambda x, kernel, stride, padding, dilation, ceil: f(x, kernel, stride, padding, dilation, ceil)


def avg_pool(f):
    return lambda x, kernel, stride, padding, ceil, inside: f(x, kernel, stride, padding, ceil, not inside)


def bag(table, at, offsets, mode):
    return F.embedding_bag(at, table, offsets, mode=mode)


def weighted_bag(table, at, offsets, weights):
    return F.embedding_bag(at, table, offsets, mode="sum", per_sample_weights=weights)


case("conv3d", conv3d, normal(1, 2, 3, 3, 2), normal(2, 1, 2, 2, 1), normal(2),
     stride=[1, 2, 1], padding=[1, 1, 0], dilation=[2, 1, 1], groups=2)
case("conv_transpose3d", conv_transpose3d, normal(1, 2, 2, 2, 2), normal(2, 1, 2, 1, 2), normal(2),
     stride=[2, 1, 2], padding=[1, 0, 0], output_padding=[1, 0, 1], dilation=[1, 1, 2], groups=2)
case("max_pool1d", max_pool(F.max_pool1d), normal(1, 2, 6), kernel=2, stride=3, padding=1, dilation=2, ceil=True)
case("max_pool2d", max_pool(F.max_pool2d), normal(1, 2, 4, 5), kernel=[2, 3], stride=[2, 2], padding=[1, 1],
     dilation=[1, 1], ceil=True)
case("max_pool2d", max_pool(F.max_pool2d), normal(1, 1, 5, 5), kernel=[2, 3], stride=[1, 2], padding=[1, 0],
     dilation=[3, 2], ceil=False)
case("max_pool3d", max_pool(F.max_pool3d), normal(1, 1, 3, 4, 3), kernel=[2, 2, 3], stride=[2, 1, 2], padding=[0, 1, 1],
     dilation=[1, 2, 1], ceil=True)
for ceil in [False, True]:
    for inside in [False, True]:
        params = dict(ceil=ceil, inside=inside)
        case("avg_pool1d", avg_pool(F.avg_pool1d), normal(1, 1, 6), kernel=3, stride=2, padding=1, **params)
        case("avg_pool2d", avg_pool(F.avg_pool2d), normal(1, 1, 4, 5), kernel=[2, 3], stride=[2, 3], padding=[1, 1], **params)
        case("avg_pool3d", avg_pool(F.avg_pool3d), normal(1, 1, 3, 2, 4), kernel=[2, 2, 3], stride=[2, 1, 2],
             padding=[1, 0, 1], **params)
case("lp_pool1d", lambda x, p, kernel, stride: F.lp_pool1d(x, p, kernel, stride), uniform(0.1, 2.0, 1, 2, 6),
     p=3.0, kernel=3, stride=2)
case("lp_pool2d", lambda x, p, kernel, stride: F.lp_pool2d(x, p, kernel, stride), normal(1, 1, 4, 4),
     p=2.0, kernel=[2, 3], stride=[1, 1])
case("lp_pool3d", lambda x, p, kernel, stride: F.lp_pool3d(x, p, kernel, stride), normal(1, 1, 2, 3, 2),
     p=2.0, kernel=[2, 2, 1], stride=[1, 1, 1])
for n, shape, size in [(1, (1, 2, 5), [3]), (2, (1, 1, 5, 3), [2, 4]), (3, (1, 1, 3, 4, 2), [2, 3, 1])]:
    for kind in ["avg", "max"]:
        pool = getattr(F, f"adaptive_{kind}_pool{n}d")
        case(f"adaptive_{kind}_pool{n}d", lambda x, size, pool=pool: pool(x, size), normal(*shape), size=size)


def interpolate(x, size, mode, aligned):
    return F.interpolate(x, size, mode=mode, align_corners=aligned)


for mode in ["nearest", "nearest-exact", "area"]:
    case("interpolate", interpolate, normal(1, 1, 3, 4), size=[5, 2], mode=mode, aligned=None)
for aligned in [False, True]:
    for size in [[5, 3], [2, 7]]:
        case("interpolate", interpolate, normal(1, 1, 3, 4), size=size, mode="bilinear", aligned=aligned)
        case("interpolate", interpolate, normal(1, 1, 3, 4), size=size, mode="bicubic", aligned=aligned)
    case("interpolate", interpolate, normal(1, 2, 4), size=[7], mode="linear", aligned=aligned)
    case("interpolate", interpolate, normal(1, 1, 2, 2, 3), size=[3, 1, 4], mode="trilinear", aligned=aligned)
case("pixel_shuffle", lambda x, r: F.pixel_shuffle(x, r), normal(1, 8, 2, 1), r=2)
case("pixel_unshuffle", lambda x, r: F.pixel_unshuffle(x, r), normal(1, 2, 4, 2), r=2)
case("channel_shuffle", lambda x, r: F.channel_shuffle(x, r), normal(1, 6, 2, 1), r=3)
for mode in ["sum", "mean", "max"]:
    case("embedding_bag", bag, normal(4, 3), ids(4, 5), given([0, 2, 2, 4]), mode=mode)
case("embedding_bag", weighted_bag, normal(4, 3), ids(4, 5), given([0, 3]), normal(5))
case("group_norm", lambda x, w, b, groups, eps: F.group_norm(x, groups, w, b, eps), normal(2, 4, 3), normal(4), normal(4),
     groups=2, eps=0.1)
case("instance_norm", lambda x, w, b, eps: F.instance_norm(x, None, None, w, b, eps=eps), normal(2, 3, 4), normal(3), normal(3),
     eps=0.1)
case("batch_norm", lambda x, w, b, eps: F.batch_norm(x, None, None, w, b, True, eps=eps), normal(3, 2, 2), normal(2), normal(2),
     eps=0.1)
case("batch_norm", lambda x, w, b, mean, var, eps: F.batch_norm(x, mean.detach(), var.detach(), w, b, False, eps=eps),
     normal(3, 2, 2), normal(2), normal(2), normal(2), uniform(0.5, 2.0, 2), eps=0.1)
case("local_response_norm", lambda x, size, alpha, beta, k: F.local_response_norm(x, size, alpha, beta, k),
     normal(2, 5, 2), size=3, alpha=0.7, beta=0.6, k=1.5)
case("local_response_norm", lambda x, size, alpha, beta, k: F.local_response_norm(x, size, alpha, beta, k),
     normal(1, 5, 2), size=4, alpha=0.7, beta=0.6, k=1.5)
