"""The part of `igym check` that is about the study as a whole: a walk through it with made-up people."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from igym.experiment.experiment import Experiment
from igym.host.base.errors import HostError
from igym.host.children.child import LocalRunner
from igym.host.children.researcher import Researcher
from igym.host.walkthrough.findings import Finding, findings
from igym.host.walkthrough.walk import Trail, Walk


def walk_through(folder: Path, profile: Path | None, experiment: Experiment, people: int) -> dict[str, Any]:
    """`{ok, people, ended, seconds, findings: [{level, text, file, path, line, details}]}`; `ended` counts outcomes.

    The researcher's functions run in a process of their own, as in a session.
    """
    began = time.perf_counter()
    try:
        trail = asyncio.run(_walked(folder, profile, experiment, people))
        found = findings(experiment, trail)
    except HostError as error:
        trail, found = Trail(), [Finding("error", error.text)]
    return {
        "ok": not any(finding.level == "error" for finding in found),
        "people": len(trail.people),
        "ended": dict(trail.states),
        "seconds": round(time.perf_counter() - began, 2),
        "findings": [finding.to_json() for finding in found],
    }


async def _walked(folder: Path, profile: Path | None, experiment: Experiment, people: int) -> Trail:
    options = ["--profile", str(profile)] if profile else []
    researcher = Researcher(LocalRunner(), folder, options, lambda *_: None)
    await researcher.start()
    try:
        return await Walk(experiment, researcher.ask, people).run()
    finally:
        await researcher.close()


def study_text(study: dict[str, Any], *, details: bool = False) -> list[str]:
    """Lines for a terminal."""
    ended = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in study["ended"].items())
    verdict = "ok" if study["ok"] else "NOT OK"
    lines = [f"the whole study: {verdict} ({study['people']} made-up people: {ended}; {study['seconds']} s)"]
    for finding in study["findings"]:
        place = f" ({finding['file']}, line {finding['line']})" if finding["file"] else ""
        lines.append(f"  {finding['text']}{place}")
        if details and finding["details"]:
            lines.append(finding["details"])
    return lines
