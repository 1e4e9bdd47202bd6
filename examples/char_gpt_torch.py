"""The same training as `char_gpt`, in PyTorch: `python examples/char_gpt_torch.py input.txt [steps] [threads]`.

Prints one JSON line with `val_loss` and `seconds`. The model is that of the example: pre-norm blocks, learned positions,
exact GELU, biases everywhere, a head of its own; AdamW fused, gradients clipped at 1, cosine with warm-up.
"""
import json
import math
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

LAYERS, HEADS, WIDTH, CONTEXT, BATCH = 4, 4, 128, 64, 12


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.n1, self.n2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.ff = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = (y.view(b, t, HEADS, c // HEADS).transpose(1, 2) for y in self.qkv(self.n1(x)).split(c, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(b, t, c))
        return x + self.ff(self.n2(x))


class Gpt(nn.Module):
    def __init__(self, vocab):
        super().__init__()
        self.token, self.place = nn.Embedding(vocab, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        self.blocks = nn.Sequential(*(Block() for _ in range(LAYERS)))
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, vocab)
        for p in self.modules():
            if isinstance(p, (nn.Linear, nn.Embedding)):
                nn.init.normal_(p.weight, std=0.02)
            if isinstance(p, nn.Linear):
                nn.init.zeros_(p.bias)

    def forward(self, x):
        x = self.token(x) + self.place.weight[: x.shape[1]]
        return self.head(self.norm(self.blocks(x)))


def main(path, steps=2000, threads=2):
    torch.set_num_threads(threads)
    torch.manual_seed(7)
    text = open(path, encoding="utf-8").read()
    ids = {c: i for i, c in enumerate(sorted(set(text)))}
    data = torch.tensor([ids[c] for c in text])
    n = len(data) // 10 * 9
    train, valid = data[:n], data[n:]
    model = Gpt(len(ids))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, betas=(0.9, 0.99), weight_decay=0.1, fused=True)
    rate = lambda s: (s + 1) / 100 if s < 100 else 0.1 + 0.45 * (1 + math.cos(math.pi * min(1, (s - 100) / steps)))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    loss_of = lambda x, y: F.cross_entropy(model(x).flatten(0, 1), y.flatten())
    start = time.perf_counter()
    for _ in range(steps):
        at = torch.randint(len(train) - CONTEXT, (BATCH,))
        x = torch.stack([train[i : i + CONTEXT] for i in at])
        y = torch.stack([train[i + 1 : i + 1 + CONTEXT] for i in at])
        optimizer.zero_grad()
        loss_of(x, y).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    seconds = time.perf_counter() - start
    with torch.no_grad():
        m = (len(valid) - 1) // CONTEXT * CONTEXT
        x, y = valid[:m].view(-1, CONTEXT), valid[1 : m + 1].view(-1, CONTEXT)
        total = sum(loss_of(a, b).item() * len(a) for a, b in zip(x.split(64), y.split(64)))
    print(json.dumps({"val_loss": total / len(x), "seconds": seconds}))


main(sys.argv[1], *map(int, sys.argv[2:]))
