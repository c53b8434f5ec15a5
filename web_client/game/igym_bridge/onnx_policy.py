"""A trained network as a bot. Inference is synchronous, because the step it belongs to may be replayed at any time."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from .faults import EnvError
from .policies import Rng, mask_of

Array = np.ndarray[Any, Any]


class Model(Protocol):
    """A loaded network. `inputs` maps name → (dtype name, shape with None for free axes)."""

    inputs: dict[str, tuple[str, list[int | None]]]
    outputs: list[str]

    def run(self, feeds: dict[str, Array]) -> dict[str, Array]: ...


class OnnxPolicy:
    """`options` are the fields of the experiment's `Onnx(...)`."""

    def __init__(self, model: Model, options: dict[str, Any]) -> None:
        self._model = model
        self._states = list(zip(options.get("state_inputs") or (), options.get("state_outputs") or (), strict=True))
        self._state_shape = tuple(options.get("state_shape") or ())
        fixed = options.get("fixed_inputs") or {}
        self._fixed = {name: np.asarray(value, self._dtype(name)) for name, value in fixed.items()}
        taken = {name for name, _ in self._states} | self._fixed.keys()
        free = [name for name in model.inputs if name not in taken]
        self._observation = self._known(options.get("observation_input") or next(iter(free), ""), list(model.inputs))
        carried = {name for _, name in self._states}
        logits = options.get("logit_output") or next((name for name in model.outputs if name not in carried), "")
        self._logits = self._known(logits, model.outputs)
        unfed = [name for name in free if name != self._observation]
        if unfed:
            raise EnvError(f"The model's input {unfed[0]!r} gets no value; name it in fixed_inputs or state_inputs.")
        self._sampled = self.draws = options.get("choose", "greedy") == "sample"
        self._temperature = float(options.get("temperature", 1.0))

    def act(self, observation: Any, rng: Rng, memory: dict[str, Any], space: Any) -> int:
        states = memory.get("states") or [np.zeros(self._state_shape, self._dtype(name)) for name, _ in self._states]
        feeds = {self._observation: self._shaped(observation), **self._fixed}
        feeds.update((name, state) for (name, _), state in zip(self._states, states, strict=True))
        outputs = self._model.run(feeds)
        memory["states"] = [outputs[name] for _, name in self._states]
        logits = np.asarray(outputs[self._logits], np.float64).ravel()
        mask = mask_of(observation)
        if mask is not None:
            logits = np.where(mask.astype(bool), logits, -np.inf)
        return self._choose(logits, rng) + int(getattr(space, "start", 0) or 0)

    def _choose(self, logits: Array, rng: Rng) -> int:
        if not self._sampled:
            return int(np.argmax(logits))
        weights = np.exp((logits - logits.max()) / self._temperature)
        return int(
            np.searchsorted(np.cumsum(weights) / weights.sum(), rng.random(), side="right").clip(0, logits.size - 1)
        )

    def _shaped(self, observation: Any) -> Array:
        values = np.asarray(_numbers(observation), self._dtype(self._observation))
        shape = self._model.inputs[self._observation][1]
        if values.ndim > 1 and len(shape) == values.ndim + 1:
            return np.ascontiguousarray(values[None])
        flat = values.reshape(1, -1)
        known = [size for size in shape if size is not None]
        if len(shape) == 2 and shape[1] is not None and flat.shape[1] != shape[1]:
            raise EnvError(f"The model expects observations of {shape[1]} numbers, the env gives {flat.shape[1]}.")
        return flat if len(shape) <= 2 or not known else values.reshape([1 if size is None else size for size in shape])

    def _dtype(self, name: str) -> str:
        return self._model.inputs[name][0] if name in self._model.inputs else "float32"

    def _known(self, name: str, names: list[str]) -> str:
        if name not in names:
            raise EnvError(f"The model has nothing named {name!r}; it has {', '.join(names)}.")
        return name


def _numbers(observation: Any) -> Any:
    if not isinstance(observation, dict):
        return observation
    if "observation" in observation:
        return observation["observation"]
    parts = [np.ravel(_numbers(observation[key])) for key in sorted(observation, key=str) if key != "action_mask"]
    return np.concatenate(parts)


class NativeModel:
    """The network in CPython, for checks and for envs run on the host."""

    def __init__(self, content: bytes) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self.inputs = {
            item.name: (_dtype_of(item.type), [size if isinstance(size, int) else None for size in item.shape])
            for item in self._session.get_inputs()
        }
        self.outputs = [item.name for item in self._session.get_outputs()]

    def run(self, feeds: dict[str, Array]) -> dict[str, Array]:
        return dict(zip(self.outputs, self._session.run(self.outputs, feeds), strict=True))


_DTYPES = {"float": "float32", "double": "float64", "float16": "float16", "bool": "bool"}


def _dtype_of(text: str) -> str:
    name = text.removeprefix("tensor(").removesuffix(")")
    return _DTYPES.get(name, name)
