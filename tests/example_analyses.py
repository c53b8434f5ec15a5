"""Runs an example's analyses on recorded data, pandas in this process and R by its program, and compares them."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest


def in_pandas(
    example: Path, data: Path, tables: Iterable[str], monkeypatch: pytest.MonkeyPatch
) -> dict[str, pd.DataFrame]:
    monkeypatch.setattr(sys, "argv", ["in_pandas.py", str(data)])
    found = runpy.run_path(str(example / "analysis" / "in_pandas.py"))
    return {table: found[table] for table in tables}


def assert_r_finds_the_same(example: Path, data: Path, found: Mapping[str, pd.DataFrame], place: Path) -> None:
    """`found`: what pandas came to; `place`: where R may write."""
    script = (example / "analysis" / "in_r.R").read_text("utf-8")
    told = [f'write.csv({table}, "{(place / table).as_posix()}.csv", row.names = FALSE)' for table in found]
    (place / "analysis.R").write_text("\n".join([script, *told]), "utf-8")
    command = ["Rscript", "--vanilla", str(place / "analysis.R"), str(data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    for table, expected in found.items():
        again = pd.read_csv(place / f"{table}.csv")
        assert set(again.columns) == set(expected.columns)
        assert cells(again[expected.columns]) == cells(expected), table


def cells(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    """In an order of their own; whole numbers, booleans and texts as they are, others to six digits."""
    return sorted(
        tuple("" if pd.isna(cell) else round(float(cell), 6) if not isinstance(cell, str) else cell for cell in line)
        for line in table.itertuples(index=False)
    )
