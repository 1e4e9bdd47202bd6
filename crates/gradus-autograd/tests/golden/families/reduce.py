"""Many elements to one, and running forms."""

import torch
from generate import case, given, mask, normal

case("sum", lambda x, dims: x.sum(dims), normal(2, 3, 2), dims=[0, 2])
case("prod", lambda x, dim: x.prod(dim), normal(2, 3), dim=1)
case("prod", lambda x, dim: x.prod(dim), given([[2.0, 0.0, 3.0], [0.0, 0.0, 4.0]]), dim=1)
case("max", lambda x, dims: x.amax(dims), given([[1.0, 3.0], [3.0, 2.0]]), dims=[0, 1])
case("min", lambda x, dims: x.amin(dims), given([[1.0, 3.0, 1.0], [3.0, 2.0, 4.0]]), dims=[1])
case("mean", lambda x, dims: x.mean(dims), normal(2, 3, 2), dims=[1])
case("var", lambda x, dims, correction: x.var(dims, correction=correction), normal(2, 3, 2), dims=[0, 1], correction=1)
case("std", lambda x, dims, correction: x.std(dims, correction=correction), normal(2, 5), dims=[1], correction=0)
case("logsumexp", lambda x, dims: x.logsumexp(dims), normal(2, 3), dims=[1])
for p in [0.5, 1, 2, 3]:
    case("norm", lambda x, p, dims: torch.linalg.vector_norm(x, p, dims), normal(2, 3), p=p, dims=[1])
case("sum_to", lambda x, shape: x.sum_to_size(shape), normal(2, 3), shape=[1, 3])
case("cumsum", lambda x, dim: x.cumsum(dim), normal(2, 3), dim=1)
case("argmax", lambda x, dim: x.argmax(dim), normal(2, 5), dim=1)
case("argmin", lambda x, dim: x.argmin(dim), normal(2, 5), dim=0)
case("any", lambda x, dim: x.any(dim), mask(3, 3), dim=1)
case("all", lambda x, dim: x.all(dim), mask(3, 3), dim=0)
case("softmax", lambda x, dim: x.softmax(dim), normal(2, 3), dim=1)
case("softmax", lambda x, dim: x.softmax(dim), normal(2, 3, 2), dim=1)
case("log_softmax", lambda x, dim: x.log_softmax(dim), normal(2, 3), dim=0)
case("softmin", lambda x, dim: torch.nn.functional.softmin(x, dim), normal(2, 3), dim=1)
case("cumprod", lambda x, dim: x.cumprod(dim), normal(2, 4), dim=1)
case("cumprod", lambda x, dim: x.cumprod(dim), given([[2.0, 0.0, 3.0, 0.0], [0.5, 1.5, 2.5, 0.0]]), dim=1)
case("logcumsumexp", lambda x, dim: x.logcumsumexp(dim), normal(2, 4), dim=1)
case("cummax", lambda x, dim: x.cummax(dim), normal(2, 5), dim=1)
case("cummin", lambda x, dim: x.cummin(dim), normal(5, 2), dim=0)
case("median", lambda x, dim: x.median(dim), normal(2, 4), dim=1)
case("kthvalue", lambda x, k, dim: x.kthvalue(k, dim), normal(2, 5), k=2, dim=1)
for q in [0.0, 0.3, 0.75, 1.0]:
    case("quantile", lambda x, q, dim: x.quantile(q, dim), normal(2, 6), q=q, dim=1)
