"""A data folder with matches that really were played: by the bridge of the browsers, key by key, without an engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack

from igym import EndScene, Experiment, GymScene, Stager
from igym.experiment.bundle import game_bundle
from igym.experiment.form import describe_experiment
from igym.host.export.kept_games import game_facts
from igym.host.studies.env_bridge import bridge_config, human_agents, open_bridge, working_in
from igym.host.studies.sources import keep_sources
from tests.host.export.store_builder import StoreBuilder

STEP, CONFIRM = 3, 4
Press = Callable[[int, int, int, Any], int]
"""(player, episode, frame, what the player's agent sees) → the player's input."""


class PlayedStudy:
    """`study` holds the researcher's files. One scene, one session; each match has people of its own."""

    def __init__(
        self, root: Path, scene: GymScene, files: dict[str, str | bytes], id: str = "demo", session: str = "s1",
        data: Path | None = None,
    ) -> None:  # fmt: skip
        """`data`: the data folder, which may hold other sessions already."""
        self.study, self.data = root / "study", data or root / "data"
        self.data.mkdir(parents=True, exist_ok=data is not None)
        for name, text in files.items():
            path = self.study / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.scene = scene
        self.agents = human_agents(scene.client_spec())
        games = game_facts({scene.id: game_bundle(scene, self.study)}, {}, "runtime")
        keep_sources(self.study, self.data / "experiment" / session, {"run": {"session": session}, **games})
        experiment = Experiment(id=id, title="Demo", stager=Stager([scene, EndScene("end")]))
        described = [*describe_experiment(experiment)["scenes"].values()]
        self.builder = StoreBuilder(self.data).session(session, described, id=id)
        self.matches = 0

    def match(
        self, press: Press, episodes: int = 1, most: int = 500, people: list[str] | None = None, cut: int | None = None
    ) -> list[str]:
        """Play a match to its end; `cut`: the last episode breaks off after so many frames. Returns who played."""
        number, self.matches = self.matches, self.matches + 1
        seed, match = 5 + 100 * number, f"m{number}"
        who = people or [f"p{number}{chr(97 + player)}" for player in range(len(self.agents))]
        players = [
            {"player": player, "agent": agent, "participant": name}
            for player, (agent, name) in enumerate(zip(self.agents, who, strict=True))
        ]
        for name in who:
            self.builder.record("joined", name, label=name, seat=f"S-{name}")
            self.builder.record("scene_entered", name, scene=self.scene.id, visit=1, scene_id=self.scene.id)
        bots = [str(entry["agent"]) for entry in self.scene.client_spec()["policies"]["agents"]]
        bots = [agent for agent in bots if agent not in map(str, self.agents)]
        self.builder.record("match_formed", None, match, self.scene.id, players=players, bots=bots, seed=seed)
        with working_in(self.study):
            bridge = open_bridge(self.study, bridge_config(self.scene.client_spec(), self.agents, seed))
            bridge.prepare(len(self.agents) > 1)
            for episode in range(episodes):
                frames = cut if cut is not None and episode == episodes - 1 else None
                self._episode(bridge, press, match, who, seed, episode, frames or most, frames is None)
        self.builder.record("match_ended", None, match, self.scene.id, reason="complete")
        return who

    def _episode(
        self, bridge: Any, press: Press, match: str, who: list[str], seed: int, episode: int, most: int, whole: bool
    ) -> None:
        bridge.reset(seed + episode, episode)
        play, frame = bridge.play, 0
        while play.over is None and frame < most:
            seen = [play.adapter.observations.get(str(agent)) for agent in self.agents]
            inputs = [press(player, episode, frame, one) for player, one in enumerate(seen)]
            bridge.run([STEP, frame, *inputs, CONFIRM, frame])
            frame += 1
        head = json.dumps({"scene": self.scene.id, "visit": 1, "match": match})
        batch = msgpack.unpackb(bridge.take_batch(head, "{}"))
        for name in who:
            self.builder.batch(name, batch)
            told = {"episode": episode, "frames": frame, "partial": not whole, "reason": "over" if whole else "cut"}
            self.builder.record("episode_ended", name, match, self.scene.id, **told, scores=dict(play.scores))
