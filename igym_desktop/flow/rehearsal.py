"""A rehearsal: what simulated participants are asked to do, and what their run tells about the study."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from igym_desktop.flow.words import ENDED, state_words
from igym_desktop.i18n import plural, said, tr

_NO_DIFFERENCE = frozenset({None, "", "pending", "identical"})


@dataclass(frozen=True)
class RehearsalPlan:
    """`speed` 1 plays in real time, 0 as fast as possible; `frames` is the length of each simulated episode."""

    number: int = 4
    frames: int = 300
    speed: float = 1.0
    reloads: int = 0
    drops: int = 0

    def arguments(self, url: str) -> list[str]:
        """For `igym simulate`."""
        return [
            url, "--number", str(self.number), "--frames", str(self.frames), "--speed", str(self.speed),
            "--reloads", str(self.reloads), "--drops", str(self.drops), "--json",
        ]  # fmt: skip


@dataclass(frozen=True)
class Report:
    """`lines` are (went well, sentence)."""

    ok: bool
    lines: tuple[tuple[bool, str], ...]

    @property
    def headline(self) -> str:
        """One sentence over everything."""
        failed = sum(not went_well for went_well, _ in self.lines)
        if self.ok:
            return tr("The rehearsal went well.")
        return plural(failed, "{n} thing went wrong in the rehearsal.", "{n} things went wrong in the rehearsal.")


def unsettled(people: Iterable[Mapping[str, Any]], matches: Iterable[Mapping[str, Any]]) -> bool:
    """Whether somebody is still on the way, or a finished match's recordings are not compared yet."""
    on_the_way = any(person.get("state") not in ENDED and person.get("connection") == "connected" for person in people)
    return on_the_way or any(
        match.get("parity") == "pending" and match.get("reason") == "complete" for match in matches
    )


def report(
    ended: Mapping[str, Any], errors: str, matches: Sequence[Mapping[str, Any]], problems: Sequence[Mapping[str, Any]],
    export: str | None, verification: tuple[bool, str],
) -> Report:  # fmt: skip
    """Draws the conclusions. `export` is what went wrong with it, "" when nothing did, None: nothing is kept."""
    lines = [_outcomes(ended, errors)]
    lines += [
        (False, _stuck(person)) for person in ended.get("participants") or () if person.get("outcome") != "finished"
    ]
    lines.append(_parity(matches))
    lines += [(False, _problem(item)) for item in problems if item.get("level") == "error"]
    if export is not None:
        lines.append((not export, export or tr("All files were written.")))
    lines.append(verification)
    return Report(all(went_well for went_well, _ in lines), tuple(lines))


def _problem(item: Mapping[str, Any]) -> str:
    return f"{said(str(item.get('title') or ''))}: {said(str(item.get('text') or ''))}"


def _outcomes(ended: Mapping[str, Any], errors: str) -> tuple[bool, str]:
    people = ended.get("participants")
    if not people:
        return False, tr("The simulated participants could not take part. {why}", why=errors.strip()[-400:])
    finished = sum(person.get("outcome") == "finished" for person in people)
    return finished == len(people), tr(
        "{finished} of {total} simulated participants finished.", finished=finished, total=len(people)
    )


def _stuck(person: Mapping[str, Any]) -> str:
    return tr(
        "{who} ended as “{outcome}”: {text}",
        who=person.get("participant") or "?", outcome=_outcome(str(person.get("outcome"))),
        text=said(str(person.get("text") or "")),
    )  # fmt: skip


def _outcome(word: str) -> str:
    """How a simulated participant's part ended: as of any participant, or as `igym simulate` has it beyond that."""
    own = {
        "stuck": tr("Stuck"),
        "refused": tr("Refused"),
        "unreachable": tr("Server not reached"),
        "failed": tr("Failed"),
    }
    return own.get(word) or state_words(word).text


def _parity(matches: Sequence[Mapping[str, Any]]) -> tuple[bool, str]:
    """Matches that ended before one whole episode was recorded have nothing to compare."""
    differ = [match for match in matches if match.get("parity") not in _NO_DIFFERENCE]
    if differ:
        names = ", ".join(f"{match.get('id')} ({said(str(match['parity']))})" for match in differ)
        return False, tr("The players' recordings differ: {names}", names=names)
    same = sum(match.get("parity") == "identical" for match in matches)
    if not same:
        return True, tr("No match was played.")
    return True, plural(same, "The recordings of {n} match agree.", "The recordings of {n} matches agree.")
