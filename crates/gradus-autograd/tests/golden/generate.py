"""Writes the golden values: for each op, what PyTorch makes of fixed inputs, and its gradients.

    python crates/gradus-autograd/tests/golden/generate.py [FAMILY ...]

writes data/FAMILY.json for each file of families/, or for those that are named. Needs torch; made with
torch 2.x in f64 on one thread. The inputs of a case are drawn from its name and its place among the
cases of that name, so that a new case moves no other.

To add an op: one line `case("name", function, inputs..., parameters=...)` in a file of families/, and
one arm in the Rust file of the same name beside this one. A function returns a tensor or several.
"""

import importlib
import inspect
import json
import sys
import zlib
from collections import Counter
from pathlib import Path

import torch

HERE = Path(__file__).parent
CASES = []


def normal(*shape):
    """Normal values, three decimals: short in the file, and without ties."""
    return lambda g: torch.randn(shape, generator=g, dtype=torch.float64).mul(1000).round().div(1000)


def uniform(low, high, *shape):
    """Values of a range."""
    def draw(g):
        x = torch.rand(shape, generator=g, dtype=torch.float64) * (high - low) + low
        return x.mul(1000).round().div(1000)
    return draw


def ids(end, *shape):
    """Indices below `end`."""
    return lambda g: torch.randint(0, end, shape, generator=g)


def mask(*shape):
    """Truth values."""
    return lambda g: torch.rand(shape, generator=g) < 0.5


def given(values):
    """These values, as f64; integers and truth values as they are."""
    x = torch.tensor(values)
    x = x.double() if x.is_floating_point() else x
    return lambda _: x.clone()


def case(op, f, *inputs, **params):
    """An op at some inputs: `f(*inputs, **params)`, with the parameters that `f` names.

    A parameter `tolerance` is for the test: how far off PyTorch itself is, where it is.
    """
    CASES.append((op, f, inputs, params))


def flat(x):
    return {"dtype": str(x.dtype).split(".")[1].replace("int64", "i64").replace("float64", "f64"),
            "shape": list(x.shape), "data": x.detach().reshape(-1).tolist()}


def weights(shape):
    """The cotangent of the gradients: exact in binary, nowhere zero."""
    n = torch.Size(shape).numel()
    return ((3 * torch.arange(n) % 7).double() - 2.5).div(4).reshape(shape)


def run(op, n, f, inputs, params):
    g = torch.Generator().manual_seed(zlib.crc32(f"{op} {n}".encode()))
    inputs = [draw(g) for draw in inputs]
    leaves = [x.requires_grad_() for x in inputs if x.is_floating_point()]
    named = inspect.signature(f).parameters if inspect.isfunction(f) else params
    outputs = f(*inputs, **{k: v for k, v in params.items() if k in named})
    outputs = [outputs] if isinstance(outputs, torch.Tensor) else list(outputs)
    floats = [y for y in outputs if y.requires_grad]
    grads = [None] * len(leaves)
    if floats:
        cotangents = [weights(y.shape) for y in floats]
        grads = torch.autograd.grad(floats, leaves, cotangents, allow_unused=True)
    zeros = [torch.zeros_like(x) if g is None else g for g, x in zip(grads, leaves)]
    return {"op": op, "params": params, "inputs": [flat(x) for x in inputs],
            "outputs": [flat(y) for y in outputs], "grads": [flat(g) for g in zeros]}


def main(families):
    # The families write into this module's list, not into that of a second copy.
    sys.modules["generate"] = sys.modules["__main__"]
    sys.path[:0] = [str(HERE), str(HERE / "families")]
    torch.set_num_threads(1)
    for family in families or sorted(p.stem for p in (HERE / "families").glob("*.py")):
        CASES.clear()
        importlib.import_module(family)
        seen = Counter()
        rows = []
        for op, f, inputs, params in CASES:
            rows.append(json.dumps(run(op, seen[op], f, inputs, params), ensure_ascii=False, allow_nan=False))
            seen[op] += 1
        head = json.dumps(f"generate.py, torch {torch.__version__.split('+')[0]}")
        text = f'{{"by": {head}, "cases": [\n' + ",\n".join(rows) + "\n]}\n"
        (HERE / "data" / f"{family}.json").write_text(text)
        print(f"{family}: {len(rows)} cases, {len(text) // 1024} KiB")


if __name__ == "__main__":
    main(sys.argv[1:])
