"""Pools of bots: who of them plays is drawn when the match is formed, balanced over the session if wanted."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from igym.experiment.errors import ExperimentError
from igym.experiment.policies import Human, Onnx, Pool, Python, Random
from igym.experiment.scenes import EndScene, GymScene
from tests.core.experiments import make
from tests.core.one_by_one import check_found
from tests.core.world import World, connect_all

BOTS = [Python("bots.py:a"), Python("bots.py:b"), Onnx("c.onnx")]


def world_of(pool: Pool, episodes: int = 1, people: int = 1) -> World:
    mapping: dict[Any, Any] = {f"human_{number}": Human for number in range(people)} | {"bot": pool}
    scene = GymScene("play").environment(code="env = 1").policies(mapping).gameplay(num_episodes=episodes)
    return World(make(scene, EndScene("end")))


def drawn(world: World) -> list[list[int]]:
    return [record.body["fixed"]["pools"]["bot"] for record in world.records("match_formed")]


@pytest.mark.parametrize("count", [1, 7, 30])
def test_a_balanced_pool_is_spread_evenly_over_the_session(count: int) -> None:
    world = world_of(Pool(BOTS, balanced=True))
    world.arrive(count)
    played = Counter(place for [place] in drawn(world))
    assert sum(played.values()) == count
    assert max(played[place] for place in range(3)) - min(played[place] for place in range(3)) <= 1


def test_an_unbalanced_pool_is_drawn_by_chance_and_again_the_same_way() -> None:
    world = world_of(Pool(BOTS))
    world.arrive(60)
    played = Counter(place for [place] in drawn(world))
    assert set(played) == {0, 1, 2} and max(played.values()) - min(played.values()) > 1
    assert world.replayed().view(world.now) == world.session.view(world.now)


def test_a_match_that_never_began_frees_its_draw() -> None:
    world = world_of(Pool(BOTS, balanced=True))
    for person in world.arrive(9)[:4]:
        world.command("exclude", participant=person.id)
    world.arrive(4)
    began = [match for match in world.session.state.matches.values() if not match.is_over]
    assert len(began) == 9
    assert set(Counter(match.fixed["pools"]["bot"][0] for match in began).values()) == {3}
    check_found(world.session.state)
    world.go_on_from_checkpoint()
    check_found(world.session.state)


def test_per_episode_each_episode_has_a_draw_of_its_own() -> None:
    world = world_of(Pool(BOTS, per="episode", balanced=True), episodes=6)
    world.arrive(2)
    for episodes in drawn(world):
        assert Counter(episodes) == {0: 2, 1: 2, 2: 2}


def test_all_members_are_told_the_same_and_the_names_are_recorded() -> None:
    world = world_of(Pool([*BOTS, Python("bots.py:a", delay_frames=9)]), people=2)
    people = world.arrive(2)
    connect_all(people)
    specs = [person.last("scene").match.fixed for person in people]
    assert specs[0] == specs[1]
    (record,) = world.records("match_formed")
    [place] = record.body["fixed"]["pools"]["bot"]
    names = ["bots.py:a (1)", "bots.py:b", "c.onnx", "bots.py:a (4)"]
    assert record.body["fixed"]["pool_names"] == {"bot": [names[place]]}


def test_what_is_no_pool_is_refused() -> None:
    with pytest.raises(ExperimentError, match="policies"):
        Pool([])
    with pytest.raises(ExperimentError):
        Pool([Human])
    with pytest.raises(ExperimentError, match="list of bots"):
        Pool("bots.py:a")
    assert Pool([Random, "random"]).names == ("random (1)", "random (2)")
