"""The pieces that papers are made of: pairs of name and value, tables, the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

LONG = 48
"""Letters, from which on a value is written small."""


@dataclass(frozen=True)
class Papers:
    """`html` for `QTextDocument`, `title` for the window and the file."""

    title: str
    html: str


def shown(text: object) -> str:
    """As text, whatever is in it."""
    return escape(str(text))


def pairs(lines: Iterable[tuple[str, str]]) -> str:
    """A name and its value a line."""

    def small(value: str) -> str:
        # A hash or a long path must not be wider than the paper.
        return ' style="font-size:7pt"' if len(value) > LONG else ""

    rows = "".join(
        f"<tr><td><b>{shown(name)}</b></td><td{small(value)}>{shown(value)}</td></tr>" for name, value in lines
    )
    return f'<table cellpadding="3">{rows}</table>'


def grid(
    head: Sequence[str],
    lines: Iterable[Sequence[str]],
    *,
    roomy: bool = False,
    small: bool = False,
    widths: Sequence[int] = (),
) -> str:
    """A table with lines around its cells; `roomy` leaves room to write in, `widths` are in per cent."""
    shares = [f' width="{share}%"' for share in widths] or [""] * len(head)
    top = "".join(f'<th align="left"{share}>{shown(title)}</th>' for title, share in zip(head, shares, strict=True))
    size = ' style="font-size:7pt"' if small else ""
    rows = "".join(
        "<tr>" + "".join(f"<td{size}>{shown(cell) or '&nbsp;'}</td>" for cell in line) + "</tr>" for line in lines
    )
    padding = 12 if roomy else 4
    return f'<table border="1" cellspacing="0" cellpadding="{padding}" width="100%"><tr>{top}</tr>{rows}</table>'


def page(body: str) -> str:
    """The whole document."""
    return f'<html><body style="font-family:sans-serif; font-size:10pt; color:#000000">{body}</body></html>'
