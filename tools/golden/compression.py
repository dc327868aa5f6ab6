"""Golden vectors of compression with error feedback: numpy, from the papers named in each header. Vectors are chosen as float32 numbers; sums are taken in float64.

Run: python tools/golden/compression.py > src/federated/transforms/compression.golden.json
"""
import json
import platform

import numpy as np

rng = np.random.default_rng(99)
ROUNDS, SIZE = 4, 20
X = rng.normal(size=(ROUNDS, SIZE)).astype(np.float32)


def top(x, k):
    out = np.zeros_like(x)
    keep = np.argsort(-np.abs(x), kind="stable")[:k]
    out[keep] = x[keep]
    return out


def sign(x):
    return np.abs(x).mean() * np.where(x < 0, -1, 1)


def ternary(x, k):
    t = top(x, k)
    return np.abs(t[t != 0]).mean() * np.sign(t)


def feedback(compress):
    e, out = np.zeros(SIZE), []
    for x in X.astype(np.float64):
        p = x + e
        sent = compress(p)
        e = p - sent
        out.append(sent.tolist())
    return out


# PowerSGD with one site: rank 2 of a 5 x 4 matrix, one power step a round, warm start
M = X.reshape(ROUNDS, 5, 4).astype(np.float64)
Q0 = rng.normal(size=(4, 2))


def power():
    e, q, out = np.zeros((5, 4)), Q0, []
    for m in M:
        a = m + e
        p, r = np.linalg.qr(a @ q)
        p = p * np.sign(np.diag(r))
        q = a.T @ p
        e = a - p @ q.T
        out.append((p @ q.T).ravel().tolist())
    return out


print(json.dumps({
    "origin": "tools/golden/compression.py",
    "versions": {"python": platform.python_version(), "numpy": np.__version__},
    "inputs": X.astype(float).tolist(),
    "start": Q0.ravel().tolist(),
    "sent": {"top-k(0.25)": feedback(lambda x: top(x, 5)), "sign": feedback(sign), "ternary(0.25)": feedback(lambda x: ternary(x, 5)), "powersgd(2)": power()},
}))
