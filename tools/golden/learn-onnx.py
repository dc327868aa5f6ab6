# Networks as PyTorch writes them to ONNX, with inputs and outputs: what importing must reproduce. Run: python3 -P tools/golden/learn-onnx.py > tools/golden/learn-onnx.json
import base64
import io
import json
import os
import sys
import tempfile
from contextlib import redirect_stdout

import onnx
import torch
from torch import nn


class Mobile(nn.Module):
    """What picture networks are made of: batch norm, depthwise convolution, ReLU6, a shortcut, pooling with padding, a view by the batch's size."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU6())
        self.depthwise = nn.Sequential(nn.Conv2d(8, 8, 3, 1, 1, groups=8, bias=False), nn.BatchNorm2d(8), nn.Hardswish())
        self.point = nn.Conv2d(8, 8, 1)
        self.late = nn.BatchNorm2d(8)  # not behind a convolution, so that the exporters do not fold it
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.mean = nn.AvgPool2d(2)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(8 * 4, 5)

    def forward(self, x):
        h = self.stem(x)
        h = torch.relu(h + self.point(self.depthwise(h)))
        h = self.mean(self.pool(self.late(h)))
        return self.fc(self.drop(h.view(h.size(0), -1)))


class Small(nn.Module):
    """Global pooling, concatenation, a dense network on rows of features."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(1, 4, 5, padding=2)
        self.rest = nn.Sequential(nn.Linear(8, 6), nn.GELU(), nn.Linear(6, 3))

    def forward(self, x):
        h = torch.cat([torch.sigmoid(self.a(x)), nn.functional.leaky_relu(self.b(x), 0.1)], 1)
        return torch.softmax(self.rest(h.mean((2, 3))), 1)


def exported(model, x, exporter):
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(sys.stderr):
        path = os.path.join(folder, "model.onnx")
        if exporter == "dynamo":
            shapes = ({0: torch.export.Dim("rows", min=1, max=64)},)
            torch.onnx.export(model, (x,), path, dynamo=True, external_data=False, dynamic_shapes=shapes)
        else:
            axes = {"input": {0: "rows"}, "output": {0: "rows"}}
            torch.onnx.export(model, (x,), path, dynamo=False, input_names=["input"], output_names=["output"], dynamic_axes=axes)
        slim = onnx.load(path)
        for node in slim.graph.node:  # where each line of Python went: half of the file
            del node.metadata_props[:]
            node.doc_string = ""
        del slim.graph.value_info[:]
        return slim.SerializeToString()


cases = []
for name, make, shape in (("mobile", Mobile, (3, 16, 16)), ("small", Small, (1, 6, 6))):
    torch.manual_seed(1)
    model = make()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 1.5)
    model.eval()
    x = torch.randint(-8, 9, (3, *shape)) / 8
    with torch.no_grad():
        y = model(x)
    for exporter in ("dynamo", "legacy"):
        cases.append({
            "name": name, "exporter": exporter, "shape": list(shape), "input": x.flatten().tolist(), "output": y.flatten().tolist(),
            "file": base64.b64encode(exported(model, x, exporter)).decode(),
        })
print(json.dumps({"origin": "tools/golden/learn-onnx.py", "versions": {"torch": torch.__version__, "onnx": onnx.__version__}, "cases": cases}))
