"""What a walk through a study says about it, in the words of the person who wrote it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from igym.core.effects import Record
from igym.experiment.experiment import Experiment
from igym.experiment.functions import FunctionRef
from igym.experiment.matchmakers import GroupReunion
from igym.experiment.scenes import CompletionCodeScene, EndScene
from igym.experiment.scenes.gym import GymScene
from igym.experiment.stager import Branch, Repeat
from igym.host.walkthrough.walk import LASTS_S, WALL_LIMIT_S, Trail
from igym.protocol.server import Closed
from igym.protocol.told import Told, together

Level = Literal["error", "warning"]
CODE = "{code}"


@dataclass(frozen=True)
class Finding:
    level: Level
    text: str
    file: str | None = None
    line: int | None = None
    details: str = ""

    def to_json(self) -> dict[str, Any]:
        """`path` is the whole one, `file` its name for people."""
        return vars(self) | {"file": Path(self.file).name if self.file else None, "path": self.file}


def findings(experiment: Experiment, trail: Trail) -> list[Finding]:
    """Errors first. What the session would have told the researcher, and what nobody came to."""
    found = [
        *_failing_functions(experiment, trail),
        *_problems(trail),
        *_never_through(trail),
        *_missing_codes(experiment, trail),
        *_reunions(experiment, trail),
        *_seats(experiment, trail),
        *_unreached(experiment, trail),
        *_rounds(experiment, trail),
    ]
    return sorted(found, key=lambda finding: finding.level == "warning")


def _site(experiment: Experiment, function: str) -> tuple[str | None, int | None]:
    reference = experiment.functions().get(function)
    return (reference.file, reference.line) if isinstance(reference, FunctionRef) else (None, None)


def _failing_functions(experiment: Experiment, trail: Trail) -> Iterator[Finding]:
    for function, error in trail.errors.items():
        file, line = error.get("file"), error.get("line")
        if not file:
            file, line = _site(experiment, function)
        text = Told(
            "The function {function} failed: {error}: {message}",
            function=function,
            error=error.get("type", "Error"),
            message=error.get("message", ""),
        )
        yield Finding("error", text, file, line, str(error.get("traceback", "")))


def _problems(trail: Trail) -> Iterator[Finding]:
    """Everything that would stand under Problems, each once; functions that failed have their own line."""
    failed = {f"{function} failed" for function in trail.errors}
    counted = Counter((problem.level, problem.title) for problem in trail.problems if problem.title not in failed)
    first = {(problem.level, problem.title): problem for problem in reversed(trail.problems)}
    for (level, title), count in counted.items():
        problem = first[level, title]
        times = Told("({number} times)", number=count) if count > 1 else ""
        text = together(Told("{title}: {text}", title=title, text=problem.text), times)
        yield Finding("error" if level == "error" else "warning", text, None, None, problem.traceback)


def _never_through(trail: Trail) -> Iterator[Finding]:
    if trail.out_of_time:
        text = Told(
            "The walk was stopped after {seconds} seconds: the study's functions take too long.",
            seconds=f"{WALL_LIMIT_S:g}",
        )
        yield Finding("error", text)
    for where, count in Counter(v.cannot_answer for v in trail.people if v.cannot_answer).items():
        yield Finding("warning", Told("{number} made-up people stopped there: {people}.", number=count, people=where))
    helpless = {v.id for v in trail.people if v.cannot_answer}
    for scene, count in Counter(scene for who, scene in trail.stuck.items() if who not in helpless).items():
        hours = f"{LASTS_S / 3600:g}"
        text = Told(
            "{number} of {people} people were still in “{scene}” after {hours} hours.",
            number=count,
            people=len(trail.people),
            scene=scene,
            hours=hours,
        )
        if not scene:
            text = Told(
                "{number} of {people} people were still before the first scene after {hours} hours.",
                number=count,
                people=len(trail.people),
                hours=hours,
            )
        yield Finding("error", text)
    if trail.people and not trail.states["finished"] and not trail.stuck:
        ended = ", ".join(f"{count} {state}" for state, count in trail.states.items())
        yield Finding("error", Told("Nobody reached the end of the study ({endings}).", endings=ended))


def _missing_codes(experiment: Experiment, trail: Trail) -> Iterator[Finding]:
    """An address that carries the code, opened for somebody who never got one."""
    without = [v.last_page for v in trail.people if v.last_page and v.last_page.redirect_url and not v.last_page.code]
    for outcome, leads_to in experiment.returns.given.items():
        url = leads_to.redirect_url
        if url and CODE in url and _went_to(url, without):
            yield Finding("error", _codeless(Told("returns: {name}", name=outcome), "redirect_url"), *experiment.site())
    for scene in experiment.scenes:
        if isinstance(scene, EndScene | CompletionCodeScene):
            url, part, name = scene.redirect_url, "constructor", "redirect_url"
        elif isinstance(scene, GymScene):
            url, part, name = scene.waitroom_options.timeout_url, "waitroom", "timeout_url"
        else:
            continue
        if url and CODE in url and _went_to(url, without):
            file, line = scene.site(part)
            yield Finding("error", _codeless(scene.named, name), file, line)


def _went_to(url: str, pages: list[Closed]) -> bool:
    return any(str(page.redirect_url).startswith(url.split("{")[0]) for page in pages)


def _codeless(owner: str, option: str) -> str:
    return Told(
        "{scene}: {option} carries the completion code, and people come there who have none: it "
        "stays empty. Put a CompletionCodeScene before it, or give a code for the outcome in returns.",
        scene=owner,
        option=option,
    )


def _reunions(experiment: Experiment, trail: Trail) -> Iterator[Finding]:
    for scene in experiment.games:
        if not isinstance(scene.matchmaking_options.matchmaker, GroupReunion):
            continue
        matched = _matched(scene, trail)
        if _waited(scene, trail) and not any("reunion_of" in record.body for record in matched):
            file, line = scene.site("matchmaking")
            text = Told(
                "{scene}: GroupReunion found no former partners: a game for as many people must come before.",
                scene=scene.named,
            )
            yield Finding("warning" if matched else "error", text, file, line)


def _seats(experiment: Experiment, trail: Trail) -> Iterator[Finding]:
    """Where everybody wants the same seat, all wait for somebody who never comes."""
    for scene in experiment.games:
        by, waited = scene.matchmaking_options.seat_by, _waited(scene, trail)
        if by is not None and waited >= scene.players > 1 and not _matched(scene, trail):
            text = Told(
                "{scene}: none of {number} people who waited there found others. Seats are chosen by {by}, and those "
                "who want the same seat are not put together.",
                scene=scene.named,
                number=waited,
                by=by,
            )
            yield Finding("error" if waited >= 2 * scene.players else "warning", text, *scene.site("matchmaking"))


def _waited(scene: GymScene, trail: Trail) -> int:
    """How many people waited for others there, in any round."""
    waits = (r for r in trail.records if r.kind == "waiting_started" and _is_of(r.scene, scene.id))
    return len({record.participant for record in waits})


def _matched(scene: GymScene, trail: Trail) -> list[Record]:
    decided = (r for r in trail.records if r.kind == "match_log" and _is_of(r.scene, scene.id))
    return [record for record in decided if record.body["decision"] == "matched"]


def _is_of(found: str | None, id: str) -> bool:
    """Whether that is this scene or node, in a round or not."""
    return found is not None and re.fullmatch(rf"{re.escape(id)}(_r\d+)*", found) is not None


def _unreached(experiment: Experiment, trail: Trail) -> Iterator[Finding]:
    """What no made-up person came to. Few people may miss a rare way, so these are warnings."""
    shown = {record.body.get("spec") for record in trail.records if record.kind == "scene_entered"}
    for scene in experiment.scenes:
        if scene.id not in shown:
            yield Finding("warning", Told("{scene}: nobody came there.", scene=scene.named), *scene.site())
    for function in experiment.functions():
        if function not in trail.asked and not _inside_unseen(function, experiment, shown):
            yield Finding(
                "warning", Told("{function} was never called.", function=function), *_site(experiment, function)
            )
    chosen = {(r.body["branch"], r.body["choice"]) for r in trail.records if r.kind == "branch"}
    for node in experiment.stager.nodes():
        if not isinstance(node, Branch):
            continue
        here = {choice for branch, choice in chosen if _is_of(branch, node.known_id)}
        for name in (name for name, _ in node.options if here and name not in here):
            text = Told("{scene}: “{option}” was chosen for nobody.", scene=node.known_id, option=name)
            yield Finding("warning", text, *node.site())


def _rounds(experiment: Experiment, trail: Trail) -> Iterator[Finding]:
    """Rounds until something is reached, which never is or always at once, are hardly meant so."""
    checked = [record for record in trail.records if record.kind == "checked"]
    for node in experiment.stager.nodes():
        if not isinstance(node, Repeat) or not node.is_conditional:
            continue
        passed = {r.body["passed"] for r in checked if _is_of(r.scene, node.known_id)}
        if passed and True not in passed:
            text = Told("{scene}: nobody reached what its rounds go on for.", scene=node.known_id)
            yield Finding("warning", text, *node.site())


def _inside_unseen(function: str, experiment: Experiment, shown: set[Any]) -> bool:
    kind, _, rest = function.partition(".")
    return kind == "scenes" and rest.rpartition(".")[0] not in shown
