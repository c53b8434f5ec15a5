"""Waiting that is acted: who is to take a bot for a person sees the waitroom first, and hears the truth at the end."""

from typing import Any

from igym.core import decisions, waiting
from igym.core.participant import Participant
from igym.core.sentences import said
from igym.core.turn import Turn
from igym.experiment.scenes import GymScene

REDIRECT_AFTER_S = 30.0
"""An address that the last page leads to waits so long at least: what is told there has to be read."""


def enter(turn: Turn, person: Participant, scene: GymScene) -> None:
    """Into the waitroom for a drawn time; what they must be told later is noted first."""
    options = scene.waitroom_options
    assert options.acted_wait_s is not None
    low, high = options.acted_wait_s
    seconds = turn.state.make_rng(f"acted wait {person.id} {person.visits}").uniform(low, high)
    told = said(person.language, options.debriefing)
    if told not in person.debriefings:
        person.debriefings.append(told)
    turn.record("acted_wait", person, seconds=seconds)
    turn.state.deadlines.set("acted", person.id, turn.now + seconds)
    waiting.enter(turn, person)


def on_over(turn: Turn, subject: str) -> None:
    """The rule ``acted``: the partner "arrives", and the game is loaded or given up as any other for one person.

    Whoever is away at that moment has the waitroom's time limit to come back.
    """
    room = waiting.room_of(turn.state, turn.state.participants[subject])
    if room is None:
        return
    if subject in room.tickets:
        decisions.take_out(turn, room, [subject], turn.state.number("match"))
    else:
        limit_s = waiting.scene_of(turn.state, room).waitroom_options.timeout_s
        turn.state.deadlines.set("waiting", subject, turn.now + limit_s)


def debrief(turn: Turn, person: Participant, page: dict[str, Any]) -> None:
    """The truth stands on the last page, however somebody's part ends."""
    if not person.debriefings:
        return
    told = "".join(f'<section class="debriefing">{text}</section>' for text in person.debriefings)
    page["body"] = f"{page.get('body', '')}{told}"
    if page.get("redirect_url"):
        page["redirect_after_s"] = max(REDIRECT_AFTER_S, float(page.get("redirect_after_s") or 0))
    turn.record("debriefed", person, text=list(person.debriefings))
