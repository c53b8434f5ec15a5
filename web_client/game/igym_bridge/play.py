"""The game as it runs: inputs in, env and bots stepped, rows made, confirmed frames counted."""

from __future__ import annotations

import copy
import json
import types
from collections.abc import Callable
from typing import Any, NamedTuple

from .actions import ABSENT, END, ActionTable, controls_of
from .adapters import Adapter, Outcome
from .after_step import AfterStep
from .bots import Bots
from .companions import Companions, feedback_values
from .drawing import Painter
from .faults import EnvError
from .forms import Line
from .plain import plain
from .rows import Outgoing, Recorder, Row, RowMaker, is_steady
from .snapshots import seed_globals

MOST_GLOBALS = 16_384
ROWS_TELL_REFUSED = 2
"""From this content of rows on, an action that the env never received stands in a column of its own."""
_MOST_KNOWN = 4096
_SUMMED = {int, float}


class Outcomes(NamedTuple):
    """What a frame brought, until it is confirmed: its row, or what it will be made of."""

    row: Line | Outcome
    inputs: list[int]
    actions: dict[str, Any]
    """As the env received them."""
    refused: dict[str, Any]
    rewards: dict[str, Any]
    notes: Row | None = None
    """What the row says beside: who acted, what was advised, what feedback was given."""


class Progress:
    """Where the episode stands; part of the state that is saved and restored."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.ended_at = -1
        self.reason = ""


class Play:
    """One env with its players and bots over the episodes of a match."""

    def __init__(self, adapter: Adapter, module: types.ModuleType | None, config: dict[str, Any], bots: Bots) -> None:
        self.adapter = adapter
        self.env = adapter.env
        self.bots = bots
        self.players: list[str] = [str(agent) for agent in config["players"]]
        self._max_steps = config.get("max_steps")
        self._reset_options: list[dict[str, Any]] = config.get("reset_options") or [{}]
        self.waits = config.get("pace") == "on_input"
        """Frames wait for those whose turn it is."""
        self._tables = [_table_of(config, agent, adapter, len(self.players)) for agent in self.players]
        by_agent = dict(zip(self.players, self._tables, strict=True))
        values = feedback_values({agent: controls_of(config, agent)["analog"] for agent in self.players})
        self.companions = Companions(adapter, bots.beside, by_agent, values)
        self._is_accompanied = bool(self.companions)
        self.learners = bots.learners
        """Agent → the learner that acts for it, on its own or beside its person."""
        self.on_reset: Callable[[int], None] | None = None
        """Called with the episode before it begins."""
        self.progress = Progress()
        record = config.get("record") or []
        self.rows = RowMaker(adapter.agents, record, config.get("max_observation_numbers", 64))
        self.recorder = Recorder()
        self.after_step = AfterStep(config.get("on_step_code"), config["globals"])
        me = self._me = self.players[config.get("me", 0)] if self.players else adapter.agents[0]
        view_of = adapter.keys[me] if config.get("per_agent_view") else None
        self.painter = Painter(self.env, view_of, self.companions.advice_for(me))
        self._hud_text = _hud_function(module, config.get("hud_text"))
        self.has_hud = self._hud_text is not None or self._is_accompanied
        self._records_state = "state" in record
        self._tells_refused = config.get("row_content", 1) >= ROWS_TELL_REFUSED
        self.globals_matter = bool(config.get("on_step_code"))
        """The researcher's code may read the participant's globals: a replay needs them."""
        self._plain_actions = not bots.seats and all(table.has_plain_actions for table in self._tables)
        """Actions follow from the inputs alone, and nobody can change them."""
        self._known_actions: dict[tuple[int, ...], dict[str, Any]] = {}
        """Inputs of all players → actions, where these follow from them alone and everybody acts."""
        self.predicts = False
        """Most frames are stepped again before they count: their rows are made once they are confirmed."""
        self._forget_episode()

    def parts(self) -> dict[str, Any]:
        """What belongs to the game's state beside the env."""
        return {
            "adapter": self.adapter,
            "bots": self.bots.seats,
            "stand_ins": self.bots.stand_ins,
            "progress": self.progress,
            "igym_globals": self.after_step.globals,
            "after_step": self.after_step.scope,
            **self.companions.memory(),
        }

    def any_inputs(self, below: Callable[[int], int]) -> list[int]:
        """One input of each player, at random; `below(n)` draws a whole number from 0 to n - 1."""
        return [table.any_input(below) for table in self._tables]

    @property
    def acting(self) -> list[int]:
        """The players whose moves the next frame uses."""
        acting = self.adapter.acting() if self.progress.ended_at < 0 else []
        return [player for player, agent in enumerate(self.players) if agent in acting]

    @property
    def idle(self) -> list[int]:
        """Inputs for trying the env: no key, or the first where a frame waits for one."""
        return [int(self.waits)] * len(self.players)

    def reset(self, seed: int, episode: int, stored: int = 0) -> None:
        """Start an episode, of which the first `stored` rows are on the host already."""
        self._forget_episode()
        if self.on_reset is not None:
            self.on_reset(episode)
        for learner in self.learners.values():
            learner.forget_last()
        self.recorder.start(episode, stored)
        self.progress.clear()
        self._globals_at_start = json_or_none(self.after_step.globals) if self.globals_matter else None
        self.bots.start(seed, episode)
        self.companions.start(seed, episode)
        seed_globals(seed)
        self.adapter.reset_options = self._reset_options[episode % len(self._reset_options)] or None
        self.adapter.reset(seed)

    def _forget_episode(self) -> None:
        self._pending: dict[int, Outcomes] = {}
        self.confirmed = -1
        self.frame = -1
        self.over: tuple[int, str] | None = None
        self.scores: dict[str, Any] = dict.fromkeys(self.adapter.agents, 0)
        self._inputs: list[list[int]] = [[] for _ in self.players]
        self._sounds: dict[int, list[str]] = {}
        self.sounds_due: list[str] = []
        self.seals: list[list[Any]] = []
        self._muted_to = -1

    def step(self, frame: int, inputs: list[int]) -> None:
        """One frame; after the episode's end nothing happens any more."""
        self.frame = frame
        if self.progress.ended_at >= 0:
            return
        if self.waits and END in inputs:
            self._give_up(frame, inputs)
            return
        if not self._is_accompanied:
            self.take(frame, inputs, self.actions(frame, inputs))
            return
        by_agent = dict(zip(self.players, inputs, strict=True))
        feedback = self.companions.feedback(by_agent)
        # Before anybody decides anew: it was said of what had been seen.
        for value in feedback.values():
            for learner in self.learners.values():
                learner.told(value)
        chosen = self.actions(frame, inputs)
        notes = self.companions.act(frame, by_agent, chosen)
        self.take(frame, inputs, chosen, notes | {f"feedback.{agent}": value for agent, value in feedback.items()})

    def take(self, frame: int, inputs: list[int], chosen: dict[str, Any], notes: Row | None = None) -> None:
        """The frame in which everybody does what was `chosen`: agent → action. `notes` are further columns."""
        received, refused = self.adapter.sifted(chosen)
        # An env may write into an array that it is given: the row holds what it was before.
        steady = is_steady(received)
        outcome = self.adapter.step(received if steady else copy.deepcopy(received))
        actions = received if self._tells_refused else chosen
        refused = refused if self._tells_refused else {}
        self.after_step.run(self.env, outcome, frame)
        outcome = self._limited(frame, outcome)
        row = None if self._records_state or refused or notes else self.rows.line(actions, outcome)
        if row is None:
            row = self._slowly_made(actions, outcome, refused, notes)
        # Made as a tuple is, which takes a quarter of the time.
        self._pending[frame] = tuple.__new__(Outcomes, (row, inputs, actions, refused, outcome.rewards, notes))
        self._hear(frame)

    def _slowly_made(
        self, actions: dict[str, Any], outcome: Outcome, refused: dict[str, Any], notes: Row | None
    ) -> Line | Outcome:
        """The row, or what it will be made of once it counts."""
        state = self._own_state() if self._records_state else None
        kept = self.rows.kept(actions, outcome) if self.predicts and state is None else None
        return self._line(actions, outcome, state, refused, notes) if kept is None else kept

    def _line(
        self, actions: dict[str, Any], outcome: Outcome, state: Any, refused: dict[str, Any], notes: Row | None
    ) -> Line:
        row = self.rows.row(actions, outcome, state, refused)
        if state is None and not refused and not notes:
            self.rows.learn(actions, outcome, row)
        if notes:
            row |= notes
        return (list(row), list(row.values()))

    def _give_up(self, frame: int, inputs: list[int]) -> None:
        """Somebody did not move in time: the episode ends, and the env gets none of this frame's moves."""
        agents = self.adapter.agents
        moves = {agent: self._tables[player].action(inputs[player], True) for player, agent in enumerate(self.players)}
        made = {agent: move for agent, move in moves.items() if move is not None and agent in self.adapter.acting()}
        rewards: dict[str, Any] = dict.fromkeys(agents, 0)
        over, cut = dict.fromkeys(agents, False), dict.fromkeys(agents, True)
        outcome = Outcome(self.adapter.observations, rewards, over, cut, {agent: {} for agent in agents})
        actions: dict[str, Any] = dict.fromkeys(agents)
        self.progress.ended_at, self.progress.reason = frame, "move_limit"
        state = self._own_state() if self._records_state else None
        row = self.rows.row(actions, outcome, state, made)
        self._pending[frame] = Outcomes((list(row), list(row.values())), inputs, actions, made, rewards)

    def actions(self, frame: int, inputs: list[int]) -> dict[str, Any]:
        """Agent → action. Who does not act in this frame has None."""
        acting = self.adapter.acting()
        known = self._known_actions.get(tuple(inputs)) if acting is self.adapter.agents else None
        if known is not None:
            return known.copy()
        turn_based, away = self.adapter.turn_based, ABSENT in inputs
        fixed = acting is self.adapter.agents and self._plain_actions and not turn_based and not away
        actions: dict[str, Any] = dict.fromkeys(self.adapter.agents)
        for player, agent in enumerate(self.players):
            if agent in acting:
                actions[agent] = self._tables[player].action(inputs[player], turn_based)
        absent = (
            [agent for agent, number in zip(self.players, inputs, strict=False) if number == ABSENT] if away else []
        )
        self.bots.decide(frame, absent, acting, actions)
        if fixed and len(self._known_actions) < _MOST_KNOWN:
            self._known_actions[tuple(inputs)] = actions.copy()
        return actions

    def _limited(self, frame: int, outcome: Outcome) -> Outcome:
        flags = (*outcome.terminated.values(), *outcome.truncated.values())
        done = True in flags and self.adapter.done(outcome)
        if done:
            self.progress.reason = "terminated" if any(outcome.terminated.values()) else "truncated"
        elif self._max_steps is not None and frame + 1 >= self._max_steps:
            outcome = outcome._replace(truncated=dict.fromkeys(self.adapter.agents, True))
            self.progress.reason = "max_steps"
            done = True
        if done:
            self.progress.ended_at = frame
        return outcome

    def _own_state(self) -> Any:
        core = getattr(self.env, "unwrapped", self.env)
        if callable(getattr(core, "get_state", None)):
            return core.get_state()
        plain_kinds = (int, float, str, list)
        public = {name: plain(value) for name, value in vars(core).items() if not name.startswith("_")}
        return {
            name: value
            for name, value in public.items()
            if isinstance(value, plain_kinds) and "<" not in str(value)[:1]
        }

    def _hear(self, frame: int) -> None:
        sounds = self.painter.take_sounds()
        if sounds or frame in self._sounds:
            self._sounds[frame] = sounds

    def confirm(self, frame: int) -> None:
        """All inputs up to `frame` are known from everybody: its rows are true now."""
        while self.confirmed < frame and self.over is None:
            self.confirmed += 1
            row, inputs, actions, refused, rewards, notes = self._pending.pop(self.confirmed)
            if self.recorder.storing:
                for player, number in enumerate(inputs):
                    self._inputs[player].append(number)
            self.recorder.add(self._line(actions, row, None, refused, notes) if isinstance(row, Outcome) else row)
            if self.predicts:
                self.seals.append([self.confirmed, self.recorder.chain.hex()])
            for agent, reward in rewards.items():
                self.scores[agent] += (reward if type(reward) in _SUMMED else plain(reward)) or 0
            if self.progress.ended_at == self.confirmed:
                self.over = (self.confirmed, self.progress.reason)
            if self._sounds:
                self._release_sounds(self.confirmed)

    def outcome(self, frame: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """Agent → action and agent → reward of a frame that was stepped and not confirmed yet."""
        found = self._pending[frame]
        return found.actions, found.rewards

    def forget(self, frame: int) -> None:
        """A frame that was confirmed before was only gone through again."""
        self._pending.pop(frame, None)

    def _release_sounds(self, frame: int) -> None:
        sounds = self._sounds.pop(frame, None)
        if sounds and frame > self._muted_to:
            self.sounds_due += sounds

    def mute(self, frame: int) -> None:
        """Sounds up to `frame` are not played: they belong to a past that is being caught up."""
        self._muted_to = frame

    def take_seals(self) -> list[list[Any]]:
        """[frame, row chain after it] of frames confirmed since the last call; none where nothing is predicted."""
        seals, self.seals = self.seals, []
        return seals

    def due_sounds(self) -> list[str]:
        """Sounds of frames confirmed since the last call."""
        due, self.sounds_due = self.sounds_due, []
        return due

    def draw(self, packed: bool = False) -> str | bytes:
        """The picture after the last step, as `Painter.draw` gives it."""
        picture = self.painter.draw(packed)
        sounds = self.painter.take_sounds()
        if sounds:
            target = self._sounds.setdefault(self.frame, []) if self.frame > self.confirmed else self.sounds_due
            target += sounds
        return picture

    def hud(self) -> str | None:
        """What the researcher's display function says, and what this player is advised."""
        own = None if self._hud_text is None else str(self._hud_text(self.env, self.scores, max(self.frame, 0)))
        advice = self.companions.text_for(self._me) if self.companions else None
        found = [text for text in (own, advice) if text is not None]
        return "   ".join(found) if found else None

    def take_rows(self, head: dict[str, Any], count: int | None = None) -> Outgoing:
        """The first `count` confirmed rows that were not taken yet (None: all)."""
        count = self.recorder.waiting if count is None else count
        inputs = {str(player): numbers[:count] for player, numbers in enumerate(self._inputs)}
        self._inputs = [numbers[count:] for numbers in self._inputs]
        if self._globals_at_start is not None:
            head["globals"] = self._globals_at_start
        if self.rows.left_out:
            head["left_out"] = self.rows.left_out
        return self.recorder.take(head, inputs, count)


def _table_of(config: dict[str, Any], agent: str, adapter: Adapter, players: int) -> ActionTable:
    controls = controls_of(config, agent)
    waits, late = config.get("pace") == "on_input", bool(config.get("late_default"))
    table = ActionTable(agent, controls["action_mapping"], controls["default_action"], waits=waits, late_default=late)
    if controls["analog"]:
        table.move(controls["analog"], adapter.action_space(agent))
    # To a turn-based env no key is no move. Any other needs an action in each frame; only one person alone, for whom
    # frames wait without a limit, always gives one.
    needed = late or (not adapter.turn_based and (players > 1 or not waits))
    table.fit(adapter.action_space(agent), needed)
    return table


def json_or_none(values: dict[str, Any]) -> dict[str, Any] | None:
    """A copy of the globals; None when they are more than travels with every batch, or not JSON."""
    try:
        text = json.dumps(values)
    except (TypeError, ValueError):
        return None
    copied: dict[str, Any] = json.loads(text)
    return copied if len(text) <= MOST_GLOBALS else None


def _hud_function(module: types.ModuleType | None, name: str | None) -> Callable[..., Any] | None:
    if name is None:
        return None
    function = getattr(module, name, None)
    if not callable(function):
        raise EnvError("hud_text names the function {name}, which the env file does not define.", name=repr(name))
    return function  # type: ignore[no-any-return]
