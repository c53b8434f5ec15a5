"""When someone leaves a match before its end: what becomes of the match and of those who stay."""

from igym.core import losses, matches
from igym.core.happenings import HowEnded, SeatTaken
from igym.core.match import BEFORE_PLAY, Match, Seat
from igym.core.turn import Turn


def fail(turn: Turn, match: Match, reason: str, who: list[str]) -> None:
    """Before play: the match is off."""
    options = matches.scene_of(turn.state, match).matchmaking_options
    if len(who) >= 2:
        by_player = {seat.player: seat.participant for seat in match.seats}
        for a, b in match.pairs_missing():
            until = turn.now + options.rejected_pair_expiry_s
            turn.state.probe_memory.remember(frozenset((by_player[a], by_player[b])), None, until)
    matches.end(turn, match, reason, who, how="failed")


def left(turn: Turn, match: Match, seat: Seat, reason: str, text: str = "") -> None:
    """Go on without this member: end, let a bot or the default action act, or send the others back to wait."""
    if match.is_over:
        return
    if match.phase in BEFORE_PLAY:
        fail(turn, match, reason, [seat.participant])
        return
    options = matches.scene_of(turn.state, match).multiplayer_options.reconnection
    if not match.remaining:
        matches.end(turn, match, reason, _just_gone(match), how="early")
    elif options.on_timeout in ("bot", "default_action"):
        substitute(turn, match, seat, "bot" if options.on_timeout == "bot" else "default", reason, text)
    else:
        how: HowEnded = "requeue" if options.on_timeout == "requeue" else "early"
        matches.end(turn, match, reason, _just_gone(match), text or options.message, how)


def _just_gone(match: Match) -> list[str]:
    """Everybody through whom it ends: those who left and for whom nobody acts."""
    return [seat.participant for seat in match.seats if seat.gone and seat.over is None and seat.substitute is None]


def substitute(turn: Turn, match: Match, seat: Seat, by: str, reason: str, text: str = "") -> None:
    """``from_frame`` is the earliest frame the browsers may agree on: nothing confirmed changes any more."""
    seat.gone = seat.gone or reason
    losses.clear_pauses_of(turn, match, seat.player)
    seat.substitute, seat.from_frame = by, match.frame + 1
    person = turn.state.participants[seat.participant]
    turn.record(
        "substituted",
        person,
        match=match.id,
        scene=match.scene_id,
        player=seat.player,
        by=by,
        reason=reason,
        episode=match.episode,
        from_frame=seat.from_frame,
    )
    matches.over_for_leaver(turn, match, seat, reason)
    # Told before play goes on: each browser has to know who acts for the seat, and from when on.
    matches.announce(turn, match, reason, text)
    losses.resume_if_clear(turn, match)
    turn.tell(SeatTaken(match, seat))


def replace_with_bot(turn: Turn, match: Match, seat: Seat, reason: str) -> None:
    """Whatever the scene says about losses: a bot takes this seat, its person goes on to the next scene."""
    seat.gone = reason
    losses.clear_pauses_of(turn, match, seat.player)
    if match.remaining:
        substitute(turn, match, seat, "bot", reason)
    else:
        matches.end(turn, match, reason, [seat.participant], how="early")
