"""Talking: who may say what to whom at the moment, in one order for all, beside the game and never in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from igym.core import plans, sentences
from igym.core.events import Event, HostEpisodeEnded, HostEpisodeStarted, MessageReceived
from igym.core.match import Match
from igym.core.participant import Participant
from igym.core.places import InMatch, InRoom, Page
from igym.core.state import State
from igym.core.talks import RESPONDER, Said, Talk
from igym.core.turn import Turn
from igym.experiment.options import ChatRules
from igym.experiment.scenes import ChatScene
from igym.protocol.client import ChatSay, EpisodeEnded, EpisodeStarted
from igym.protocol.server import Chat, ChatLine, ChatSaid


@dataclass(frozen=True)
class Circle:
    """Who talks to whom here: ``members`` in the order of their numbers, and what holds for them."""

    talk: str
    members: tuple[str, ...]
    rules: ChatRules
    closed: str = ""
    match: str | None = None
    since: float = 0.0
    """What was said before is not for this person."""


def circle_of(state: State, person: Participant) -> Circle | None:
    """The talk that belongs to where this person is; None where nobody talks."""
    place = person.place
    if isinstance(place, InMatch):
        return _in_match(state, person, place.match)
    if isinstance(place, InRoom):
        return _in_room(state, place)
    return _at_page(state, person) if isinstance(place, Page) else None


def _in_match(state: State, person: Participant, match: Match) -> Circle | None:
    chat = state.game(match.spec_id).content_options.chat
    seat = match.seat_of(person.id)
    if (
        match.is_over
        or (match.is_solo and chat.responder is None)
        or seat is None
        or not {"during", "between"} & set(chat.show)
    ):
        return None
    closed = "playing" if "during" not in chat.show and seat.in_episode else ""
    return Circle(match.id, tuple(match.members), chat, closed, match.id)


def _in_room(state: State, place: InRoom) -> Circle | None:
    room = state.waitrooms[place.room]
    chat = state.game(room.spec_id).content_options.chat
    if "waitroom" not in chat.show or state.game(room.spec_id).players < 2:
        return None
    members = tuple(ticket.participant for ticket in room.in_order())
    return Circle(f"waitroom {room.key}", members, chat, since=place.visit.entered_at)


def _at_page(state: State, person: Participant) -> Circle | None:
    visit, step = person.visit, plans.step(person)
    scene = state.scenes.get(step.scene) if step else None
    if visit is None or not isinstance(scene, ChatScene):
        return None
    group = state.groups.last(person.id)
    if group is None:
        closed = "alone" if scene.responder is None else ""
        return Circle(f"{visit.scene_id} {person.id}", (person.id,), scene, closed)
    return Circle(f"{visit.scene_id} {group.id}", group.members, scene)


def show(turn: Turn, person: Participant) -> None:
    """The whole talk, beside the page that was just sent."""
    circle = circle_of(turn.state, person)
    if circle is None:
        return
    visit = person.visit
    assert visit is not None
    talk = _talk(turn.state, circle)
    rules, left = circle.rules, _left(circle, talk, person)
    message = Chat(
        talk=circle.talk,
        visit=visit.number,
        free_text=rules.free_text,
        phrases=[sentences.said(person.language, phrase) for phrase in rules.phrases],
        reactions=list(rules.reactions),
        longest=rules.longest,
        left=left,
        closed=_closed(circle, talk, person),  # type: ignore[arg-type]
        lines=[_line(turn.state, circle, talk, said, person) for said in talk.lines if said.at >= circle.since],
    )
    turn.send(person, message)


def on_say(turn: Turn, person: Participant, message: ChatSay) -> None:
    circle = circle_of(turn.state, person)
    if circle is None or person.visit is None or person.visit.number != message.visit:
        _refuse(turn, person, "not_current", "Nobody talks on this page any more.")
        return
    talk = _talk(turn.state, circle)
    own = f"{person.id} {message.id}"
    # Sent again because the answer was lost: it was said, even if nothing may be said by now.
    if own in talk.known:
        return
    if closed := _closed(circle, talk, person):
        _refuse(turn, person, "closed_chat", _WHY[closed])
        return
    text = _text_of(circle.rules, talk, message)
    if text is None:
        _refuse(turn, person, "not_offered", "This cannot be said here.")
        return
    talk.known.add(own)
    _say(turn, person, circle, talk, text, message)


def _refuse(turn: Turn, person: Participant, code: str, text: str) -> None:
    """In the words of whoever wanted to say it."""
    turn.refuse(person, ChatSay.name, code, sentences.said(person.language, text))


def _text_of(rules: ChatRules, talk: Talk, message: ChatSay) -> str | None:
    """What is said, if the rules of the talk have it."""
    if message.phrase is not None:
        return rules.phrases[message.phrase] if message.phrase < len(rules.phrases) else None
    if message.reaction is not None:
        known = message.to is not None and 1 <= message.to <= talk.count
        return rules.reactions[message.reaction] if known and message.reaction < len(rules.reactions) else None
    text = message.text.strip()
    return text if rules.free_text and text and len(text) <= rules.longest else None


def _say(turn: Turn, person: Participant, circle: Circle, talk: Talk, text: str, message: ChatSay) -> None:
    talk.count += 1
    talk.sent[person.id] = talk.sent.get(person.id, 0) + 1
    said = Said(talk.count, person.id, text, turn.now, message.to if message.reaction is not None else None)
    talk.lines.append(said)
    kind = "phrase" if message.phrase is not None else "reaction" if message.reaction is not None else "text"
    turn.record(
        "chat",
        person,
        match=circle.match,
        talk=talk.id,
        number=said.number,
        how=kind,
        text=str(text),
        to=said.to,
        visit=message.visit,
        episode=message.episode,
        frame=message.frame,
        sent_at_ms=message.at_ms,
    )
    _spread(turn, circle, talk, said)
    if _closed(circle, talk, person):
        show(turn, person)


def say_as_responder(turn: Turn, circle: Circle, talk: Talk, text: str, asker: Participant) -> int:
    """A line of the program that talks along; it belongs to whoever it answers, with whom it is erased."""
    talk.count += 1
    said = Said(talk.count, RESPONDER, text, turn.now)
    talk.lines.append(said)
    facts: dict[str, Any] = {"talk": talk.id, "number": said.number, "how": "responder", "text": text}
    visit = asker.visit.number if asker.visit is not None else None
    turn.record("chat", asker, match=circle.match, **facts, to=None, visit=visit)
    _spread(turn, circle, talk, said)
    return said.number


def _spread(turn: Turn, circle: Circle, talk: Talk, said: Said) -> None:
    for listener in _listeners(turn.state, circle):
        turn.send(listener, ChatSaid(talk=talk.id, line=_line(turn.state, circle, talk, said, listener)))


def _listeners(state: State, circle: Circle) -> list[Participant]:
    """Everybody whose page shows this talk now."""
    people = [state.participants[member] for member in circle.members]
    found = [(person, circle_of(state, person)) for person in people]
    return [person for person, theirs in found if theirs is not None and theirs.talk == circle.talk]


def on_episode(turn: Turn, event: Event) -> None:
    """Between episodes people may talk, or stop to: their pages are told."""
    if isinstance(event, HostEpisodeStarted | HostEpisodeEnded):
        match = turn.state.matches[event.match]
        for member in match.members:
            _in_episode(turn, turn.state.participants[member], match, isinstance(event, HostEpisodeStarted))
    elif isinstance(event, MessageReceived) and isinstance(event.message, EpisodeStarted | EpisodeEnded):
        person = turn.state.participants[event.participant]
        known = turn.state.matches.get(event.message.match)
        if known is not None:
            _in_episode(turn, person, known, isinstance(event.message, EpisodeStarted))


def _in_episode(turn: Turn, person: Participant, match: Match, now: bool) -> None:
    seat = match.seat_of(person.id)
    if seat is None or seat.in_episode is now or match.is_over:
        return
    before = circle_of(turn.state, person)
    seat.in_episode = now
    if circle_of(turn.state, person) != before and person.id not in turn.to_show:
        show(turn, person)


def mute(turn: Turn, person: Participant, muted: bool) -> None:
    """The researcher takes somebody's word, or gives it back."""
    person.muted = muted
    show(turn, person)


def told(state: State, talk: str) -> list[dict[str, Any]]:
    """What was said so far, for the researcher."""
    known = state.talks.get(talk)
    lines = known.lines if known else ()
    return [{"participant": one.participant, "at": one.at, "text": one.text, "to": one.to} for one in lines]


def heard_by(state: State, person: Participant) -> list[dict[str, Any]]:
    """What was said where this person is now, for the researcher."""
    circle = circle_of(state, person)
    return told(state, circle.talk) if circle is not None else []


def forget(turn: Turn, talk: str) -> None:
    """Nobody can come back to it; what was said is on disk."""
    turn.state.talks.pop(talk, None)


def _talk(state: State, circle: Circle) -> Talk:
    talk = state.talks.setdefault(circle.talk, Talk(circle.talk))
    for member in circle.members:
        talk.number_of(member)
    return talk


def _left(circle: Circle, talk: Talk, person: Participant) -> int | None:
    limit = circle.rules.limit
    return None if limit is None else max(0, limit - talk.sent.get(person.id, 0))


def _closed(circle: Circle, talk: Talk, person: Participant) -> str:
    if person.muted:
        return "muted"
    return circle.closed or ("used_up" if _left(circle, talk, person) == 0 else "")


def _line(state: State, circle: Circle, talk: Talk, said: Said, reader: Participant) -> ChatLine:
    if said.participant == RESPONDER:
        speaker, name = None, circle.rules.responder.name if circle.rules.responder is not None else ""
    else:
        speaker = state.participants[said.participant]
        name = (speaker.label or "") if circle.rules.names == "label" else ""
    return ChatLine(
        number=said.number,
        who=talk.number_of(said.participant),
        name=name,
        mine=speaker is reader,
        text=sentences.said(reader.language, said.text),
        to=said.to,
        at_ms=said.at * 1000,
    )


_WHY = {
    "playing": "People talk here between the rounds of the game.",
    "muted": "The experimenter has closed the chat for you.",
    "alone": "There is nobody to talk to.",
    "used_up": "You have sent as many messages as this study allows.",
}
