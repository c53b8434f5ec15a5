"""Policies beside people: one acts unless its person takes over, one advises; and the feedback people give."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .actions import ABSENT, ActionTable
from .plain import Flattener, plain

if TYPE_CHECKING:
    from .adapters import Adapter
    from .policies import Bot

GLYPHS = {"ArrowLeft": "←", "ArrowRight": "→", "ArrowUp": "↑", "ArrowDown": "↓"}
Row = dict[str, Any]


class Companion(NamedTuple):
    """`advises`: what it would do is shown and not done; `text` is how."""

    bot: Bot
    advises: bool
    text: str


class Companions:
    """Agent → the policy beside its person. `memory` is part of the game's state; empty where nobody has any."""

    def __init__(
        self, adapter: Adapter, beside: dict[str, Companion], tables: dict[str, ActionTable], values: Any
    ) -> None:
        self._adapter = adapter
        self._beside = beside
        self._tables = tables
        self._values: dict[str, list[float]] = values
        self._pressed: dict[str, int] = dict.fromkeys(values, 0)
        """Agent → the feedback key that was down in the last frame: a press counts once, however long it is held."""
        self._advised: dict[str, Any] = {}
        self._flat = {agent: Flattener(f"advice.{agent}") for agent, one in beside.items() if one.advises}

    def __bool__(self) -> bool:
        return bool(self._beside or self._values)

    def memory(self) -> dict[str, Any]:
        bots = {agent: companion.bot for agent, companion in self._beside.items()}
        return {"companions": bots, "feedback": self._pressed, "advice": self._advised} if self else {}

    def start(self, seed: int, episode: int) -> None:
        for companion in self._beside.values():
            companion.bot.start(seed, episode)
        self._pressed.update(dict.fromkeys(self._pressed, 0))
        self._advised.clear()

    def act(self, frame: int, inputs: dict[str, int], chosen: dict[str, Any]) -> Row:
        """Let them decide, put what they do into `chosen`; returns what the frame's row says of it."""
        told: Row = {}
        acting = self._adapter.acting()
        for agent, companion in self._beside.items():
            if agent in acting:
                seen, space = self._adapter.observations.get(agent), self._adapter.action_space(agent)
                decided = companion.bot.decide(frame, seen, space, self._adapter.turn_based)
                note = self._advise if companion.advises else self._share
                note(agent, inputs[agent], decided, chosen, told)
        return told

    def feedback(self, inputs: dict[str, int]) -> dict[str, float]:
        """Agent → what its player said in this frame, where they pressed a feedback key in it."""
        told: dict[str, float] = {}
        for agent, values in self._values.items():
            pressed = self._tables[agent].roles(inputs[agent]).get("feedback", 0)
            if pressed and pressed != self._pressed[agent]:
                told[agent] = values[pressed]
            self._pressed[agent] = pressed
        return told

    def _share(self, agent: str, number: int, decided: Any, chosen: dict[str, Any], told: Row) -> None:
        by_person = number != ABSENT and bool(self._tables[agent].roles(number).get("takeover"))
        if not by_person:
            chosen[agent] = decided
        told[f"actor.{agent}"] = "person" if by_person else "policy"

    def _advise(self, agent: str, number: int, decided: Any, chosen: dict[str, Any], told: Row) -> None:
        self._advised[agent] = decided
        if decided is None:
            return
        value = plain(decided)
        if isinstance(value, list | dict):
            self._flat[agent].into(told, value)
        else:
            told[f"advice.{agent}"] = value
        told[f"agreed.{agent}"] = bool(np.array_equal(chosen[agent], decided))

    def advice_for(self, agent: str) -> Callable[[], Any] | None:
        """Says, when called, what the person who plays `agent` is advised then (None: nothing yet); None where nobody
        advises them."""
        companion = self._beside.get(agent)
        return (lambda: self._advised.get(agent)) if companion and companion.advises else None

    def text_for(self, agent: str) -> str | None:
        """The line above the game for the person who plays `agent`; None where there is none."""
        companion, action = self._beside.get(agent), self._advised.get(agent)
        if companion is None or action is None or not companion.text:
            return None
        keys = [
            GLYPHS.get(key, key.removeprefix("Key").removeprefix("Digit"))
            for key in self._tables[agent].keys_of(action)
        ]
        return companion.text.format(keys=" + ".join(keys) or "–", action=plain(action))


def feedback_values(tables: dict[str, list[dict[str, Any]]]) -> dict[str, list[float]]:
    """Agent → what each of its feedback keys says, none first; `tables` has each player's analogue inputs."""
    return {agent: axis["values"] for agent, axes in tables.items() for axis in axes if axis.get("role") == "feedback"}
