"""What several benchmarks need: the repository on the import path, a browser, an engine, rows as numbers."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "examples"
STUDIES = ROOT / "tests" / "browser" / "studies"

sys.path.insert(0, str(ROOT))

# Told to end, a benchmark still closes its browsers and engines on the way out.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
