# Golden vectors of metrics, by scikit-learn. Run: python3 -P tools/golden/learn-metrics.py > tools/golden/learn-metrics.json
import json
import sys

import numpy as np
import sklearn
from sklearn import metrics


def case(name, labels, probabilities):
    labels = np.asarray(labels)
    p = np.asarray(probabilities)
    classes = 1 if p.ndim == 1 else p.shape[1]
    width = max(2, classes)
    decided = (p >= 0.5).astype(int) if classes == 1 else p.argmax(1)
    full = np.stack([1 - p, p], 1) if classes == 1 else p
    matrix = metrics.confusion_matrix(labels, decided, labels=range(width))
    recalls = metrics.recall_score(labels, decided, labels=range(width), average=None)
    specificities = [metrics.recall_score(labels != k, decided != k) for k in range(width)]
    f1s = metrics.f1_score(labels, decided, labels=range(width), average=None)
    aucs = [metrics.roc_auc_score(labels == k, full[:, k]) for k in range(width)]
    pick = (lambda values: float(values[1])) if width == 2 else (lambda values: float(np.mean(values)))
    return {
        "name": name,
        "labels": labels.tolist(),
        "probabilities": p.reshape(-1).tolist(),
        "classes": classes,
        "expected": {
            "confusion": matrix.tolist(),
            "accuracy": metrics.accuracy_score(labels, decided),
            "sensitivity": pick(recalls),
            "specificity": pick(specificities),
            "f1": pick(f1s),
            "auc": pick(aucs),
            "logLoss": metrics.log_loss(labels, full, labels=range(width)),
            "brier": float(((full - np.eye(width)[labels]) ** 2).sum(1).mean() / 2),
        },
    }


rng = np.random.default_rng(1)
binary = rng.integers(0, 2, 60)
three = rng.integers(0, 3, 80)
logits = rng.normal(size=(80, 3)) + 1.2 * np.eye(3)[three]
rows = np.round(np.exp(logits) / np.exp(logits).sum(1, keepdims=True), 3)
rows[:, 0] = 1 - rows[:, 1] - rows[:, 2]
json.dump(
    {
        "origin": "tools/golden/learn-metrics.py",
        "versions": {"python": sys.version.split()[0], "numpy": np.__version__, "scikit-learn": sklearn.__version__},
        "cases": [
            case("two classes, ties", binary, np.clip(np.round(0.3 * binary + rng.uniform(0, 0.7, 60), 1), 0.05, 0.95)),
            case("three classes", three, rows),
        ],
    },
    sys.stdout,
)
