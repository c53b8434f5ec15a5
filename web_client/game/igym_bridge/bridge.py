"""The one door between the game worker and the env: open, reset, then one `run` per tick."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable
from functools import lru_cache
from math import isfinite
from struct import Struct
from typing import Any

from . import loader
from .adapters import adapt
from .bots import Bots
from .canon import differing
from .checks import Checks
from .clocks import still_clocks
from .faults import EnvError, describe
from .generators import notice_reseeding
from .onnx_policy import Model
from .play import Play
from .proof import Proof, prove
from .replay import Replay
from .rows import Batch, Outgoing
from .snapshots import GameState, Ring, strategies
from .told import Told, together, with_table
from .transfer import Transfer

SAVE, LOAD, STEP, CONFIRM, DRAW, MUTE, CHECK, KEEP = 1, 2, 3, 4, 5, 6, 7, 8
"""Requests, as numbers in one flat list: SAVE frame | LOAD frame | STEP frame input… | CHECK frame |
CONFIRM frame | DRAW 0 | MUTE frame | KEEP frame count frame… (oldest snapshot needed, older ones needed)."""

ModelLoader = Callable[[str], Model]
_SHEET_BYTES, _MOST_NUMBERS = 16_384, 1_024
_SHOWN = {int, float}
_pack_numbers = Struct("=5i").pack_into


class Bridge:
    """Holds one env. `config` is built by the worker from the game bundle and the match."""

    def __init__(self, config: dict[str, Any], folder: str, load_model: ModelLoader) -> None:
        self._config = config
        self._folder = folder
        # Before a file of the game can take `seed` out of `numpy.random` by name.
        notice_reseeding()
        loader.enter_folder(folder)
        # Before the env's first line: an env reads them wherever it likes.
        config["globals"] = loader.lend_globals(config.get("globals"), config.get("apart") or [])
        env, module = loader.load_env(config["environment"], folder)
        has_clock = still_clocks(env)
        adapter = adapt(env, [entry["agent"] for entry in config["policies"]])
        bots = Bots(adapter, config, folder, load_model)
        self.play = Play(adapter, module, config, bots)
        self.play.rows.without_clock = has_clock
        modules = loader.modules_of(folder)
        self._modules = modules
        self.play.globals_matter |= loader.reads_globals(modules)
        self._classes = loader.classes_of(modules)
        self.state = GameState(env, self.play.parts(), modules, self._classes)
        self.ring: Ring | None = None
        self.checks = Checks(self.state, None)
        self._orders: dict[int, Callable[[int], None]] = {
            SAVE: lambda frame: self._ring().save(frame),
            LOAD: lambda frame: self._ring().load(frame),
            CHECK: self._check,
            MUTE: self.play.mute,
        }
        self._taken = Outgoing({"parity": Batch(0)})
        self._told_scores: dict[str, Any] = {}
        self._told_globals = json.dumps(self.play.after_step.globals, default=str)
        self.inbox = array("i", bytes(4 * _MOST_NUMBERS))
        """Where JavaScript writes the requests of `tick`."""
        self.sheet = bytearray(_SHEET_BYTES)
        """Where `tick` leaves a packed picture and `lay_batch` a batch; replaced by a larger one when one needs it."""
        self.scores = array("d", [0] * len(adapter.agents))
        """Where `tick` leaves the scores, in the order of `agents`."""

    def prepare(self, rollback: bool) -> str:
        """Choose and prove how the game is saved. JSON: {kind, strategy, reasons, save_ms, load_ms, step_ms}.

        Where nothing restores the game, `refusal` says so in full; `told` is what the texts are made of.
        """
        report: dict[str, Any] = {"strategy": None, "reasons": []}
        if rollback:
            proof: Proof = prove(self.play, self.state, strategies(self.state), int(self._config.get("seed") or 0))
            report = proof.report()
            if proof.strategy is None:
                report["refusal"] = Told(
                    "This game cannot be played by several people: its state is not restored exactly ({reasons}).",
                    reasons=together(proof.reasons, "; "),
                )
            else:
                self.ring = Ring(proof.strategy)
                self.play.predicts = True
                self.checks = Checks(self.state, proof.strategy)
        return json.dumps(with_table({"kind": self.play.adapter.kind, **report}))

    def reset(self, seed: int, episode: int, stored: int = 0) -> str:
        """Start an episode and draw its first picture; answers like `run`.

        `stored` rows of it are on the host already: they count for the chain and are not handed out again.
        """
        self.begin(seed, episode, stored)
        return self._answer(True)

    def begin(self, seed: int, episode: int, stored: int = 0) -> None:
        """As `reset`, without a picture: what an env draws to stay is in the first one that somebody takes."""
        if self.ring is not None:
            self.ring.clear()
        self.checks.clear()
        self.play.reset(seed, episode, stored)
        self._told_scores = {}

    def run(self, requests: str | list[int]) -> str:
        """Do one tick's requests (a flat list or its JSON). Returns a JSON head, a newline, the picture's JSON."""
        return self._answer(self._do(json.loads(requests) if isinstance(requests, str) else requests))

    def tick(self, count: int) -> str:
        """As `run`, for JavaScript in the same memory: the first `count` numbers of `inbox` are the requests.

        Afterwards `inbox` begins with the episode's last frame (-1: none yet), the last confirmed frame, how many rows
        wait, the bytes of a packed picture in `sheet` (0: another picture follows as text) and whether there are new
        scores in `scores` (0: no, or as text). The rest of the head is returned; nothing at all where there is neither
        that nor a picture as text.
        """
        drawn = self._do(self.inbox[:count].tolist())
        play, size = self.play, 0
        picture = play.draw(packed=True) if drawn else ""
        in_numbers = play.scores != self._told_scores and self._scores_laid_down()
        news = self._news(drawn)
        if not isinstance(picture, str):
            picture, size = "", self._laid_down(picture)
        numbers = play.progress.ended_at, play.confirmed, play.recorder.waiting, size, in_numbers
        _pack_numbers(self.inbox, 0, *numbers)
        return f"{{{','.join(news)}}}\n{picture}" if news or picture else ""

    def _laid_down(self, data: bytes) -> int:
        size = len(data)
        if size > len(self.sheet):
            self.sheet = bytearray(2 * size)
        self.sheet[:size] = data
        return size

    def _scores_laid_down(self) -> bool:
        """False where the page would not show them as they are: then they go as text."""
        values = self.play.scores.values()
        if not _SHOWN.issuperset(map(type, values)):
            return False
        try:
            scores = array("d", values)
        except OverflowError:
            return False
        if not all(map(isfinite, scores)):
            return False
        self.scores[:] = scores
        self._told_scores = self.play.scores.copy()
        return True

    def agents(self) -> str:
        """JSON of the agents' names."""
        return json.dumps(self.play.adapter.agents)

    def _do(self, numbers: list[int]) -> bool:
        """One tick's requests; whether a picture is wanted."""
        width = 2 + len(self.play.players)
        drawn, index, count = False, 0, len(numbers)
        while index < count:
            order, frame = numbers[index], numbers[index + 1]
            if order == STEP:
                self.play.step(frame, numbers[index + 2 : index + width])
                index += width
            elif order == KEEP:
                end = index + 3 + numbers[index + 2]
                self._ring().keep(frame, numbers[index + 3 : end])
                index = end
            else:
                if order == CONFIRM:
                    self.play.confirm(frame)
                elif order == DRAW:
                    drawn = True
                else:
                    self._orders[order](frame)
                index += 2
        return drawn

    def _check(self, frame: int) -> None:
        self.checks.after(frame)

    def _ring(self) -> Ring:
        if self.ring is None:
            raise EnvError("This env cannot be restored exactly, so it cannot be played with rollback.")
        return self.ring

    def _answer(self, drawn: bool) -> str:
        picture = self.play.draw() if drawn else ""
        return f"{self._head(drawn)}\n{picture!s}"

    def _head(self, drawn: bool) -> str:
        """`{end, confirmed, rows, …}`; what has not changed is left out."""
        play = self.play
        numbers = f'"end":{play.progress.ended_at},"confirmed":{play.confirmed},"rows":{play.recorder.waiting}'
        return f"{{{','.join([numbers, *self._news(drawn)])}}}"

    def _news(self, drawn: bool) -> list[str]:
        """What the head says beside its numbers, as the parts of a JSON object."""
        play = self.play
        parts: list[str] = []
        if play.progress.ended_at >= 0:
            parts.append(f'"reason":"{play.progress.reason}"')
        # Equal numbers are shown alike.
        if play.scores != self._told_scores:
            self._told_scores = play.scores.copy()
            parts.append(f'"scores":{_finite_json(play.scores)}')
        if play.over is not None:
            parts.append(f'"over":[{play.over[0]},"{play.over[1]}"]')
        if play.waits:
            parts.append(f'"acting":{json.dumps(play.acting)}')
        if self.checks.due:
            parts.append(f'"checks":{json.dumps(self.checks.take())}')
        if play.seals:
            parts.append(f'"seals":{json.dumps(play.take_seals())}')
        if play.sounds_due:
            parts.append(f'"sounds":{json.dumps(play.due_sounds())}')
        text = play.hud() if drawn and play.has_hud else None
        if text is not None:
            parts.append(f'"hud":{json.dumps(text)}')
        return parts

    def take_batch(self, head: str, local: str, count: int | None = None) -> bytes:
        """The first `count` confirmed rows not taken yet (None: all) as a msgpack batch; the texts are JSON objects."""
        return self.play.take_rows(json.loads(head), count).packed(json.loads(local))

    def lay_batch(self, head: str, count: int | None = None) -> int:
        """As `take_batch`, for JavaScript in the same memory, which packs it: `sheet` begins with what
        `Outgoing.marshalled` gives. Returns how many bytes; 0: only `lay_packed` can tell it."""
        self._taken = self.play.take_rows(json.loads(head), count)
        try:
            return self._laid_down(self._taken.marshalled())
        except ValueError:
            return 0

    def lay_packed(self, local: str) -> int:
        """The rows of the last `lay_batch` once more, as a msgpack batch in `sheet`. Returns how many bytes."""
        return self._laid_down(self._taken.packed(json.loads(local)))

    def chain(self) -> str:
        """Hash over every confirmed row of the episode, as hex."""
        return self.play.recorder.chain.hex()

    def changed_globals(self) -> str:
        """JSON of the participant's globals if the researcher's code changed them since the last call, else empty."""
        text = json.dumps(self.play.after_step.globals, default=str)
        changed = text != self._told_globals
        self._told_globals = text
        return text if changed else ""

    def replay(self, seed: int, episode: int, inputs: str) -> Replay:
        """An episode played again; `inputs` is JSON, frame → inputs of all players."""
        return Replay(self, seed, episode, json.loads(inputs))

    def left_out(self) -> str:
        """JSON agent → how many numbers an observation too large to record has."""
        return json.dumps(self.play.rows.left_out)

    def pixels(self) -> Any:
        """The last rgb_array as flat RGBA bytes, or None."""
        pixels = self.play.painter.pixels
        return None if pixels is None else pixels.reshape(-1)

    def export_state(self, frame: int) -> bytes:
        """The game before `frame` (a saved one), for another browser. Raises if something in it cannot travel."""
        ring = self._ring()
        with ring.visit(frame):
            return self.transfer().export()

    def import_state(self, frame: int, data: bytes) -> None:
        """Put another browser's `export_state` into the ring as the snapshot of `frame`; the game stays as it is."""
        ring = self._ring()
        now = ring.strategy.save()
        try:
            self.transfer().apply(bytes(data))
            ring.save(frame)
        finally:
            ring.strategy.load(now)

    def transfer(self) -> Transfer:
        return Transfer(self.play.env, self.play.parts(), self._modules, self._classes)

    def state_table(self, frame: int) -> str:
        """JSON path → token of the state after `frame`, if it is kept; else `{}`."""
        return json.dumps(self.checks.table(frame))

    def differing_attributes(self, frame: int, other: str) -> str:
        """JSON list of the paths in which this state after `frame` differs from another browser's table."""
        return json.dumps(differing(self.checks.table(frame), json.loads(other)))

    def fault(self, error: BaseException | None) -> str:
        """JSON {message, traceback, file, line} of an error, for the researcher."""
        return fault(error, self._folder)


def _finite_json(values: dict[str, Any]) -> str:
    """JSON for the page's display, where an infinite score is shown as text."""
    return f"{{{','.join([f'{_quoted(name)}:{_number(value)}' for name, value in values.items()])}}}"


_quoted = lru_cache(maxsize=256)(json.dumps)


def _number(value: Any) -> str:
    if type(value) in (int, float):
        return repr(value) if value - value == 0 else f'"{value}"'
    return json.dumps(str(value) if value - value != 0 else value)


def fault(error: BaseException | None, folder: str) -> str:
    """JSON {message, traceback, file, line}, with `told` where the message is a sentence of ours."""
    return json.dumps(with_table(describe(error or EnvError("Python stopped without an error."), folder)))


def open_bridge(config: str, folder: str, load_model: ModelLoader) -> Bridge:
    """Load the env that the JSON `config` describes, with the experiment's files in `folder`."""
    return Bridge(json.loads(config), folder, load_model)
