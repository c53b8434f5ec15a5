"""Trains the pilot, `pilot.onnx`, from scratch: python build_model.py

Nobody shows it how: slightly different small networks steer many boats at once, the best of them are kept, and the next
ones are drawn around those (the cross-entropy method, Rubinstein 1999). numpy only; it takes half a minute.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import strait
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).resolve().parent
HIDDEN = 12
SHAPES = ((strait.SIZE, HIDDEN), (HIDDEN,), (HIDDEN, 1), (1,))
ROUNDS, NETWORKS, KEPT = 240, 96, 12
LAGS = np.array([0, 3, 5, 6, 7, 8, 10])
"""Frames until a person does what is advised: each boat has other hands, or the pilot is too quick for some."""
RESTLESS = 0.03
"""What a light that jumps about costs: so many gates for each unit it moves."""


def unpacked(numbers):
    """The weights of networks: the last axis of `numbers` cut into `SHAPES`."""
    parts, start = [], 0
    for shape in SHAPES:
        size = int(np.prod(shape))
        parts.append(numbers[..., start : start + size].reshape(*numbers.shape[:-1], *shape))
        start += size
    return parts


def steer(weights, seen):
    """Where each network steers its boats: `seen` is (networks, boats, numbers)."""
    w1, b1, w2, b2 = weights
    return np.tanh(np.tanh(seen @ w1 + b1[:, None]) @ w2 + b2[:, None])[..., 0]


def crossed(numbers, courses):
    """How well each network brings boats through: gates passed, less how far off the boats were and restlessness."""
    weights = unpacked(numbers)
    gates, winds = (np.stack(part) for part in zip(*courses, strict=True))
    place = speed = np.zeros((len(numbers), len(courses)))
    score, advised = np.zeros(len(numbers)), [place] * (LAGS.max() + 1)
    boats, lags = np.arange(len(courses)), LAGS[np.arange(len(courses)) % len(LAGS)]
    for frame in range(strait.FRAMES):
        seen = strait.seen(place, speed, winds, gates, frame)
        advised = [steer(weights, seen), *advised[:-1]]
        score -= RESTLESS * np.abs(advised[0] - advised[1]).mean(1)
        followed = np.stack(advised)[lags, :, boats].T
        place, speed = strait.moved(place, speed, followed, strait.wind_at(winds, frame))
        number, part = divmod(frame + 1 - strait.FIRST_FRAME, strait.GATE_FRAMES)
        if part == 0 and 0 <= number < strait.GATES:
            off = np.abs(gates[:, number] - place)
            score += ((off < strait.HALF_GATE) - off).mean(1)
    return score


def train(rng):
    size = sum(int(np.prod(shape)) for shape in SHAPES)
    mean, spread = np.zeros(size), np.full(size, 0.7)
    for number in range(ROUNDS):
        courses = [strait.course(rng) for _ in LAGS]
        drawn = mean + spread * rng.normal(size=(NETWORKS, size))
        scores = crossed(drawn, courses)
        best = drawn[np.argsort(scores)[-KEPT:]]
        mean = best.mean(0)
        spread = best.std(0) + 0.12 * (1 - number / ROUNDS)
        if number % 40 == 39:
            print(f"round {number + 1}: {scores.mean():.1f} on average, {scores.max():.1f} the best")
    return mean


def save(numbers, path):
    w1, b1, w2, b2 = (part.astype(np.float32) for part in unpacked(numbers))
    constants = {"w1": w1, "b1": b1, "w2": w2, "b2": b2}
    nodes = [
        helper.make_node("Gemm", ["observation", "w1", "b1"], ["h1"]),
        helper.make_node("Tanh", ["h1"], ["t1"]),
        helper.make_node("Gemm", ["t1", "w2", "b2"], ["h2"]),
        helper.make_node("Tanh", ["h2"], ["aim"]),
    ]
    graph = helper.make_graph(
        nodes,
        "pilot",
        [helper.make_tensor_value_info("observation", TensorProto.FLOAT, [1, strait.SIZE])],
        [helper.make_tensor_value_info("aim", TensorProto.FLOAT, [1, 1])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, producer_name="build_model.py", opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.checker.check_model(model)
    onnx.save(model, path)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "pilot.onnx"
    pilot = train(np.random.default_rng(7))
    tried = crossed(pilot[None], [strait.course(np.random.default_rng(number)) for number in range(100, 150)])
    print(f"{tried[0]:.1f} of {strait.GATES} on courses it has not seen, followed as people would")
    save(pilot, target)
    print(f"{target} written, {target.stat().st_size} bytes")
