"""One mailbox per participant: researcher's functions are asked about a person one after the other.

Whatever moves the person on waits until the mailbox is empty, so that it sees what every earlier function returned.
"""

from typing import Any

from igym.core.contexts import person_context
from igym.core.events import Answered
from igym.core.participant import Participant, Wish
from igym.core.state import Question
from igym.core.turn import Turn
from igym.protocol.told import Told


def ask(
    turn: Turn,
    person: Participant,
    kind: str,
    function: str,
    *,
    then: str,
    limit_s: float,
    facts: dict[str, Any] | None = None,
) -> None:
    """Put a question into the person's mailbox. ``facts`` join the context that is made when the question leaves."""
    person.mailbox.append(Wish(kind, function, then, limit_s, facts or {}))
    turn.settle(person)


def post(turn: Turn, person: Participant) -> None:
    """Let the next question leave, unless one is under way. Its context is made only now."""
    if person.asked is not None or not person.mailbox:
        return
    wish = person.mailbox.popleft()
    context = {**person_context(turn.state, person), **wish.facts}
    person.asked = turn.ask(wish.kind, wish.function, context, then=wish.then, subject=person.id, limit_s=wish.limit_s)


def is_empty(person: Participant) -> bool:
    return person.asked is None and not person.mailbox


def answered(turn: Turn, event: Answered) -> tuple[Question, Any] | None:
    """Close the question. The value to go on with, or None when it was answered or given up before."""
    question = _closed(turn, event.question_id)
    if question is None:
        return None
    if event.error is None:
        return question, event.value
    _report(turn, question, event.error)
    return question, question.fallback


def given_up(turn: Turn, question_id: str) -> tuple[Question, Any]:
    """No answer ever came: go on with the fallback."""
    question = _closed(turn, question_id)
    assert question is not None
    _report(
        turn, question, {"type": "Timeout", "message": Told("It gave no answer in time; the session went on without.")}
    )
    return question, question.fallback


def forget(turn: Turn, question_id: str) -> None:
    """The rule for this answer failed: the person goes on as without an answer."""
    _closed(turn, question_id)


def _closed(turn: Turn, question_id: str) -> Question | None:
    question = turn.state.questions.pop(question_id, None)
    if question is None:
        return None
    turn.state.deadlines.cancel("question", question_id)
    person = turn.state.participants.get(question.subject)
    if person is not None and person.asked == question_id:
        person.asked = None
        turn.settle(person)
    return question


def _report(turn: Turn, question: Question, error: dict[str, Any]) -> None:
    where = f" ({error['file']}, line {error['line']})" if error.get("file") else ""
    text = f"{error.get('type', 'Error')}: {error.get('message', '')}{where}"
    person = turn.state.participants.get(question.subject)
    title = Told("{function} failed", function=question.function)
    turn.problem("error", title, text, traceback=str(error.get("traceback", "")), person=person)
    turn.record("callback_failed", person, function=question.function, error=error)
