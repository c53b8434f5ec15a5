"""Drawings of a report as SVG within its page: the flow of participants, and bars."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import floor

from igym.host.languages import Voice
from igym.host.report.timing import Tenths, quantile
from igym.protocol.told import Told

WIDTH, LINE, PAD, GAP = 680, 16, 10, 26
LEFT, RIGHT, BETWEEN = 290, 350, 40
LETTERS = 54
"""As many fit into a line of a box beside the flow."""
BARS, TALL, BESIDE = 24, 90, 56
FEWEST_BARS = 8
"""Before the last one: a single value is no picture otherwise."""
LETTER, TICK_EVERY = 7, 90
TINY = 1e-9
"""A value that lies on an edge belongs above it, however it was rounded."""
Step = tuple[Sequence[str], Sequence[str]]
"""Lines of a box, and of the box beside the arrow that leads on from it (none: no box). One that begins with a space
belongs to the title above it."""


def flow_drawing(steps: Sequence[Step], label: str) -> str:
    """Boxes below each other; who leaves goes to the right."""
    parts: list[str] = []
    top = 1
    for number, (lines, beside) in enumerate(steps):
        height = _height(lines)
        parts.append(_box(0, top, LEFT, lines))
        bottom = top + height
        if number == len(steps) - 1:
            top = bottom + 1
            continue
        room = max(GAP * 2, _height(beside) + GAP if beside else 0)
        middle = bottom + room / 2
        parts.append(_arrow(LEFT / 2, bottom, LEFT / 2, bottom + room))
        if beside:
            parts.append(_arrow(LEFT / 2, middle, LEFT + BETWEEN, middle))
            parts.append(_box(LEFT + BETWEEN, middle - _height(beside) / 2, RIGHT - 1, beside))
        top = round(bottom + room)
    return _svg(top, label, "".join(parts))


def bars_drawing(values: Tenths, label: str, mark: float | None = None, voice: Voice | None = None) -> str:
    """How often which values (milliseconds) were there, up to the 99th percentile; what lies above is in the last bar.

    `mark`: a value that gets a line of its own. Empty without values.
    """
    voice = voice or Voice()
    most = quantile(values, 0.99)
    if most is None:
        return ""
    wide = _round_step((most - min(values)) / (BARS - 2))
    first = floor(min(values) / wide + TINY)
    counts = [0] * (max(floor(most / wide + TINY) - first + 1, FEWEST_BARS) + 1)
    for value, count in values.items():
        counts[min(floor(value / wide + TINY) - first, len(counts) - 1)] += count
    parts, step, base = _scale(voice.number(f"{max(counts):,}")), (WIDTH - BESIDE) / len(counts), TALL + 6
    edges = [round((first + number) * wide, 6) for number in range(len(counts))]
    named = [voice.number(f"{at:g}") for at in edges]
    above = voice.say(Told("{value} ms and above", value=named[-1]))
    for number, count in enumerate(counts):
        edge = above if number == len(counts) - 1 else f"{named[number]} ms"
        text = voice.say(Told("{what}: {count}", what=edge, count=count))
        tall = TALL * count / max(counts)
        parts.append(
            f'<rect x="{BESIDE + number * step + 1:.1f}" y="{base - tall:.1f}" width="{step - 2:.1f}" '
            f'height="{tall:.1f}" fill="#5b7fa6"><title>{escape(text)}</title></rect>'
        )
    if mark is not None and edges[0] <= mark <= edges[-1]:
        at = BESIDE + (mark / wide - first) * step
        parts.append(f'<path d="M{at:.1f} 2V{base}" stroke="#b3261e" stroke-dasharray="4 3"/>')
    room = WIDTH - LETTER * len(above)
    for number in range(0, len(counts), max(1, round(TICK_EVERY / step))):
        at = BESIDE + number * step
        if at + LETTER * 6 < room:
            parts.append(f'<path d="M{at:.1f} {base}v4" stroke="#333"/>')
            parts.append(_text(at, base + 17, named[number]))
    parts.append(f'<text x="{WIDTH}" y="{base + 17}" text-anchor="end">{escape(above)}</text>')
    return _svg(base + 24, label, "".join(parts))


def _round_step(least: float) -> float:
    """The next of 0.1, 0.2, 0.5, 1, 2, 5, …: edges of bars are numbers that a reader knows."""
    steps = (base * 10.0**power for power in range(-1, 9) for base in (1, 2, 5))
    return next(round(step, 1) for step in steps if step >= least)


def _scale(most: str) -> list[str]:
    """Nought and the highest count on the left."""
    base = TALL + 6
    return [
        f'<path d="M{BESIDE} {base}H{WIDTH}" stroke="#333" fill="none"/>',
        f'<path d="M{BESIDE} 6H{WIDTH}" stroke="#ddd" fill="none"/>',
        f'<text x="{BESIDE - 6}" y="10" text-anchor="end">{most}</text>',
        f'<text x="{BESIDE - 6}" y="{base}" text-anchor="end">0</text>',
    ]


def _svg(height: float, label: str, inside: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height + 1:.0f}" role="img" aria-label="{escape(label)}" '
        f'font-family="sans-serif" font-size="12" fill="#111">{inside}</svg>'
    )


def _height(lines: Sequence[str]) -> int:
    return len(lines) * LINE + 2 * PAD


def _box(x: float, y: float, width: float, lines: Sequence[str]) -> str:
    shape = f'<rect x="{x + 1:.1f}" y="{y:.1f}" width="{width - 2:.1f}" height="{_height(lines)}" rx="4" fill="#fff"'
    texts = []
    for number, line in enumerate(lines):
        text = line.lstrip()
        set_in = 12 if text != line else 0
        texts.append(_text(x + PAD + set_in, y + PAD + LINE * (number + 0.75), text, bold=not set_in))
    return f'{shape} stroke="#333"/>' + "".join(texts)


def _text(x: float, y: float, text: str, *, bold: bool = False) -> str:
    short = text if len(text) <= LETTERS else f"{text[: LETTERS - 1]}…"
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{weight}>{escape(short)}</text>'


def _arrow(x: float, y: float, to_x: float, to_y: float) -> str:
    head = (
        f"M{to_x - 4:.1f} {to_y - 7:.1f}L{to_x:.1f} {to_y:.1f}L{to_x + 4:.1f} {to_y - 7:.1f}"
        if x == to_x
        else f"M{to_x - 7:.1f} {to_y - 4:.1f}L{to_x:.1f} {to_y:.1f}L{to_x - 7:.1f} {to_y + 4:.1f}"
    )
    return f'<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}{head}" stroke="#333" fill="none"/>'
