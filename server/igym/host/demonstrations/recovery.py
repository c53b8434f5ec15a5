"""What brings a set's env back: the registered id of a published one, or the study's own game, carried along."""

from __future__ import annotations

import base64
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from gymnasium.envs.registration import EnvSpec, registry

from igym.agent_env import ENTRY_POINT, packed_game
from igym.host.replay.files import Game, ReplayFile

DISTRIBUTION = "interactive-gym-desktop"
MOST_GAME_CHARS = 16_000_000
"""A game that is larger, packed, is not carried along; its set then names no env."""

ENDLESS_STEPS = 10_000_000
"""The limit of a game that names none, as d3rlpy needs one: more than a day has frames."""


def env_spec_of(name: str, bridge: Any, game: Game, replay: ReplayFile, agent: str) -> EnvSpec | None:
    """How `gymnasium.make` gets the agent's env; None when the game is too large to be carried along."""
    return _published(bridge, game) or _carried(name, game, replay, agent)


def _published(bridge: Any, game: Game) -> EnvSpec | None:
    """Its registered spec, where what was played is nothing but that env."""
    play = bridge.play
    spec = getattr(play.env, "spec", None)
    runtime, gameplay = game.bundle["spec"]["runtime"], game.bundle["spec"]["gameplay"]
    altered = runtime["on_step_code"] or gameplay["max_steps"] or play.adapter.kind != "gymnasium"
    if spec is None or altered or spec.id not in registry or spec.additional_wrappers:
        return None
    module = type(getattr(play.env, "unwrapped", play.env)).__module__
    own = {Path(file).stem for file in game.bundle["files"]}
    return None if module.split(".")[0] in own else spec


def _carried(name: str, game: Game, replay: ReplayFile, agent: str) -> EnvSpec | None:
    bundle = game.bundle
    files = [*bundle["data"], *bundle["onnx"]]
    data = {path: _content(game.sources / path) for path in files if (game.sources / path).is_file()}
    fixed = replay.body.get("fixed") or {}
    text = packed_game({"spec": bundle["spec"], "files": bundle["files"], "data": data, "fixed": fixed})
    if len(text) > MOST_GAME_CHARS:
        return None
    word = name.removesuffix("-v0").replace("/", "-")
    return EnvSpec(
        id=f"{word}-v0", entry_point=ENTRY_POINT, disable_env_checker=True, kwargs={"game": text, "agent": agent},
        max_episode_steps=bundle["spec"]["gameplay"]["max_steps"] or ENDLESS_STEPS,
    )  # fmt: skip


def _content(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def requirements_of(game: Game, spec: EnvSpec | None) -> list[str]:
    """Requirements in pip's form: this program where the game is carried along, and the game's packages."""
    packages = {f"{entry['name']}=={entry['version']}" for entry in game.lock if entry.get("version") and _is(entry)}
    own = [f"{DISTRIBUTION}=={_own_version()}"] if spec is not None and spec.entry_point == ENTRY_POINT else []
    return [*own, *sorted(packages)]


def _is(entry: dict[str, str]) -> bool:
    """Whether pip knows it: parts of Python that browsers load one by one are packages there alone."""
    if entry["source"] == "app":
        return _found_version(entry["name"]) is not None
    return entry["source"] in ("installed", "wheel", "site-packages") and not entry["name"].startswith("files-of")


def _found_version(name: str) -> str | None:
    """Of a package of this Python; None where it has none."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _own_version() -> str:
    from igym.host.base.version import app_version

    return _found_version(DISTRIBUTION) or app_version()  # an app that was frozen is no package


def lend_wheels(game: Game) -> None:
    """Pure packages that browsers loaded for the game are importable here too, where this Python lacks them."""
    for path in sorted((game.copy / "wheels").glob("*-none-any.whl")):
        if str(path) not in sys.path:
            sys.path.append(str(path))
