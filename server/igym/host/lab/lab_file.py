"""What a lab check found, kept with the experiment's data and with every session that follows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LAB_FILE = "lab_check.json"
LAB_FOLDER = "lab_check"
"""The same as tables, beside it."""


def read_lab_check(folder: Path) -> dict[str, Any] | None:
    """The last lab check of an experiment (`data/<experiment-id>`); None when there was none."""
    try:
        found = json.loads((folder / LAB_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
