"""Elements chosen by indices or masks."""

import torch
import torch.nn.functional as F
from generate import case, ids, mask, normal

case("where_cond", lambda m, a, b: torch.where(m, a, b), mask(2, 3), normal(2, 3), normal(3))
case("masked_fill", lambda x, m, value: x.masked_fill(m, value), normal(2, 3), mask(2, 3), value=0.5)
case("index_select", lambda x, i, dim: x.index_select(dim, i), normal(2, 3), ids(3, 5), dim=1)
case("gather", lambda x, i, dim: x.gather(dim, i), normal(3, 4), ids(4, 2, 5), dim=1)
case("scatter_add", lambda x, i, src, dim: x.scatter_add(dim, i, src), normal(3, 2), ids(3, 4, 2), normal(4, 2), dim=0)
case("sort", lambda x, dim: x.sort(dim), normal(2, 4), dim=1)
case("topk", lambda x, k, dim: x.topk(k, dim), normal(2, 5), k=2, dim=1)
case("argsort", lambda x, dim: x.argsort(dim), normal(2, 4), dim=1)
case("embedding", lambda table, i: F.embedding(i, table), normal(4, 2), ids(4, 2, 3))


def copied(*shape):
    """Indices of a permutation of the first dimension, so that no place is written twice."""
    return lambda g: torch.stack([torch.randperm(shape[0] + 1, generator=g)[:shape[0]] for _ in range(shape[1])], 1)


case("scatter", lambda x, i, src, dim: x.scatter(dim, i, src), normal(4, 2), copied(3, 2), normal(3, 2), dim=0)
for reduce in ["sum", "prod", "mean", "amax", "amin"]:
    for include in [True, False]:
        case("scatter_reduce",
             lambda x, i, src, dim, reduce, include: x.scatter_reduce(dim, i, src, reduce, include_self=include),
             normal(3, 2), ids(3, 4, 2), normal(4, 2), dim=0, reduce=reduce, include=include)
case("index_add", lambda x, i, src, dim: x.index_add(dim, i, src), normal(2, 3), ids(3, 4), normal(2, 4), dim=1)
case("index_copy", lambda x, i, src, dim: x.index_copy(dim, i, src), normal(4, 2),
     lambda g: torch.randperm(4, generator=g)[:3], normal(3, 2), dim=0)
case("masked_select", lambda x, m: x.masked_select(m), normal(2, 3), mask(2, 3))
case("masked_scatter", lambda x, m, src: x.masked_scatter(m, src), normal(2, 3), mask(2, 3), normal(4, 2))
case("take_along_dim", lambda x, i, dim: x.take_along_dim(i, dim), normal(1, 3, 2), ids(3, 2, 4, 1), dim=1)
