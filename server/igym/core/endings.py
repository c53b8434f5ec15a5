"""How a participant's session ends, each with a page that says what happens next."""

from html import escape
from typing import Any
from urllib.parse import quote

from igym.core import hooks, leaving, payments, scenes, waiting
from igym.core.limits import CODE_LENGTH
from igym.core.participant import ENDINGS, Participant, PersonState
from igym.core.sentences import said
from igym.core.state import Turn
from igym.experiment.scenes import EndScene
from igym.protocol.server import Closed

MAX_HEADER = 2000
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


def finish(turn: Turn, person: Participant, scene: EndScene | None = None) -> None:
    """The plan is done. The last page is the EndScene, or a plain thank-you when the plan has none."""
    person.completed = True
    spec = scene.client_spec() if scene else {}
    page: dict[str, Any] = {"header": spec.get("header", ""), "body": spec.get("body", "")}
    if not page["header"] and not page["body"]:
        page["header"], page["body"] = _page(person, "finished")
    if scene is not None and scene.redirect_url:
        page |= {"redirect_url": filled_in(scene.redirect_url, person), "redirect_after_s": scene.redirect_after_s}
    close(turn, person, PersonState.FINISHED, "finished", page)
    hooks.run(turn, "on_finish", person)


def exclude(turn: Turn, person: Participant, reason: str, message: str = "", partner_text: str = "") -> None:
    """A rule or the researcher takes the person out; partners are told with ``partner_text``."""
    if person.is_final:
        return
    header, body = _page(person, "excluded", message)
    close(turn, person, PersonState.EXCLUDED, reason, {"header": header, "body": body}, partner_text)
    hooks.run(turn, "on_exclude", person, reason=reason)


def withdraw(turn: Turn, person: Participant, reason: str, *, erase: bool = False) -> None:
    header, body = _page(person, "withdrawn")
    close(turn, person, PersonState.WITHDRAWN, reason, {"header": header, "body": body}, erase=erase)


def drop(turn: Turn, person: Participant, reason: str) -> None:
    """Given up after a long absence; the person may still come back."""
    if person.state in ENDINGS:
        return
    _go_out(turn, person, "dropped", "")
    person.move(PersonState.DROPPED)
    person.reason = reason
    turn.record("dropped", person, reason=reason, outcome="dropped")
    scenes.leave(turn, person)
    payments.ask(turn, person, "dropped", reason)


def time_out(turn: Turn, person: Participant, reason: str, page: dict[str, Any]) -> None:
    """Nobody came in time. ``page`` holds fields of the closing page; a missing text is filled in."""
    header, body = _page(person, "timed_out")
    filled = {"header": header, "body": body} | page
    close(turn, person, PersonState.TIMED_OUT, reason, filled)


def end_early(turn: Turn, person: Participant, reason: str, message: str) -> None:
    """Finished with a code although the plan was not done, because partners were lost."""
    scenes.give_code(turn, person, person.code or scenes.draw_code(turn, person, "early end", CODE_LENGTH))
    header, body = _page(person, "finished", message)
    close(turn, person, PersonState.FINISHED, reason, {"header": header, "body": body})


def end_with_session(turn: Turn, person: Participant) -> None:
    if person.is_final:
        return
    header, body = _page(person, "session_ended")
    page = {"header": header, "body": body} | {key: text for key, text in turn.state.final_page.items() if text}
    close(turn, person, PersonState.FINISHED, "session ended", page, outcome="session_ended")


def close(
    turn: Turn,
    person: Participant,
    state: PersonState,
    reason: str,
    page: dict[str, Any],
    partner_text: str = "",
    *,
    outcome: str | None = None,
    erase: bool = False,
) -> None:
    """Take the person out of waitroom and match, write it down, and show the last page, now and on every return."""
    _go_out(turn, person, str(state) if state is not PersonState.FINISHED else reason, partner_text)
    person.move(state)
    person.reason = reason
    shown = outcome or str(state)
    page["header"] = str(page.get("header", ""))[:MAX_HEADER]
    person.closing = Closed(outcome=shown, code=person.code, **page)  # type: ignore[arg-type]
    turn.record(str(state), person, reason=reason, outcome=shown, code=person.code, erase=erase)
    scenes.leave(turn, person)
    for rule in ("lost", "dropped", "arrival", "screening"):
        turn.state.deadlines.cancel(rule, person.id)
    turn.send(person, person.closing)
    payments.ask(turn, person, shown, reason)


def _go_out(turn: Turn, person: Participant, reason: str, partner_text: str) -> None:
    waiting.leave(turn, person, reason)
    leaving.leave_match(turn, person, reason, partner_text)


def _page(person: Participant, kind: str, message: str = "") -> tuple[str, str]:
    header, text = _TEXTS[kind]
    return said(person.language, header), paragraph(person, message or text)


def paragraph(person: Participant, message: str) -> str:
    """Researchers' texts may be HTML already; plain text becomes a paragraph."""
    message = said(person.language, message)
    return message if "<" in message else f"<p>{escape(message, quote=False)}</p>"
