"""Writes values.txt: the paths of PyTorch's optimizers, in f64.

Five steps from w = (1, −2, 0.5) on the loss Σ cᵢ wᵢ⁴/4 + wᵢ with c = (1, 0.5, 3), whose gradient
is c w³ + 1. Run in this folder:
    pip install torch && python make.py
"""
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR

torch.set_default_dtype(torch.float64)
OUT = [f"# Made by make.py with PyTorch {torch.__version__.split('+')[0]}; do not edit."]


def path(name, make, steps=5, schedule=None, clip=None):
    w = torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
    optimizer = make([w])
    scheduler = schedule(optimizer) if schedule else None
    values = []
    for _ in range(steps):
        optimizer.zero_grad()
        (torch.tensor([1.0, 0.5, 3.0]) * w**4 / 4 + w).sum().backward()
        if clip:
            clip(w)
        optimizer.step()
        if scheduler:
            scheduler.step()
        values += [f"{float(v):.13g}" for v in w.detach()]
    OUT.append(f"{name} {' '.join(values)}")


O = torch.optim
path("SGD", lambda p: O.SGD(p, lr=0.1))
path("SGD_DECAY", lambda p: O.SGD(p, lr=0.1, weight_decay=0.2))
path("SGD_MOMENTUM", lambda p: O.SGD(p, lr=0.05, momentum=0.9, dampening=0.3, weight_decay=0.1))
path("SGD_NESTEROV", lambda p: O.SGD(p, lr=0.05, momentum=0.9, nesterov=True))
path("RMSPROP", lambda p: O.RMSprop(p, lr=0.05, alpha=0.9, eps=1e-3, weight_decay=0.1))
path("RMSPROP_MOMENTUM", lambda p: O.RMSprop(p, lr=0.05, alpha=0.9, momentum=0.8))
path("ADAM", lambda p: O.Adam(p, lr=0.1, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1))
path("ADAMW", lambda p: O.AdamW(p, lr=0.1, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1))
path("ADAMW_DEFAULT", lambda p: O.AdamW(p))
path("SGD_COSINE", lambda p: O.SGD(p, lr=0.1), schedule=lambda o: CosineAnnealingLR(o, 4, eta_min=0.02))
path("SGD_CLIP_NORM", lambda p: O.SGD(p, lr=0.1), clip=lambda w: torch.nn.utils.clip_grad_norm_([w], 1.5))
path("SGD_CLIP_VALUE", lambda p: O.SGD(p, lr=0.1), clip=lambda w: torch.nn.utils.clip_grad_value_([w], 1.5))

# Adagrad with eps inside the root is not PyTorch's; this is the formula itself.
w, s, values = [1.0, -2.0, 0.5], [0.0] * 3, []
for _ in range(5):
    for i, c in enumerate([1.0, 0.5, 3.0]):
        g = c * w[i] ** 3 + 1
        s[i] += g * g
        w[i] -= 0.3 / (s[i] + 0.01) ** 0.5 * g
    values += [f"{v:.13g}" for v in w]
OUT.append("ADAGRAD " + ' '.join(values))

with open("values.txt", "w") as f:
    f.write("\n".join(OUT) + "\n")
