"""Runs the scripts of build/bench/ one after the other and puts their figures into one table and one JSON file."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "build" / "bench"
RESULTS = ROOT / "build" / "out" / "bench"
HEADINGS = ("figure", "unit", "N", "median", "p10", "p90", "p99", "target")


def available() -> list[str]:
    return sorted(path.stem for path in SCRIPTS.glob("*.py") if path.stem != "figures")


def run(names: list[str], python: Path, browser: str | None) -> int:
    """Runs the named benchmarks (all when none is named). Exit code 0: all of them ran."""
    unknown = sorted(set(names) - set(available()))
    if unknown:
        print(f"There is no benchmark called {', '.join(unknown)}. There are: {', '.join(available())}.")
        return 2
    about = machine(python, browser)
    for key, value in about.items():
        print(f"{key}: {value}")
    results = [run_one(name, python, browser) for name in names or available()]
    for result in results:
        print("\n" + table(result))
    saved = save({"machine": about, "results": results})
    print(f"\nWritten to {saved.relative_to(ROOT)}")
    return 0 if all("error" not in result for result in results) else 1


def run_one(name: str, python: Path, browser: str | None) -> dict[str, Any]:
    """{"name", "title", "figures", "notes", "seconds"} or {"name", "title", "error"}."""
    print(f"\nmeasuring {name} …", flush=True)
    environment = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    if browser:
        environment["IGYM_CHROMIUM"] = browser
    with tempfile.TemporaryDirectory(prefix="igym-bench-") as folder:
        out = Path(folder) / "figures.json"
        started = time.monotonic()
        command = [str(python), str(SCRIPTS / f"{name}.py"), "--out", str(out)]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False)
        seconds = round(time.monotonic() - started, 1)
        if done.returncode != 0 or not out.is_file():
            return {"name": name, "title": name, "error": f"ended with code {done.returncode} and no figures"}
        return {"name": name, "seconds": seconds, **json.loads(out.read_text(encoding="utf-8"))}


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def table(result: dict[str, Any]) -> str:
    """The figures of one benchmark as aligned text."""
    if "error" in result:
        return f"{result['title']}\n  FAILED: {result['error']}"
    rows = [HEADINGS] + [row(figure) for figure in result["figures"]]
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(HEADINGS))]
    lines = [f"{result['title']} ({result['seconds']} s)"]
    for cells in rows:
        left = cells[0].ljust(widths[0])
        rest = "  ".join(cell.rjust(width) for cell, width in zip(cells[1:-1], widths[1:-1], strict=True))
        lines.append(f"  {left}  {rest}  {cells[-1]}".rstrip())
    lines += [f"  {figure['name']}: {figure['note']}" for figure in result["figures"] if figure["note"]]
    return "\n".join(lines + [f"  {note}" for note in result["notes"]])


def row(figure: dict[str, Any]) -> tuple[str, ...]:
    values = [number(figure[key]) for key in ("median", "low", "high", "p99")]
    return (figure["name"], figure["unit"], str(figure["n"]), *values, figure["target"])


def machine(python: Path, browser: str | None) -> dict[str, str]:
    """What the figures were measured on."""
    packages = ("aiohttp", "python-socketio", "pydantic", "gymnasium", "numpy", "uvloop", "PySide6-Essentials")
    return {
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "commit": output_of(["git", "describe", "--always", "--dirty"]),
        "system": f"{platform.platform()} ({platform.machine()})",
        "processor": processor(),
        "cores": str(os.cpu_count()),
        "memory": memory(),
        "python": output_of([str(python), "--version"]),
        "node": output_of(["node", "--version"]),
        "browser": output_of([browser, "--version"]) if browser else "none",
        "packages": ", ".join(f"{name} {version}" for name in packages if (version := version_of(name, python))),
    }


def output_of(command: list[str]) -> str:
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return done.stdout.strip() or "unknown"


def version_of(name: str, python: Path) -> str:
    site = python.parent.parent
    folders = [str(path) for path in (*site.glob("lib/python*/site-packages"), *site.glob("Lib/site-packages"))]
    found = next(iter(metadata.Distribution.discover(name=name, path=folders)), None)
    return found.version if found else ""


def processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        if names:
            return names[0]
    return platform.processor() or "unknown"


def memory() -> str:
    if sys.platform == "win32":
        return "unknown"
    else:
        try:
            return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB"
        except (ValueError, OSError):
            return "unknown"


def save(results: dict[str, Any]) -> Path:
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{datetime.datetime.now():%Y-%m-%dT%H-%M-%S}.json"
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
