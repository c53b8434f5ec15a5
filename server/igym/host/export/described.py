"""Looking things up in the stored description of an experiment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def scene_options(experiment: dict[str, Any], scene: str) -> dict[str, Any]:
    """Find a scene's description; a repeated scene (`trial_r2`) is described by the one it repeats."""
    found = list(_scenes_in(experiment))
    exact = [entry for entry in found if entry.get("id") == scene]
    base = [entry for entry in found if scene.startswith(f"{entry.get('id')}_r")]
    return (exact or base or [{}])[0]


def _scenes_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "kind" in value and "id" in value:
            yield value
        for inner in value.values():
            yield from _scenes_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _scenes_in(inner)
