"""Who may take part: checked while the first page loads, in a fixed order, the first failure counts."""

from statistics import median
from typing import Any

from igym.core import gate, hooks
from igym.core.events import RttMeasured
from igym.core.happenings import Screened
from igym.core.limits import CALLBACK_LIMIT_S, SCREENING_LIMIT_S
from igym.core.participant import Participant, PersonState
from igym.core.places import Entry
from igym.core.state import Question
from igym.core.turn import Turn
from igym.experiment.participation import EntryScreening
from igym.protocol.client import Browser
from igym.protocol.told import Told

_MOBILE = ("android", "iphone", "ipad", "mobile", "tablet")
_FALLBACK_TEXTS = {
    "device": "This study cannot be done on this kind of device. Please use another one if you can.",
    "screen": "The screen or window is too small for this study. Please use a larger one if you can.",
    "browser": "This study cannot be done with this browser. Please use another one if you can.",
    "ping": "The connection to this study is too slow to take part. Thank you for trying.",
    "callback": "Unfortunately you cannot take part in this study. Thank you for your interest.",
}


def start(turn: Turn, person: Participant) -> None:
    """The page said hello: judge what it told, then the pings, then the researcher's own rule."""
    person.move(Entry(PersonState.SCREENING))
    rules = turn.state.experiment.screening
    assert person.browser is not None
    person.screened = {**_measured(person.browser), "passed": None}
    # A program has no device, screen or browser that could be wrong.
    failed = None if person.simulated else first_failure(rules, person.browser)
    if failed:
        _fail(turn, person, failed)
    elif rules.max_ping_ms is not None and len(person.rtts) < rules.min_ping_samples:
        turn.state.deadlines.set("screening", person.id, turn.now + SCREENING_LIMIT_S)
    else:
        _judge_ping(turn, person)


def _measured(browser: Browser) -> dict[str, Any]:
    return {
        "device": "mobile" if is_mobile(browser) else "desktop",
        "browser": browser_name(browser.user_agent),
        "width": browser.viewport_width,
        "height": browser.viewport_height,
    }


def is_mobile(browser: Browser) -> bool:
    """By the user agent; iPads say they are Macs, but no Mac has a touch screen."""
    agent = browser.user_agent.casefold()
    return any(word in agent for word in _MOBILE) or (browser.touch and "macintosh" in agent)


def browser_name(user_agent: str) -> str:
    """``chrome``, ``edge``, ``firefox``, ``safari``, ``opera`` or ``other``. In this order: most claim to be others."""
    agent = user_agent.casefold()
    marks = {
        "edg": "edge",
        "opr/": "opera",
        "opera": "opera",
        "firefox": "firefox",
        "fxios": "firefox",
        "chrome": "chrome",
        "crios": "chrome",
        "chromium": "chrome",
        "safari": "safari",
    }
    return next((name for mark, name in marks.items() if mark in agent), "other")


def first_failure(rules: EntryScreening, browser: Browser) -> str | None:
    """``"device"``, ``"screen"`` or ``"browser"``, or None when all pass."""
    name = browser_name(browser.user_agent)
    if rules.device != "any" and (rules.device == "mobile") is not is_mobile(browser):
        return "device"
    if rules.min_screen is not None and not _large_enough(rules.min_screen, browser):
        return "screen"
    if name in rules.browsers_blocked or (rules.browsers_allowed and name not in rules.browsers_allowed):
        return "browser"
    return None


def _large_enough(least: tuple[int, int], browser: Browser) -> bool:
    """The screen counts, not the window: a window can be made larger."""
    return browser.screen_width >= least[0] and browser.screen_height >= least[1]


def on_rtt(turn: Turn, event: RttMeasured) -> None:
    """Another ping came in."""
    person = turn.state.participants[event.participant]
    rules = turn.state.experiment.screening
    pending = turn.state.deadlines.at("screening", person.id) is not None
    if pending and len(person.rtts) >= rules.min_ping_samples:
        _judge_ping(turn, person)


def on_limit(turn: Turn, subject: str) -> None:
    """The rule ``screening``: what was measured until now decides; nothing measured lets the person in."""
    _judge_ping(turn, turn.state.participants[subject])


def _judge_ping(turn: Turn, person: Participant) -> None:
    # Decided once: pings that come later find nothing that waits for them.
    turn.state.deadlines.cancel("screening", person.id)
    rules = turn.state.experiment.screening
    assert person.screened is not None
    ping_ms = median(person.rtts) if person.rtts else None
    person.screened |= {"ping_ms": ping_ms, "ping_samples": len(person.rtts)}
    if rules.max_ping_ms is not None and ping_ms is not None and ping_ms > rules.max_ping_ms:
        _fail(turn, person, "ping")
    elif rules.callback is not None:
        facts = {"screening": dict(person.screened), "now": turn.now}
        gate.ask(
            turn, person, "screening", "screening.callback", then="screening", limit_s=CALLBACK_LIMIT_S, facts=facts
        )
    else:
        _pass(turn, person)


def on_callback(turn: Turn, question: Question, value: Any) -> None:
    """The rule ``screening``: the researcher's own check. No or a wrong answer lets the person in."""
    person = turn.state.participants[question.subject]
    if person.state is not PersonState.SCREENING:
        return
    if value is not None and not isinstance(value, dict):
        turn.problem(
            "error", Told("screening.callback returned something unusable"), Told("It must return None or a dict.")
        )
    elif value and value.get("exclude"):
        _fail(turn, person, "callback", str(value.get("message") or ""))
        return
    _pass(turn, person)


def _fail(turn: Turn, person: Participant, reason: str, message: str = "") -> None:
    _write(turn, person, False, reason)
    text = message or turn.state.experiment.screening.messages.get(reason) or _FALLBACK_TEXTS[reason]  # type: ignore[call-overload]
    hooks.run(turn, "on_screened", person, passed=False, reason=reason, screening=dict(person.screened or {}))
    turn.tell(Screened(person, reason, text))


def _pass(turn: Turn, person: Participant) -> None:
    _write(turn, person, True, None)
    hooks.run(turn, "on_screened", person, passed=True, reason=None, screening=dict(person.screened or {}))
    turn.tell(Screened(person, None))


def _write(turn: Turn, person: Participant, passed: bool, reason: str | None) -> None:
    assert person.screened is not None
    person.screened |= {"passed": passed, "reason": reason}
    turn.record("screened", person, **person.screened)
