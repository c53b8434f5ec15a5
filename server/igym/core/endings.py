"""How a participant's session ends, each with a page that says what happens next."""

from html import escape
from typing import Any
from urllib.parse import quote

from igym.core import codes, hooks, payments, scenes
from igym.core.happenings import PlaceLeft
from igym.core.limits import CODE_LENGTH
from igym.core.participant import Participant, PersonState
from igym.core.places import Closed, EndEarly, Gone, SettleUp, TimeOut
from igym.core.sentences import said
from igym.core.turn import Turn
from igym.experiment.scenes import EndScene
from igym.protocol.server import Closed as LastPage

MAX_HEADER = 2000
REDIRECT_AFTER_S = 3.0
_TEXTS = {
    "finished": ("Thank you", "You have finished. Thank you for taking part!"),
    "excluded": ("The study ended for you", "Unfortunately you cannot continue. Thank you for your time."),
    "withdrawn": (
        "You have left the study",
        "Thank you for your time. Please ask the experimenter if anything is unclear.",
    ),
    "timed_out": ("The wait is over", "Unfortunately nobody else arrived in time. Thank you for waiting."),
    "session_ended": ("The session has ended", "The experimenter has ended this session. Thank you for taking part."),
}


def filled_in(url: str, person: Participant) -> str:
    """A redirect address with the participant's id and code in their places, safely quoted."""
    with_id = url.replace("{participant}", quote(person.name, safe=""))
    return with_id.replace("{code}", quote(person.code or "", safe=""))


def finish(turn: Turn, person: Participant, scene: EndScene | None) -> None:
    """The plan is done. The last page is the EndScene, or a plain thank-you when the plan has none."""
    person.completed = True
    spec = scene.client_spec() if scene else {}
    page: dict[str, Any] = {"header": spec.get("header", ""), "body": spec.get("body", "")}
    if not page["header"] and not page["body"]:
        page["header"], page["body"] = _page(person, "finished")
    if scene is not None and scene.redirect_url:
        page |= {"redirect_url": filled_in(scene.redirect_url, person), "redirect_after_s": scene.redirect_after_s}
    _close(turn, person, PersonState.FINISHED, "finished", page, finished=True)


def exclude(turn: Turn, person: Participant, reason: str, message: str = "", partner_text: str = "") -> None:
    """A rule or the researcher takes the person out; partners are told with ``partner_text``."""
    if person.is_final:
        return
    header, body = _page(person, "excluded", message)
    _close(turn, person, PersonState.EXCLUDED, reason, {"header": header, "body": body}, partner_text)
    hooks.run(turn, "on_exclude", person, reason=reason)


def withdraw(turn: Turn, person: Participant, reason: str, *, erase: bool = False) -> None:
    if person.is_final:
        return
    header, body = _page(person, "withdrawn")
    _close(turn, person, PersonState.WITHDRAWN, reason, {"header": header, "body": body}, erase=erase)


def drop(turn: Turn, person: Participant, reason: str) -> None:
    """Given up after a long absence; the person may still come back."""
    if isinstance(person.place, Gone | Closed):
        return
    visit = person.visit
    before = person.move(Gone(), SettleUp("dropped", reason, finished=False))
    person.reason = reason
    turn.record("dropped", person, scene=visit.scene_id if visit else None, reason=reason, outcome="dropped")
    scenes.leave(turn, person, visit)
    turn.settle(person)
    turn.tell(PlaceLeft(person, before, "dropped"))


def time_out(turn: Turn, person: Participant, step: TimeOut) -> None:
    """Nobody came in time, or the game never loaded."""
    if step.code:
        codes.give(turn, person, step.code)
    header, body = _page(person, "timed_out")
    page: dict[str, Any] = {"header": step.header or header, "body": step.body or body}
    if step.redirect_url:
        page |= {"redirect_url": filled_in(step.redirect_url, person), "redirect_after_s": REDIRECT_AFTER_S}
    _close(turn, person, PersonState.TIMED_OUT, step.reason, page)


def end_early(turn: Turn, person: Participant, step: EndEarly) -> None:
    """Finished with a code although the plan was not done, because partners were lost."""
    codes.give(turn, person, person.code or codes.draw(turn, person, "early end", CODE_LENGTH))
    header, body = _page(person, "finished", step.text)
    _close(turn, person, PersonState.FINISHED, step.reason, {"header": header, "body": body})


def end_with_session(turn: Turn, person: Participant) -> None:
    if person.is_final:
        return
    header, body = _page(person, "session_ended")
    page = {"header": header, "body": body} | {key: text for key, text in turn.state.final_page.items() if text}
    _close(turn, person, PersonState.FINISHED, "session ended", page, outcome="session_ended")


def _close(
    turn: Turn,
    person: Participant,
    state: PersonState,
    reason: str,
    page: dict[str, Any],
    partner_text: str = "",
    *,
    outcome: str | None = None,
    erase: bool = False,
    finished: bool = False,
) -> None:
    """Write the end down, and show the last page, now and on every return. What the person leaves behind follows."""
    shown = outcome or str(state)
    page["header"] = str(page.get("header", ""))[:MAX_HEADER]
    last = LastPage(outcome=shown, code=person.code, **page)  # type: ignore[arg-type]
    visit = person.visit
    before = person.move(Closed(state, last), SettleUp(shown, reason, finished))
    person.reason = reason
    where = visit.scene_id if visit else None
    turn.record(str(state), person, scene=where, reason=reason, outcome=shown, code=person.code, erase=erase)
    scenes.leave(turn, person, visit)
    for rule in ("lost", "dropped", "arrival", "screening"):
        turn.state.deadlines.cancel(rule, person.id)
    turn.show(person)
    turn.settle(person)
    turn.tell(PlaceLeft(person, before, reason if state is PersonState.FINISHED else str(state), partner_text))


def settle_up(turn: Turn, person: Participant, step: SettleUp) -> None:
    """The last questions, with everything known that earlier ones returned: ``on_finish``, then the payment."""
    if step.finished:
        hooks.run(turn, "on_finish", person)
    payments.ask(turn, person, step.outcome, step.reason, finished=step.finished)
    person.settled_up = True


def _page(person: Participant, kind: str, message: str = "") -> tuple[str, str]:
    header, text = _TEXTS[kind]
    return said(person.language, header), paragraph(person, message or text)


def paragraph(person: Participant, message: str) -> str:
    """Researchers' texts may be HTML already; plain text becomes a paragraph."""
    message = said(person.language, message)
    return message if "<" in message else f"<p>{escape(message, quote=False)}</p>"
