"""The sync test of one scene's env: what must hold before anybody plays it with rollback."""

from __future__ import annotations

import json
import time
from pathlib import Path
from random import Random
from typing import Any

from igym.experiment.scenes.gym import GymScene
from igym.host.checks.run_findings import Run, clock_text, cut_off, first_difference, unseen, where_different
from igym.host.hostenv.inputs import ABSENT
from igym.host.studies.env_bridge import bridge_config, human_agents, left_out_text, open_bridge, prepared
from igym.protocol.told import Told, together

SAVE, LOAD, STEP, CONFIRM = 1, 2, 3, 4
ABSENT_FRAMES = 12
LONG_RESET_S = 2.0
Inputs = list[list[int]]


def check_scene(folder: Path, scene: GymScene, frames: int, rng: Random, models: Path | None = None) -> dict[str, Any]:
    """`{problems, warnings, kind, strategy, step_ms, save_ms, load_ms}`; raises what the env raises.

    `models` is where networks lie, if that is not `folder`.
    """
    spec = scene.client_spec()
    players = human_agents(spec)
    seed = scene.environment_options.seed if scene.environment_options.seed is not None else rng.getrandbits(31)
    bridge = open_bridge(folder, bridge_config(spec, players, seed), models)
    report = prepared(bridge, True)
    inputs = _random_inputs(bridge, len(players), frames, rng)
    first, reset_s = _straight(bridge, seed, inputs)
    problems = _repeats(first, _straight(bridge, seed, inputs)[0])
    problem, unseen_text = unseen(bridge)
    beyond = cut_off(bridge, scene.rendering_options.width, scene.rendering_options.height)
    problems += [{"text": problem}] if problem else []
    with_others = len(players) > 1
    unrestorable = report["strategy"] is None
    if unrestorable and with_others:
        problems.append(
            {
                "text": together(
                    Told("The env cannot be restored exactly, so it cannot be played with rollback."),
                    *report["reasons"],
                )
            }
        )
    if not unrestorable and not problems:
        problems += _rolls_back(first, bridge, seed, inputs, rng)
    left_out = left_out_text(bridge, scene)
    told = [text for text in (left_out, unseen_text) if text]
    warnings = [*_warnings(report, scene, with_others), *_slow_reset(reset_s), *told, *beyond, *clock_text(bridge)]
    return {"problems": problems, "warnings": warnings, **report}


def try_waitroom_bots(folder: Path, scene: GymScene, frames: int, rng: Random, models: Path | None = None) -> None:
    """Play alone with the waitroom's bot in every other seat, as if nobody else came in time; raises what it raises."""
    spec = scene.client_spec()
    (first, *others) = human_agents(spec) or [None]
    if not others or scene.waitroom_options.on_timeout != "bot":
        return
    bot = scene.waitroom_options.timeout_bot.model_dump(mode="json")
    seed = rng.getrandbits(31)
    config = bridge_config(spec, [first], seed, fixed={"bot_policies": {str(agent): bot for agent in others}})
    bridge = open_bridge(folder, config, models)
    bridge.prepare(False)
    _straight(bridge, seed, _random_inputs(bridge, 1, frames, rng))


def fallback_text(report: dict[str, Any]) -> str:
    """The env's own way of saving failed its proof, and another one passed."""
    # Each reason names the way of saving first, which is said here in the sentence itself.
    why = together(*(str(reason.values["reason"]) for reason in report["reasons"]), between="; ")
    return Told(
        "The env's own get_state() and set_state() do not give the game back exactly ({why}). They "
        "are not used: a full copy of the game is saved instead, which was tested and is exact "
        "({milliseconds} ms). Repair the two functions or remove them.",
        why=why,
        milliseconds=f"{report['save_ms']:.2f}",
    )


def _random_inputs(bridge: Any, players: int, frames: int, rng: Random) -> Inputs:
    """Any keys; with several players each is gone for a while too, so that who or what stands in is tried as well."""
    inputs = [bridge.play.any_inputs(rng.randrange) for _ in range(frames)]
    for player in range(players if players > 1 else 0):
        start = rng.randrange(max(1, min(frames, 40)))
        for row in inputs[start : start + ABSENT_FRAMES]:
            row[player] = ABSENT
    return inputs


def _run(bridge: Any, *orders: int) -> dict[str, Any]:
    head, _, _ = bridge.run(list(orders)).partition("\n")
    return dict(json.loads(head))


def _straight(bridge: Any, seed: int, inputs: Inputs) -> tuple[Run, float]:
    """One episode, and how long its reset took, in seconds."""
    began = time.perf_counter()
    bridge.reset(seed, 0)
    reset_s = time.perf_counter() - began
    run = Run()
    for frame, row in enumerate(inputs):
        head = _run(bridge, STEP, frame, *row, CONFIRM, frame)
        run.note(bridge)
        if head["end"] >= 0:
            break
    return run, reset_s


def _repeats(first: Run, second: Run) -> list[dict[str, str]]:
    frame = first_difference(first, second)
    if frame is None:
        return []
    where = where_different(first, second, frame)
    text = Told(
        "Two runs with the same seed and the same actions differ from frame {frame} on, {where}. "
        "Take every random number from env.np_random or the seeded global generators, and nothing "
        "from the clock.",
        frame=frame,
        where=where,
    )
    return [{"text": text}]


def _rolls_back(expected: Run, bridge: Any, seed: int, inputs: Inputs, rng: Random) -> list[dict[str, str]]:
    """Plays every frame wrongly first, goes back and plays it rightly: the record must not show it."""
    bridge.reset(seed, 0)
    run = Run()
    for frame in range(len(expected.chains)):
        wrong = bridge.play.any_inputs(rng.randrange)
        _run(bridge, SAVE, frame, STEP, frame, *wrong, LOAD, frame, STEP, frame, *inputs[frame], CONFIRM, frame)
        run.note(bridge)
    found = first_difference(expected, run)
    if found is None:
        return []
    where = where_different(expected, run, found)
    text = Told(
        "After a rollback at frame {frame} the env went another way than without one, {where}. Some "
        "of its state is not saved; give it get_state() and set_state(state).",
        frame=found,
        where=where,
    )
    return [{"text": text}]


def _slow_reset(reset_s: float) -> list[str]:
    if reset_s < LONG_RESET_S:
        return []
    return [
        Told(
            "reset() took {seconds} s here and takes about twice that in a browser. Everybody waits so "
            "long before each episode, and again after a reload. Move what does not change to the env's "
            "__init__, or into a file.",
            seconds=f"{reset_s:.1f}",
        )
    ]


def _warnings(report: dict[str, Any], scene: GymScene, with_others: bool) -> list[str]:
    warnings = [fallback_text(report)] if report["strategy"] and report["reasons"] else []
    budget_ms = 1000.0 / scene.rendering_options.fps
    if report.get("step_ms", 0.0) * 4 > budget_ms:
        warnings.append(
            Told(
                "One step takes {milliseconds} ms here and about twice that in a browser; at {fps} fps there "
                "are {budget} ms for everything.",
                milliseconds=f"{report['step_ms']:.1f}",
                fps=scene.rendering_options.fps,
                budget=f"{budget_ms:.0f}",
            )
        )
    if report["strategy"] is None and not with_others:
        warnings.append(Told("The env cannot be restored exactly. Alone that does not matter; with others it would."))
    return warnings
