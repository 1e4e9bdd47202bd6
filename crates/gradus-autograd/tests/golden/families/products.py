"""Products of whole tensors."""

import torch
from generate import case, normal

case("einsum", lambda a, b, equation: torch.einsum(equation, a, b), normal(2, 3), normal(3, 4), equation="ij,jk->ki")
case("einsum", lambda a, b, equation: torch.einsum(equation, a, b), normal(2, 3, 3), normal(2, 3), equation="ijj,ij->j")
case("einsum", lambda a, b, equation: torch.einsum(equation, a, b), normal(2, 1, 3), normal(4, 3), equation="...j,...j->...")
case("einsum", lambda a, b, equation: torch.einsum(equation, a, b), normal(2, 3), normal(3, 4), equation="ba,ac")
case("einsum", lambda a, b, c, equation: torch.einsum(equation, a, b, c), normal(2, 3), normal(2, 4), normal(4, 3), equation="ij,ik,kj->k")
case("tensordot", lambda a, b, left, right: torch.tensordot(a, b, (left, right)), normal(2, 3, 4), normal(4, 5, 2), left=[0, 2], right=[2, 0])
case("outer", torch.outer, normal(2), normal(3))
case("kron", torch.kron, normal(2, 3), normal(2))
case("cross", lambda a, b, dim: torch.linalg.cross(a, b, dim=dim), normal(2, 3), normal(1, 3), dim=1)
case("trace", torch.trace, normal(3, 4))
for p in [1.0, 2.0, 3.0]:
    case("cdist", lambda a, b, p: torch.cdist(a, b, p), normal(2, 3, 2), normal(2, 4, 2), p=p)
