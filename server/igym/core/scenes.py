"""Showing scenes one after the other, and taking answers."""

from typing import Any

from igym.core import endings, hooks, losses, matching, plans, screening, waiting
from igym.core.effects import ExportScene
from igym.core.limits import BRANCH_LIMIT_S, CODE_ALPHABET, PAGE_LIMIT_S
from igym.core.participant import Participant, PersonState, Visit
from igym.core.state import Question, Turn
from igym.experiment.plan import Position
from igym.experiment.scenes import CompletionCodeScene, EndScene, GymScene, WebScene
from igym.experiment.scenes.base import Scene
from igym.protocol.client import Advance, Answers, GlobalsSet, WebEvent
from igym.protocol.server import SceneShown


def first(turn: Turn, person: Participant) -> None:
    person.move(PersonState.IN_SCENE)
    advance(turn, person)


def advance(turn: Turn, person: Participant, choice: str | None = None) -> None:
    """On to the next step of the plan, or to the end."""
    assert person.plan is not None
    go_to(turn, person, person.plan.next(person.position, choice))


def go_to(turn: Turn, person: Participant, position: Position | None) -> None:
    """Leave where the person is and enter what is at ``position``; None is the end of the plan."""
    leave(turn, person)
    if position is None:
        endings.finish(turn, person)
        return
    person.position = position
    branch = plans.branch(person)
    if branch is None:
        _enter(turn, person)
        return
    context = {**hooks.person_context(person), "options": [name for name, _ in branch.options]}
    function = f"branches.{branch.branch}"
    turn.ask("branch", function, context, then="branch", subject=person.id, limit_s=BRANCH_LIMIT_S)


def on_branch(turn: Turn, question: Question, value: Any) -> None:
    """The rule ``branch``: enter the option chosen; a wrong answer passes the branch by, visibly to the researcher."""
    person = turn.state.participants[question.subject]
    branch = plans.branch(person)
    if branch is None or person.visit is not None:
        return
    options = [name for name, _ in branch.options]
    if value is not None and value not in options:
        text = f"It chose {str(value)[:80]!r}; the options are: {', '.join(sorted(options))}. The branch was passed by."
        turn.problem("error", f"{question.function} chose no option", text, person=person)
        value = None
    turn.record("branch", person, branch=branch.id, choice=value)
    advance(turn, person, value)


def leave(turn: Turn, person: Participant) -> None:
    """Close the present visit, if there is one, and write down when."""
    visit, person.visit = person.visit, None
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
        timing=visit.timing,
    )
    hooks.run(turn, "on_scene_exit", person, left=visit.scene_id)
    turn.do(ExportScene(person.id, visit.number))


def _enter(turn: Turn, person: Participant) -> None:
    step = plans.step(person)
    assert step is not None
    scene = plans.specification(turn.state, step.scene)
    index, total = plans.progress(person)
    person.visits += 1
    person.visit = Visit(person.visits, step.id, index, turn.now)
    body: dict[str, Any] = {"visit": person.visits, "index": index, "total": total, "spec": step.scene}
    turn.record("scene_entered", person, scene_kind=spec_kind(scene), metadata=scene.metadata, **body)
    hooks.run(turn, "on_scene_enter", person)
    if isinstance(scene, EndScene):
        person.completed = True
        endings.finish(turn, person, scene)
    elif isinstance(scene, CompletionCodeScene):
        _issue_code(turn, person, scene)
        show(turn, person)
    elif isinstance(scene, GymScene):
        _enter_gym(turn, person, scene)
    else:
        show(turn, person)


def spec_kind(scene: Scene) -> str:
    return str(getattr(scene, "kind", "scene"))


def _issue_code(turn: Turn, person: Participant, scene: CompletionCodeScene) -> None:
    assert person.visit is not None
    code = scene.code or draw_code(turn, person, person.visit.scene_id, scene.code_length)
    give_code(turn, person, code)
    person.visit.code = code


def draw_code(turn: Turn, person: Participant, purpose: str, length: int) -> str:
    """The same participant and purpose always give the same code."""
    rng = turn.state.make_rng(f"code {person.number} {purpose}")
    return "".join(rng.choice(CODE_ALPHABET) for _ in range(length))


def give_code(turn: Turn, person: Participant, code: str) -> None:
    person.code = code
    turn.record("code_issued", person, code=code)


def _enter_gym(turn: Turn, person: Participant, scene: GymScene) -> None:
    """First the page before play, when there is one; a page function is asked for it."""
    content = scene.content_options
    if content.page_for is not None:
        function = plans.function_path(scene, "page_for")
        context = hooks.person_context(person)
        turn.ask("page_for", function, context, then="page", subject=person.id, limit_s=PAGE_LIMIT_S)
    elif content.body or scene.body:
        show(turn, person)
    else:
        matching.want_to_play(turn, person)


def on_page(turn: Turn, question: Question, value: Any) -> None:
    """The rule ``page``: the researcher's own page before play."""
    person = turn.state.participants[question.subject]
    if person.visit is None or person.visit.number != question.context["visit"]:
        return
    if isinstance(value, str):
        person.visit.page_html = value
    elif value is not None:
        turn.problem("error", f"{question.function} returned no text", f"It returned {type(value).__name__}.")
    scene = current_gym(turn, person)
    assert scene is not None
    if person.visit.page_html or scene.content_options.body or scene.body:
        show(turn, person)
    else:
        matching.want_to_play(turn, person)


def current_gym(turn: Turn, person: Participant) -> GymScene | None:
    step = plans.step(person)
    return plans.gym(turn.state, step) if step else None


def show(turn: Turn, person: Participant) -> None:
    """Send what the person should see now. Sent again after every hello, so that every return is the same case."""
    if person.closing is not None:
        turn.send(person, person.closing)
    elif person.match is not None:
        losses.show_match(turn, person)
    elif person.waitroom is not None:
        waiting.show(turn, person)
    elif person.visit is not None and person.state is PersonState.IN_SCENE:
        turn.send(person, scene_message(turn, person))
        person.visit.shown = True


def scene_message(turn: Turn, person: Participant) -> SceneShown:
    """The present scene without a match."""
    step, visit = plans.step(person), person.visit
    assert step is not None and visit is not None
    spec = plans.specification(turn.state, step.scene).client_spec(scene_id=step.id)
    if visit.page_html is not None:
        spec["body"] = visit.page_html
    if visit.code is not None:
        spec["code"] = visit.code
    if spec.get("redirect_url"):
        spec["redirect_url"] = endings.filled_in(spec["redirect_url"], person)
    if isinstance(spec.get("src"), str):
        spec["src"] = endings.filled_in(spec["src"], person)
    index, total = plans.progress(person)
    return SceneShown(
        visit=visit.number,
        index=index,
        total=max(total, index + 1),
        spec=spec,
        globals=dict(person.globals),
        shown_before=visit.shown,
    )


def on_answers(turn: Turn, person: Participant, message: Answers) -> None:
    if message.visit in person.submitted:
        return
    scene = _open_page(turn, person, message.name, message.visit)
    if scene is None:
        return
    check = scene.validate_answers(message.values)
    if not check.ok:
        text = "; ".join(f"{name}: {error}" for name, error in check.errors.items())[:480]
        turn.refuse(person, message.name, "invalid_answers", text)
        return
    assert person.visit is not None
    person.answers[person.visit.scene_id] = dict(check.values)
    timing = message.timing.model_dump()
    turn.record("answers", person, visit=message.visit, values=check.values, timing=timing)
    hooks.run(turn, "on_answers", person, values=dict(check.values))
    _submit(turn, person, timing)


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
    if not isinstance(scene, GymScene):
        if _may_leave(turn, person, scene, message):
            _submit(turn, person, message.timing.model_dump())
        return
    if person.visit.page_done:
        return
    person.visit.page_done = True
    turn.record("page_read", person, visit=message.visit, timing=message.timing.model_dump())
    matching.want_to_play(turn, person)


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
        return plans.specification(turn.state, step.scene)
    return None


def _submit(turn: Turn, person: Participant, timing: dict[str, Any]) -> None:
    visit = person.visit
    assert visit is not None
    visit.submitted, visit.timing = True, timing
    person.submitted.add(visit.number)
    advance(turn, person)


def on_web_event(turn: Turn, person: Participant, message: WebEvent) -> None:
    if message.visit in person.submitted:
        return
    scene = _open_page(turn, person, message.name, message.visit)
    if scene is None:
        return
    if not isinstance(scene, WebScene):
        turn.refuse(person, message.name, "out_of_state", "This page is no external task.")
        return
    turn.record("web_event", person, visit=message.visit, event=message.event, data=message.data)
    if message.event == "end":
        _submit(turn, person, {})


def on_globals_set(turn: Turn, person: Participant, message: GlobalsSet) -> None:
    values = dict(message.values)
    if problem := hooks.globals_complaint(person, values):
        turn.refuse(person, message.name, "too_large", problem)
    else:
        hooks.set_globals(turn, person, values, "browser")


def resume_dropped(turn: Turn, person: Participant) -> None:
    """Someone given up comes back: the scene they were in is shown again."""
    turn.record("returned", person)
    if turn.state.phase != "running":
        endings.end_with_session(turn, person)
        return
    person.closing, person.reason = None, ""
    if person.screened is None or person.screened["passed"] is None:
        person.move(PersonState.LOADING)
        screening.start(turn, person)
    else:
        person.move(PersonState.IN_SCENE)
        reenter(turn, person)


def reenter(turn: Turn, person: Participant) -> None:
    """Enter the present step once more, with a new visit."""
    go_to(turn, person, person.position or (person.plan.next(None) if person.plan else None))
