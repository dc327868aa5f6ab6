"""Golden values for src/base: the seed tree and its stream, computed apart from the TypeScript, and quantiles for its distributions.

python3 tools/golden/seed.py > src/base/seed.golden.json      (hashlib; numpy and scipy for quantiles)
"""
import hashlib
import json
import platform
import struct

import scipy
from scipy import stats

MASK = 0xFFFFFFFF


def child(parent, label):
    tagged = b"\x01" + label.encode() if isinstance(label, str) else b"\x00" + struct.pack("<d", label)
    return hashlib.sha256(parent + tagged).digest()[:16]


def seed(root, *labels):
    bits = child(b"yimeng seed v1", root)
    for label in labels:
        bits = child(bits, label)
    return bits


def stream(bits, count):
    a, b, c, d = struct.unpack("<4I", bits)
    words = []
    for _ in range(count):
        x = (b * 5) & MASK
        words.append((((x << 7 | x >> 25) & MASK) * 9) & MASK)
        shifted = (b << 9) & MASK
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = (d << 11 | d >> 21) & MASK
    return words


paths = [[7], ["run"], [7, "round", 3], [7, "round", "3"], [0.5, "医盟", -1]]
sixteenths = [k / 16 for k in range(1, 16)]
print(json.dumps({
    "origin": f"tools/golden/seed.py, Python {platform.python_version()}, SciPy {scipy.__version__}",
    "seeds": [{"path": p, "id": seed(*p).hex(), "uint32": stream(seed(*p), 5)} for p in paths],
    "quantiles": {
        "normal": list(stats.norm.ppf(sixteenths)),
        "gamma 0.3": list(stats.gamma(0.3).ppf(sixteenths)),
        "gamma 1": list(stats.gamma(1).ppf(sixteenths)),
        "gamma 4.5": list(stats.gamma(4.5).ppf(sixteenths)),
    },
    "chiSquare15": {"alpha": 1e-6, "threshold": stats.chi2.isf(1e-6, 15)},
}, indent=1, ensure_ascii=False))
