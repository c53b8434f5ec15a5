"""A match from its forming to its end: seats, readiness, countdown, play, game over."""

from collections.abc import Mapping
from typing import Any

from igym.core import env_config, filling, hooks, plans, pools, recording, seating
from igym.core.contexts import match_context
from igym.core.effects import ExportMatch, StartHostEnv, StopHostEnv
from igym.core.groups import Group
from igym.core.happenings import HowEnded, LoadedAgain, MatchEnded, MatchFailed, MatchStarted, SeatOver
from igym.core.limits import ENDING_LIMIT_S, LINK_LIMIT_S, LOADING_LIMIT_S, RELAY_LIMIT_S, START_LEAD_S
from igym.core.match import BEFORE_PLAY, Match, MatchPhase, Seat
from igym.core.participant import ConnectionState, Participant
from igym.core.places import InMatch, InRoom, Page
from igym.core.state import State
from igym.core.turn import Turn
from igym.experiment.plan import PlanScene
from igym.experiment.scenes import GymScene
from igym.protocol.client import GameOver, MatchReady
from igym.protocol.server import MatchState
from igym.protocol.told import Told

INCOMPLETE = "incomplete"
"""The reason of a match that everybody left at its end although rows of somebody are missing."""


def scene_of(state: State, match: Match) -> GymScene:
    return state.game(match.spec_id)


def form_solo(turn: Turn, person: Participant) -> None:
    step = plans.step(person)
    assert step is not None
    form(turn, step, turn.state.number("match"), [(person, turn.now)])


def form(
    turn: Turn,
    step: PlanScene,
    number: int,
    people: list[tuple[Participant, float]],
    fill_with_bots: bool = False,
    wanted: Mapping[str, str] | None = None,
) -> None:
    """Seat these people; ``fill_with_bots`` seats the timeout's bot beside them. Times are of first arrival.

    ``wanted``: participant → agent, where chance does not decide.
    """
    state = turn.state
    scene = state.game(step.scene)
    rng = state.make_rng(f"match {number}")
    given = scene.environment_options.seed
    # Seats first, then the seed, from one generator: in another order a stored session would draw other matches.
    seats, bots = seating.assign(scene, people, rng, fill_with_bots, wanted or {})
    match = Match(
        id=f"m{number:03d}",
        scene_id=step.id,
        spec_id=step.scene,
        seed=given if given is not None else rng.getrandbits(31),
        seats=seats,
        bots=bots,
        formed_at=turn.now,
    )
    if scene.gameplay_options.is_conditional:
        match.allowed = 1
    if scene.runtime_options.where == "host":
        match.links.clear()
        match.on_host, match.env_ready = True, False
    match.fixed = seating.resolved_options(state, scene, match, fill_with_bots)
    match.fixed |= env_config.settle(turn, scene, match) | pools.settle(turn, scene, match)
    # From here on the match can be looked up, which the members' moves and the records below do.
    state.matches[match.id] = match
    for seat in match.seats:
        person = state.participants[seat.participant]
        assert isinstance(person.place, Page | InRoom)
        state.roster.matches.setdefault(person.id, []).append(match.id)
        person.move(InMatch(person.place.visit, match, seat.player))
        person.matched_keys.update(filter(None, step.group_key.split(";")))
    _write_formed(turn, match)
    _connect(turn, match)


def _write_formed(turn: Turn, match: Match) -> None:
    if not match.is_solo:
        match.group = _group(turn, match)
    turn.record(
        "match_formed",
        match=match.id,
        scene=match.scene_id,
        seed=match.seed,
        players=seating.as_json(match),
        bots=list(match.bots),
        group=match.group,
        fixed=dict(match.fixed),
    )
    for seat in match.seats:
        person = turn.state.participants[seat.participant]
        hooks.run(turn, "on_match", person, **match_context(match), player=seat.player, agent=seat.agent)


def _group(turn: Turn, match: Match) -> str:
    """The same people again are the same group."""
    members = tuple(match.members)
    former = turn.state.groups.same_members(members)
    identifier = former.id if former else f"g{turn.state.number('group'):03d}"
    group = Group(identifier, members, match.scene_id, match.id, turn.now)
    turn.state.groups.add(group)
    for member in members:
        turn.state.participants[member].group = identifier
    turn.record("group_formed", match=match.id, scene=match.scene_id, group=identifier, members=list(members))
    return identifier


def _connect(turn: Turn, match: Match) -> None:
    match.move(MatchPhase.CONNECTING)
    if match.on_host:
        turn.do(StartHostEnv(match.id))
    for seat in match.seats:
        turn.show(turn.state.participants[seat.participant])
    turn.state.deadlines.set("match", match.id, turn.now + (LOADING_LIMIT_S if match.is_solo else LINK_LIMIT_S))
    check_links(turn, match)


def state_message(turn: Turn, match: Match, reason: str = "", text: str = "") -> MatchState:
    waits: list[float | None] = [*(match.still if match.standing_still else match.pauses).values()]
    setup_ends = _setup_ends(turn.state, match) if match.phase in BEFORE_PLAY else []
    deadline = _latest_end(turn, match, waits) if waits else min(setup_ends, default=None)
    phase = "connecting" if match.phase is MatchPhase.FORMING else str(match.phase)
    relay = "use_relay" if match.relay_asked and match.phase is MatchPhase.CONNECTING else ""
    return MatchState(
        match=match.id,
        state=phase,  # type: ignore[arg-type]
        server_ms=turn.now_ms,
        starts_at_ms=match.starts_at * 1000 if match.starts_at is not None else None,
        reason=reason or match.reason or ", ".join(match.pauses) or match.standing_still or relay,
        text=text,
        deadline_ms=deadline * 1000 if deadline is not None else None,
        substitutes=match.substitutes,  # type: ignore[arg-type]
        done=match.done,
        episodes=match.allowed,
        from_frame=max((seat.from_frame for seat in match.seats if seat.from_frame is not None), default=None),
    )


def _latest_end(turn: Turn, match: Match, ends: list[float | None]) -> float | None:
    """When play goes on or the match is over, at the latest; None: nobody knows. The first limit may end it for all."""
    # One limit that ends the match for all counts for all; a substitute lets each wait run by itself.
    limits = [end for end in ends if end is not None]
    if scene_of(turn.state, match).multiplayer_options.reconnection.on_timeout in ("end", "requeue"):
        return min(limits, default=None)
    return max(limits) if len(limits) == len(ends) else None


def _setup_ends(state: State, match: Match) -> list[float]:
    own = state.deadlines.at("match", match.id)
    return [*_return_ends(state, match), *([own] if own is not None else [])]


def announce(turn: Turn, match: Match, reason: str = "", text: str = "") -> None:
    """Tell every member where the match stands, and write it down."""
    why = reason or match.reason or match.standing_still
    turn.record("match_state", match=match.id, scene=match.scene_id, state=str(match.phase), reason=why)
    message = state_message(turn, match, reason, text)
    for seat in _told(turn, match):
        person = turn.state.participants[seat.participant]
        # Whoever is still to be shown the match learns of its state with it, and not before.
        if person.id not in turn.to_show or match.is_over:
            turn.send(person, message.model_copy(update={"text": filling.text(turn.state, person, text, html=False)}))


def _told(turn: Turn, match: Match) -> list[Seat]:
    """Who plays; of the end also those through whom it came, if their page still shows the game."""
    if not match.is_over:
        return match.remaining
    return [seat for seat in match.seats if turn.state.participants[seat.participant].match == match.id]


def check_links(turn: Turn, match: Match) -> None:
    """All links up: validating; everybody ready: the countdown."""
    if match.phase is MatchPhase.CONNECTING and all(link.is_up for link in match.live_links()):
        match.move(MatchPhase.VALIDATING)
        turn.state.deadlines.set("match", match.id, max(match.formed_at, match.connecting_since) + LOADING_LIMIT_S)
        announce(turn, match)
    everyone_ready = all(seat.ready for seat in match.seats) and (match.is_solo or _all_here(turn, match))
    everyone_ready = everyone_ready and match.env_ready
    if match.phase in (MatchPhase.CONNECTING, MatchPhase.VALIDATING) and everyone_ready:
        match.move(MatchPhase.VALIDATING)
        _count_down(turn, match)


def _all_here(turn: Turn, match: Match) -> bool:
    return all(turn.state.participants[member].is_here for member in match.members)


def is_there(state: State, seat: Seat) -> bool:
    return state.participants[seat.participant].connection is ConnectionState.CONNECTED


def nobody_sees(turn: Turn, match: Match, seat: Seat) -> bool:
    """No partner with a live connection has a good link to this player."""
    if match.on_host:
        return True
    others = [other for other in match.remaining if other is not seat and is_there(turn.state, other)]
    links = [match.link(seat.player, other.player) for other in others]
    return not any(link is not None and link.is_up and link.transport != "relay" for link in links)


def _everyone_reachable(turn: Turn, match: Match) -> bool:
    """Whether play can begin: no link is lost, and whoever has lost the host is seen by a partner."""
    if match.on_host and not match.env_ready:
        return False
    if match.is_solo and not match.on_host:
        return True
    away = [seat for seat in match.remaining if not is_there(turn.state, seat)]
    lost = any(link.is_lost for link in match.live_links())
    return not lost and not any(nobody_sees(turn, match, seat) for seat in away)


def wait_for(turn: Turn, match: Match, seat: Seat) -> None:
    """A member's browser went away before play: the others wait a moment, then look for somebody else.

    A countdown goes on: when it ends, a healthy link between the browsers is enough to play.
    """
    limit_s = scene_of(turn.state, match).multiplayer_options.reconnection.timeout_s
    # Before connecting starts over, whose limit leaves them this time.
    turn.state.deadlines.set("gone", f"{match.id} {seat.player}", turn.now + limit_s)
    if match.phase is not MatchPhase.COUNTDOWN:
        _reconnect(turn, match)


def back_before_play(turn: Turn, match: Match, seat: Seat) -> None:
    """The member is back; connecting starts over for what was lost."""
    turn.state.deadlines.cancel("gone", f"{match.id} {seat.player}")
    # After their limit is gone: the one of connecting counts from now again.
    if match.phase is not MatchPhase.COUNTDOWN or not seat.ready:
        _reconnect(turn, match)
        check_links(turn, match)


def _reconnect(turn: Turn, match: Match) -> None:
    limit_s = RELAY_LIMIT_S if match.relay_asked else LINK_LIMIT_S
    # Nobody can link to who is away: as long as they may come back, only that limit counts.
    begun = max([turn.now, *_return_ends(turn.state, match)])
    turn.state.deadlines.set("match", match.id, begun + (LOADING_LIMIT_S if match.is_solo else limit_s))
    match.move(MatchPhase.CONNECTING)
    match.starts_at, match.connecting_since = None, turn.now
    announce(turn, match)


def _return_ends(state: State, match: Match) -> list[float]:
    """Until when each member who went away before play is waited for."""
    ends = (state.deadlines.at("gone", f"{match.id} {seat.player}") for seat in match.seats)
    return [end for end in ends if end is not None]


def on_gone(turn: Turn, subject: str) -> None:
    """The rule ``gone``: the member did not come back before play."""
    match_id, _, player = subject.partition(" ")
    match = turn.state.matches[match_id]
    seat = match.seat(int(player))
    assert seat is not None
    turn.tell(MatchFailed(match, Told("partner lost"), (seat.participant,)))


def on_match_ready(turn: Turn, person: Participant, message: MatchReady) -> None:
    match, seat = recording.seat_for(turn, person, message.name, message.match)
    if match is None or seat is None:
        return
    seat.ready, person.loaded, person.progress = True, True, None
    if match.phase in BEFORE_PLAY:
        check_links(turn, match)
    else:
        turn.tell(LoadedAgain(match, seat))


def _count_down(turn: Turn, match: Match) -> None:
    """Everybody starts at the same moment. Someone alone needs none: their page counts down by itself."""
    match.move(MatchPhase.COUNTDOWN)
    match.armed = True
    match.starts_at = turn.now if match.is_solo else _start(turn, match)
    turn.state.deadlines.set("match", match.id, match.starts_at)
    announce(turn, match)


def _start(turn: Turn, match: Match) -> float:
    """When the game's own countdown begins: it ends with the waitroom's, which began with the match, or later."""
    scene = scene_of(turn.state, match)
    own_s = scene.gameplay_options.countdown_s
    return max(turn.now + max(0.0, START_LEAD_S - own_s), match.formed_at + scene.waitroom_options.countdown_s - own_s)


def on_deadline(turn: Turn, subject: str) -> None:
    """The rule ``match``: the start has come, or connecting or loading took too long."""
    match = turn.state.matches[subject]
    if match.phase is MatchPhase.COUNTDOWN and _everyone_reachable(turn, match):
        _play(turn, match)
    elif match.phase is MatchPhase.COUNTDOWN:
        _reconnect(turn, match)
    elif match.phase is MatchPhase.CONNECTING and not match.is_solo:
        _links_late(turn, match)
    else:
        _loading_late(turn, match)


def _play(turn: Turn, match: Match) -> None:
    match.move(MatchPhase.PLAYING)
    match.started_at = match.playing_since = turn.now
    announce(turn, match)
    for seat in match.seats:
        turn.state.deadlines.cancel("gone", f"{match.id} {seat.player}")
    turn.tell(MatchStarted(match))


def _links_late(turn: Turn, match: Match) -> None:
    """First the relay instead of the direct way; when that fails too, back to the waitroom."""
    transport = scene_of(turn.state, match).multiplayer_options.transport
    if not match.relay_asked and transport != "p2p":
        match.relay_asked = True
        turn.state.deadlines.set("match", match.id, turn.now + RELAY_LIMIT_S)
        announce(turn, match, "use_relay")
        return
    turn.tell(MatchFailed(match, Told("links not established"), tuple(_ends_of_missing_links(match))))


def _ends_of_missing_links(match: Match) -> list[str]:
    """Everybody on a link that is not up."""
    players = {player for pair in match.pairs_missing() for player in pair}
    return [seat.participant for seat in match.seats if seat.player in players]


def _loading_late(turn: Turn, match: Match) -> None:
    late = [seat.participant for seat in match.seats if not seat.ready]
    if match.is_solo and not _all_here(turn, match):
        turn.state.deadlines.set("match", match.id, turn.now + LOADING_LIMIT_S)
        return
    turn.tell(MatchFailed(match, Told("game not loaded in time"), tuple(late)))


def on_game_over(turn: Turn, person: Participant, message: GameOver) -> None:
    """This person's part is done; the others have a while to say the same."""
    match = turn.state.matches.get(message.match)
    seat = match.seat_of(person.id) if match else None
    # Said again because the answer was lost: below it would be refused, as their part is over.
    if match is not None and seat is not None and seat.over is not None:
        return
    match, seat = recording.own_game(turn, person, message.name, message.match)
    if match is None or seat is None:
        return
    if match.phase not in (MatchPhase.PLAYING, MatchPhase.PAUSED):
        turn.refuse(person, message.name, "out_of_state", "The match is not being played.")
        return
    part_over(turn, match, seat, message.reason)


def part_over(turn: Turn, match: Match, seat: Seat, reason: str) -> None:
    """This member has nothing left to play; with the last of them the match is over."""
    _part_done(turn, match, seat, reason)
    if match.remaining:
        turn.state.deadlines.set("ending", match.id, turn.now + ENDING_LIMIT_S)
        # Whoever is not done yet may wait for a word of this one's browser: it gives none any more.
        announce(turn, match)
    else:
        end(turn, match, _outcome(turn, match))


def finish(turn: Turn, match: Match, reason: str) -> None:
    """The game itself is over for everybody at once."""
    for seat in match.remaining:
        _part_done(turn, match, seat, reason)
    end(turn, match, reason)


def on_ending(turn: Turn, subject: str) -> None:
    """The rule ``ending``: those who never reported their end go on too."""
    match = turn.state.matches[subject]
    if is_whole(turn, match):
        finish(turn, match, _outcome(turn, match))
        return
    late = [seat.participant for seat in match.remaining]
    for seat in match.remaining:
        _part_done(turn, match, seat, Told("no report"))
    end(turn, match, INCOMPLETE, late)


def _outcome(turn: Turn, match: Match) -> str:
    """What ended it for anybody; "complete" only when every episode of everybody is on disk to its end."""
    reasons = [seat.over for seat in match.seats if seat.over and seat.over != "complete"]
    if reasons:
        return reasons[0]
    return "complete" if match.on_host or is_whole(turn, match) else INCOMPLETE


def is_whole(turn: Turn, match: Match) -> bool:
    """Whether all that is to be played is on disk, of everybody who did not leave before."""
    episodes = match.allowed if match.enough else None
    return recording.is_whole(turn.state, match, episodes or scene_of(turn.state, match).gameplay_options.num_episodes)


def _part_done(turn: Turn, match: Match, seat: Seat, reason: str) -> None:
    seat.over = reason
    # Kept until the whole match is over: on_match_end is asked before the next scene of anybody.
    turn.state.participants[seat.participant].open_match = match.id
    turn.tell(SeatOver(match, seat))


def end(
    turn: Turn,
    match: Match,
    reason: str,
    who: list[str] | None = None,
    text: str = "",
    how: HowEnded = "complete",
) -> None:
    """Close the match. Frames confirmed so far are kept; unfinished episodes are marked partial."""
    staying = tuple(match.remaining)
    match.move(MatchPhase.ENDED)
    match.ended_at, match.reason, match.who = turn.now, reason, who or []
    if match.started_at is None:
        # It was never played, so what was drawn for it is free for the next match; else a balanced pool would drift.
        pools.give_back(turn, match)
    for rule in ("match", "ending"):
        turn.state.deadlines.cancel(rule, match.id)
    for seat in match.seats:
        turn.state.deadlines.cancel("gone", f"{match.id} {seat.player}")
    for cause in list(match.pauses):
        turn.state.deadlines.cancel("pause", f"{match.id} {cause}")
    # Before the end is announced, which would name a pause as what is waited for.
    match.pauses.clear()
    announce(turn, match, reason, text)
    if match.group is not None:
        turn.state.groups.close(match.id, turn.now, reason)
        turn.record("group_ended", match=match.id, scene=match.scene_id, group=match.group, reason=reason)
    body: dict[str, Any] = {"reason": reason, "who": match.who, "episode": match.episode, "last_frame": match.frame}
    turn.record("match_ended", match=match.id, scene=match.scene_id, **body)
    # After the record of the end, whose reason and people the partial episodes name.
    recording.close_episodes(turn, match)
    for seat in match.seats:
        _over_for(turn, match, seat)
    if match.on_host:
        turn.do(StopHostEnv(match.id))
    turn.do(ExportMatch(match.id))
    # Last: who goes on asks for the next scene, and its functions must find the match closed and its end written down.
    turn.tell(MatchEnded(match, how, staying, text))


def _over_for(turn: Turn, match: Match, seat: Seat) -> None:
    """Asked once for each member: here, or when the member left before."""
    person = turn.state.participants[seat.participant]
    if person.open_match == match.id:
        person.open_match = None
        turn.settle(person)
    if not seat.told_over:
        seat.told_over = True
        hooks.run(turn, "on_match_end", person, **match_context(match))


def over_for_leaver(turn: Turn, match: Match, seat: Seat, reason: str) -> None:
    """The match goes on without this member, for whom it has ended now."""
    if not seat.told_over:
        seat.told_over = True
        person = turn.state.participants[seat.participant]
        hooks.run(turn, "on_match_end", person, **match_context(match) | {"reason": reason})
