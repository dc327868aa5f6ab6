# Golden vectors of training, by PyTorch in float64. Run: python3 -P tools/golden/learn.py > tools/golden/learn.json
# Each case: a network's first weights, its data, ten steps of full batches; the losses, the first gradient and the last weights.
# `spread` is how far PyTorch's own float32 run ends from float64: the yardstick for our float32.
import copy
import json
import sys

import numpy as np
import torch
from torch import nn

STEPS = 10


def exact(array):
    """Values that float32 holds exactly, so that both sides start from the same numbers."""
    return np.asarray(array, dtype=np.float32).astype(np.float64)


def flat(model, of=lambda p: p):
    return np.concatenate([of(p).detach().double().numpy().reshape(-1) for p in model.parameters()])


def train(model, loss, optimiser, x, y, dtype):
    model = copy.deepcopy(model).to(dtype)
    x = x.to(dtype)
    y = y if y.dtype == torch.int64 else y.to(dtype)
    steps = optimiser(model.parameters())
    losses, gradient = [], None
    for _ in range(STEPS):
        steps.zero_grad()
        value = loss(model(x), y)
        value.backward()
        if gradient is None:
            gradient = flat(model, lambda p: p.grad)
        steps.step()
        losses.append(value.item())
    return losses, gradient, flat(model)


def case(name, model, loss, optimiser, x, y):
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.from_numpy(exact(p.numpy())).reshape(p.shape))
    losses, gradient, last = train(model, loss, optimiser, x, y, torch.float64)
    losses32, gradient32, last32 = train(model, loss, optimiser, x, y, torch.float32)
    return {
        "name": name,
        "names": list(model.state_dict()),
        "shapes": [list(p.shape) for p in model.parameters()],
        "first": flat(model).tolist(),
        "inputs": x.reshape(-1).tolist(),
        "targets": y.double().reshape(-1).tolist(),
        "losses": losses,
        "gradient": gradient.tolist(),
        "last": last.tolist(),
        "spread": {
            "loss": float(np.abs(np.subtract(losses, losses32)).max()),
            "gradient": float(np.linalg.norm(gradient - gradient32) / np.linalg.norm(gradient)),
            "last": float(np.abs(last - last32).max()),
        },
    }


def dense(*widths):
    layers = []
    for a, b in zip(widths, widths[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers[:-1]).double()


torch.manual_seed(1)
rng = np.random.default_rng(1)
x = torch.from_numpy(exact(rng.normal(size=(12, 5))))
classes = torch.from_numpy(rng.integers(0, 3, 12))
bits = torch.from_numpy(exact(rng.integers(0, 2, (12, 1))))
numbers = torch.from_numpy(exact(rng.normal(size=(12, 2))))
optim = torch.optim
optimisers = {
    "sgd": lambda p: optim.SGD(p, lr=0.1),
    "sgd momentum decay": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.01),
    "sgd nesterov": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "adam": lambda p: optim.Adam(p, lr=0.01),
    "adamw": lambda p: optim.AdamW(p, lr=0.01, weight_decay=0.1),
    "adamax": lambda p: optim.Adamax(p, lr=0.01, weight_decay=0.1),
    "adagrad": lambda p: optim.Adagrad(p, lr=0.02),
    "rmsprop": lambda p: optim.RMSprop(p, lr=0.001),
    "rmsprop momentum": lambda p: optim.RMSprop(p, lr=0.0005, alpha=0.9, momentum=0.8, weight_decay=0.01),
    "adam decay": lambda p: optim.Adam(p, lr=0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1),
}
cases = [case(name, dense(5, 7, 4, 3), nn.CrossEntropyLoss(), o, x, classes) for name, o in optimisers.items()]
cases.append(case("one logit", dense(5, 1), nn.BCEWithLogitsLoss(), optimisers["sgd"], x, bits))
cases.append(case("squared error", dense(5, 6, 2), nn.MSELoss(), optimisers["sgd"], x, numbers))
cases.append(case("smooth L1", dense(5, 6, 2), nn.SmoothL1Loss(beta=0.5), optimisers["sgd"], x, numbers))
cases.append(case("label smoothing", dense(5, 7, 4, 3), nn.CrossEntropyLoss(label_smoothing=0.2), optimisers["sgd"], x, classes))
json.dump(
    {
        "origin": "tools/golden/learn.py",
        "versions": {"python": sys.version.split()[0], "numpy": np.__version__, "torch": torch.__version__},
        "cases": cases,
    },
    sys.stdout,
)
