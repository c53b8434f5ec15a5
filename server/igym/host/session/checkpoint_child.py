"""The process that follows a session's log and writes down its state: the engine's own loop never stops for it."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from pathlib import Path

from igym.host.base import spawn
from igym.host.base.json_lines import say, take_over_stdout
from igym.host.session.checkpoints import checkpoint_path, write_checkpoint
from igym.host.session.session_start import recover
from igym.host.store.store_reader import StoreReader


def main(arguments: list[str]) -> int:
    """`igym checkpoint DATABASE SESSION`: `{seq}` of the last event it knows of, once the state is on disk."""
    parser = argparse.ArgumentParser(prog="igym checkpoint")
    parser.add_argument("database", type=Path)
    parser.add_argument("session")
    options = parser.parse_args(arguments)
    spawn.end_with_parent_only()
    replies = take_over_stdout()
    spawn.be_nice()
    # A state of a session that somebody else goes on with by now is of no use.
    threading.Thread(target=_end_with_input, name="igym-input", daemon=True).start()
    with StoreReader(options.database) as reader:
        row = reader.session(options.session)
    if row is None:
        return 2
    begun = recover(options.database, row)
    seq = begun.next_seq - 1
    write_checkpoint(checkpoint_path(options.database.parent, begun.id), begun.id, seq, begun.session.checkpoint())
    say(replies, {"seq": seq})
    return 0


def _end_with_input() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(1)
