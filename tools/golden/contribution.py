"""Golden vectors of contributions: Shapley values of random games by going through all orders, in fractions; Jain's index by numpy.

Run: python tools/golden/contribution.py > src/federated/contribution/contribution.golden.json
"""
import itertools
import json
import platform
from fractions import Fraction

import numpy as np

rng = np.random.default_rng(1953)


def game(n):
    return [0] + rng.integers(-20, 100, size=2**n - 1).tolist()


def shapley(n, v):
    total = [Fraction(0)] * n
    orders = list(itertools.permutations(range(n)))
    for order in orders:
        coalition = 0
        for k in order:
            total[k] += v[coalition | 1 << k] - v[coalition]
            coalition |= 1 << k
    return [float(t / len(orders)) for t in total]


games = []
for n in [1, 2, 3, 5, 6]:
    v = game(n)
    games.append({"values": v, "shapley": shapley(n, v), "leaveOneOut": [v[-1] - v[(2**n - 1) ^ 1 << k] for k in range(n)]})
x = rng.uniform(0.2, 1, size=7)
print(json.dumps({
    "origin": "tools/golden/contribution.py",
    "versions": {"python": platform.python_version(), "numpy": np.__version__},
    "games": games,
    "fairness": {"values": x.tolist(), "jain": float(x.sum() ** 2 / (len(x) * (x**2).sum())), "stddev": float(x.std()), "spread": float(np.ptp(x)), "worst": int(x.argmin())},
}))
