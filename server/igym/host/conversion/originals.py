"""A trained policy before its conversion, and whether the network made of it decides alike."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from igym.host.base.errors import HostError
from igym.host.base.held_files import move
from igym.host.studies.env_bridge import bridge_part
from igym.protocol.told import Told

OBSERVATIONS = 100
RELATIVE, ABSOLUTE = 1e-3, 1e-4
"""How far apart two numbers of a continuous action may be; a network's own rounding is below that."""


class Original(Protocol):
    """`options` are those of `Onnx(…)`, beside the path, that go with the network it exports."""

    observation_space: Any
    action_space: Any
    options: dict[str, Any]

    def act(self, observation: Any) -> Any:
        """The action it takes itself, without chance."""
        ...

    def export(self, path: Path) -> None:
        """Write the network."""
        ...


def needed(module: str, install: str) -> ModuleType:
    """A library only this tool uses. Raises `HostError` "not_installed" with what to install."""
    try:
        return import_module(module)
    except ImportError as error:
        raise HostError(
            "not_installed",
            Told(
                "{package} is needed for that and is not installed: pip install {packages}.",
                package=module,
                packages=install,
            ),
            str(error),
        ) from error


def converted(original: Original, path: Path) -> int:
    """Write the network to `path`; returns on how many observations it was compared.

    Raises `HostError` "differs" when it decides otherwise than the original on one of them; nothing is left then.
    """
    unfinished = path.with_name(f"{path.name}.part")
    try:
        original.export(unfinished)
        apart = _apart(original, unfinished)
        if apart:
            raise HostError(
                "differs",
                Told(
                    "The network decided otherwise than the original on {differ} of {number} observations, so it "
                    "was not kept. Export it from the training script with torch.onnx.export.",
                    differ=apart,
                    number=OBSERVATIONS,
                ),
            )
        move(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    return OBSERVATIONS


def _apart(original: Original, path: Path) -> int:
    part = bridge_part("onnx_policy")
    seat = bridge_part("choosing").Seat("it", original.action_space, original.observation_space)
    greedy = {**original.options, "choose": "greedy", "path": path.name}
    policy = part.OnnxPolicy(part.NativeModel(path.read_bytes()), greedy, seat)
    rng = np.random.default_rng(0)
    original.observation_space.seed(0)
    seen = [original.observation_space.sample() for _ in range(OBSERVATIONS)]
    return sum(
        not same(original.act(one), policy.act(one, rng, {}, original.action_space), original.action_space)
        for one in seen
    )


def same(one: Any, other: Any, space: Any) -> bool:
    if np.issubdtype(space.dtype, np.integer):
        return bool(np.array_equal(one, other))
    return bool(np.allclose(one, other, RELATIVE, ABSOLUTE))


def written(options: dict[str, Any], name: str) -> str:
    """The policy as it stands in an experiment."""
    told = "".join(f", {key}={value!r}" for key, value in options.items())
    return f'Onnx("{name}"{told})'.replace("'", '"')
