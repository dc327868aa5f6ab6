"""Golden vectors of the server optimisers: an independent float64 loop over Reddi et al. 2021 (arXiv 2003.00295), algorithm 2, and Hsu et al. 2019 (FedAvgM).

The global model is rounded to float32 after every round, as it is when it is published; moments stay in float64. Site differences are chosen as float32 numbers.
Run: python tools/golden/fed-opt.py > src/federated/strategies/fed-opt.golden.json
"""
import json
import platform

import numpy as np

SIZE, SITES, ROUNDS = 5, 3, 6
rng = np.random.default_rng(20210)
weights = [1, 2, 7]
start = rng.normal(size=SIZE).astype(np.float32)
# magnitudes from 1e-3 to 1, and one coordinate that never moves
scales = np.array([1e-3, 1e-2, 1e-1, 1.0, 0.0])
differences = (rng.normal(size=(ROUNDS, SITES, SIZE)) * scales).astype(np.float32)


def run(first, second, v0, step):
    w = start.copy()
    m = np.zeros(SIZE)
    v = np.full(SIZE, v0)
    models = []
    for t in range(ROUNDS):
        delta = sum(n * differences[t, k].astype(np.float64) for k, n in enumerate(weights)) / sum(weights)
        m = first(m, delta)
        v = second(v, delta)
        w = (w.astype(np.float64) + step(m, v)).astype(np.float32)
        models.append([float(x) for x in w])
    return models


def adaptive(second, eta, beta1, tau):
    return run(lambda m, d: beta1 * m + (1 - beta1) * d, second, tau**2, lambda m, v: eta * m / (np.sqrt(v) + tau))


def yogi(beta2):
    return lambda v, d: v - (1 - beta2) * d**2 * np.sign(v - d**2)


cases = [
    {"name": "fedAvgM", "options": {"learningRate": 0.5, "momentum": 0.9},
     "models": run(lambda m, d: 0.9 * m + d, lambda v, d: v, 0.0, lambda m, v: 0.5 * m)},
    {"name": "fedAdagrad", "options": {"learningRate": 0.1, "tau": 1e-3},
     "models": adaptive(lambda v, d: v + d**2, 0.1, 0.0, 1e-3)},
    {"name": "fedAdam", "options": {"learningRate": 0.01, "beta1": 0.9, "beta2": 0.99, "tau": 1e-3},
     "models": adaptive(lambda v, d: 0.99 * v + (1 - 0.99) * d**2, 0.01, 0.9, 1e-3)},
    {"name": "fedYogi", "options": {"learningRate": 0.01, "beta1": 0.9, "beta2": 0.99, "tau": 1e-3},
     "models": adaptive(yogi(0.99), 0.01, 0.9, 1e-3)},
]

print(json.dumps({
    "origin": "tools/golden/fed-opt.py",
    "versions": {"python": platform.python_version(), "numpy": np.__version__},
    "weights": weights,
    "start": [float(x) for x in start],
    "differences": differences.astype(float).tolist(),
    "cases": cases,
}))
