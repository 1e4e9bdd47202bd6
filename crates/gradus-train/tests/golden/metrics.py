"""Writes what scikit-learn says of metrics.json's own inputs: `python metrics.py > metrics.json`.

Needs numpy and scikit-learn.
"""

import json

import numpy as np
import sklearn
from sklearn import metrics as m
from sklearn.calibration import calibration_curve

SEED = 7
rng = np.random.default_rng(SEED)

# Four classes of which the last never occurs among the true ones.
truth = rng.choice(4, size=61, p=[0.5, 0.3, 0.2, 0.0])
logits = rng.normal(size=(61, 5)).round(3)
logits[np.arange(61), truth] += 1.0
logits[:, 4] -= 50.0  # a fifth class that occurs nowhere
predicted = logits.argmax(1)

# Two classes, with ties among the scores.
labels = rng.integers(0, 2, size=57)
scores = (rng.random(57) * 0.5 + labels * 0.3).round(1)
sure = rng.random(57)

# Targets far from zero.
target = 1000.0 + rng.normal(size=43)
guess = target + 0.3 * rng.normal(size=43)

out = {
    "made_with": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}, seed {SEED}",
    "truth": truth.tolist(),
    "logits": logits.ravel().tolist(),
    "labels": labels.tolist(),
    "scores": scores.tolist(),
    "sure": sure.tolist(),
    "target": target.tolist(),
    "guess": guess.tolist(),
    "confusion": m.confusion_matrix(truth, predicted, labels=range(5)).ravel().tolist(),
    "accuracy": m.accuracy_score(truth, predicted),
    "balanced_accuracy": m.balanced_accuracy_score(truth, predicted),
    "matthews": m.matthews_corrcoef(truth, predicted),
    "top_2": m.top_k_accuracy_score(truth, logits, k=2, labels=range(5)),
    "auc": m.roc_auc_score(labels, scores),
    "average_precision": m.average_precision_score(labels, scores),
    "mae": m.mean_absolute_error(target, guess),
    "mse": m.mean_squared_error(target, guess),
    "rmse": m.root_mean_squared_error(target, guess),
    "r2": m.r2_score(target, guess),
}
for average in ["macro", "weighted", "micro"]:
    for name, of in [("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score)]:
        out[f"{name}_{average}"] = of(truth, predicted, average=average, zero_division=0)
for name, of in [("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score)]:
    out[f"{name}_1"] = of(truth, predicted, average=None, labels=range(5), zero_division=0)[1]
fpr, tpr, _ = m.roc_curve(labels, scores, drop_intermediate=False)
out["roc"] = np.stack([fpr, tpr], 1).ravel().tolist()
right, confidence = calibration_curve(labels, sure, n_bins=8, strategy="uniform")
counts = np.histogram(sure, bins=np.linspace(0, 1, 9))[0]
counts = counts[counts > 0]
out["reliability"] = np.stack([confidence, right], 1).ravel().tolist()
out["calibration_error"] = float((counts * np.abs(right - confidence)).sum() / 57)
out = {k: (float(v) if isinstance(v, np.floating) else v) for k, v in out.items()}
lines = [f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in out.items()]
print("{\n" + ",\n".join(lines) + "\n}")
