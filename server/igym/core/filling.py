"""What a participant's texts are filled in with, as it stands now."""

from collections.abc import Callable
from typing import Any

from igym.core import facts
from igym.core.participant import Participant
from igym.core.sentences import said
from igym.core.state import State
from igym.experiment.fill_in import filled, filled_spec, shown
from igym.experiment.rules import last_round, over_rounds

OWN_BUTTONS = ("Continue", "Start")
"""The defaults of scenes and games."""


def text(state: State, person: Participant, words: str, *, html: bool) -> str:
    """One text in the person's language; most have nothing to fill in."""
    words = said(person.language, words)
    return filled(words, _lookup(state, person), html=html) if "{{" in words else words


def spec(state: State, person: Participant, page: dict[str, Any]) -> dict[str, Any]:
    """All texts of a page; buttons nobody has named are in the person's language."""
    done: dict[str, Any] = filled_spec(page, _lookup(state, person))
    for part, name in ((done, "button_label"), (done.get("content"), "start_label")):
        if isinstance(part, dict) and part.get(name) in OWN_BUTTONS:
            part[name] = said(person.language, part[name])
    return done


def _lookup(state: State, person: Participant) -> Callable[[str], str]:
    def find(name: str) -> str:
        kind, _, rest = name.partition(".")
        if kind == "answers":
            return _answer(state, person, rest)
        if kind == "scores":
            return _score(state, person, rest)
        if kind == "condition":
            return shown(person.conditions.get(rest))
        if kind == "global":
            return _told(person, person.globals.get(rest))
        return _plain(state, person, name)

    return find


def _plain(state: State, person: Participant, name: str) -> str:
    if name == "partner.label":
        group = state.groups.last(person.id)
        others = [member for member in group.members if member != person.id] if group else []
        return ", ".join(state.participants[member].name for member in others)
    own = {"participant": person.id, "label": person.name, "seat": person.seat, "code": person.code}
    return own.get(name) or ""


def _answer(state: State, person: Participant, rest: str) -> str:
    scene, _, field = rest.rpartition(".")
    given = last_round(person.answers, scene, field)
    item = next((item for item in state.scene_for(person, scene).fields() if item.name == field), None)
    labels = {choice.value: choice.label for choice in getattr(item, "choices", ())}
    return _told(person, given, labels)


def _score(state: State, person: Participant, scene: str) -> str:
    scores = facts.scores_of(state, person)
    return shown(over_rounds(scores, scene) if scene else sum(scores.values()) if scores else None)


def _told(person: Participant, value: Any, labels: dict[str, str] | None = None) -> str:
    if isinstance(value, bool):
        return said(person.language, "yes" if value else "no")
    return shown(value, labels)
