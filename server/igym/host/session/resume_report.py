"""What a researcher has to know about a session that is gone on with."""

from __future__ import annotations

from collections.abc import Mapping

from igym.host.base.troubles import HostProblems
from igym.host.base.version import app_version
from igym.host.children.researcher import FORGOTTEN
from igym.host.session.session_start import Begun
from igym.host.store.store_reader import SessionRow
from igym.protocol.told import Told


def tell_of_resume(begun: Begun, row: SessionRow, problems: HostProblems) -> None:
    """Reports, on the Session page and in the log, whatever is not as it was before."""
    if begun.experiment.functions():
        problems.report("researcher", "warning", Told("The experiment's functions were started again"), FORGOTTEN)
    if row.app_version != app_version():
        problems.report(
            "version",
            "warning",
            Told("The session was begun with another version"),
            Told(
                "Its recording was begun by version {old} of Interactive Gym; this is version {new}. "
                "Everybody is where they were; please try one person's way through before others go on.",
                old=row.app_version,
                new=app_version(),
            ),
        )
    if begun.broken_events:
        problems.report(
            "replay",
            "error",
            Told("Events could not be handled again"),
            Told(
                "Of the session's events these could not be handled again: {events}. What they brought about "
                "is missing from now on, for whoever is still taking part; what was recorded stays whole and "
                "is exported as ever.",
                events=_counted(begun.broken_events),
            ),
        )
    if begun.failed_again:
        problems.report(
            "failed_again",
            "warning",
            Told("Events failed again"),
            Told(
                "These events had failed when they came and failed again in the same way: {events}. Nothing "
                "rests on them; the tracebacks are in events.jsonl.",
                events=_counted(begun.failed_again),
            ),
        )


def _counted(kinds: Mapping[str, int]) -> str:
    return ", ".join(f"{number} × {kind}" for kind, number in sorted(kinds.items()))
