"""`igym backup DATA_FOLDER`: a copy of the recordings, also while a session is running."""

from __future__ import annotations

import argparse
from pathlib import Path

from igym.host.base.command_line import answer, fail, progress_line
from igym.host.base.errors import HostError
from igym.host.store.backup import back_up
from igym.host.store.store_schema import DATABASE


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="igym backup", description="Copies the recordings, also while they run.")
    parser.add_argument("folder", type=Path, help="an experiment's data folder (it holds session.sqlite3)")
    parser.add_argument("--to", type=Path, metavar="FILE", help="where to (default: a new file in backups/)")
    parser.add_argument("--json", action="store_true", help="report progress as JSON lines")
    options = parser.parse_args(arguments)
    target = options.to.absolute() if options.to else None
    try:
        result = back_up(options.folder / DATABASE, target, progress_line if options.json else None)
    except HostError as error:
        return fail(options.json, error)
    return answer(options.json, {"event": "backed_up", **result}, f"The recordings were copied to {result['path']}")
