"""The browser's own env bridge, run by this computer's Python: for checks and for envs stepped here."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from igym.experiment import Experiment
from igym.experiment.policies import Onnx
from igym.experiment.scenes.gym import GymScene
from igym.host.web_files import web_client_folder

BRIDGE = "igym_bridge"


def bridge_module() -> ModuleType:
    folder = str(web_client_folder() / "game")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module(BRIDGE)


def bridge_config(
    spec: dict[str, Any], players: list[Any], seed: int, shared: dict[str, Any] | None = None
) -> dict[str, Any]:
    """What the worker builds from a scene's specification and its match; `players` are agents in the players' order."""
    gameplay, runtime, rendering = spec["gameplay"], spec["runtime"], spec["rendering"]
    agents = spec["policies"]["agents"]
    return {
        "environment": spec["environment"],
        "policies": [
            {"agent": entry["agent"], "policy": {key: value for key, value in entry.items() if key != "agent"}}
            for entry in agents
        ],
        "frame_skip": spec["policies"]["frame_skip"],
        "players": players,
        "me": 0,
        "seed": seed,
        "action_mapping": gameplay["action_mapping"],
        "default_action": gameplay["default_action"],
        "max_steps": gameplay["max_steps"],
        "record": runtime["record"],
        "max_observation_numbers": runtime["max_observation_numbers"],
        "on_step_code": runtime["on_step_code"],
        "per_agent_view": rendering["per_agent_view"],
        "hud_text": rendering["hud_text"],
        "stand_in": _stand_in(spec) if len(players) > 1 else None,
        "globals": shared or {},
    }


def _stand_in(spec: dict[str, Any]) -> dict[str, Any] | None:
    """The bot that acts for a player who is gone; None: the default action."""
    reconnection = spec["multiplayer"].get("reconnection") or {}
    return (reconnection.get("bot") or {"kind": "random"}) if reconnection.get("on_timeout") == "bot" else None


def human_agents(spec: dict[str, Any]) -> list[Any]:
    return [entry["agent"] for entry in spec["policies"]["agents"] if entry["kind"] == "human"]


def open_bridge(experiment: Experiment, folder: Path, scene: GymScene, config: dict[str, Any]) -> Any:
    """A bridge with the scene's env; whatever a researcher's file raises comes through."""
    module = bridge_module()
    native = importlib.import_module(f"{BRIDGE}.onnx_policy").NativeModel
    models = {
        str(agent): policy.path for agent, policy in scene.policies_options.mapping.items() if isinstance(policy, Onnx)
    }

    def load_model(agent: Any) -> Any:
        return native((folder / models[str(agent)].removeprefix("asset:")).read_bytes())

    return module.open_bridge(json.dumps(config), str(folder), load_model)
