"""The hooks of a participant's life: asking them, and doing what they answer."""

from typing import Any

from igym.core import gate, plans
from igym.core.happenings import Excluded
from igym.core.limits import HOOK_LIMIT_S, MAX_GLOBAL_NAME, MAX_GLOBALS, MAX_GLOBALS_BYTES, NOTICE_S
from igym.core.participant import ENDINGS, Participant, Wish
from igym.core.sentences import said
from igym.core.state import Question
from igym.core.turn import Turn
from igym.protocol.codec import json_size
from igym.protocol.server import Globals, Notice
from igym.protocol.told import Told

RESULT_KEYS = frozenset({"globals", "condition", "message", "exclude", "attributes", "warn"})


def is_given(turn: Turn, hook: str) -> bool:
    return getattr(turn.state.experiment.callbacks, hook, None) is not None


def run(turn: Turn, hook: str, person: Participant, then: str = "hook", **facts: Any) -> None:
    """Ask the hook, when the experiment has it. ``then`` names the rule for its answer.

    Where the person is belongs to the moment; their globals, answers and conditions are told as they are when the
    question leaves. After the last questions (``on_finish``, ``on_payment``) no hook is asked about them any more.
    """
    if not is_given(turn, hook) or person.settled_up:
        return
    visit = person.visit
    scene = visit.scene_id if visit else None
    base_id = plans.base_id(person, facts.get("left") or scene)
    moment = {"scene": scene, "base_id": base_id, "visit": visit.number if visit else None}
    facts = moment | {"hook": hook, "now": turn.now} | facts
    if not _joins_waiting(person, hook, facts):
        gate.ask(turn, person, hook, f"callbacks.{hook}", then=then, limit_s=HOOK_LIMIT_S, facts=facts)


def _joins_waiting(person: Participant, hook: str, facts: dict[str, Any]) -> bool:
    """Batches of frames that come faster than the function answers become one, so that no mailbox grows without end."""
    last: Wish | None = person.mailbox[-1] if person.mailbox else None
    if hook != "on_frame_batch" or last is None or last.kind != hook:
        return False
    if any(last.facts[name] != facts[name] for name in ("match", "episode")):
        return False
    last.facts |= facts | {"batch": {"first": last.facts["batch"]["first"], "last": facts["batch"]["last"]}}
    return True


def on_answer(turn: Turn, question: Question, value: Any) -> None:
    """The rule ``hook``: apply what a life-cycle hook returned."""
    person = turn.state.participants[question.subject]
    apply(turn, person, question.function, value)


def apply(turn: Turn, person: Participant, function: str, value: Any) -> None:
    """Do what a hook returned: ``{globals, attributes, condition, message, exclude}``, each optional."""
    if value is None:
        return
    if problem := _complaint(value):
        turn.problem("error", Told("{function} returned something unusable", function=function), problem, person=person)
        return
    if globals_ := value.get("globals"):
        _set_or_complain(turn, person, globals_, function)
    if attributes := value.get("attributes"):
        person.attributes.update(attributes)
        turn.record("attributes", person, values=attributes, by=function)
    # After the globals, so that a factor's name stands for the level that was given.
    if condition := value.get("condition"):
        assign_condition(turn, person, condition, function)
    _tell_or_exclude(turn, person, function, value)


def _set_or_complain(turn: Turn, person: Participant, values: dict[str, Any], function: str) -> None:
    if problem := globals_complaint(person, values):
        turn.problem("error", Told("{function} returned something unusable", function=function), problem, person=person)
    else:
        set_globals(turn, person, values, function)


def _tell_or_exclude(turn: Turn, person: Participant, function: str, value: dict[str, Any]) -> None:
    message = value.get("message") or ""
    if person.state in ENDINGS:
        return
    if value.get("exclude"):
        turn.tell(Excluded(person, Told("callback: {function}", function=function), message))
    elif message:
        notify(turn, person, message)


def _complaint(value: Any) -> str | None:
    if not isinstance(value, dict):
        return Told("It must return None or a dict, not {kind}.", kind=type(value).__name__)
    unknown = sorted(set(map(str, value)) - RESULT_KEYS)
    if unknown:
        return Told(
            "Unknown keys: {unknown}. Known are: {known}.",
            unknown=", ".join(unknown),
            known=", ".join(sorted(RESULT_KEYS)),
        )
    for key, kinds in {
        "globals": dict,
        "attributes": dict,
        "condition": (dict, str),
        "message": str,
        "exclude": bool,
        "warn": bool,
    }.items():
        if value.get(key) is not None and not isinstance(value[key], kinds):  # type: ignore[arg-type]
            return Told(
                "The value of {name} has the wrong type ({kind}).", name=repr(key), kind=type(value[key]).__name__
            )
    return None


def globals_complaint(person: Participant, values: dict[str, Any]) -> str | None:
    """Why these values cannot join the person's globals: they travel with every scene, so they are bounded."""
    merged = person.globals | values
    if len(merged) > MAX_GLOBALS:
        return Told("There may be at most {most} global values.", most=MAX_GLOBALS)
    if any(not 0 < len(name) <= MAX_GLOBAL_NAME for name in values):
        return Told("The name of a global value has 1 to {most} characters.", most=MAX_GLOBAL_NAME)
    try:
        too_large = json_size(merged, MAX_GLOBALS_BYTES) > MAX_GLOBALS_BYTES
    except ValueError as error:
        return Told("A global value cannot be kept: {error}.", error=error)
    return Told("The global values may have {most} kB together.", most=MAX_GLOBALS_BYTES // 1024) if too_large else None


def set_globals(turn: Turn, person: Participant, values: dict[str, Any], by: str) -> None:
    """Change the person's shared values, tell their page, write it down."""
    person.globals.update(values)
    turn.record("globals", person, values=values, by=by)
    if by != "browser":
        turn.send(person, Globals(values=dict(person.globals)))


def assign_condition(turn: Turn, person: Participant, condition: dict[str, str] | str, by: str) -> None:
    """Pages, envs and branches read conditions from the globals; the export has them as attributes."""
    given = condition if isinstance(condition, dict) else {"condition": condition}
    named = {str(factor): str(level) for factor, level in given.items()}
    person.conditions.update(named)
    turn.record("attributes", person, values=named, by=by, condition=True)
    _set_or_complain(turn, person, named, by)


def notify(turn: Turn, person: Participant, text: str, level: str = "info", *, stays: bool = False) -> None:
    """A message over the page, which goes away by itself, or (``stays``) when it is closed."""
    notice = Notice(
        id=f"n{turn.state.number('notice')}",
        level="warning" if level == "warning" else "info",
        text=said(person.language, text)[:8000],
        expires_ms=None if stays else turn.now_ms + NOTICE_S * 1000,
    )
    turn.notify(person, notice)
