"""Where reports lie when nobody says where, and the report of one session as a format of the export."""

from __future__ import annotations

import re
import time
from pathlib import Path

from igym.host.export.exporter import Exporter
from igym.host.export.files import replacing, utf8
from igym.host.export.formats import ALL_SESSIONS, folder_of
from igym.host.export.names import safe_name
from igym.host.export.steps import Cancelled, Progress, Steps
from igym.host.languages import ENGLISH
from igym.host.report.facts import report_of
from igym.host.report.page import html_of

NAME = "report"
BEGINNING = 100
"""Bytes in which a page says its language."""


def usual_place(folder: Path, session: str | None) -> Path:
    """Among the other formats, where it goes or is written anew when somebody withdraws."""
    return folder / "exports" / (safe_name(session) if session else ALL_SESSIONS) / NAME / f"{NAME}.html"


def write_html(path: Path, html: str) -> None:
    """Whole or not at all."""
    with replacing(path) as stream:
        stream.write(utf8(html))


def write_report(
    exporter: Exporter, progress: Progress | None = None, cancelled: Cancelled = lambda: False
) -> list[Path]:
    """Write the report of the exporter's session, in the exporter's language, as one HTML file."""
    steps = Steps(1, progress, cancelled)
    path = _page_in(folder_of(exporter, NAME))
    with steps.watching(exporter.source):
        steps.check()
        report = report_of(exporter.source, exporter.folder, exporter.row.id)
        html = html_of(report, time.time(), exporter.language)
        with replacing(path) as stream:
            stream.write(utf8(html))
            steps.check()
    steps.done(path.name)
    return [path]


def language_before(folder: Path) -> str:
    """The language of the report in this folder, to write it again in it; English without one."""
    try:
        with _page_in(folder).open("rb") as stream:
            found = re.search(rb'<html lang="(\w+)"', stream.read(BEGINNING))
    except FileNotFoundError:
        return ENGLISH
    return found[1].decode("ascii") if found else ENGLISH


def _page_in(folder: Path) -> Path:
    return folder / f"{NAME}.html"
