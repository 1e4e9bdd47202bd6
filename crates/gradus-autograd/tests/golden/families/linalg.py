"""Matrix products and decompositions."""

import torch
import torch.nn.functional as F
from generate import case, normal


def positive(x):
    """A symmetric positive definite matrix."""
    return x @ x.mT + torch.eye(x.shape[-1], dtype=x.dtype)


case("matmul", torch.matmul, normal(2, 2, 3), normal(3, 2))
case("linear", lambda x, w, b: F.linear(x, w, b), normal(2, 3), normal(2, 3), normal(2))


def triangle(a, b, upper, unit):
    return torch.linalg.solve_triangular(a, b, upper=upper, unitriangular=unit)


def signed_qr(x):
    """With a diagonal of R that is not negative."""
    q, r = torch.linalg.qr(x)
    sign = r.diagonal(dim1=-2, dim2=-1).sign()
    return q * sign.unsqueeze(-2), r * sign.unsqueeze(-1)


def singular(x):
    """The values, and what does not depend on the signs of the vectors."""
    u, s, vh = torch.linalg.svd(x, full_matrices=False)
    return s, (u * s.sin().unsqueeze(-2)) @ vh, u.square(), vh.square()


def eigen(x):
    values, vectors = torch.linalg.eigh(x + x.mT)
    return values, (vectors * values.sin().unsqueeze(-2)) @ vectors.mT, vectors.square()


case("solve", torch.linalg.solve, normal(2, 3, 3), normal(2, 3, 2))
case("solve", torch.linalg.solve, normal(3, 3), normal(3))
case("inverse", torch.linalg.inv, normal(2, 3, 3))
for upper in [False, True]:
    for unit in [False, True]:
        case("solve_triangular", triangle, normal(3, 3), normal(2, 3, 1), upper=upper, unit=unit)
case("det", torch.linalg.det, normal(2, 3, 3))
case("slogdet", lambda x: torch.linalg.slogdet(x)[1], normal(2, 3, 3))
case("cholesky", lambda x: torch.linalg.cholesky(positive(x)), normal(2, 3, 3))
for m, n in [(3, 3), (4, 2), (2, 4)]:
    case("svd", singular, normal(m, n))
    if m >= n:
        case("qr", signed_qr, normal(m, n))
    case("pinv", torch.linalg.pinv, normal(m, n))
    case("lstsq", lambda a, b: torch.linalg.lstsq(a, b).solution, normal(m, n), normal(m, 2))
case("eigh", eigen, normal(2, 3, 3))
case("matrix_exp", torch.linalg.matrix_exp, normal(2, 3, 3))
