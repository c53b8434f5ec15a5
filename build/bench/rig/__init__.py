"""What several benchmarks need: the repository on the import path, a browser, an engine, rows as numbers."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "examples"
STUDIES = ROOT / "tests" / "browser" / "studies"

sys.path.insert(0, str(ROOT))

# Told to end, a benchmark still closes its browsers and engines on the way out.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def may_shape_networks() -> bool:
    """Only Linux has namespaces, and only root may make them."""
    if sys.platform == "linux":
        return os.geteuid() == 0
    else:
        return False
