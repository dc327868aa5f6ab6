"""Golden numbers for src/judge/statistics, from scipy and statsmodels. Prints the JSON that is stored as src/judge/statistics/statistics.golden.json.

python3 -m venv VENV && VENV/bin/pip install scipy statsmodels && VENV/bin/python tools/golden/judge-statistics.py > src/judge/statistics/statistics.golden.json
"""
import json
import platform

import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

random = np.random.default_rng(20261121)


def t_intervals():
    for n in (2, 3, 5, 30):
        values = random.normal(0.9, 0.03, n)
        for level in (0.9, 0.95, 0.99):
            low, high = stats.t.interval(level, n - 1, loc=values.mean(), scale=stats.sem(values))
            yield {"values": values.tolist(), "level": level, "mean": values.mean(), "sd": values.std(ddof=1), "low": low, "high": high}


def wilson():
    for successes, trials in ((0, 10), (1, 10), (10, 10), (83, 104), (254, 254), (0, 1), (1, 1), (5000, 10000)):
        for level in (0.9, 0.95):
            low, high = proportion_confint(successes, trials, alpha=1 - level, method="wilson")
            yield {"successes": successes, "trials": trials, "level": level, "low": low, "high": high}


def paired():
    for n, shift in ((2, 0.01), (5, 0.0), (5, 0.03), (30, 0.004), (30, 0.05)):
        a = random.normal(0.9 + shift, 0.02, n)
        b = random.normal(0.9, 0.02, n)
        result = stats.ttest_rel(a, b)
        interval = result.confidence_interval(0.95)
        yield {"a": a.tolist(), "b": b.tolist(), "t": result.statistic, "p": result.pvalue, "low": interval.low, "high": interval.high}


def corrected():
    # Nadeau and Bengio's variance, with scipy's t distribution
    for n, overlap in ((5, 0.25), (30, 0.5)):
        a = random.normal(0.93, 0.02, n)
        b = random.normal(0.9, 0.02, n)
        d = a - b
        t = d.mean() / np.sqrt((1 / n + overlap) * d.var(ddof=1))
        yield {"a": a.tolist(), "b": b.tolist(), "overlap": overlap, "t": t, "p": 2 * stats.t.sf(abs(t), n - 1)}


def signed_rank():
    for n in (3, 5, 12, 30):
        a = random.normal(0.91, 0.02, n)
        b = random.normal(0.9, 0.02, n)
        result = stats.wilcoxon(a, b, method="exact")
        yield {"a": a.tolist(), "b": b.tolist(), "p": result.pvalue}
    for d in ([1, 1, 2, -2, 3, 3, 4], [1, -1, 1, -1, 1, 0, 0], [2, 2, 2, 2, 2, -1]):
        d = np.array(d, float)
        kept = d[d != 0]
        ranks = stats.rankdata(abs(kept))
        signs = np.array(np.meshgrid(*[[0, 1]] * len(kept))).reshape(len(kept), -1).T
        sums = signs @ ranks
        observed = ranks[kept > 0].sum()
        tail = min(observed, ranks.sum() - observed)
        yield {"a": d.tolist(), "b": [0.0] * len(d), "p": min(1.0, 2 * float((sums <= tail).mean()))}


def disagreement():
    for b, c in ((0, 0), (1, 0), (3, 3), (10, 3), (0, 12), (59, 46), (700, 640)):
        exact = mcnemar([[0, b], [c, 0]], exact=True).pvalue
        mid = 2 * stats.binom.cdf(min(b, c) - 1, b + c, 0.5) + stats.binom.pmf(min(b, c), b + c, 0.5)
        yield {"onlyFirst": b, "onlySecond": c, "exact": 1.0 if b + c == 0 else float(min(1, exact)), "midP": float(mid)}


def corrections():
    for n in (1, 3, 8):
        p = random.uniform(0, 0.1, n)
        yield {"p": p.tolist(), "adjusted": multipletests(p, method="holm")[1].tolist()}


print(
    json.dumps(
        {
            "origin": "tools/golden/judge-statistics.py",
            "versions": {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__},
            "tInterval": list(t_intervals()),
            "wilson": list(wilson()),
            "pairedT": list(paired()),
            "corrected": list(corrected()),
            "signedRank": list(signed_rank()),
            "mcnemar": list(disagreement()),
            "holm": list(corrections()),
        },
        indent=1,
    )
)
