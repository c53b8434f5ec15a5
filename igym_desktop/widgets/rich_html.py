"""A text document as short, clean HTML: what Qt writes by itself is full of its own styles."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import cast

from PySide6.QtGui import QFont, QTextBlock, QTextCharFormat, QTextDocument, QTextFragment, QTextList, QTextListFormat

_NUMBERED = (
    QTextListFormat.Style.ListDecimal,
    QTextListFormat.Style.ListLowerAlpha,
    QTextListFormat.Style.ListUpperAlpha,
    QTextListFormat.Style.ListLowerRoman,
    QTextListFormat.Style.ListUpperRoman,
)
LINE = "\u2028"
OBJECT = "\ufffc"


def html_of(document: QTextDocument) -> str:
    """Paragraphs one below the other; empty ones are left out."""
    parts: list[str] = []
    open_lists: list[str] = []
    for block in _blocks(document):
        inner = _inner(block)
        wanted = _list_of(block)
        if not inner and not wanted:
            continue
        parts += _nest(open_lists, wanted)
        level = block.blockFormat().headingLevel()
        if wanted:
            parts.append(f"<li>{inner}")
        else:
            tag = f"h{min(level, 4)}" if level else "p"
            parts.append(f"<{tag}>{inner}</{tag}>\n")
    parts += _nest(open_lists, [])
    return "".join(parts).strip()


def _blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def _list_of(block: QTextBlock) -> list[str]:
    """The lists a block stands in, from the outside in."""
    # None outside a list, whatever the type hints say.
    found = cast("QTextList | None", block.textList())
    if found is None:
        return []
    shape = found.format()
    tag = "ol" if shape.style() in _NUMBERED else "ul"
    return ["ul"] * (max(shape.indent(), 1) - 1) + [tag]


def _nest(open_lists: list[str], wanted: list[str]) -> list[str]:
    """Closes and opens lists until the next entry can begin; `open_lists` follows."""
    parts = []
    while len(open_lists) > len(wanted) or (open_lists and open_lists[-1] != wanted[len(open_lists) - 1]):
        parts.append(f"</li></{open_lists.pop()}>" + ("" if open_lists else "\n"))
    if wanted and len(open_lists) == len(wanted):
        parts.append("</li>")
    for tag in wanted[len(open_lists) :]:
        parts.append(f"<{tag}>" + ("<li>" if len(open_lists) + 1 < len(wanted) else ""))
        open_lists.append(tag)
    return parts


def _inner(block: QTextBlock) -> str:
    heading = bool(block.blockFormat().headingLevel())
    runs = [(_marks(shape, heading=heading), text) for shape, text in _pieces(block)]
    found = ""
    for (before, after), group in groupby(runs, key=lambda run: run[0]):
        found += before + "".join(text for _, text in group) + after
    return found.strip()


def _pieces(block: QTextBlock) -> Iterator[tuple[QTextCharFormat, str]]:
    iterator = block.begin()
    while not iterator.atEnd():
        fragment = iterator.fragment()
        if fragment.isValid():
            yield fragment.charFormat(), _text(fragment)
        iterator += 1


def _text(fragment: QTextFragment) -> str:
    shape = fragment.charFormat()
    if shape.isImageFormat():
        image = shape.toImageFormat()
        alt = str(image.property(QTextCharFormat.Property.ImageAltText) or "")
        one = f'<img src="{escape(image.name())}" alt="{escape(alt)}">'
        return one * fragment.text().count(OBJECT)
    # Signs that only Qt knows must not reach a page.
    return escape(fragment.text(), quote=False).replace(LINE, "<br>").replace(OBJECT, "").replace("\xa0", "&nbsp;")


def _marks(shape: QTextCharFormat, *, heading: bool) -> tuple[str, str]:
    """What stands before and after a run; headings are bold by themselves, links underlined."""
    link = shape.anchorHref()
    before, after = "", ""
    for tag, on in (
        ("strong", shape.fontWeight() >= QFont.Weight.DemiBold and not heading),
        ("em", shape.fontItalic()),
        ("u", shape.fontUnderline() and not link),
    ):
        if on:
            before, after = f"{before}<{tag}>", f"</{tag}>{after}"
    return (f'<a href="{escape(link)}">{before}', f"{after}</a>") if link else (before, after)
