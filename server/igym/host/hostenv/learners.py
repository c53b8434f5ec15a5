"""What learners of a match know at the beginning of each episode, kept with the data: a replay begins from the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from igym.host.base.held_files import move
from igym.host.export.names import safe_name

FOLDER = "learners"
"""Below the data folder: `learners/<session>/<scene>/<match>.<agent>.ep<N>`, and `.end` after the last."""


class Learner(Protocol):
    """What a researcher's class gives beside `act` and `learn`."""

    def save(self) -> bytes: ...

    def load(self, data: bytes) -> None: ...


class Checkpoints:
    """The files of one match's learners. `keeps`: they are written (in play), or only read (in a replay)."""

    def __init__(
        self, learners: Mapping[str, Learner], data: Path, session: str, scene: str, match: str, *, keeps: bool
    ):
        self._learners, self._keeps = learners, keeps
        self._all = data / FOLDER
        self._scene = safe_name(scene)
        self._stem = self._all / safe_name(session) / self._scene / safe_name(match)

    def begin(self, episode: int) -> None:
        """Each learner knows what it knew when this episode began before, or what it came to know until now.

        A match begins with what the scene's newest match ended with. A replay raises FileNotFoundError where the file
        is gone: with anything else to begin from it would be another game, and differ without a word of why.
        """
        for agent, learner in self._learners.items():
            path = self._path(agent, f"ep{episode}")
            if path.is_file():
                learner.load(path.read_bytes())
                continue
            if not self._keeps:
                raise FileNotFoundError(f"What {agent} had learned before this episode is not there: {path}")
            if episode == 0 and (before := self._newest(agent)) is not None:
                learner.load(before.read_bytes())
            self._write(path, learner)

    def end(self) -> None:
        """The match is over."""
        for agent, learner in self._learners.items():
            self._write(self._path(agent, "end"), learner)

    def _path(self, agent: str, what: str) -> Path:
        return self._stem.with_name(f"{self._stem.name}.{safe_name(agent)}.{what}")

    def _newest(self, agent: str) -> Path | None:
        ended = self._all.glob(f"*/{self._scene}/*.{safe_name(agent)}.end")
        return max(ended, key=lambda path: path.stat().st_mtime_ns, default=None)

    def _write(self, path: Path, learner: Learner) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.part")
        unfinished.write_bytes(learner.save())
        move(unfinished, path)


def keep_checkpoints(
    bridge: Any, data: Path, session: str, scene: str, match: str, *, keeps: bool
) -> Checkpoints | None:
    """Have the learners of an open game begin each episode from their files; None without learners."""
    learners = bridge.play.learners
    if not learners:
        return None
    found = Checkpoints(learners, data, session, scene, match, keeps=keeps)
    bridge.play.on_reset = found.begin
    return found
