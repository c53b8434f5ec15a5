"""What a benchmark script reports: figures with N, median, spread and, where there is one, the target.

A script in build/bench/ measures, calls `report("Title", [figure, ...])` and nothing else. `python build/dev.py bench`
runs it with `--out FILE`; alone it prints JSON. A script never judges: it prints what it saw.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measured quantity. `low` and `high` are the 10th and 90th percentile of the N samples."""

    name: str
    unit: str
    n: int
    median: float
    low: float
    high: float
    p99: float
    target: str = ""
    note: str = ""


def percentile(ordered: Sequence[float], fraction: float) -> float:
    """Linear interpolation between neighbours of a sorted, non-empty sequence."""
    position = fraction * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def figure(name: str, unit: str, samples: Sequence[float], target: str = "", note: str = "") -> Figure:
    """Sums samples up. `target` is the stated goal in words, e.g. "< 10 ms"."""
    if not samples:
        raise ValueError(f"{name}: nothing was measured")
    ordered = sorted(samples)
    return Figure(
        name, unit, len(ordered), statistics.median(ordered), percentile(ordered, 0.1), percentile(ordered, 0.9),
        percentile(ordered, 0.99), target, note,
    )  # fmt: skip


def report(title: str, figures: Sequence[Figure], notes: Sequence[str] = ()) -> None:
    """Hands the figures to the runner (`--out FILE`) or prints them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    out: Path | None = parser.parse_known_args()[0].out
    text = json.dumps({"title": title, "figures": [asdict(f) for f in figures], "notes": list(notes)}, indent=1)
    if out is None:
        print(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
