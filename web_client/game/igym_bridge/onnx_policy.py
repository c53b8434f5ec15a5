"""A trained network as a bot. Inference is synchronous, because the step it belongs to may be replayed at any time."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from .choosing import Seat, chooser_of
from .faults import EnvError
from .policies import Rng, mask_of

Array = np.ndarray[Any, Any]


class Model(Protocol):
    """A loaded network. `inputs` maps name → (dtype name, shape with None for free axes), `outputs` name → shape."""

    inputs: dict[str, tuple[str, list[int | None]]]
    outputs: dict[str, list[int | None]]

    def run(self, feeds: dict[str, Array]) -> dict[str, Array]: ...


class OnnxPolicy:
    """`options` are the fields of the experiment's `Onnx(...)`; `seat` is whose place it takes.

    Raises `EnvError` when the network's inputs and outputs are not those of the env.
    """

    def __init__(self, model: Model, options: dict[str, Any], seat: Seat) -> None:
        self._model = model
        self._path = str(options.get("path") or "The model")
        self._states = list(zip(options.get("state_inputs") or (), options.get("state_outputs") or (), strict=True))
        self._state_shape = tuple(options.get("state_shape") or ())
        fixed = options.get("fixed_inputs") or {}
        self._fixed = {name: np.asarray(value, self._dtype(name)) for name, value in fixed.items()}
        self._seen = self._observation_inputs(options)
        carried = {name for _, name in self._states}
        first = options.get("logit_output") or next((name for name in model.outputs if name not in carried), "")
        self._output = self._known(first, list(model.outputs))
        spread = options.get("log_std_output")
        self._spread = self._known(spread, list(model.outputs)) if spread else None
        sampled = options.get("choose", "greedy") == "sample"
        self.draws = sampled
        temperature = float(options.get("temperature", 1.0)) if sampled else 0.0
        self._check_inputs(seat)
        self._chooser = chooser_of(options.get("output", "logits"), seat, model.outputs[self._output], temperature)

    def _observation_inputs(self, options: dict[str, Any]) -> dict[str, str | None]:
        """Input → key of the observation; None: all of it."""
        taken = {name for name, _ in self._states} | self._fixed.keys()
        free = [name for name in self._model.inputs if name not in taken]
        by_key: dict[str, str | None] = dict(options.get("observation_inputs") or {})
        found = by_key or {options.get("observation_input") or next(iter(free), ""): None}
        for name in found:
            self._known(name, list(self._model.inputs))
        unfed = [name for name in free if name not in found]
        if unfed:
            raise EnvError(
                "The model's input {name} gets no value; name it in observation_inputs, fixed_inputs or state_inputs.",
                name=repr(unfed[0]),
            )
        return found

    def act(self, observation: Any, rng: Rng, memory: dict[str, Any], space: Any) -> Any:
        states = memory.get("states") or [np.zeros(self._state_shape, self._dtype(name)) for name, _ in self._states]
        feeds = {name: self._shaped(name, part_of(observation, key)) for name, key in self._seen.items()} | self._fixed
        feeds.update((name, state) for (name, _), state in zip(self._states, states, strict=True))
        outputs = self._model.run(feeds)
        memory["states"] = [outputs[name] for _, name in self._states]
        spread = None if self._spread is None else np.asarray(outputs[self._spread], np.float64).ravel()
        return self._chooser.choose(
            np.asarray(outputs[self._output], np.float64).ravel(), spread, mask_of(observation), rng
        )

    def _check_inputs(self, seat: Seat) -> None:
        """What the env shows has to have the size of what the network takes."""
        for name, key in self._seen.items():
            shape = self._model.inputs[name][1]
            wanted = None if None in shape[1:] else int(np.prod(shape[1:], dtype=np.int64))
            given = size_of(space_part(seat.observation_space, key))
            if len(shape) >= 2 and wanted is not None and given is not None and wanted != given:
                raise EnvError(
                    "{file} takes {wanted} numbers as {name} (shape {shape}), the env shows {agent} {given}: {space}.",
                    file=self._path,
                    wanted=wanted,
                    name=name,
                    shape=_shown(shape),
                    agent=seat.agent,
                    given=given,
                    space=space_part(seat.observation_space, key),
                )

    def _shaped(self, name: str, observation: Any) -> Array:
        values = np.asarray(_numbers(observation), self._dtype(name))
        shape = self._model.inputs[name][1]
        if values.ndim > 1 and len(shape) == values.ndim + 1:
            return np.ascontiguousarray(values[None])
        flat = values.reshape(1, -1)
        known = [size for size in shape if size is not None]
        if len(shape) == 2 and shape[1] is not None and flat.shape[1] != shape[1]:
            raise EnvError(
                "The model expects observations of {wanted} numbers, the env gives {given}.",
                wanted=shape[1],
                given=flat.shape[1],
            )
        return flat if len(shape) <= 2 or not known else values.reshape([1 if size is None else size for size in shape])

    def _dtype(self, name: str) -> str:
        return self._model.inputs[name][0] if name in self._model.inputs else "float32"

    def _known(self, name: str, names: list[str]) -> str:
        if name not in names:
            raise EnvError(
                "The model has nothing named {name}; it has {names}.", name=repr(name), names=", ".join(names)
            )
        return name


def _shown(shape: list[int | None]) -> str:
    return f"({', '.join('any' if size is None else str(size) for size in shape)})"


def part_of(observation: Any, key: str | None) -> Any:
    """What lies under `key`, where a dot leads into a dict within."""
    if key is None:
        return observation
    for step in key.split("."):
        if not isinstance(observation, dict) or step not in observation:
            raise EnvError("The observation has no part {key}.", key=repr(key))
        observation = observation[step]
    return observation


def space_part(space: Any, key: str | None) -> Any:
    """The space of what lies under `key`; None where the env does not say."""
    for step in key.split(".") if key is not None and space is not None else ():
        space = getattr(space, "spaces", {}).get(step)
        if space is None:
            return None
    return space


def size_of(space: Any) -> int | None:
    """How many numbers a network gets of an observation of this space; None where the env does not say."""
    inner = getattr(space, "spaces", None)
    if isinstance(inner, dict):
        if "observation" in inner:
            return size_of(inner["observation"])
        sizes = [size_of(one) for key, one in inner.items() if key != "action_mask"]
        return None if None in sizes else sum(size for size in sizes if size is not None)
    if getattr(space, "n", None) is not None and np.ndim(space.n) == 0 and not space.shape:
        return 1
    return int(np.prod(space.shape)) if getattr(space, "shape", None) else None


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
        self.outputs = {
            item.name: [size if isinstance(size, int) else None for size in item.shape]
            for item in self._session.get_outputs()
        }

    def run(self, feeds: dict[str, Array]) -> dict[str, Array]:
        return dict(zip(self.outputs, self._session.run([*self.outputs], feeds), strict=True))


_DTYPES = {"float": "float32", "double": "float64", "float16": "float16", "bool": "bool"}


def _dtype_of(text: str) -> str:
    name = text.removeprefix("tensor(").removesuffix(")")
    return _DTYPES.get(name, name)
