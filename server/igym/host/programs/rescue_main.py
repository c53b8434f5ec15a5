"""`igym rescue DATA_FOLDER`: what a damaged recordings file still holds, in a new file."""

from __future__ import annotations

import argparse
from pathlib import Path

from igym.host.base.command_line import answer, fail
from igym.host.base.errors import HostError
from igym.host.store.not_kept import no_data
from igym.host.store.postgres.place import refuse_server
from igym.host.store.rescue import RESCUED, rescue
from igym.host.store.store_schema import DATABASE
from igym.protocol.told import Told


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="igym rescue", description="Writes what can be read of a damaged recordings file to a new one."
    )
    parser.add_argument("folder", type=Path, help="an experiment's data folder (it holds session.sqlite3)")
    parser.add_argument("--to", type=Path, metavar="FILE", help=f"where to (default: {RESCUED} beside it)")
    parser.add_argument("--json", action="store_true", help="answer one JSON object")
    options = parser.parse_args(arguments)
    target = options.to or options.folder / RESCUED
    try:
        refuse_server(options.folder / DATABASE)
        if not (options.folder / DATABASE).is_file():
            raise no_data(options.folder)
        found = rescue(options.folder / DATABASE, target)
    except HostError as error:
        return fail(options.json, error)
    except OSError as error:
        return fail(options.json, HostError("no_write_permission", Told("Nothing was written: {error}.", error=error)))
    text = (
        f"{found} It was written to {target}; the damaged file is as it was. To export it, put it into a folder of its "
        "own under the name session.sqlite3."
    )
    return answer(options.json, {"event": "rescued", "path": str(target), "counts": found.counts}, text)
