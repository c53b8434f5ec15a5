"""`answers.csv` and `answers_wide.csv`: every answer of every page, a line for each, and a line for each person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from igym.host.export.cells import cell
from igym.host.export.join_keys import Place, place_of
from igym.host.export.page_times import page_times, time_on_page_ms
from igym.host.export.people import People, Table, all_key_names, key_cells
from igym.host.export.shown_orders import shown_orders
from igym.host.export.times import iso
from igym.host.store.store_reader import StoreReader


@dataclass(frozen=True)
class Answer:
    """One field of one page that was sent. `value` is what was answered; None when the field was left empty."""

    participant: str
    scene: str
    visit: int | None
    submitted_at: float
    place: Place
    time_on_page_ms: float | None
    field: str
    value: Any
    first_change_ms: float | None
    video_s: float | None = None
    shown_order: list[str] | None = None
    """Of a ranking: its values as they stood before."""


HEADER = (
    "scene", "visit", "field", "value", "number", "first_change_ms", "video_s", "shown_order", "time_on_page_ms",
    "submitted_at", "submitted_at_iso",
)  # fmt: skip


def answers_of(source: StoreReader, session: str) -> Iterator[Answer]:
    """Yield every answer of a session in the order in which they were sent; parts of a nested one each by itself."""
    orders = shown_orders(source, session)
    for record in source.records(session, kinds=("answers",)):
        timing = record.body.get("timing") or {}
        on_page, (_, submitted_at) = time_on_page_ms(timing), page_times(timing, record.at)
        changed, video = timing.get("first_change_ms") or {}, timing.get("video_s") or {}
        order = orders.get((record.participant, record.body.get("visit")), {})
        for name, given in record.body.get("values", {}).items():
            for part, value in _parts(name, given):
                yield Answer(
                    str(record.participant), str(record.scene), record.body.get("visit"), submitted_at,
                    place_of(record), on_page, part, value, changed.get(name), video.get(name),
                    order.get(name),
                )  # fmt: skip


def _parts(name: str, given: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(given, dict) and given:
        for key, inner in given.items():
            yield from _parts(f"{name}.{key}", inner)
    else:
        yield name, plain(given)


def plain(given: Any) -> Any:
    """An answer as one cell: several choices are one text, parted by "; "."""
    return "; ".join(map(cell, given)) if isinstance(given, list) else given


def number_of(value: Any) -> float | int | None:
    """An answer as a number, yes as 1 and no as 0; None when it is none."""
    return int(value) if isinstance(value, bool) else value if isinstance(value, int | float) else None


def answers_table(source: StoreReader, people: People) -> Table:
    """`answers.csv`: one row per answer, in the sessions in `people`."""
    names = all_key_names(people)
    lines = [
        [session, answer.participant, *_keys(people, session, answer, names), *_cells(answer)]
        for session in people
        for answer in answers_of(source, session)
    ]
    return ["session", "participant", *names, *HEADER], lines


def wide_answers_table(source: StoreReader, people: People, word: Callable[[str], str] = str) -> Table:
    """`answers_wide.csv`: one row per person of `people`. `word` spells the scenes in the columns' names."""
    names = all_key_names(people)
    found = {
        session: [replace(answer, scene=word(answer.scene)) for answer in answers_of(source, session)]
        for session in people
    }
    columns = sorted_columns(answer for answers in found.values() for answer in answers)
    return ["session", "participant", *names, *columns], list(_wide(people, found, names, columns))


def _keys(people: People, session: str, answer: Answer, names: list[str]) -> list[str | None]:
    return key_cells(people[session].get(answer.participant), names, answer.place)


def _cells(answer: Answer) -> list[Any]:
    value = None if answer.value is None else cell(answer.value)
    sent_at = (answer.submitted_at, iso(answer.submitted_at))
    times = (answer.first_change_ms, answer.video_s, plain(answer.shown_order), answer.time_on_page_ms, *sent_at)
    return [answer.scene, answer.visit, answer.field, value, number_of(answer.value), *times]


def sorted_columns(answers: Iterable[Answer]) -> list[str]:
    """`<scene>.<field>` of every field that was ever sent, in the order of their first coming."""
    return list(dict.fromkeys(f"{answer.scene}.{answer.field}" for answer in answers))


def _wide(people: People, found: dict[str, list[Answer]], names: list[str], columns: list[str]) -> Iterator[list[Any]]:
    for session, answers in found.items():
        given: dict[str, dict[str, Any]] = {}
        for answer in answers:
            given.setdefault(answer.participant, {})[f"{answer.scene}.{answer.field}"] = answer.value
        for person in people[session].values():
            cells = (given.get(person.id, {}).get(name) for name in columns)
            yield [session, person.id, *key_cells(person, names), *cells]
