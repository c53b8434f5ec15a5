"""The turn in which an event is handled: what it changes, what it tells, and what it wants done."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from igym.core.effects import Ask, Effect, Problem, Record, Refuse, Send
from igym.core.limits import ANSWER_LOST_S, PROBLEMS_KEPT
from igym.core.state import Question, State, Trouble

if TYPE_CHECKING:
    from igym.core.happenings import Happening
    from igym.core.participant import Participant
    from igym.core.places import Step
    from igym.protocol.base import Message
    from igym.protocol.server import Notice


@dataclass(slots=True)
class Turn:
    """One event being handled: the state, the time, and the effects so far. Times are unix seconds.

    A rule does its own part and ``tell``s what has come true; it never calls what follows from that.
    """

    state: State
    now: float
    effects: list[Effect] = field(default_factory=list)
    told: deque[Happening] = field(default_factory=deque)
    """First in, first out."""
    to_settle: dict[str, Participant] = field(default_factory=dict)
    """People whose next question or step is due once everything told has been taken."""
    to_show: dict[str, Participant] = field(default_factory=dict)
    """People whose page is sent at the end of the turn, once, whatever happened before."""
    to_notify: dict[str, Participant] = field(default_factory=dict)
    """People with messages that are sent after that."""

    @property
    def now_ms(self) -> float:
        return self.now * 1000

    def tell(self, happening: Happening) -> None:
        """Something has come true; what follows is decided when its turn comes."""
        self.told.append(happening)

    def settle(self, person: Participant) -> None:
        """Look at the end of this turn what is to be asked about the person, or done."""
        self.to_settle[person.id] = person

    def then(self, person: Participant, step: Step) -> None:
        """What the person does as soon as nothing is asked about them any more."""
        person.then = step
        self.settle(person)

    def show(self, person: Participant) -> None:
        """What the person should see has changed."""
        self.to_show[person.id] = person

    def notify(self, person: Participant, notice: Notice) -> None:
        person.notices.append(notice)
        self.to_notify[person.id] = person

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
        self,
        level: str,
        title: str,
        text: str,
        *,
        traceback: str = "",
        person: Participant | None = None,
        match: str | None = None,
        game_fails: bool = False,
    ) -> None:
        """Tell the researcher; a repeated problem is counted instead of listed again.

        ``game_fails``: by it the person, or everybody in the match, cannot play.
        """
        who = person.id if person else None
        for known in self.state.problems.values():
            if (known.title, known.text, known.participant, known.match) == (title, text, who, match):
                known.count += 1
                known.at = self.now
                known.game_fails |= game_fails
                return
        identifier = f"p{self.state.number('problem')}"
        self.state.problems[identifier] = Trouble(
            identifier, self.now, level, title, text, traceback, who, match, game_fails
        )
        # The oldest go: a rule that fails with ever new texts must not fill the state.
        while len(self.state.problems) > PROBLEMS_KEPT:
            del self.state.problems[next(iter(self.state.problems))]
        self.do(Problem(level, title, text, traceback, who, match))  # type: ignore[arg-type]

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
    ) -> str:
        """Ask a researcher's function; the rule named ``then`` gets the answer, or the fallback. The question's id.

        The host answers each question once, and counts ``limit_s`` from the moment the function begins. The core's
        own deadline is for an answer that never comes.
        """
        identifier = f"q{self.state.number('question')}"
        question = Question(identifier, kind, function, then, subject, data or {}, fallback, context, limit_s)
        self.state.questions[identifier] = question
        self.state.deadlines.set("question", identifier, self.now + limit_s + ANSWER_LOST_S)
        self.do(Ask(identifier, kind, function, context, self.now + limit_s, fallback, limit_s))
        return identifier
