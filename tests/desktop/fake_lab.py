"""Speaks a lab check's side of the contract: two seats are ready, a third only after measuring again."""

from __future__ import annotations

import json
import sys
from typing import Any


def say(**event: Any) -> None:
    print(json.dumps(event), flush=True)


def seat(name: str, verdict: str, *findings: dict[str, Any]) -> dict[str, Any]:
    facts = {"browser": "Chrome 140", "screen_width": 1920, "screen_height": 1080, "refresh_hz": 60.0, "step_ms": 0.8}
    ways = {"rtt_ms": 1.5, "pairs_done": 2, "pairs": 2, "step": "", "fraction": None, "here": True}
    return {"seat": name, "verdict": verdict, "findings": list(findings), **facts, **ways}


def table(third: str, left_out: str = "") -> dict[str, Any]:
    slow = {"code": "step_too_slow", "level": "stop", "values": {"step_ms": 41.0, "frame_ms": 33.3}}
    seats = [seat("PC01", "go"), seat("PC02", "go"), seat("PC03", third, *([slow] if third == "stop" else []))]
    pairs = [
        {"a": "PC01", "b": "PC02", "transport": "p2p", "rtt_ms": 1.2},
        {"a": "PC01", "b": "PC03", "transport": "relay", "rtt_ms": 4.0},
        {"a": "PC02", "b": "PC03", "transport": None, "rtt_ms": None},
    ]
    return {"event": "lab", "players": 2, "seats": [row for row in seats if row["seat"] != left_out], "pairs": pairs}


if sys.argv[1] == "broken":
    say(event="failed", code="port_in_use", text="Port 8000 is used by another program.")
    sys.exit(3)
say(event="ready", url="http://10.0.0.1:8000/labcheck")
say(**table("stop"))
for line in sys.stdin:
    order = json.loads(line)
    say(**(table("go") if order["do"] == "again" else table("stop", order["seat"])))
