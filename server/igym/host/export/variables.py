"""A table's columns as statistics programs want them: labels, times as times, categories as numbers with labels."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal

from igym.host.export.base_ids import bases_of
from igym.host.export.cells import cell
from igym.host.export.codebook import describe_columns
from igym.host.export.kinds import joined, kinds_in
from igym.host.export.people import Table
from igym.host.export.questions import YES_NO, Asked, codes_of, levels_of, questions_of
from igym.host.export.shown_orders import shown_orders
from igym.host.store.store_reader import SessionRow, StoreReader

Kind = Literal["number", "text", "moment", "day"]
_WORDS: Mapping[str, tuple[str, ...]] = {
    "status": (
        "finished", "unfinished", "dropped", "timed_out", "screened_out", "excluded", "withdrawn", "in progress",
    ),
    "outcome": ("complete", "early", "left", "running"),
    "ended_in": ("entry", "page", "between", "waitroom", "match"),
}  # fmt: skip
"""Numbers that are the same in every session, so that files can be put together."""


@dataclass
class Variable:
    """One column. `values`: numbers and texts, None for a missing one; moments as `datetime` in UTC, days as `date`."""

    column: str
    kind: Kind
    label: str
    values: list[Any]
    labels: dict[float, str] = field(default_factory=dict)
    whole: bool = False
    coded: bool = False
    """Its numbers stand for texts."""


class Wording:
    """What the columns of one session's tables mean."""

    def __init__(self, source: StoreReader, row: SessionRow) -> None:
        self._asked = questions_of(row)
        self._levels = levels_of(row)
        self._bases = bases_of(source, row.id)

    def asked(self, column: str) -> Asked | None:
        """The question behind a column `<scene>.<field>`, or one entry of its list: `<scene>.<field>.<value>`."""
        scene, _, rest = column.partition(".")
        base = self._bases.get(scene, scene)
        name, _, value = rest.partition(".")
        whole = self._asked.get((base, name))
        if whole is None or not value:
            return whole
        if value in whole.ranked:
            return Asked(f"{whole.text}: {value}")
        return Asked(f"{whole.text}: {value}", labels=YES_NO) if value in whole.several else None

    def levels(self, column: str) -> tuple[str, ...]:
        """The categories of a column whose order is fixed; none where texts are just texts."""
        return tuple(self._levels.get(column, _WORDS.get(column, ())))


def variables_of(table: Table, file: str, wording: Wording) -> list[Variable]:
    """The columns of one table; `file` is the CSV whose columns the codebook knows."""
    header, rows = table
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    kinds = {name: joined(kinds_in(series)) for name, series in zip(header, columns, strict=True)}
    labels = _labels(kinds, file, wording)
    return [
        _variable(name, series, kinds[name], labels[name], wording)
        for name, series in zip(header, columns, strict=True)
    ]


def _labels(kinds: dict[str, str], file: str, wording: Wording) -> dict[str, str]:
    """The question where there is one, else what the codebook says."""
    found = {}
    for line in describe_columns(file, kinds, file):
        asked = wording.asked(line["column"])
        unit = f" [{line['unit']}]" if line["unit"] else ""
        found[line["column"]] = asked.text if asked else f"{line['meaning']}{unit}"
    return found


def _variable(name: str, series: Sequence[Any], kind: str, label: str, wording: Wording) -> Variable:
    asked = wording.asked(name) or Asked("")
    if name.endswith("_iso"):
        return Variable(name, "moment", label, [_moment(value) for value in series])
    if kind == "string":
        if asked.is_day:
            return Variable(name, "day", label, [_day(value) for value in series])
        codes = asked.codes or codes_of(wording.levels(name))
        if codes:
            return _coded(name, label, series, codes, asked.labels or {code: level for level, code in codes.items()})
    if kind in ("integer", "number", "boolean", "missing"):
        labels = asked.labels or (YES_NO if kind == "boolean" else {})
        return Variable(name, "number", label, [_number(value) for value in series], dict(labels), kind != "number")
    return Variable(name, "text", label, [None if value is None else cell(value) for value in series])


def _coded(
    name: str, label: str, series: Sequence[Any], codes: Mapping[str, int], labels: Mapping[float, str]
) -> Variable:
    """Values that the definition does not know (of an earlier one) get numbers behind the others."""
    known, texts = dict(codes), dict(labels)
    for value in sorted({value for value in series if value and value not in known}):
        known[value] = max(known.values(), default=0) + 1
        texts[known[value]] = value
    return Variable(name, "number", label, [known[value] if value else None for value in series], texts, True, True)


def _number(value: Any) -> float | int | None:
    """These programs have one missing value, and no infinity."""
    if value is None or not isfinite(value):
        return None
    return int(value) if isinstance(value, bool | int) else value


def _moment(value: Any) -> datetime.datetime | None:
    return datetime.datetime.fromisoformat(value) if value else None


def _day(value: Any) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(value) if value else None
    except ValueError:
        return None


def with_answers(source: StoreReader, people: Table, answers: Table, wording: Wording) -> Table:
    """`participants` with the columns of `answers_wide` behind.

    An answer that is a list has a further column for each thing that could be ticked: whether it was; of a ranking, in
    which place. Of a question that nobody knows any more it is a list, and no more.
    """
    (header, rows), (names, lines) = people, answers
    given = {(line[0], line[1]): dict(zip(names, line, strict=True)) for line in lines}
    for session in {line[0] for line in lines}:
        orders = shown_orders(source, session)
        for record in source.records(session, kinds=("answers",)):
            entry = given.get((session, str(record.participant)), {})
            shown = orders.get((record.participant, record.body.get("visit")), {})
            for name, value in record.body.get("values", {}).items():
                if isinstance(value, list):
                    entry |= _parts(f"{record.scene}.{name}", value, wording, is_order=name in shown)
    every = dict.fromkeys(name for entry in given.values() for name in entry)
    more = [name for name in every if name not in header]
    found = (given.get((row[0], row[1]), {}) for row in rows)
    return [*header, *more], [[*row, *map(entry.get, more)] for row, entry in zip(rows, found, strict=True)]


def _parts(column: str, listed: Sequence[Any], wording: Wording, *, is_order: bool) -> dict[str, int]:
    asked = wording.asked(column) or Asked("")
    values = [cell(value) for value in listed]
    if asked.ranked or is_order:
        places = {value: place for place, value in enumerate(values, start=1)}
        known = dict.fromkeys([*asked.ranked, *sorted(values)])
        return {f"{column}.{value}": places[value] for value in known if value in places}
    every = dict.fromkeys([*asked.several, *values]) if asked.several else {}
    return {f"{column}.{value}": value in values for value in every}
