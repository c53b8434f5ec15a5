"""Lost links, lost browsers and their return during a match. Nobody is blamed for who reports first."""

from igym.core import matches, probing, recording
from igym.core.happenings import HowEnded, SeatReleased
from igym.core.limits import PING_EVERY_S
from igym.core.match import BEFORE_PLAY, Match, MatchPhase, Seat
from igym.core.participant import Participant
from igym.core.state import State
from igym.core.turn import Turn
from igym.protocol.client import Link, Signal
from igym.protocol.server import SignalIn
from igym.protocol.told import Told

LOST_TEXT = (
    "The connection to your game was gone for too long, so it ended for you. What you did until then is saved, and you "
    "can go on here."
)
AWAY_TEXT = (
    "You were away from your game for too long, so it ended for you. What you did until then is saved, and you can go "
    "on here."
)
RELEASED_TEXTS = {
    "connection lost": LOST_TEXT,
    "did not load again": LOST_TEXT,
    "stands still": LOST_TEXT,
    "away from the page": AWAY_TEXT,
}
"""Why a seat was given up → what its person reads. Of an error their own page has told them."""
SUSPECT_AFTER_S = 2 * PING_EVERY_S
"""Silent for two pings when a link's time is up: this end is the one that is gone."""


def on_signal(turn: Turn, person: Participant, message: Signal) -> None:
    """Pass signaling on, between members of the same match or probe only."""
    if probing.forward(turn, person, message):
        return
    match, seat = recording.seat_for(turn, person, message.name, message.match)
    if match is None or seat is None:
        return
    other = match.seat(message.to)
    if other is None or other is seat or not other.stays:
        turn.refuse(person, message.name, "not_yours", "There is no such player to signal to.")
        return
    forwarded = SignalIn(match=match.id, from_player=seat.player, data=dict(message.data))
    turn.send(turn.state.participants[other.participant], forwarded)


def relay_target(state: State, participant: str, player: int) -> tuple[str, int] | None:
    """Whom a relayed packet goes to, and the sender's player number; None when it may not pass."""
    person = state.participants.get(participant)
    match = state.matches.get(person.match) if person and person.match else None
    seat = match.seat_of(participant) if match else None
    other = match.seat(player) if match else None
    if seat is None or other is None or other is seat or not (seat.stays and other.stays):
        return None
    return other.participant, seat.player


def on_link(turn: Turn, person: Participant, message: Link) -> None:
    match, seat = recording.seat_for(turn, person, message.name, message.match)
    if match is None or seat is None:
        return
    link = match.link(seat.player, message.peer) if message.peer != seat.player else None
    if link is None:
        turn.refuse(person, message.name, "not_yours", "There is no such player to be linked to.")
        return
    before = (link.is_up, link.is_lost)
    link.states[seat.player], link.transport = message.state, message.transport
    link.rtt_ms = message.rtt_ms if message.rtt_ms is not None else link.rtt_ms
    turn.record(
        "link",
        person,
        match=match.id,
        scene=match.scene_id,
        peer=message.peer,
        state=message.state,
        transport=message.transport,
        rtt_ms=message.rtt_ms,
    )
    if before != (link.is_up, link.is_lost):
        _link_changed(turn, match, seat.player, message.peer)


def _link_changed(turn: Turn, match: Match, a: int, b: int) -> None:
    if match.phase in BEFORE_PLAY:
        matches.check_links(turn, match)
        return
    link = match.link(a, b)
    if link is not None and link.is_up:
        unpause(turn, match, _link_cause(a, b))
    else:
        _watch_link(turn, match, a, b)


def _watch_link(turn: Turn, match: Match, a: int, b: int, since: float | None = None) -> None:
    """A lost link pauses the match, unless an end is known to be gone or loading: that has a pause of its own."""
    link, ends = match.link(a, b), [seat for seat in (match.seat(a), match.seat(b)) if seat is not None and seat.stays]
    if link is None or not link.is_lost or len(ends) < 2:
        return
    away = [end for end in ends if not matches.is_there(turn.state, end)]
    for end in away:
        _absent_since(turn, match, end.player)
    if not away and not any(f"return {end.player}" in match.pauses for end in ends):
        missing_since = [_missing_since(turn, match, end.player) for end in ends]
        earliest = min(missing_since if since is None else [since, *missing_since])
        pause(turn, match, _link_cause(a, b), _timeout_s(turn, match), earliest)


def _watch_links_of(turn: Turn, match: Match, player: int, since: float | None = None) -> None:
    """``since``: when the wait for this player began, whose own pause is over."""
    for pair in match.links:
        if player in pair:
            _watch_link(turn, match, *pair, since)


def _absorb_link_pauses(turn: Turn, match: Match, player: int) -> None:
    """One end is gone: its lost links are explained by that, and their own time limits end."""
    for pair in match.links:
        cause = _link_cause(*pair)
        if player in pair and cause in match.pauses:
            del match.pauses[cause]
            turn.state.deadlines.cancel("pause", f"{match.id} {cause}")


def _missing_since(turn: Turn, match: Match, player: int) -> float:
    """Since when this player has been missing, under whatever name the match waits."""
    causes = [cause for cause in match.pauses if cause.split()[0] in ("link", "absent", "return")]
    about = [cause for cause in causes if str(player) in cause.split()[1:]]
    return min((match.missing_since[cause] for cause in about), default=turn.now)


def _absent_since(turn: Turn, match: Match, player: int, limited: bool = True) -> None:
    limit_s = _timeout_s(turn, match) if limited else None
    pause(turn, match, f"absent {player}", limit_s, _missing_since(turn, match, player))


def _link_cause(a: int, b: int) -> str:
    return f"link {min(a, b)} {max(a, b)}"


def _timeout_s(turn: Turn, match: Match) -> float:
    return float(matches.scene_of(turn.state, match).multiplayer_options.reconnection.timeout_s)


def pause(turn: Turn, match: Match, cause: str, limit_s: float | None, since: float | None = None) -> None:
    """Halt the match for everybody. ``limit_s`` counts from ``since`` (now); None: until someone ends the pause."""
    if cause in match.pauses or match.phase not in (MatchPhase.PLAYING, MatchPhase.PAUSED):
        return
    match.missing_since[cause] = turn.now if since is None else since
    until = None if limit_s is None else match.missing_since[cause] + limit_s
    match.pauses[cause] = until
    if until is not None:
        turn.state.deadlines.set("pause", f"{match.id} {cause}", until)
    match.move(MatchPhase.PAUSED)
    text = matches.scene_of(turn.state, match).multiplayer_options.reconnection.waiting_message
    matches.announce(turn, match, cause, "" if cause in ("researcher", "env") or match.is_solo else text)


def unpause(turn: Turn, match: Match, cause: str) -> None:
    if cause not in match.pauses:
        return
    del match.pauses[cause]
    turn.state.deadlines.cancel("pause", f"{match.id} {cause}")
    resume_if_clear(turn, match)


def resume_if_clear(turn: Turn, match: Match) -> None:
    if match.phase is not MatchPhase.PAUSED:
        return
    if match.pauses:
        matches.announce(turn, match)
        return
    match.move(MatchPhase.PLAYING)
    match.playing_since = turn.now
    # Whoever stood still before the pause has the whole time again.
    match.still.clear()
    matches.announce(turn, match, "resumed")


def clear_pauses_of(turn: Turn, match: Match, player: int) -> None:
    """This player is out: whatever waited for them waits no more."""
    for cause in list(match.pauses):
        if str(player) in cause.split()[1:]:
            del match.pauses[cause]
            turn.state.deadlines.cancel("pause", f"{match.id} {cause}")


def on_pause_limit(turn: Turn, subject: str) -> None:
    """The rule ``pause``: the wait is over; go on without those who are really gone."""
    match_id, _, cause = subject.partition(" ")
    match = turn.state.matches[match_id]
    # Gone first: what follows looks whether anything else is waited for.
    match.pauses.pop(cause, None)
    kind, *players = cause.split()
    seats = [seat for player in players if (seat := match.seat(int(player))) is not None and seat.stays]
    if kind == "link":
        _link_limit(turn, match, seats)
    elif not seats:
        resume_if_clear(turn, match)
    elif kind != "focus" and _nobody_waits(turn, match, seats):
        # Whose limit came first is chance: a switch without power, a room whose computers fell asleep.
        end_unblamed(turn, match, list(match.remaining), Told("everybody was gone"))
    else:
        reason = {
            "absent": Told("connection lost"),
            "return": Told("did not load again"),
            "focus": Told("away from the page"),
        }[kind]
        for seat in seats:
            release(turn, match, seat, reason)


def _nobody_waits(turn: Turn, match: Match, gone: list[Seat]) -> bool:
    """Of several who are left each is gone as well, or has a page that still loads."""
    others = [seat for seat in match.remaining if seat not in gone]
    return bool(others) and not any(
        matches.is_there(turn.state, seat) and f"return {seat.player}" not in match.pauses for seat in others
    )


def _link_limit(turn: Turn, match: Match, seats: list[Seat]) -> None:
    gone = [seat for seat in seats if _suspect(turn, seat)]
    if gone:
        for seat in gone:
            release(turn, match, seat, Told("connection lost"))
    elif len(seats) == 2:
        end_unblamed(turn, match, seats, Told("link lost"))
    else:
        resume_if_clear(turn, match)


def end_unblamed(turn: Turn, match: Match, seats: list[Seat], reason: str) -> None:
    """All are there and yet it does not go on: the match ends for all, and nobody is held to have left."""
    options = matches.scene_of(turn.state, match).multiplayer_options.reconnection
    who = [seat.participant for seat in seats]
    how: HowEnded = "requeue" if options.on_timeout == "requeue" else "early"
    matches.end(turn, match, reason, who, options.message, how)


def release(turn: Turn, match: Match, seat: Seat, reason: str, text: str = "") -> None:
    """This member plays no more. Marked at once, so that whoever is released with them does not wait for them."""
    seat.gone = seat.gone or reason
    clear_pauses_of(turn, match, seat.player)
    turn.tell(SeatReleased(match, seat, reason, text))


def _suspect(turn: Turn, seat: Seat) -> bool:
    person = turn.state.participants[seat.participant]
    return not matches.is_there(turn.state, seat) or turn.now - person.last_seen > SUSPECT_AFTER_S


def absent(turn: Turn, person: Participant) -> None:
    """A member's browser is gone. A healthy link between the browsers goes on without the host."""
    match = turn.state.matches.get(person.match) if person.match else None
    seat = match.seat_of(person.id) if match else None
    if match is None or seat is None or (match.is_solo and (not match.on_host or match.phase in BEFORE_PLAY)):
        return
    if match.phase in BEFORE_PLAY:
        matches.wait_for(turn, match, seat)
    elif matches.nobody_sees(turn, match, seat):
        _absent_since(turn, match, seat.player, limited=not match.is_solo)
        # After the absence, which takes over since when the links have been waited for.
        _absorb_link_pauses(turn, match, seat.player)
        unpause(turn, match, f"return {seat.player}")


def returned(turn: Turn, person: Participant, fresh: bool) -> None:
    """The browser is back: with its page alive nothing was lost; a fresh page must load and catch up first."""
    match = turn.state.matches.get(person.match) if person.match else None
    seat = match.seat_of(person.id) if match else None
    if match is None or seat is None:
        return
    if fresh:
        seat.ready = False
        _forget_links(match, seat.player)
    if match.phase in BEFORE_PLAY:
        matches.back_before_play(turn, match, seat)
        return
    if fresh:
        limit_s = None if match.is_solo else _timeout_s(turn, match)
        pause(turn, match, f"return {seat.player}", limit_s, _missing_since(turn, match, seat.player))
        _absorb_link_pauses(turn, match, seat.player)
    else:
        _watch_links_of(turn, match, seat.player)
    # Last: between the two waits the match would go on for a moment.
    unpause(turn, match, f"absent {seat.player}")
    nothing_left(turn, match)


def nothing_left(turn: Turn, match: Match) -> None:
    """A page that came back when all was played gets no frame any more, and may have no partner to ask: it goes on.

    Only when everybody has everything: until then a partner may wait for what this browser alone can say.
    """
    back = [seat for seat in match.remaining if f"return {seat.player}" in match.pauses]
    if back and not match.is_over and not match.on_host and matches.is_whole(turn, match):
        for seat in back:
            clear_pauses_of(turn, match, seat.player)
            matches.part_over(turn, match, seat, "complete")


def _forget_links(match: Match, player: int) -> None:
    for pair, link in match.links.items():
        if player in pair:
            link.states.clear()


def ready_again(turn: Turn, match: Match, seat: Seat) -> None:
    """A returned page has caught up; a link that is still lost is waited for in its own right."""
    cause = f"return {seat.player}"
    if cause in match.pauses:
        # Not by unpause: with a link that is still lost the match would go on for a moment.
        del match.pauses[cause]
        turn.state.deadlines.cancel("pause", f"{match.id} {cause}")
        _watch_links_of(turn, match, seat.player, match.missing_since[cause])
        resume_if_clear(turn, match)
