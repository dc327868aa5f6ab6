"""Golden values for src/base: the seed tree and its stream, computed apart from the TypeScript, and quantiles for its distributions.

python3 tools/golden/seed.py > src/base/seed.golden.json      (hashlib; numpy and scipy for quantiles)
"""
import hashlib
import json
import math
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


def draws(bits):
    """Uniform, integer, permutation and normal numbers, each from the start of the stream."""
    def source():
        yield from stream(bits, 1000)

    def uniform(words):
        high = next(words) >> 5
        return (high * 2**26 + (next(words) >> 6)) / 2**53

    def integer(words, below):
        while True:
            if below <= 2**32:
                word, space = next(words), 2**32
            else:
                high = next(words) >> 11
                word, space = high * 2**32 + next(words), 2**53
            if word < space - space % below:
                return word % below

    def permutation(words, n):
        order = []
        for i in range(n):
            j = integer(words, i + 1)
            order.append(i)
            if j < i:
                order[i], order[j] = order[j], i
        return order

    def normals(words, count):
        found = []
        while len(found) < count:
            x, y = 2 * uniform(words) - 1, 2 * uniform(words) - 1
            square = x * x + y * y
            if 0 < square < 1:
                factor = math.sqrt(-2 * math.log(square) / square)
                found += [x * factor, y * factor]
        return found[:count]

    words = source()
    uniforms = [uniform(words) for _ in range(3)]
    words = source()
    integers = [integer(words, below) for below in [6, 3 * 2**30, 2**32, 2**53, 3 * 2**51]]
    return {"uniform": uniforms, "integer": integers, "permutation": permutation(source(), 12), "normal": normals(source(), 6)}


paths = [[7], ["run"], [7, "round", 3], [7, "round", "3"], [0.5, "医盟", -1]]
sixteenths = [k / 16 for k in range(1, 16)]
print(json.dumps({
    "origin": f"tools/golden/seed.py, Python {platform.python_version()}, SciPy {scipy.__version__}",
    "seeds": [{"path": p, "id": seed(*p).hex(), "uint32": stream(seed(*p), 5), **draws(seed(*p))} for p in paths],
    "quantiles": {
        "normal": list(stats.norm.ppf(sixteenths)),
        "gamma 0.3": list(stats.gamma(0.3).ppf(sixteenths)),
        "gamma 1": list(stats.gamma(1).ppf(sixteenths)),
        "gamma 4.5": list(stats.gamma(4.5).ppf(sixteenths)),
    },
    "chiSquare15": {"alpha": 1e-6, "threshold": stats.chi2.isf(1e-6, 15)},
}, indent=1, ensure_ascii=False))
