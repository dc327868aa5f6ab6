"""Golden vectors of the robust folds: each written out over numpy from the papers named in its header. The geometric median is found by scipy's optimiser, not by Weiszfeld.

Run: python tools/golden/robust.py > src/federated/folds/robust.golden.json
"""
import json
import platform

import numpy as np
import scipy
from scipy.optimize import minimize

rng = np.random.default_rng(11)
N, F, D = 11, 2, 6
X = rng.normal(1.0, 0.5, size=(N, D)).astype(np.float32)
X[3] = -8 * X[3]
X[7] = 20 + X[7]
X64 = X.astype(np.float64)


def scores(idx):
    d = ((X64[:, None] - X64[None]) ** 2).sum(-1)
    return {i: sum(sorted(d[i, j] for j in idx if j != i)[: max(1, len(idx) - F - 2)]) for i in idx}


def trimmed(share):
    cut = int(np.floor(share * N + 1e-9))
    return np.sort(X64, axis=0)[cut: N - cut].mean(0)


def multi_krum(m):
    s = scores(range(N))
    return X64[sorted(s, key=s.get)[:m]].mean(0)


def bulyan():
    left, chosen = list(range(N)), []
    while len(chosen) < N - 2 * F:
        s = scores(left)
        best = min(s, key=s.get)
        chosen.append(best)
        left.remove(best)
    C = X64[chosen]
    keep = len(chosen) - 2 * F
    med = np.median(C, axis=0)
    order = np.argsort(np.abs(C - med), axis=0)
    return np.take_along_axis(C, order, 0)[:keep].mean(0)


def geometric_median():
    f = lambda v: np.linalg.norm(X64 - v, axis=1).sum()
    return minimize(f, np.median(X64, axis=0), method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-13, "maxiter": 100000, "maxfev": 100000}).x


def clipped(bound):
    n = np.linalg.norm(X64, axis=1)
    bound = np.median(n) if bound is None else bound
    return (X64 * np.minimum(1, bound / n)[:, None]).mean(0)


def fltrust(root):
    others = [k for k in range(N) if k != root]
    g = X64[root]
    ts = np.array([max(0, X64[k] @ g / np.linalg.norm(X64[k]) / np.linalg.norm(g)) for k in others])
    return sum(t * np.linalg.norm(g) / np.linalg.norm(X64[k]) * X64[k] for t, k in zip(ts, others)) / ts.sum()


results = {
    "median": np.median(X64, axis=0), "trimmed 0": trimmed(0), "trimmed 0.2": trimmed(0.2), "trimmed 0.4": trimmed(0.4),
    "krum": multi_krum(1), "multi-krum 5": multi_krum(5), "bulyan": bulyan(), "geometric median": geometric_median(),
    "norm 1.5": clipped(1.5), "norm median": clipped(None), "fltrust": fltrust(0),
}
print(json.dumps({
    "origin": "tools/golden/robust.py",
    "versions": {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__},
    "updates": X.astype(float).tolist(),
    "liars": F,
    "results": {k: v.tolist() for k, v in results.items()},
}))
