"""`igym check FOLDER`: does every env run, repeat itself exactly, and come back exactly after a rollback? And does the
study as a whole lead everybody to its end?"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path
from typing import Any

from igym.experiment.bundle import game_bundle
from igym.experiment.errors import ExperimentError
from igym.experiment.experiment import Experiment
from igym.experiment.keys import DEAD_ON_MANY_KEYBOARDS
from igym.experiment.scenes.gym import GymScene
from igym.host.base.errors import HostError
from igym.host.base.json_lines import say, take_over_stdout
from igym.host.checks.browser_findings import add_browser, browser_text
from igym.host.checks.check_apart import APART, as_problem, check_apart
from igym.host.checks.check_apart import main as check_alone
from igym.host.checks.env_check import check_scene, try_waitroom_bots
from igym.host.checks.source_findings import browser_warnings
from igym.host.checks.study_check import study_text, walk_through
from igym.host.children.browsers import chosen_browser
from igym.host.children.researcher_child import as_load_error
from igym.host.packages.own_wheels import lacking_packages, scenes_packages
from igym.host.studies.authoring import loaded_experiment
from igym.host.studies.env_bridge import game_copy, not_sent
from igym.protocol.told import Told, together


def main(arguments: list[str]) -> int:
    if arguments[:1] == [APART]:
        return check_alone(arguments[1:])
    about = "Tests the envs of an experiment, and walks through it with made-up people."
    parser = argparse.ArgumentParser(prog="igym check", description=about)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--profile", type=Path, help="a saved profile to put on top")
    parser.add_argument("--frames", type=int, default=120, help="frames to play in each test (120)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random actions")
    parser.add_argument(
        "--browser", default="auto", help="the browser to try the games in: a path, auto or none (auto)"
    )
    parser.add_argument(
        "--people", type=int, default=20, help="made-up people who walk through the study (20; 0: none)"
    )
    parser.add_argument("--only", choices=("envs", "study"), help="leave the other part out")
    parser.add_argument("--details", action="store_true", help="show errors with every call, this program's own too")
    parser.add_argument("--json", action="store_true", help="answer one JSON object")
    options = parser.parse_args(arguments)
    try:
        browser = chosen_browser(options.browser)
    except HostError as error:
        parser.error(error.text)
    replies = take_over_stdout()
    folder = options.folder.resolve()
    people = 0 if options.only == "envs" else options.people
    if options.only == "study":
        result = run_checks(folder, options.profile, 0, options.seed, None, people)
    else:
        result = run_checks(folder, options.profile, options.frames, options.seed, browser, people)
    if options.json:
        say(replies, result)
    else:
        replies.write(as_text(result, details=options.details))
        replies.flush()
    return 0 if result["ok"] else 1


def run_checks(
    folder: Path, profile: Path | None, frames: int, seed: int, browser: Path | None, people: int = 0
) -> dict[str, Any]:
    """`{ok, scenes: [{scene, ok, problems, warnings, strategy, step_ms, save_ms, load_ms, browser}], study}`, or
    `{ok, error}`; `study` is what `walk_through` found, with `people` above 0.

    Without `frames` no env is tried. Costs are of this computer's Python; those under `browser` are of a real browser
    (None: it was not tried in one).
    """
    try:
        experiment = loaded_experiment(folder, profile, with_host_envs=False)
    except ExperimentError as error:
        return {"ok": False, "error": error.to_json()}
    except Exception as error:
        return {"ok": False, "error": as_load_error(error)}
    scenes = experiment.games if frames > 0 else ()
    with scenes_packages(experiment, folder):
        results = [_checked(folder, profile, scene, frames, seed) for scene in scenes]
    _tell_of_packages(results, experiment, folder)
    found = _in_browser(browser, experiment, folder, frames)
    for scene, result in zip(scenes, results, strict=True):
        add_browser(result, found.get(scene.id), scene)
    study = {"study": walk_through(folder, profile, experiment, people)} if people > 0 else {}
    ok = all(result["ok"] for result in [*results, *study.values()])
    return {"ok": ok, "scenes": results, **study}


def _tell_of_packages(results: list[dict[str, Any]], experiment: Experiment, folder: Path) -> None:
    """A module that is not there is usually a package still to be fetched: say which, and how."""
    problems = [problem for result in results for problem in result["problems"]]
    absent = [problem for problem in problems if problem.get("type") == "ModuleNotFoundError"]
    lacking = lacking_packages(experiment, folder) if absent else []
    for problem in absent:
        problem["text"] = together(problem["text"], *lacking)


def _in_browser(browser: Path | None, experiment: Experiment, folder: Path, frames: int) -> dict[str, dict[str, Any]]:
    if browser is None:
        return {}
    # Serves pages, which the check of a game on the host, in a process of its own, has no use for.
    from igym.host.checks.browser_check import try_in_browser

    try:
        return try_in_browser(browser, experiment, folder, frames)
    except HostError as error:
        return {
            scene.id: {"error": error.text} for scene in experiment.games if scene.runtime_options.where == "browser"
        }


def _checked(folder: Path, profile: Path | None, scene: GymScene, frames: int, seed: int) -> dict[str, Any]:
    started = time.perf_counter()
    if scene.runtime_options.where == "host":
        found = check_apart(folder, profile, scene, frames, seed)
    else:
        found = _as_in_browsers(folder, scene, frames, seed)
    found["warnings"] = [*found["warnings"], *_dead_keys(scene)]
    found["problems"] = [_at_policies(problem, scene) for problem in found["problems"]]
    seconds = round(time.perf_counter() - started, 2)
    return {"scene": scene.id, "ok": not found["problems"], "seconds": seconds, **found}


def _as_in_browsers(folder: Path, scene: GymScene, frames: int, seed: int) -> dict[str, Any]:
    """The env with those files alone that browsers get."""
    bundle = game_bundle(scene, folder)
    with game_copy(bundle, folder) as copy:
        try:
            found = check_scene(copy, scene, frames, random.Random(seed), folder)
            found["warnings"] += browser_warnings({path: bundle["files"][path] for path in bundle["sources"]})
            if not found["problems"]:
                try_waitroom_bots(copy, scene, frames, random.Random(seed), folder)
        except Exception as error:
            problem = as_problem(error, copy)
            if isinstance(error, FileNotFoundError):
                problem["text"] = not_sent(problem["text"])
            return {"problems": [problem], "warnings": []}
    return found


def _at_policies(problem: dict[str, Any], scene: GymScene) -> dict[str, Any]:
    """Agents that the env and the policies do not both have are a matter of the line that names them."""
    file, line = scene.site("policies")
    if problem.get("file") or file is None or problem.get("type") != "AgentsDifferError":
        return problem
    return {
        **problem,
        "text": Told("{text} ({file}, line {line})", text=problem["text"], file=Path(file).name, line=line),
        "file": file,
        "line": line,
    }


def _dead_keys(scene: GymScene) -> list[str]:
    """Keys of the mapping that type nothing by themselves on many keyboards."""
    options = scene.gameplay_options
    mappings = [options.action_mapping, *(own.action_mapping for own in options.per_agent.values())]
    keys = {key for mapping in mappings for binding in mapping for key in binding.keys}
    return [
        Told(
            "{key} is a dead key on many keyboards: it types nothing by itself, so it may do nothing. "
            "Name its place, such as BracketLeft or Backquote, or another key.",
            key=key,
        )
        for key in sorted(keys & DEAD_ON_MANY_KEYBOARDS)
    ]


def as_text(result: dict[str, Any], *, details: bool = False) -> str:
    """For a terminal; with `details` errors come with every call that led there, this program's own among them."""
    if "error" in result:
        place = (
            f"{result['error'].get('file')}, line {result['error'].get('line')}: " if result["error"]["file"] else ""
        )
        return f"{place}{result['error']['text']}\n"
    lines = []
    for scene in result["scenes"]:
        lines.append(f"{scene['scene']}: {'ok' if scene['ok'] else 'NOT OK'} ({scene['seconds']} s)")
        shown = "details" if details else "traceback"
        lines += [f"  {problem['text']}\n{problem.get(shown, '')}" for problem in scene["problems"]]
        lines += [f"  {warning}" for warning in scene["warnings"]]
        lines += _costs(scene)
    if "study" in result:
        lines += study_text(result["study"], details=details)
    return "\n".join(lines or ["This experiment has no env."]) + "\n"


def _costs(scene: dict[str, Any]) -> list[str]:
    """Lines about what the env costs, where it will run."""
    if scene.get("where") == "host":
        if "step_ms" not in scene:
            return []
        return [f"  step with pictures {scene['step_ms']:.3f} ms, reset {scene['reset_ms']:.3f} ms, on this computer: "
                "the game runs on the host"]  # fmt: skip
    costs = (
        f"  step {scene['step_ms']:.3f} ms, save {scene['save_ms']:.3f} ms, load {scene['load_ms']:.3f} ms "
        f"({scene['strategy'] or 'not restorable'})"
        if scene.get("step_ms")
        else ""
    )
    failed = "error" in (scene["browser"] or {})
    return [line for line in (costs, "" if failed else f"  {browser_text(scene['browser'])}") if line]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
