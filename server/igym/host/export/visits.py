"""`scenes.csv`: one line for each visit of a scene, with how long the page was in front, hidden, left or gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from igym.host.export.join_keys import Place, place_of
from igym.host.export.page_times import page_times, time_on_page_ms
from igym.host.export.people import People, Table, all_key_names, key_cells
from igym.host.export.times import iso, seconds_between
from igym.host.store.store_reader import StoredRecord, StoreReader

KINDS = ("scene_entered", "scene_left", "focus", "connection", "browser", "leaderboard")
ATTENTION = ("active", "hidden", "blurred", "gone")
"""Where a participant's attention may be: exactly one of them at any moment of a visit."""


@dataclass
class Visit:
    """One showing of a scene to a participant; times are unix seconds of the host's clock."""

    participant: str
    scene: str
    number: int | None
    index: int | None
    kind: str | None
    entered_at: float
    left_at: float | None = None
    left: Place | None = None
    submitted: bool | None = None
    timed_out: bool | None = None
    timing: dict[str, Any] = field(default_factory=dict)
    spent_s: dict[str, float] = field(default_factory=lambda: dict.fromkeys(ATTENTION, 0.0))
    reloads: int = 0
    is_erased: bool = False
    board: dict[str, Any] = field(default_factory=dict)

    @property
    def page_ms(self) -> float | None:
        return time_on_page_ms(self.timing)


class _Course:
    """One participant's way through the scenes, and what their browser tells of their attention meanwhile."""

    def __init__(self, participant: str) -> None:
        self.participant = participant
        self.visits: list[Visit] = []
        self._open: Visit | None = None
        self._since = 0.0
        self._hidden = self._blurred = self._gone = False
        self._opened = False
        self._is_erased = False
        """What their browser told is gone: nobody knows any more how long it was in front."""

    def take(self, record: StoredRecord) -> None:
        self._spend(record.at)
        if record.body.get("erased"):
            self._is_erased = True
            return
        getattr(self, f"_{record.kind}")(record)

    @property
    def _attention(self) -> str:
        if self._gone:
            return "gone"
        return "hidden" if self._hidden else "blurred" if self._blurred else "active"

    def _spend(self, now: float) -> None:
        if self._open is not None:
            self._open.spent_s[self._attention] += now - self._since
        self._since = now

    def _scene_entered(self, record: StoredRecord) -> None:
        body = record.body
        self._open = Visit(
            self.participant, str(record.scene or body.get("scene_id")), body.get("visit"), body.get("index"),
            body.get("scene_kind"), record.at,
        )  # fmt: skip
        self._open.is_erased = self._is_erased
        self.visits.append(self._open)

    def _scene_left(self, record: StoredRecord) -> None:
        if self._open is not None:
            self._open.left_at, self._open.submitted = record.at, record.body.get("submitted")
            self._open.timed_out = record.body.get("timed_out")
            self._open.left = place_of(record)
            self._open.timing = record.body.get("timing") or {}
        self._open = None

    def _leaderboard(self, record: StoredRecord) -> None:
        if self._open is not None:
            self._open.board = record.body

    def _focus(self, record: StoredRecord) -> None:
        self._hidden, self._blurred = bool(record.body.get("hidden")), bool(record.body.get("blurred"))

    def _connection(self, record: StoredRecord) -> None:
        self._gone = record.body.get("state") != "connected"

    def _browser(self, record: StoredRecord) -> None:
        new = bool(record.body.get("new_page"))
        if new:
            # It tells at once when it is not in front; until then it is.
            self._hidden = self._blurred = False
        if new and self._opened and self._open is not None:
            self._open.reloads += 1
        self._opened, self._gone = True, False


def visits_of(source: StoreReader, session: str) -> list[Visit]:
    """Return every visit of a session, by participant in order of joining, then in order."""
    courses: dict[str, _Course] = {}
    for record in source.records(session, kinds=("joined", *KINDS)):
        course = courses.setdefault(str(record.participant), _Course(str(record.participant)))
        if record.kind != "joined":
            course.take(record)
    return [visit for course in courses.values() for visit in course.visits]


HEAD = ("session", "participant")
HEADER = (
    "scene", "visit", "index", "kind", "entered_at", "entered_at_iso", "shown_at", "shown_at_iso", "left_at",
    "left_at_iso", "duration_s", "active_s", "hidden_s", "blurred_s", "gone_s", "time_on_page_ms", "submitted",
    "timed_out", "reloads", "rank", "rank_of",
)  # fmt: skip


def visits_table(source: StoreReader, people: People) -> Table:
    """`scenes.csv`: one row per visit of the sessions in `people`."""
    names = all_key_names(people)
    return [*HEAD, *names, *HEADER], list(_rows(source, people, names))


def _rows(source: StoreReader, people: People, names: list[str]) -> Iterator[list[Any]]:
    for session, found in people.items():
        for visit in visits_of(source, session):
            keys = key_cells(found.get(visit.participant), names, visit.left)
            yield [session, visit.participant, *keys, *_cells(visit)]


def _cells(visit: Visit) -> list[Any]:
    known = visit.left_at is not None and not visit.is_erased
    shown_at = page_times(visit.timing, visit.left_at)[0] if visit.left_at is not None else None
    moments = [at for each in (visit.entered_at, shown_at, visit.left_at) for at in (each, iso(each))]
    spent = [round(visit.spent_s[name], 6) if known else None for name in ATTENTION]
    duration = seconds_between(visit.entered_at, visit.left_at)
    head = [visit.scene, visit.number, visit.index, visit.kind]
    return [*head, *moments, duration, *spent, visit.page_ms, visit.submitted,
            visit.timed_out, None if visit.is_erased else visit.reloads,
            visit.board.get("rank"), visit.board.get("of")]  # fmt: skip
