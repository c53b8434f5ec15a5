"""Measured latency between browsers: the facts."""

from dataclasses import dataclass, field
from statistics import median

from igym.protocol.client import Probe as ProbeReport

Pair = frozenset[str]


@dataclass(slots=True)
class PairProbe:
    """Two browsers measuring each other. ``initiator`` is player 0 of its signaling, the other player 1."""

    id: str
    initiator: str
    other: str
    reports: dict[str, ProbeReport] = field(default_factory=dict)

    @property
    def pair(self) -> Pair:
        return frozenset((self.initiator, self.other))

    @property
    def is_done(self) -> bool:
        return len(self.reports) == 2 or any(report.state == "failed" for report in self.reports.values())

    @property
    def rtt_ms(self) -> float | None:
        """Median over both ends' pings; None without a report from both."""
        if len(self.reports) < 2 or any(report.state == "failed" for report in self.reports.values()):
            return None
        pings = [ping for report in self.reports.values() for ping in report.rtt_ms]
        return median(pings) if pings else None


@dataclass(slots=True)
class Probe:
    """A group being measured before it may become a match. ``known`` holds what was measured not long ago."""

    id: str
    room: str
    members: list[str]
    relaxed: int
    known: dict[Pair, float]
    pairs: dict[str, PairProbe]
    measured: dict[Pair, float | None] = field(default_factory=dict)
    """All results, while a researcher's own matchmaker is asked for its verdict."""


class ProbeMemory:
    """What was measured between pairs, until it expires. A failed pair is remembered as None."""

    def __init__(self) -> None:
        self._results: dict[Pair, tuple[float | None, float]] = {}
        self._refused: dict[Pair, tuple[float, float]] = {}

    def remember(self, pair: Pair, rtt_ms: float | None, until: float) -> None:
        self._results[pair] = (rtt_ms, until)

    def refuse(self, pair: Pair, factor: float, until: float) -> None:
        """A custom matchmaker said no to this pair's measurement, with its limits loosened by `factor`."""
        self._refused[pair] = (factor, until)

    def refused_up_to(self, pair: Pair, now: float) -> float:
        """The loosest factor with which the pair was refused; 0 when it was not."""
        factor, until = self._refused.get(pair, (0.0, 0.0))
        return factor if until > now else 0.0

    def measured(self, pair: Pair, now: float) -> tuple[bool, float | None]:
        """(whether something is remembered, round trip in ms or None for a failure)."""
        rtt_ms, until = self._results.get(pair, (None, 0.0))
        return until > now, rtt_ms

    def of(self, participant: str, now: float) -> dict[str, float | None]:
        """Everything remembered about one person: the other person → round trip in ms, or None."""
        return {
            next(iter(pair - {participant})): rtt
            for pair, (rtt, until) in self._results.items()
            if participant in pair and until > now
        }

    def next_expiry(self, participant: str, now: float) -> float | None:
        ends = (until for pair, (_, until) in self._results.items() if participant in pair and until > now)
        return min(ends, default=None)

    def forget_expired(self, now: float) -> None:
        self._results = {pair: kept for pair, kept in self._results.items() if kept[1] > now}
        self._refused = {pair: kept for pair, kept in self._refused.items() if kept[1] > now}
