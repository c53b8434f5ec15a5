"""What is printed, as HTML: the report of a session, receipts, a list to sign, an invitation, links for seats."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from igym.host.export.payments import Payment
from igym.host.report.records import FilesOnDisk, files_on_disk
from igym_desktop.flow.natural import natural
from igym_desktop.flow.paper_html import Papers, grid, page, pairs, shown
from igym_desktop.flow.session_facts import SessionFacts
from igym_desktop.flow.sessions import StoredSession
from igym_desktop.flow.stored_jobs import table_words
from igym_desktop.flow.words import duration_text, kind_words, size_text, state_words
from igym_desktop.i18n import number, plural, said, tr

QR = "qr:"
"""Address of a picture that stands for the QR code of what follows."""
CODES_A_PAGE = 9
MOST_SEATS = 400
_RANGE = re.compile(r"(.*?)(\d+)\s*[-–]\s*(.*?)(\d+)")


def read_files(session: StoredSession) -> FilesOnDisk:
    """Not for the Qt thread: it reads and hashes."""
    return files_on_disk(session.folder, session.kind)


def report(
    session: StoredSession, facts: SessionFacts, files: FilesOnDisk, others: Iterable[StoredSession] = ()
) -> Papers:
    """Of one session; `others` are all sessions of the study, this one included."""
    parts = [
        _heading(session),
        _people_part(session),
        _payment_part(facts.payments),
        _record_part(session, facts, files),
        _next_part(session, list(others)),
    ]
    return Papers(tr("Report: {name}", name=session.shown_name), page("".join(parts)))


def receipts(session: StoredSession, payments: Sequence[Payment]) -> Papers:
    """One to cut off for each person."""
    when = time.strftime("%Y-%m-%d", time.localtime(session.started_at))
    parts = [
        f"<h2>{shown(tr('Receipt'))}</h2>"
        + pairs(
            [
                (tr("Study"), session.title),
                (tr("Day"), when),
                (tr("Participant"), payment.label),
                (tr("Amount"), _money(payment)),
                (tr("For"), "; ".join(payment.reasons)),
            ]
        )
        + f"<p>{shown(tr('I have received this amount.'))}</p><p>&nbsp;</p>"
        + f"<p>{_line()} &nbsp; {_line()}<br>{shown(tr('Day, signature'))}</p><hr>"
        for payment in payments
    ]
    return Papers(tr("Receipts: {name}", name=session.shown_name), page("".join(parts)))


def signature_list(session: StoredSession, payments: Sequence[Payment]) -> Papers:
    """Names are not in the data: there is room to write them."""
    head = (tr("Participant"), tr("Amount"), tr("Name"), tr("Signature"))
    lines = [(payment.label, _money(payment), "", "") for payment in payments]
    title = tr("List to sign: {name}", name=session.shown_name)
    return Papers(title, page(_heading(session) + grid(head, lines, roomy=True, widths=(20, 20, 26, 34))))


def plain(title: str, text: str) -> Papers:
    """A text as it stands, line by line."""
    lines = "".join(f"<p>{shown(line) or '&nbsp;'}</p>" for line in text.split("\n"))
    return Papers(title, page(f"<h1>{shown(title)}</h1>{lines}"))


def invitation(title: str, url: str) -> Papers:
    """To hang up: the address in large type with its code."""
    body = (
        f'<div align="center"><h1>{shown(title)}</h1>'
        f"<p>{shown(tr('Open this address in your browser, or scan the code.'))}</p>"
        f'<p style="font-size:20pt"><b>{shown(url)}</b></p>'
        f'<p><img src="{QR}{escape(url)}" width="320" height="320"></p></div>'
    )
    return Papers(tr("Invitation"), page(body))


def seat_url(url: str, seat: str) -> str:
    """Where a seat's computer begins."""
    return f"{url.rstrip('/')}/seat/{quote(seat, safe='')}"


def seat_links(title: str, url: str, seats: Sequence[str]) -> Papers:
    """One cell for each seat: its label, its link, its code."""
    return Papers(tr("Links for seats"), _link_cells(title, [(seat, seat_url(url, seat)) for seat in seats]))


def personal_links(title: str, links: Sequence[tuple[str, str]]) -> Papers:
    """The same for each person; to be cut apart."""
    return Papers(tr("Personal links"), _link_cells(title, links))


def _link_cells(title: str, links: Sequence[tuple[str, str]]) -> str:
    cells = [
        f'<td align="center" width="33%"><h2 align="center">{shown(name)}</h2>'
        f'<p align="center"><img src="{QR}{escape(link)}" width="130" height="130"></p>'
        f'<p style="font-size:7pt">{shown(link)}</p></td>'
        for name, link in links
    ]
    pages = []
    for first in range(0, len(cells), CODES_A_PAGE):
        # A page of its own for each nine: a name must not be parted from its code where the paper ends.
        here = cells[first : first + CODES_A_PAGE]
        rows = "".join(f"<tr>{''.join(here[at : at + 3])}</tr>" for at in range(0, len(here), 3))
        breaks = ' style="page-break-before:always"' if first else ""
        pages.append(f'<h1{breaks}>{shown(title)}</h1><table width="100%" cellpadding="8">{rows}</table>')
    return page("".join(pages))


def write_shortcuts(folder: Path, url: str, seats: Sequence[str]) -> list[Path]:
    """A `.url` file for each seat, to be put on its desktop under Windows; raises `OSError`."""
    written = []
    for seat in seats:
        name = "".join(letter if letter.isalnum() or letter in " -_." else "_" for letter in seat).strip(" .") or "seat"
        file = folder / f"{name}.url"
        file.write_bytes(f"[InternetShortcut]\r\nURL={seat_url(url, seat)}\r\n".encode())
        written.append(file)
    return written


def seats_of(text: str, most: int = MOST_SEATS) -> list[str]:
    """`PC01-PC20, guest` → every seat; raises `ValueError` with a text for a person."""
    found: list[str] = []
    for part in (part.strip() for part in re.split(r"[,;\n]", text)):
        match = _RANGE.fullmatch(part)
        if match and (not match[3] or match[3] == match[1]) and int(match[2]) <= int(match[4]):
            if int(match[4]) - int(match[2]) >= most:
                raise ValueError(tr("At most {count} at once.", count=most))
            found += [f"{match[1]}{number:0{len(match[2])}d}" for number in range(int(match[2]), int(match[4]) + 1)]
        elif part:
            found.append(part)
    return list(dict.fromkeys(found))[:most]


def _heading(session: StoredSession) -> str:
    started = time.strftime("%Y-%m-%d %H:%M", time.localtime(session.started_at))
    lasted = duration_text(session.ended_at - session.started_at) if session.ended_at else tr("not ended yet")
    lines = [
        (tr("Session"), session.id),
        (tr("Started"), f"{started} ({lasted})"),
        (tr("For"), kind_words(session.kind) or tr("Study")),
        (tr("Profile"), session.profile or tr("no profile")),
        *([(tr("Note"), session.note)] if session.note else []),
    ]
    return f"<h1>{shown(session.shown_name)}</h1>{pairs(lines)}"


def _people_part(session: StoredSession) -> str:
    counts = [(state_words(name).text, str(count)) for name, count in session.outcomes().most_common()]
    rest = [person for person in session.people if person.status != "finished"]
    lines = [
        (
            str(person.label or person.id), state_words(person.status).text, _place(person),
            said(str(person.reason or "")),
        )
        for person in sorted(rest, key=lambda person: natural(str(person.label or person.id)))
    ]  # fmt: skip
    total = plural(len(session.people), "{n} participant", "{n} participants")
    body = f"<h2>{shown(tr('Who took part'))}</h2><p>{shown(total)}</p>{pairs(counts)}"
    if not lines:
        return body + (f"<p>{shown(tr('Everyone has finished.'))}</p>" if session.people else "")
    head = (tr("Participant"), tr("State"), tr("Where"), tr("Reason"))
    return f"{body}<h2>{shown(tr('Who did not finish, and where'))}</h2>{grid(head, lines)}"


def _place(person: object) -> str:
    scene = str(getattr(person, "last_scene", None) or "")
    episode = getattr(person, "last_episode", None)
    if not scene:
        return tr("before the first page")
    return tr("{scene}, episode {episode}", scene=scene, episode=episode + 1) if episode is not None else scene


def _payment_part(payments: Sequence[Payment]) -> str:
    if not payments:
        return f"<h2>{shown(tr('Payments'))}</h2><p>{shown(tr('None.'))}</p>"
    sums: dict[str, float] = {}
    for payment in payments:
        sums[payment.currency] = sums.get(payment.currency, 0.0) + payment.amount
    total = ", ".join(f"{number(f'{amount:.2f}')} {currency}".strip() for currency, amount in sorted(sums.items()))
    head = (tr("Participant"), tr("Amount"), tr("For"))
    lines = [(payment.label, _money(payment), "; ".join(payment.reasons)) for payment in payments]
    return f"<h2>{shown(tr('Payments'))}</h2><p><b>{shown(total)}</b></p>{grid(head, lines)}"


def _record_part(session: StoredSession, facts: SessionFacts, files: FilesOnDisk) -> str:
    checked = facts.tables
    agree = table_words(bool(checked.get("ok")), int(checked.get("counts") or 0)) if checked else tr("not checked yet")
    lines = [
        (tr("Folder"), str(session.folder)),
        (tr("Files"), str(files.files)),
        (tr("SHA-256 of manifest.json, which lists them all"), files.list_hash or tr("nothing was exported yet")),
        (tr("Code of the log"), facts.code or tr("Recorded before the chain.")),
        (tr("Tables"), agree),
        (tr("Players' recordings"), session.parity_text or tr("none")),
        (tr("Newest backup"), files.backup or tr("none yet: “Back up now” on the Data page makes one")),
    ]
    head = (tr("Table"), tr("Size"), "SHA-256")
    tables = [(name, size_text(size), digest) for name, size, digest in files.tables]
    return f"<h2>{shown(tr('Records'))}</h2>{pairs(lines)}" + (grid(head, tables, small=True) if tables else "")


def _next_part(session: StoredSession, others: Sequence[StoredSession]) -> str:
    alike = [other for other in others if other.experiment_id == session.experiment_id and other.kind == session.kind]
    finished = sum(other.finished for other in alike)
    told = [
        tr(
            "Sessions like this one so far: {sessions}. People who finished in them: {people}.",
            sessions=len(alike),
            people=finished,
        ),
        tr("Conditions go on being balanced over all of them. Write the code of the log into your paper log."),
    ]
    return f"<h2>{shown(tr('Next session'))}</h2>" + "".join(f"<p>{shown(line)}</p>" for line in told)


def _money(payment: Payment) -> str:
    return f"{number(f'{payment.amount:.2f}')} {payment.currency}".strip()


def _line() -> str:
    return "_" * 24
