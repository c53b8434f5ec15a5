"""What each person should see, computed from the state at the end of a turn."""

from igym.core import consents, endings, filling, matches, orders, plans, replays, seating, talk, waiting
from igym.core.match import Match
from igym.core.participant import Participant
from igym.core.places import Closed, Deciding, InMatch, InRoom, Page, Visit
from igym.core.state import State
from igym.core.turn import Turn
from igym.core.waitroom import Waitroom
from igym.experiment.scenes import GymScene
from igym.protocol.server import SceneShown, Waiting

MOST_KEPT = 10
"""Messages that wait for somebody who is away, the newest."""


def send_all(turn: Turn) -> None:
    """Pages first, messages over them afterwards."""
    for person in turn.to_show.values():
        send(turn, person)
    for person in (turn.to_show | turn.to_notify).values():
        if person.notices:
            _send_notices(turn, person)


def _send_notices(turn: Turn, person: Participant) -> None:
    """Between two scenes, or while the browser is away, there is no page to show them on; they wait for a page."""
    if person.live is None:
        del person.notices[:-MOST_KEPT]
    elif not isinstance(person.place, Deciding):
        for notice in person.notices:
            if notice.expires_ms is None or notice.expires_ms > turn.now_ms:
                turn.send(person, notice)
        person.notices.clear()


def send(turn: Turn, person: Participant) -> None:
    """The whole page, so that a first view, a reload, a lost network and a restarted engine are the same case."""
    place = person.place
    if isinstance(place, Closed):
        turn.send(person, place.page)
    elif isinstance(place, InMatch):
        _send_match(turn, person, place.match, place.visit)
    elif isinstance(place, InRoom):
        turn.send(person, _waiting(turn, person, place.visit, turn.state.waitrooms[place.room]))
    elif isinstance(place, Page) and place.visit.open:
        turn.send(person, _scene(turn.state, person, place.visit))
        place.visit.shown = True
        # Told to nobody while the browser is away: the code counts as seen only where somebody can see it.
        if place.visit.code is not None and person.live is not None and not person.code_shown:
            person.code_shown = True
            turn.record("code_shown", person, code=place.visit.code)
    if not isinstance(place, Closed):
        talk.show(turn, person)


def _send_match(turn: Turn, person: Participant, match: Match, visit: Visit) -> None:
    """The scene with the match, and where the match stands."""
    seat = match.seat_of(person.id)
    if seat is None or match.is_over:
        return
    spec = seating.match_spec(turn.state, matches.scene_of(turn.state, match), match, seat)
    turn.send(person, _scene(turn.state, person, visit).model_copy(update={"match": spec}))
    visit.shown = True
    turn.send(person, matches.state_message(turn, match))


def _scene(state: State, person: Participant, visit: Visit) -> SceneShown:
    """The present scene without a match."""
    step = plans.step(person)
    assert step is not None
    scene = state.scene_for(person, step.scene)
    spec = filling.spec(state, person, scene.client_spec(state.assets, scene_id=step.id))
    if agreed := consents.hashes(person, scene):
        spec["consent_hashes"] = agreed
    if visit.page_html is not None:
        spec["body"] = visit.page_html
    if visit.orders:
        spec["fields"] = orders.arranged(spec["fields"], visit)
    if visit.board is not None:
        spec["board"] = visit.board
    if visit.replays is not None:
        spec["shown"] = replays.shown(visit)
    if visit.code is not None:
        spec["code"] = visit.code
    for name in ("redirect_url", "src"):
        if isinstance(spec.get(name), str) and spec[name]:
            spec[name] = endings.filled_in(spec[name], person)
    index, total = plans.progress(person)
    return SceneShown(
        visit=visit.number,
        index=index,
        total=max(total, index + 1),
        spec=spec,
        globals=dict(person.globals),
        shown_before=visit.shown,
    )


def _waiting(turn: Turn, person: Participant, visit: Visit, room: Waitroom) -> Waiting:
    scene = waiting.scene_of(turn.state, room)
    options = scene.waitroom_options
    ticket = room.tickets.get(person.id)
    deadline = turn.state.deadlines.at("waiting", person.id)
    return Waiting(
        visit=visit.number,
        scene=room.scene_id,
        header=filling.text(turn.state, person, scene.content_options.header or scene.header, html=False),
        message=filling.text(turn.state, person, options.message, html=True),
        waiting=_counted(room, scene) if options.show_count else None,
        needed=_needed(scene) if options.show_count else None,
        deadline_ms=deadline * 1000 if deadline else None,
        server_ms=turn.now_ms,
        phase="probing" if ticket and ticket.probe else "waiting",
    )


def _counted(room: Waitroom, scene: GymScene) -> int:
    """Nobody else is counted where one person waits for a bot."""
    return len(room.tickets) if scene.players > 1 else 1


def _needed(scene: GymScene) -> int:
    """Where the wait is acted, the bots are to be taken for people."""
    return scene.players if scene.players > 1 else scene.players + len(scene.policies_options.bots)
