"""``Session``: hands each event and each passed deadline to its rule, then lets follow what follows.

A turn is all or nothing: when a rule raises, everything it and its consequences had changed is undone.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from igym.core import (
    acted,
    checkpoint,
    commands,
    engine,
    enough,
    gate,
    hooks,
    host_runs,
    joining,
    journey,
    losses,
    matches,
    matching,
    messages,
    monitoring,
    payments,
    pooling,
    presence,
    probing,
    recording,
    responders,
    rounds,
    scenes,
    screening,
    screens,
    standstill,
    talk,
    view,
    waiting,
)
from igym.core.deadlines import Key
from igym.core.effects import Effect, Log, Refuse, RuleFailed
from igym.core.events import (
    Answered,
    Command,
    Connected,
    DifferenceFound,
    Disconnected,
    EngineStarted,
    EngineStopping,
    Event,
    HistoryLoaded,
    HostEnvFailed,
    HostEnvReady,
    HostEpisodeEnded,
    HostEpisodeStarted,
    HostGameOver,
    HostGlobalsSet,
    Joined,
    MessageReceived,
    RowsStored,
    RttMeasured,
    Tick,
)
from igym.core.groups import Groups
from igym.core.joining import JoinRefused, JoinRequest
from igym.core.kept_view import KeptView
from igym.core.ledger import Ledger
from igym.core.participant import ConnectionState
from igym.core.probe import ProbeMemory
from igym.core.state import MakeRng, Question, State
from igym.core.touched import Touched
from igym.core.turn import Turn
from igym.core.view import SessionView
from igym.protocol.told import Told

if TYPE_CHECKING:
    from igym.experiment.experiment import Experiment
    from igym.protocol.binary import Rows


class IllegalEventError(ValueError):
    """An event about someone or something that does not exist; the host made a mistake."""


@dataclass(slots=True, eq=False)
class _Unit:
    """What is done whole or not at all: one event, or one deadline; with ``failed`` only what follows its failure.

    It may be applied again, to an older state.
    """

    now: float
    event: Event | None = None
    deadline: Key | None = None
    failed: RuleFailed | None = None
    number: int = 0
    """How many events had been handled with the one in whose course it was done."""

    @property
    def rule(self) -> str:
        return self.event.type if self.event is not None else self.deadline.rule if self.deadline is not None else ""

    def apply(self, state: State) -> list[Effect]:
        turn = Turn(state, self.now)
        if self.failed is not None:
            _give_up(turn, self, self.failed)
        elif self.event is not None:
            for rule in _EVENT_RULES[type(self.event)]:
                rule(turn, self.event)
                if turn.told or turn.to_settle:
                    _drain(turn)
            state.last_event_at = self.now
        elif self.deadline is not None:
            # Gone before its rule runs, which may set it anew for the same subject.
            state.deadlines.pop_due(self.now)
            _DEADLINE_RULES[self.deadline.rule](turn, self.deadline.subject)
            _drain(turn)
        # Once, when nothing follows any more: nobody sees a page that the turn only passed through.
        if turn.to_show or turn.to_notify:
            screens.send_all(turn)
        return turn.effects


class Session:
    """One run of an experiment. All state changes go through ``handle``; everything else only looks.

    ``rng(purpose)`` gives a generator seeded from the session's recorded seed and the purpose, the same every time.
    Times are unix seconds.
    """

    def __init__(self, experiment: Experiment, session_id: str, rng: MakeRng) -> None:
        self._fresh: Callable[[], State] = lambda: State(experiment, session_id, rng, Groups(), Ledger(), ProbeMemory())
        self._state = self._fresh()
        self._base: bytes | None = None
        self._since_base: list[_Unit] = []
        self.handled = 0
        """Number of events ``handle`` was called with since the session's beginning."""
        self._touched = Touched()
        self._kept = KeptView()

    @classmethod
    def from_checkpoint(cls, data: bytes, experiment: Experiment, rng: MakeRng, handled: int = 0) -> Self:
        """The session as it was when ``checkpoint`` was called, after so many events. Raises ``CheckpointError``."""
        session = cls(experiment, "", rng)
        checkpoint.load(data, session._state)
        session._base, session.handled = data, handled
        return session

    def checkpoint(self) -> bytes:
        """The state after the last handled event. From here on it is what a failing rule's turn goes back to."""
        # Only what comes after it is kept for going back, so that an undo costs no more than the time since a
        # checkpoint.
        self._base, self._since_base = checkpoint.dump(self._state), []
        return self._base

    def go_back_to(self, data: bytes, handled: int) -> None:
        """From here on a failing rule's turn goes back to this checkpoint, made elsewhere of the first events."""
        self._base, self._since_base = data, [unit for unit in self._since_base if unit.number > handled]

    @property
    def state(self) -> State:
        """The facts, for reading, until the next ``handle``. Only ``handle`` changes them."""
        return self._state

    def handle(self, event: Event, now: float, *, failed: RuleFailed | None = None) -> list[Effect]:
        """What follows from the event, in order. Deadlines that passed meanwhile are dealt with on the way.

        A rule that raises leaves nothing behind but a ``RuleFailed`` effect and a problem for the researcher.
        ``failed`` is what became of the event when it first came: it is left out again, whatever its rule does now.
        """
        # Counted even if it is refused below: the host's log numbers it all the same.
        self.handled += 1
        self._check(event)
        # What is due comes first, as if each deadline had been handled in time; an engine that was away first moves
        # them on.
        effects = [] if isinstance(event, EngineStarted) else self._run_due(now)
        unit = _Unit(now, event, number=self.handled)
        effects += self._leave_out(unit, failed) if failed is not None else self._run(unit)
        effects += self._run_due(now)
        return effects

    def _run_due(self, now: float) -> list[Effect]:
        effects: list[Effect] = []
        while key := self._state.deadlines.first_due(now):
            effects += self._run(_Unit(now, deadline=key, number=self.handled))
        return effects

    def _run(self, unit: _Unit) -> list[Effect]:
        try:
            effects = unit.apply(self._state)
        except Exception as error:
            # Before anything is told of it: the failure is written into the state as it was before the rule ran.
            self._undo()
            told = RuleFailed(unit.rule, f"{type(error).__name__}: {error}", traceback.format_exc(), unit.event is None)
            return self._leave_out(unit, told)
        self._since_base.append(unit)
        self._note(unit, effects)
        return effects

    def _note(self, unit: _Unit, effects: list[Effect]) -> None:
        if unit.event is not None:
            self._touched.by_event(unit.event)
        if unit.deadline is not None:
            self._touched.by_deadline(unit.deadline)
        self._touched.by_effects(effects)

    def _leave_out(self, failed: _Unit, told: RuleFailed) -> list[Effect]:
        after = _Unit(failed.now, failed.event, failed.deadline, told, failed.number)
        effects = [told, *after.apply(self._state)]
        self._since_base.append(after)
        self._note(after, effects)
        return effects

    def _undo(self) -> None:
        """The state before the turn that failed, made again from the last checkpoint and what was handled since."""
        self._state = self._fresh()
        if self._base is not None:
            checkpoint.load(self._base, self._state)
        for unit in self._since_base:
            unit.apply(self._state)

    def _check(self, event: Event) -> None:
        if type(event) not in _EVENT_RULES:
            raise IllegalEventError(f"no rule for {type(event).__name__}")
        who = None if isinstance(event, Joined) else getattr(event, "participant", None)
        if who is not None and who not in self._state.participants:
            raise IllegalEventError(f"{event.type}: there is no participant {who!r}")
        match = getattr(event, "match", None)
        if isinstance(event, _OF_A_MATCH) and match not in self._state.matches:
            raise IllegalEventError(f"{event.type}: there is no match {match!r}")

    @property
    def next_deadline(self) -> float | None:
        """When a ``Tick`` is needed at the latest."""
        return self._state.deadlines.next

    def view(self, now: float) -> SessionView:
        """The session as tables show it, all of it made anew."""
        return view.build(self._state, joining.admission(self._state))

    def look(self) -> KeptView:
        """The same kept from look to look, now up to date: costs what has changed and who is under way."""
        self._kept.look(self._state, self._touched)
        return self._kept

    def small_parts(self) -> SessionView:
        """Counts and whatever else a view has beside its rows of people and matches, as of now."""
        return self.look().small_parts(self._state, joining.admission(self._state))

    def counts(self) -> tuple[dict[str, int], dict[str, int]]:
        """People by state, and matches by state."""
        kept = self.look()
        return kept.counts(self._state), kept.matches_by_state()

    @property
    def is_deserted(self) -> bool:
        """Nobody whose part has not ended is connected; costs no look at everybody while somebody is."""
        people = self._state.participants
        return not any(people[who].connection is ConnectionState.CONNECTED for who in self._state.roster.under_way)

    def describe_join(
        self,
        params: dict[str, str],
        token_hash: str | None = None,
        seat: str | None = None,
        tab: str | None = None,
    ) -> dict[str, Any]:
        """The answer to ``GET /api/join``."""
        return joining.describe(self._state, params, token_hash, seat, tab)

    def goes_on_as(self, request: JoinRequest) -> str | None:
        """Whose part the browser goes on with in which a join button was pressed; None: ask ``admit``."""
        return joining.goes_on_as(self._state, request)

    def admit(self, request: JoinRequest) -> Joined | JoinRefused:
        """Whether this person may join, and as whom. Handle the event, with its token's hash, before the next admit."""
        return joining.admit(self._state, request)

    def participant_for_token(self, token_hash: str) -> str | None:
        person = joining.by_token(self._state, token_hash)
        return person.id if person else None

    def accepts_rows(self, participant: str, rows: Rows, by_host: bool = False) -> Refuse | None:
        """None when these rows may be stored; ``by_host``: they come from the match's env on the host."""
        return recording.accepts_rows(self._state, participant, rows, by_host)

    def stored_to(self, participant: str, match: str, episode: int) -> int:
        """Number of this member's frames on disk without a gap from frame 0."""
        return self._state.ledger.stored_to(participant, match, episode)

    def scores_before(self, match: str, episode: int) -> dict[str, float]:
        """Agent → what the episodes before this one brought it, as their members reported it."""
        return self._state.ledger.scores_before(match, episode)

    def relay_target(self, participant: str, player: int) -> tuple[str, int] | None:
        """(participant to relay to, sender's player number), or None when the packet may not pass."""
        return losses.relay_target(self._state, participant, player)

    def counts_activity(self, participant: str) -> bool:
        """Whether anything follows from this person's `activity` messages; without, they need not be handled."""
        return monitoring.counts_activity(self._state, participant)

    def counts_pings(self, participant: str) -> bool:
        """Whether something may follow from each answered ping of this person; without, several are told together."""
        return monitoring.counts_pings(self._state, participant)

    def match_seed(self, match: str) -> int:
        return self._state.matches[match].seed


def _drain(turn: Turn) -> None:
    """First what was told, first in, first out; only then what people do next, as it has to know all of it."""
    while turn.told or turn.to_settle:
        while turn.told:
            journey.take(turn, turn.told.popleft())
        if turn.to_settle:
            journey.settle(turn, turn.to_settle.pop(next(iter(turn.to_settle))))


def _give_up(turn: Turn, failed: _Unit, told: RuleFailed) -> None:
    """What would otherwise be tried for ever is given up: a deadline's rule, and the answer to a question."""
    if failed.deadline is not None:
        turn.state.deadlines.cancel(*failed.deadline)
    if isinstance(failed.event, Answered):
        gate.forget(turn, failed.event.question_id)
    person = turn.state.participants.get(str(getattr(failed.event, "participant", "")))
    turn.record(
        "rule_failed", person, rule=told.rule, error=told.error, traceback=told.traceback, is_deadline=told.is_deadline
    )
    text = Told(
        "“{rule}” could not be handled ({error}). It was undone; everyone plays on. Please report this.",
        rule=told.rule,
        error=told.error,
    )
    turn.problem("error", Told("Internal error"), text, traceback=told.traceback)
    _drain(turn)
    if failed.event is not None:
        turn.state.last_event_at = turn.now


def _on_tick(turn: Turn, event: Tick) -> None:
    """Only the deadlines matter."""


def _on_answered_ping(turn: Turn, event: RttMeasured) -> None:
    person = turn.state.participants[event.participant]
    if person.live is not None:
        person.rtts.extend(rtt_ms for _, rtt_ms in event.earlier)
        person.rtts.append(event.rtt_ms)
        presence.seen(turn, person, event.ago_s)


def _on_answered(turn: Turn, event: Answered) -> None:
    answered = gate.answered(turn, event)
    if answered is None:
        turn.do(Log("debug", f"{event.question_id} was answered too late"))
    else:
        _ANSWER_RULES[answered[0].then](turn, *answered)


def _on_question_limit(turn: Turn, subject: str) -> None:
    question, value = gate.given_up(turn, subject)
    _ANSWER_RULES[question.then](turn, question, value)


_EVENT_RULES: dict[type[Event], tuple[Callable[[Turn, Any], None], ...]] = {
    Joined: (joining.on_joined,),
    Connected: (joining.on_connected,),
    Disconnected: (joining.on_disconnected,),
    # What follows from each rule is done before the next one looks: it judges the match the message led to.
    MessageReceived: (
        messages.on_arrival,
        messages.on_message,
        standstill.on_message,
        enough.on_message,
        talk.on_episode,
        responders.on_message,
    ),
    RttMeasured: (_on_answered_ping, screening.on_rtt, monitoring.on_rtt),
    RowsStored: (recording.on_rows_stored, standstill.on_rows, enough.on_rows),
    DifferenceFound: (recording.on_difference_found,),
    HostEnvReady: (host_runs.on_ready,),
    HostEpisodeStarted: (host_runs.on_episode_started, talk.on_episode),
    HostEpisodeEnded: (host_runs.on_episode_ended, enough.on_host_episode, talk.on_episode),
    HostGameOver: (host_runs.on_game_over,),
    HostGlobalsSet: (host_runs.on_globals,),
    HostEnvFailed: (host_runs.on_failed,),
    Tick: (_on_tick,),
    Answered: (_on_answered,),
    Command: (commands.on_command,),
    EngineStarted: (engine.on_started,),
    EngineStopping: (engine.on_stopping,),
    HistoryLoaded: (engine.on_history,),
}

_OF_A_MATCH = (
    DifferenceFound, HostEnvReady, HostEpisodeStarted, HostEpisodeEnded, HostGameOver, HostGlobalsSet, HostEnvFailed,
)  # fmt: skip

_DEADLINE_RULES: dict[str, Callable[[Turn, str], None]] = {
    "arrival": presence.on_arrival,
    "silent": presence.on_silent,
    "lost": presence.on_lost,
    "dropped": presence.on_dropped,
    "screening": screening.on_limit,
    "question": _on_question_limit,
    "waiting": waiting.on_timeout,
    "acted": acted.on_over,
    "priority": waiting.on_priority,
    "matching": matching.on_matching,
    "relax": matching.on_relax,
    "pool": pooling.on_pool,
    "probe": probing.on_limit,
    "match": matches.on_deadline,
    "gone": matches.on_gone,
    "ending": matches.on_ending,
    "pause": losses.on_pause_limit,
    "still": standstill.on_still,
    "still_limit": standstill.on_limit,
    "parity": recording.on_parity,
    "page": scenes.on_page_limit,
    "hidden": monitoring.on_hidden,
    "hidden_exclude": monitoring.on_hidden_exclude,
    "focus": monitoring.on_focus_limit,
    "inactive": monitoring.on_inactive,
    "inactive_exclude": monitoring.on_inactive_exclude,
}

_ANSWER_RULES: dict[str, Callable[[Turn, Question, Any], None]] = {
    "hook": hooks.on_answer,
    "payment": payments.on_answer,
    "screening": screening.on_callback,
    "branch": scenes.on_branch,
    "until": rounds.on_answer,
    "enough": enough.on_answer,
    "page": scenes.on_page,
    "replays": scenes.on_replays,
    "matchmaker": matching.on_custom,
    "probe_verdict": probing.on_verdict,
    "reply": responders.on_reply,
    "continuous": monitoring.on_own_rule,
}
