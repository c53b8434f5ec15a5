"""Every hook of the life cycle is asked with its context; whatever it answers harms nobody."""

from __future__ import annotations

import json
from typing import Any

import pytest

from igym.core.events import Answered
from igym.experiment.participation import Callbacks
from igym.experiment.scenes import EndScene, StaticScene, TextBox
from tests.core.experiments import game, make
from tests.core.world import Person, World, start_playing


def hook(context: Any) -> None: ...


ALL = dict.fromkeys(Callbacks.model_fields, hook)
CONTEXT = {"participant", "label", "globals", "attributes", "answers", "conditions", "scene", "hook", "now", "state"}


def world_with(*names: str) -> World:
    scenes = (TextBox("text"), game("match", 2), StaticScene("next"), EndScene("end"))
    return World(make(*scenes, callbacks=dict.fromkeys(names, hook)))


def enter(world: World, count: int = 1) -> list[Person]:
    people = world.arrive(count)
    world.answer_all()
    return people


def to_play(world: World) -> list[Person]:
    people = enter(world, 2)
    for person in people:
        person.send_answers(text="x")
    world.answer_all()
    start_playing(world, people)
    return people


def test_every_hook_is_asked_with_the_same_context_and_more() -> None:
    world = world_with(*ALL)
    a, b = to_play(world)
    a.say("episode_started", visit=a.visit, match=a.match, episode=0)
    a.rows(30)
    b.rows(30)
    a.end_episode(30, scores={"left": 1.0})
    a.game_over()
    b.say("leave")
    world.answer_all()
    a.advance()
    world.answer_all()
    (c,) = enter(world)
    world.command("exclude", participant=c.id)
    world.answer_all()
    (d,) = enter(world)
    d.close()
    world.run(3600)
    world.answer_all()
    asked = {ask.kind for ask in world.of(type(world.asked("on_join")[0]))}
    assert asked == set(ALL)
    for ask in (ask for name in ALL for ask in world.asked(name)):
        assert set(ask.context) >= CONTEXT
        assert (ask.function, ask.context["hook"]) == (f"callbacks.{ask.kind}", ask.kind)
        json.dumps(ask.context, allow_nan=False)
    assert world.asked("on_answers")[0].context["values"] == {"text": "x"}
    assert world.asked("on_scene_exit")[0].context["left"] == "text"
    assert world.asked("on_match")[0].context["players"][0]["player"] == 0
    assert world.asked("on_frame_batch")[0].context["batch"] == {"first": 0, "last": 29}
    assert world.asked("on_episode_end")[0].context["scores"] == {"left": 1.0}
    assert world.asked("on_match_end")[0].context["reason"] == "withdrawn"
    assert world.asked("on_exclude")[0].context["reason"] == "by the experimenter: a reason"


def test_hooks_that_are_not_given_are_not_asked() -> None:
    world = world_with("on_finish")
    to_play(world)
    assert not world.asked("on_match") and not world.asked("on_join")


def test_a_hook_sets_globals_conditions_attributes_and_sends_a_message() -> None:
    world = world_with("on_answers")
    (person,) = world.arrive()
    person.send_answers(text="x")
    value = {"globals": {"a": 1}, "condition": "red", "attributes": {"age": 30}, "message": "Thank you!"}
    world.answer("on_answers", value)
    assert person.last("globals").values == {"a": 1, "condition": "red"}
    assert person.last("notice").text == "Thank you!"
    details = world.command("participant_details", participant=person.id).result
    assert (details["globals"], details["conditions"], details["attributes"]) == (
        {"a": 1, "condition": "red"},
        {"condition": "red"},
        {"age": 30},
    )
    assert [record.body["values"] for record in world.records("attributes")] == [{"age": 30}, {"condition": "red"}]


def test_answers_are_asked_about_at_their_page_and_before_it_is_left() -> None:
    world = world_with("on_scene_exit", "on_answers")
    (person,) = world.arrive()
    person.send_answers(text="x")
    assert world.asked("on_scene_exit") == []
    (asked,) = world.asked("on_answers")
    assert (asked.context["scene"], asked.context["visit"]) == ("text", 1)
    world.answer("on_answers", {"globals": {"a": 1}, "condition": {"a": "red"}})
    assert world.asked("on_scene_exit")[0].context["globals"]["a"] == "red", "a condition's name means what was given"


def test_a_hook_excludes_with_its_message() -> None:
    world = world_with("on_answers")
    (person,) = world.arrive()
    person.send_answers(text="x")
    world.answer("on_answers", {"exclude": True, "message": "Not suitable"})
    assert (person.state, world.row(person)["reason"]) == ("excluded", "callback: callbacks.on_answers")
    assert "Not suitable" in person.last("closed").body


@pytest.mark.parametrize(
    "value",
    [
        "text",
        7,
        [1],
        {"unknown": 1},
        {"globals": "x"},
        {"globals": {"": 1}},
        {"globals": {"x" * 121: 1}},
        {"globals": {"a": "x" * 300_000}},
        {"globals": {"a": float("nan")}},
        {"globals": {f"g{number}": 1 for number in range(501)}},
        {"condition": 5},
        {"message": 5},
        {"exclude": "yes"},
        {"attributes": []},
    ],
)
def test_a_wrong_return_value_is_shown_and_changes_nothing(value: Any) -> None:
    world = world_with("on_answers")
    (person,) = world.arrive()
    person.send_answers(text="x")
    facts = world.command("participant_details", participant=person.id).result
    world.answer("on_answers", value)
    assert person.state == "waiting", "it goes on as without an answer"
    after = world.command("participant_details", participant=person.id).result
    assert [after[key] for key in ("globals", "attributes", "conditions")] == [
        facts[key] for key in ("globals", "attributes", "conditions")
    ]
    assert world.problems()[0].title == "callbacks.on_answers returned something unusable"


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_hook_that_raises_or_hangs_is_shown_and_holds_nobody_up(name: str) -> None:
    world = world_with(name)
    person, other = world.arrive(2)
    world.run(5.1)
    for member in (person, other):
        member.send_answers(text="x")
    world.run(10.1)
    start_playing(world, [person, other])
    for member in (person, other):
        member.rows(30)
        member.end_episode(30)
        member.game_over()
    world.run(15.1)
    assert {person.scene, other.scene} == {"next"}
    for ask in world.asked(name):
        error = {"type": "ValueError", "message": "boom", "traceback": "Traceback", "file": "x.py", "line": 4}
        world.do(Answered(ask.question_id, None, error))
    titles = {problem.title for problem in world.problems()}
    assert titles <= {f"callbacks.{name} failed"}
    assert len(titles) == (1 if world.asked(name) else 0)


def test_an_answer_after_the_end_of_its_participant_changes_the_data_only() -> None:
    world = world_with("on_answers")
    (person,) = world.arrive()
    person.send_answers(text="x")
    person.say("leave")
    world.answer("on_answers", {"exclude": True, "attributes": {"late": True}, "message": "x"})
    assert person.state == "withdrawn"
    assert world.records("attributes")[0].body["values"] == {"late": True}


def test_an_answer_nobody_asked_for_is_noted() -> None:
    world = world_with("on_answers")
    effects = world.do(Answered("q99", {"exclude": True}))
    assert [effect.type for effect in effects] == ["log"]


def test_questions_are_asked_again_after_a_restart() -> None:
    world = world_with("on_answers")
    (person,) = world.arrive()
    person.send_answers(text="x")
    before = world.asked("on_answers")[-1]
    world.restart(down_s=60)
    after = world.asked("on_answers")[-1]
    assert after.question_id == before.question_id and after.deadline >= world.now
    world.do(Answered(after.question_id, {"globals": {"x": 1}}))
    assert world.records("globals")
