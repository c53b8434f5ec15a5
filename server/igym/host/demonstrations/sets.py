"""Minari sets on the disk: one for each agent of a scene, one for all of them where it is asked for."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec

from igym.host.demonstrations.decisions import Decisions
from igym.host.demonstrations.spaces import UnfitError, can_hold, fitted, guessed, info_columns, plain_space, stacked
from igym.protocol.told import Told

NAMESPACE = "igym"
JOINT = "all-agents"
FORMAT = "arrow"
_NAMESPACE_FILE = "namespace_metadata.json"


def plain_word(text: str) -> str:
    """As a part of a set's name: letters, digits, "-" and "_"."""
    return re.sub(r"[^-_\w]", "_", text, flags=re.ASCII) or "_"


def set_id(study: str, scene: str, agent: str) -> str:
    return f"{NAMESPACE}/{plain_word(study)}/{plain_word(scene)}/{plain_word(agent)}-v0"


def open_namespaces(root: Path, name: str) -> None:
    """The folders above a set say that they are namespaces, so that the library lists it."""
    folder = root
    for part in name.split("/")[:-1]:
        folder /= part
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _NAMESPACE_FILE).write_text("{}", "utf-8")


@dataclass
class Asked:
    """What a set says of itself."""

    root: Path
    name: str
    description: str
    requirements: list[str]
    authors: list[str] = field(default_factory=list)


class DemonstrationSet:
    """One set, made with its first episode. Spaces are the env's; of an env that names none, its values'."""

    def __init__(self, storage: Any) -> None:
        self._storage = storage
        self.action_space = storage.action_space
        self.observation_space = storage.observation_space

    @classmethod
    def opened(cls, root: Path, name: str) -> DemonstrationSet | None:
        """One that was begun before; None when there is none."""
        from minari.dataset.minari_storage import METADATA_FILE_NAME, MinariStorage

        data = root / name / "data"
        return cls(MinariStorage.read(data)) if (data / METADATA_FILE_NAME).is_file() else None

    @classmethod
    def begun(cls, asked: Asked, proposed: Mapping[str, Any], first: Decisions, spec: EnvSpec | None) -> Self:
        """`proposed` has the env's own `action_space` and `observation_space`, None where it names none.

        Raises `UnfitError` when actions or observations are of a kind that a set cannot hold.
        """
        from minari.dataset.minari_storage import MinariStorage

        values = {"action_space": first.actions, "observation_space": first.observations}
        found = {name: settled(proposed[name], values[name]) for name in values}
        guesses = {name: space for name, space in found.items() if space is not proposed[name]}
        open_namespaces(asked.root, asked.name)
        data = asked.root / asked.name / "data"
        data.mkdir(parents=True)
        plain = {name: plain_space(space) for name, space in found.items()}
        storage = MinariStorage.new(
            data, env_spec=_with_spaces(spec, guesses), data_format=FORMAT, jpeg_encoding=False, **plain
        )
        storage.update_metadata({
            "dataset_id": asked.name, "minari_version": version("minari"), "description": asked.description,
            "algorithm_name": "human", "requirements": asked.requirements, "author": set(asked.authors),
            "spaces_guessed": sorted(guesses),
        })  # fmt: skip
        return cls(storage)

    @property
    def episodes(self) -> int:
        return int(self._storage.total_episodes)

    def add(self, decisions: Decisions, seed: int, metadata: Mapping[str, Any]) -> None:
        """Write one more episode. Raises `UnfitError` when it has another form than the set."""
        from minari.data_collector.episode_buffer import EpisodeBuffer

        observations = [fitted(self.observation_space, value) for value in decisions.observations]
        actions = [fitted(self.action_space, value) for value in decisions.actions]
        outside = sum(not self.observation_space.contains(value) for value in observations)
        number = self.episodes
        buffer = EpisodeBuffer(
            id=number, seed=seed,
            observations=stacked(self.observation_space, observations),
            actions=stacked(self.action_space, actions),
            rewards=decisions.rewards, terminations=decisions.terminations, truncations=decisions.truncations,
            infos=info_columns(decisions.infos),
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._storage.update_episodes([buffer])
            told = {**metadata, "observations_outside_space": outside}
            self._storage.update_episode_metadata([told], [number])


def settled(space: Any, values: Sequence[Any]) -> Any:
    """The env's own space, if a set can hold it and its values have its form; else one that has theirs."""
    if space is not None and can_hold(space):
        try:
            fitted(space, values[0])
            return space
        except UnfitError:
            pass
    return guessed(values)


def _with_spaces(spec: EnvSpec | None, found: Mapping[str, Any]) -> EnvSpec | None:
    """The recovered env has the spaces of the set, also where the game names none."""
    if spec is None or "game" not in spec.kwargs or not found:
        return spec
    from minari.serialization import serialize_space

    from igym.agent_env import packed_game, unpacked_game

    game = unpacked_game(spec.kwargs["game"]) | {name: serialize_space(space) for name, space in found.items()}
    spec.kwargs["game"] = packed_game(game)
    return spec


def joined_decisions(parts: Mapping[str, Decisions]) -> Decisions:
    """All agents at once, where all decide in the same frames. Raises `UnfitError` where they take turns.

    The reward is the sum of all; each agent's own is in `infos` as `reward.<agent>`.
    """
    frames = {agent: [info["frame"] for info in part.infos[:-1]] for agent, part in parts.items()}
    first = next(iter(frames.values()))
    if any(other != first for other in frames.values()):
        raise UnfitError(Told("its agents do not decide in the same frames"))
    every = list(parts.values())
    infos = [
        {f"{agent}.{name}": value for agent, part in parts.items() for name, value in part.infos[step].items()}
        | {f"reward.{agent}": part.rewards[step] for agent, part in parts.items() if step < len(part)}
        for step in range(len(first) + 1)
    ]
    return Decisions(
        JOINT,
        [{agent: part.observations[step] for agent, part in parts.items()} for step in range(len(first) + 1)],
        [{agent: part.actions[step] for agent, part in parts.items()} for step in range(len(first))],
        [sum(part.rewards[step] for part in every) for step in range(len(first))],
        [all(part.terminations[step] for part in every) for step in range(len(first))],
        [any(part.truncations[step] for part in every) for step in range(len(first))],
        infos,
        sum(part.early_reward for part in every),
        sum(part.absent for part in every),
    )


def joint_space(found: Mapping[str, Any]) -> Any:
    """None when an agent's env names none."""
    return None if any(space is None for space in found.values()) else spaces.Dict(dict(found))
