"""Results against those of others: who is counted, who stands where, and what is written down of it."""

from __future__ import annotations

from typing import Any

import pytest

from igym.experiment.errors import ExperimentError
from igym.experiment.experiment import Experiment
from igym.experiment.scenes import EndScene, LeaderboardScene
from tests.core.experiments import game, make
from tests.core.world import Person, World, start_playing


def alone(**options: Any) -> World:
    board = LeaderboardScene("results").display(game="play", **options)
    return World(make(game("play", 1), board, EndScene("end")))


def plays(world: World, score: float, **arriving: Any) -> Person:
    person = world.arrive(1, **arriving)[0]
    start_playing(world, [person])
    person.rows(3)
    person.end_episode(3, scores={"left": score})
    person.game_over()
    assert person.scene == "results"
    return person


def board(person: Person) -> dict[str, Any]:
    found: dict[str, Any] = person.last("scene").spec["board"]
    return found


def told(person: Person) -> list[tuple[int, str, bool]]:
    return [(line["rank"], line["score"], line["mine"]) for line in board(person)["lines"]]


def test_everybody_who_has_a_score_is_ranked_and_equals_share_a_place() -> None:
    world = alone()
    first = plays(world, 4)
    assert (told(first), board(first)["of"]) == ([(1, "4", True)], 1)
    plays(world, 9.5)
    third = plays(world, 4)
    assert told(third) == [(1, "9.5", False), (2, "4", False), (2, "4", True)]
    assert (board(third)["rank"], board(third)["of"]) == (2, 3)
    body = world.records("leaderboard", third.id)[0].body
    assert (body["rank"], body["of"], body["score"]) == (2, 3, 4.0)
    assert [line["participant"] for line in body["lines"]][-1] == third.id


def test_what_was_shown_first_stays_for_the_visit() -> None:
    world = alone()
    first = plays(world, 4)
    plays(world, 9)
    first.reload()
    assert told(first) == [(1, "4", True)]
    assert len(world.records("leaderboard", first.id)) == 1


def test_the_lowest_may_be_best_and_ones_own_line_is_always_there() -> None:
    world = alone(best="lowest", most=2)
    for score in (3, 1, 2):
        plays(world, score)
    last = plays(world, 7)
    assert told(last) == [(1, "1", False), (2, "2", False), (4, "7", True)]


def test_whoever_was_taken_out_is_not_counted() -> None:
    world = alone()
    gone = plays(world, 50)
    world.command("exclude", participant=gone.id, reason="slept")
    assert told(plays(world, 1)) == [(1, "1", True)]


@pytest.mark.parametrize(("names", "expected"), [("number", ""), ("label", "PC 1")])
def test_others_are_called_by_label_only_where_the_study_says_so(names: str, expected: str) -> None:
    world = World(
        make(
            game("play", 1),
            LeaderboardScene("results").display(names=names),
            EndScene("end"),
            participant_ids={"mode": "label"},
        )
    )
    plays(world, 4, label="PC 1")
    second = plays(world, 3, label="PC 2")
    assert [line["name"] for line in board(second)["lines"] if not line["mine"]] == [expected]


def test_only_the_people_of_the_last_match_may_be_compared() -> None:
    world = World(make(game("match", 2), LeaderboardScene("results").display(among="group"), EndScene("end")))
    pairs = [world.arrive(2), world.arrive(2)]
    for people, scores in zip(pairs, [{"left": 5, "right": 3}, {"left": 9, "right": 8}], strict=True):
        start_playing(world, people)
        for person in people:
            person.rows(3)
            person.end_episode(3, scores=scores)
            person.game_over()
    for people, shown in zip(pairs, [["5", "3"], ["9", "8"]], strict=True):
        by_seat = sorted(people, key=lambda person: board(person)["rank"])
        for place, person in enumerate(by_seat):
            assert told(person) == [(1, shown[0], place == 0), (2, shown[1], place == 1)]


def test_only_the_same_condition_may_be_compared() -> None:
    world = alone(among="condition")
    a = plays(world, 4)
    world.session.state.participants[a.id].conditions["speed"] = "slow"
    assert told(plays(world, 1)) == [(1, "1", True)]


@pytest.mark.parametrize(
    ("scenes", "text"),
    [
        ((game("play", 1), LeaderboardScene("results").display(game="pley")), 'game="pley".*Did you mean'),
        ((LeaderboardScene("results"),), "no GymScene"),
        ((game("play", 1), LeaderboardScene("results").display(among="group")), "two or more Humans"),
    ],
)
def test_a_board_without_anything_to_show_is_told_while_loading(scenes: tuple[Any, ...], text: str) -> None:
    with pytest.raises(ExperimentError, match=text):
        experiment: Experiment = make(*scenes, EndScene("end"))
        del experiment
