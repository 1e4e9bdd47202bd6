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
