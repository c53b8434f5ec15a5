"""The HTML that can be edited as text with formats: paragraphs, headings, lists, emphasis, links, pictures."""

from __future__ import annotations

from html.parser import HTMLParser

ATTRIBUTES: dict[str, frozenset[str]] = {
    "a": frozenset({"href"}),
    "img": frozenset({"src", "alt"}),
}
TAGS = frozenset(
    {"p", "br", "h1", "h2", "h3", "h4", "strong", "b", "em", "i", "u", "ul", "ol", "li", "a", "img"}
)  # fmt: skip


def is_plain(html: str) -> bool:
    """Whether nothing would be lost: no scripts, styles, frames, tables, classes, comments."""
    reader = _Reader()
    try:
        reader.feed(html)
        reader.close()
    except (AssertionError, ValueError):
        return False
    return not reader.odd and not reader.open


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.odd = False
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attributes}
        self.odd |= tag not in TAGS or not names <= ATTRIBUTES.get(tag, frozenset())
        if tag not in ("br", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        self.odd |= tag not in ("br", "img")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.odd = True

    def handle_comment(self, data: str) -> None:
        self.odd = True

    def handle_decl(self, decl: str) -> None:
        self.odd = True

    def handle_pi(self, data: str) -> None:
        self.odd = True

    def unknown_decl(self, data: str) -> None:
        self.odd = True
