"""Which confirmed rows of whom are on disk, and whether all members of a match recorded the same."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import Literal

from igym.protocol.told import Told, together

ParityState = Literal["pending", "identical", "differs"]


@dataclass(frozen=True)
class Report:
    """What one member's browser said when an episode ended."""

    frames: int
    chain: str
    reason: str
    scores: dict[str, float]


@dataclass(slots=True)
class Parity:
    """Result of comparing all members' rows of one episode; ``frame`` is the first that differs, when known."""

    state: ParityState = "pending"
    frame: int | None = None
    columns: tuple[str, ...] = ()


@dataclass(slots=True)
class _Rows:
    ranges: list[tuple[int, int]] = field(default_factory=list)
    """Disjoint, sorted, inclusive; adjacent ranges are merged."""
    told: int | None = None
    """How many frames were said to be there when the episode was marked as broken off, or counted again since."""

    def add(self, first: int, last: int) -> None:
        at = bisect_left(self.ranges, (first, last))
        while at > 0 and self.ranges[at - 1][1] >= first - 1:
            at -= 1
            start, end = self.ranges.pop(at)
            first, last = min(first, start), max(last, end)
        while at < len(self.ranges) and self.ranges[at][0] <= last + 1:
            start, end = self.ranges.pop(at)
            first, last = min(first, start), max(last, end)
        self.ranges.insert(at, (first, last))

    @property
    def stored_to(self) -> int:
        """Number of frames on disk without a gap from frame 0."""
        return self.ranges[0][1] + 1 if self.ranges and self.ranges[0][0] == 0 else 0


class Ledger:
    """Stored ranges and reports per (participant, match, episode); parity per (match, episode)."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, int], _Rows] = {}
        self._reports: dict[tuple[str, int], dict[str, Report]] = {}
        self.parity: dict[tuple[str, int], Parity] = {}
        self._episodes: dict[str, list[int]] = {}
        """Match → its episodes with anything on disk, in order."""
        self.exported: set[tuple[str, str, int]] = set()
        """Whole episodes whose file was already asked for."""

    def add_rows(self, participant: str, match: str, episode: int, first: int, last: int) -> None:
        self._rows.setdefault((participant, match, episode), _Rows()).add(first, last)
        self._of(match, episode)

    def has_rows(self, participant: str, match: str, episode: int, first: int, last: int) -> bool:
        """Whether all these frames are known to be on disk."""
        rows = self._rows.get((participant, match, episode))
        return rows is not None and any(start <= first and last <= end for start, end in rows.ranges)

    def ranges(self, participant: str, match: str, episode: int) -> list[tuple[int, int]]:
        """The frames known to be on disk, as disjoint (first, last)."""
        rows = self._rows.get((participant, match, episode))
        return list(rows.ranges) if rows is not None else []

    def add_report(self, participant: str, match: str, episode: int, report: Report) -> None:
        """The first report of a member counts; a resent one changes nothing."""
        self._reports.setdefault((match, episode), {}).setdefault(participant, report)
        self._of(match, episode)

    def _of(self, match: str, episode: int) -> Parity:
        known = self.parity.get((match, episode))
        if known is None:
            known = self.parity[match, episode] = Parity()
            insort(self._episodes.setdefault(match, []), episode)
        return known

    def stored_to(self, participant: str, match: str, episode: int) -> int:
        """Number of frames on disk without a gap from frame 0."""
        rows = self._rows.get((participant, match, episode))
        return rows.stored_to if rows else 0

    def tell_frames(self, participant: str, match: str, episode: int) -> int:
        """The number of frames on disk, remembered as said."""
        rows = self._rows.setdefault((participant, match, episode), _Rows())
        rows.told = rows.stored_to
        return rows.told

    def has_more_than_told(self, participant: str, match: str, episode: int) -> bool:
        """Whether frames came in after a number was said."""
        rows = self._rows.get((participant, match, episode))
        return rows is not None and rows.told is not None and rows.stored_to > rows.told

    def report(self, participant: str, match: str, episode: int) -> Report | None:
        return self._reports.get((match, episode), {}).get(participant)

    def scores_before(self, match: str, episode: int) -> dict[str, float]:
        """Agent → sum of the scores of the match's earlier episodes, each as its first reporter told it."""
        total: dict[str, float] = {}
        # Never over the numbers before `episode`, which somebody sent.
        for earlier in (known for known in self.episodes(match) if known < episode):
            for report in list(self._reports.get((match, earlier), {}).values())[:1]:
                for agent, score in report.scores.items():
                    total[agent] = total.get(agent, 0.0) + score
        return total

    def episodes(self, match: str) -> list[int]:
        """In order."""
        return list(self._episodes.get(match, ()))

    def is_whole(self, participant: str, match: str, episode: int) -> bool:
        """The member reported the end and every frame up to it is on disk."""
        report = self.report(participant, match, episode)
        return report is not None and self.stored_to(participant, match, episode) >= report.frames

    def chains_agree(self, match: str, episode: int, members: list[str]) -> bool:
        """All members are whole and report the same end. Frames and chain cover every row."""
        reports = [self.report(member, match, episode) for member in members]
        ends = {(report.frames, report.chain) if report else None for report in reports}
        return len(ends) == 1 and None not in ends

    def settle(self, match: str, episode: int, state: ParityState, frame: int | None, columns: tuple[str, ...]) -> bool:
        """Write a comparison's result; a difference once found stays. True when something changed."""
        known = self._of(match, episode)
        if known.state == "differs" or (known.state, known.frame) == (state, frame):
            return False
        known.state, known.frame, known.columns = state, frame, columns
        return True

    def stamp(self, match: str) -> str:
        """``"pending"``, ``"identical"`` or ``"differs at frame N"`` over all episodes of a match."""
        results = [self.parity[(match, episode)] for episode in self.episodes(match)]
        for episode, result in zip(self.episodes(match), results, strict=True):
            if result.state == "differs":
                frame = Told(" at frame {frame}", frame=result.frame) if result.frame is not None else ""
                which = Told(" of episode {episode}", episode=episode) if episode else ""
                return together(Told("differs"), frame, which, between="")
        if not results or any(result.state == "pending" for result in results):
            return "pending"
        return "identical"
