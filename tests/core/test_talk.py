"""Who may say what to whom: in the waitroom, in a game, between its rounds, and on a page of its own."""

from __future__ import annotations

from typing import Any

import pytest

from igym.experiment.errors import ExperimentError
from igym.experiment.experiment import Experiment
from igym.experiment.options import Chat
from igym.experiment.scenes import ChatScene, EndScene
from tests.core.experiments import game, make
from tests.core.world import Person, World, start_playing


def study(*after: Any, players: int = 2, participant_ids: str = "anonymous", **chat: Any) -> Experiment:
    scene = game("match", players).waitroom(countdown_s=3)
    own = scene.content(chat=Chat(**chat)) if chat else scene
    return make(own, *after, EndScene("end"), participant_ids=participant_ids)


def playing(players: int = 2, **chat: Any) -> tuple[World, list[Person]]:
    """The people in the order of their seats, which is that of their numbers."""
    world = World(study(players=players, **chat))
    people = world.arrive(players)
    start_playing(world, people)
    return world, sorted(people, key=lambda person: person.seat)


def play_to_the_end(people: list[Person]) -> None:
    for person in people:
        person.rows(30)
        person.end_episode(30)
    for person in people:
        person.game_over()


def say(person: Person, text: str = "", name: str = "m1", **more: Any) -> str | None:
    return person.refused("chat_say", **{"visit": person.visit, "id": name, "text": text, "at_ms": 1.0} | more)


def heard(person: Person) -> list[tuple[int, str, bool]]:
    return [(one.line.who, one.line.text, one.line.mine) for one in person.got("chat_said")]


def test_what_one_says_in_a_game_all_its_people_hear_in_one_order() -> None:
    world, (left, right, third) = playing(3, show="during")
    assert say(left, "hello") is None
    assert say(right, "hi", episode=0, frame=12) is None
    assert heard(left) == [(1, "hello", True), (2, "hi", False)]
    assert heard(right) == [(1, "hello", False), (2, "hi", True)]
    assert heard(third) == [(1, "hello", False), (2, "hi", False)]
    records = world.records("chat")
    assert [(r.participant, r.match, r.scene, r.body["number"], r.body["how"], r.body["text"]) for r in records] == [
        (left.id, left.match, "match", 1, "text", "hello"),
        (right.id, left.match, "match", 2, "text", "hi"),
    ]
    assert (records[1].body["episode"], records[1].body["frame"]) == (0, 12)


def test_another_match_hears_nothing() -> None:
    world, (left, _) = playing(show="during")
    others = world.arrive(2)
    start_playing(world, others)
    say(left, "for us")
    assert [heard(other) for other in others] == [[], []]


def test_who_comes_back_sees_what_was_said() -> None:
    world, (left, right) = playing(show="during")
    say(left, "one")
    right.close()
    say(left, "two", "m2")
    right.open()
    assert [(line.text, line.who, line.mine) for line in right.last("chat").lines] == [
        ("one", 1, False),
        ("two", 1, False),
    ]
    assert world.replayed().view(world.now) == world.session.view(world.now)


def test_a_talk_survives_a_checkpoint() -> None:
    world, (left, right) = playing(show="during", limit=2)
    say(left, "one")
    world.go_on_from_checkpoint()
    right.reload()
    assert [line.text for line in right.last("chat").lines] == ["one"]
    assert say(left, "two", "m2") is None
    assert say(left, "three", "m3") == "closed_chat"


def test_the_same_message_again_is_said_once() -> None:
    world, (left, right) = playing(show="during")
    assert [say(left, "hello"), say(left, "hello")] == [None, None]
    assert len(world.records("chat")) == len(heard(right)) == 1


@pytest.mark.parametrize(
    ("rules", "said", "code"),
    [
        ({}, {"text": "x" * 301}, "not_offered"),
        ({"longest": 5}, {"text": "longer"}, "not_offered"),
        ({}, {"text": "   "}, "not_offered"),
        ({}, {"phrase": 0}, "not_offered"),
        ({"phrases": ["Yes"], "free_text": False}, {"text": "own words"}, "not_offered"),
        ({"phrases": ["Yes"], "free_text": False}, {"phrase": 1}, "not_offered"),
        ({"phrases": ["Yes"], "free_text": False}, {"phrase": 0}, None),
        ({"reactions": ["👍"]}, {"reaction": 0, "to": 1}, "not_offered"),
        ({"reactions": ["👍"]}, {"reaction": 0}, "not_offered"),
        ({}, {"text": "x", "visit": 99}, "not_current"),
    ],
)
def test_only_what_the_talk_offers_can_be_said(rules: dict[str, Any], said: dict[str, Any], code: str | None) -> None:
    world, (left, right) = playing(show="during", **rules)
    assert say(left, **said) == code
    assert len(world.records("chat")) == len(heard(right)) == (code is None)


def test_a_sign_answers_a_line() -> None:
    world, (left, right) = playing(show="during", reactions=["👍"])
    say(left, "shall we?")
    assert say(right, reaction=0, to=1) is None
    line = left.got("chat_said")[-1].line
    assert (line.text, line.to, line.who) == ("👍", 1, 2)
    assert world.records("chat")[-1].body["how"] == "reaction"


def test_a_limit_counts_each_persons_messages_and_tells_when_it_is_used_up() -> None:
    _, (left, right) = playing(show="during", limit=1)
    assert left.last("chat").left == 1
    assert say(left, "one") is None
    assert (left.last("chat").left, left.last("chat").closed) == (0, "used_up")
    assert say(left, "two", "m2") == "closed_chat"
    assert say(right, "one") is None


def test_labels_are_names_only_where_the_study_says_so() -> None:
    for names, shown in (("number", ""), ("label", "Ada")):
        world = World(study(participant_ids="label", show="during", names=names))
        people = [world.join(label="Ada"), world.join(label="Bob")]
        for person in people:
            person.open()
        start_playing(world, people)
        say(people[0], "hello")
        assert people[1].got("chat_said")[-1].line.name == shown


def test_between_rounds_the_talk_opens_and_closes_with_each_episode() -> None:
    world, (left, right) = playing(show="between")
    assert left.last("chat").closed == ""
    for person in (left, right):
        person.say("episode_started", visit=person.visit, match=person.match, episode=0)
    assert left.last("chat").closed == "playing"
    assert say(left, "psst") == "closed_chat"
    for person in (left, right):
        person.rows(30)
        person.end_episode(30)
    assert left.last("chat").closed == ""
    assert say(left, "well played") is None
    assert heard(right) == [(1, "well played", False)]
    assert not world.problems()


def test_a_game_without_a_chat_and_a_waitroom_without_one_have_none() -> None:
    _, (left, _) = playing()
    assert left.got("chat") == []
    assert say(left, "hello") == "not_current"
    waiting = World(study(show="during"))
    (alone,) = waiting.arrive()
    assert alone.got("chat") == []


def test_people_who_wait_talk_and_newcomers_hear_what_is_said_from_then_on() -> None:
    world = World(study(players=3, show=("waitroom",)))
    (first,) = world.arrive()
    say(first, "anybody?")
    world.run(1)
    (second,) = world.arrive()
    assert second.last("chat").lines == []
    say(second, "yes")
    assert heard(first)[-1] == (2, "yes", False)
    (third,) = world.arrive()
    start_playing(world, [first, second, third])
    assert say(first, "too late", "m9") == "not_current"


def test_the_people_of_a_match_talk_on_a_page_of_its_own_in_the_order_they_come() -> None:
    world = World(study(ChatScene("talk", phrases=["Well played"])))
    people = world.arrive(2)
    start_playing(world, people)
    left, right = sorted(people, key=lambda person: person.seat)
    play_to_the_end([left, right])
    assert (left.scene, right.scene) == ("talk", "talk")
    say(left, phrase=0)
    assert heard(right) == [(1, "Well played", False)]
    left.advance()
    assert say(right, "thank you") is None, "who has gone on may still be written to"
    assert world.records("chat")[-1].scene == "talk"
    assert left.state == "finished"


def test_who_had_no_partners_reads_that_nobody_is_there_and_goes_on() -> None:
    world = World(make(ChatScene("talk"), EndScene("end")))
    (person,) = world.arrive()
    assert person.last("chat").closed == "alone"
    assert say(person, "hello?") == "closed_chat"
    person.advance()
    assert person.state == "finished"


def test_the_researcher_reads_a_match_and_takes_and_gives_the_word() -> None:
    world, (left, right) = playing(show="during")
    say(left, "rude")
    details = world.command("match_details", match=left.match).result
    assert [(line["participant"], line["text"]) for line in details["chat"]] == [(left.id, "rude")]
    assert world.command("mute", participant=left.id).ok
    assert left.last("chat").closed == "muted"
    assert say(left, "ruder", "m2") == "closed_chat"
    assert say(right, "and me?") is None
    assert world.command("participant_details", participant=left.id).result["muted"] is True
    assert world.command("unmute", participant=left.id).ok
    assert say(left, "sorry", "m3") is None
    assert [record.body["name"] for record in world.records("researcher_action")] == ["mute", "unmute"]


def test_nothing_of_an_ended_match_stays_in_memory() -> None:
    world, (left, right) = playing(show="during")
    say(left, "hello")
    play_to_the_end([left, right])
    assert {left.state, right.state} == {"finished"}
    assert world.session.state.talks == {}


def test_the_same_log_gives_the_same_talk() -> None:
    world, (left, right) = playing(show="during", reactions=["👍"])
    say(left, "hello")
    say(right, reaction=0, to=1)
    again = world.replayed()
    assert again.state.talks[str(left.match)].lines == world.session.state.talks[str(left.match)].lines


@pytest.mark.parametrize(
    "options",
    [
        {"show": "during", "free_text": False},
        {"phrases": ["a", "a"]},
        {"phrases": [""]},
        {"show": "always"},
        {"limit": 0},
    ],
)
def test_a_chat_in_which_nothing_can_be_said_is_refused_when_it_is_written(options: dict[str, Any]) -> None:
    with pytest.raises(ExperimentError):
        Chat(**options)
    with pytest.raises(ExperimentError):
        ChatScene("talk", free_text=False)


def test_what_was_said_may_be_said_again_though_nothing_more_may_be_said() -> None:
    _, (left, right) = playing(show="during", limit=1)
    assert say(left, "hello") is None
    assert say(left, "hello") is None, "its answer was lost"
    assert say(left, "more", "m2") == "closed_chat"
    assert [text for _, text, _ in heard(right)] == ["hello"]
