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

for name in ["exp2", "sinh", "cosh", "asinh", "atan", "erfc", "sinc", "trunc", "frac"]:
    case(name, getattr(torch, name), normal(2, 3))
for name in ["log2", "log10", "lgamma"]:
    case(name, getattr(torch, name), uniform(0.2, 4.0, 2, 3))
# PyTorch's trigamma, which is the gradient of digamma, has eight digits.
case("digamma", lambda x: torch.digamma(x), uniform(0.2, 4.0, 2, 3), tolerance=1e-6)
case("lgamma", torch.lgamma, given([1.0, 2.0, -0.5, -2.3, 30.5]))
case("digamma", lambda x: torch.digamma(x), given([1.0, -0.5, -2.3, 30.5]), tolerance=1e-6)
case("sinc", torch.sinc, given([0.25, 0.5, 3.75]))
for name in ["asin", "acos", "atanh"]:
    case(name, getattr(torch, name), uniform(-0.9, 0.9, 2, 3))
case("acosh", torch.acosh, uniform(1.1, 4.0, 2, 3))
for n in [1, 2, 3]:
    case("polygamma", lambda x, n: torch.polygamma(n, x), uniform(0.3, 4.0, 4), n=n, tolerance=1e-6 if n == 1 else 1e-10)
case("logit", lambda x: torch.logit(x), uniform(0.1, 0.9, 4))

# Values between the kinks, on both sides of them, and far out.
wide = given([-7.5, -3.25, -1.5, -0.75, -0.25, 0.25, 0.75, 1.5, 3.25, 7.5])
case("hardsigmoid", lambda x: F.hardsigmoid(x), wide, tolerance=1e-7)  # PyTorch rounds 1/6 to f32.
for name in ["hardswish", "relu6", "mish", "selu", "softsign", "tanhshrink"]:
    case(name, lambda x, f=getattr(F, name): f(x), wide)
case("log_sigmoid", lambda x: F.logsigmoid(x), wide)
case("hardtanh", lambda x, low, high: F.hardtanh(x, low, high), wide, low=-1.0, high=2.0)
case("hardtanh", lambda x, low, high: F.hardtanh(x, low, high), given([-1.0, 2.0]), low=-1.0, high=2.0)
case("relu6", lambda x: F.relu6(x), given([0.0, 6.0]))
case("celu", lambda x, alpha: F.celu(x, alpha), wide, alpha=1.5)
case("softshrink", lambda x, c: F.softshrink(x, c), wide, c=0.5)
case("hardshrink", lambda x, c: F.hardshrink(x, c), wide, c=0.5)
case("threshold", lambda x, t, value: F.threshold(x, t, value), wide, t=0.5, value=-2.0)
case("rrelu", lambda x, lower, upper: F.rrelu(x, lower, upper, training=False), wide, lower=0.1, upper=0.3)
case("glu", lambda x, dim: F.glu(x, dim), normal(2, 4), dim=1)
