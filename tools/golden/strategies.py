"""Golden vectors of the strategies: independent float64 loops over the papers named in each strategy's header, on linear regression by full-batch gradient steps.

Run: python tools/golden/strategies.py > src/federated/strategies/strategies.golden.json
"""
import json
import platform

import numpy as np

RATE, ROUNDS = 0.1, 4
rng = np.random.default_rng(2020)
SIZES, STEPS = [4, 9, 20], [2, 5, 3]
N = len(SIZES)
start = np.array([0.5, -0.25, 0.125])
X = [np.c_[rng.normal(size=(n, 2)), np.ones(n)] for n in SIZES]
Y = [(k + 1) * x[:, 0] - x[:, 1] + 0.3 * k + 0.1 * rng.normal(size=len(x)) for k, x in enumerate(X)]
p = np.array(SIZES) / sum(SIZES)


def loss(k, w):
    return np.mean((X[k] @ w - Y[k]) ** 2) / 2


def grad(k, w):
    return X[k].T @ (X[k] @ w - Y[k]) / len(Y[k])


def work(k, w, correction=0.0, mu=0.0, anchor=None, rate=1.0, steps=None):
    """Trained model, steps, mean loss before each step."""
    anchor = w if anchor is None else anchor
    y, losses = w.copy(), []
    for _ in range(steps or STEPS[k]):
        losses.append(loss(k, y))
        y = y - rate * RATE * (grad(k, y) + correction + mu * (y - anchor))
    return y, len(losses), np.mean(losses)


def fedavg():
    w = start
    for _ in range(ROUNDS):
        w = sum(p[k] * work(k, w)[0] for k in range(N))
        yield w


def fedprox():
    w = start
    for _ in range(ROUNDS):
        w = sum(p[k] * work(k, w, mu=0.5)[0] for k in range(N))
        yield w


def scaffold():
    x, c, ci = start, np.zeros(3), [np.zeros(3)] * N
    for _ in range(ROUNDS):
        dy, dc = [], []
        for k in range(N):
            y, steps, _ = work(k, x, correction=c - ci[k])
            new = ci[k] - c + (x - y) / (steps * RATE)
            dy.append(y - x)
            dc.append(new - ci[k])
            ci = ci[:k] + [new] + ci[k + 1:]
        x = x + sum(p[k] * dy[k] for k in range(N))
        c = c + sum(p[k] * dc[k] for k in range(N))
        yield x


def fedcon(cap=None):
    w, con = start, None
    for _ in range(ROUNDS):
        done = [work(k, w, rate=1.0 if con is None else 1 / np.sqrt(con[k] + 0.01)) for k in range(N)]
        inverse = np.array([1 / l for _, _, l in done])
        con = inverse / inverse.sum()
        w = sum(con[k] * done[k][0] for k in range(N))
        yield w


def fednova():
    w = start
    for _ in range(ROUNDS):
        done = [work(k, w) for k in range(N)]
        d = sum(p[k] * (w - done[k][0]) / done[k][1] for k in range(N))
        w = w - sum(p[k] * done[k][1] for k in range(N)) * d
        yield w


def feddyn(alpha=0.3):
    w, h, g = start, np.zeros(3), [np.zeros(3)] * N
    for _ in range(ROUNDS):
        done = [work(k, w, correction=-g[k], mu=alpha)[0] for k in range(N)]
        g = [g[k] - alpha * (done[k] - w) for k in range(N)]
        h = h - alpha * sum(done[k] - w for k in range(N)) / N
        w = sum(done) / N - h / alpha
        yield w


def qfedavg(q=2.0):
    w = start
    for _ in range(ROUNDS):
        L, top, bottom = 1 / RATE, np.zeros(3), 0.0
        for k in range(N):
            f = loss(k, w)
            delta = L * (w - work(k, w)[0])
            top = top + f**q * delta
            bottom += q * f ** (q - 1) * (delta @ delta) + L * f**q
        w = w - top / bottom
        yield w


def ditto(lam=0.5):
    w, v = start, [start] * N
    for _ in range(ROUNDS):
        v = [work(k, v[k], mu=lam, anchor=w)[0] for k in range(N)]
        w = sum(p[k] * work(k, w)[0] for k in range(N))
        yield v[1]


def perfedavg(alpha=0.05):
    w = start
    for _ in range(ROUNDS):
        new = []
        for k in range(N):
            y = w
            for _ in range(2):
                y = y - RATE * grad(k, y - alpha * grad(k, y))
            new.append(y)
        w = sum(p[k] * new[k] for k in range(N))
        yield w


def reptile(rate=0.5):
    w = start
    for _ in range(ROUNDS):
        w = w + rate * sum(work(k, w)[0] - w for k in range(N)) / N
        yield w


def ifca():
    """The first of two clusters after each round."""
    clusters = [start, np.array([3.0, -1.0, 0.5])]
    for _ in range(ROUNDS):
        choice = [int(np.argmin([loss(k, c) for c in clusters])) for k in range(N)]
        new = []
        for j, c in enumerate(clusters):
            members = [k for k in range(N) if choice[k] == j]
            total = sum(SIZES[k] for k in members)
            new.append(sum(SIZES[k] / total * work(k, c)[0] for k in members) if members else c)
        clusters = new
        yield clusters[0]


def hierarchical():
    """Regions {0, 1} and {2}; the cloud's mean every second round. The rows-weighted mean of the regions."""
    regions, of = [start, start], [0, 0, 1]
    size = [SIZES[0] + SIZES[1], SIZES[2]]
    for t in range(1, ROUNDS + 1):
        regions = [sum(SIZES[k] / size[r] * work(k, regions[r])[0] for k in range(N) if of[k] == r) for r in range(2)]
        mean = sum(size[r] / sum(size) * regions[r] for r in range(2))
        if t % 2 == 0:
            regions = [mean, mean]
        yield mean


def cyclic():
    w = start
    for t in range(ROUNDS):
        w = work(t % N, w)[0]
        yield w


# who hands in during each window of an asynchronous run
WINDOWS = [[0, 1], [2], [0, 2], [1]]


def windows(s, step):
    """Each site trains from the model of its last window; step takes the model and (trained, base, s(age)) of each."""
    w, held = start, [(start, 0)] * N
    for t, window in enumerate(WINDOWS):
        w = step(w, [(work(k, held[k][0])[0], held[k][0], s(t - held[k][1])) for k in window])
        for k in window:
            held[k] = (w, t + 1)
        yield w


def fedbuff(rate=0.8):
    return windows(lambda age: 1 / np.sqrt(1 + age), lambda w, sent: w + rate / len(sent) * sum(s * (y - x) for y, x, s in sent))


def fedasync(alpha=0.6):
    hinge = lambda age: 1.0 if age <= 1 else 1 / (2 * (age - 1) + 1)
    return windows(hinge, lambda w, sent: sum((1 - alpha * s) * w + alpha * s * y for y, _, s in sent) / len(sent))


def rows(models):
    return [[float(v) for v in m] for m in models]


print(json.dumps({
    "origin": "tools/golden/strategies.py",
    "versions": {"python": platform.python_version(), "numpy": np.__version__},
    "rate": RATE,
    "start": start.tolist(),
    "windows": WINDOWS,
    "sites": [{"inputs": X[k].ravel().tolist(), "targets": Y[k].tolist(), "steps": STEPS[k]} for k in range(N)],
    "models": {f.__name__: rows(f()) for f in [fedavg, fedprox, scaffold, fedcon, fednova, feddyn, qfedavg, ditto, perfedavg, reptile, ifca, hierarchical, cyclic, fedbuff, fedasync]},
}))
