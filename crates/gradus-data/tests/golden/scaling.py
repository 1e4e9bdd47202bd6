"""Writes the values of scaling.txt: `python scaling.py > scaling.txt`.

Needs numpy and scikit-learn. The inputs are given in full, so that nothing depends on a seed.
"""

import numpy as np
import sklearn
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GroupKFold, KFold, TimeSeriesSplit
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MaxAbsScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    TargetEncoder,
)

NAN = np.nan
# Both signs, repeated values, skewed, a constant.
X = np.array(
    [
        [1.5, -2.0, 0.1, 4.0],
        [-0.3, 2.0, 12.0, 4.0],
        [2.2, 2.0, 0.7, 4.0],
        [7.0, -1.0, 150.0, 4.0],
        [-4.1, 2.0, 3.3, 4.0],
        [0.0, 5.0, 0.2, 4.0],
        [3.4, -2.0, 41.0, 4.0],
        [1.1, 0.5, 1.9, 4.0],
        [2.9, 8.0, 0.4, 4.0],
        [-1.7, 2.0, 6.5, 4.0],
    ]
)
# The same with missing values.
GAPS = X.copy()
GAPS[0, 0] = GAPS[4, 1] = GAPS[5, 1] = GAPS[9, 3] = NAN
# Positive: for Box-Cox.
POSITIVE = np.abs(X) + 0.25
# For transform: outside, at the ends, between.
NEW = np.array([[100.0, -50.0, -1.0, 9.0], [7.0, 8.0, 0.1, 4.0], [1.3, 2.0, 5.0, 3.0]])
CATEGORIES = np.array([[3, 0], [7, 1], [3, 1], [9, 0], [7, 1], [3, 0], [9, 1], [3, 1], [7, 0], [3, 0]])
TARGET = np.array([1.0, 4.0, 2.5, -3.0, 6.0, 0.5, -1.0, 2.0, 5.5, 1.0])
NEW_CATEGORIES = np.array([[3, 1], [4, 0], [9, 0]])


def show(name, values):
    print(name, *(repr(float(v)) for v in np.asarray(values, dtype=float).ravel()))


def show_fitted(name, scaler, x, new=NEW):
    scaler.fit(x)
    show(name, scaler.transform(x))
    show(name + "_NEW", scaler.transform(new))
    return scaler


print(f"# Written by scaling.py with scikit-learn {sklearn.__version__} and numpy {np.__version__}.")
show("X", X)
show("GAPS", GAPS)
show("POSITIVE", POSITIVE)
show("NEW", NEW)
show("TARGET", TARGET)
show_fitted("MAX_ABS", MaxAbsScaler(), GAPS)
show_fitted("ROBUST", RobustScaler(), GAPS)
show_fitted("ROBUST_UNIT", RobustScaler(quantile_range=(10.0, 80.0), unit_variance=True), GAPS)
for name, output in {"QUANTILE": "uniform", "QUANTILE_NORMAL": "normal"}.items():
    fitted = show_fitted(name, QuantileTransformer(n_quantiles=5, output_distribution=output), GAPS)
    show(name + "_BACK", fitted.inverse_transform(fitted.transform(NEW)))
fitted = show_fitted("YEO_JOHNSON", PowerTransformer(), GAPS[:, :3], NEW[:, :3])
show("YEO_JOHNSON_LAMBDAS", fitted.lambdas_)
fitted = show_fitted("YEO_JOHNSON_RAW", PowerTransformer(standardize=False), X)
fitted = show_fitted("BOX_COX", PowerTransformer(method="box-cox"), POSITIVE[:, :3], np.abs(NEW[:, :3]))
show("BOX_COX_LAMBDAS", fitted.lambdas_)
for norm in ["l2", "l1", "max"]:
    show("NORM_" + norm.upper(), Normalizer(norm=norm).fit_transform(X))
show("POLYNOMIAL", PolynomialFeatures(3).fit_transform(X[:4, :3]))
show("INTERACTIONS", PolynomialFeatures(3, interaction_only=True, include_bias=False).fit_transform(X[:4, :3]))
for strategy, n in {"quantile": 3, "uniform": 3, "kmeans": 2}.items():
    # k-means: where a cluster is empty, two values are equally far, and rounding decides.
    bins = KBinsDiscretizer(n_bins=4, encode="ordinal", strategy=strategy).fit(X[:, :n])
    show("BINS_" + strategy.upper(), bins.transform(X[:, :n]))
    show("BINS_" + strategy.upper() + "_EDGES", np.concatenate(bins.bin_edges_))
    show("BINS_" + strategy.upper() + "_BACK", bins.inverse_transform(bins.transform(NEW[:, :n])))
pca = show_fitted("PCA", PCA(), X)
show("PCA_VARIANCE", pca.explained_variance_)
show("PCA_COMPONENTS", pca.components_[:3])
pca = show_fitted("PCA_WHITE", PCA(2, whiten=True), X)
show("PCA_WHITE_BACK", pca.inverse_transform(pca.transform(NEW)))
show("PCA_SHARE", PCA(0.95).fit_transform(X))
show("IMPUTE_INDICATOR", SimpleImputer(add_indicator=True).fit_transform(GAPS))
for drop in ["first", "if_binary"]:
    encoder = OneHotEncoder(drop=drop, sparse_output=False)
    show("ONE_HOT_" + drop.upper(), encoder.fit_transform(CATEGORIES))
encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(CATEGORIES)
show("ORDINAL", encoder.transform(CATEGORIES))
show("ORDINAL_NEW", encoder.transform(NEW_CATEGORIES))
for name, smooth in {"TARGET_AUTO": "auto", "TARGET_ROWS": 3.0}.items():
    encoder = TargetEncoder(smooth=smooth, cv=KFold(5)).fit(CATEGORIES, TARGET)
    show(name, encoder.transform(np.concatenate([CATEGORIES, NEW_CATEGORIES])))
    show(name + "_CROSS", encoder.fit_transform(CATEGORIES, TARGET))
for name, splitter, groups in [
    ("K_FOLD", KFold(3), None),
    ("GROUP_K_FOLD", GroupKFold(2), CATEGORIES[:, 0]),
    ("TIME", TimeSeriesSplit(3, gap=1, max_train_size=4), None),
]:
    # The number of the fold that tests each item; -1 for none.
    tested = np.full(len(X), -1)
    for i, (_, test) in enumerate(splitter.split(X, groups=groups)):
        tested[test] = i
    show(name, tested)
