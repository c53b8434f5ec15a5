"""A game that cannot run on one computer: partners are spared, the person and the researcher are told, and it ends."""

from __future__ import annotations

import pytest

from igym.core.limits import LOADING_LIMIT_S, MAX_FAILED_MATCHES
from igym.experiment.scenes import EndScene, StaticScene
from tests.core.experiments import game, make
from tests.core.world import Person, World

BROKEN = {"where": "python", "message": "no module named nothing", "traceback": "", "file": None, "line": None}


def pair(**waitroom: object) -> tuple[World, Person, Person]:
    scene = game("match", 2).waitroom(**{"timeout_s": 600, **waitroom})
    world = World(make(scene, StaticScene("next"), EndScene("end")))
    healthy, failing = world.arrive(2)
    return world, healthy, failing


def fail_until_it_ends(world: World, failing: Person) -> int:
    """How often this browser was put into a match before nobody was sent to it any more."""
    times = 0
    while failing.match:
        times += 1
        assert times < 20, "matched again and again"
        failing.say("client_error", **BROKEN, fatal=True)
    return times


@pytest.mark.parametrize("outcome", ["end", "bot"])
def test_someone_whose_game_always_fails_is_told_so_and_their_partner_waits_on(outcome: str) -> None:
    world, healthy, failing = pair(on_timeout=outcome)

    assert fail_until_it_ends(world, failing) == MAX_FAILED_MATCHES

    assert failing.state == "timed_out"
    assert failing.last("closed").header == "The game could not be loaded"
    assert "tell the experimenter" in failing.last("closed").body
    assert healthy.state == "waiting"
    told = [problem for problem in world.problems() if "keep failing" in problem.title]
    assert len(told) == 1 and failing.id in told[0].text and "error in the game" in told[0].text
    (newcomer,) = world.arrive(1)
    assert {healthy.state, newcomer.state} == {"countdown"}


def test_the_waitrooms_own_way_out_is_kept() -> None:
    world, _, failing = pair(on_timeout="scene", timeout_scene="next")
    assert fail_until_it_ends(world, failing) == MAX_FAILED_MATCHES
    assert (failing.state, failing.scene) == ("in_scene", "next")

    world, _, failing = pair(on_timeout="completion_code", timeout_code="PAID")
    assert fail_until_it_ends(world, failing) == MAX_FAILED_MATCHES
    assert (failing.last("closed").code, failing.last("closed").header) == ("PAID", "The game could not be loaded")


def test_a_game_that_never_loads_is_bounded_too() -> None:
    world, healthy, silent = pair()
    for _ in range(MAX_FAILED_MATCHES):
        match = world.session.state.matches[str(silent.match)]
        seats = [match.seat_of(person.id) for person in (healthy, silent)]
        for person, other in ((healthy, seats[1]), (silent, seats[0])):
            assert other is not None
            person.say("link", match=match.id, peer=other.player, state="up", transport="p2p", rtt_ms=None)
        healthy.ready()
        world.run(LOADING_LIMIT_S + 1)
    assert silent.last("closed").header == "The game could not be loaded"
    assert healthy.state in ("waiting", "timed_out")


def test_two_broken_games_do_not_keep_each_other_busy() -> None:
    world, one, other = pair()
    for _ in range(20):
        for person in (one, other):
            if person.match:
                person.say("client_error", **BROKEN, fatal=True)
    assert not one.match and not other.match
    assert len(world.session.state.matches) <= 2 * MAX_FAILED_MATCHES
