"""The env bridge under CPython, with envs written to a folder as a researcher would."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest

GAME = Path(__file__).resolve().parents[2] / "web_client" / "game"
sys.path.insert(0, str(GAME))


# Published envs warn when they are drawn without a render mode; here nobody looks.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:.*without specifying any render mode"))


HUMAN = {"kind": "human"}
STEP, CONFIRM, SAVE, LOAD, DRAW, CHECK, KEEP = 3, 4, 1, 2, 5, 7, 8
ABSENT = 65_535


def human(agent: Any) -> dict[str, Any]:
    return {"agent": agent, "policy": HUMAN}


class Opened:
    """An open bridge with what a worker would do around it."""

    def __init__(self, bridge: Any, players: int) -> None:
        self.bridge = bridge
        self.players = players

    def run(self, *orders: int) -> tuple[dict[str, Any], dict[str, Any] | None]:
        head, _, picture = self.bridge.run(list(orders)).partition("\n")
        return json.loads(head), json.loads(picture) if picture else None

    def play(self, inputs: list[list[int]], first: int = 0) -> dict[str, Any]:
        """Step and confirm frame by frame; returns the last head."""
        head: dict[str, Any] = {}
        for offset, row in enumerate(inputs):
            head, _ = self.run(STEP, first + offset, *row, CONFIRM, first + offset)
        return head

    def batch(self, **head: Any) -> dict[str, Any]:
        unpacked: dict[str, Any] = msgpack.unpackb(self.bridge.take_batch(json.dumps(head), "{}"))
        return unpacked


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """`opened(source, players=[…], bots=[…], **config)` writes env.py and opens it."""
    import igym_bridge
    from igym_bridge.onnx_policy import NativeModel

    models: dict[str, Path] = {}
    made = 0

    def open_env(
        source: str, players: list[Any] | None = None, bots: list[dict[str, Any]] | None = None, **config: Any
    ) -> Opened:
        nonlocal made
        folder = tmp_path / f"study{made}"
        made += 1
        folder.mkdir()
        files = config.pop("files", {})
        for name, text in {"env.py": source, **files}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        models.update(config.pop("models", {}))
        seats = ["agent_0"] if players is None else players
        full = {
            "environment": {"file": "env.py", "config": config.pop("env_config", {})},
            "policies": [*(human(agent) for agent in seats), *(bots or [])],
            "players": seats,
            "me": 0,
            "seed": 5,
            "record": ["actions", "rewards", "infos", "observations"],
            "action_mapping": [],
            "default_action": 0,
            **config,
        }
        importlib.invalidate_caches()
        bridge = igym_bridge.open_bridge(
            json.dumps(full), str(folder), lambda agent: NativeModel(models[agent].read_bytes())
        )
        return Opened(bridge, len(seats))

    yield open_env


def mapping(*actions: Any) -> list[dict[str, Any]]:
    return [{"keys": [f"Digit{index}"], "action": action} for index, action in enumerate(actions)]
