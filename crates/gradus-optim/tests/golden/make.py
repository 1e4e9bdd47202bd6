"""Writes values.txt: the paths of the optimizers of PyTorch, or of optax where PyTorch has none, in
f64, and the factors of PyTorch's schedules.

Five steps or more from w = (1, −2, 0.5) on the loss Σ cᵢ wᵢ⁴/4 + wᵢ with c = (1, 0.5, 3), whose
gradient is c w³ + 1; for what treats matrices in their own way, from the 2×3 matrix START with the
factors CURVE. Run in this folder:
    pip install torch jax optax && python make.py
"""
import jax
import jax.numpy as jnp
import optax
import torch
from torch.optim import lr_scheduler as S

jax.config.update("jax_enable_x64", True)
torch.set_default_dtype(torch.float64)
OUT = [f"# Made by make.py with PyTorch {torch.__version__.split('+')[0]} and optax {optax.__version__}; do not edit."]
VECTOR = ([1.0, -2.0, 0.5], [1.0, 0.5, 3.0])
MATRIX = ([[1.0, -2.0, 0.5], [0.3, 0.7, -1.1]], [[1.0, 0.5, 3.0], [2.0, 1.0, 0.25]])


def put(name, values):
    OUT.append(f"{name} {' '.join(f'{float(v):.13g}' for v in values)}")


def path(name, make, steps=5, schedule=None, clip=None, problem=VECTOR, wrap=None):
    w = torch.tensor(problem[0], requires_grad=True)
    curve = torch.tensor(problem[1])
    optimizer = make([w])
    scheduler = schedule(optimizer) if schedule else None
    values = []

    def closure():
        optimizer.zero_grad()
        loss = (curve * w**4 / 4 + w).sum()
        loss.backward()
        return loss

    for _ in range(steps):
        closure()
        if clip:
            clip(w)
        if wrap:
            wrap(w, closure)
        optimizer.step()
        if scheduler:
            scheduler.step()
        values += w.detach().flatten().tolist()
    put(name, values)


def optax_path(name, optimizer, steps=5, problem=VECTOR, lookahead=False):
    w, curve = jnp.array(problem[0]), jnp.array(problem[1])
    params = optax.LookaheadParams(fast=w, slow=w) if lookahead else w
    state = optimizer.init(params)
    values = []
    for _ in range(steps):
        fast = params.fast if lookahead else params
        updates, state = optimizer.update(curve * fast**3 + 1, state, params)
        params = optax.apply_updates(params, updates)
        values += (params.fast if lookahead else params).flatten().tolist()
    put(name, values)


O = torch.optim
path("SGD", lambda p: O.SGD(p, lr=0.1))
path("SGD_DECAY", lambda p: O.SGD(p, lr=0.1, weight_decay=0.2))
path("SGD_MOMENTUM", lambda p: O.SGD(p, lr=0.05, momentum=0.9, dampening=0.3, weight_decay=0.1))
path("SGD_NESTEROV", lambda p: O.SGD(p, lr=0.05, momentum=0.9, nesterov=True))
path("RMSPROP", lambda p: O.RMSprop(p, lr=0.05, alpha=0.9, eps=1e-3, weight_decay=0.1))
path("RMSPROP_MOMENTUM", lambda p: O.RMSprop(p, lr=0.05, alpha=0.9, momentum=0.8))
path("RMSPROP_CENTERED", lambda p: O.RMSprop(p, lr=0.05, alpha=0.9, eps=1e-3, centered=True))
ADAM = dict(lr=0.1, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1)
path("ADAM", lambda p: O.Adam(p, **ADAM))
path("ADAM_AMSGRAD", lambda p: O.Adam(p, amsgrad=True, **ADAM), steps=12)
path("ADAMW", lambda p: O.AdamW(p, **ADAM))
path("ADAMW_AMSGRAD", lambda p: O.AdamW(p, amsgrad=True, **ADAM), steps=12)
path("ADAMW_DEFAULT", lambda p: O.AdamW(p))
path("ADAMAX", lambda p: O.Adamax(p, **ADAM))
path("ADAMAX_DEFAULT", lambda p: O.Adamax(p))
path("NADAM", lambda p: O.NAdam(p, momentum_decay=0.01, **ADAM))
path("NADAM_DECOUPLED", lambda p: O.NAdam(p, decoupled_weight_decay=True, **ADAM))
path("NADAM_DEFAULT", lambda p: O.NAdam(p))
path("RADAM", lambda p: O.RAdam(p, **ADAM), steps=12)
path("RADAM_DECOUPLED", lambda p: O.RAdam(p, decoupled_weight_decay=True, **ADAM), steps=12)
path("RADAM_DEFAULT", lambda p: O.RAdam(p), steps=12)
path("ADAGRAD", lambda p: O.Adagrad(p, lr=0.3, eps=0.01, weight_decay=0.1, initial_accumulator_value=0.5))
path("ADAGRAD_DECAY", lambda p: O.Adagrad(p, lr=0.3, lr_decay=0.2))
path("ADADELTA", lambda p: O.Adadelta(p, lr=0.8, rho=0.8, eps=1e-3, weight_decay=0.1))
path("ADADELTA_DEFAULT", lambda p: O.Adadelta(p))
path("RPROP", lambda p: O.Rprop(p, lr=0.2, etas=(0.4, 1.5), step_sizes=(1e-3, 0.5)), steps=12)
path("ADAFACTOR", lambda p: O.Adafactor(p, lr=0.3, weight_decay=0.1), steps=12)
path("ADAFACTOR_MATRIX", lambda p: O.Adafactor(p, lr=0.3, d=1.2, beta2_decay=-0.6, weight_decay=0.1), steps=12, problem=MATRIX)
path("ADAFACTOR_DEFAULT", lambda p: O.Adafactor(p), problem=MATRIX)
optax_path("ADABELIEF", optax.adabelief(0.1, b1=0.8, b2=0.95, eps=1e-6, eps_root=1e-6))
optax_path("ADABELIEF_DEFAULT", optax.adabelief(1e-3))
optax_path("LION", optax.lion(0.1, b1=0.8, b2=0.95, weight_decay=0.1), steps=12)
optax_path("LAMB", optax.lamb(0.1, b1=0.8, b2=0.95, eps=1e-3, weight_decay=0.1), problem=MATRIX)
optax_path("LOOKAHEAD", optax.lookahead(optax.adam(0.1), sync_period=3, slow_step_size=0.4), steps=8, lookahead=True)

# PyTorch orthogonalizes in bf16; the same code in f64 for a comparison that means something.
_to = torch.Tensor.to
torch.Tensor.to = lambda x, *a, dtype=None, **k: _to(x, *a, dtype=torch.float64 if dtype is torch.bfloat16 else dtype, **k)
for matrix, problem in [("WIDE", MATRIX), ("TALL", tuple(torch.tensor(x).T.tolist() for x in MATRIX))]:
    path(f"MUON_{matrix}", lambda p: O.Muon(p, lr=0.1), problem=problem)
    path(f"MUON_{matrix}_RMS", lambda p: O.Muon(p, lr=0.1, momentum=0.8, nesterov=False, ns_steps=3, adjust_lr_fn="match_rms_adamw"), problem=problem)
path("MUON_SPECTRAL", lambda p: O.Muon(p, lr=0.1, adjust_lr_fn="spectral_unclamped"), problem=MATRIX)
torch.Tensor.to = _to

path("SGD_COSINE", lambda p: O.SGD(p, lr=0.1), schedule=lambda o: S.CosineAnnealingLR(o, 4, eta_min=0.02))
path("SGD_CLIP_NORM", lambda p: O.SGD(p, lr=0.1), clip=lambda w: torch.nn.utils.clip_grad_norm_([w], 1.5))
path("SGD_CLIP_VALUE", lambda p: O.SGD(p, lr=0.1), clip=lambda w: torch.nn.utils.clip_grad_value_([w], 1.5))


def sharpness_aware(adaptive):
    """The two passes of the authors' PyTorch code (davda54/sam), with ρ = 0.3."""
    def wrap(w, closure):
        old = w.detach().clone()
        scale = old.abs() if adaptive else torch.ones_like(old)
        norm = (scale * w.grad).norm()
        with torch.no_grad():
            w.add_((old**2 if adaptive else 1.0) * w.grad * (0.3 / (norm + 1e-12)))
        closure()
        with torch.no_grad():
            w.copy_(old)
    return wrap


path("SAM", lambda p: O.SGD(p, lr=0.1, momentum=0.5), wrap=sharpness_aware(False))
path("ASAM", lambda p: O.SGD(p, lr=0.1, momentum=0.5), wrap=sharpness_aware(True))


def lbfgs(name, calls, start=(-1.2, 1.0, 0.8, 1.5), **settings):
    """Losses and points of L-BFGS on Rosenbrock's function in four dimensions, call by call."""
    w = torch.tensor(start, requires_grad=True)
    optimizer = O.LBFGS([w], **settings)

    def closure():
        optimizer.zero_grad()
        loss = (100 * (w[1:] - w[:-1] ** 2) ** 2 + (1 - w[:-1]) ** 2).sum()
        loss.backward()
        return loss

    values = []
    for _ in range(calls):
        values += [optimizer.step(closure).item(), *w.detach().tolist()]
    put(name, values)


lbfgs("LBFGS_WOLFE", 6, max_iter=4, line_search_fn="strong_wolfe")
lbfgs("LBFGS_SHORT", 6, max_iter=4, history_size=2, line_search_fn="strong_wolfe")
lbfgs("LBFGS_PLAIN", 5, start=(0.9, 0.8, 0.7, 0.5), lr=0.1, max_iter=3)


def factors(name, make, steps=30):
    optimizer = O.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer)
    values = []
    for _ in range(steps):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    put(f"FACTORS_{name}", values)


factors("INVERSE_SQRT", lambda o: S.LambdaLR(o, lambda t: (t + 1) ** -0.5))
factors("STEP", lambda o: S.StepLR(o, 7, gamma=0.3))
factors("MULTI_STEP", lambda o: S.MultiStepLR(o, [3, 11, 12], gamma=0.5))
factors("EXPONENTIAL", lambda o: S.ExponentialLR(o, 0.9))
factors("LINEAR", lambda o: S.LinearLR(o, start_factor=0.25, end_factor=0.9, total_iters=8))
factors("POLYNOMIAL", lambda o: S.PolynomialLR(o, total_iters=20, power=1.7))
factors("COSINE", lambda o: S.CosineAnnealingLR(o, 29, eta_min=0.05))
factors("RESTARTS", lambda o: S.CosineAnnealingWarmRestarts(o, 4, T_mult=2, eta_min=0.1))
factors("RESTARTS_EQUAL", lambda o: S.CosineAnnealingWarmRestarts(o, 5))
factors("ONE_CYCLE", lambda o: S.OneCycleLR(o, 1.0, total_steps=31, cycle_momentum=False))
factors("ONE_CYCLE_LINEAR", lambda o: S.OneCycleLR(o, 1.0, total_steps=31, pct_start=0.4, div_factor=10.0, final_div_factor=50.0, anneal_strategy="linear", cycle_momentum=False))
factors("SEQUENTIAL", lambda o: S.SequentialLR(o, [S.LinearLR(o, 0.2, 1.0, 6), S.ExponentialLR(o, 0.8)], [6]))
factors("CHAINED", lambda o: S.ChainedScheduler([S.LinearLR(o, 0.2, 1.0, 6), S.ExponentialLR(o, 0.8)]))

LOSSES = [1.0, 0.8, 0.81, 0.79995, 0.9, 0.85, 0.7, 0.71, 0.72, 0.73, 0.74, 0.75, 0.76, 0.6, 0.61, 0.62, 0.63, 0.64, 0.65, 0.66]


def plateau(name, losses=LOSSES, **settings):
    optimizer = O.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    scheduler = S.ReduceLROnPlateau(optimizer, **settings)
    values = []
    for loss in losses:
        scheduler.step(loss)
        values.append(optimizer.param_groups[0]["lr"])
    put(f"PLATEAU_{name}", values)


plateau("LOSSES", patience=2)
plateau("COOLDOWN", factor=0.3, patience=1, cooldown=2, threshold=0.02, threshold_mode="abs", min_lr=0.05)
plateau("MAX", losses=[-x for x in LOSSES], mode="max", factor=0.5, patience=0, threshold_mode="abs", threshold=0.0)
plateau("MAX_RELATIVE", mode="max", factor=0.5, patience=1, threshold=0.1)

with open("values.txt", "w") as f:
    f.write("\n".join(OUT) + "\n")
