"""Drawings of a report as SVG within its page: the flow of participants, and bars."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from igym.host.report.timing import Tenths, quantile

WIDTH, LINE, PAD, GAP = 680, 16, 10, 26
LEFT, RIGHT, BETWEEN = 290, 350, 40
LETTERS = 54
"""As many fit into a line of a box beside the flow."""
BARS, TALL = 24, 90
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


def bars_drawing(values: Tenths, label: str, unit: str = "ms", mark: float | None = None) -> str:
    """How often which values were there, up to the 99th percentile; what lies above is in the last bar.

    `mark`: a value that gets a line of its own. Empty without values.
    """
    most = quantile(values, 0.99)
    if most is None:
        return ""
    low, wide = min(values), max((most - min(values)) / (BARS - 1), 0.1)
    counts = [0] * BARS
    for value, count in values.items():
        counts[min(int((value - low) / wide), BARS - 1)] += count
    step, base = WIDTH / BARS, TALL + 4
    parts = []
    for number, count in enumerate(counts):
        tall = TALL * count / max(counts)
        text = f"{low + number * wide:.1f} {unit}: {count}" if number < BARS - 1 else f"above: {count}"
        parts.append(
            f'<rect x="{number * step + 1:.1f}" y="{base - tall:.1f}" width="{step - 2:.1f}" height="{tall:.1f}" '
            f'fill="#5b7fa6"><title>{escape(text)}</title></rect>'
        )
    parts.append(f'<path d="M0 {base}H{WIDTH}" stroke="#333" fill="none"/>')
    if mark is not None and low <= mark <= low + wide * BARS:
        at = (mark - low) / wide * step
        parts.append(f'<path d="M{at:.1f} 2V{base}" stroke="#b3261e" stroke-dasharray="4 3"/>')
    for number in range(0, BARS, 6):
        parts.append(_text(number * step, base + 15, f"{low + number * wide:.1f}"))
    above = low + wide * (BARS - 1)
    parts.append(f'<text x="{WIDTH}" y="{base + 15}" text-anchor="end">{above:.1f} {escape(unit)} and above</text>')
    return _svg(base + 22, label, "".join(parts))


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
