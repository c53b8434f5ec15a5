"""Entry of the app: the launcher, or one of its child processes when re-invoked with `--engine`, `--describe`, …"""

from __future__ import annotations

import multiprocessing
import sys


def main() -> int:
    """Exit code of whatever was asked for."""
    multiprocessing.freeze_support()
    arguments = sys.argv[1:]
    if arguments and arguments[0].startswith("--"):
        from igym.cli import COMMANDS
        from igym.cli import run as run_child

        if arguments[0][2:] in COMMANDS:  # the frozen app is its own Python; no Qt is imported on this way
            return run_child(arguments[0][2:], arguments[1:])
    from igym_desktop.app import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
