"""PyTorch's side of the comparison: the cases of `compare`, as JSON lines.

    python torch_cases.py --cases A,E,sgemm_64 --threads 1 --mode fused

Modes: `fused` is eager PyTorch with its fused optimizer, `amp` the same under autocast to bfloat16 (training
steps only). A line is one figure of one case: the time of a call (median and least over batches, in µs) with a
rate, the loss after some steps, or, when a single case was chosen, the most memory that was resident.
`--describe` prints versions instead. Needs torch, and transformers for group G.
"""
import argparse
import json
import os
import resource
import statistics
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("--cases", default="A,B,C,D,E,F,G")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--mode", default="fused", choices=["fused", "amp"])
parser.add_argument("--seconds", type=float, default=2.0, help="seconds measured per case")
parser.add_argument("--round", type=int, default=0, help="only the first checks that losses fall")
parser.add_argument("--describe", action="store_true")
args = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = str(args.threads)
os.environ["MKL_NUM_THREADS"] = str(args.threads)
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(args.threads)
torch.set_num_interop_threads(1)
PEER = {"fused": "torch", "amp": "torch-amp"}[args.mode]
CHOSEN = args.cases.split(",")
REPS = 7


def wanted(group, name):
    return group in CHOSEN or name in CHOSEN


def emit(**fields):
    print(json.dumps(dict(peer=PEER, threads=args.threads, round=args.round, **fields)), flush=True)


def batch(call, n):
    start = time.perf_counter()
    for _ in range(n):
        call()
    return (time.perf_counter() - start) / n


def bench(name, call, work, rate_unit):
    """Warms up, then times batches of calls; `work` is in units of `rate_unit` times seconds."""
    once = batch(call, 1)
    if once < 1:
        once = batch(call, 1)
    if once < 0.2:
        batch(call, 3)
        once = batch(call, 1)
    n = max(1, int(args.seconds / REPS / max(once, 1e-7)))
    reps = REPS if once * n * REPS < 3 * args.seconds else max(3 if once < 2 else 2, int(2 * args.seconds / once))
    times = [batch(call, n) for _ in range(reps)]
    median, least = statistics.median(times), min(times)
    emit(case=name, metric="time", median=median * 1e6, min=least * 1e6, unit="us", reps=reps, iters=n,
         rate=work / median, rate_unit=rate_unit)


def products():
    def product(name, m, k, n, dtype):
        if wanted("A", name):
            a, b = torch.randn(m, k).to(dtype), torch.randn(k, n).to(dtype)
            with torch.no_grad():
                bench(name, lambda: a @ b, 2e-9 * m * k * n, "GFLOP/s")

    oblong = ((768, 128, 512), (2048, 512, 2048))
    for n in (64, 256, 512, 1024, 2048):
        product(f"sgemm_{n}", n, n, n, torch.float32)
    for m, k, n in oblong:
        product(f"sgemm_{m}x{k}x{n}", m, k, n, torch.float32)
    product("dgemm_1024", 1024, 1024, 1024, torch.float64)
    for n in (64, 128, 256, 1024, 2048):
        product(f"bf16gemm_{n}", n, n, n, torch.bfloat16)
    for m, k, n in oblong:
        product(f"bf16gemm_{m}x{k}x{n}", m, k, n, torch.bfloat16)


def rows():
    for size, n_rows in (("4M", 8192), ("64K", 128)):
        x, y = torch.randn(n_rows, 512), torch.randn(n_rows, 512)
        b, w = torch.randn(512), torch.randn(512)
        ops = {  # a call, and how many tensors it reads or writes
            "add": (lambda: x + y, 3),
            "bias": (lambda: x + b, 2),
            "gelu_tanh": (lambda: F.gelu(x, approximate="tanh"), 2),
            "exp": (lambda: torch.exp(x), 2),
            "softmax": (lambda: torch.softmax(x, -1), 2),
            "gelu_erf": (lambda: F.gelu(x), 2),
            "layernorm": (lambda: F.layer_norm(x, (512,), w, b, 1e-5), 2),
            "sum": (lambda: x.sum(), 1),
        }
        for name, (call, streams) in ops.items():
            if wanted("B", f"{name}_{size}"):
                with torch.no_grad():
                    bench(f"{name}_{size}", call, 4e-9 * n_rows * 512 * streams, "GB/s")


def train(name, model, loss_of, optimizer):
    """Checks that the loss falls on a fixed batch, then times full steps."""
    def loss():
        if args.mode == "amp":
            with torch.autocast("cpu", dtype=torch.bfloat16):
                return loss_of(model)
        return loss_of(model)

    def step():
        optimizer.zero_grad(set_to_none=True)
        value = loss()
        value.backward()
        optimizer.step()
        return value

    first = last = step().item()
    start, done = time.perf_counter(), 1
    if args.round == 0:
        while done < 30 and (done < 8 or time.perf_counter() - start < 3):
            last = step().item()
            done += 1
        emit(case=name, metric="loss", median=last, min=last, unit="nats", first=first)
        if not last < first:
            sys.exit(f"{name}: the loss went from {first} to {last}")
    bench(name, step, 1.0, "steps/s")


def adam(model):
    return torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)


def mlp():
    for name, widths, n_rows in (("mlp_train", (784, 512, 256, 10), 128), ("tiny_mlp_train", (32, 64, 64, 10), 16)):
        if not wanted("C", name):
            continue
        torch.manual_seed(0)
        a, b, c, d = widths
        model = nn.Sequential(nn.Linear(a, b), nn.ReLU(), nn.Linear(b, c), nn.ReLU(), nn.Linear(c, d))
        x, y = torch.randn(n_rows, a), torch.randint(0, d, (n_rows,))
        train(name, model, lambda m: F.cross_entropy(m(x), y), adam(model))


def cnn():
    torch.manual_seed(0)
    if wanted("D", "cnn_train"):
        model = nn.Sequential(
            nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Linear(128, 10))
        x, y = torch.randn(64, 1, 28, 28), torch.randint(0, 10, (64,))
        train("cnn_train", model, lambda m: F.cross_entropy(m(x), y), adam(model))
    flops = 2e-9 * 16 * 64 * 64 * 9 * 56 * 56
    if wanted("D", "conv2d_fwd"):
        x, w = torch.randn(16, 64, 56, 56), torch.randn(64, 64, 3, 3)
        with torch.no_grad():
            bench("conv2d_fwd", lambda: F.conv2d(x, w, padding=1), flops, "GFLOP/s")
    if wanted("D", "conv2d_fwdbwd"):
        x = torch.randn(16, 64, 56, 56, requires_grad=True)
        w = torch.randn(64, 64, 3, 3, requires_grad=True)

        def both():
            x.grad = w.grad = None
            F.conv2d(x, w, padding=1).sum().backward()

        bench("conv2d_fwdbwd", both, 3 * flops, "GFLOP/s")


class Block(nn.Module):
    """Pre-norm, one map for queries, keys and values."""

    def __init__(self, d, n_heads):
        super().__init__()
        self.n_heads, self.norm1, self.norm2 = n_heads, nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.up, self.down = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x):
        B, T, D = x.shape
        parts = self.qkv(self.norm1(x)).split(D, 2)
        q, k, v = (t.view(B, T, self.n_heads, D // self.n_heads).transpose(1, 2) for t in parts)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(B, T, D))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class GPT(nn.Module):
    def __init__(self, n_layers, n_heads, d, block, vocab):
        super().__init__()
        self.token, self.position = nn.Embedding(vocab, d), nn.Embedding(block, d)
        self.blocks = nn.ModuleList(Block(d, n_heads) for _ in range(n_layers))
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, vocab, bias=False)

    def forward(self, ids):
        x = self.token(ids) + self.position.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def gpt():
    for name, n_layers, n_heads, d, T, B in (
        ("gpt_small_train", 4, 4, 128, 64, 12),
        ("gpt_medium_train", 6, 6, 384, 256, 8),
    ):
        if not wanted("E", name):
            continue
        torch.manual_seed(0)
        model = GPT(n_layers, n_heads, d, T, 65)
        x, y = torch.randint(0, 65, (B, T)), torch.randint(0, 65, (B, T))
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True, betas=(0.9, 0.95), weight_decay=0.1)
        train(name, model, lambda m: F.cross_entropy(m(x).view(-1, 65), y.view(-1)), optimizer)


class Recurrent(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer, self.head = layer(64, 256, batch_first=True), nn.Linear(256, 10)

    def forward(self, x):
        return self.head(self.layer(x)[0][:, -1])


def recurrent():
    for name, layer in (("lstm_train", nn.LSTM), ("gru_train", nn.GRU)):
        if not wanted("F", name):
            continue
        torch.manual_seed(0)
        model = Recurrent(layer)
        x, y = torch.randn(32, 64, 64), torch.randint(0, 10, (32,))
        train(name, model, lambda m: F.cross_entropy(m(x), y), adam(model))


def decode():
    """One row, a prompt of 32, 64 new tokens, greedy, with a cache; the first pass is counted."""
    names = {"gpt2_loop_f32": torch.float32, "gpt2_loop_bf16": torch.bfloat16}
    if not any(wanted("G", name) for name in names):
        return
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(0)
    model = GPT2LMHeadModel(GPT2Config()).eval()
    prompt = torch.randint(0, 50257, (1, 32))
    for name, dtype in names.items():
        if not wanted("G", name):
            continue
        model = model.to(dtype)

        @torch.no_grad()
        def loop():
            out = model(prompt, use_cache=True, logits_to_keep=1)
            for _ in range(63):
                token = out.logits[:, -1:].argmax(-1)
                out = model(token, past_key_values=out.past_key_values, use_cache=True)
            return out.logits[:, -1:].argmax(-1)

        bench(name, loop, 64.0, "tok/s")


if args.describe:
    print(json.dumps(dict(python=sys.version.split()[0], torch=torch.__version__,
                          capability=torch.backends.cpu.get_cpu_capability())))
    sys.exit()
groups = (mlp, cnn, gpt, recurrent) if args.mode == "amp" else (products, rows, mlp, cnn, gpt, recurrent, decode)
for group in groups:
    group()
if len(CHOSEN) == 1 and len(CHOSEN[0]) > 1:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    emit(case=CHOSEN[0], metric="peak_rss", median=peak, min=peak, unit="MiB")
