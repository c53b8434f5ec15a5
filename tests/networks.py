"""Tiny networks for bots."""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx import TensorProto, helper


def write_constant(path: Path, favourite: int, observed: int = 1, actions: int = 3) -> Path:
    """A network that always takes the action `favourite`, whatever the `observed` numbers are."""
    value = helper.make_tensor_value_info
    liking = [float(action == favourite) for action in range(actions)]
    nodes = [
        helper.make_node("ReduceMean", ["obs"], ["mean"], keepdims=1),
        helper.make_node("Mul", ["mean", "nothing"], ["silent"]),
        helper.make_node("Add", ["silent", "liking"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "constant",
        [value("obs", TensorProto.FLOAT, [1, observed])],
        [value("logits", TensorProto.FLOAT, [1, actions])],
        [
            helper.make_tensor("nothing", TensorProto.FLOAT, [1, 1], [0.0]),
            helper.make_tensor("liking", TensorProto.FLOAT, [1, actions], liking),
        ],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))
    return path


def write_steering(path: Path, spread: float = -1.0) -> Path:
    """Two inputs, `place` (1, 2) and `speed` (1, 1); outputs `mean` (1, 2) = tanh(W · both) and `log_std` (1, 2)."""
    value, tensor = helper.make_tensor_value_info, helper.make_tensor
    weights = [0.31, -0.72, 0.53, 0.17, -0.29, 0.88]
    nodes = [
        helper.make_node("Concat", ["place", "speed"], ["both"], axis=1),
        helper.make_node("MatMul", ["both", "weights"], ["raw"]),
        helper.make_node("Tanh", ["raw"], ["mean"]),
        helper.make_node("Mul", ["mean", "nothing"], ["silent"]),
        helper.make_node("Add", ["silent", "spread"], ["log_std"]),
    ]
    graph = helper.make_graph(
        nodes,
        "steering",
        [value("place", TensorProto.FLOAT, [1, 2]), value("speed", TensorProto.FLOAT, [1, 1])],
        [value("mean", TensorProto.FLOAT, [1, 2]), value("log_std", TensorProto.FLOAT, [1, 2])],
        [
            tensor("weights", TensorProto.FLOAT, [3, 2], weights),
            tensor("nothing", TensorProto.FLOAT, [1, 1], [0.0]),
            tensor("spread", TensorProto.FLOAT, [1, 2], [spread, spread]),
        ],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))
    return path


def write_follower(path: Path, bat: int) -> Path:
    """Of a bat and a ball: `obs` (1, 6) has the ball's height at 1 and the bat's at `bat`; up, down or neither."""
    value, tensor = helper.make_tensor_value_info, helper.make_tensor
    weights = [[0.0] * 3 for _ in range(6)]
    weights[1] = [0.0, -1.0, 1.0]
    weights[bat] = [0.0, 1.0, -1.0]
    nodes = [
        helper.make_node("MatMul", ["obs", "weights"], ["apart"]),
        helper.make_node("Add", ["apart", "rest"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "follower",
        [value("obs", TensorProto.FLOAT, [1, 6])],
        [value("logits", TensorProto.FLOAT, [1, 3])],
        [
            tensor("weights", TensorProto.FLOAT, [6, 3], [number for row in weights for number in row]),
            tensor("rest", TensorProto.FLOAT, [1, 3], [10.0, 0.0, 0.0]),
        ],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), str(path))
    return path
