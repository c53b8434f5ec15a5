"""Watching people in play, by the server's clock: ping, hidden tab, inactivity, frame rate, the researcher's rule."""

from typing import Any

from igym.core import filling, gate, hooks, losses, matches, plans
from igym.core.contexts import match_context
from igym.core.events import RttMeasured
from igym.core.happenings import Excluded
from igym.core.limits import HOOK_LIMIT_S
from igym.core.match import Match, MatchPhase, Seat
from igym.core.participant import ConnectionState, Participant, PersonState
from igym.core.places import Entry, InMatch
from igym.core.state import Question, State
from igym.core.turn import Turn
from igym.experiment.options.multiplayer import MonitoringOptions
from igym.experiment.scenes import GymScene
from igym.protocol.client import Activity, Focus, Metrics
from igym.protocol.told import Told

SLOW_SECONDS = 5
"""So many samples in a row (one a second) below the limit are a low frame rate."""


def _playing(turn: Turn, person: Participant) -> tuple[Match, Seat, GymScene] | None:
    """The running match of this person, or None."""
    match = person.place.match if isinstance(person.place, InMatch) else None
    seat = match.seat_of(person.id) if match else None
    if match is None or seat is None or match.phase not in (MatchPhase.PLAYING, MatchPhase.PAUSED):
        return None
    return match, seat, matches.scene_of(turn.state, match)


def _rules(scene: GymScene) -> MonitoringOptions:
    return scene.multiplayer_options.monitoring


def start(turn: Turn, match: Match) -> None:
    """Play begins: nothing of an earlier game counts."""
    for seat in match.remaining:
        person = turn.state.participants[seat.participant]
        watch = person.watch
        watch.warned.clear()
        watch.high_pings.clear()
        watch.slow_seconds, watch.next_callback_frame = 0, 0
        watch.last_input_at = turn.now
        _watch_hidden(turn, person)
        _watch_inactivity(turn, person)


def warn(turn: Turn, person: Participant, rule: str, text: str) -> None:
    """Once for each stretch of the trouble, on the person's page and in the researcher's table."""
    if _note(turn, person, rule, text):
        hooks.notify(turn, person, text, "warning")


def _filled(turn: Turn, person: Participant, text: str) -> str:
    return filling.text(turn.state, person, text, html=False)


def _note(turn: Turn, person: Participant, rule: str, text: str) -> bool:
    """In the researcher's table alone; False when it was noted before."""
    if rule in person.watch.warned:
        return False
    person.watch.warned.add(rule)
    person.warnings += 1
    turn.record("warned", person, rule=rule, text=text, match=person.match)
    return True


def _exclude(turn: Turn, person: Participant, scene: GymScene, reason: str, message: str = "") -> None:
    rules = _rules(scene)
    turn.tell(Excluded(person, reason, message or rules.exclusion_message, rules.partner_message))


def on_rtt(turn: Turn, event: RttMeasured) -> None:
    """One more measured ping; only measurements during play count, and those told with it are older than the play."""
    person = turn.state.participants[event.participant]
    found = _playing(turn, person)
    if found is None or person.live is None or _rules(found[2]).max_ping_ms is None:
        return
    rules, recent = _rules(found[2]), person.watch.high_pings
    recent.append(person.rtts[-1] > (rules.max_ping_ms or 0))
    while len(recent) > rules.ping_window:
        recent.popleft()
    strikes = sum(recent)
    if strikes >= rules.ping_strikes:
        _exclude(turn, person, found[2], Told("ping above {milliseconds} ms", milliseconds=f"{rules.max_ping_ms:g}"))
    elif strikes >= max(1, rules.ping_strikes - 1):
        warn(turn, person, "ping", _filled(turn, person, rules.warning_message))
    elif strikes == 0:
        person.watch.warned.discard("ping")


def on_focus(turn: Turn, person: Participant, message: Focus) -> None:
    """The page was hidden, left, or is in front again. The server's clock counts from here."""
    away = message.hidden or message.blurred
    watch = person.watch
    was_away = watch.hidden_since is not None
    turn.record("focus", person, match=person.match, **message.model_dump())
    if away and not was_away:
        watch.hidden_since = turn.now
        _watch_hidden(turn, person)
    elif was_away and not away:
        _looks(turn, person)
        _focus_back(turn, person)


def begun_anew(turn: Turn, person: Participant) -> None:
    """A fresh page: what the former one told last as it went, that nobody looks, ends with it."""
    if person.watch.hidden_since is None:
        return
    _looks(turn, person)
    found = _playing(turn, person)
    if found is not None:
        losses.unpause(turn, found[0], f"focus {found[1].player}")


def _looks(turn: Turn, person: Participant) -> None:
    person.watch.hidden_since = None
    person.watch.warned.discard("hidden")
    for rule in ("hidden", "hidden_exclude", "focus"):
        turn.state.deadlines.cancel(rule, person.id)


def _watch_hidden(turn: Turn, person: Participant) -> None:
    found, since = _playing(turn, person), person.watch.hidden_since
    if found is None or since is None:
        return
    match, seat, scene = found
    rules, focus = _rules(scene), scene.multiplayer_options.focus
    begin = max(since, match.started_at or since)
    limits = {"hidden": rules.hidden_warn_s, "hidden_exclude": rules.hidden_exclude_s}
    if not match.is_solo:
        limits["focus"] = focus.timeout_s or None
        if focus.pause_partner:
            losses.pause(turn, match, f"focus {seat.player}", None)
    for rule, limit_s in limits.items():
        if limit_s is not None:
            turn.state.deadlines.set(rule, person.id, max(turn.now, begin + limit_s))


def _focus_back(turn: Turn, person: Participant) -> None:
    found = _playing(turn, person)
    if found is None or found[0].is_solo:
        return
    match, seat, scene = found
    if f"focus {seat.player}" in match.pauses:
        losses.unpause(turn, match, f"focus {seat.player}")
    elif not scene.multiplayer_options.focus.pause_partner:
        hooks.notify(turn, person, _filled(turn, person, scene.multiplayer_options.focus.message))


def on_hidden(turn: Turn, subject: str) -> None:
    """The rule ``hidden``: warn."""
    person = turn.state.participants[subject]
    found = _playing(turn, person)
    if found is not None and person.watch.hidden_since is not None:
        warn(turn, person, "hidden", _filled(turn, person, _rules(found[2]).warning_message))


def on_hidden_exclude(turn: Turn, subject: str) -> None:
    person = turn.state.participants[subject]
    found = _playing(turn, person)
    if found is not None and person.watch.hidden_since is not None:
        _exclude(turn, person, found[2], Told("page hidden or left"))


def on_focus_limit(turn: Turn, subject: str) -> None:
    """The rule ``focus``: away for so long in a match with others, the seat is given up for good."""
    person = turn.state.participants[subject]
    found = _playing(turn, person)
    if found is not None and person.watch.hidden_since is not None and not found[0].is_solo:
        match, seat, _ = found
        losses.release(turn, match, seat, Told("away from the page"))


def counts_activity(state: State, participant: str) -> bool:
    """Whether a rule asks when this person did something last; else nothing follows from an `activity` message."""
    person = state.participants[participant]
    if not isinstance(person.place, InMatch):
        return False
    rules = _rules(matches.scene_of(state, person.place.match))
    return rules.inactivity_warn_s is not None or rules.inactivity_exclude_s is not None


def counts_pings(state: State, participant: str) -> bool:
    """Whether a rule judges each ping, or when it was answered; else they are figures for tables alone.

    Before the first scene screening waits for them, an absence ends with the first, and in a match that does not run
    who answered last decides who is gone.
    """
    person = state.participants[participant]
    if isinstance(person.place, Entry) or person.connection is not ConnectionState.CONNECTED:
        return True
    if not isinstance(person.place, InMatch):
        return False
    match = person.place.match
    rules = _rules(matches.scene_of(state, match))
    return match.phase is not MatchPhase.PLAYING or rules.max_ping_ms is not None or bool(rules.continuous_callback)


def on_activity(turn: Turn, person: Participant, message: Activity) -> None:
    person.watch.last_input_at = turn.now
    person.watch.warned.discard("inactivity")


def _watch_inactivity(turn: Turn, person: Participant) -> None:
    found = _playing(turn, person)
    if found is None:
        return
    rules = _rules(found[2])
    last = person.watch.last_input_at or turn.now
    for rule, limit_s in (("inactive", rules.inactivity_warn_s), ("inactive_exclude", rules.inactivity_exclude_s)):
        if limit_s is not None:
            turn.state.deadlines.set(rule, person.id, max(turn.now, last + limit_s))


def _still_inactive(turn: Turn, person: Participant, rule: str, limit_s: float | None) -> bool:
    """Whether the limit is really reached; otherwise looks again when it could be. A pause is no inactivity."""
    if limit_s is None or person.state not in (PersonState.PLAYING, PersonState.PAUSED):
        return False
    if person.state is PersonState.PAUSED:
        person.watch.last_input_at = turn.now
    due = (person.watch.last_input_at or turn.now) + limit_s
    if due <= turn.now:
        return True
    turn.state.deadlines.set(rule, person.id, due)
    return False


def on_inactive(turn: Turn, subject: str) -> None:
    """The rule ``inactive``: warn, and look again after the next stretch without input."""
    person = turn.state.participants[subject]
    found = _playing(turn, person)
    if found is None:
        return
    rules = _rules(found[2])
    if _still_inactive(turn, person, "inactive", rules.inactivity_warn_s):
        warn(turn, person, "inactivity", _filled(turn, person, rules.warning_message))
        turn.state.deadlines.set("inactive", subject, turn.now + (rules.inactivity_warn_s or 1.0))


def on_inactive_exclude(turn: Turn, subject: str) -> None:
    person = turn.state.participants[subject]
    found = _playing(turn, person)
    if found is not None and _still_inactive(turn, person, "inactive_exclude", _rules(found[2]).inactivity_exclude_s):
        _exclude(turn, person, found[2], Told("no input"))


def on_metrics(turn: Turn, person: Participant, message: Metrics) -> None:
    found = _playing(turn, person)
    if found is None or message.match != found[0].id:
        turn.refuse(person, message.name, "out_of_state", "You are not in this match.")
        return
    samples = [{"age_ms": sample.age_ms, "values": dict(sample.values)} for sample in message.samples]
    turn.record("metrics", person, match=message.match, samples=samples)
    for sample in message.samples:
        fps = sample.values.get("fps")
        if isinstance(fps, int | float) and not isinstance(fps, bool):
            person.fps = float(fps)
            _judge_fps(turn, person, found[0], found[2])
    _ask_own_rule(turn, person, found[0], found[2])


def _judge_fps(turn: Turn, person: Participant, match: Match, scene: GymScene) -> None:
    if scene.gameplay_options.waits:
        return  # Pictures come when somebody moves: their rate says nothing of the browser.
    rules, watch = _rules(scene), person.watch
    slow = person.fps is not None and person.fps < rules.low_fps_share * scene.rendering_options.fps
    running = match.phase is MatchPhase.PLAYING and person.watch.hidden_since is None
    watch.slow_seconds = watch.slow_seconds + 1 if slow and running else 0
    if watch.slow_seconds != SLOW_SECONDS:
        return
    turn.record("low_fps", person, match=match.id, fps=person.fps, asked=scene.rendering_options.fps)
    if rules.on_low_fps == "exclude":
        _exclude(turn, person, scene, Told("frame rate too low"))
    elif rules.on_low_fps == "warn":
        # Nobody can look after that in the middle of a game: it is for the researcher's table.
        _note(turn, person, "fps", "The game runs slowly here.")


def _ask_own_rule(turn: Turn, person: Participant, match: Match, scene: GymScene) -> None:
    """Every so many frames, and never two questions at once for the same person."""
    rules, watch = _rules(scene), person.watch
    reached = person.place.frame if isinstance(person.place, InMatch) else None
    frame = reached if reached is not None else -1
    total = match.episode * 10_000_000 + frame
    if rules.continuous_callback is None or watch.callback_pending or frame < 0 or total < watch.next_callback_frame:
        return
    watch.next_callback_frame = total + rules.callback_every_frames
    watch.callback_pending = True
    facts = {**match_context(match), "fps": person.fps, "now": turn.now}
    path = plans.function_path(scene, "continuous_callback")
    gate.ask(turn, person, "continuous", path, then="continuous", limit_s=HOOK_LIMIT_S, facts=facts)


def on_own_rule(turn: Turn, question: Question, value: Any) -> None:
    """The rule ``continuous``: ``{exclude, warn, message}``."""
    person = turn.state.participants[question.subject]
    person.watch.callback_pending = False
    found = _playing(turn, person)
    if value is None or found is None:
        return
    if not isinstance(value, dict):
        turn.problem(
            "error",
            Told("{function} returned something unusable", function=question.function),
            Told("It must return None or a dict."),
        )
        return
    message = str(value.get("message") or "")
    if value.get("exclude"):
        _exclude(turn, person, found[2], Told("callback: {function}", function=question.function), message)
    elif value.get("warn"):
        person.watch.warned.discard("callback")
        warn(turn, person, "callback", message or _filled(turn, person, _rules(found[2]).warning_message))
    elif message:
        hooks.notify(turn, person, message)
