"""What trying a game out in a real browser means for the check of its scene, and in words."""

from __future__ import annotations

from typing import Any

from igym.experiment.scenes.gym import GymScene
from igym.host.studies.env_bridge import human_agents
from igym.protocol.told import Told, together

NOT_TRIED = Told("Nothing was measured in a browser: none was found on this computer, or none was to be used.")
FRAME_SHARE = 0.7
"""A frame of play may take this share of its time: the rest is for the picture and for replayed frames."""


def add_browser(result: dict[str, Any], found: dict[str, Any] | None, scene: GymScene) -> None:
    """Put `found` into a scene's result: `browser`, and what follows for its problems and warnings."""
    result["browser"] = found
    if found is None:
        return
    if "error" in found:
        # What fails here as well is told once, with its file and line.
        if not any(found["error"] in problem["text"] for problem in result["problems"]):
            result["problems"].append(
                {"text": Told("In the browser the game could not be tried out: {error}", error=found["error"])}
            )
    else:
        _only_the_browser_has_it(result)
        people = len(human_agents(scene.client_spec()))
        kind = "problems" if people > 1 else "warnings"
        for text in _restoring(found):
            result[kind].append({"text": text} if kind == "problems" else text)
        result["warnings"] += _slow(found, scene.rendering_options.fps)
    result["ok"] = not result["problems"]


def _only_the_browser_has_it(result: dict[str, Any]) -> None:
    """Not every package of the browsers' Python is in this one: then only the browser's word counts."""
    missing = [problem for problem in result["problems"] if problem.get("type") == "ModuleNotFoundError"]
    for problem in missing:
        result["problems"].remove(problem)
        text = Told(
            "Tested in the browser alone, because this computer's own Python lacks a package: {error}",
            error=problem["text"],
        )
        result["warnings"].append(text)


def _restoring(found: dict[str, Any]) -> list[str]:
    if found["strategy"] is None:
        return [
            Told(
                "In the browser the env cannot be restored exactly: {reasons}",
                reasons=together(*found["reasons"], between="; "),
            )
        ]
    if found["differs"] is not None:
        where = found["differs"]
        return [
            Told(
                "In the browser the env went another way after a rollback at frame {frame} than without one.",
                frame=where,
            )
        ]
    return []


def _slow(found: dict[str, Any], fps: int) -> list[str]:
    budget_ms = 1000.0 / fps
    if found["frame_ms"] <= FRAME_SHARE * budget_ms:
        return []
    return [
        Told(
            "A frame takes {milliseconds} ms in this computer's browser; at {fps} fps there are {budget} "
            "ms for everything. Lower the fps or make the env faster.",
            milliseconds=f"{found['frame_ms']:.1f}",
            fps=fps,
            budget=f"{budget_ms:.0f}",
        )
    ]


def browser_text(found: dict[str, Any] | None) -> str:
    """One line: the costs measured in the browser, or why there are none."""
    if found is None:
        return NOT_TRIED
    if "error" in found:
        return Told("In the browser: {error}", error=found["error"])
    restoring = f"save {found['save_ms']:.3f} ms, load {found['load_ms']:.3f} ms"
    return (
        f"In this computer's browser: a frame of play {found['frame_ms']:.2f} ms, of which the step "
        f"{found['step_ms']:.3f} ms; {restoring} ({found['strategy'] or 'not restorable'})."
    )
