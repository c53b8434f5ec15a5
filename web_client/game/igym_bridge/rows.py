"""One row per confirmed frame, gathered into batches and covered by a chained hash."""

from __future__ import annotations

import marshal
from hashlib import blake2b
from itertools import chain
from typing import Any

import numpy as np

from .adapters import Outcome
from .forms import Forms, Line
from .pack import pack
from .plain import Flattener, number_count, plain
from .reach import ATOMIC

Row = dict[str, Any]
CHECK_BYTES = 4
_FORM = 2
"""Version of marshal's format. In this one nothing stands for what was told before."""
CLOCK_COLUMN = "episode.t"
"""Where Gymnasium's RecordEpisodeStatistics puts the seconds an episode took."""


_STEADY: set[type] = {
    int, float, str, bool, type(None), *(kind for kind in ATOMIC if issubclass(kind, np.number | np.bool_)),
}  # fmt: skip
"""Types whose values never change and are plain once looked at."""


def is_steady(actions: dict[str, Any]) -> bool:
    """Whether nobody who is given these can change them."""
    return _STEADY.issuperset(map(type, actions.values()))


class RowMaker:
    """Turns a frame's outcome into a flat row of plain values."""

    def __init__(self, agents: list[str], record: list[str], max_observation_numbers: int) -> None:
        self._record = set(record)
        self._limit = max_observation_numbers
        self.left_out: dict[str, int] = {}
        self.without_clock = False
        """The env tells how long the computer took; that is no part of the game, and differs on each computer."""
        """Agent → how many numbers its observation has, where that is too many to record."""
        self._columns = [
            (
                agent,
                f"rewards.{agent}",
                f"terminated.{agent}",
                f"truncated.{agent}",
                Flattener(f"attempted.{agent}"),
                Flattener(f"actions.{agent}"),
                Flattener(f"observations.{agent}", max_observation_numbers),
                Flattener(f"infos.{agent}"),
            )
            for agent in agents
        ]
        self._state = Flattener("state")
        self._measured: dict[str, bool] = {}
        self._forms = Forms(agents, self._record, self._fits)

    def line(self, actions: dict[str, Any], outcome: Outcome) -> Line | None:
        """`row` of a frame that looks like those before, which takes a third of the time; None where it does not."""
        return self._forms.line(actions, outcome)

    def learn(self, actions: dict[str, Any], outcome: Outcome, row: Row) -> None:
        """`row` came of these: the next ones may look alike."""
        self._forms.learn(actions, outcome, row)

    def row(
        self, actions: dict[str, Any], outcome: Outcome, state: Any = None, refused: dict[str, Any] | None = None
    ) -> Row:
        """`actions` as the env received them; `refused`: agent → action that was kept from it."""
        row: Row = {}
        record = self._record
        for (
            agent,
            reward,
            terminated,
            truncated,
            attempts,
            action_columns,
            observation_columns,
            info_columns,
        ) in self._columns:
            if "actions" in record:
                _put_action(row, f"actions.{agent}", actions[agent], action_columns)
                if refused and agent in refused:
                    _put_action(row, f"attempted.{agent}", refused[agent], attempts)
            if "rewards" in record:
                row[reward] = plain(outcome.rewards[agent])
            row[terminated] = outcome.terminated[agent]
            row[truncated] = outcome.truncated[agent]
            if "observations" in record and self._fits(agent, outcome.observations[agent]):
                observation_columns.into(row, outcome.observations[agent])
            if "infos" in record and outcome.infos[agent]:
                info_columns.into(row, outcome.infos[agent])
                if self.without_clock:
                    row.pop(f"infos.{agent}.{CLOCK_COLUMN}", None)
        if state is not None and "state" in record:
            self._state.into(row, state)
        return row

    def kept(self, actions: dict[str, Any], outcome: Outcome) -> Outcome | None:
        """What `row` needs of the outcome, with arrays of its own, as envs reuse theirs.

        None where something in it could change later: its row has to be made now.
        """
        observations, rewards, terminated, truncated, infos = outcome
        if not _STEADY.issuperset(map(type, chain(rewards.values(), actions.values()))):
            return None
        for info in infos.values():
            if info and not _STEADY.issuperset(map(type, info.values())):
                return None
        seen = self._seen(observations) if "observations" in self._record else observations
        if seen is None:
            return None
        told = {agent: dict(info) for agent, info in infos.items()}
        return Outcome(seen, dict(rewards), dict(terminated), dict(truncated), told)

    def _seen(self, observations: dict[str, Any]) -> dict[str, Any] | None:
        seen: dict[str, Any] = {}
        for agent, one in observations.items():
            if not self._fits(agent, one):
                seen[agent] = None
            elif type(one) is np.ndarray and not one.dtype.hasobject:
                seen[agent] = one.copy()
            elif type(one) in _STEADY:
                seen[agent] = one
            else:
                return None
        return seen

    def _fits(self, agent: str, observation: Any) -> bool:
        fits = self._measured.get(agent)
        if fits is None and observation is not None:
            count = number_count(observation)
            fits = self._measured[agent] = count <= self._limit
            if not fits:
                self.left_out[agent] = count
        return bool(fits)


def _put_action(row: Row, name: str, action: Any, columns: Flattener) -> None:
    value = plain(action)
    if isinstance(value, list | dict):
        columns.into(row, value)
    else:
        row[name] = value


class Batch:
    """Consecutive confirmed rows, turned into columns when they leave. A missing value is None."""

    def __init__(self, first: int) -> None:
        self.first = first
        self._lines: list[Line] = []
        self._chains: list[bytes] = []

    @property
    def count(self) -> int:
        return len(self._lines)

    @property
    def checks(self) -> str:
        """The beginning of the chain after each row, for finding the frame from which a replay differs."""
        return "".join(chain[:CHECK_BYTES].hex() for chain in self._chains)

    @property
    def chain(self) -> str:
        """The chain after the last row, as hex."""
        return self._chains[-1].hex() if self._chains else ""

    def add(self, line: Line, chain: bytes) -> None:
        self._lines.append(line)
        self._chains.append(chain)

    def split(self, count: int) -> Batch:
        """The first `count` rows as a batch of their own; the others stay."""
        taken = Batch(self.first)
        taken._lines, self._lines = self._lines[:count], self._lines[count:]
        taken._chains, self._chains = self._chains[:count], self._chains[count:]
        self.first += count
        return taken

    def rows(self) -> tuple[list[str], list[list[Any]]] | None:
        """The names that all rows have, and their values; None where rows differ in their names."""
        if not self._lines:
            return None
        names, _ = self._lines[0]
        return (names, [values for _, values in self._lines]) if all(own is names for own, _ in self._lines) else None

    def columns(self) -> dict[str, list[Any]]:
        alike = self.rows()
        if alike is not None:
            names, values = alike
            return dict(zip(names, map(list, zip(*values, strict=True)), strict=True))
        rows = [dict(zip(*line, strict=True)) for line in self._lines]
        found: dict[str, None] = {}
        for row in rows:
            found.update(dict.fromkeys(row))
        return {name: [row.get(name) for row in rows] for name in found}


class Recorder:
    """Takes rows frame by frame, keeps the chain over all of them, hands out batches."""

    def __init__(self) -> None:
        self.start(0, 0)

    def start(self, episode: int, stored: int) -> None:
        """A new episode, of which the first `stored` rows are on the host already."""
        self._chain = b""
        self._open: list[Line] = []
        """Rows that the chain does not cover yet."""
        self._last: Line = ([], [])
        self._names: list[str] = []
        self._seq = 0
        self._episode = episode
        self._stored = stored
        self._rows = 0
        self._batch = Batch(stored)

    @property
    def waiting(self) -> int:
        """Rows not handed out yet."""
        return max(0, self._rows - self._batch.first)

    @property
    def last(self) -> Row:
        """The newest row."""
        return dict(zip(*self._last, strict=True))

    def add(self, line: Line) -> None:
        self._last = line
        self._rows += 1
        self._open.append(line)

    @property
    def chain(self) -> bytes:
        """The hash over all rows so far, each chained to the one before."""
        # Many rows at once take half of what each one takes on its own in the midst of a frame.
        if self._open:
            number = self._rows - len(self._open)
            for line in self._open:
                told = self._cover(line)
                number += 1
                if number > self._stored:
                    self._batch.add(told, self._chain)
            self._open = []
        return self._chain

    def _cover(self, line: Line) -> Line:
        """The same row, whose names are the very ones of the row before where they are equal."""
        names, values = line
        # Names are hashed when they change: a row's values say nothing without them, and they seldom do.
        if names is self._names or names == self._names:
            text = repr(values)
        else:
            self._names, text = names, repr((names, values))
        self._chain = blake2b(self._chain + text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        return line if names is self._names else (self._names, values)

    @property
    def storing(self) -> bool:
        """Whether the next row is handed out."""
        return self._rows >= self._stored

    def take(self, head: dict[str, Any], inputs: dict[str, list[int]], count: int) -> Outgoing:
        """The first `count` rows not taken yet. `head` has scene, visit, match and what a replay needs."""
        last = self.chain
        batch = self._batch.split(count)
        body = {
            "v": 1, **head, "episode": self._episode, "seq": self._seq, "first": batch.first, "count": batch.count,
            "parity": batch, "local": {}, "inputs": inputs, "chain": batch.chain or last.hex(),
            "checks": batch.checks,
        }  # fmt: skip
        self._seq += 1
        return Outgoing(body)


class Outgoing:
    """Rows on their way out; under `parity` of their body is a batch, and `local` is left to whoever packs it."""

    def __init__(self, body: dict[str, Any]) -> None:
        self._body = body

    def packed(self, local: dict[str, list[Any]]) -> bytes:
        """As msgpack, with these columns of the browser."""
        return pack({**self._body, "parity": self._body["parity"].columns(), "local": local})

    def marshalled(self) -> bytes:
        """As marshal writes it, in a twentieth of the time: a list of each name and its value, `parity` as names and
        rows where these are alike, else as columns. Raises `ValueError` for what it cannot write; other kinds of values
        than rows have may come out as something else."""
        batch: Batch = self._body["parity"]
        body = {**self._body, "parity": batch.rows() or batch.columns()}
        return marshal.dumps([*chain.from_iterable(body.items())], _FORM)
