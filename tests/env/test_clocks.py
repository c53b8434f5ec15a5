"""The seconds that Gymnasium's statistics measure differ on each computer: they are in no row and no state."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.env.conftest import Opened

Open = Callable[..., Opened]
ENV = """
import gymnasium
from gymnasium.wrappers import RecordEpisodeStatistics, TimeLimit


def make_env():
    return RecordEpisodeStatistics(TimeLimit(gymnasium.make("CartPole-v1"), 4))
"""


def test_rows_and_states_know_no_clock(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    chains, states = [], []
    for speed in (1, 1000):
        monkeypatch.setattr(time, "perf_counter", lambda speed=speed: time.monotonic() * speed)
        game = opened(ENV)
        game.bridge.reset(3, 0)
        game.play([[0]] * 4)
        batch = game.batch(scene="s", visit=1, match="m")
        assert batch["parity"]["infos.agent_0.episode.l"][-1] == 4
        assert not [name for name in batch["parity"] if name.endswith("episode.t")]
        chains.append(batch["chain"])
        states.append(game.bridge.state.checksum())
    assert chains[0] == chains[1] and states[0] == states[1]
