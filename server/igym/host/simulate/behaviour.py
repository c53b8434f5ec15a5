"""How a simulated participant behaves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Behaviour:
    """How a simulated participant behaves. Everything random follows from `seed`.

    `speed` 1 plays in real time, 10 ten times as fast, None without waiting. `reload_after_batches` and
    `drop_after_batches` happen once, in the first episode; `away_s` is how long a drop lasts. With each batch goes
    what a page sends besides rows: `relay_packets` to each other player, with `reports` what it measured, and with
    `echoes` a signal that its partner answers, which no page sends in play and only the time of a signal needs.
    """

    seed: int = 0
    frames: int = 90
    batch_frames: int = 30
    speed: float | None = None
    think_s: float = 0.0
    p2p_rtt_ms: float = 8.0
    reload_after_batches: int | None = None
    drop_after_batches: int | None = None
    away_s: float = 0.3
    transport: str = "relay"
    relay_packets: int = 1
    reports: bool = False
    echoes: bool = False
