"""Who agreed to what, as the session recorded it, to be shown and printed: the receipt on the researcher's side."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from igym.host.export.people import people_of
from igym.host.export.selection import Selection, kind_of
from igym.host.store.store_reader import StoreReader
from igym_desktop.flow.paper_html import Papers, grid, page, pairs, shown
from igym_desktop.flow.sessions import DATABASE, StoredSession
from igym_desktop.i18n import tr

_BLOCKS = frozenset(
    {
        "address", "blockquote", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
        "pre", "section", "table", "tr", "ul",
    }
)  # fmt: skip
_WITHIN = frozenset(
    {
        "a", "abbr", "b", "br", "caption", "cite", "code", "col", "colgroup", "em", "figcaption", "figure", "font", "i",
        "img", "kbd", "label", "mark", "q", "s", "small", "span", "strong", "sub", "sup", "tbody", "td", "tfoot", "th",
        "thead", "u",
    }
)  # fmt: skip
_UNREAD = frozenset({"script", "style", "head", "template"})


@dataclass(frozen=True)
class Consent:
    """One box of one sent page. `text` is byte for byte what has the hash; `at` is in unix seconds."""

    participant: str
    label: str
    field: str
    version: str
    given: bool
    language: str
    at: float
    text_hash: str
    text: str


def read_consents(folder: Path, session: str) -> list[Consent]:
    """In the order in which they came; not for the Qt thread."""
    with StoreReader(folder / DATABASE) as everyone:
        reader = Selection(everyone, kind_of(everyone, session))
        people = people_of(reader, session)
        records = list(reader.records(session, kinds=("consent_text", "consent")))
    texts = {record.body["text_hash"]: record.body["text"] for record in records if record.body.get("text") is not None}
    found = []
    for record in records:
        if record.kind == "consent":
            body, who = record.body, str(record.participant)
            found.append(
                Consent(
                    participant=who,
                    label=str((people[who].label if who in people else None) or who),
                    field=str(body["field"]),
                    version=str(body.get("version") or ""),
                    given=body.get("given") is True,
                    language=str(body.get("language") or ""),
                    at=record.at,
                    text_hash=str(body["text_hash"]),
                    text=str(texts.get(body["text_hash"], "")),
                )
            )
    return found


def consent_papers(session: StoredSession, consents: Sequence[Consent]) -> Papers:
    """A receipt for each person: what the box said, when it was ticked or left, and the text it belongs to."""
    by_person: dict[str, list[Consent]] = {}
    for consent in consents:
        by_person.setdefault(consent.participant, []).append(consent)
    parts = [_receipt(session, own) for own in by_person.values()]
    # A sheet for each person, to be kept or handed out.
    body = "".join(
        part if number == 0 else f'<div style="page-break-before:always">{part}</div>'
        for number, part in enumerate(parts)
    )
    return Papers(tr("Consent: {name}", name=session.shown_name), page(body))


def _receipt(session: StoredSession, own: Sequence[Consent]) -> str:
    lines = [(tr("Study"), session.title), (tr("Session"), session.id), (tr("Participant"), own[0].label)]
    if own[0].label != own[0].participant:
        lines.append((tr("Participant's id"), own[0].participant))
    head = (tr("Box"), tr("Version"), tr("Agreed"), tr("When"))
    boxes = [(one.field, one.version or "–", tr("yes") if one.given else tr("no"), _when(one.at)) for one in own]
    return f"<h1>{shown(tr('Consent'))}</h1>{pairs(lines)}{grid(head, boxes)}{_texts(own)}"


def _texts(own: Iterable[Consent]) -> str:
    parts = []
    for one in own:
        said = readable(one.text).split("\n") if one.text else [tr("The text was erased.")]
        words = "".join(f"<p>{shown(line)}</p>" for line in said if line)
        caption = tr("What “{box}” stands for", box=one.field)
        parts.append(f'<h3>{shown(caption)}</h3>{words}<p style="font-size:7pt">SHA-256 {shown(one.text_hash)}</p>')
    return "".join(parts)


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def readable(html: str) -> str:
    """The words of a page, a line for each of its paragraphs, headings and items."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line.strip("• "))


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._unread += tag in _UNREAD
        if tag not in _BLOCKS | _WITHIN | _UNREAD:
            self.parts.append(self.get_starttag_text() or "")  # a label is no HTML: "<" is a letter there
        elif tag in _BLOCKS or tag == "br":
            self.parts.append("\n• " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        self._unread = max(0, self._unread - (tag in _UNREAD))
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.parts.append(data)
