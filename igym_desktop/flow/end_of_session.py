"""How far a session's people are when it is to end: in a sentence, and by name for those who have not finished."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from igym_desktop.flow.words import ENDED, state_words
from igym_desktop.i18n import plural, said, tr

Row = Mapping[str, Any]


def counted(people: Iterable[Row]) -> list[Row]:
    """Real people, or in a session of programs alone those."""
    everybody = list(people)
    return [row for row in everybody if not row.get("simulated")] or everybody


def all_finished(people: Iterable[Row]) -> bool:
    """Somebody took part, and everybody reached the end."""
    states = [row.get("state") for row in counted(people)]
    return bool(states) and all(state == "finished" for state in states)


def how_far(people: Iterable[Row]) -> str:
    """One sentence for the question whether to end, or for the news that nobody takes part any more."""
    rows = counted(people)
    active = sum(row.get("state") not in ENDED for row in rows)
    if active:
        return plural(active, "{n} participant is not finished yet.", "{n} participants are not finished yet.")
    if not rows:
        return tr("Nobody has joined.")
    if all_finished(rows):
        return tr("Everyone has finished.")
    finished = sum(row.get("state") == "finished" for row in rows)
    return tr("{finished} of {total} finished; nobody takes part any more.", finished=finished, total=len(rows))


def unfinished_lines(people: Iterable[Row]) -> list[str]:
    """Who did not finish, and where: a line for each."""
    return [_line(row) for row in counted(people) if row.get("state") != "finished"]


def _line(row: Row) -> str:
    who = str(row.get("label") or row.get("id") or "?")
    parts = [state_words(str(row.get("state") or "")).text, _where(row), said(str(row.get("reason") or ""))]
    if row.get("state") not in ENDED and row.get("connection") != "connected":
        parts.append(tr("not connected"))
    return f"{who}: {', '.join(part for part in parts if part)}"


def _where(row: Row) -> str:
    scene = str(row.get("scene_id") or "")
    if not scene:
        return ""
    episode = row.get("episode")
    if episode is None:
        return tr("in {scene}", scene=scene)
    return tr("in {scene}, episode {episode}", scene=scene, episode=int(episode) + 1)
