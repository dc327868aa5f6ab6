# A peer of `yimeng bench engine`: the same training steps in PyTorch on the CPU, one thread. Run: python3 -P bench/engine-torch.py <workload> <steps> <threads>
import json
import os
import resource
import sys
import time

workload, steps, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
os.environ["OMP_NUM_THREADS"] = str(threads)
import torch
from torch import nn

torch.set_num_threads(threads)
torch.manual_seed(1)


def mcmahan():
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 512), nn.ReLU(), nn.Linear(512, 10),
    )


def brain(side):
    last = side // 16
    return nn.Sequential(
        nn.Dropout2d(0.3), nn.Conv2d(1, 32, 5, 2, 2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 5, 2, 2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * last * last, 256), nn.ReLU(), nn.Linear(256, 4),
    )


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        skip = x if self.downsample is None else self.downsample(x)
        return self.relu(self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x))))) + skip)


def resnet18():
    layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    width = 64
    for outputs, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        layers += [Block(width, outputs, stride), Block(outputs, outputs, 1)]
        width = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.rnn = kind(14, 64, batch_first=True)
        self.fc = nn.Linear(64, 1)

    def forward(self, x):
        return self.fc(self.rnn(x)[0][:, -1])


def mlp():
    return nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2))


sgd = lambda p: torch.optim.SGD(p, lr=0.001)
momentum = lambda p: torch.optim.SGD(p, lr=0.001, momentum=0.9)
adam = lambda p: torch.optim.Adam(p, lr=0.001)
workloads = {
    "mlp": (mlp, (30,), 32, 2, sgd),
    "mcmahan-10": (mcmahan, (1, 28, 28), 10, 10, sgd),
    "mcmahan-64": (mcmahan, (1, 28, 28), 64, 10, sgd),
    "brain-64": (lambda: brain(64), (1, 64, 64), 64, 4, adam),
    "brain-128": (lambda: brain(128), (1, 128, 128), 64, 4, adam),
    "resnet-18": (resnet18, (3, 64, 64), 32, 10, momentum),
    "resnet-18-frozen": (resnet18, (3, 64, 64), 32, 10, momentum),
    "gru": (lambda: Recurrent(nn.GRU), (50, 14), 32, 0, adam),
    "lstm": (lambda: Recurrent(nn.LSTM), (50, 14), 32, 0, adam),
}
make, shape, batch, classes, optimiser = workloads[workload]
model = make()
x = torch.randn(batch * 4, *shape)
y = torch.randint(0, classes, (batch * 4,)) if classes else torch.randn(batch * 4, 1)
loss = nn.CrossEntropyLoss() if classes else nn.MSELoss()
if workload.endswith("frozen"):
    for p in model[:-1].parameters():
        p.requires_grad_(False)
take = optimiser([p for p in model.parameters() if p.requires_grad])


def run(count):
    for step in range(count):
        rows = torch.randint(0, batch * 4, (batch,))
        take.zero_grad()
        loss(model(x[rows]), y[rows]).backward()
        take.step()


run(max(2, steps // 5))
cpu, wall = time.process_time(), time.perf_counter()
run(steps)
cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
print(json.dumps({
    "wallMs": wall / steps * 1000, "cpuMs": cpu / steps * 1000, "samples": batch * steps / wall,
    "peakMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "version": torch.__version__,
}))
