"""Looking things up in the stored description of an experiment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_INDEXED: dict[int, tuple[dict[str, Any], dict[str, dict[str, Any]]]] = {}
"""Id of a description → itself, so that the id stays its own, and its scenes by id: it is asked often."""
INDEXED = 8


def scene_options(experiment: dict[str, Any], scene: str) -> dict[str, Any]:
    """Find a scene's description; a repeated scene (`trial_r2`) is described by the one it repeats."""
    scenes = _scenes_of(experiment)
    if scene in scenes:
        return scenes[scene]
    return next((entry for name, entry in scenes.items() if scene.startswith(f"{name}_r")), {})


def _scenes_of(experiment: dict[str, Any]) -> dict[str, dict[str, Any]]:
    if id(experiment) not in _INDEXED:
        while len(_INDEXED) >= INDEXED:
            del _INDEXED[next(iter(_INDEXED))]
        found: dict[str, dict[str, Any]] = {}
        for entry in _scenes_in(experiment):
            found.setdefault(str(entry["id"]), entry)
        _INDEXED[id(experiment)] = (experiment, found)
    return _INDEXED[id(experiment)][1]


def _scenes_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "kind" in value and "id" in value:
            yield value
        for inner in value.values():
            yield from _scenes_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _scenes_in(inner)
