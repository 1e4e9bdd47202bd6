"""Golden values for gradus-generate's eval module: scipy 1.17.1, no randomness.

python3 eval.py prints what stands in the tests of src/eval/{discrete,copied}.rs.
"""

import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy, mannwhitneyu

p, q = np.array([3.0, 1.0, 0.0, 6.0]), np.array([1.0, 2.0, 3.0, 4.0])
print("KL", repr(float(entropy(p, q))))
print("JS", repr(float(jensenshannon(p, q) ** 2)))
a, b = [1.0, 2.0, 2.0, 5.0], [6.0, 2.0, 1.5]
print("MANN_WHITNEY", float(mannwhitneyu(b, a).statistic) / (len(a) * len(b)))
print("quantiles", np.quantile([1, 2, 4, 8], [0, 0.025, 0.5, 0.9, 1]).tolist())
