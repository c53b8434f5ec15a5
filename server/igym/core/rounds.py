"""Rounds that go on until something is reached: after each it is decided whether there is another."""

from typing import Any

from igym.core import facts, gate, plans
from igym.core.happenings import Excluded
from igym.core.limits import BRANCH_LIMIT_S
from igym.core.participant import Participant
from igym.core.places import Branching, GoOn
from igym.core.state import Question
from igym.core.turn import Turn
from igym.experiment.draw import AGAIN
from igym.experiment.plan import PlanBranch
from igym.experiment.rules import of_round
from igym.experiment.stager import Repeat, scenes_in
from igym.protocol.told import Told

NOT_REACHED = "This study goes on only after what its practice asks for. Thank you for your time."


def ask(turn: Turn, person: Participant, branch: PlanBranch) -> bool:
    """Whether the person stands at the end of a round; its function, if there is one, is asked then."""
    repeat = turn.state.repeat(branch.branch)
    if repeat is not None and repeat.until is not None:
        function = f"repeats.{branch.branch}"
        moment = {"round": _round(branch), "rounds": repeat.rounds}
        gate.ask(turn, person, "until", function, then="until", limit_s=BRANCH_LIMIT_S, facts=moment)
    return repeat is not None


def on_answer(turn: Turn, question: Question, value: Any) -> None:
    """The rule ``until``: a function that says neither True nor False lets the person go on, and is told of."""
    person = turn.state.participants[question.subject]
    branch = plans.branch(person)
    repeat = turn.state.repeat(branch.branch) if branch is not None else None
    if branch is None or repeat is None or not isinstance(person.then, Branching):
        return
    if value is not None and not isinstance(value, bool):
        text = Told(
            "It returned {returned}; True means that the round was enough. The rounds ended there.",
            returned=repr(str(value)[:80]),
        )
        turn.problem(
            "error", Told("{function} returned neither True nor False", function=question.function), text, person=person
        )
        value = None
    _follow(turn, person, repeat, branch, value)


def judge(turn: Turn, person: Participant, repeat: Repeat, branch: PlanBranch) -> None:
    """Nothing is asked about the person any more: rules decide, and a function that failed ends the rounds."""
    reached = None
    if repeat.until is None:
        inside = [scene.id for scene in scenes_in(repeat)]
        known = of_round(facts.of(turn.state, person), inside, branch.id.removeprefix(branch.branch))
        reached = all(rule.holds(known) for rule in repeat.rules)
    _follow(turn, person, repeat, branch, reached)


def _follow(turn: Turn, person: Participant, repeat: Repeat, branch: PlanBranch, reached: bool | None) -> None:
    """Written down like a form's right answers, whose attempts the rounds are; None: nobody could tell."""
    name, number = branch.id.rpartition("_r")[0], _round(branch)
    person.checks[name] = {"attempts": number, "passed": reached}
    turn.record("checked", person, scene=name, attempts=number, passed=reached, wrong=[])
    is_last = not any(option == AGAIN for option, _ in branch.options)
    if reached is not False:
        turn.then(person, GoOn())
    elif not is_last:
        turn.then(person, GoOn(AGAIN))
    elif repeat.otherwise == "exclude":
        text = repeat.failed_message or NOT_REACHED
        turn.tell(Excluded(person, Told("not reached: {function}", function=name), text, failed_check=True))
    else:
        turn.then(person, plans.step_after_failing(person, repeat.otherwise))


def _round(branch: PlanBranch) -> int:
    return int(branch.id.rpartition("_r")[2])
