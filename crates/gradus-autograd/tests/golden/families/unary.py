"""Ops of one operand, element by element."""

import torch
import torch.nn.functional as F
from generate import case, given, normal, uniform

for name in ["neg", "abs", "sign", "square", "exp", "expm1", "sin", "cos", "tan", "tanh",
             "sigmoid", "erf", "relu", "floor", "ceil", "round"]:
    case(name, getattr(torch, name), normal(2, 3))
for name in ["sqrt", "rsqrt", "reciprocal", "log", "log1p"]:
    case(name, getattr(torch, name), uniform(0.2, 4.0, 2, 3))

case("gelu", lambda x: F.gelu(x), normal(2, 3))
case("gelu_tanh", lambda x: F.gelu(x, approximate="tanh"), normal(2, 3))
case("silu", lambda x: F.silu(x), normal(2, 3))
case("softplus", lambda x: F.softplus(x), normal(2, 3))
case("clamp", lambda x, low, high: x.clamp(low, high), given([-2.0, -0.9, 0.3, 0.4, 0.9]), low=-1.0, high=0.5)
case("leaky_relu", lambda x, slope: F.leaky_relu(x, slope), normal(2, 3), slope=0.2)
case("elu", lambda x, alpha: F.elu(x, alpha), normal(2, 3), alpha=1.5)
case("powf", lambda x, c: x.pow(c), uniform(0.2, 3.0, 4), c=2.5)
case("powf", lambda x, c: x.pow(c), normal(4), c=3.0)
case("is_nan", torch.isnan, normal(3))
case("is_finite", torch.isfinite, normal(3))
