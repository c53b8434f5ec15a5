"""What `igym check` asks of an env on the host: it runs, fast enough, within its limits, and repeats itself."""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path
from random import Random
from typing import Any

from igym.experiment.scenes.gym import GymScene
from igym.host.checks.run_findings import Run, clock_text, cut_off, first_difference, unseen, where_different
from igym.host.hostenv.packages import missing_packages
from igym.host.hostenv.views import Views
from igym.host.studies.env_bridge import bridge_config, human_agents, left_out_text, open_bridge
from igym.protocol.told import Told

STEP, CONFIRM = 3, 4
NOT_REPEATABLE = (
    "Two runs with the same seed and the same actions differ from frame {frame} on, {where}. On the host everybody "
    "still sees and records the same; but after an interruption of the engine such a match cannot go on, and no replay "
    "will match. Take every random number from env.np_random or the seeded global generators, and nothing from "
    "the clock."
)


def check_host_scene(folder: Path, scene: GymScene, frames: int, rng: Random) -> dict[str, Any]:
    """`{problems, warnings, kind, strategy, where, step_ms, reset_ms}`; raises what the env raises."""
    lacking = missing_packages(scene.runtime_options.packages, folder)
    if lacking:
        return {"where": "host", "problems": [{"text": line} for line in lacking], "warnings": []}
    spec = scene.client_spec()
    players = human_agents(spec)
    seed = scene.environment_options.seed if scene.environment_options.seed is not None else rng.getrandbits(31)
    bridge = open_bridge(folder, bridge_config(spec, players, seed))
    report = json.loads(bridge.prepare(False))
    inputs = [bridge.play.any_inputs(rng.randrange) for _ in range(frames)]
    per_agent = scene.rendering_options.per_agent_view
    first, reset_ms, steps_ms = _run(bridge, seed, inputs, per_agent)
    second, *_ = _run(bridge, seed, inputs, per_agent)
    step_ms = statistics.median(steps_ms)
    problem, unseen_text = unseen(bridge)
    beyond = cut_off(bridge, scene.rendering_options.width, scene.rendering_options.height)
    left_out = left_out_text(bridge, scene)
    warnings = [
        *(text for text in (left_out, unseen_text) if text),
        *beyond,
        *clock_text(bridge),
        *_repeats(first, second),
        *_slow(scene, step_ms),
        *_near_limit("reset()", reset_ms, scene.runtime_options.reset_limit_s),
        *_near_limit(Told("step() and render()"), max(steps_ms), scene.runtime_options.step_limit_s),
    ]
    found = {"kind": report["kind"], "strategy": None, "where": "host", "step_ms": step_ms, "reset_ms": reset_ms}
    return {"problems": [{"text": problem}] if problem else [], "warnings": warnings, **found}


def _run(bridge: Any, seed: int, inputs: list[list[int]], per_agent: bool) -> tuple[Run, float, list[float]]:
    """(the episode, ms of the reset, ms of each step with its pictures)."""
    views = Views(bridge.play, len(bridge.play.players), per_agent)
    began = time.perf_counter()
    views.before_step()
    bridge.play.reset(seed, 0)
    reset_ms = 1000 * (time.perf_counter() - began)
    views.draw()
    run, steps_ms = Run(), []
    for frame, row in enumerate(inputs):
        began = time.perf_counter()
        views.before_step()
        bridge.run([STEP, frame, *row, CONFIRM, frame])
        views.draw()
        steps_ms.append(1000 * (time.perf_counter() - began))
        run.note(bridge)
        if bridge.play.over is not None:
            break
    return run, reset_ms, steps_ms


def _repeats(first: Run, second: Run) -> list[str]:
    frame = first_difference(first, second)
    if frame is None:
        return []
    return [NOT_REPEATABLE.format(frame=frame, where=where_different(first, second, frame))]


def _slow(scene: GymScene, step_ms: float) -> list[str]:
    fps = scene.rendering_options.fps
    budget_ms = 1000 / fps
    if step_ms <= budget_ms / 2:
        return []
    return [
        Told(
            "One step with its pictures takes {milliseconds} ms here, and at {fps} fps there are "
            "{budget} ms. Every running match needs so much of one processor: lower fps, or make the env "
            "faster.",
            milliseconds=f"{step_ms:.1f}",
            fps=fps,
            budget=f"{budget_ms:.0f}",
        )
    ]


def _near_limit(what: str, took_ms: float, limit_s: float) -> list[str]:
    if took_ms < 500 * limit_s:
        return []
    return [
        Told(
            "{what} took up to {seconds} s; after {limit} s the match would be ended.",
            what=what,
            seconds=f"{took_ms / 1000:.2f}",
            limit=f"{limit_s:g}",
        )
    ]
