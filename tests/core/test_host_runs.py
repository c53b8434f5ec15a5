"""Matches whose env is stepped on the host, as the core sees them."""

from __future__ import annotations

import pytest

from igym.core.effects import ExportEpisode, StartHostEnv, StopHostEnv
from igym.core.events import (
    HostEnvFailed,
    HostEnvReady,
    HostEpisodeEnded,
    HostEpisodeStarted,
    HostGameOver,
    HostGlobalsSet,
    RowsStored,
)
from igym.experiment.scenes import EndScene, StaticScene
from igym.protocol.binary import Rows
from tests.core.experiments import game, make
from tests.core.world import Person, World


def host_env(players: int = 2, **reconnection: object) -> tuple[World, list[Person]]:
    scene = game("match", players).runtime(where="host").waitroom(countdown_s=6)
    scene = scene.multiplayer(reconnection={"timeout_s": 5, **reconnection})
    world = World(make(scene, StaticScene("next"), EndScene("end")))
    return world, world.arrive(players)


def in_play(players: int = 2, **reconnection: object) -> tuple[World, list[Person]]:
    world, people = host_env(players, **reconnection)
    world.do(HostEnvReady("m001"))
    for person in people:
        person.ready()
    world.run(4)
    world.do(HostEpisodeStarted("m001", 0))
    assert {person.state for person in people} == {"playing"}
    return world, people


def stored(world: World, people: list[Person], last: int) -> None:
    for person in people:
        world.do(RowsStored(person.id, "m001", 0, 0, last + 1, last, "ab"))


def ended(world: World, people: list[Person], frames: int, reason: str = "terminated") -> None:
    members = tuple(person.id for person in people)
    world.do(HostEpisodeEnded("m001", 0, frames, reason, "ab", {"a": 1.0}, members))


def rows() -> Rows:
    return Rows(
        v=1, scene="match", visit=1, match="m001", episode=0, seq=0, first=0, count=1,
        parity={"rewards.a": [1]}, local={}, inputs={"0": [1]}, chain="ab",
    )  # fmt: skip


def test_play_begins_when_the_env_and_every_page_are_ready_without_links() -> None:
    world, (a, b) = host_env()
    assert world.of(StartHostEnv) == [StartHostEnv("m001")]
    a.ready()
    b.ready()
    world.run(4)
    assert {a.state, b.state} == {"countdown"}

    world.do(HostEnvReady("m001"))
    world.run(4)

    assert {a.state, b.state} == {"playing"}
    assert world.session.view(world.now).matches[0].transport == "host"


def test_who_stays_away_ends_the_match_after_the_limit() -> None:
    world, (a, b) = in_play()
    b.close()
    assert a.state == "paused"
    world.run(5.1)
    assert a.scene == "next"
    assert world.of(StopHostEnv) == [StopHostEnv("m001")]


def test_with_a_substitute_the_others_play_on() -> None:
    world, (a, b) = in_play(on_timeout="default_action")
    stored(world, [a, b], 29)
    b.close()
    world.run(5.1)
    assert a.state == "playing"
    seat = world.session.state.matches["m001"].seat_of(b.id)
    assert seat is not None and (seat.substitute, seat.from_frame) == ("default", 30)


def test_a_person_alone_who_vanishes_pauses_the_game_until_they_return() -> None:
    _, (a,) = in_play(1)
    a.close()
    assert a.state == "paused"
    a.open()
    assert a.state == "paused"
    a.ready()
    assert a.state == "playing"


def test_the_host_reports_for_everybody_and_moves_them_on() -> None:
    world, people = in_play()
    stored(world, people, 29)
    ended(world, people, 30)
    world.do(HostGameOver("m001"))
    assert {person.scene for person in people} == {"next"}
    exported = {(effect.participant, effect.episode) for effect in world.of(ExportEpisode)}
    assert exported == {(person.id, 0) for person in people}
    assert world.session.view(world.now).matches[0].parity == "identical"
    assert world.of(StopHostEnv) == [StopHostEnv("m001")]


def test_a_browser_cannot_write_what_the_host_records() -> None:
    world, (a, b) = in_play()
    refusal = world.session.accepts_rows(a.id, rows())
    assert refusal is not None and refusal.code == "not_yours"
    assert world.session.accepts_rows(a.id, rows(), by_host=True) is None
    for name, fields in {
        "episode_started": {"episode": 1},
        "episode_ended": {"episode": 0, "frames": 9, "reason": "terminated", "chain": "ab", "scores": {}},
        "game_over": {"reason": "complete"},
    }.items():
        assert a.refused(name, visit=a.visit, match="m001", **fields) == "not_yours", name
    assert {a.state, b.state} == {"playing"}


def test_rows_of_the_host_need_a_match_on_the_host() -> None:
    world = World(make(game("match", 1), EndScene("end")))
    (a,) = world.arrive(1)
    refusal = world.session.accepts_rows(a.id, rows(), by_host=True)
    assert refusal is not None and refusal.code == "not_yours"


def test_the_rest_of_an_interrupted_episode_still_counts_after_the_end() -> None:
    world, (a, b) = in_play()
    stored(world, [a, b], 29)
    b.close()
    world.run(5.1)
    world.do(RowsStored(a.id, "m001", 0, 30, 10, 39, "cd"))
    ended(world, [a], 40, "partial")
    assert [record.body["frames"] for record in world.records("episode_reported")] == [40]


@pytest.mark.parametrize("playing", [False, True])
def test_a_failing_env_ends_the_match_kindly_and_once(playing: bool) -> None:
    world, people = in_play() if playing else host_env()
    world.do(HostEnvFailed("m001", "KeyError: 'x' (env.py, line 3)", "Traceback"))
    assert {person.scene for person in people} == {"next"}
    problem = world.problems()[0]
    assert problem.traceback == "Traceback" and "env.py, line 3" in problem.text
    (row,) = world.view()["problems"]
    assert (row["match"], row["game_fails"], row["participant"]) == ("m001", True, None)
    world.do(HostEnvFailed("m001", "KeyError: 'x'", "Traceback"))
    world.do(HostEnvReady("m001"))
    world.do(HostGameOver("m001"))
    world.do(HostEpisodeStarted("m001", 3))
    assert {person.scene for person in people} == {"next"}


def test_globals_set_by_the_game_reach_the_person() -> None:
    world, (a,) = in_play(1)
    world.do(HostGlobalsSet(a.id, "m001", {"best": 3}))
    assert world.session.state.participants[a.id].globals["best"] == 3
    world.do(HostGlobalsSet(a.id, "m001", {"": 3}))
    assert world.problems()[-1].title == "The game set unusable global values"


def test_after_a_restart_play_waits_for_the_env_to_stand_where_it_was() -> None:
    world, (a, b) = in_play()
    world.effects.clear()
    world.restart()
    assert world.of(StartHostEnv) == [StartHostEnv("m001")]
    for person in (a, b):
        person.open(visit=person.visit)
    assert {a.state, b.state} == {"paused"}
    world.do(HostEnvReady("m001"))
    assert {a.state, b.state} == {"playing"}


def test_a_restart_in_the_countdown_counts_down_anew() -> None:
    world, (a, b) = host_env()
    a.ready()
    b.ready()
    world.do(HostEnvReady("m001"))
    world.restart()
    for person in (a, b):
        person.open(visit=person.visit)
    world.run(6)
    assert {a.state, b.state} == {"countdown"}
    world.do(HostEnvReady("m001"))
    world.run(6)
    assert {a.state, b.state} == {"playing"}
