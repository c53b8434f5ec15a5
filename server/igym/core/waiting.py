"""The rules of a waitroom: places, live counts, time limits and what happens when nobody comes."""

from typing import Any

from igym.core import endings, hooks, matches, matching, plans, probing, scenes
from igym.core.limits import CODE_LENGTH, RETURN_PRIORITY_S
from igym.core.participant import Participant, PersonState
from igym.core.sentences import said
from igym.core.state import State, Turn
from igym.core.waitroom import Ticket, Waitroom
from igym.experiment.scenes import GymScene
from igym.protocol.server import Waiting


def room_key(person: Participant) -> str:
    """People with the same key can be matched: the same step of the plan, and the same draws for groups above it."""
    step = plans.step(person)
    assert step is not None
    return f"{step.id}|{step.group_key}" if step.group_key else step.id


def scene_of(state: State, room: Waitroom) -> GymScene:
    scene = plans.specification(state, room.spec_id)
    assert isinstance(scene, GymScene)
    return scene


def enter(turn: Turn, person: Participant, since: float | None = None) -> None:
    """Take a place. ``since`` keeps an earlier arrival after a failed match; a short absence keeps it by itself."""
    step = plans.step(person)
    assert step is not None
    key = room_key(person)
    room = turn.state.waitrooms.setdefault(key, Waitroom(key, step.id, step.scene))
    kept = room.absent.pop(person.id, None)
    turn.state.deadlines.cancel("priority", f"{key} {person.id}")
    arrived = since if since is not None else (kept.since if kept else turn.now)
    limit_s = scene_of(turn.state, room).waitroom_options.timeout_s
    room.tickets[person.id] = Ticket(person.id, arrived, turn.now + limit_s)
    person.move(PersonState.WAITING)
    person.waitroom = key
    turn.state.deadlines.set("waiting", person.id, room.tickets[person.id].deadline)
    turn.record("waiting_started", person, since=arrived, deadline=room.tickets[person.id].deadline)
    hooks.run(turn, "on_waiting", person, since=arrived)
    matching.arm(turn, room, person)
    matching.wake(turn, room)
    if person.is_here:
        tell(turn, room)
    else:
        absent(turn, person)


def leave(turn: Turn, person: Participant, reason: str) -> Ticket | None:
    """Give the place up. The others see it at once."""
    room = room_of(turn.state, person)
    if room is None:
        return None
    person.waitroom = None
    turn.state.deadlines.cancel("waiting", person.id)
    ticket = room.tickets.pop(person.id, None) or room.absent.pop(person.id, None)
    if ticket is not None:
        turn.record("waiting_ended", person, reason=reason, since=ticket.since, waited_s=turn.now - ticket.since)
        probing.withdraw(turn, room, ticket, reason)
    matching.wake(turn, room)
    tell(turn, room)
    return ticket


def room_of(state: State, person: Participant) -> Waitroom | None:
    return state.waitrooms.get(person.waitroom) if person.waitroom else None


def absent(turn: Turn, person: Participant) -> None:
    """The network went or the tab was closed: out of the count, but the place is kept for a while."""
    room = room_of(turn.state, person)
    ticket = room.tickets.pop(person.id, None) if room else None
    if room is None or ticket is None:
        return
    ticket.absent_since = turn.now
    room.absent[person.id] = ticket
    turn.state.deadlines.set("priority", f"{room.key} {person.id}", turn.now + RETURN_PRIORITY_S)
    probing.withdraw(turn, room, ticket, "partner left")
    matching.wake(turn, room)
    tell(turn, room)


def returned(turn: Turn, person: Participant) -> None:
    """Back within the time: the same place as before; the wait's limit went on. Later: at the end of the line."""
    room = room_of(turn.state, person)
    if room is None or person.id in room.tickets:
        return
    ticket = room.absent.pop(person.id, None)
    if ticket is None:
        ticket = Ticket(person.id, turn.now, turn.state.deadlines.at("waiting", person.id) or turn.now)
    ticket.absent_since = None
    turn.state.deadlines.cancel("priority", f"{room.key} {person.id}")
    room.tickets[person.id] = ticket
    matching.wake(turn, room)
    tell(turn, room)


def on_priority(turn: Turn, subject: str) -> None:
    """The rule ``priority``: too long away to keep the place in the line."""
    key, _, person_id = subject.rpartition(" ")
    turn.state.waitrooms[key].absent.pop(person_id, None)
    turn.record("priority_lost", turn.state.participants[person_id])


def tell(turn: Turn, room: Waitroom) -> None:
    """Everyone who waits sees the present count."""
    for ticket in room.in_order():
        show(turn, turn.state.participants[ticket.participant])


def show(turn: Turn, person: Participant) -> None:
    room = room_of(turn.state, person)
    if room is None or person.visit is None:
        return
    scene = scene_of(turn.state, room)
    options = scene.waitroom_options
    ticket = room.tickets.get(person.id)
    deadline = turn.state.deadlines.at("waiting", person.id)
    turn.send(
        person,
        Waiting(
            visit=person.visit.number,
            scene=room.scene_id,
            header=scene.content_options.header or scene.header,
            message=said(person.language, options.message),
            waiting=len(room.tickets) if options.show_count else None,
            needed=scene.players if options.show_count else None,
            deadline_ms=deadline * 1000 if deadline else None,
            server_ms=turn.now_ms,
            phase="probing" if ticket and ticket.probe else "waiting",
        ),
    )


def on_timeout(turn: Turn, subject: str) -> None:
    """The rule ``waiting``: nobody came in time; the researcher's choice of four outcomes, or an end with a message."""
    person = turn.state.participants[subject]
    room = room_of(turn.state, person)
    if room is None or person.state is not PersonState.WAITING:
        return
    options = scene_of(turn.state, room).waitroom_options
    turn.record("waitroom_timeout", person, outcome=options.on_timeout)
    outcome = _OUTCOMES[options.on_timeout]
    outcome(turn, person, options)


def _to_scene(turn: Turn, person: Participant, options: Any) -> None:
    leave(turn, person, "timeout")
    person.move(PersonState.IN_SCENE)
    hooks.notify(turn, person, options.timeout_message)
    scenes.go_to(turn, person, plans.position_of(person, options.timeout_scene))


def _redirect(turn: Turn, person: Participant, options: Any) -> None:
    url = endings.filled_in(options.timeout_url, person)
    endings.time_out(
        turn, person, "waitroom timeout", {**_text(person, options), "redirect_url": url, "redirect_after_s": 3.0}
    )


def give_code(turn: Turn, person: Participant, options: Any) -> None:
    """The code for those who waited in vain."""
    code = options.timeout_code or scenes.draw_code(turn, person, "waitroom timeout", CODE_LENGTH)
    scenes.give_code(turn, person, code)


def _code(turn: Turn, person: Participant, options: Any) -> None:
    give_code(turn, person, options)
    endings.time_out(turn, person, "waitroom timeout", _text(person, options))


def _end(turn: Turn, person: Participant, options: Any) -> None:
    endings.time_out(turn, person, "waitroom timeout", _text(person, options))


def _bot(turn: Turn, person: Participant, options: Any) -> None:
    """Everyone else in the room who is free plays too; bots take the seats that stay empty."""
    room = room_of(turn.state, person)
    assert room is not None
    if person.id not in room.tickets:
        endings.time_out(turn, person, "waitroom timeout", _text(person, options))
        return
    matches.form(turn, room, [person.id], fill_with_bots=True)


def _text(person: Participant, options: Any) -> dict[str, Any]:
    return {"body": endings.paragraph(person, options.timeout_message)}


_OUTCOMES = {"end": _end, "scene": _to_scene, "redirect": _redirect, "completion_code": _code, "bot": _bot}
