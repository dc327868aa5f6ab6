"""Golden numbers for src/data/images/distance.ts, from scipy's exact Euclidean distance transform. Prints the JSON that is stored as src/data/images/distance.golden.json.

python3 -m venv VENV && VENV/bin/pip install scipy==1.17.1 numpy==2.4.6 && VENV/bin/python tools/golden/data-distance.py > src/data/images/distance.golden.json
"""
import json

import numpy as np
import scipy
from scipy.ndimage import distance_transform_edt, gaussian_filter

random = np.random.default_rng(20261122)


def shapes():
    for lengths, smooth in (((17,), 1.5), ((9, 13), 1.5), ((9, 13), 0), ((7, 8, 9), 1.5), ((12, 5, 10), 2)):
        inside = gaussian_filter(random.normal(size=lengths), smooth) > -0.1 if smooth else random.random(lengths) < 0.9
        distances = distance_transform_edt(inside)
        # squared: whole numbers, so that nothing is rounded here
        yield {"lengths": list(lengths), "inside": "".join("01"[int(v)] for v in inside.ravel()), "squares": np.rint(distances.ravel() ** 2).astype(int).tolist()}


print(json.dumps({"origin": "tools/golden/data-distance.py", "versions": {"scipy": scipy.__version__, "numpy": np.__version__}, "shapes": list(shapes())}))
