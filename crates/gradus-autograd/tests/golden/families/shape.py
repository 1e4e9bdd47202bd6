"""The same elements in another arrangement."""

import torch
import torch.nn.functional as F
from generate import case, normal

case("narrow", lambda x, dim, start, len: x.narrow(dim, start, len), normal(2, 4), dim=1, start=1, len=2)
case("select", lambda x, dim, i: x.select(dim, i), normal(2, 4), dim=1, i=2)
case("step", lambda x, n: x[:, ::n], normal(2, 5), n=2)
case("permute", lambda x, dims: x.permute(dims), normal(2, 3, 2), dims=[2, 0, 1])
case("transpose", lambda x: x.transpose(0, 2), normal(2, 3, 2))
case("t", lambda x: x.mT, normal(2, 3))
case("expand", lambda x, shape: x.expand(shape), normal(3, 1), shape=[2, 3, 2])
case("squeeze", lambda x, dim: x.squeeze(dim), normal(2, 1, 3), dim=1)
case("unsqueeze", lambda x, dim: x.unsqueeze(dim), normal(2, 3), dim=1)
case("reshape", lambda x, shape: x.reshape(shape), normal(2, 6), shape=[3, 4])
case("flatten", lambda x: x.flatten(1, 2), normal(2, 3, 2))
case("flip", lambda x, dims: x.flip(dims), normal(2, 3), dims=[1])
case("pad", lambda x, value: F.pad(x, (1, 2, 0, 1), value=value), normal(2, 2), value=0.5)
case("cat", lambda x, y, dim: torch.cat([x, y], dim), normal(2, 1), normal(2, 3), dim=1)
case("stack", lambda x, y, dim: torch.stack([x, y], dim), normal(2, 2), normal(2, 2), dim=1)
case("split", lambda x, sizes: x.split(sizes, 1), normal(2, 4), sizes=[1, 3])
case("chunk", lambda x, n: x.chunk(n, 1), normal(2, 5), n=2)
case("tril", lambda x, k: x.tril(k), normal(3, 3), k=-1)
case("triu", lambda x, k: x.triu(k), normal(3, 4), k=1)
case("contiguous", lambda x: x.mT.contiguous(), normal(2, 3))
