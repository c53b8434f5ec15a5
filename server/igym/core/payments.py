"""What a participant has earned, by the researcher's own rule, once their part has ended."""

from math import isfinite
from typing import Any

from igym.core import facts, hooks
from igym.core.participant import Participant
from igym.core.state import Question
from igym.core.turn import Turn
from igym.protocol.told import Told

HOOK = "on_payment"
KEYS = frozenset({"earnings", "currency", "reasons"})
MAX_TEXT = 500


def ask(turn: Turn, person: Participant, outcome: str, reason: str, *, finished: bool) -> None:
    """Ask for the earnings, whatever way it ended; the last answer about a person counts.

    A payment written as data is evaluated here and now: nothing it depends on can change any more.
    """
    rule = turn.state.experiment.payment
    if rule.is_given:
        amount, reasons = rule.earned(facts.episodes_of(turn.state, person), finished=finished)
        turn.record("earnings", person, amount=amount, currency=rule.currency, reasons=reasons, by="payment")
        return
    episodes = facts.episodes_of(turn.state, person) if hooks.is_given(turn, HOOK) else []
    hooks.run(turn, HOOK, person, then="payment", outcome=outcome, reason=reason, episodes=episodes)


def on_answer(turn: Turn, question: Question, value: Any) -> None:
    """The rule ``payment``: write the earnings down."""
    person = turn.state.participants[question.subject]
    if value is None:
        return
    given = value if isinstance(value, dict) else {"earnings": value}
    if problem := _complaint(given):
        turn.problem(
            "error", Told("{function} returned something unusable", function=question.function), problem, person=person
        )
        return
    reasons = given.get("reasons") or []
    turn.record(
        "earnings",
        person,
        amount=given["earnings"],
        currency=given.get("currency") or "",
        reasons=[reasons] if isinstance(reasons, str) else list(reasons),
        by=question.function,
    )


def _complaint(given: dict[str, Any]) -> str | None:
    unknown = sorted(set(map(str, given)) - KEYS)
    if unknown:
        return Told(
            "Unknown keys: {unknown}. Known are: {known}.", unknown=", ".join(unknown), known=", ".join(sorted(KEYS))
        )
    if not _is_amount(given.get("earnings")):
        return Told("The earnings must be a number such as 7.5, not {value}.", value=f"{given.get('earnings')!r:.80}")
    currency, reasons = given.get("currency") or "", given.get("reasons") or []
    texts = [currency, *(reasons if isinstance(reasons, list) else [reasons])]
    if not all(isinstance(text, str) for text in texts):
        return Told("The currency must be a text, and the reasons a text or a list of texts.")
    return (
        Told("A text may have at most {most} characters.", most=MAX_TEXT) if max(map(len, texts)) > MAX_TEXT else None
    )


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
