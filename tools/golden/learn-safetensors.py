# A file made by the Python library of safetensors. Run: python3 -P tools/golden/learn-safetensors.py > tools/golden/learn-safetensors.json
import base64
import json
import sys
from importlib.metadata import version

import numpy as np
from safetensors.numpy import load, save

tensors = {
    "0.weight": np.arange(6, dtype=np.float32).reshape(2, 3) / 4,
    "0.bias": np.array([-1.5, 2.25], dtype=np.float32),
    "half": np.array([0.5, -65504, 6e-8], dtype=np.float16),
    "double": np.array([[1 / 3]], dtype=np.float64),
    "count": np.array(7, dtype=np.int64),
    "bytes": np.array([0, 255], dtype=np.uint8),
    "empty": np.zeros((0, 4), dtype=np.float32),
}
# a file as ours should be readable there: written by hand to the letter of the format, then read back by the library
header = json.dumps({"__metadata__": {"by": "hand"}, "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
header += b" " * (-len(header) % 8)
by_hand = len(header).to_bytes(8, "little") + header + np.array([1, 2], dtype="<f4").tobytes()
assert load(by_hand)["a"].tolist() == [1, 2]
json.dump(
    {
        "origin": "tools/golden/learn-safetensors.py",
        "versions": {"python": sys.version.split()[0], "numpy": np.__version__, "safetensors": version("safetensors")},
        "file": base64.b64encode(save(tensors, {"format": "np", "task": "乳腺癌"})).decode(),
        "tensors": {name: {"shape": list(t.shape), "values": np.float32(t).reshape(-1).tolist()} for name, t in tensors.items()},
    },
    sys.stdout,
    ensure_ascii=False,
)
