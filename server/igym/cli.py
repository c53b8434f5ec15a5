"""`igym`: the same server without the launcher, and the launcher's child processes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module

# name → (module, function, what it does); a hidden command has no text.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "serve": ("igym.host.programs.engine_main", "serve_main", "run an experiment: igym serve FOLDER"),
    "cluster": (
        "igym.host.programs.cluster_main",
        "main",
        "run an experiment on several computers: igym cluster core FOLDER, igym cluster edge, igym cluster jobs",
    ),
    "end": ("igym.host.programs.end_main", "main", "end a running session for everybody: igym end DATA_FOLDER"),
    "describe": ("igym.host.programs.describe_main", "main", "print an experiment as JSON: igym describe FOLDER"),
    "check": ("igym.host.programs.check_main", "main", "test an experiment's envs: igym check FOLDER"),
    "convert": (
        "igym.host.programs.convert_main",
        "main",
        "turn study.toml into experiment.py, or back: igym convert FOLDER",
    ),
    "links": ("igym.host.programs.links_main", "main", "write signed personal links: igym links FOLDER --n 100"),
    "passes": (
        "igym.host.remote.passes_main",
        "main",
        "say who may attach from another computer: igym passes FILE --add NAME",
    ),
    "prepare": ("igym.host.packages.prepare_child", "main", "fetch packages for offline use: igym prepare FOLDER"),
    "export": ("igym.host.programs.export_main", "main", "write recorded data as files: igym export DATA_FOLDER"),
    "report": (
        "igym.host.programs.report_main",
        "main",
        "write figures for a method section, as HTML or PDF: igym report DATA_FOLDER",
    ),
    "withdraw": (
        "igym.host.programs.withdraw_main",
        "main",
        "erase a participant: igym withdraw DATA_FOLDER SESSION PARTICIPANT",
    ),
    "annotate": (
        "igym.host.programs.annotate_main",
        "main",
        "name a session, add a note, sort it among pilots: igym annotate DATA_FOLDER SESSION",
    ),
    "backup": (
        "igym.host.programs.backup_main",
        "main",
        "copy the recordings, also while they run: igym backup DATA_FOLDER",
    ),
    "retention": (
        "igym.host.programs.retention_main",
        "main",
        "erase one session, or those older than some days: igym retention DATA_FOLDER",
    ),
    "rescue": (
        "igym.host.programs.rescue_main",
        "main",
        "save what a damaged recordings file holds: igym rescue DATA_FOLDER",
    ),
    "replay": ("igym.host.programs.replay_main", "main", "look at recorded matches again: igym replay DATA_FOLDER"),
    "verify": ("igym.host.programs.verify_main", "main", "check recorded data and replays: igym verify DATA_FOLDER"),
    "simulate": ("igym.host.programs.simulate_main", "main", "send simulated participants: igym simulate URL"),
    "policy": (
        "igym.host.programs.policy_main",
        "main",
        "turn a trained policy into a network: igym policy convert FILE",
    ),
    "picture": ("igym.host.programs.picture_main", "main", ""),
    "engine": ("igym.host.programs.engine_main", "engine_main", ""),
    "labcheck": ("igym.host.programs.lab_main", "main", ""),
    "hostenv": ("igym.host.hostenv.child", "main", ""),
    "researcher": ("igym.host.children.researcher_child", "main", ""),
    "demonstrations": ("igym.host.demonstrations.child", "main", ""),
    "exporter": ("igym.host.files.export_child", "main", ""),
    "checkpoint": ("igym.host.session.checkpoint_child", "main", ""),
}


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if not given or given[0] in ("-h", "--help"):
        print(usage())
        return 0
    if given[0] == "--version":
        from igym.host.base.version import app_version

        print(app_version())
        return 0
    if given[0] not in COMMANDS:
        print(f"igym: there is no command “{given[0]}”.\n\n{usage()}", file=sys.stderr)
        return 2
    from igym.host.children.consoles import in_utf8

    ended = in_utf8(given, os.environ)
    return ended if ended is not None else run(given[0], given[1:])


def run(name: str, arguments: list[str]) -> int:
    """Runs one command; nothing else of the program is imported for it."""
    from igym.host.children.consoles import make_output_safe

    make_output_safe()
    module, function, _ = COMMANDS[name]
    command: Callable[[list[str]], int] = getattr(import_module(module), function)
    # What participants said, and what is made of it, is for the owner of this account alone.
    os.umask(0o077)
    return command(arguments)


def usage() -> str:
    lines = [f"  {name:<10}{text}" for name, (_, _, text) in COMMANDS.items() if text]
    return "usage: igym COMMAND …\n\n" + "\n".join(lines) + "\n\n`igym COMMAND --help` tells more."


if __name__ == "__main__":
    sys.exit(main())
