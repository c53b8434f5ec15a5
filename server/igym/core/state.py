"""The one owner of a session's facts, and the turn in which an event is handled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from igym.core.deadlines import Deadlines
from igym.core.effects import Ask, Effect, Problem, Record, Refuse, Send
from igym.core.limits import PROBLEMS_KEPT
from igym.core.participant import Participant

if TYPE_CHECKING:
    from random import Random

    from igym.core.groups import Groups
    from igym.core.ledger import Ledger
    from igym.core.match import Match
    from igym.core.probing import Probe, ProbeMemory
    from igym.core.waitroom import Waitroom
    from igym.experiment import Experiment
    from igym.experiment.scenes.base import Scene
    from igym.protocol import Message

MakeRng = Callable[[str], "Random"]


@dataclass(slots=True)
class Question:
    """A researcher's function that was asked and has not answered. ``then`` names the rule that takes the answer."""

    id: str
    kind: str
    function: str
    then: str
    subject: str
    data: dict[str, Any]
    fallback: Any
    context: dict[str, Any]
    deadline: float


@dataclass(slots=True)
class Trouble:
    """A problem as the table shows it; the same one again only counts up."""

    id: str
    at: float
    level: str
    title: str
    text: str
    traceback: str
    participant: str | None
    count: int = 1


@dataclass(slots=True)
class State:
    experiment: Experiment
    session_id: str
    make_rng: MakeRng
    groups: Groups
    ledger: Ledger
    probe_memory: ProbeMemory
    deadlines: Deadlines = field(default_factory=Deadlines)
    participants: dict[str, Participant] = field(default_factory=dict)
    matches: dict[str, Match] = field(default_factory=dict)
    waitrooms: dict[str, Waitroom] = field(default_factory=dict)
    probes: dict[str, Probe] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    problems: dict[str, Trouble] = field(default_factory=dict)
    phase: str = "running"
    admission_open: bool = True
    started_at: float | None = None
    last_event_at: float = 0.0
    join_url: str = ""
    ice: dict[str, Any] = field(default_factory=dict)
    final_page: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    scenes: dict[str, Scene] = field(default_factory=dict)
    """Every scene of the experiment by its id."""

    def __post_init__(self) -> None:
        self.scenes = {scene.id: scene for scene in self.experiment.stager.all_scenes()}

    def number(self, kind: str) -> int:
        """1, 2, 3, … for each kind."""
        self.numbers[kind] = self.numbers.get(kind, 0) + 1
        return self.numbers[kind]


@dataclass(slots=True)
class Turn:
    """One event being handled: the state, the time, and the effects so far. Times are unix seconds."""

    state: State
    now: float
    effects: list[Effect] = field(default_factory=list)

    @property
    def now_ms(self) -> float:
        return self.now * 1000

    def do(self, effect: Effect) -> None:
        self.effects.append(effect)

    def send(self, person: Participant, message: Message) -> None:
        """To the live connection; silently nothing when there is none, as a hello always brings the whole view."""
        if person.live is not None:
            self.do(Send(person.id, message))

    def refuse(self, person: Participant, message_type: str, code: str, text: str) -> None:
        self.do(Refuse(person.id, message_type, code, text))

    def record(
        self,
        kind: str,
        person: Participant | None = None,
        *,
        match: str | None = None,
        scene: str | None = None,
        **body: Any,
    ) -> None:
        """Write down a decision. The scene defaults to the one the person is in."""
        if scene is None and person is not None and person.visit is not None:
            scene = person.visit.scene_id
        self.do(Record(kind, person.id if person else None, match, scene, body))

    def problem(
        self, level: str, title: str, text: str, *, traceback: str = "", person: Participant | None = None
    ) -> None:
        """Tell the researcher; a repeated problem is counted instead of listed again."""
        who = person.id if person else None
        for known in self.state.problems.values():
            if (known.title, known.text, known.participant) == (title, text, who):
                known.count += 1
                known.at = self.now
                return
        identifier = f"p{self.state.number('problem')}"
        self.state.problems[identifier] = Trouble(identifier, self.now, level, title, text, traceback, who)
        while len(self.state.problems) > PROBLEMS_KEPT:
            del self.state.problems[next(iter(self.state.problems))]
        self.do(Problem(level, title, text, traceback, who))  # type: ignore[arg-type]

    def ask(
        self,
        kind: str,
        function: str,
        context: dict[str, Any],
        *,
        then: str,
        subject: str,
        limit_s: float,
        fallback: Any = None,
        data: dict[str, Any] | None = None,
    ) -> None:
        """Ask a researcher's function; the rule named ``then`` gets the answer, or the fallback at the deadline."""
        identifier = f"q{self.state.number('question')}"
        deadline = self.now + limit_s
        question = Question(identifier, kind, function, then, subject, data or {}, fallback, context, deadline)
        self.state.questions[identifier] = question
        self.state.deadlines.set("question", identifier, deadline)
        self.do(Ask(identifier, kind, function, context, deadline, fallback))
