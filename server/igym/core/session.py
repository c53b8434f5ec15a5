"""``Session``: hands each event to the rule it belongs to, and each passed deadline to its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from igym.core import (
    commands,
    engine,
    hooks,
    host_runs,
    joining,
    losses,
    matches,
    matching,
    messages,
    monitoring,
    payments,
    presence,
    probing,
    recording,
    scenes,
    screening,
    view,
    waiting,
)
from igym.core.effects import Effect, Log, Refuse
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
from igym.core.ledger import Ledger
from igym.core.probing import ProbeMemory
from igym.core.state import MakeRng, Question, State, Turn
from igym.core.view import SessionView

if TYPE_CHECKING:
    from igym.experiment.experiment import Experiment
    from igym.protocol.binary import Rows


class IllegalEventError(ValueError):
    """An event about someone or something that does not exist; the host made a mistake."""


class Session:
    """One run of an experiment. All state changes go through ``handle``; everything else only looks.

    ``rng(purpose)`` gives a generator seeded from the session's recorded seed and the purpose, the same every time.
    Times are unix seconds.
    """

    def __init__(self, experiment: Experiment, session_id: str, rng: MakeRng) -> None:
        self._state = State(experiment, session_id, rng, Groups(), Ledger(), ProbeMemory())

    @property
    def state(self) -> State:
        """The facts, for reading. Only ``handle`` changes them."""
        return self._state

    def handle(self, event: Event, now: float) -> list[Effect]:
        """What follows from the event, in order. Deadlines that passed meanwhile are dealt with on the way."""
        turn = Turn(self._state, now)
        self._check(event)
        if not isinstance(event, EngineStarted):
            _run_due(turn)
        _EVENT_RULES[type(event)](turn, event)
        _run_due(turn)
        self._state.last_event_at = now
        return turn.effects

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
        """The session as tables show it."""
        return view.build(self._state, joining.admission(self._state))

    def describe_join(self, params: dict[str, str], token_hash: str | None = None) -> dict[str, Any]:
        """The answer to ``GET /api/join``."""
        return joining.describe(self._state, params, token_hash)

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

    def match_seed(self, match: str) -> int:
        return self._state.matches[match].seed


def _run_due(turn: Turn) -> None:
    deadlines = turn.state.deadlines
    while key := deadlines.pop_due(turn.now):
        _DEADLINE_RULES[key.rule](turn, key.subject)


def _on_tick(turn: Turn, event: Tick) -> None:
    """Only the deadlines matter."""


def _on_rtt(turn: Turn, event: RttMeasured) -> None:
    person = turn.state.participants[event.participant]
    if person.live is None:
        return
    person.rtts.append(event.rtt_ms)
    presence.seen(turn, person)
    screening.on_rtt(turn, person)
    monitoring.on_rtt(turn, person)


def _on_answered(turn: Turn, event: Answered) -> None:
    answered = hooks.answered(turn, event)
    if answered is None:
        turn.do(Log("debug", f"{event.question_id} was answered too late"))
    else:
        _ANSWER_RULES[answered[0].then](turn, *answered)


def _on_question_limit(turn: Turn, subject: str) -> None:
    question, value = hooks.given_up(turn, subject)
    _ANSWER_RULES[question.then](turn, question, value)


_EVENT_RULES: dict[type[Event], Callable[[Turn, Any], None]] = {
    Joined: joining.on_joined,
    Connected: joining.on_connected,
    Disconnected: joining.on_disconnected,
    MessageReceived: messages.on_message,
    RttMeasured: _on_rtt,
    RowsStored: recording.on_rows_stored,
    DifferenceFound: recording.on_difference_found,
    HostEnvReady: host_runs.on_ready,
    HostEpisodeStarted: host_runs.on_episode_started,
    HostEpisodeEnded: host_runs.on_episode_ended,
    HostGameOver: host_runs.on_game_over,
    HostGlobalsSet: host_runs.on_globals,
    HostEnvFailed: host_runs.on_failed,
    Tick: _on_tick,
    Answered: _on_answered,
    Command: commands.on_command,
    EngineStarted: engine.on_started,
    EngineStopping: engine.on_stopping,
    HistoryLoaded: engine.on_history,
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
    "priority": waiting.on_priority,
    "matching": matching.on_matching,
    "relax": matching.on_relax,
    "probe": probing.on_limit,
    "match": matches.on_deadline,
    "gone": matches.on_gone,
    "ending": matches.on_ending,
    "pause": losses.on_pause_limit,
    "parity": recording.on_parity,
    "hidden": monitoring.on_hidden,
    "hidden_exclude": monitoring.on_hidden_exclude,
    "focus": monitoring.on_focus_limit,
    "inactive": monitoring.on_inactive,
    "inactive_exclude": monitoring.on_inactive_exclude,
}

_ANSWER_RULES: dict[str, Callable[[Turn, Question, Any], None]] = {
    "hook": hooks.on_answer,
    "payment": payments.on_answer,
    "entry_hook": screening.on_entry_hook,
    "screening": screening.on_callback,
    "branch": scenes.on_branch,
    "page": scenes.on_page,
    "matchmaker": matching.on_custom,
    "probe_verdict": probing.on_verdict,
    "continuous": monitoring.on_own_rule,
}
