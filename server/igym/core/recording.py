"""Episodes and rows as the browsers report them: who may send what, what is whole, whether all agree."""

from igym.core import boards, hooks
from igym.core.contexts import match_context
from igym.core.effects import ExportEpisode, ExportMatch, FindDifference, Refuse
from igym.core.events import DifferenceFound, RowsStored
from igym.core.happenings import EpisodeStored
from igym.core.ledger import Parity, Report
from igym.core.match import BEFORE_PLAY, Match, Seat
from igym.core.participant import Participant
from igym.core.places import InMatch
from igym.core.row_limits import has_come_to
from igym.core.state import State
from igym.core.turn import Turn
from igym.protocol.binary import Rows
from igym.protocol.client import EpisodeEnded, EpisodeStarted
from igym.protocol.told import Told

PARITY_WAIT_S = 2.0
"""Rows of an interrupted episode may still come in; each arrival puts the comparison off by so long."""
RUN_BY_HOST = "This game runs on the host, which records it by itself."


def seat_for(turn: Turn, person: Participant, message_type: str, match_id: str) -> tuple[Match | None, Seat | None]:
    """The member's place in a running match, or a refusal."""
    match = turn.state.matches.get(match_id)
    seat = match.seat_of(person.id) if match else None
    if match is None or seat is None:
        turn.refuse(person, message_type, "not_yours", "This match is not yours.")
        return None, None
    if match.is_over or not seat.stays:
        turn.refuse(person, message_type, "out_of_state", "This match is over for you.")
        return None, None
    return match, seat


def own_game(turn: Turn, person: Participant, message_type: str, match_id: str) -> tuple[Match | None, Seat | None]:
    """Like `seat_for`, for what only the browser that steps the game can know."""
    match, seat = seat_for(turn, person, message_type, match_id)
    if match is not None and match.on_host:
        turn.refuse(person, message_type, "not_yours", RUN_BY_HOST)
        return None, None
    return match, seat


def accepts_rows(state: State, participant: str, rows: Rows, by_host: bool = False) -> Refuse | None:
    """Whether this person may store these rows. Also after the match: late rows are still their own.

    ``by_host``: they come from the env on the host, the only one to write those of its matches.
    """
    match = state.matches.get(rows.match)
    if match is None or match.seat_of(participant) is None:
        return Refuse(participant, rows.name, "not_yours", "This match is not yours.")
    if match.on_host is not by_host:
        return Refuse(participant, rows.name, "not_yours", RUN_BY_HOST)
    if _not_begun(match):
        return Refuse(participant, rows.name, "out_of_state", "The match has not begun.")
    if rows.scene != match.scene_id:
        return Refuse(participant, rows.name, "not_yours", "These rows name another scene than their match.")
    report = state.ledger.report(participant, rows.match, rows.episode)
    # What was said to be the end holds: its frames are compared with those of the others.
    if report is not None and rows.last_frame >= report.frames:
        return Refuse(participant, rows.name, "out_of_state", f"Episode {rows.episode} ended at frame {report.frames}.")
    return None


def _not_begun(match: Match) -> bool:
    return match.phase in BEFORE_PLAY and not match.armed


def on_rows_stored(turn: Turn, event: RowsStored) -> None:
    state = turn.state
    match = state.matches.get(event.match)
    if match is None or match.seat_of(event.participant) is None:
        return
    person = state.participants[event.participant]
    state.ledger.add_rows(event.participant, event.match, event.episode, event.first, event.last_frame)
    _reached(person, match, event.episode, event.last_frame)
    come = has_come_to(state.ledger, match, event.episode)
    if come and (event.episode, event.last_frame) > (match.episode, match.frame):
        match.episode, match.frame = event.episode, event.last_frame
    if not match.is_over:
        batch = {"first": event.first, "last": event.last_frame}
        hooks.run(turn, "on_frame_batch", person, **match_context(match), batch=batch)
    else:
        turn.do(ExportEpisode(event.participant, event.match, event.episode))
    _compare(turn, match, event.episode)


def _reached(person: Participant, match: Match, episode: int, frame: int | None) -> None:
    """How far this member is. Late rows of a match that was left say nothing about the present one."""
    place = person.place
    if isinstance(place, InMatch) and place.match is match:
        place.episode, place.frame = episode, frame


def on_episode_started(turn: Turn, person: Participant, message: EpisodeStarted) -> None:
    match, seat = own_game(turn, person, message.name, message.match)
    if match is None or seat is None:
        return
    if _not_begun(match):
        turn.refuse(person, message.name, "out_of_state", "The match has not begun.")
        return
    episode_started(turn, match, seat, message.episode)


def episode_started(turn: Turn, match: Match, seat: Seat, episode: int) -> None:
    """This member's episode runs."""
    person = turn.state.participants[seat.participant]
    if episode > match.episode and has_come_to(turn.state.ledger, match, episode):
        match.episode, match.frame = episode, -1
    _reached(person, match, episode, None)
    turn.record("episode_started", person, match=match.id, scene=match.scene_id, episode=episode)
    hooks.run(turn, "on_episode_start", person, **match_context(match), player=seat.player)


def on_episode_ended(turn: Turn, person: Participant, message: EpisodeEnded) -> None:
    """Also accepted after the match, as its sender repeats it until it is acknowledged."""
    match = turn.state.matches.get(message.match)
    if match is None or match.seat_of(person.id) is None:
        turn.refuse(person, message.name, "not_yours", "This match is not yours.")
        return
    if match.on_host:
        turn.refuse(person, message.name, "not_yours", RUN_BY_HOST)
        return
    if _not_begun(match):
        turn.refuse(person, message.name, "out_of_state", "The match has not begun.")
        return
    report = Report(message.frames, message.chain, message.reason, dict(message.scores))
    episode_ended(turn, match, person, message.episode, report)


def episode_ended(turn: Turn, match: Match, person: Participant, episode: int, report: Report) -> None:
    """How this member's episode ended; the first word about it counts."""
    ledger = turn.state.ledger
    if ledger.report(person.id, match.id, episode) is not None:
        return
    ledger.add_report(person.id, match.id, episode, report)
    boards.add(turn.state, match, person, report.scores)
    boards.follow(turn, match)
    partial = report.reason == "partial"
    turn.record(
        "episode_reported" if match.is_over else "episode_ended",
        person,
        match=match.id,
        scene=match.scene_id,
        episode=episode,
        frames=report.frames,
        reason=report.reason,
        chain=report.chain,
        scores=dict(report.scores),
        partial=partial,
        who=list(match.who) if partial else [],
    )
    hooks.run(turn, "on_episode_end", person, **match_context(match), scores=dict(report.scores))
    _compare(turn, match, episode)


def is_whole(state: State, match: Match, episodes: int) -> bool:
    """Whether everybody who did not leave before has each episode on disk, from its first frame to its end."""
    staying = [seat.participant for seat in match.seats if seat.gone is None]
    return all(_has(state, member, match, episode) for member in staying for episode in range(episodes))


def _has(state: State, member: str, match: Match, episode: int) -> bool:
    report = state.ledger.report(member, match.id, episode)
    return report is not None and report.reason != "partial" and state.ledger.is_whole(member, match.id, episode)


def close_episodes(turn: Turn, match: Match) -> None:
    """The match is over: episodes nobody finished are marked partial, with reason, frame and who."""
    ledger = turn.state.ledger
    for episode in ledger.episodes(match.id):
        for member in match.members:
            if ledger.report(member, match.id, episode) is None:
                _mark_partial(turn, match, member, episode)
        _compare(turn, match, episode)


def _mark_partial(turn: Turn, match: Match, member: str, episode: int) -> None:
    stored = turn.state.ledger.tell_frames(member, match.id, episode)
    turn.record(
        "episode_ended",
        turn.state.participants[member],
        match=match.id,
        scene=match.scene_id,
        episode=episode,
        frames=stored,
        reason=match.reason,
        chain="",
        scores={},
        partial=True,
        last_frame=stored - 1,
        who=list(match.who),
    )
    turn.do(ExportEpisode(member, match.id, episode))


def _compare(turn: Turn, match: Match, episode: int) -> None:
    """Whole with the same hash over every row: identical. Otherwise the stored rows themselves are compared."""
    ledger, members = turn.state.ledger, match.members
    whole = [member for member in members if ledger.is_whole(member, match.id, episode)]
    for member in whole:
        if (member, match.id, episode) not in ledger.exported:
            ledger.exported.add((member, match.id, episode))
            turn.do(ExportEpisode(member, match.id, episode))
            turn.tell(EpisodeStored(match))
    if len(whole) == len(members):
        if ledger.chains_agree(match.id, episode, members):
            _settle(turn, match, episode, Parity("identical"))
        else:
            turn.do(FindDifference(match.id, episode))
    elif match.is_over:
        turn.state.deadlines.set("parity", f"{match.id} {episode}", turn.now + PARITY_WAIT_S)


def on_parity(turn: Turn, subject: str) -> None:
    """The rule ``parity``: no more rows came; compare what there is."""
    match_id, _, episode = subject.partition(" ")
    _recount(turn, turn.state.matches[match_id], int(episode))
    # What was written about the match when it ended knew less.
    turn.do(ExportMatch(match_id))
    if len(turn.state.matches[match_id].members) == 1:
        _settle(turn, turn.state.matches[match_id], int(episode), Parity("identical"))
    else:
        turn.do(FindDifference(match_id, int(episode)))


def _recount(turn: Turn, match: Match, episode: int) -> None:
    """Of episodes that broke off, what was under way then is on disk now: the number of frames is said once more."""
    ledger = turn.state.ledger
    for member in match.members:
        if ledger.has_more_than_told(member, match.id, episode):
            frames = ledger.tell_frames(member, match.id, episode)
            turn.record(
                "episode_recounted",
                turn.state.participants[member],
                match=match.id,
                scene=match.scene_id,
                episode=episode,
                frames=frames,
                last_frame=frames - 1,
            )


def on_difference_found(turn: Turn, event: DifferenceFound) -> None:
    match = turn.state.matches[event.match]
    whole = all(turn.state.ledger.is_whole(member, match.id, event.episode) for member in match.members)
    differs = event.frame is not None or (whole and not _same_end(turn, match, event.episode))
    result = Parity("differs" if differs else "identical", event.frame, event.columns)
    _settle(turn, match, event.episode, result)


def _same_end(turn: Turn, match: Match, episode: int) -> bool:
    """Rows agree as far as they go; the episodes may still end at different frames."""
    reports = [turn.state.ledger.report(member, match.id, episode) for member in match.members]
    return len({report.frames for report in reports if report}) == 1


def _settle(turn: Turn, match: Match, episode: int, result: Parity) -> None:
    if not turn.state.ledger.settle(match.id, episode, result.state, result.frame, result.columns):
        return
    turn.record(
        "parity",
        match=match.id,
        scene=match.scene_id,
        episode=episode,
        result=result.state,
        frame=result.frame,
        columns=list(result.columns),
    )
    if result.state == "differs":
        at = Told(" from frame {frame} on", frame=result.frame) if result.frame is not None else ""
        text = Told(
            "Episode {episode} of match {match} ({scene}): the players' recorded rows differ{place}.",
            episode=episode,
            match=match.id,
            scene=match.scene_id,
            place=at,
        )
        turn.problem("warning", Told("Players' recordings differ"), text)
