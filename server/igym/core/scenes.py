"""Showing scenes one after the other, and taking answers."""

from typing import Any

from igym.core import attempts, boards, codes, conditions, consents, facts, gate, hooks, orders, plans, replays, rounds
from igym.core.effects import ExportScene
from igym.core.happenings import Excluded, PlaceLeft
from igym.core.limits import BRANCH_LIMIT_S, PAGE_EARLY_S, PAGE_GRACE_S, PAGE_LIMIT_S
from igym.core.participant import Participant, PersonState
from igym.core.places import Branching, Deciding, Finish, GoOn, OpenPage, Page, Play, Step, Visit
from igym.core.sentences import said
from igym.core.state import Question
from igym.core.turn import Turn
from igym.experiment.plan import Position
from igym.experiment.rules import first_that_holds
from igym.experiment.scenes import (
    CompletionCodeScene,
    EndScene,
    Form,
    GymScene,
    LeaderboardScene,
    Ranking,
    ReplayScene,
    WebScene,
)
from igym.experiment.scenes.base import AnswerCheck, Scene
from igym.protocol.client import Advance, Answers, GlobalsSet, ReplayEvent, WebEvent
from igym.protocol.told import Told


def go_on(turn: Turn, person: Participant, choice: str | None = None) -> None:
    """On to the next step of the plan, or to its end."""
    assert person.plan is not None
    go_to(turn, person, person.plan.next(person.position, choice))


def go_to(turn: Turn, person: Participant, position: Position | None) -> None:
    """Enter what is at ``position``; None is the end of the plan. No scene is open any more."""
    person.move(Deciding())
    if position is None:
        turn.then(person, Finish())
        return
    person.position = position
    branch = plans.branch(person)
    if branch is None:
        step = plans.step(person)
        assert step is not None
        # Before anything of the scene is written down: a design whose cells are full leads elsewhere.
        if conditions.at_scene(turn, person, step.scene):
            _enter(turn, person)
        return
    if rounds.ask(turn, person, branch):
        turn.then(person, Branching())
        return
    node = turn.state.branch(branch.branch)
    if node is None or node.choose is not None:
        options = {"options": [name for name, _ in branch.options]}
        function = f"branches.{branch.branch}"
        gate.ask(turn, person, "branch", function, then="branch", limit_s=BRANCH_LIMIT_S, facts=options)
    turn.then(person, Branching())


def pass_branch(turn: Turn, person: Participant) -> None:
    """Nothing is asked about the person any more: rules decide now, and a function that chose nothing is passed by."""
    branch = plans.branch(person)
    repeat = turn.state.repeat(branch.branch) if branch else None
    if branch is not None and repeat is not None:
        rounds.judge(turn, person, repeat, branch)
        return
    node = turn.state.branch(branch.branch) if branch else None
    choice = None
    if branch is not None and node is not None and node.choose is None:
        chosen = first_that_holds(node.rules, facts.of(turn.state, person))
        choice = node.otherwise if chosen is None else chosen
        turn.record("branch", person, branch=branch.id, choice=choice)
    go_on(turn, person, choice)


def on_branch(turn: Turn, question: Question, value: Any) -> None:
    """The rule ``branch``: enter the option chosen; a wrong answer passes the branch by, visibly to the researcher."""
    person = turn.state.participants[question.subject]
    branch = plans.branch(person)
    if branch is None or not isinstance(person.then, Branching):
        return
    options = [name for name, _ in branch.options]
    if value is not None and value not in options:
        text = Told(
            "It chose {chosen}; the options are: {options}. The branch was passed by.",
            chosen=repr(str(value)[:80]),
            options=", ".join(sorted(options)),
        )
        turn.problem("error", Told("{function} chose no option", function=question.function), text, person=person)
        value = None
    turn.record("branch", person, branch=branch.id, choice=value)
    turn.then(person, GoOn(value))


def leave(turn: Turn, person: Participant, visit: Visit | None) -> None:
    """A visit is over: write down when. The person is at another place already."""
    if visit is None:
        return
    turn.record(
        "scene_left",
        person,
        scene=visit.scene_id,
        visit=visit.number,
        entered_at=visit.entered_at,
        left_at=turn.now,
        submitted=visit.submitted,
        timed_out=visit.timed_out,
        timing=visit.timing,
    )
    turn.state.deadlines.cancel("page", person.id)
    hooks.run(turn, "on_scene_exit", person, left=visit.scene_id)
    turn.do(ExportScene(person.id, visit.number))


def leave_for(turn: Turn, person: Participant, step: Step, reason: str) -> None:
    """Out of wherever the person is: the present scene ends, and ``step`` follows."""
    visit = person.visit
    # After the visit is taken: between two places there is none.
    before = person.move(Deciding())
    leave(turn, person, visit)
    turn.then(person, step)
    turn.tell(PlaceLeft(person, before, reason))


def _enter(turn: Turn, person: Participant) -> None:
    step = plans.step(person)
    assert step is not None
    scene = turn.state.scene(step.scene)
    index, total = plans.progress(person)
    person.visits += 1
    person.move(Page(Visit(person.visits, step.id, index, turn.now)))
    body: dict[str, Any] = {"visit": person.visits, "index": index, "total": total, "spec": step.scene}
    turn.record("scene_entered", person, scene_kind=spec_kind(scene), metadata=scene.metadata, **body)
    hooks.run(turn, "on_scene_enter", person)
    # After on_scene_enter in the same mailbox: the function that makes the page sees what the hook has set.
    asked = _ask_for_page(turn, person, scene)
    if isinstance(scene, ReplayScene):
        asked = replays.ask(turn, person, scene)
    if isinstance(scene, EndScene):
        person.completed = True
        turn.then(person, Finish())
    elif asked or isinstance(scene, CompletionCodeScene):
        turn.then(person, OpenPage())
    else:
        open_page(turn, person)


def spec_kind(scene: Scene) -> str:
    return str(getattr(scene, "kind", "scene"))


def _ask_for_page(turn: Turn, person: Participant, scene: Scene) -> bool:
    """Whether a function makes the page, or the one before play."""
    function = plans.function_path(scene, "page_for")
    if scene.functions().get(function) is None:
        return False
    moment = {"scene": person.visit.scene_id, "visit": person.visit.number} if person.visit else {}
    gate.ask(turn, person, "page_for", function, then="page", limit_s=PAGE_LIMIT_S, facts=moment)
    return True


def on_page(turn: Turn, question: Question, value: Any) -> None:
    """The rule ``page``: the researcher's own page."""
    person = turn.state.participants[question.subject]
    if person.visit is None or person.visit.number != question.context["visit"]:
        return
    if isinstance(value, str):
        person.visit.page_html = value
    elif value is not None:
        turn.problem(
            "error",
            Told("{function} returned no text", function=question.function),
            Told("It returned {returned}.", returned=type(value).__name__),
        )


def open_page(turn: Turn, person: Participant) -> None:
    """The present scene's page; a game without one is played at once."""
    scene, visit = current(turn, person), person.visit
    assert scene is not None and visit is not None
    if isinstance(scene, CompletionCodeScene):
        visit.code = scene.code or codes.draw(turn, person, visit.scene_id, scene.code_length)
        codes.give(turn, person, visit.code)
    if isinstance(scene, GymScene) and not (visit.page_html or scene.content_options.body or scene.body):
        turn.then(person, Play())
        return
    visit.open = True
    if isinstance(scene, LeaderboardScene) and visit.board is None:
        visit.board = boards.draw_up(turn, person, scene)
    if isinstance(scene, Ranking | Form | ReplayScene):
        orders.draw(turn, person, scene)
    if scene.max_display_s is not None and visit.ends_at is None:
        visit.ends_at = turn.now + scene.max_display_s
        turn.state.deadlines.set("page", person.id, visit.ends_at + PAGE_GRACE_S)
    turn.show(person)


def on_page_limit(turn: Turn, person_id: str) -> None:
    """The rule ``page``: the browser did not send what there was when the page's time was up."""
    person = turn.state.participants[person_id]
    scene, visit = current(turn, person), person.visit
    if scene is None or visit is None or not isinstance(person.place, Page) or visit.page_done:
        return
    _time_is_up(turn, person, answered=False)
    _leave_page(turn, person, scene, {})


def _time_is_up(turn: Turn, person: Participant, *, answered: bool) -> None:
    assert person.visit is not None
    person.visit.timed_out = True
    turn.record("page_timed_out", person, visit=person.visit.number, answered=answered)


def _leave_page(turn: Turn, person: Participant, scene: Scene, timing: dict[str, Any]) -> None:
    """On to what the page stands before: play, or the next scene."""
    if isinstance(scene, GymScene):
        assert person.visit is not None
        person.visit.page_done = True
        turn.state.deadlines.cancel("page", person.id)
        turn.record("page_read", person, visit=person.visit.number, timing=timing)
        turn.then(person, Play())
    else:
        _submit(turn, person, timing)


def _is_timed_out(turn: Turn, person: Participant, said: bool) -> bool:
    """Whether the page's time is really up, whatever a browser says."""
    ends_at = person.visit.ends_at if person.visit is not None else None
    return said and ends_at is not None and turn.now >= ends_at - PAGE_EARLY_S


def current(turn: Turn, person: Participant) -> Scene | None:
    """The scene the person is at, as the researcher wrote it."""
    step = plans.step(person)
    return turn.state.scene(step.scene) if step else None


def current_gym(turn: Turn, person: Participant) -> GymScene | None:
    scene = current(turn, person)
    return scene if isinstance(scene, GymScene) else None


def on_answers(turn: Turn, person: Participant, message: Answers) -> None:
    # Sent again because the answer was lost: taken already, and no reason to refuse anything.
    if message.visit in person.submitted:
        return
    scene = _open_page(turn, person, message.name, message.visit)
    if scene is None:
        return
    timed_out = _is_timed_out(turn, person, message.timed_out)
    unasked = replays.unasked(scene, person.visit)
    if timed_out:
        check = AnswerCheck(scene.answers_so_far(message.values))
    else:
        check = scene.validate_answers(message.values, unasked)
    if not check.ok:
        text = "; ".join(f"{name}: {said(person.language, error)}" for name, error in check.errors.items())[:480]
        turn.refuse(person, message.name, "invalid_answers", text)
        return
    _take_answers(turn, person, scene, message, check.values, timed_out)


def _take_answers(
    turn: Turn, person: Participant, scene: Scene, message: Answers, values: dict[str, Any], timed_out: bool
) -> None:
    assert person.visit is not None
    timing = message.timing.model_dump()
    if not attempts.goes_on(turn, person, scene, dict(values), timing, is_last=timed_out):
        return
    if timed_out:
        _time_is_up(turn, person, answered=True)
    person.answers[person.visit.scene_id] = dict(values)
    turn.record("answers", person, visit=message.visit, values=values, timing=timing)
    consents.note(turn, person, scene, values)
    # Before the page is left: it is asked about this visit, and the next page waits for its answer.
    hooks.run(turn, "on_answers", person, values=dict(values))
    if not (isinstance(scene, Form) and attempts.failed(person, scene)):
        _submit(turn, person, timing)
    elif scene.otherwise == "exclude":
        _submitted(person, timing)
        turn.tell(Excluded(person, f"wrong answers: {person.visit.scene_id}", scene.failed_message, failed_check=True))
    else:
        _submit(turn, person, timing, plans.step_after_failing(person, scene.otherwise))


def on_advance(turn: Turn, person: Participant, message: Advance) -> None:
    if message.visit in person.submitted:
        return
    scene = _open_page(turn, person, message.name, message.visit)
    if scene is None:
        return
    if scene.fields():
        turn.refuse(person, message.name, "answers_needed", "This page has questions; send its answers.")
        return
    assert person.visit is not None
    if person.visit.page_done:
        return
    if _is_timed_out(turn, person, message.timed_out):
        _time_is_up(turn, person, answered=False)
    elif not _may_leave(turn, person, scene, message):
        return
    _leave_page(turn, person, scene, message.timing.model_dump())


def _may_leave(turn: Turn, person: Participant, scene: Scene, message: Advance) -> bool:
    if isinstance(scene, WebScene) and scene.ends_by == "message":
        turn.refuse(person, message.name, "task_not_ended", "The task on this page has not reported its end yet.")
        return False
    return True


def _open_page(turn: Turn, person: Participant, message_type: str, visit: int) -> Scene | None:
    """The scene the message is about, or a refusal: only the page that is open can be answered."""
    step = plans.step(person)
    if person.visit is None or step is None or person.state is not PersonState.IN_SCENE:
        turn.refuse(person, message_type, "out_of_state", "No page is open for this at the moment.")
    elif person.visit.number != visit:
        turn.refuse(person, message_type, "not_current", f"Page {visit} is not open; {person.visit.number} is.")
    else:
        return turn.state.scene(step.scene)
    return None


def _submit(turn: Turn, person: Participant, timing: dict[str, Any], then: Step | None = None) -> None:
    _submitted(person, timing)
    leave_for(turn, person, then or GoOn(), Told("page done"))


def _submitted(person: Participant, timing: dict[str, Any]) -> None:
    visit = person.visit
    assert visit is not None
    visit.submitted, visit.timing = True, timing
    person.submitted.add(visit.number)


MOST_HEARD = 64
"""Events whose keys a page's visit remembers: more are not under way at once."""


def _was_heard(person: Participant, key: str | None) -> bool:
    """Whether an event of the open page came before; notes that it has come."""
    assert person.visit is not None
    heard = person.visit.heard
    if key is None or key in heard:
        return key is not None
    heard.append(key)
    del heard[:-MOST_HEARD]
    return False


def on_web_event(turn: Turn, person: Participant, message: WebEvent) -> None:
    if message.visit in person.submitted:
        return
    scene = _open_page(turn, person, message.name, message.visit)
    if scene is None:
        return
    if not isinstance(scene, WebScene):
        turn.refuse(person, message.name, "out_of_state", "This page is no external task.")
        return
    if _was_heard(person, message.key):
        return
    turn.record("web_event", person, visit=message.visit, event=message.event, data=message.data)
    if message.event == "end":
        _submit(turn, person, {})


def on_replays(turn: Turn, question: Question, value: Any) -> None:
    """The rule ``replays``: what the host found to show. Without anything the page is passed by."""
    person = turn.state.participants[question.subject]
    visit = person.visit
    if visit is None or visit.number != question.context["visit"] or visit.submitted:
        return
    if not replays.take(turn, person, visit, value):
        _submit(turn, person, {})


def on_replay_event(turn: Turn, person: Participant, message: ReplayEvent) -> None:
    if message.visit in person.submitted:
        return
    scene = _open_page(turn, person, message.name, message.visit)
    if scene is None:
        return
    if not isinstance(scene, ReplayScene):
        turn.refuse(person, message.name, "out_of_state", "This page shows no recording.")
        return
    if _was_heard(person, message.key):
        return
    replays.heard(turn, person, message)
    if message.event == "failed":
        _submit(turn, person, {})


def on_globals_set(turn: Turn, person: Participant, message: GlobalsSet) -> None:
    values = dict(message.values)
    if problem := hooks.globals_complaint(person, values):
        turn.refuse(person, message.name, "too_large", problem)
    else:
        hooks.set_globals(turn, person, values, "browser")
