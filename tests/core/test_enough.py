"""Games that end when enough is reached: a score or a function decides after each episode, for all alike."""

from __future__ import annotations

from typing import Any

import pytest

from igym.core.events import (
    Answered,
    HostEnvReady,
    HostEpisodeEnded,
    HostEpisodeStarted,
    RowsStored,
)
from igym.experiment.errors import ExperimentError
from igym.experiment.options import Reached
from igym.experiment.scenes import EndScene, StaticScene
from tests.core.experiments import game, make
from tests.core.match_play import lose
from tests.core.world import Person, World, start_playing

FIVE = Reached(5)


def rule(context: Any) -> bool:
    return bool(context.scores)


def playing(until: Any, people: int = 2, most: int = 4) -> tuple[World, list[Person]]:
    scene = game("play", people).gameplay(until=until, num_episodes=most)
    world = World(make(scene, StaticScene("next"), EndScene("end")))
    everyone = world.arrive(people)
    start_playing(world, everyone)
    return world, everyone


def play(world: World, people: list[Person], episode: int, left: float, right: float, *, rows: bool = True) -> None:
    for person in people:
        person.say("episode_started", visit=person.visit, match=person.match, episode=episode)
        if rows:
            person.rows(30, episode=episode)
    for person in people:
        person.end_episode(30, episode, scores={"left": left, "right": right})


def allowed(person: Person) -> int | None:
    told: int | None = person.last("match_state").episodes
    return told


@pytest.mark.parametrize(
    ("until", "first", "second", "most"),
    [
        (Reached(5), (5, 4), (0, 1), 2), (Reached(5, who="any"), (4, 4), (1, 0), 2),
        (Reached(5, who="together"), (2, 2), (1, 0), 2), (Reached(5, over="episode"), (4, 9), (5, 5), 2),
        (Reached(5), (5, 5), (0, 0), 1),
    ],
)  # fmt: skip
def test_each_way_to_count_a_score(until: Reached, first: Any, second: Any, most: int) -> None:
    world, people = playing(until)
    assert allowed(people[0]) == 1
    play(world, people, 0, *map(float, first))
    if most == 2:
        assert [allowed(person) for person in people] == [2, 2]
        play(world, people, 1, *map(float, second))
    assert {person.scene for person in people} == {"next"}
    [ended] = world.records("match_ended")
    assert ended.body["reason"] == "complete"
    assert [r.body["reached"] for r in world.records("enough")] == [False] * (most - 1) + [True]
    assert world.replayed().view(world.now) == world.session.view(world.now)


def test_nobody_is_asked_after_the_last_episode_there_may_be() -> None:
    world, people = playing(FIVE, most=2)
    play(world, people, 0, 1.0, 1.0)
    play(world, people, 1, 1.0, 1.0)
    assert len(world.records("enough")) == 1
    assert {person.state for person in people} == {"playing"}, "their browsers say that the game is over"
    for person in people:
        person.game_over()
    assert {person.scene for person in people} == {"next"}


def test_all_have_to_have_ended_the_episode_and_their_rows_to_be_there() -> None:
    world, (a, b) = playing(FIVE)
    a.rows(30)
    a.end_episode(30, scores={"left": 9.0, "right": 9.0})
    assert world.records("enough") == []
    b.end_episode(30, scores={"left": 9.0, "right": 9.0})
    assert [r.body["reached"] for r in world.records("enough")] == [True]
    assert {a.state, b.state} == {"playing"}
    b.rows(30)
    assert {a.scene, b.scene} == {"next"}
    assert world.records("match_ended")[-1].body["reason"] == "complete"


def test_rows_that_never_come_hold_nobody_for_ever() -> None:
    world, (a, b) = playing(FIVE)
    play(world, [a, b], 0, 9.0, 9.0, rows=False)
    world.run(31)
    assert {a.scene, b.scene} == {"next"}
    assert world.records("match_ended")[-1].body["reason"] == "incomplete"


def test_when_a_member_is_gone_those_who_are_left_decide() -> None:
    scene = game("play", 3).gameplay(until=FIVE, num_episodes=4)
    scene = scene.multiplayer(reconnection={"timeout_s": 5, "on_timeout": "default_action"})
    world = World(make(scene, StaticScene("next"), EndScene("end")))
    a, b, c = people = world.arrive(3)
    start_playing(world, people)
    for person in (a, b):
        person.rows(30)
        person.end_episode(30, scores=dict.fromkeys(("left", "right", "third"), 9.0))
    lose(c, [a, b])
    world.run(30)
    assert world.records("enough")[-1].body["reached"] is True
    assert {a.scene, b.scene} == {"next"}


def test_a_function_decides_with_the_scores_and_one_that_fails_lets_play_go_on() -> None:
    world, people = playing(rule)
    play(world, people, 0, 2.0, 1.0)
    (asked,) = world.asked("until")
    assert asked.function == "scenes.play.until"
    assert (asked.context["scores"], asked.context["episodes"]) == ({"left": 2.0, "right": 1.0}, 1)
    assert {allowed(person) for person in people} == {1}
    world.answer("until", None, {"type": "KeyError", "message": "oh"})
    assert {allowed(person) for person in people} == {2}
    play(world, people, 1, 3.0, 1.0)
    context = world.asked("until")[-1].context
    assert (context["scores"]["left"], context["episode_scores"]["left"]) == (5.0, 3.0)
    world.answer("until", "yes")
    assert "returned neither True nor False" in world.problems()[-1].title
    play(world, people, 2, 0.0, 0.0)
    world.answer("until", True)
    assert {person.scene for person in people} == {"next"}


def test_a_reload_and_a_restart_while_it_is_decided() -> None:
    world, people = playing(rule)
    play(world, people, 0, 2.0, 1.0)
    question = world.asked("until")[-1].question_id
    world.restart()
    for person in people:
        person.open(loaded=False)
    assert {allowed(person) for person in people} == {1}
    world.do(Answered(question, False, None))
    assert {allowed(person) for person in people} == {2}


def test_a_game_on_the_host_ends_alike() -> None:
    scene = game("play", 1).gameplay(until=FIVE, num_episodes=4).runtime(where="host")
    world = World(make(scene, StaticScene("next"), EndScene("end")))
    (person,) = world.arrive()
    match = str(person.match)
    person.say("match_ready", match=match)
    world.do(HostEnvReady(match))
    world.run(4.0)
    for episode, score in enumerate((3.0, 2.0)):
        assert allowed(person) == episode + 1
        world.do(HostEpisodeStarted(match, episode))
        world.do(RowsStored(person.id, match, episode, 0, 30, 29, "ab"))
        world.do(HostEpisodeEnded(match, episode, 30, "terminated", "ab", {"left": score}, (person.id,)))
    assert person.scene == "next"


def test_what_changes_nothing_is_refused() -> None:
    with pytest.raises(ExperimentError, match="num_episodes=1"):
        game("play").gameplay(until=FIVE)
    with pytest.raises(ExperimentError, match="not both"):
        game("play").gameplay(until=FIVE, until_function=rule, num_episodes=3)
    assert game("play").gameplay(until=rule, num_episodes=3).client_spec()["gameplay"]["until"] is True
