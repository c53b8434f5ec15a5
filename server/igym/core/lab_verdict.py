"""What a lab check's measurements mean for one seat: go, warning or stop, each finding with its values."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from igym.core.screening import first_failure
from igym.core.user_agents import browser_version
from igym.experiment.participation import EntryScreening
from igym.protocol.client import Browser
from igym.protocol.lab import Finding, SeatMeasured, Verdict

SLOW_HOST_MS = 50.0
"""Median round trip to the host: beyond it a relayed game, and all answers, feel late. A wired lab has 1–3 ms."""
SLOW_PAIR_MS = 80.0
"""Median round trip between two seats: beyond it predictions are often corrected in sight."""
SLOW_DISPLAY_HZ = 50.0
STEP_SHARE_STOP = 0.8
"""Of the time between two frames: a step that takes longer leaves no room for anything else."""
STEP_SHARE_WARNING = 0.25
"""A correction replays several frames within one."""
_ORDER: dict[Verdict, int] = {"go": 0, "open": 1, "warning": 2, "stop": 3}


@dataclass(frozen=True)
class Wanted:
    """What the chosen experiment needs of a seat. ``fps`` is ``None`` without a game that runs in browsers."""

    title: str = ""
    scene: str | None = None
    fps: float | None = None
    players: int = 2
    screening: EntryScreening = field(default_factory=EntryScreening)

    @property
    def has_pairs(self) -> bool:
        """People play together, so their computers have to reach each other."""
        return self.players > 1


@dataclass(frozen=True)
class PairResult:
    """Between two seats: ``transport`` is how packets go, ``None`` when they do not; ``rtt_ms`` their median."""

    transport: str | None
    rtt_ms: float | None


@dataclass
class Seat:
    """One computer of the lab, as it was last measured."""

    label: str
    browser: Browser
    address: str
    here: bool = True
    step: str = ""
    """What its page measures now."""
    fraction: float | None = None
    measured: SeatMeasured | None = None
    rtts: list[float] = field(default_factory=list)
    pairs: dict[str, PairResult] = field(default_factory=dict)
    """Other seat → result; both seats of a pair hold the same."""

    @property
    def rtt_ms(self) -> float | None:
        return median(self.rtts) if self.rtts else None


def browser_words(browser: Browser) -> str:
    """Name and main version, such as ``Chrome 140``."""
    return browser_version(browser.user_agent)


def findings(seat: Seat, others: Sequence[Seat], wanted: Wanted, expected: int) -> list[Finding]:
    """Everything worth knowing, the worst first; empty when all is well or nothing is measured yet.

    ``expected``: pairs the seat takes part in. Whoever closes the page once everything is measured leaves a verdict.
    """
    found = [*_of_browser(seat, others, wanted), *_of_game(seat, wanted), *_of_network(seat)]
    if not seat.here and not is_measured(seat, expected):
        found.append(Finding(code="gone", level="stop"))
    return sorted(found, key=lambda finding: -_ORDER[finding.level])


def verdict(seat: Seat, found: Iterable[Finding], expected: int) -> Verdict:
    """``open`` until everything is measured; a stop is told at once. ``expected``: pairs the seat takes part in."""
    worst: Verdict = max((finding.level for finding in found), key=_ORDER.__getitem__, default="go")
    if worst == "stop":
        return worst
    return worst if is_measured(seat, expected) else "open"


def is_measured(seat: Seat, expected: int) -> bool:
    """Whether nothing is left to be measured of it."""
    return seat.measured is not None and len(seat.pairs) >= expected and seat.rtt_ms is not None


def _of_browser(seat: Seat, others: Sequence[Seat], wanted: Wanted) -> list[Finding]:
    found = []
    failed = first_failure(wanted.screening, seat.browser)
    if failed:
        found.append(Finding(code="screened_out", level="stop", values={"why": failed}))
    usual = _usual_browser([seat, *others])
    if usual and browser_words(seat.browser) != usual:
        found.append(Finding(code="other_browser", level="warning", values={"usual": usual}))
    measured = seat.measured
    if measured is None:
        return found
    if not measured.wasm:
        found.append(Finding(code="no_wasm", level="stop"))
    if not measured.webrtc and wanted.has_pairs:
        found.append(Finding(code="no_webrtc", level="warning"))
    if not measured.in_front or measured.refresh_hz is None:
        found.append(Finding(code="not_in_front", level="warning"))
    elif measured.refresh_hz < min(SLOW_DISPLAY_HZ, wanted.fps or SLOW_DISPLAY_HZ):
        found.append(Finding(code="slow_display", level="warning", values={"hz": round(measured.refresh_hz)}))
    return found


def _usual_browser(seats: Sequence[Seat]) -> str | None:
    """What most seats use; None when no browser has a majority of at least three seats."""
    name, count = Counter(browser_words(seat.browser) for seat in seats).most_common(1)[0]
    return name if len(seats) >= 3 and count * 2 > len(seats) else None


def _of_game(seat: Seat, wanted: Wanted) -> list[Finding]:
    game = seat.measured.game if seat.measured else None
    if game is None or wanted.fps is None:
        return []
    if game.problem:
        return [Finding(code="game_failed", level="stop", values={"why": game.problem[:500]})]
    if game.step_ms is None:
        return []
    frame_ms = 1000 / wanted.fps
    values: dict[str, str | float | None] = {"step_ms": round(game.step_ms, 1), "frame_ms": round(frame_ms, 1)}
    if game.step_ms > frame_ms * STEP_SHARE_STOP:
        return [Finding(code="step_too_slow", level="stop", values=values)]
    if game.step_ms > frame_ms * STEP_SHARE_WARNING and wanted.has_pairs:
        return [Finding(code="step_slow", level="warning", values=values)]
    return []


def _of_network(seat: Seat) -> list[Finding]:
    found = []
    if seat.rtt_ms is not None and seat.rtt_ms > SLOW_HOST_MS:
        found.append(Finding(code="slow_host", level="warning", values={"rtt_ms": round(seat.rtt_ms)}))
    cut = sorted(other for other, pair in seat.pairs.items() if pair.transport is None)
    relayed = sorted(other for other, pair in seat.pairs.items() if pair.transport in ("relay", "turn"))
    slow = sorted(other for other, pair in seat.pairs.items() if (pair.rtt_ms or 0) > SLOW_PAIR_MS)
    for code, level, seats in (
        ("no_pair", "stop", cut),
        ("relayed", "warning", relayed),
        ("slow_pair", "warning", slow),
    ):
        if seats:
            values = {"seats": ", ".join(seats)[:480], "count": len(seats)}
            found.append(Finding.model_validate({"code": code, "level": level, "values": values}))
    return found
