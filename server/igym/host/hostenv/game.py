"""One match as its process plays it: countdown, frames, episodes, and everything that leaves for the engine."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from igym.host.hostenv.inputs import ABSENT, Inputs
from igym.host.hostenv.moves import END, LATE, Moves
from igym.host.hostenv.pace import Pace
from igym.host.hostenv.scores import Scores
from igym.host.hostenv.views import View, Views
from igym.host.hostenv.watchdog import Watchdog
from igym.host.studies.env_bridge import controls_of, input_counts

STEP, CONFIRM = 3, 4
COST_FRAMES = 300
"""So many frames make one report of what a step costs."""


def _inputs_of(gameplay: dict[str, Any], agents: list[Any]) -> Inputs | Moves:
    keys = [input_counts(controls_of(gameplay, agent))[0] for agent in agents]
    players = len(agents)
    once = gameplay["input_mode"] == "single_keystroke"
    if gameplay["pace"] != "on_input":
        return Inputs(players, once, keys)
    late = END if gameplay["on_move_limit"] == "end" else LATE
    return Moves(players, once, gameplay["move_limit_s"], late, keys)


class NotRepeatableError(Exception):
    """After an interruption the env, given the same seed and actions, went another way."""


class Game:
    """Phases: idle → countdown → playing → frozen → countdown … → over. `now` is the engine's clock, unix s."""

    def __init__(
        self,
        bridge: Any,
        order: dict[str, Any],
        say: Callable[[dict[str, Any]], None],
        now: Callable[[], float],
        watchdog: Watchdog,
    ) -> None:
        spec = order["spec"]
        self._bridge, self._say, self._now, self._watchdog = bridge, say, now, watchdog
        self.now = now
        self._order, self._gameplay = order, spec["gameplay"]
        self._players = len(order["config"]["players"])
        self._views = Views(bridge.play, self._players, bool(spec["rendering"]["per_agent_view"]))
        self._inputs = _inputs_of(self._gameplay, order["config"]["players"])
        self._scores = Scores(bool(spec["rendering"]["carry_score_over"]), order.get("scores") or {})
        self._pace = Pace(float(spec["rendering"]["fps"]))
        self._episode = int(order["episode"])
        self._allowed: int | None = order.get("allowed")
        self._frame = -1
        self._until = 0.0
        self._paused_at: float | None = None
        self._costs: list[float] = []
        self._expecting: set[int] = set()
        self._start_at: float | None = None
        """The first episode waits to be allowed since then."""
        self._whose: dict[int, tuple[str | None, float | None]] = {}
        self.phase = "idle"

    # -- what the engine says

    def prepare(self, interrupted: dict[str, Any] | None) -> None:
        """Begin the first episode; with `{inputs, stored, chain}` bring it to where it was. Raises if it differs."""
        self._reset(stored=interrupted["stored"] if interrupted else 0)
        if interrupted:
            self._catch_up(interrupted)
        self._draw([])

    def _catch_up(self, interrupted: dict[str, Any]) -> None:
        inputs = (interrupted["inputs"][str(player)] for player in range(self._players))
        for frame, numbers in enumerate(zip(*inputs, strict=True)):
            for player, number in enumerate(numbers):
                if number == ABSENT:
                    self._inputs.absent(player)
            self._step(frame, list(numbers))
            if frame >= interrupted["stored"]:
                self._tell_frame(None, 0.0, {}, {})
        if self._bridge.chain() != interrupted["chain"]:
            raise NotRepeatableError

    def start(self, at: float) -> None:
        """The next frame is due at `at`; until then the countdown shows."""
        if self.phase != "idle":
            return
        if not self._may_play(self._episode):
            self._start_at = at
            return
        self._say({"say": "started", "episode": self._episode})
        self._count_down(at)

    def allow(self, episodes: int | None) -> None:
        """So many episodes may be played so far; what waited for that goes on."""
        self._allowed = episodes
        if self._start_at is not None and self._may_play(self._episode):
            at, self._start_at = self._start_at, None
            self.start(max(at, self._now()))

    def _may_play(self, episode: int) -> bool:
        return self._allowed is None or episode < self._allowed

    def input(self, player: int, number: int, at_ms: float) -> None:
        if 0 <= player < self._players:
            self._inputs.add(player, number, at_ms)
            self._tell_turns()

    def pause(self) -> None:
        if self._paused_at is None:
            self._paused_at = self._now()
            self._inputs.release()

    def resume(self) -> None:
        if self._paused_at is None:
            return
        held_s = self._now() - self._paused_at
        self._paused_at = None
        self._pace.shift(held_s)
        self._inputs.restart(self._now())
        self._tell_turns()
        if self.phase in ("countdown", "frozen"):
            self._until += held_s
            self._tell_phase(self._until)

    def absent(self, player: int) -> None:
        """From the next frame on this player's stand-in or the default action plays."""
        self._inputs.absent(player)
        self._tell_turns()

    def show(self, player: int) -> None:
        """A page that shows nothing yet gets the whole picture, as soon as there is one."""
        view = self._views.of(player)
        whole = view.pictures.whole()
        if whole is None:
            self._expecting.add(player)
            return
        self._say({"say": "view", "to": [player], "episode": self._episode, "frame": self._frame,
                   "number": view.pictures.number,
                   "at": self._now(), **whole})  # fmt: skip

    def look(self, player: int) -> None:
        """A spectator gets the whole picture, packed beside the game."""
        pictures = self._views.of(player).pictures
        still = pictures.still()
        head = {"say": "looked", "player": player, "kind": None, "frame": self._frame, "number": pictures.number,
                "at": self._now()}  # fmt: skip
        if still is None:
            self._say(head)
        else:
            threading.Thread(target=lambda: self._say({**head, **still()}), daemon=True).start()

    def close(self) -> None:
        """The match is over: what was played so far is told, and how far it came."""
        if self.phase in ("countdown", "playing") and self._frame >= 0:
            self._seal("partial")
        self.phase = "over"

    # -- time

    @property
    def due(self) -> float | None:
        """When `tick` has something to do; None until the engine says something."""
        if self._paused_at is not None or self.phase in ("idle", "over"):
            return None
        if self.phase == "frozen" and not self._may_play(self._episode + 1):
            return None
        return self._inputs.due(self._pace.due) if self.phase == "playing" else self._until

    def tick(self) -> None:
        """Do what is due."""
        now = self._now()
        if self.phase == "countdown":
            self.phase = "playing"
            self._pace.start(self._until)
            self._inputs.expect(self._bridge.play.acting, now)
            self._tell_turns()
            self._tell_phase(None)
        elif self.phase == "frozen":
            self._next_episode()
        elif self.phase == "playing":
            self._play(now)

    def _play(self, now: float) -> None:
        if self._bridge.play.waits:
            # The frame was due when the last move was made, however long ago its turn on the clock was.
            self._pace.start(now)
        late_s = self._pace.take(now)
        numbers, events = self._inputs.take()
        self._frame += 1
        started = time.perf_counter()
        sounds = self._step(self._frame, numbers)
        self._tell_frame(now, late_s * 1000, events, self._inputs.waited_ms)
        self._draw(sounds)
        self._inputs.expect(self._bridge.play.acting, self._now())
        self._tell_turns()
        self._tell_cost(time.perf_counter() - started)
        if self._bridge.play.over is not None:
            self._end_episode()

    def _tell_cost(self, seconds: float) -> None:
        self._costs.append(seconds * 1000)
        if len(self._costs) >= COST_FRAMES:
            costs, self._costs = sorted(self._costs), []
            self._say({"say": "cost", "p50_ms": costs[len(costs) // 2], "p99_ms": costs[-len(costs) // 100],
                       "dropped_ticks": self._pace.dropped_ticks})  # fmt: skip

    # -- the env

    def _reset(self, stored: int) -> None:
        self._frame = -1
        self._inputs.release()
        self._scores.begin()
        seed = (int(self._order["config"]["seed"]) + self._episode) % 2**31
        self._say({"say": "resetting"})
        self._watchdog.enter("reset")
        self._views.before_step()
        self._bridge.play.reset(seed, self._episode, stored)
        self._watchdog.leave()

    def _step(self, frame: int, numbers: list[int]) -> list[str]:
        """The names of the sounds of this frame."""
        self._watchdog.enter("step")
        self._views.before_step()
        head = json.loads(self._bridge.run([STEP, frame, *numbers, CONFIRM, frame]).partition("\n")[0])
        self._watchdog.leave()
        self._frame = frame
        return list(head.get("sounds", ()))

    def _tell_frame(self, at: float | None, late_ms: float, events: dict[int, float], waited: dict[int, float]) -> None:
        """`at` is None for a frame that was lived through before."""
        head = json.dumps({"scene": self._order["scene"], "visit": 0, "match": self._order["match"]})
        # A batch of its own: a row that has left this process is not lost with it.
        row = bytes(self._bridge.take_batch(head, "{}"))
        self._say({"say": "frame", "episode": self._episode, "frame": self._frame, "at": at, "late_ms": late_ms,
                   "events": events, "waited": waited, "row": row})  # fmt: skip

    def _draw(self, sounds: list[str]) -> None:
        """Send what is to be seen and heard."""
        self._watchdog.enter("step")
        drawn = self._views.draw()
        hud = self._scores.news(self._bridge.play.scores, self._bridge.play.hud())
        self._watchdog.leave()
        at = self._now()
        for view in drawn:
            self._say({"say": "view", "to": view.players, "episode": self._episode, "frame": self._frame,
                   "number": view.pictures.number,
                       "at": at, **(view.pictures.change or {})})  # fmt: skip
        if hud is not None:
            self._say({"say": "hud", "episode": self._episode, **hud})
        for view in self._views.all:
            self._tell_sounds(view, sounds)
        expecting, self._expecting = self._expecting, set()
        for player in sorted(expecting):
            self.show(player)

    def _tell_sounds(self, view: View, sounds: list[str]) -> None:
        names = [*sounds, *view.sounds]
        view.sounds = []
        if names:
            self._say({"say": "sounds", "to": view.players, "names": names})

    # -- episodes

    def _count_down(self, at: float) -> None:
        self.phase, self._until = "countdown", at
        self._tell_phase(at)

    def _end_episode(self) -> None:
        self._seal(None)
        self._scores.carry()
        if self._episode + 1 >= int(self._gameplay["num_episodes"]):
            self.phase = "over"
            self._tell_phase(None)
            self._say({"say": "over"})
            return
        self.phase = "frozen"
        self._until = self._now() + float(self._gameplay["reset_freeze_s"])
        self._tell_phase(self._until)

    def _next_episode(self) -> None:
        self._episode += 1
        self._reset(0)
        self._draw([])
        self._say({"say": "started", "episode": self._episode})
        self._count_down(self._now() + float(self._gameplay["countdown_s"]))

    def _seal(self, reason: str | None) -> None:
        values = self._bridge.changed_globals()
        if values:
            self._say({"say": "globals", "values": json.loads(values)})
        over = self._bridge.play.over
        why = reason or (over[1] if over else "partial")
        self._say({"say": "ended", "episode": self._episode, "frames": self._frame + 1, "reason": why,
                   "chain": self._bridge.chain(), "scores": self._scores.of_episode()})  # fmt: skip

    def _tell_turns(self) -> None:
        """Each player whose move is another than what they were told hears whose it is."""
        for player in range(self._players):
            whose, until = now = self._inputs.whose_move(player)
            if self.phase == "playing" and now != self._whose.get(player, (None, None)):
                self._whose[player] = now
                self._say({"say": "move", "to": player, "whose": whose, "until": until})

    def _tell_phase(self, until: float | None) -> None:
        self._say({"say": "phase", "phase": self.phase, "episode": self._episode, "until": until})
