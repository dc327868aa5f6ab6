"""Golden vectors for src/privacy: what Google's dp-accounting says about a grid of events.

Run: pip install dp-accounting==0.6.0, then python tools/golden/privacy.py src/privacy/privacy.golden.json
Events are written as src/privacy/events.ts spells them. `null` stands for infinity; an accountant that is not listed does not support the event there.
"""

import importlib.metadata
import json
import math
import sys

import dp_accounting as dp
from dp_accounting.pld import privacy_loss_distribution as pld
from dp_accounting.pld import PLDAccountant
from dp_accounting.rdp import RdpAccountant

ADD_REMOVE = dp.NeighboringRelation.ADD_OR_REMOVE_ONE
REPLACE_ONE = dp.NeighboringRelation.REPLACE_ONE


def gaussian(z):
    return {"kind": "gaussian", "noiseMultiplier": z}


def laplace(z):
    return {"kind": "laplace", "noiseMultiplier": z}


def poisson(q, event):
    return {"kind": "poissonSampled", "probability": q, "event": event}


def fixed_size(n, m, event):
    return {"kind": "fixedSizeSampled", "population": n, "sample": m, "event": event}


def repeated(count, event):
    return event if count == 1 else {"kind": "repeated", "count": count, "event": event}


def composed(*events):
    return {"kind": "composed", "events": list(events)}


def discrete_gaussian(sigma, sensitivity):
    return {"kind": "discreteGaussian", "noiseMultiplier": sigma / sensitivity, "sensitivity": sensitivity, "dimension": 1}


def discrete_laplace(scale, sensitivity):
    return {"kind": "discreteLaplace", "noiseMultiplier": scale / sensitivity, "sensitivity": sensitivity}


def exponential(epsilon):
    return {"kind": "exponential", "epsilon": epsilon}


def peer(event):
    """Our event as theirs."""
    kind = event["kind"]
    if kind == "gaussian":
        return dp.GaussianDpEvent(float(event["noiseMultiplier"]))  # an int is taken for an unsupported event inside a sample
    if kind == "laplace":
        return dp.LaplaceDpEvent(event["noiseMultiplier"])
    if kind == "exponential":  # bounded range: epsilon^2 / 8 of zero-concentrated DP (Cesar and Rogers 2021)
        return dp.dp_event.ZCDpEvent(event["epsilon"] ** 2 / 8)
    if kind == "poissonSampled":
        return dp.PoissonSampledDpEvent(event["probability"], peer(event["event"]))
    if kind == "fixedSizeSampled":
        return dp.SampledWithoutReplacementDpEvent(event["population"], event["sample"], peer(event["event"]))
    if kind == "repeated":
        return dp.SelfComposedDpEvent(peer(event["event"]), event["count"])
    if kind == "composed":
        return dp.ComposedDpEvent([peer(e) for e in event["events"]])
    raise ValueError(kind)


def finite(x):
    return None if math.isinf(x) else float(x)


def lattice_pld(event, count=1, q=1.0):
    """Integer noise, on the grid by connecting dots: the accountant class would round up."""
    if event["kind"] == "repeated":
        return lattice_pld(event["event"], event["count"], q)
    if event["kind"] == "poissonSampled":
        return lattice_pld(event["event"], count, event["probability"])
    scale = event["noiseMultiplier"] * event["sensitivity"]
    if event["kind"] == "discreteGaussian":
        one = pld.from_discrete_gaussian_mechanism(scale, event["sensitivity"], sampling_prob=q, use_connect_dots=True)
    else:
        one = pld.from_discrete_laplace_mechanism(1 / scale, event["sensitivity"], sampling_prob=q, use_connect_dots=True)
    return one.self_compose(count)


def setting(name, event, deltas, adjacency="addRemove", orders=None, only=("rdp", "pld")):
    rows = []
    relation = ADD_REMOVE if adjacency == "addRemove" else REPLACE_ONE
    for accountant in only:
        if name.startswith("discrete"):
            distribution = lattice_pld(event)
            epsilon, delta = distribution.get_epsilon_for_delta, distribution.get_delta_for_epsilon
        else:
            instance = RdpAccountant(orders, relation) if accountant == "rdp" else PLDAccountant(relation)
            if not instance.supports(peer(event)):
                continue
            instance.compose(peer(event))
            epsilon, delta = instance.get_epsilon, instance.get_delta
        for d in deltas:
            e = float(epsilon(d))
            rows.append(
                {"accountant": accountant, "delta": d, "epsilon": finite(e), "at": e * 0.8, "deltaAt": float(delta(e * 0.8))}
                if math.isfinite(e)
                else {"accountant": accountant, "delta": d, "epsilon": None}
            )
    out = {"name": name, "adjacency": adjacency, "event": event, "expected": rows}
    if orders is not None:
        out["orders"] = list(orders)
    print(name, [(r["accountant"], r["epsilon"]) for r in rows], file=sys.stderr)
    return out


def settings():
    for z in (0.5, 1, 2, 5, 20):
        for count in (1, 10, 100):
            if z >= 1 or count == 1:
                yield setting(f"gaussian {z} x{count}", repeated(count, gaussian(z)), (1e-5, 1e-8))
    for z in (0.6, 0.8, 1.1, 2, 6):
        for q in (0.001, 0.01, 0.1, 0.5):
            for count in (1, 200):
                if not (count == 200 and q == 0.5 and z < 1):
                    yield setting(f"poisson {q} gaussian {z} x{count}", repeated(count, poisson(q, gaussian(z))), (1e-5,))
    yield setting("poisson 0.01 gaussian 1 x10000", repeated(10000, poisson(0.01, gaussian(1))), (1e-6,))
    a2 = poisson(256 / 60000, gaussian(0.7))
    for steps in (235, 1645):
        yield setting(f"A2 {steps} steps", repeated(steps, a2), (1e-5,))
        yield setting(f"A2 {steps} steps, integer orders", repeated(steps, a2), (1e-5,), orders=range(2, 256), only=("rdp",))
    for z in (0.5, 1, 4, 10):
        for count in (1, 10, 50):
            yield setting(f"laplace {z} x{count}", repeated(count, laplace(z)), (1e-5,))
    for z, q in ((1, 0.1), (0.5, 0.02), (3, 0.4)):
        for count in (1, 40):
            yield setting(f"poisson {q} laplace {z} x{count}", repeated(count, poisson(q, laplace(z))), (1e-5,))
    for sigma, sensitivity in ((1, 1), (3, 2), (10, 3), (40, 7)):
        for count in (1, 20):
            event = repeated(count, discrete_gaussian(sigma, sensitivity))
            yield setting(f"discrete Gaussian {sigma}/{sensitivity} x{count}", event, (1e-5,), only=("pld",))
    event = repeated(20, poisson(0.1, discrete_gaussian(3, 1)))
    yield setting("discrete Gaussian 3/1 poisson 0.1 x20", event, (1e-5,), only=("pld",))
    for scale, sensitivity in ((1, 1), (5, 2), (20, 3)):
        for count in (1, 20):
            yield setting(f"discrete Laplace {scale}/{sensitivity} x{count}", repeated(count, discrete_laplace(scale, sensitivity)), (1e-5,), only=("pld",))
    for epsilon, count in ((0.1, 100), (0.5, 20), (0.2, 200)):
        yield setting(f"exponential {epsilon} x{count}", repeated(count, exponential(epsilon)), (1e-5,), only=("rdp",))
    for n, m, z, count in ((1000, 50, 2, 100), (1000, 10, 1, 500), (60000, 256, 1.1, 1000), (100, 10, 4, 50), (20, 5, 6, 30)):
        event = repeated(count, fixed_size(n, m, gaussian(z)))
        yield setting(f"fixed {m} of {n} gaussian {z} x{count}", event, (1e-5,), adjacency="replaceOne", only=("rdp",))
    mixed = composed(repeated(100, poisson(0.02, gaussian(1))), laplace(2), repeated(10, gaussian(8)))
    yield setting("mixed", mixed, (1e-5, 1e-7))
    both = repeated(100, poisson(0.05, composed(gaussian(2), repeated(3, gaussian(6)))))
    yield setting("two releases of one sample", both, (1e-5,))


if __name__ == "__main__":
    versions = {name: importlib.metadata.version(name) for name in ("dp-accounting", "numpy", "scipy")}
    out = {"origin": "tools/golden/privacy.py", "versions": {"python": sys.version.split()[0], **versions}, "settings": list(settings())}
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(out, file, indent=1)
        file.write("\n")
