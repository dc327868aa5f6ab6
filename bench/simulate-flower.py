# The peer of `yimeng bench simulate`: the same federated logistic regression in Flower's own simulation (Ray), with NumPy for the steps, which cost next to nothing beside the framework.
# Run: python simulate-flower.py <folder with MNIST's idx files> <clients> <rounds>. Needs flwr[simulation]; made with Flower 1.41.0 and Ray 2.55.1.
import gzip
import json
import sys
import time

import flwr
import numpy as np
from flwr.client import ClientApp, NumPyClient
from flwr.common import Context, ndarrays_to_parameters
from flwr.server import ServerApp, ServerAppComponents, ServerConfig
from flwr.server.strategy import FedAvg
from flwr.simulation import run_simulation

folder, clients, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def idx(name, offset):
    with gzip.open(f"{folder}/{name}") as file:
        return np.frombuffer(file.read(), np.uint8, offset=offset)


def pictures(name):
    return idx(name, 16).reshape(-1, 784).astype(np.float32) / 255


data = None


def training():
    global data
    if data is None:
        order = np.random.default_rng(1).permutation(60000)
        data = pictures("train-images-idx3-ubyte.gz")[order], idx("train-labels-idx1-ubyte.gz", 8)[order]
    return data


class Client(NumPyClient):
    def __init__(self, number):
        inputs, labels = training()
        mine = slice(number * 60000 // clients, (number + 1) * 60000 // clients)
        self.inputs, self.labels = inputs[mine], labels[mine]

    def fit(self, parameters, config):
        weights, bias = parameters[0].copy(), parameters[1].copy()
        order = np.random.permutation(len(self.labels))
        for start in range(0, len(order), 10):
            rows = order[start : start + 10]
            scores = self.inputs[rows] @ weights + bias
            shares = np.exp(scores - scores.max(1, keepdims=True))
            shares /= shares.sum(1, keepdims=True)
            shares[np.arange(len(rows)), self.labels[rows]] -= 1
            weights -= 0.03 * self.inputs[rows].T @ shares / len(rows)
            bias -= 0.03 * shares.mean(0)
        return [weights, bias], len(order), {}


def accuracy(parameters):
    scores = pictures("t10k-images-idx3-ubyte.gz") @ parameters[0] + parameters[1]
    return float((scores.argmax(1) == idx("t10k-labels-idx1-ubyte.gz", 8)).mean())


last = {}


def evaluate(round_number, parameters, config):
    last["parameters"] = parameters
    return None


def server(context: Context):
    strategy = FedAvg(
        fraction_fit=10 / clients,
        min_fit_clients=10,
        fraction_evaluate=0,
        min_available_clients=clients,
        initial_parameters=ndarrays_to_parameters([np.zeros((784, 10), np.float32), np.zeros(10, np.float32)]),
        evaluate_fn=evaluate,
    )
    return ServerAppComponents(strategy=strategy, config=ServerConfig(num_rounds=rounds))


started = time.monotonic()
run_simulation(
    server_app=ServerApp(server_fn=server),
    client_app=ClientApp(client_fn=lambda context: Client(int(context.node_config["partition-id"])).to_client()),
    num_supernodes=clients,
    backend_config={"client_resources": {"num_cpus": 1, "num_gpus": 0}},
)
print(json.dumps({"seconds": time.monotonic() - started, "accuracy": accuracy(last["parameters"]), "version": flwr.__version__}))
