"""How much of the disk each participant may fill: what the study needs of them, with slack, and no more."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from igym.experiment.scenes.gym import GymScene
from igym.protocol.binary import Rows

MB = 1024 * 1024
FIRST_ROWS_BYTES = 16 * MB
FIRST_MESSAGES_BYTES = 16 * MB
MESSAGES_BYTES_PER_S = 4096
ROW_BYTES = 4096
NUMBER_BYTES = 10
STATE_BYTES = 20 * 1024
FIRST_INPUT_BYTES = 4 * MB
INPUT_BYTES_PER_S = 32 * 1024
"""A pointer and two sticks in motion, told at the pace of a fast display."""
MOST_COLUMNS = 2500
"""As many as one batch may hold: more different ones in all episodes of a scene come from no game."""


def row_bytes(scene: GymScene) -> int:
    """The most that one frame of this scene needs on average, in bytes."""
    runtime = scene.runtime_options
    agents = len(scene.policies_options.mapping)
    numbers = agents * runtime.max_observation_numbers if "observations" in runtime.record else 0
    return ROW_BYTES + NUMBER_BYTES * numbers + (STATE_BYTES if "state" in runtime.record else 0)


@dataclass
class Budgets:
    """What each participant has stored. Bytes are those that came, before the writer compresses them."""

    stored: Counter[str] = field(default_factory=Counter)
    """Participant → everything of them on the disk."""
    _rows: Counter[str] = field(default_factory=Counter)
    _messages: Counter[str] = field(default_factory=Counter)
    _inputs: Counter[str] = field(default_factory=Counter)
    _since: dict[str, float] = field(default_factory=dict)
    _columns: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    """(participant, scene) → hashes of the columns' names; the names themselves may be long."""

    def restore(self, stored: dict[str, tuple[int, int]], since: dict[str, float]) -> None:
        """What is on the disk already when a session goes on: participant → bytes of (rows, everything else).

        Rows count as they lie there, compressed; `since`: participant → when they joined, in s.
        """
        for participant, (rows, messages) in stored.items():
            self._rows[participant] += rows
            self._messages[participant] += messages
            self.stored[participant] += rows + messages
        self._since |= since

    def takes_message(self, participant: str, size: int, now: float) -> bool:
        """Whether there is room for a message of so many bytes, which is taken then; `now` in s."""
        since = self._since.setdefault(participant, now)
        if self._messages[participant] + size > FIRST_MESSAGES_BYTES + MESSAGES_BYTES_PER_S * max(0.0, now - since):
            return False
        self._messages[participant] += size
        self.stored[participant] += size
        return True

    def takes_input(self, participant: str, size: int, now: float) -> bool:
        """Whether there is room for so many bytes of raw inputs, which are taken then; `now` in s."""
        since = self._since.setdefault(participant, now)
        if self._inputs[participant] + size > FIRST_INPUT_BYTES + INPUT_BYTES_PER_S * max(0.0, now - since):
            return False
        self._inputs[participant] += size
        self.stored[participant] += size
        return True

    def give_input_back(self, participant: str, size: int) -> None:
        """Inputs that were taken could not be stored."""
        self._inputs[participant] -= size
        self.stored[participant] -= size

    def takes_rows(self, participant: str, size: int, frames_due: float, bytes_per_frame: int) -> bool:
        """Whether there is room for a batch of so many bytes, as play so far may have brought `frames_due` frames."""
        if self._rows[participant] + size > FIRST_ROWS_BYTES + frames_due * bytes_per_frame:
            return False
        self._rows[participant] += size
        self.stored[participant] += size
        return True

    def give_back(self, participant: str, size: int) -> None:
        """A batch that was taken was not stored, as it failed or was there already."""
        self._rows[participant] -= size
        self.stored[participant] -= size

    def takes_columns(self, participant: str, rows: Rows) -> bool:
        """Whether the scene's columns stay few with those of this batch, which are noted then."""
        known = self._columns.setdefault((participant, rows.scene), set())
        names = {hash(("parity", name)) for name in rows.parity} | {hash(("local", name)) for name in rows.local}
        if len(known | names) > MOST_COLUMNS:
            return False
        known |= names
        return True

    def biggest(self) -> tuple[str, int] | None:
        """Who has stored most, and how many bytes; None when nobody has stored anything."""
        return next(iter(self.stored.most_common(1)), None)
