"""Pacing, rollbacks and bytes of the netcode alone: real worker code in a clock of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

from figures import Figure, figure, report
from rig import ROOT

SCRIPT = ROOT / "build" / "bench" / "rig" / "netcode.mjs"
SECONDS, WARM_UP_S = 30, 4
FRAME_MS = 1000 / 30
LAN = {"delay_ms": 1, "jitter_ms": 0.5, "loss": 0}


def way(delay_ms: float, jitter_ms: float = 0, loss: float = 0) -> dict[str, float]:
    return {"delay_ms": delay_ms, "jitter_ms": jitter_ms, "loss": loss}


NETWORKS: dict[str, list[dict[str, float]]] = {
    "quiet LAN": [LAN],
    "50 ± 10 ms, 5 % loss": [way(50, 10, 0.05)],
    "100 ms": [way(100)],
    "200 ms": [way(200)],
    "50 there, 200 back": [way(50), way(200)],
    "100 ± 75 ms": [way(100, 75)],
    "50 ms, 15 % loss": [way(50, 0, 0.15)],
}
SHORT = ("quiet LAN", "50 ± 10 ms, 5 % loss")


def cases() -> dict[str, dict[str, Any]]:
    found = {f"2, {name}": {"ways": ways, "players": 2} for name, ways in NETWORKS.items()}
    for players in (3, 4):
        found |= {f"{players}, {name}": {"ways": NETWORKS[name], "players": players} for name in SHORT}
    return found


def played(wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    node = shutil.which("node")
    if node is None:
        raise FileNotFoundError("node is needed for this measurement; `python build/dev.py test` sets it up.")
    settings = json.dumps({"networks": wanted, "seconds": SECONDS, "warmUpS": WARM_UP_S})
    done = subprocess.run([node, "--no-warnings", str(SCRIPT), settings], check=True, stdout=subprocess.PIPE, text=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def figures_of(title: str, match: dict[str, Any]) -> Iterator[Figure]:
    people = match["players"]

    def gathered(name: str) -> list[float]:
        return [value for one in people for value in one[name]]

    shared = set.intersection(*(set(one["stamps"]) for one in people))
    apart = [max(one["stamps"][at] for one in people) - min(one["stamps"][at] for one in people) for at in shared]
    drift = sorted(gap / FRAME_MS for gap in apart)
    rates = [1000 * len(one["intervals"]) / sum(one["intervals"]) for one in people]
    yield figure(f"{title}: rate", "fps", rates, "30.0")
    yield figure(f"{title}: frame interval", "ms", gathered("intervals"), "p99 ≤ 40 ms")
    p95 = drift[int(0.95 * (len(drift) - 1))]
    yield figure(f"{title}: drift", "frames", drift, "p95 ≤ 1", f"p95 {p95:.2f}")
    yield figure(f"{title}: stalls and skips", "1/s", [one["waits"] for one in people], "0")
    yield figure(f"{title}: depth of a rollback", "frames", gathered("depths") or [0])
    yield figure(f"{title}: frames replayed a frame", "frames", [one["replayed"] for one in people])
    yield figure(f"{title}: key to its frame", "ms", gathered("reactions"), f"≤ {round(2 * FRAME_MS)} ms + refresh")
    yield figure(f"{title}: bytes a player sends to each other", "byte/s", [one["bytes"] for one in people], "≤ 4,000")
    yield figure(f"{title}: players with other rows", "", [0 if match["same"] else 1], "0")


def main() -> None:
    wanted = cases()
    matches = played(list(wanted.values()))
    report(
        "Netcode alone: pacing, rollback and bytes",
        [one for title, match in zip(wanted, matches, strict=True) for one in figures_of(title, match)],
        [
            "Players, then the network; delay, jitter and loss for each way.",
            "The clock is made, so nothing else that the computer does has any influence; the env costs nothing.",
            f"{SECONDS} s of play at 30 fps after {WARM_UP_S} s; input delay 1 frame, at most 8 frames predicted.",
        ],
    )


if __name__ == "__main__":
    main()
