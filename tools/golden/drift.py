"""What FedAvg, SCAFFOLD (options I and II), FedDyn and FedAvgM do on sites of one or two classes, in float32 PyTorch: the check of docs/decisions/0013, for anyone to repeat.

Independent of the project's code: scikit-learn's digits, dealt here by Dirichlet(0.1) over ten sites of equal size; the network is the digits task's (convolutions of 16 and 32 channels, 64 hidden).
Prints a line of JSON for each method: accuracy on a fifth of the rows every five rounds, and the mean length of the sites' variates.

Run: python tools/golden/drift.py [seed] [rounds] [local steps] [rate] [momentum] [method …]     (made with torch 2.15, scikit-learn 1.9)
"""
import json
import sys

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

given = sys.argv[1:] + ["1", "30", "45", "0.1", "0"][len(sys.argv) - 1:]
seed, rounds, steps = (int(x) for x in given[:3])
rate, momentum = float(given[3]), float(given[4])
SITES, BATCH, ALPHA = 10, 16, 0.1
torch.set_num_threads(1)
rng = np.random.default_rng(seed)

digits = load_digits()
X = torch.tensor(digits.images[:, None] / 16, dtype=torch.float32)
Y = torch.tensor(digits.target)
order = rng.permutation(len(Y))
test, train = order[:359], order[359:]


def deal():
    """Equal sizes; each site's class mix drawn from Dirichlet(ALPHA · prior), as Hsu et al. 2019 have it, without putting rows back."""
    left = {c: list(rng.permutation(train[digits.target[train] == c])) for c in range(10)}
    size, sites = len(train) // SITES, []
    for _ in range(SITES):
        mix, rows = rng.dirichlet([ALPHA / 10] * 10), []
        while len(rows) < size:
            open_ = np.array([mix[c] if left[c] else 0 for c in range(10)])
            if open_.sum() == 0:
                open_ = np.array([float(bool(left[c])) for c in range(10)])
            rows.append(left[rng.choice(10, p=open_ / open_.sum())].pop())
        sites.append(np.array(rows))
    return sites


sites = deal()
torch.manual_seed(seed)
net = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.MaxPool2d(2), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1), nn.MaxPool2d(2), nn.ReLU(),
    nn.Flatten(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10),
)  # fmt: skip
start = nn.utils.parameters_to_vector(net.parameters()).detach().clone()


def put(w):
    nn.utils.vector_to_parameters(w, net.parameters())


def gradient(w, rows):
    put(w)
    net.zero_grad()
    nn.functional.cross_entropy(net(X[rows]), Y[rows]).backward()
    return torch.cat([p.grad.flatten() for p in net.parameters()])


def accuracy(w):
    put(w)
    with torch.no_grad():
        return round((net(X[test]).argmax(1) == Y[test]).float().mean().item(), 3)


def work(w, rows, extra=lambda y: 0):
    y, velocity, queue = w.clone(), torch.zeros_like(w), []
    for _ in range(steps):
        if len(queue) < BATCH:
            queue = list(rng.permutation(rows))
        batch, queue = queue[:BATCH], queue[BATCH:]
        velocity = momentum * velocity + gradient(y, batch) + extra(y)
        y = y - rate * velocity
    return y


def fedavg(server=1.0, beta=0.0):
    w, m = start, 0
    while True:
        m = beta * m + sum(work(w, rows) for rows in sites) / SITES - w
        w = w + server * m
        yield w, 0.0


def scaffold(option):
    x, c, ci = start, torch.zeros_like(start), [torch.zeros_like(start)] * SITES
    while True:
        ys, new = [], []
        for i, rows in enumerate(sites):
            y = work(x, rows, lambda _, i=i: c - ci[i])
            # momentum counts 1/(1 − m) times, as in docs/decisions/0013
            new.append(gradient(x, rows) if option == 1 else ci[i] - c + (x - y) * (1 - momentum) / (steps * rate))
            ys.append(y)
        x = sum(ys) / SITES
        c = c + sum(n - o for n, o in zip(new, ci)) / SITES
        ci = new
        yield x, sum(v.norm().item() for v in ci) / SITES


def feddyn(alpha):
    w, h, g = start, torch.zeros_like(start), [torch.zeros_like(start)] * SITES
    while True:
        ys = [work(w, rows, lambda y, i=i: alpha * (y - w) - g[i]) for i, rows in enumerate(sites)]
        g = [g[i] - alpha * (ys[i] - w) for i in range(SITES)]
        h = h - alpha * sum(y - w for y in ys) / SITES
        w = sum(ys) / SITES - h / alpha
        yield w, h.norm().item() / alpha


methods = {
    "FedAvg": fedavg(), "FedAvgM, 0.5 and 0.5": fedavg(0.5, 0.5), "FedAvgM, 1 and 0.9": fedavg(1.0, 0.9),
    "SCAFFOLD II": scaffold(2), "SCAFFOLD I": scaffold(1), "FedDyn, 0.01": feddyn(0.01),
}  # fmt: skip
for name, run in methods.items():
    if given[5:] and name not in given[5:]:
        continue
    curve = []
    for r in range(1, rounds + 1):
        w, length = next(run)
        if r % 5 == 0 or r == rounds:
            curve.append([r, accuracy(w), round(length, 2)])
    print(json.dumps({"method": name, "seed": seed, "steps": steps, "rate": rate, "momentum": momentum, "round, accuracy, length": curve}), flush=True)
