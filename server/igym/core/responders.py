"""A program that talks along: when it is asked, and what becomes of its reply."""

from typing import Any

from igym.core import talk
from igym.core.events import MessageReceived
from igym.core.participant import Participant
from igym.core.sentences import said
from igym.core.state import Question
from igym.core.talks import RESPONDER, Said, Talk
from igym.core.turn import Turn
from igym.experiment.options import Responder
from igym.protocol.client import ChatSay
from igym.protocol.told import Told

MOST_FAILURES = 3
"""After so many failures in a row it is not asked any more in this talk."""
SORRY = "I cannot reply at the moment. Please go on without me."


def on_message(turn: Turn, event: MessageReceived) -> None:
    """Somebody has said something; it is asked when it is its turn and not thinking already."""
    if not isinstance(event.message, ChatSay):
        return
    person = turn.state.participants[event.participant]
    circle = talk.circle_of(turn.state, person)
    known = turn.state.talks.get(circle.talk) if circle is not None else None
    if circle is None or known is None or circle.rules.responder is None:
        return
    new = [line for line in known.lines if line.number > known.heard_to]
    known.heard_to = known.count
    known.unanswered += sum(_concerns(circle.rules.responder, line) for line in new)
    _ask(turn, person, circle, known)


def _concerns(responder: Responder, line: Said) -> bool:
    if line.participant == RESPONDER or line.to is not None:
        return False
    return not responder.when_named or responder.name.casefold() in line.text.casefold()


def _ask(turn: Turn, person: Participant, circle: talk.Circle, known: Talk) -> None:
    responder = circle.rules.responder
    assert responder is not None
    gave_up = known.replies >= responder.limit or known.failures >= MOST_FAILURES
    if known.asked or gave_up or known.unanswered < responder.every:
        return
    known.asked, known.unanswered = True, 0
    scene = person.visit.scene_id if person.visit is not None else None
    context = {
        "participant": person.id,
        "scene": scene,
        "match": circle.match,
        "talk": known.id,
        "messages": [_told(known, line, responder) for line in known.lines if line.to is None],
        "people": [_about(turn.state.participants[member], known) for member in circle.members],
        "longest": circle.rules.longest,
        "responder": responder.model_dump(mode="json"),
    }
    turn.ask(
        "responder",
        f"responder {responder.function or responder.model}",
        context,
        then="reply",
        subject=known.id,
        limit_s=responder.limit_s,
        data={"members": list(circle.members), "scene": scene, "match": circle.match, "asker": person.id,
              "asked_at": turn.now, "heard_to": known.count},
    )  # fmt: skip


def _told(known: Talk, line: Said, responder: Responder) -> dict[str, Any]:
    own = line.participant == RESPONDER
    name = responder.name if own else f"Person {known.number_of(line.participant)}"
    return {"number": line.number, "name": name, "mine": own, "text": line.text}


def _about(person: Participant, known: Talk) -> dict[str, Any]:
    """What a function may know of the people it talks to."""
    return {
        "participant": person.id,
        "name": f"Person {known.number_of(person.id)}",
        "language": person.language,
        "conditions": dict(person.conditions),
        "answers": {scene: dict(values) for scene, values in person.answers.items()},
        "globals": dict(person.globals),
    }


def on_reply(turn: Turn, question: Question, value: Any) -> None:
    """The rule ``reply``: said to whoever is there; a failure is told once, and to the researcher."""
    known = turn.state.talks.get(question.subject)
    found = value if isinstance(value, dict) else {"error": Told("no answer came in time")}
    asker = turn.state.participants[question.data["asker"]]
    here = _present(turn, question)
    text = str(found.get("text") or "").strip()[: here[1].rules.longest if here else 0]
    if known is not None:
        known.asked = False
    outcome = "failed" if found.get("error") else "said" if text else "silent"
    if known is None or here is None:
        _record(turn, question, found, "too late", None)
        return
    person, circle = here
    responder = circle.rules.responder
    assert responder is not None
    if outcome == "failed":
        text = "" if known.failures else said(person.language, responder.when_failing or SORRY)
        known.failures += 1
        _tell(turn, responder, str(found.get("error")), asker)
    else:
        known.failures = 0
        known.replies += 1
    number = talk.say_as_responder(turn, circle, known, text, asker) if text else None
    _record(turn, question, found, outcome, number)
    _ask(turn, person, circle, known)


def _present(turn: Turn, question: Question) -> tuple[Participant, talk.Circle] | None:
    """Somebody who still sees this talk, and its circle."""
    for member in (question.data["asker"], *question.data["members"]):
        person = turn.state.participants[member]
        circle = talk.circle_of(turn.state, person)
        if circle is not None and circle.talk == question.subject and circle.rules.responder is not None:
            return person, circle
    return None


def _tell(turn: Turn, responder: Responder, error: str, person: Participant) -> None:
    source = responder.function or f"{responder.model} at {responder.url}"
    text = Told(
        "{source}: {error} People were told that it cannot reply; the study goes on.", source=source, error=error[:2000]
    )
    turn.problem("error", Told("A responder gave no reply"), text, person=person)


def _record(turn: Turn, question: Question, found: dict[str, Any], outcome: str, number: int | None) -> None:
    data, responder = question.data, question.context["responder"]
    turn.record(
        "response",
        turn.state.participants[data["asker"]],
        match=data["match"],
        scene=data["scene"],
        talk=question.subject,
        name=responder["name"],
        source=responder["function"] or f"{responder['model']} at {responder['url']}",
        heard_to=data["heard_to"],
        number=number,
        outcome=outcome,
        asked_at=data["asked_at"],
        attempts=found.get("attempts"),
        seconds=found.get("seconds"),
        text=found.get("text"),
        error=found.get("error"),
    )
