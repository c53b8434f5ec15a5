"""Entry of the app: the launcher, or one of its child processes when re-invoked with `--engine`, `--describe`, …"""

from __future__ import annotations

import multiprocessing
import sys


def main() -> int:
    """Exit code of whatever was asked for."""
    multiprocessing.freeze_support()
    arguments = sys.argv[1:]
    if arguments and arguments[0] in CHILDREN:
        return _child(arguments[0].removeprefix("--"), arguments[1:])
    from igym_desktop.app import run

    return run(arguments)


CHILDREN = frozenset(
    {"--engine", "--describe", "--researcher", "--check", "--prepare", "--export", "--simulate", "--hostenv"}
)


def _child(kind: str, arguments: list[str]) -> int:
    """The frozen app is its own Python: no Qt is imported on this way."""
    from igym.cli import main as command_line

    return int(command_line([kind, *arguments]) or 0)


if __name__ == "__main__":
    sys.exit(main())
