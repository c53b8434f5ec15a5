"""`igym passes FILE`: who may attach to a session from another computer; a change holds for a running session too."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from igym.host.base.command_line import fail
from igym.host.base.errors import HostError
from igym.host.remote.pass_file import new_pass, read_passes, write_passes
from igym.protocol.passes import Pass, link, read_address
from igym.protocol.told import Told


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="igym passes",
        description="Shows and changes the passes with which launchers on other computers attach to a session "
        "(`igym serve STUDY --remote FILE`). Whoever has a pass can do everything with the session: give each person "
        "one of their own.",
    )
    parser.add_argument("file", type=Path, help="the file of passes; it is made when it is not there")
    parser.add_argument("--add", metavar="NAME", action="append", default=[], help="make a pass")
    parser.add_argument("--remove", metavar="NAME", action="append", default=[], help="end a pass at once")
    parser.add_argument("--address", metavar="URL", help="the session's address: shows the links to attach with")
    options = parser.parse_args(arguments)
    try:
        sys.stdout.write(_changed(options))
    except (HostError, OSError, UnicodeDecodeError) as error:
        return fail(False, error if isinstance(error, HostError) else HostError("bad_passes", str(error)))
    return 0


def _changed(options: argparse.Namespace) -> str:
    before = read_passes(options.file) if options.file.exists() else {}
    after = dict(before)
    for name in options.remove:
        if after.pop(name, None) is None:
            raise HostError("unknown_pass", Told("There is no pass of {name} in {file}.", name=name, file=options.file))
    for name in options.add:
        if name in after:
            raise HostError("exists", Told("{name} has a pass already. Remove it to make another one.", name=name))
        after[name] = new_pass(name)
    address = read_address(options.address) if options.address else ""
    if options.address and not address:
        raise HostError("bad_address", Told("“{address}” is no address of a session.", address=options.address))
    if after != before:
        write_passes(options.file, after)
    return _listed(after, {*after} if address else {*options.add}, address)


def _listed(passes: Mapping[str, Pass], shown: set[str], address: str) -> str:
    """Secrets only where they were asked for: what a screen shows is seen by others too."""
    if not passes:
        return "There are no passes.\n"
    lines = []
    for name, given in passes.items():
        told = link(address, given) if address else given.text
        lines.append(f"{name}\t{told}" if name in shown else name)
    return "".join(f"{line}\n" for line in lines)
