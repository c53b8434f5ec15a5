"""What recruitment platforms want to know of earnings, in the form in which each takes it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from igym.core.places import PersonState
from igym.formulas import guarded
from igym.host.export.people import People, Person

Line = tuple[str, ...]


def bonus_files(people: People, folder: Path) -> Iterator[Path]:
    """Write `bonus_prolific.csv`, `bonus_mturk.csv` and `credit_sona.csv`, each for whom its platform sent."""
    everybody = [person for found in people.values() for person in found.values() if not person.simulated]
    for name, (head, line_of) in _FORMS.items():
        lines = [line for person in everybody if (line := line_of(person)) is not None]
        path = folder / name
        if lines:
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows([*([head] if head else []), *lines])
            path.write_text(text.getvalue(), "utf-8", newline="")
            yield path
        else:
            path.unlink(missing_ok=True)


def _prolific(person: Person) -> Line | None:
    who = _id(person, "PROLIFIC_PID")
    return (who, _money(person)) if who and _is_owed(person) else None


def _mturk(person: Person) -> Line | None:
    who, assignment = _id(person, "workerId"), _id(person, "assignmentId")
    if not (who and assignment and _is_owed(person)):
        return None
    return who, assignment, _money(person), guarded("; ".join(person.earned_for)) or "Bonus"


def _sona(person: Person) -> Line | None:
    code = _id(person, "survey_code")
    return (code, "1" if person.status == PersonState.FINISHED else "0") if code else None


def _id(person: Person, name: str) -> str:
    """An id as platforms give them; anybody can write something else into a link, and gets no line for it."""
    value = person.params.get(name, "")
    return value if re.fullmatch(r"[A-Za-z0-9][\w.-]{0,99}", value, re.ASCII) else ""


def _is_owed(person: Person) -> bool:
    return person.earnings is not None and round(person.earnings, 2) > 0


def _money(person: Person) -> str:
    return f"{person.earnings:.2f}"


_FORMS: dict[str, tuple[Line, Callable[[Person], Line | None]]] = {
    # Prolific takes "id,amount" lines without a head.
    "bonus_prolific.csv": ((), _prolific),
    "bonus_mturk.csv": (("WorkerId", "AssignmentId", "BonusAmount", "Reason"), _mturk),
    "credit_sona.csv": (("survey_code", "credit"), _sona),
}
