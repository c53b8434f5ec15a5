"""What the browser gets of a gym scene's options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from igym.experiment.policies import Advice, AnyPolicy, Onnx, Person, Pool, Shared
from igym.experiment.scenes.base import address, linked

if TYPE_CHECKING:
    from igym.experiment.options.analog import AnyAnalog
    from igym.experiment.options.gameplay import AgentId, GameplayOptions
    from igym.experiment.scenes.gym import GymScene

CLOCK_FRAME_SKIP = 4
GYM_GROUPS = (
    "environment",
    "rendering",
    "assets",
    "policies",
    "gameplay",
    "content",
    "waitroom",
    "matchmaking",
    "runtime",
    "multiplayer",
)
"""The builder methods of GymScene, in the order of the documentation."""


ROW_CONTENT = 2
"""Raised when the env bridge writes other rows for the same play; kept with each game, so that older ones go again.

2: an action that the env never received is in `attempted.<agent>`, no longer in `actions.<agent>`.
"""


def gym_spec(scene: GymScene, base: str) -> dict[str, Any]:
    """The groups the browser acts on; waiting and matchmaking are the server's alone."""
    content = scene.content_options
    return {
        "header": content.header or scene.header,
        "body": linked(content.body or scene.body, base),
        "environment": scene.environment_options.client_spec(),
        "rendering": scene.rendering_options.model_dump(mode="json"),
        "assets": _assets(scene, base),
        "policies": {
            "agents": [{"agent": agent, **_policy(p, base)} for agent, p in scene.policies_options.mapping.items()],
            "frame_skip": _frame_skip(scene),
        },
        "gameplay": _gameplay(scene),
        "content": {"in_game_body": linked(content.in_game_body, base), "start_label": content.start_label},
        "runtime": scene.runtime_options.model_dump(mode="json") | {"row_content": ROW_CONTENT},
        "multiplayer": scene.multiplayer_options.model_dump(mode="json"),
        "players": scene.players,
    }


def _gameplay(scene: GymScene) -> dict[str, Any]:
    options = scene.gameplay_options
    spec = options.model_dump(mode="json") | {"input_mode": options.key_mode, "analog": _axes(scene, options.analog)}
    spec |= {"until": options.is_conditional}
    del spec["until_function"]
    for entry, own in zip(spec["per_agent"], options.per_agent.values(), strict=True):
        if "analog" in entry:
            entry["analog"] = _axes(scene, own.analog)
    for agent, policy in scene.policies_options.mapping.items():
        beside = _beside(options, policy)
        if beside:
            controls = _own_entry(spec["per_agent"], agent)
            controls["analog"] = [*controls.get("analog", spec["analog"]), *beside]
    return spec


def _own_entry(entries: list[dict[str, Any]], agent: AgentId) -> dict[str, Any]:
    for entry in entries:
        if str(entry["agent"]) == str(agent):
            return entry
    entries.append({"agent": agent})
    return entries[-1]


def _beside(options: GameplayOptions, policy: AnyPolicy) -> list[dict[str, Any]]:
    """What a player's input carries beside key and sticks: a `role`, and which key stands for which of its digits."""
    found = []
    if isinstance(policy, Shared) and policy.takeover:
        found.append(_role("takeover", dict.fromkeys(policy.takeover, 1), 1))
    if isinstance(policy, Person) and options.feedback:
        keys = {key: digit for digit, key in enumerate(options.feedback, start=1)}
        found.append(_role("feedback", keys, len(keys)) | {"values": [0.0, *options.feedback.values()]})
    return found


def _role(role: str, keys: dict[str, int], most: int) -> dict[str, Any]:
    place: dict[str, Any] = {"name": role, "component": None, "part": None, "sources": [], "dead_zone": 0}
    return {**place, "role": role, "keys": keys, "low": 0, "high": most, "levels": most + 1}


def _axes(scene: GymScene, analog: dict[str, AnyAnalog]) -> list[dict[str, Any]]:
    """Every number of the analogue inputs, in their order."""
    rendering = scene.rendering_options
    return [axis for name, one in analog.items() for axis in one.axes(name, rendering.width, rendering.height)]


def _frame_skip(scene: GymScene) -> int:
    """A frame that waits for the players is a move, and bots have one too."""
    return scene.policies_options.frame_skip or (1 if scene.gameplay_options.waits else CLOCK_FRAME_SKIP)


def _assets(scene: GymScene, base: str) -> dict[str, Any]:
    options = scene.assets_options
    return {
        "images": {name: address(path, base) for name, path in options.images.items()},
        "sprite_sheets": {
            name: {"url": address(s.path, base), "frame_width": s.frame_width, "frame_height": s.frame_height}
            for name, s in options.sprite_sheets.items()
        },
        "atlases": {name: address(path, base) for name, path in options.atlases.items()},
        "sounds": {name: address(path, base) for name, path in options.sounds.items()},
    }


def _policy(policy: AnyPolicy, base: str) -> dict[str, Any]:
    spec = policy.model_dump(mode="json")
    if isinstance(policy, Pool):
        return spec | {"policies": [_policy(member, base) for member in policy.policies]}
    if isinstance(policy, Shared):
        return {"kind": "human", "shared": _policy(policy.policy, base)}
    if isinstance(policy, Advice):
        return {"kind": "human", "advice": _policy(policy.policy, base), "advice_text": policy.text}
    return spec | {"url": address(policy.path, base)} if isinstance(policy, Onnx) else spec
