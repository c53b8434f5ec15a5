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
