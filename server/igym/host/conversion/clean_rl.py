"""Checkpoints of single-file trainers as CleanRL has them: layers one after the other, told apart by their names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces

from igym.host.base.errors import HostError
from igym.host.conversion.originals import needed
from igym.host.conversion.state_dicts import ACTIVATIONS, Weights, read_weights
from igym.protocol.told import Told

Array = np.ndarray[Any, Any]
_SEQUENCES = (("actor_mean", "tanh"), ("actor", "tanh"), ("q_network", "relu"), ("network", "relu"))
_HEADS = ("fc_mu", "fc_mean")


@dataclass
class Layers:
    """Fully connected layers. `scale` and `bias`: the last one is followed by tanh and brought to these numbers."""

    weights: list[tuple[Array, Array]]
    activation: str
    log_std: Array | None = None
    scale: Array | None = None
    bias: Array | None = None
    gaussian: bool = False
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        sizes = (self.weights[0][0].shape[1], self.weights[-1][0].shape[0])
        self.observation_space = spaces.Box(-np.inf, np.inf, (sizes[0],), np.float32)
        self.action_space: Any = spaces.Discrete(sizes[1])
        if self.scale is not None and self.bias is not None:
            low, high = (self.bias - abs(self.scale), self.bias + abs(self.scale))
            low, high = (np.broadcast_to(end, sizes[1:]).astype(np.float32) for end in (low, high))
            self.action_space = spaces.Box(low, high)
            self.options = {"output": "action"}
        elif self.gaussian:
            self.action_space = spaces.Box(-np.inf, np.inf, sizes[1:], np.float32)
            self.options = {"output": "gaussian"} | ({} if self.log_std is None else {"log_std_output": "log_std"})

    def act(self, observation: Any) -> Any:
        values = np.asarray(observation, np.float32)
        for number, (weight, bias) in enumerate(self.weights):
            values = weight @ values + bias
            if number + 1 < len(self.weights):
                values = ACTIVATIONS[self.activation][1](values)
        if self.scale is not None:
            values = np.tanh(values) * self.scale + self.bias
        return values if self.options else int(np.argmax(values))

    def export(self, path: Path) -> None:
        onnx = needed("onnx", "onnx")
        helper, numpy_helper = onnx.helper, onnx.numpy_helper
        nodes, constants, at = [], [], "observation"
        for number, (weight, bias) in enumerate(self.weights):
            constants += [numpy_helper.from_array(np.float32(weight), f"w{number}"),
                          numpy_helper.from_array(np.float32(bias), f"b{number}")]  # fmt: skip
            last = number + 1 == len(self.weights)
            to = "out" if last and self.scale is None else f"layer{number}"
            nodes.append(helper.make_node("Gemm", [at, f"w{number}", f"b{number}"], [to], transB=1))
            if not last:
                nodes.append(helper.make_node(ACTIVATIONS[self.activation][0], [to], [f"active{number}"]))
            at = to if last else f"active{number}"
        if self.scale is not None:
            constants += [numpy_helper.from_array(np.float32(value).reshape(1, -1), name)
                          for name, value in (("scale", self.scale), ("bias", self.bias))]  # fmt: skip
            nodes += [helper.make_node("Tanh", [at], ["squashed"]),
                      helper.make_node("Mul", ["squashed", "scale"], ["scaled"]),
                      helper.make_node("Add", ["scaled", "bias"], ["out"])]  # fmt: skip
        self._save(onnx, nodes, constants, path)

    def _save(self, onnx: Any, nodes: list[Any], constants: list[Any], path: Path) -> None:
        helper, kind = onnx.helper, onnx.TensorProto.FLOAT
        outputs = [helper.make_tensor_value_info("out", kind, [1, self.weights[-1][0].shape[0]])]
        if self.log_std is not None:
            spread = onnx.numpy_helper.from_array(np.float32(self.log_std).reshape(1, -1), "spread")
            constants.append(spread)
            nodes.append(helper.make_node("Identity", ["spread"], ["log_std"]))
            outputs.append(helper.make_tensor_value_info("log_std", kind, [1, self.log_std.size]))
        seen = helper.make_tensor_value_info("observation", kind, [1, *self.observation_space.shape])
        graph = helper.make_graph(nodes, "policy", [seen], outputs, constants)
        opset = [helper.make_opsetid("", 13)]
        onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), str(path))


def layers_of(path: Path, activation: str | None) -> Layers:
    """The policy in a checkpoint. `activation` between its layers; None: what CleanRL's trainer of that form uses.

    Raises `HostError` "no_weights" and "other_form".
    """
    weights = read_weights(path)
    if any(value.ndim > 2 for value in weights.values()):
        raise _other(path, Told("it has convolutions"))
    for head in _HEADS:
        if f"{head}.weight" in weights:
            return _squashed(weights, head, activation or "relu")
    for prefix, usual in _SEQUENCES:
        found = _sequence(weights, prefix)
        if found:
            log_std = weights.get("actor_logstd")
            return Layers(found, activation or usual, log_std=log_std, gaussian=prefix == "actor_mean")
    raise _other(path, Told("its weights are {weights}", weights=", ".join(list(weights)[:6])))


def _other(path: Path, why: str) -> HostError:
    return HostError(
        "other_form",
        Told(
            "{name} is of a form that cannot be told from its weights ({why}). Export it from the "
            "training script with torch.onnx.export, or act with it on the host by Python(“bots.py:act”).",
            name=path.name,
            why=why,
        ),
    )


def _sequence(weights: Weights, prefix: str) -> list[tuple[Array, Array]]:
    pattern = re.compile(rf"(?:.*\.)?{prefix}(?:\.network)?\.(\d+)\.weight")
    found = sorted((int(match[1]), name) for name in weights if (match := pattern.fullmatch(name)))
    return [(weights[name], weights[name.removesuffix("weight") + "bias"]) for _, name in found]


def _squashed(weights: Weights, head: str, activation: str) -> Layers:
    hidden = sorted(name for name in weights if re.fullmatch(r"fc\d+\.weight", name))
    names = [*hidden, f"{head}.weight"]
    layers = [(weights[name], weights[name.removesuffix("weight") + "bias"]) for name in names]
    size = layers[-1][0].shape[0]
    scale = np.ravel(weights.get("action_scale", np.ones(size)))
    bias = np.ravel(weights.get("action_bias", np.zeros(size)))
    return Layers(layers, activation, scale=scale, bias=bias)
