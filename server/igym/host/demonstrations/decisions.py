"""From the frames of an episode to what one agent decided: observation, action, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from igym.host.demonstrations.walk import Moment, Walked


@dataclass
class Decisions:
    """One agent's episode: T actions between T + 1 observations.

    `infos` holds T + 1 dicts: `infos[t]` was told with `observations[t]`, beside who else did what (`partner.…`).
    """

    agent: str
    observations: list[Any]
    actions: list[Any] = field(default_factory=list)
    rewards: list[float] = field(default_factory=list)
    terminations: list[bool] = field(default_factory=list)
    truncations: list[bool] = field(default_factory=list)
    infos: list[dict[str, Any]] = field(default_factory=list)
    early_reward: float = 0.0
    """What it got before it decided anything for the first time."""
    absent: int = 0
    """Decisions that a stand-in made, or nobody."""

    def __len__(self) -> int:
        return len(self.actions)


def decisions_of(agent: str, found: Walked, partners: Iterable[str]) -> Decisions:
    """The frames in which `agent` decided; rewards of the frames between belong to the decision before them."""
    others = list(partners)
    made = Decisions(agent, [])
    seen, told = found.start.get(agent), _told(agent, {})
    last: Moment | None = None
    for moment in found.moments:
        if agent in moment.deciding:
            made.observations.append(seen)
            made.actions.append(moment.actions[agent])
            made.rewards.append(0.0)
            made.infos.append(
                {**told, "frame": moment.frame, "absent": agent in moment.absent, **_beside(agent, moment.row)}
            )
            made.absent += agent in moment.absent
        reward = float(moment.row.get(f"rewards.{agent}") or 0)
        if made.actions:
            made.rewards[-1] += reward
            _note_partners(made.infos[-1], moment, others)
        else:
            made.early_reward += reward
        seen, told = moment.seen.get(agent), _told(agent, moment.row)
        last = moment
        if _flag(moment, "terminated", agent) or _flag(moment, "truncated", agent):
            break
    made.observations.append(seen)
    made.infos.append({**told, "frame": last.frame + 1 if last else 0, "absent": False})
    _end(made, last)
    return made


def _flag(moment: Moment, name: str, agent: str) -> bool:
    return bool(moment.row.get(f"{name}.{agent}"))


def _end(made: Decisions, last: Moment | None) -> None:
    """The last decision ended the episode, or it was cut off there."""
    count = len(made)
    over = last is not None and _flag(last, "terminated", made.agent)
    made.terminations = [False] * count
    made.truncations = [False] * count
    if count:
        made.terminations[-1] = over
        made.truncations[-1] = not over


def _told(agent: str, row: dict[str, Any]) -> dict[str, Any]:
    head = f"infos.{agent}."
    return {name.removeprefix(head): value for name, value in row.items() if name.startswith(head)}


def _beside(agent: str, row: dict[str, Any]) -> dict[str, Any]:
    """Who acted, what was advised, which feedback came in the decision's own frame."""
    words = ("actor", "advice", "agreed", "feedback")
    heads = {f"{word}.{agent}": word for word in words if row.get(f"{word}.{agent}") is not None}
    return {word: row[name] for name, word in heads.items()}


def _note_partners(info: dict[str, Any], moment: Moment, others: list[str]) -> None:
    """What partners did since this decision; the newest counts."""
    for other in others:
        head = f"actions.{other}"
        for name, value in moment.row.items():
            if value is not None and (name == head or name.startswith(f"{head}.")):
                info[f"partner.{other}{name[len(head) :]}"] = value
