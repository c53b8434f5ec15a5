"""Trains `slime.onnx` from scratch: python build_model.py

A small network watches the teacher play the right side and learns to do as it does; then it plays itself, the teacher
says what it would have done there, and it learns again (imitation with corrections, known as DAgger). numpy only.
"""

import itertools
import sys
from pathlib import Path

import numpy as np
import onnx
import teacher
from game import Game
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).resolve().parent
SIZES = (12, 40, 40, 6)
ROUNDS, GAMES, STEPS, BATCH = 6, 24, 2500, 256
HOLD = 4
"""The network decides every so many frames, as in the experiment."""


class Network:
    """Two hidden layers with tanh; Adam."""

    def __init__(self, rng):
        pairs = itertools.pairwise(SIZES)
        self.weights = [rng.normal(0, (1 / n) ** 0.5, (n, m)) for n, m in pairs]
        self.biases = [np.zeros(m) for m in SIZES[1:]]
        self.moments = [[np.zeros_like(p), np.zeros_like(p)] for p in self.weights + self.biases]
        self.time = 0

    def forward(self, x):
        layers = [x]
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            layers.append(np.tanh(layers[-1] @ weight + bias))
        return layers, layers[-1] @ self.weights[-1] + self.biases[-1]

    def act(self, x):
        return int(self.forward(np.asarray(x)[None])[1].argmax())

    def learn(self, x, labels, rate):
        layers, logits = self.forward(x)
        odds = np.exp(logits - logits.max(1, keepdims=True))
        odds /= odds.sum(1, keepdims=True)
        odds[np.arange(len(labels)), labels] -= 1
        delta, weights, biases = odds / len(labels), [], []
        for index in reversed(range(len(self.weights))):
            weights.insert(0, layers[index].T @ delta)
            biases.insert(0, delta.sum(0))
            delta = (delta @ self.weights[index].T) * (1 - layers[index] ** 2)
        self.update(weights + biases, rate)

    def update(self, gradients, rate):
        self.time += 1
        for value, gradient, moment in zip(self.weights + self.biases, gradients, self.moments, strict=True):
            moment[0] += 0.1 * (gradient - moment[0])
            moment[1] += 0.001 * (gradient**2 - moment[1])
            mean, spread = moment[0] / (1 - 0.9**self.time), moment[1] / (1 - 0.999**self.time)
            value -= rate * mean / (spread**0.5 + 1e-8)


class Chaser:
    """The other side in training: runs under the ball, sees it late, and sometimes does anything."""

    def __init__(self, rng):
        self.rng, self.seen = rng, []

    def act(self, game):
        self.seen = [*self.seen[-5:], game.ball.x]
        if self.rng.random() < 0.1:
            return int(self.rng.integers(6))
        aim = self.seen[0] - 12 if self.seen[0] < 400 else 200
        own = game.slimes["left"]
        jump = abs(game.ball.x - own.x) < 50 and game.ball.y < 130
        return (1 if own.x > aim + 10 else 2 if own.x < aim - 10 else 0) + (3 if jump else 0)


def play(game, seed, right, chaser, collect):
    """One game; returns (points of right, points of left)."""
    game.start(seed)
    action = 0
    for frame in range(4000):
        if frame % HOLD == 0:
            seen = game.seen_by("right")
            wanted = teacher.act(game)
            collect(seen, wanted)
            action = right(seen) if right else wanted
        game.step({"left": chaser.act(game), "right": action})
        if game.over:
            break
    return game.score["right"], game.score["left"]


def train(rng):
    network, game, inputs, labels = Network(rng), Game(pause=24), [], []

    def collect(seen, wanted):
        inputs.append(seen)
        labels.append(wanted)

    for number in range(ROUNDS):
        results = [
            play(game, int(rng.integers(1 << 30)), network.act if number else None, Chaser(rng), collect)
            for _ in range(GAMES)
        ]
        x, y = np.array(inputs), np.array(labels)
        for step in range(STEPS):
            chosen = rng.integers(len(x), size=BATCH)
            network.learn(x[chosen], y[chosen], 3e-3 * (1 - step / STEPS) + 1e-4)
        agree = (network.forward(x)[1].argmax(1) == y).mean()
        won, lost = np.sum(results, axis=0)
        print(f"round {number}: {len(x)} situations, agrees in {agree:.0%}, points {won}:{lost}")
    return network


def save(network, path):
    nodes, constants, name = [], [], "observation"
    for index, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        constants += [
            numpy_helper.from_array(weight.astype(np.float32), f"w{index}"),
            numpy_helper.from_array(bias.astype(np.float32), f"b{index}"),
        ]
        last = index == len(network.weights) - 1
        output = "logits" if last else f"h{index}"
        nodes.append(helper.make_node("Gemm", [name, f"w{index}", f"b{index}"], [output]))
        if not last:
            nodes.append(helper.make_node("Tanh", [output], [f"t{index}"]))
        name = f"t{index}"
    graph = helper.make_graph(
        nodes,
        "slime",
        [helper.make_tensor_value_info("observation", TensorProto.FLOAT, [1, SIZES[0]])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, SIZES[-1]])],
        constants,
    )
    model = helper.make_model(graph, producer_name="build_model.py", opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.checker.check_model(model)
    onnx.save(model, path)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "slime.onnx"
    save(train(np.random.default_rng(7)), target)
    print(f"{target} written, {target.stat().st_size} bytes")
