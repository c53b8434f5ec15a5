"""Games that fail: found in seconds before a session, and among the problems of a running one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from igym_desktop.i18n import plural, said, tr


@dataclass(frozen=True)
class Broken:
    """A game that fails in its first steps, with the researcher's file and line if they are known."""

    scene: str
    text: str
    file: str = ""
    line: int = 0


def broken_in(checked: Mapping[str, Any]) -> tuple[Broken, ...]:
    """From the answer of `igym check --only envs`."""
    found = []
    for scene in checked.get("scenes") or ():
        problems = [item for item in scene.get("problems") or () if isinstance(item, Mapping)]
        if problems:
            first = problems[0]
            text = " ".join(said(str(item.get("text", ""))) for item in problems[:2])
            place = (str(first.get("path") or first.get("file") or ""), int(first.get("line") or 0))
            found.append(Broken(str(scene.get("scene")), text, *place))
    return tuple(found)


def before_text(broken: Iterable[Broken]) -> str:
    """For the pages about an experiment, before anybody has come."""
    lines = [
        tr("The game {scene} fails in its first steps: {text}", scene=game.scene, text=game.text) for game in broken
    ]
    return "\n".join(
        [*lines, tr("Whoever came to it would see that it has stopped because of an error. Repair it first.")]
    )


def is_game_error(problem: Mapping[str, Any]) -> bool:
    """Whether a problem of the running session means that people cannot play."""
    return problem.get("game_fails") is True


def who_cannot_play(problems: Iterable[Mapping[str, Any]], matches: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Participant → what happened to their game."""
    found: dict[str, str] = {}
    for problem in problems:
        if not is_game_error(problem):
            continue
        text = str(problem.get("text") or "")
        people = matches.get(str(problem.get("match")), {}).get("participants") or ()
        for who in [str(problem.get("participant") or ""), *map(str, people)]:
            if who:
                found[who] = text
    return found


def now_text(problems: Iterable[Mapping[str, Any]]) -> str:
    """For the Session page: what fails, what participants see, what to do. "" when no game fails."""
    failing = [problem for problem in problems if is_game_error(problem)]
    if not failing:
        return ""
    newest = failing[-1]
    first = tr(
        "A game fails: {title}. {text}", title=said(str(newest["title"])), text=said(str(newest.get("text") or ""))
    )
    others = len(failing) - 1
    more = " " + plural(others, "And {n} other problem.", "And {n} other problems.") if others else ""
    return "\n".join(
        [
            first + more,
            tr(
                "What participants see now: that the game has stopped because of an error, that it is not their fault, "
                "and a button to load the page again. Partners are told that the game ended early."
            ),
            tr(
                "What to do: close admission, repair the file, end this session and start a new one. Whoever is stuck "
                "can be moved on: Actions, “Move to scene”."
            ),
        ]
    )
