"""A program that talks along: when it is asked, what it is told, what becomes of its replies and of its failures."""

from __future__ import annotations

from typing import Any

import pytest

from igym.core.effects import Ask
from igym.experiment.errors import ExperimentError
from igym.experiment.options import Chat, Responder
from igym.experiment.scenes import ChatScene, EndScene
from tests.core.experiments import game, make
from tests.core.world import Person, World, start_playing


def talking(**options: Any) -> tuple[World, Person]:
    responder = Responder("bots.py:reply", name="Robo", **options)
    world = World(make(ChatScene("talk").display(responder=responder, longest=40), EndScene("end")))
    (person,) = world.arrive()
    return world, person


def say(person: Person, text: str) -> None:
    number = len(person.world.records("chat"))
    assert person.refused("chat_say", visit=person.visit, id=f"m{number}", text=text, at_ms=1.0) is None


def heard(person: Person) -> list[tuple[str, str]]:
    return [(said.line.name, said.line.text) for said in person.got("chat_said")]


def asked(world: World) -> list[Ask]:
    return world.asked("responder")


def reply(world: World, text: str | None) -> None:
    world.answer("responder", {"text": text, "attempts": 1, "seconds": 0.5, "error": None})


def fail(world: World) -> None:
    world.answer("responder", {"text": None, "attempts": 2, "seconds": 3.0, "error": "ZeroDivisionError: division"})


def test_alone_with_it_one_talks_and_is_answered() -> None:
    world, person = talking(instructions="Be kind.")
    assert person.last("chat").closed == "", "nobody else is needed"
    say(person, "Hello")
    (ask,) = asked(world)
    assert ask.context["messages"] == [{"number": 1, "name": "Person 1", "mine": False, "text": "Hello"}]
    assert ask.context["responder"]["instructions"] == "Be kind."
    assert ask.context["people"][0]["participant"] == person.id
    reply(world, "Hi! " + "x" * 100)
    assert heard(person)[-1] == ("Robo", ("Hi! " + "x" * 100)[:40])
    say(person, "And now?")
    assert [line["mine"] for line in asked(world)[-1].context["messages"]] == [False, True, False]
    line = world.records("response")[0].body
    assert (line["outcome"], line["heard_to"], line["number"], line["source"]) == ("said", 1, 2, "bots.py:reply")
    assert line["text"] == "Hi! " + "x" * 100, "the log has all of it"
    told = world.records("chat")[1]
    assert (told.body["how"], told.participant) == ("responder", person.id), "erased with whom it answers"


def test_while_it_thinks_messages_are_collected_for_one_more_question() -> None:
    world, person = talking()
    for text in ("one", "two", "three"):
        say(person, text)
    assert len(asked(world)) == 1
    reply(world, "yes")
    assert len(asked(world)) == 2
    assert [line["text"] for line in asked(world)[-1].context["messages"]] == ["one", "two", "three", "yes"]
    reply(world, None)
    assert len(asked(world)) == 2
    assert world.records("response")[-1].body["outcome"] == "silent"


@pytest.mark.parametrize(
    ("options", "texts", "count"),
    [
        ({"every": 2}, ["a", "b", "c"], 1),
        ({"when_named": True}, ["hello", "robo, help", "thanks"], 1),
        ({"limit": 2}, ["a", "b", "c", "d"], 2),
    ],
)
def test_how_often_it_talks_is_the_study_s(options: Any, texts: list[str], count: int) -> None:
    world, person = talking(**options)
    for text in texts:
        say(person, text)
        if world.asked_until:
            reply(world, "ok")
    assert len([text for name, text in heard(person) if name == "Robo"]) == count


def test_failing_is_told_once_and_to_the_researcher_and_ends_after_some() -> None:
    world, person = talking(when_failing="I am out of order.")
    for number in range(5):
        say(person, f"{number}")
        if world.asked_until:
            fail(world)
    assert [text for name, text in heard(person) if name == "Robo"] == ["I am out of order."]
    assert len(asked(world)) == 3, "it is given up"
    assert "gave no reply" in world.problems()[0].title
    assert "ZeroDivisionError" in world.problems()[0].text
    assert [record.body["outcome"] for record in world.records("response")] == ["failed"] * 3


def test_an_answer_that_never_comes_is_a_failure_in_the_persons_language() -> None:
    world, person = talking(time_limit_s=5, retries=0)
    say(person, "Hello")
    world.run(60)
    assert heard(person)[-1] == ("Robo", "I cannot reply at the moment. Please go on without me.")
    assert person.scene == "talk", "the study goes on"


def test_a_reply_to_a_page_that_was_left_is_kept_and_said_to_nobody() -> None:
    world, person = talking()
    say(person, "Hello")
    person.advance()
    reply(world, "Too slow")
    assert world.records("response")[0].body["outcome"] == "too late"
    assert len(world.records("chat")) == 1


def test_it_talks_with_all_who_play_and_in_a_game_for_one() -> None:
    chat = Chat(show="during", responder=Responder("bots.py:reply", name="Robo"))
    for players in (1, 2):
        world = World(make(game("match", players).content(chat=chat), EndScene("end")))
        people = world.arrive(players)
        start_playing(world, people)
        say(people[0], "Hello")
        reply(world, "Hi")
        for person in people:
            assert ("Robo", "Hi") in heard(person)


def test_the_same_after_a_restart_of_the_engine() -> None:
    world, person = talking()
    say(person, "Hello")
    world.restart()
    person.open()
    reply(world, "Hi")
    assert [line.text for line in person.last("chat").lines] + [text for _, text in heard(person)[-1:]] == [
        "Hello",
        "Hi",
    ]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "needs a function"),
        ({"function": "bots.py:reply", "url": "http://x/v1", "model": "m"}, "one of the two"),
        ({"url": "http://x/v1"}, "needs model"),
        ({"function": "bots.reply"}, "function"),
    ],
)
def test_a_responder_without_a_source_is_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises(ExperimentError, match=text):
        Responder(**options)
