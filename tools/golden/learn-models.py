# Golden vectors of models: gradients and loss curves by PyTorch in float64, and how far PyTorch's own float32 is from them, at most, with one
# thread or two and with or without oneDNN.
# Run: python3 -P tools/golden/learn-models.py > tools/golden/learn-models.json
# Weights and data are drawn by a hash that the tests know too. A gradient is stored as its norm and eight sums with drawn signs.
import copy
import json
import sys

import numpy as np
import torch
from torch import nn

PROJECTIONS = 8


def drawn(stream, length, scale):
    u = np.uint64
    mask = u(0xFFFFFFFF)
    h = (np.arange(length, dtype=u) * u(0x9E3779B1) + u(stream) * u(0x85EBCA77)) & mask
    h = ((h ^ (h >> u(16))) * u(0x85EBCA6B)) & mask
    h = ((h ^ (h >> u(13))) * u(0xC2B2AE35)) & mask
    h = h ^ (h >> u(16))
    return ((h >> u(8)).astype(np.float64) / 2**23 - 1) * scale


def drawn_scale(shape):
    return 0.125 if len(shape) == 1 else 2.0 ** np.floor(np.log2(np.sqrt(3 / np.prod(shape[1:]))))


def projections(values):
    values = values.reshape(-1)
    return [float(np.where(drawn(1000 + k, values.size, 1) < 0, -values, values).sum()) for k in range(PROJECTIONS)]


def fill(model):
    with torch.no_grad():
        for stream, (name, p) in enumerate(model.named_parameters()):
            values = drawn(stream, p.numel(), drawn_scale(p.shape)).reshape(p.shape)
            # scales of norms lie around 1
            if p.dim() == 1 and name.endswith("weight"):
                values = values + 1
            p.copy_(torch.from_numpy(values))
    return model


def orders():
    """Four orders in which PyTorch may add: threads and kernels decide how float32 rounds."""
    for threads in (1, 2):
        for kernels in (True, False):
            torch.set_num_threads(threads)
            with torch.backends.mkldnn.flags(enabled=kernels):
                yield
    torch.set_num_threads(1)


def train(model, optimiser, loss, x, y, dtype, steps):
    model = copy.deepcopy(model).to(dtype).train()
    x = x.to(dtype)
    y = y if y.dtype == torch.int64 else y.to(dtype)
    take = optimiser(model.parameters())
    losses, gradients = [], None
    for _ in range(steps):
        take.zero_grad()
        value = loss(model(x), y)
        value.backward()
        if gradients is None:
            gradients = {name: p.grad.double().numpy().copy() for name, p in model.named_parameters()}
            buffers = {name: b.double().numpy().copy() for name, b in model.named_buffers() if b.dim() > 0}
        take.step()
        losses.append(value.item())
    return losses, gradients, buffers


def case(name, model, shape, batch, classes, optimiser, steps, loss=None, outputs=1, labels=None):
    model = fill(model.double())
    x = torch.from_numpy(drawn(900, batch * int(np.prod(shape)), 1.0).reshape(batch, *shape))
    y = torch.arange(batch) % classes if classes else torch.from_numpy(drawn(901, batch * outputs, 1.0).reshape(batch, outputs))
    if labels is not None:  # a class index in the last column
        x[:, -1] = torch.arange(batch) % labels
    if isinstance(loss, nn.BCEWithLogitsLoss):
        y = (torch.arange(batch) % 2).double().reshape(batch, 1)
    loss = loss or (nn.CrossEntropyLoss() if classes else nn.MSELoss())
    losses, gradients, buffers = train(model, optimiser, loss, x, y, torch.float64, steps)
    curves32, gradients32 = zip(*[train(model, optimiser, loss, x, y, torch.float32, steps)[:2] for _ in orders()])
    print(name, losses[0], losses[-1], file=sys.stderr)
    return {
        "name": name,
        "parameters": [
            {
                "name": key,
                "shape": list(g.shape),
                "norm": float(np.linalg.norm(g)),
                "projections": projections(g),
                "torch32": max(float(np.linalg.norm(g - g32[key]) / np.linalg.norm(g)) for g32 in gradients32),
            }
            for key, g in gradients.items()
        ],
        "buffers": {key: {"norm": float(np.linalg.norm(b)), "projections": projections(b)} for key, b in buffers.items()},
        "losses": losses,
        "torch32": float(np.abs(np.subtract(losses, curves32)).max()),
    }


class Named(nn.Module):
    """A network whose parameters bear the names of our layers."""

    def __init__(self, **layers):
        super().__init__()
        self.forward_with = layers.pop("forward")
        for key, layer in layers.items():
            setattr(self, key, layer)

    def forward(self, x):
        return self.forward_with(self, x)


pool = nn.functional.max_pool2d


def pictures(self, x):
    x = pool(self.conv1(x).relu(), 2)
    x = pool(self.conv2(x).relu(), 2)
    return self.fc2(self.fc1(x.flatten(1)).relu())


def mcmahan():
    return Named(
        conv1=nn.Conv2d(1, 32, 5, padding=2), conv2=nn.Conv2d(32, 64, 5, padding=2), fc1=nn.Linear(3136, 512), fc2=nn.Linear(512, 10), forward=pictures
    )


def brain(padding, features):
    return Named(
        conv1=nn.Conv2d(1, 32, 5, 2, padding), conv2=nn.Conv2d(32, 64, 5, 2, padding), fc1=nn.Linear(features, 256), fc2=nn.Linear(256, 4), forward=pictures
    )


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, norm):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = norm(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = norm(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), norm(outputs))

    def forward(self, x):
        skip = x if self.downsample is None else self.downsample(x)
        return (self.bn2(self.conv2(self.bn1(self.conv1(x)).relu())) + skip).relu()


class Resnet(nn.Module):
    def __init__(self, channels, classes, stem, norm, depths=(2, 2, 2, 2)):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 64, 7, 2, 3, bias=False) if stem == "large" else nn.Conv2d(channels, 64, 3, 1, 1, bias=False)
        self.bn1 = norm(64)
        self.stem = stem
        width = 64
        for stage, (outputs, depth) in enumerate(zip((64, 128, 256, 512), depths)):
            blocks = [Block(width if i == 0 else outputs, outputs, 2 if i == 0 and stage > 0 else 1, norm) for i in range(depth)]
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
            width = outputs
        self.fc = nn.Linear(512, classes)

    def forward(self, x):
        x = self.bn1(self.conv1(x)).relu()
        if self.stem == "large":
            x = pool(x, 3, 2, 1)
        for stage in range(4):
            x = getattr(self, f"layer{stage + 1}")(x)
        return self.fc(x.mean((2, 3)))


class Recurrent(nn.Module):
    def __init__(self, kind, layers):
        super().__init__()
        self.rnn = kind(6, 16, num_layers=layers, batch_first=True)
        self.fc = nn.Linear(16, 1)

    def forward(self, x):
        return self.fc(self.rnn(x)[0][:, -1])


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(6, 16)
        self.position = nn.Parameter(torch.zeros(12, 16))
        layer = nn.TransformerEncoderLayer(16, 4, 32, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.fc = nn.Linear(16, 3)

    def forward(self, x):
        return self.fc(self.encoder(self.embed(x) + self.position).mean(1))


class Stage(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv = nn.Conv3d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm = nn.GroupNorm(4, outputs)

    def forward(self, x):
        return self.norm(self.conv(x)).relu()


class Volume(nn.Module):
    def __init__(self):
        super().__init__()
        for stage, (inputs, outputs) in enumerate(((1, 8), (8, 16), (16, 32))):
            setattr(self, f"stage{stage}", nn.Sequential(Stage(inputs, outputs, 1 if stage == 0 else 2), Stage(outputs, outputs, 1)))
        self.fc = nn.Linear(32, 2)

    def forward(self, x):
        return self.fc(self.stage2(self.stage1(self.stage0(x))).mean((2, 3, 4)))


def series(self, x):
    x = self.conv1(x.transpose(1, 2)).relu()
    return self.fc(self.conv3(self.conv2(x).relu()).relu().mean(2))


leaky = lambda x: nn.functional.leaky_relu(x, 0.2)


def conditioned(self, x):
    return torch.cat([x[:, :-1], self.label(x[:, -1].long())], 1)


def made(self, x):
    x = leaky(self.layer0(conditioned(self, x)))
    return self.layer2(leaky(self.norm1(self.layer1(x)))).tanh()


def judged(self, x):
    return self.layer2(leaky(self.layer1(leaky(self.layer0(conditioned(self, x))))))


def curve(stream):
    """Fifty steps of the McMahan network on one draw of pictures: losses in float64, and how far those in float32 come from them, step by step."""
    model = fill(mcmahan().double())
    x = torch.from_numpy(drawn(stream, 10 * 784, 1.0).reshape(10, 1, 28, 28))
    losses, losses32 = (train(model, sgd, nn.CrossEntropyLoss(), x, torch.arange(10), dtype, 50)[0] for dtype in (torch.float64, torch.float32))
    return {"stream": stream, "losses": losses, "torch32": np.abs(np.subtract(losses, losses32)).tolist()}


sgd = lambda p: torch.optim.SGD(p, lr=0.02)
momentum = lambda p: torch.optim.SGD(p, lr=0.005, momentum=0.9)
adam = lambda p: torch.optim.Adam(p, lr=0.001)
torch.set_num_threads(1)
json.dump(
    {
        "origin": "tools/golden/learn-models.py",
        "versions": {"python": sys.version.split()[0], "numpy": np.__version__, "torch": torch.__version__},
        "cases": [
            case("mcmahanCnn", mcmahan(), (1, 28, 28), 10, 10, sgd, 10),
            case("brainCnn 60x80", brain(0, 512), (1, 60, 80), 8, 4, adam, 10),
            case("brainCnn 64x64 padded", brain(2, 1024), (1, 64, 64), 8, 4, adam, 50),
            case("gru", Recurrent(nn.GRU, 1), (12, 6), 8, 0, adam, 50),
            case("lstm of two layers", Recurrent(nn.LSTM, 2), (12, 6), 8, 0, adam, 50),
            case("transformer", Transformer(), (12, 6), 8, 3, adam, 50),
            case("volumeCnn", Volume(), (1, 9, 9, 9), 4, 2, adam, 10),
            case(
                "seriesCnn",
                Named(conv1=nn.Conv1d(6, 32, 5, 1, 2), conv2=nn.Conv1d(32, 64, 5, 2, 2), conv3=nn.Conv1d(64, 64, 5, 2, 2), fc=nn.Linear(64, 3), forward=series),
                (17, 6), 8, 3, adam, 10,
            ),
            case(
                "conditionalGenerator",
                Named(label=nn.Embedding(3, 3), layer0=nn.Linear(9, 8), layer1=nn.Linear(8, 12), norm1=nn.BatchNorm1d(12), layer2=nn.Linear(12, 5), forward=made),
                (7,), 8, 0, adam, 50, outputs=5, labels=3,
            ),
            case(
                "conditionalDiscriminator",
                Named(label=nn.Embedding(3, 3), layer0=nn.Linear(13, 12), layer1=nn.Linear(12, 8), layer2=nn.Linear(8, 1), forward=judged),
                (11,), 8, 0, adam, 50, loss=nn.BCEWithLogitsLoss(), labels=3,
            ),
            case("resnet18 batch norm", Resnet(3, 10, "large", nn.BatchNorm2d), (3, 64, 64), 8, 10, momentum, 4),
            case("resnet18 group norm", Resnet(1, 2, "small", lambda c: nn.GroupNorm(32, c)), (1, 28, 28), 4, 2, momentum, 4),
        ],
        "curves": [curve(stream) for stream in range(910, 918)],
    },
    sys.stdout,
)
