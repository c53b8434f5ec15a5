"""`igym report DATA_FOLDER`: figures for a method section, as HTML or PDF."""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path

from igym.core.state import KINDS
from igym.host.base.command_line import answer, fail
from igym.host.base.errors import HostError
from igym.host.children.browsers import chosen_browser
from igym.host.export.names import STUDY
from igym.host.languages import ENGLISH, LANGUAGES
from igym.host.report.facts import read_report
from igym.host.report.files import usual_place, write_html
from igym.host.report.page import html_of
from igym.host.report.paper import print_pdf
from igym.protocol.told import Told


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="igym report",
        description="Writes who took part and who was left out and why, how well network and timing were, whether all "
        "players' recordings agree, payments and hashes.",
    )
    parser.add_argument("folder", type=Path, help="an experiment's data folder (it holds session.sqlite3)")
    parser.add_argument("--session", metavar="ID", help="one session, whatever its kind (default: all)")
    parser.add_argument("--kind", choices=KINDS, default=STUDY, help="all sessions of this kind (study)")
    parser.add_argument("--language", choices=LANGUAGES, default=ENGLISH, help="what it is written in (en)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to; a name that ends in .pdf makes a PDF")
    parser.add_argument("--browser", default="auto", help="what prints a PDF: auto, or the path of a Chromium")
    parser.add_argument("--json", action="store_true", help="answer one JSON object")
    options = parser.parse_args(arguments)
    try:
        path = _write(options)
    except HostError as error:
        return fail(options.json, error)
    except OSError as error:
        why = Told("The report could not be written: {error}.", error=error.strerror or error)
        return fail(options.json, HostError("no_write_permission", why))
    return answer(options.json, {"event": "reported", "file": str(path)}, str(path))


def _write(options: argparse.Namespace) -> Path:
    path: Path = options.out or usual_place(options.folder, options.session)
    html = html_of(read_report(options.folder, options.session, options.kind), time.time(), options.language)
    if path.suffix.lower() == ".pdf":
        asyncio.run(print_pdf(chosen_browser(options.browser), html, path))
    else:
        write_html(path, html)
    return path
