"""Ops of two operands, element by element, and comparisons."""

import torch
from generate import case, given, ids, mask, normal, uniform

for name in ["add", "sub", "mul", "div", "maximum", "minimum", "atan2"]:
    case(name, getattr(torch, name), normal(2, 3), normal(3))
case("maximum", torch.maximum, given([1.0, 2.0]), given([1.0, 3.0]))
case("minimum", torch.minimum, given([1.0, 2.0]), given([1.0, 3.0]))
case("pow", torch.pow, uniform(0.2, 2.0, 2, 3), normal(2, 1))
case("remainder", torch.remainder, normal(2, 3), uniform(0.3, 0.9, 3))
case("remainder", torch.remainder, normal(3), uniform(-0.9, -0.3, 3))

for name in ["eq", "ne", "lt", "le", "gt", "ge"]:
    case(name, getattr(torch, name), ids(3, 3, 4), ids(3, 4))
case("logical_not", torch.logical_not, mask(4))
for name in ["logical_and", "logical_or", "logical_xor"]:
    case(name, getattr(torch, name), mask(4), mask(4))

case("clamp", lambda x, low, high: torch.clamp(x, low, high), given([[-3.0], [0.4], [5.0]]), given([-1.0, 0.0]), given([2.0]))
case("prelu", lambda x, w: torch.nn.functional.prelu(x, w), normal(2, 3, 2), normal(3))
case("prelu", lambda x, w: torch.nn.functional.prelu(x, w), normal(2, 3), normal(1))
case("fmod", torch.fmod, normal(2, 3), uniform(0.3, 0.9, 3))
case("hypot", torch.hypot, normal(2, 3), normal(3))
case("logaddexp", torch.logaddexp, normal(2, 3), normal(3))
case("xlogy", torch.xlogy, normal(2, 3), uniform(0.2, 3.0, 3))
case("lerp", torch.lerp, normal(2, 3), normal(3), uniform(0.0, 1.0, 2, 1))
