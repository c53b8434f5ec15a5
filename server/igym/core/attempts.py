"""Forms with right answers: every attempt is kept, wrong ones are explained while there are attempts left."""

from typing import Any

from igym.core.effects import TryAgain
from igym.core.participant import Participant
from igym.core.sentences import said
from igym.core.turn import Turn
from igym.experiment.scenes import Form
from igym.experiment.scenes.base import Scene
from igym.protocol.told import counted


def goes_on(
    turn: Turn,
    person: Participant,
    scene: Scene,
    values: dict[str, Any],
    timing: dict[str, Any],
    *,
    is_last: bool = False,
) -> bool:
    """Whether the page may be left with these answers; else what is wrong was told, and the page stays.

    ``is_last``: its time is up, so there is no other attempt.
    """
    visit = person.visit
    assert visit is not None
    if not isinstance(scene, Form) or scene.check == "no":
        return True
    # A page that lost the acknowledgement sends the same again: that is no new attempt.
    is_new = values != visit.last_try
    visit.last_try = values
    visit.attempts += is_new
    wrong = scene.wrong(values)
    left = 0 if is_last else (scene.attempts if scene.check == "until_right" else 1) - visit.attempts
    if is_new:
        facts: dict[str, Any] = {"visit": visit.number, "attempt": visit.attempts, "values": values}
        judged = sorted(scene.right_answers())
        turn.record("attempt", person, **facts, judged=judged, wrong=sorted(wrong), timing=timing)
    if wrong and left > 0:
        _explain(turn, person, wrong, left)
        return False
    person.checks[visit.scene_id] = {"attempts": visit.attempts, "passed": not wrong}
    turn.record("checked", person, visit=visit.number, attempts=visit.attempts, passed=not wrong, wrong=sorted(wrong))
    return True


def _explain(turn: Turn, person: Participant, wrong: dict[str, str], left: int) -> None:
    """The whole text in the person's language; at each question what its author says about it."""
    text = counted(
        left,
        "Some answers are not right yet. Please look at them again; you have one more attempt.",
        "Some answers are not right yet. Please look at them again; you have {n} more attempts.",
    )
    here = said(person.language, "This answer is not right.")
    told = {name: said(person.language, explanation) or here for name, explanation in wrong.items()}
    turn.do(TryAgain(person.id, said(person.language, text), told))


def failed(person: Participant, scene: Scene) -> bool:
    """Whether the last attempt at the present form was wrong, too."""
    visit = person.visit
    known = person.checks.get(visit.scene_id) if visit is not None and isinstance(scene, Form) else None
    return known is not None and not known["passed"]
