"""The lab check: which seats are there, what they measured, and which two are to measure the way between them next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from statistics import median
from typing import Any

from igym.core.lab_verdict import PairResult, Seat, Wanted, browser_words, findings, verdict
from igym.protocol.client import Browser
from igym.protocol.lab import Finding, PairMeasured, SeatMeasured, SeatProgress, Verdict

PAIR_LIMIT_S = 25.0
"""A pair of which one end stays silent for so long is not connected."""
AT_ONCE = 8
"""Pairs measured at the same time: few enough that they do not slow each other down."""
RTTS_KEPT = 15


@dataclass
class RunningPair:
    """Two seats that are measuring the way between them; ``first`` makes the offer."""

    id: str
    first: str
    second: str
    deadline: float
    reports: dict[str, PairMeasured] = field(default_factory=dict)

    def other(self, seat: str) -> str:
        return self.second if seat == self.first else self.first


class LabCheck:
    """Seats by label. All times are seconds of one clock."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.seats: dict[str, Seat] = {}
        self.running: dict[str, RunningPair] = {}
        self._count = 0

    def hello(self, label: str, browser: Browser, address: str) -> None:
        """A seat's page is there (again): what it measured before counts no more."""
        self._give_up(label)
        self.seats[label] = Seat(label, browser, address)
        self._forget_pairs(label)

    def gone(self, label: str) -> None:
        """The seat's page was closed; what it measured stays readable."""
        self._give_up(label)
        if label in self.seats:
            self.seats[label].here = False

    def forget(self, label: str) -> None:
        """The seat is no part of the lab."""
        self._give_up(label)
        self._forget_pairs(label)
        self.seats.pop(label, None)

    def progress(self, label: str, message: SeatProgress) -> None:
        seat = self.seats[label]
        seat.step = message.step
        seat.fraction = min(1.0, message.loaded / message.total) if message.total else None

    def measured(self, label: str, message: SeatMeasured) -> None:
        """Round trips from here on count: before, the browser was busy loading."""
        seat = self.seats[label]
        seat.measured, seat.step, seat.fraction, seat.rtts = message, "", None, []

    def rtt(self, label: str, rtt_ms: float) -> None:
        seat = self.seats.get(label)
        if seat is not None:
            seat.rtts = [*seat.rtts[-(RTTS_KEPT - 1) :], rtt_ms]

    def again(self) -> list[str]:
        """Everything is measured anew; gives the seats that are there, and forgets the others."""
        self.running.clear()
        for label in [seat.label for seat in self.seats.values() if not seat.here]:
            del self.seats[label]
        for seat in self.seats.values():
            seat.measured, seat.step, seat.fraction, seat.rtts, seat.pairs = None, "", None, [], {}
        return list(self.seats)

    def pair_of(self, label: str) -> RunningPair | None:
        """The pair this seat is measuring now."""
        return next((pair for pair in self.running.values() if label in (pair.first, pair.second)), None)

    def reported(self, label: str, message: PairMeasured) -> bool:
        """One end's result; False when this seat has no such pair."""
        pair = self.running.get(message.pair)
        if pair is None or label not in (pair.first, pair.second):
            return False
        pair.reports[label] = message
        if len(pair.reports) == 2:
            self._finish(pair)
        return True

    def next_pairs(self, now: float) -> list[RunningPair]:
        """Gives up pairs that are overdue, and starts as many as may run: no seat is in two at once."""
        for pair in [pair for pair in self.running.values() if pair.deadline <= now]:
            self._finish(pair)
        started = []
        for first, second in self._open_pairs():
            if len(self.running) >= AT_ONCE:
                break
            if self.pair_of(first) or self.pair_of(second):
                continue
            self._count += 1
            pair = RunningPair(f"pair{self._count}", first, second, now + PAIR_LIMIT_S)
            self.running[pair.id] = pair
            started.append(pair)
        return started

    def expected_pairs(self, label: str) -> int:
        """How many other seats this one is to be measured with."""
        if not self.wanted.has_pairs:
            return 0
        others = {seat.label for seat in self.seats.values() if seat.here and seat.label != label}
        return len(others | set(self.seats[label].pairs))

    def judged(self, label: str) -> tuple[Verdict, list[Finding]]:
        """What the measurements of one seat mean so far."""
        seat = self.seats[label]
        expected = self.expected_pairs(label)
        found = findings(seat, [other for other in self.seats.values() if other is not seat], self.wanted, expected)
        return verdict(seat, found, expected), found

    @property
    def is_complete(self) -> bool:
        """There are seats, and none is still being measured."""
        return bool(self.seats) and all(self.judged(label)[0] != "open" for label in self.seats)

    def to_json(self) -> dict[str, Any]:
        """``{title, scene, fps, players, complete, seats: […], pairs: [{a, b, transport, rtt_ms}]}``."""
        return {
            "title": self.wanted.title,
            "scene": self.wanted.scene,
            "fps": self.wanted.fps,
            "players": self.wanted.players,
            "complete": self.is_complete,
            "seats": [self._row(seat) for seat in self.seats.values()],
            "pairs": [
                {"a": a.label, "b": b.label, "transport": result.transport, "rtt_ms": _rounded(result.rtt_ms)}
                for a, b in combinations(self.seats.values(), 2)
                if (result := a.pairs.get(b.label)) is not None
            ],
        }

    def _row(self, seat: Seat) -> dict[str, Any]:
        judged, found = self.judged(seat.label)
        measured, game = seat.measured, seat.measured.game if seat.measured else None
        return {
            "seat": seat.label,
            "verdict": judged,
            "findings": [finding.model_dump(mode="json") for finding in found],
            "here": seat.here,
            "address": seat.address,
            "browser": browser_words(seat.browser),
            "user_agent": seat.browser.user_agent,
            "screen_width": seat.browser.screen_width,
            "screen_height": seat.browser.screen_height,
            "pixel_ratio": seat.browser.pixel_ratio,
            "hardware_threads": seat.browser.hardware_threads,
            "refresh_hz": _rounded(measured.refresh_hz) if measured else None,
            "load_ms": _rounded(game.load_ms) if game else None,
            "step_ms": _rounded(game.step_ms) if game else None,
            "rtt_ms": _rounded(seat.rtt_ms),
            "pairs_done": len(seat.pairs),
            "pairs": self.expected_pairs(seat.label),
            "step": seat.step,
            "fraction": seat.fraction,
        }

    def _open_pairs(self) -> Iterator[tuple[str, str]]:
        """Seats with the fewest results first, so that a late seat catches up."""
        if not self.wanted.has_pairs:
            return
        ready = [seat for seat in self.seats.values() if seat.here and seat.measured is not None]
        ready.sort(key=lambda seat: len(seat.pairs))
        for a, b in combinations(ready, 2):
            if b.label not in a.pairs:
                yield a.label, b.label

    def _finish(self, pair: RunningPair) -> None:
        del self.running[pair.id]
        result = _agreed(list(pair.reports.values()))
        for label in (pair.first, pair.second):
            if label in self.seats:
                self.seats[label].pairs[pair.other(label)] = result

    def _give_up(self, label: str) -> None:
        pair = self.pair_of(label)
        if pair is not None:
            del self.running[pair.id]

    def _forget_pairs(self, label: str) -> None:
        for seat in self.seats.values():
            seat.pairs.pop(label, None)


def _agreed(reports: list[PairMeasured]) -> PairResult:
    """Packets have to go both ways; a way that one end calls relayed is relayed."""
    if len(reports) < 2 or any(report.state == "failed" for report in reports):
        return PairResult(None, None)
    used = {report.transport for report in reports}
    transport = next(way for way in ("relay", "turn", "p2p") if way in used or way == "p2p")
    rtts = [rtt for report in reports for rtt in report.rtt_ms]
    return PairResult(transport, median(rtts) if rtts else None)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
