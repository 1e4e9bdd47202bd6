"""Writes optuna.json: what Optuna's TPE and successive halving compute, for tests/golden.rs.

pip install optuna==5.0.0; python optuna_values.py
"""

import functools
import json
import math
import random
import warnings

import numpy as np
import optuna
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.pruners import SuccessiveHalvingPruner
from optuna.samplers._tpe.parzen_estimator import (
    _ParzenEstimator,
    _ParzenEstimatorParameters,
)
from optuna.samplers._tpe.sampler import (
    _split_trials,
    default_gamma,
    default_weights,
)
from optuna.trial import TrialState, create_trial

warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)
RNG = random.Random(7)
# The order of equal observations, which NumPy's usual sort leaves open, decides
# which of them has which width; the crate keeps the older first.
np.argsort = functools.partial(np.argsort, kind="stable")

# As in JSON of the crate, and as Optuna has it. Optuna spreads a logarithmic
# range of whole numbers with a step of 1, and has no step for choices.
DOMAINS = [
    ({"Float": {"low": -5.0, "high": 10.0, "scale": "Linear"}}, FloatDistribution(-5, 10)),
    ({"Float": {"low": 1e-4, "high": 0.5, "scale": "Log"}}, FloatDistribution(1e-4, 0.5, log=True)),
    ({"Int": {"low": -3, "high": 12, "step": 1, "scale": "Linear"}}, IntDistribution(-3, 12)),
    ({"Int": {"low": 16, "high": 128, "step": 16, "scale": "Linear"}}, IntDistribution(16, 128, step=16)),
    ({"Int": {"low": 1, "high": 500, "step": 1, "scale": "Log"}}, IntDistribution(1, 500, log=True)),
    ({"Choice": ["a", "b", "c", "d"]}, CategoricalDistribution(["a", "b", "c", "d"])),
]


def value(distribution):
    if isinstance(distribution, CategoricalDistribution):
        return RNG.choice(distribution.choices)
    low, high = distribution.low, distribution.high
    if isinstance(distribution, IntDistribution):
        if distribution.log:
            return min(high, max(low, round(math.exp(RNG.uniform(math.log(low), math.log(high))))))
        return RNG.randrange(low, high + 1, distribution.step)
    if distribution.log:
        return math.exp(RNG.uniform(math.log(low), math.log(high)))
    return RNG.uniform(low, high)


def estimator(distribution, observed):
    parameters = _ParzenEstimatorParameters(
        prior_weight=1.0,
        consider_magic_clip=True,
        consider_endpoints=False,
        weights=default_weights,
        multivariate=False,
    )
    internal = np.array([distribution.to_internal_repr(v) for v in observed], dtype=float)
    return _ParzenEstimator({"x": internal}, {"x": distribution}, parameters)


def log_pdf(estimator, distribution, values):
    internal = np.array([distribution.to_internal_repr(v) for v in values], dtype=float)
    return estimator.log_pdf({"x": internal})


def kernels(estimator):
    mixture = estimator._mixture_distribution
    inner = mixture.distributions[0]
    if hasattr(inner, "mu"):
        rows = [[float(m), float(s)] for m, s in zip(inner.mu, inner.sigma)]
    else:
        rows = inner.weights.tolist()
    return mixture.weights.tolist(), rows


def densities():
    cases = []
    for ours, theirs in DOMAINS:
        for n in [0, 1, 2, 7, 40]:
            good = [value(theirs) for _ in range(n)]
            others = [value(theirs) for _ in range(2 * n + 1)]
            candidates = [value(theirs) for _ in range(24)]
            # The edges are candidates, too.
            if not isinstance(theirs, CategoricalDistribution):
                candidates[:2] = [theirs.low, theirs.high]
            l, g = estimator(theirs, good), estimator(theirs, others)
            log_l, log_g = log_pdf(l, theirs, candidates), log_pdf(g, theirs, candidates)
            weights, rows = kernels(l)
            cases.append({
                "domain": ours,
                "good": good,
                "others": others,
                "candidates": candidates,
                "weights": weights,
                "kernels": rows,
                "log_l": log_l.tolist(),
                "log_g": log_g.tolist(),
                "chosen": int(np.argmax(log_l - log_g)),
            })
    return cases


def splits():
    cases = []
    for direction in ["minimize", "maximize"]:
        for n in [3, 11, 40, 300]:
            study = optuna.create_study(direction=direction)
            for _ in range(n):
                reports = {step: RNG.uniform(0, 9) for step in range(1, RNG.randint(0, 4) + 1)}
                if RNG.random() < 0.9 if n == 3 else RNG.random() < 0.05:
                    state, result = TrialState.COMPLETE, RNG.uniform(0, 9)
                else:
                    state, result = TrialState.PRUNED, None
                study.add_trial(create_trial(state=state, value=result, intermediate_values=reports))
            trials = study.get_trials()
            below, above = _split_trials(study, trials, default_gamma(n))
            cases.append({
                "goal": direction,
                "trials": [
                    {
                        "complete": trial.state == TrialState.COMPLETE,
                        "value": trial.value,
                        "reports": sorted(trial.intermediate_values.items()),
                    }
                    for trial in trials
                ],
                "below": [trial.number for trial in below],
                "above": [trial.number for trial in above],
            })
    return cases


def halvings():
    cases = []
    for direction in ["minimize", "maximize"]:
        for r, eta, s, bootstrap in [(1, 4, 0, 0), (1, 2, 0, 0), (2, 3, 0, 0), (1, 3, 1, 0), (1, 3, 0, 4)]:
            pruner = SuccessiveHalvingPruner(
                min_resource=r,
                reduction_factor=eta,
                min_early_stopping_rate=s,
                bootstrap_count=bootstrap,
            )
            study = optuna.create_study(direction=direction, pruner=pruner)
            courses = []
            for number in range(40):
                trial = study.ask()
                level = RNG.uniform(0, 4)
                # Ties, and a value that is not a number now and then.
                course = [round(level + RNG.gauss(0, 1), 1) for _ in range(27)]
                if number % 9 == 5:
                    course[RNG.randrange(10)] = math.nan
                pruned_at = None
                for step, v in enumerate(course, start=1):
                    trial.report(v, step)
                    if trial.should_prune():
                        pruned_at = step
                        break
                if pruned_at is None:
                    study.tell(trial, level)
                else:
                    study.tell(trial, state=TrialState.PRUNED)
                courses.append({
                    "values": [None if math.isnan(v) else v for v in course],
                    "pruned_at": pruned_at,
                })
            cases.append({
                "goal": direction,
                "min_steps": r,
                "factor": eta,
                "rungs_skipped": s,
                "bootstrap": bootstrap,
                "courses": courses,
            })
    return cases


golden = {
    "optuna": optuna.__version__,
    "densities": densities(),
    "splits": splits(),
    "halvings": halvings(),
}
with open("optuna.json", "w") as file:
    json.dump(golden, file, separators=(",", ":"))
    file.write("\n")
