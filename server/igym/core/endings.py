"""How a participant's session ends, each with a page that says what happens next."""

from html import escape
from typing import Any
from urllib.parse import quote

from igym.core import acted, codes, filling, hooks, past, payments, plans, scenes
from igym.core.happenings import Excluded, PlaceLeft
from igym.core.limits import CODE_LENGTH
from igym.core.participant import Participant, PersonState
from igym.core.places import Absence, Closed, EndEarly, SettleUp, TimeOut, spot_of
from igym.core.sentences import is_built_in, said
from igym.core.state import State
from igym.core.turn import Turn
from igym.experiment.scenes import CompletionCodeScene, EndScene
from igym.protocol.server import Closed as LastPage
from igym.protocol.told import Told

MAX_HEADER = 2000
REDIRECT_AFTER_S = 3.0
_SHUT = ("The study ended for you", "Unfortunately you cannot continue. Thank you for your time.")
_TEXTS = {
    "finished": ("Thank you", "You have finished. Thank you for taking part!"),
    "partner_left": ("Thank you", "You have finished. Thank you for taking part!"),
    "excluded": _SHUT,
    "screened_out": _SHUT,
    "failed_check": (
        "The study ended for you",
        "This study goes on only with the right answers to its questions. Thank you for your time.",
    ),
    "withdrawn": (
        "You have left the study",
        "Thank you for your time. Please ask the experimenter if anything is unclear.",
    ),
    "timed_out": ("The wait is over", "Unfortunately nobody else arrived in time. Thank you for waiting."),
    "dropped": (
        "You were away for too long",
        "This study could not wait any longer and has ended for you. What you did until then is saved. "
        "Thank you for your time. Please ask the experimenter if anything is unclear.",
    ),
    "unfinished": ("The session has ended", "The experimenter has ended this session. Thank you for taking part."),
}


def filled_in(url: str, person: Participant) -> str:
    """A redirect address with the participant's id and code in their places, safely quoted."""
    with_id = url.replace("{participant}", quote(person.name, safe=""))
    return with_id.replace("{code}", quote(person.code or "", safe=""))


def finish(turn: Turn, person: Participant, scene: EndScene | None) -> None:
    """The plan is done. The last page is the EndScene, or a plain thank-you when the plan has none."""
    person.completed = True
    spec = turn.state.scene_for(person, scene.id).client_spec(turn.state.assets) if scene else {}
    own = person.visit.page_html if person.visit is not None else None
    page: dict[str, Any] = {"header": spec.get("header", ""), "body": own or spec.get("body", "")}
    if not page["header"] and not page["body"]:
        page["header"], page["body"] = _page(turn.state, person, "finished")
    if scene is not None and scene.redirect_url:
        page |= {"redirect_url": filled_in(scene.redirect_url, person), "redirect_after_s": scene.redirect_after_s}
    _close(turn, person, PersonState.FINISHED, "finished", page, finished=True)


def exclude(turn: Turn, told: Excluded) -> None:
    """A rule or the researcher takes the person out; partners are told why."""
    person = told.person
    if person.is_final:
        return
    state = PersonState.SCREENED_OUT if told.at_the_door else PersonState.EXCLUDED
    outcome = "failed_check" if told.failed_check else str(state)
    header, body = _page(turn.state, person, outcome, told.text)
    _close(turn, person, state, told.reason, {"header": header, "body": body}, told.partner_text, outcome=outcome)
    hooks.run(turn, "on_exclude", person, reason=told.reason)


def withdraw(turn: Turn, person: Participant, reason: str, *, erase: bool = False) -> None:
    if person.is_final:
        return
    header, body = _page(turn.state, person, "withdrawn")
    _close(turn, person, PersonState.WITHDRAWN, reason, {"header": header, "body": body}, erase=erase)


def drop(turn: Turn, person: Participant, reason: str) -> None:
    """Away for longer than the experiment allows. Whoever comes back after that is told so."""
    header, body = _page(turn.state, person, "dropped")
    _close(turn, person, PersonState.DROPPED, reason, {"header": header, "body": body}, absence=person.absence)
    hooks.run(turn, "on_drop", person)


def finish_unseen(turn: Turn, person: Participant) -> None:
    """The code was shown and its page closed. Whoever looks again sees the code again."""
    page = _code_page(turn.state, person)
    reason = Told("completion code shown") if person.code_shown else "finished"
    _close(turn, person, PersonState.FINISHED, reason, page, absence=person.absence, finished=True)


def _code_page(state: State, person: Participant) -> dict[str, Any]:
    """What the page with the code says, as a last page; the address it leads to is offered, not gone to."""
    spot = person.absence.spot if person.absence else spot_of(person.place)
    step = plans.step(person)
    scene = state.scene_for(person, step.scene) if step is not None and step.id == spot.scene else None
    spec = scene.client_spec(state.assets) if isinstance(scene, CompletionCodeScene) else {}
    header, body = _page(state, person, "finished")
    page: dict[str, Any] = {"header": spec.get("header") or header, "body": spec.get("body") or body}
    if spec.get("redirect_url"):
        page["redirect_url"] = filled_in(str(spec["redirect_url"]), person)
    return page


def time_out(turn: Turn, person: Participant, step: TimeOut) -> None:
    """Nobody came in time, or the game never loaded."""
    if step.code:
        # Before the address is filled in, which may hold the code.
        codes.give(turn, person, step.code)
    header, body = _page(turn.state, person, "timed_out")
    page: dict[str, Any] = {"header": step.header or header, "body": step.body or body}
    if step.redirect_url:
        page |= {"redirect_url": filled_in(step.redirect_url, person), "redirect_after_s": REDIRECT_AFTER_S}
    _close(turn, person, PersonState.TIMED_OUT, step.reason, page)


def end_early(turn: Turn, person: Participant, step: EndEarly) -> None:
    """Finished with a code although the plan was not done, because partners were lost."""
    own = turn.state.experiment.returns.partner_left.code
    codes.give(turn, person, person.code or own or codes.draw(turn, person, "early end", CODE_LENGTH))
    header, body = _page(turn.state, person, "partner_left", step.text)
    _close(turn, person, PersonState.FINISHED, step.reason, {"header": header, "body": body}, outcome="partner_left")


def end_with_session(turn: Turn, person: Participant) -> None:
    """The session's end decides: done, given up before (nobody is there), or broken off where they are."""
    if person.is_final:
        return
    header, body = _page(turn.state, person, "unfinished")
    page: dict[str, Any] = {"header": header, "body": body}
    page |= {key: text for key, text in turn.state.final_page.items() if text}
    if person.reached_end:
        page = _code_page(turn.state, person) | page
        _close(turn, person, PersonState.FINISHED, Told("session ended"), page, absence=person.absence, finished=True)
    elif person.absence is not None and person.absence.own:
        _close(turn, person, PersonState.DROPPED, Told("away when the session ended"), page, absence=person.absence)
        hooks.run(turn, "on_drop", person)
    else:
        _close(turn, person, PersonState.UNFINISHED, Told("session ended"), page)


def _close(
    turn: Turn,
    person: Participant,
    state: PersonState,
    reason: str,
    page: dict[str, Any],
    partner_text: str = "",
    *,
    absence: Absence | None = None,
    erase: bool = False,
    finished: bool = False,
    outcome: str | None = None,
) -> None:
    """Write the end down, and show the last page, now and on every return. What the person leaves behind follows.

    With ``absence``, their part ended where and when their browser went, not when that was decided.
    """
    # First: a code that the outcome gives belongs on the last page and into the address it leads to.
    _lead_on(turn, person, outcome or str(state), page)
    page["header"] = filling.text(turn.state, person, str(page.get("header", "")), html=False)[:MAX_HEADER]
    # What a function made may hold words of participants: nothing is filled in there.
    if person.visit is None or page.get("body") != person.visit.page_html:
        page["body"] = filling.text(turn.state, person, str(page.get("body", "")), html=True)
    acted.debrief(turn, person, page)
    last = LastPage(outcome=str(state), code=person.code, **page)  # type: ignore[arg-type]
    visit = person.visit
    # After the visit is taken: at the end there is none, and its page is still to be written down as left.
    before = person.move(Closed(state, last), SettleUp(str(state), reason, finished))
    past.end(turn.state, person)
    person.reason = reason
    person.ended_in = spot = absence.spot if absence is not None else spot_of(before)
    where: dict[str, Any] = {"place": spot.place, "visit": spot.visit, "in_match": spot.match, "episode": spot.episode}
    when: dict[str, Any] = {"ended_at": absence.since if absence is not None else turn.now, "frame": spot.frame}
    facts: dict[str, Any] = {"reason": reason, "outcome": str(state), "code": person.code, "erase": erase}
    turn.record(str(state), person, scene=spot.scene, **facts, **where, **when)
    scenes.leave(turn, person, visit)
    for rule in ("lost", "dropped", "arrival", "screening"):
        turn.state.deadlines.cancel(rule, person.id)
    turn.show(person)
    turn.settle(person)
    ended_by_itself = state in (PersonState.FINISHED, PersonState.UNFINISHED)
    turn.tell(PlaceLeft(person, before, reason if ended_by_itself else str(state), partner_text))


def settle_up(turn: Turn, person: Participant, step: SettleUp) -> None:
    """The last questions, with everything known that earlier ones returned: ``on_finish``, then the payment."""
    if step.finished:
        hooks.run(turn, "on_finish", person)
    payments.ask(turn, person, step.outcome, step.reason, finished=step.finished)
    person.settled_up = True


def _page(state: State, person: Participant, outcome: str, message: str = "") -> tuple[str, str]:
    return said(person.language, _TEXTS[outcome][0]), words(state, person, outcome, message)


def words(state: State, person: Participant, outcome: str, message: str = "") -> str:
    """A researcher's text of the occasion, else the experiment's for the outcome, else the built-in sentence."""
    own = state.experiment.returns.of(outcome).message
    if not own or (message and not is_built_in(message)):
        return paragraph(person, message or _TEXTS[outcome][1])
    # Why they are not let in is what people can do something about: it stays, before the experiment's words.
    why = paragraph(person, message) if message and outcome == "screened_out" else ""
    return why + paragraph(person, own)


def _lead_on(turn: Turn, person: Participant, outcome: str, page: dict[str, Any]) -> None:
    """What the experiment says for the outcome, where the page says nothing itself."""
    leads_to = turn.state.experiment.returns.of(outcome)
    if leads_to.code and person.code is None:
        codes.give(turn, person, leads_to.code)
    if leads_to.redirect_url and not page.get("redirect_url"):
        page |= {"redirect_url": filled_in(leads_to.redirect_url, person), "redirect_after_s": REDIRECT_AFTER_S}


def paragraph(person: Participant, message: str) -> str:
    """Researchers' texts may be HTML already; plain text becomes a paragraph."""
    message = said(person.language, message)
    return message if "<" in message else f"<p>{escape(message, quote=False)}</p>"
