# Golden vectors for src/data: what scikit-learn's StandardScaler and OneHotEncoder make of the same tables, and NumPy of one with holes.
# Run: pip install scikit-learn==1.5.2 && python tools/golden/data-preprocessing.py > src/data/preprocessing.golden.json
import csv
import gzip
import json
import pathlib

import numpy
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

data = pathlib.Path(__file__).parents[2] / "data"


def digest(matrix):
    """First, last and per-column sums weighted by row number: every cell counts."""
    weights = 1 + numpy.arange(len(matrix)) % 7
    return {
        "shape": list(matrix.shape),
        "first": matrix[0].tolist(),
        "last": matrix[-1].tolist(),
        "sums": (weights @ matrix).tolist(),
    }


with open(data / "breast-cancer/breast_cancer.csv") as file:
    rows = list(csv.reader(file))[1:]
cancer = numpy.array(rows, dtype=float)[:, :-1]

with gzip.open(data / "diabetes/diabetes_data_raw.csv.gz", "rt") as file:
    diabetes = numpy.array([line.split() for line in file], dtype=float)
numbers = [0, 2, 3, 4, 5, 6, 7, 8, 9]
encoder = ColumnTransformer(
    [("sex", OneHotEncoder(drop="first", sparse_output=False), [1]), ("numbers", StandardScaler(), numbers)]
)
encoded = encoder.fit_transform(diabetes)
# back into the table's order: age, sex, the rest
encoded = encoded[:, [1, 0, 2, 3, 4, 5, 6, 7, 8, 9]]

holes = cancer[:, :3].copy()
holes[::5, 0] = numpy.nan
holes[::3, 2] = numpy.nan
present = numpy.nanmean(holes, axis=0), numpy.nanstd(holes, axis=0)
# scaled by the values present, as a federated mean and variance see them: imputing first would shrink the deviation
filled = (numpy.where(numpy.isnan(holes), present[0], holes) - present[0]) / present[1]

print(
    json.dumps(
        {
            "origin": "tools/golden/data-preprocessing.py",
            "versions": {"scikit-learn": sklearn.__version__, "numpy": numpy.__version__},
            "breastCancer": digest(StandardScaler().fit_transform(cancer)),
            "diabetes": digest(encoded),
            "holes": digest(filled),
        },
        indent=1,
    )
)
