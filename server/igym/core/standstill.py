"""The rule behind all others of play: who gets no new frames is a cause by itself, told, limited, with an outcome.

Whatever the browsers and the other rules believe: where a match should be played and nothing else explains that a
member stands still, all are told, and after the time to return it ends or goes on without that member.
"""

from igym.core import losses, matches
from igym.core.events import MessageReceived, RowsStored
from igym.core.limits import HOOK_LIMIT_S
from igym.core.match import Match, MatchPhase, Seat
from igym.core.participant import Participant
from igym.core.turn import Turn
from igym.protocol.client import EpisodeEnded, EpisodeStarted, Metrics
from igym.protocol.told import Told

STILL_AFTER_S = 10.0
"""A member that plays has a new frame at least so often; between episodes their freeze and countdown come on top."""
REASON = "stands still"


def watch(turn: Turn, match: Match) -> None:
    """The match is played from now on.

    Someone alone waits for nobody, the host's own games have their watchdog, and where a frame waits for a player's
    move without end, nothing stands still.
    """
    gameplay = matches.scene_of(turn.state, match).gameplay_options
    waits_for_moves = gameplay.pace == "on_input" and gameplay.move_limit_s is None
    if not match.is_solo and not match.on_host and not waits_for_moves:
        turn.state.deadlines.set("still", match.id, turn.now + _patience_s(turn, match))


def _patience_s(turn: Turn, match: Match) -> float:
    gameplay = matches.scene_of(turn.state, match).gameplay_options
    verdict_s = HOOK_LIMIT_S if gameplay.until_function is not None else 0.0
    return verdict_s + STILL_AFTER_S + gameplay.reset_freeze_s + gameplay.countdown_s + (gameplay.move_limit_s or 0.0)


def on_rows(turn: Turn, event: RowsStored) -> None:
    match = turn.state.matches.get(event.match)
    person = turn.state.participants[event.participant]
    if match is not None:
        _moved(turn, match, person)


def on_message(turn: Turn, event: MessageReceived) -> None:
    message = event.message
    if not isinstance(message, EpisodeStarted | EpisodeEnded | Metrics):
        return
    person = turn.state.participants[event.participant]
    match = turn.state.matches.get(message.match)
    seat = match.seat_of(person.id) if match else None
    # A page that was replaced may go on telling of frames: they are not those of the page that counts.
    if match is None or seat is None or event.connection != person.live:
        return
    if isinstance(message, Metrics):
        told = [sample.values["confirmed"] for sample in message.samples if "confirmed" in sample.values]
        frame = told[-1] if told else None
        if frame is None or frame == seat.told_frame:
            return
        seat.told_frame = frame
    _moved(turn, match, person)


def _moved(turn: Turn, match: Match, person: Participant) -> None:
    """This member has a new frame."""
    seat = match.seat_of(person.id)
    if seat is None or match.is_over:
        return
    seat.moved_at = turn.now
    if match.still.pop(seat.player, None) is not None:
        turn.state.deadlines.cancel("still_limit", f"{match.id} {seat.player}")
        if match.phase is MatchPhase.PLAYING:
            matches.announce(turn, match, "" if match.still else "resumed")


def on_still(turn: Turn, subject: str) -> None:
    """The rule ``still``: look who stands still, and look again when the next one could."""
    match = turn.state.matches[subject]
    if match.is_over:
        return
    patience_s = _patience_s(turn, match)
    again = turn.now + patience_s
    if match.phase is MatchPhase.PLAYING:
        due = {seat.player: max(match.playing_since, seat.moved_at) + patience_s for seat in _watched(turn, match)}
        _tell(turn, match, [player for player, at in due.items() if at <= turn.now and player not in match.still])
        again = min([at for at in due.values() if at > turn.now], default=again)
    turn.state.deadlines.set("still", match.id, again)


def _watched(turn: Turn, match: Match) -> list[Seat]:
    """Whoever is away from the host has that for a reason; their frames come later."""
    return [seat for seat in match.remaining if matches.is_there(turn.state, seat)]


def _tell(turn: Turn, match: Match, players: list[int]) -> None:
    limit_s = float(matches.scene_of(turn.state, match).multiplayer_options.reconnection.timeout_s)
    for player in players:
        match.still[player] = turn.now + limit_s
        turn.state.deadlines.set("still_limit", f"{match.id} {player}", turn.now + limit_s)
    if players:
        matches.announce(turn, match)
        who = ", ".join(seat.participant for seat in match.remaining if seat.player in match.still)
        text = Told(
            "Match {match} ({scene}): no new frame of {who} for {seconds} s.",
            match=match.id,
            scene=match.scene_id,
            who=who,
            seconds=f"{STILL_AFTER_S:g}",
        )
        turn.problem("warning", Told("A match stands still"), text)


def on_limit(turn: Turn, subject: str) -> None:
    """The rule ``still_limit``: go on without those who stand still; when all do, nobody is blamed."""
    match_id, _, _player = subject.partition(" ")
    match = turn.state.matches[match_id]
    still = [seat for seat in match.remaining if seat.player in match.still]
    match.still.clear()
    # A pause that began meanwhile explains it, and has a limit of its own.
    if match.is_over or match.phase is not MatchPhase.PLAYING or not still:
        return
    if len(still) == len(_watched(turn, match)):
        losses.end_unblamed(turn, match, still, REASON)
    else:
        for seat in still:
            losses.release(turn, match, seat, REASON)
