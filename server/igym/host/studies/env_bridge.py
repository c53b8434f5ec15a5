"""The browser's own env bridge, run by this computer's Python: for checks and for envs stepped here."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from math import prod
from pathlib import Path
from types import ModuleType
from typing import Any

from igym.experiment.options.environment import MOST_OBSERVATION_NUMBERS
from igym.experiment.own_imports import OWN_IMPORTS
from igym.experiment.scenes.base import ASSET_LINK
from igym.experiment.scenes.gym import GymScene
from igym.host.http.web_files import web_client_folder
from igym.protocol.told import Told, from_table, together

BRIDGE = "igym_bridge"


def bridge_module() -> ModuleType:
    folder = str(web_client_folder() / "game")
    if folder not in sys.path:
        sys.path.insert(0, folder)
        OWN_IMPORTS.add(folder)
    return importlib.import_module(BRIDGE)


def bridge_part(name: str) -> ModuleType:
    """One module of the bridge, such as `places`."""
    bridge_module()
    return importlib.import_module(f"{BRIDGE}.{name}")


def bridge_config(
    spec: dict[str, Any],
    players: list[Any],
    seed: int,
    shared: dict[str, Any] | None = None,
    fixed: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """What the worker builds from a scene's specification and its match; `players` are agents in the players' order.

    `fixed` is what the match settled: `bot_policies` (agent whose player never came → the bot in its seat), `pools`
    (agent → which of its pool's bots plays in each episode), `config` and
    `episode_config` of the env.
    """
    match = fixed or {}
    environment = spec["environment"]
    gameplay, runtime, rendering = spec["gameplay"], spec["runtime"], spec["rendering"]
    return {
        "environment": {**environment, "config": {**environment["config"], **match.get("config", {})}},
        "reset_options": match.get("episode_config") or [environment.get("episode_config") or {}],
        "policies": _policies(spec, match.get("bot_policies") or {}, match.get("pools") or {}),
        "frame_skip": spec["policies"]["frame_skip"],
        "players": players,
        "me": 0,
        "seed": seed,
        "action_mapping": gameplay["action_mapping"],
        "default_action": gameplay["default_action"],
        "per_agent": gameplay.get("per_agent") or [],
        "analog": gameplay.get("analog") or [],
        "pace": gameplay.get("pace", "clock"),
        "late_default": late_default(gameplay),
        "max_steps": gameplay["max_steps"],
        "record": runtime["record"],
        "max_observation_numbers": runtime["max_observation_numbers"],
        "row_content": runtime.get("row_content", 1),
        "on_step_code": runtime["on_step_code"],
        "per_agent_view": rendering["per_agent_view"],
        "hud_text": rendering["hud_text"],
        "stand_in": _stand_in(spec) if len(players) > 1 else None,
        "globals": shared or {},
        "apart": match.get("apart", []),
    }


def _policies(spec: dict[str, Any], seated: dict[str, Any], pools: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for entry in spec["policies"]["agents"]:
        own = {key: value for key, value in entry.items() if key != "agent"}
        if drawn := pools.get(str(entry["agent"])):
            own["drawn"] = drawn
        found.append({"agent": entry["agent"], "policy": seated.get(str(entry["agent"]), own)})
    return found


def _stand_in(spec: dict[str, Any]) -> dict[str, Any] | None:
    """The bot that acts for a player who is gone; None: the default action."""
    reconnection = spec["multiplayer"].get("reconnection") or {}
    return (reconnection.get("bot") or {"kind": "random"}) if reconnection.get("on_timeout") == "bot" else None


def prepared(bridge: Any, rollback: bool) -> dict[str, Any]:
    """The report of `bridge.prepare`, whose texts are known by their keys."""
    return dict(from_table(json.loads(bridge.prepare(rollback))))


def described(error: BaseException, folder: str) -> dict[str, Any]:
    """`{message, traceback, file, line}` of what an env raised; a message of the bridge's own is known by its key."""
    return dict(from_table(json.loads(bridge_module().fault(error, folder))))


def not_sent(error: str) -> str:
    """The error of a file that is missing among those that browsers get, and why it may be."""
    told = bridge_part("faults").not_sent(error)
    return Told(told.key, error=error)


def left_out_text(bridge: Any, scene: GymScene) -> str | None:
    """Whose observations were too large to be recorded in what `bridge` played, and what keeps them; None: nobody's."""
    found: dict[str, int] = json.loads(bridge.left_out())
    if not found:
        return None
    sizes = ", ".join(f"{agent}: {count}" for agent, count in found.items())
    limit, most = scene.runtime_options.max_observation_numbers, max(found.values())
    cure = (
        Told("Set max_observation_numbers={most} in runtime() to keep them.", most=most)
        if most <= MOST_OBSERVATION_NUMBERS
        else Told(
            "More than {most} numbers are never recorded; return what you need of them in infos.",
            most=MOST_OBSERVATION_NUMBERS,
        )
    )
    told = Told(
        "Observations of more than {most} numbers are left out of the data ({scenes}).", most=limit, scenes=sizes
    )
    return together(told, cure)


def controls_of(gameplay: dict[str, Any], agent: Any) -> dict[str, Any]:
    """What the keys of an agent's player do, out of a scene's specification."""
    return dict(bridge_part("actions").controls_of(gameplay, str(agent)))


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """An env that opens "levels/one.txt" means its own folder, here as in a browser."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def game_copy(bundle: dict[str, Any], source: Path, whole: bool = False) -> Iterator[Path]:
    """A folder that holds exactly what browsers get of a game, and is the working folder meanwhile.

    `source` is where the files lie that the bundle only names; with `whole` all of them come along.
    """
    with tempfile.TemporaryDirectory(prefix="igym-game-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        if whole:
            shutil.copytree(source, folder, dirs_exist_ok=True)
        for path, text in bundle["files"].items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        for path in bundle["data"]:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / path, folder / path)
        # Left before the folder goes: Windows removes none that a process stands in.
        with working_in(folder):
            yield folder


def input_counts(controls: dict[str, Any]) -> tuple[int, int]:
    """How many keys count (none included), and how many codes with the places of sticks and pointer."""
    keys = len(controls["action_mapping"]) + 1
    return keys, keys * prod(axis["levels"] for axis in controls["analog"])


def late_default(gameplay: dict[str, Any]) -> bool:
    """Whether who does not move in time takes the default action."""
    return gameplay.get("move_limit_s") is not None and gameplay["on_move_limit"] == "default_action"


def human_agents(spec: dict[str, Any]) -> list[Any]:
    return [entry["agent"] for entry in spec["policies"]["agents"] if entry["kind"] == "human"]


def open_bridge(folder: Path, config: dict[str, Any], models: Path | None = None) -> Any:
    """A bridge with the env of `folder`; whatever a researcher's file raises comes through.

    Networks are read from `models`, the experiment's folder when that is another one.
    """
    module = bridge_module()
    OWN_IMPORTS.begin(str(folder))
    native = bridge_part("onnx_policy").NativeModel

    @cache
    def load_model(path: str) -> Any:
        return native(((models or folder) / path.removeprefix(ASSET_LINK)).read_bytes())

    return module.open_bridge(json.dumps(config), str(folder), load_model)
