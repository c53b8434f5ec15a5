"""First what happened, then what follows: hooks before branches, causes before consequences, payment last."""

from __future__ import annotations

from typing import Any

import pytest

from igym.core.effects import Ask, Record
from igym.core.events import Answered
from igym.experiment.scenes import CompletionCodeScene, EndScene, StaticScene, TextBox
from igym.experiment.stager import Branch
from tests.core.experiments import game, make
from tests.core.world import Person, World, start_playing


def choose(context: Any) -> str:
    """Called by the researcher's process only; here its answer is given by hand."""
    return "none"


def hook(context: Any) -> None: ...


def branch() -> Branch:
    return Branch(choose, {"red": StaticScene("red_page"), "none": StaticScene("no_condition")})


def kinds(world: World, person: Person | None = None) -> list[str]:
    records = (effect for effect in world.effects if isinstance(effect, Record))
    return [record.kind for record in records if person is None or record.participant == person.id]


def at(world: World, kind: str, **wanted: Any) -> int:
    """Place of the first such record among all effects."""
    for place, effect in enumerate(world.effects):
        facts = vars(effect) | effect.body if isinstance(effect, Record) else {}
        if facts.get("kind") == kind and all(facts.get(name) == value for name, value in wanted.items()):
            return place
    raise AssertionError(f"no {kind} with {wanted}")


def test_a_branch_sees_what_on_answers_returned() -> None:
    world = World(make(TextBox("q"), branch(), EndScene("end"), callbacks={"on_answers": hook}))
    (person,) = world.arrive()
    person.send_answers(text="x")
    assert not world.asked("branch"), "the branch waits for the hook"
    world.answer("on_answers", {"condition": "red"})
    assert world.asked("branch")[-1].context["conditions"] == {"condition": "red"}
    world.answer("branch", "red")
    assert person.scene == "red_page"


@pytest.mark.parametrize("name", ["on_episode_end", "on_match_end"])
def test_a_branch_after_a_game_sees_what_its_hooks_returned(name: str) -> None:
    world = World(make(game("g", 2), branch(), EndScene("end"), callbacks={name: hook}))
    people = world.arrive(2)
    start_playing(world, people)
    for person in people:
        person.rows(30)
        person.end_episode(30)
    people[0].game_over()
    if name == "on_match_end":
        assert not world.asked("branch"), "the match is not over before both say so"
    people[1].game_over()
    for ask in world.asked(name):
        world.do(Answered(ask.question_id, {"condition": ask.context["participant"]}))
    seen = {ask.context["participant"]: ask.context["conditions"]["condition"] for ask in world.asked("branch")}
    assert seen == {person.id: person.id for person in people}


def test_without_a_hook_for_the_match_nobody_waits_for_the_partners_word() -> None:
    world = World(make(game("g", 2), StaticScene("next"), EndScene("end")))
    a, b = world.arrive(2)
    start_playing(world, [a, b])
    a.game_over()
    assert (a.scene, b.state) == ("next", "playing")


def test_a_partner_who_never_says_so_holds_nobody_up_for_longer_than_the_limit() -> None:
    world = World(make(game("g", 2), branch(), EndScene("end"), callbacks={"on_match_end": hook}))
    a, b = world.arrive(2)
    start_playing(world, [a, b])
    a.game_over()
    world.run(36)
    assert b.scene is None or b.state == "in_scene"
    assert {ask.context["participant"] for ask in world.asked("branch")} == {a.id, b.id}


def test_payment_is_asked_last_and_knows_a_bonus_of_the_last_game() -> None:
    names = ("on_match_end", "on_finish", "on_payment", "on_scene_exit", "on_scene_enter")
    world = World(make(game("g", 1), EndScene("end"), callbacks=dict.fromkeys(names, hook)))
    (person,) = world.arrive()
    world.answer_all()
    person.ready()
    world.run(1)
    person.rows(30)
    person.end_episode(30)
    person.game_over()
    world.answer("on_match_end", {"attributes": {"bonus": 3}, "globals": {"bonus": 3}})
    world.answer_all()
    asked = [effect for effect in world.effects if isinstance(effect, Ask)]
    assert [ask.kind for ask in asked][-3:] == ["on_scene_exit", "on_finish", "on_payment"]
    assert (asked[-1].context["globals"], asked[-1].context["attributes"]) == ({"bonus": 3}, {"bonus": 3})


def test_late_reports_after_the_payment_ask_nothing_more() -> None:
    world = World(make(game("g", 2), EndScene("end"), callbacks={"on_payment": hook, "on_episode_end": hook}))
    a, b = world.arrive(2)
    match = start_playing(world, [a, b])
    visit = a.visit
    world.command("end_match", match=match)
    assert {ask.kind for ask in world.of(Ask)} == {"on_payment"}
    a.say("episode_ended", visit=visit, match=match, episode=0, frames=0, chain="", reason="partial", scores={})
    world.answer_all()
    assert world.of(Ask)[-1].kind == "on_payment"
    assert world.records("episode_reported"), "the data have it all the same"


def test_answers_count_in_the_order_of_the_questions() -> None:
    scenes = (TextBox("q"), TextBox("r"), EndScene("end"))
    world = World(make(*scenes, callbacks={"on_scene_exit": hook, "on_scene_enter": hook}))
    (person,) = world.arrive()
    world.answer("on_scene_enter", {"globals": {"last": "entered q"}})
    person.send_answers(text="x")
    assert person.scene is None, "the next page waits for the slow function"
    world.answer("on_scene_exit", {"globals": {"last": "left q"}})
    assert person.scene == "r"
    world.answer("on_scene_enter", {"globals": {"last": "entered r"}})
    assert [record.body["values"]["last"] for record in world.records("globals")] == [
        "entered q", "left q", "entered r",
    ]  # fmt: skip
    assert person.last("globals").values == {"last": "entered r"}


def test_a_code_is_shown_only_after_the_functions_before_it() -> None:
    world = World(make(CompletionCodeScene("code"), EndScene("end"), callbacks={"on_scene_enter": hook}))
    (person,) = world.arrive()
    assert not world.records("code_issued") and not person.got("scene")
    world.answer("on_scene_enter", {"exclude": True, "message": "Not for you"})
    assert person.state == "excluded" and person.last("closed").code is None


def test_an_exclusion_is_written_before_everything_it_causes() -> None:
    world = World(make(game("g", 2), StaticScene("next"), EndScene("end"), callbacks={"on_payment": hook}))
    a, b = world.arrive(2)
    match = start_playing(world, [a, b])
    world.command("exclude", participant=a.id)
    order = [
        at(world, "researcher_action", name="exclude"),
        at(world, "excluded", participant=a.id),
        at(world, "match_ended", match=match),
        at(world, "scene_left", participant=b.id, scene="g"),
        at(world, "scene_entered", participant=b.id, scene="next"),
    ]
    assert order == sorted(order)


def test_a_match_ends_before_its_members_form_the_next() -> None:
    world = World(make(game("one", 2), game("two", 2), EndScene("end")))
    people = world.arrive(2)
    start_playing(world, people)
    for person in people:
        person.game_over()
    world.run(1)
    assert at(world, "match_ended", match="m001") < at(world, "match_formed", match="m002")


def test_late_rows_of_a_match_that_was_left_say_nothing_about_the_present_one() -> None:
    world = World(make(game("one", 2), game("two", 2), EndScene("end")))
    people = world.arrive(2)
    first = start_playing(world, people)
    for person in people:
        person.game_over()
    world.run(1)
    start_playing(world, people)
    a = people[0]
    a.rows(30, first=0, episode=0)
    a.rows(30, first=300, episode=7, match=first)
    assert (world.row(a)["episode"], world.row(a)["frame"]) == (0, 29)


def test_batches_of_frames_faster_than_the_function_become_one_question() -> None:
    world = World(make(game("g", 1), EndScene("end"), callbacks={"on_frame_batch": hook}))
    (person,) = world.arrive()
    person.ready()
    world.run(1)
    for batch in range(5):
        person.rows(30, first=30 * batch)
    world.answer_all()
    assert [ask.context["batch"] for ask in world.asked("on_frame_batch")] == [
        {"first": 0, "last": 29}, {"first": 30, "last": 149},
    ]  # fmt: skip


def test_someone_moved_while_a_branch_is_asked_is_not_moved_back_by_its_answer() -> None:
    world = World(make(TextBox("q"), branch(), StaticScene("later"), EndScene("end")))
    (person,) = world.arrive()
    person.send_answers(text="x")
    world.command("move", participant=person.id, scene="later")
    world.answer("branch", "red")
    assert person.scene == "later"
