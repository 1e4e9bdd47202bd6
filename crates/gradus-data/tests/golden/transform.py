"""Writes the values of transform.rs: `python transform.py > transform.rs`, then format.

Needs numpy and scikit-learn. The inputs are given in full, so that nothing depends on a seed.
"""

import numpy as np
import sklearn
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

NAN = np.nan
# Large offset, constant, constant but for rounding, missing values, small spread.
X = np.array(
    [
        [1e6 + 1.0, 3.0, 0.1, NAN, 1e-8],
        [1e6 + 2.5, 3.0, 0.1, -1.5, 3e-8],
        [1e6 - 4.0, 3.0, 0.1, 2.0, 2e-8],
        [1e6 + 0.5, 3.0, 0.1, NAN, 2e-8],
        [1e6 + 9.0, 3.0, 0.1, 7.25, -5e-8],
        [1e6 + 2.5, 3.0, 0.1, 2.0, 4e-8],
        [1e6 - 1.0, 3.0, 0.1, 0.5, 1e-8],
    ]
)
CATEGORIES = np.array([[3, -1], [7, 0], [3, 5], [9, 0]])


def show(name, values):
    flat = np.asarray(values, dtype=float).ravel()
    numbers = ", ".join("f64::NAN" if np.isnan(v) else f"{float(v)!r}" for v in flat)
    body = f"pub(crate) const {name}: [f64; {len(flat)}] = [{numbers}];"
    print(body)


print("// Written by transform.py with")
print(f"// scikit-learn {sklearn.__version__} and numpy {np.__version__}.")
show("X", X)
for name, options in {
    "STANDARD": {},
    "STANDARD_NO_MEAN": {"with_mean": False},
    "STANDARD_NO_STD": {"with_std": False},
}.items():
    scaler = StandardScaler(**options).fit(X)
    show(name, scaler.transform(X))
scaler = StandardScaler().fit(X)
show("STANDARD_MEAN", scaler.mean_)
show("STANDARD_SCALE", scaler.scale_)
show("OUTSIDE", OUTSIDE := np.array([[2e6, -3.0, 0.7, 100.0, 1.0], [0.0, 9.0, -0.1, NAN, -1.0]]))
for name, options in {
    "MIN_MAX": {},
    "MIN_MAX_RANGE": {"feature_range": (-2.0, 3.0)},
    "MIN_MAX_CLIP": {"feature_range": (-2.0, 3.0), "clip": True},
}.items():
    scaler = MinMaxScaler(**options).fit(X)
    show(name, scaler.transform(X))
    show(name + "_OUTSIDE", scaler.transform(OUTSIDE))
for name, options in {
    "IMPUTE_MEAN": {"strategy": "mean"},
    "IMPUTE_MEDIAN": {"strategy": "median"},
    "IMPUTE_MOST_FREQUENT": {"strategy": "most_frequent"},
    "IMPUTE_CONSTANT": {"strategy": "constant", "fill_value": -9.0},
}.items():
    show(name, SimpleImputer(**options).fit(X).transform(X))
encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(CATEGORIES)
show("ONE_HOT", encoder.transform(CATEGORIES))
show("ONE_HOT_UNKNOWN", encoder.transform(np.array([[4, 5], [9, 4]])))
