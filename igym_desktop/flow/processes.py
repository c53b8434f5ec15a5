"""Questions about other processes."""

from __future__ import annotations

import psutil


def is_running(pid: int) -> bool:
    """Whether a process with this id exists (a zombie does not count as one)."""
    try:
        return pid > 0 and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def end_process(pid: int) -> None:
    """Asks the process to end; harmless when it is gone already."""
    try:
        psutil.Process(pid).terminate()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        pass
