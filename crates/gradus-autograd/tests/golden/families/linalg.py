"""Matrix products and decompositions."""

import torch
import torch.nn.functional as F
from generate import case, normal


def positive(x):
    """A symmetric positive definite matrix."""
    return x @ x.mT + torch.eye(x.shape[-1], dtype=x.dtype)


case("matmul", torch.matmul, normal(2, 2, 3), normal(3, 2))
case("linear", lambda x, w, b: F.linear(x, w, b), normal(2, 3), normal(2, 3), normal(2))
