"""What a check before a session looks at and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from igym_desktop.flow.library import Entry
from igym_desktop.flow.start_problems import Fix

Result = Literal["go", "warning", "stop"]


@dataclass(frozen=True)
class Finding:
    """Outcome of one check."""

    result: Result
    text: str
    fix: Fix | None = None


@dataclass(frozen=True)
class Situation:
    """What the checks look at."""

    entry: Entry
    data_root: Path
    port: int
    address: str
    keeps_data: bool = True
    own_port: int = 0
    """Where the session of this launcher runs now; 0 without one."""
