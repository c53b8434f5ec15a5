"""A match before play: links, readiness, countdown, and what can be lost on the way."""

from __future__ import annotations

from igym.experiment.scenes import EndScene
from tests.core.experiments import game, make, together
from tests.core.match_play import lose, rows
from tests.core.world import World, connect_all


def test_the_phases_in_order() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    assert (world.match()["state"], a.state) == ("connecting", "countdown")
    assert a.last("match_state").state == "connecting"
    a.link(b)
    b.link(a)
    assert world.match()["state"] == "validating"
    a.ready()
    assert world.match()["state"] == "validating"
    b.ready()
    assert world.match()["state"] == "countdown"
    world.run(4)
    assert (world.match()["state"], a.state) == ("playing", "playing")
    states = [record.body["state"] for record in world.records("match_state")]
    assert states == ["validating", "countdown", "playing"]


def test_seed_seats_and_id_are_recorded_before_anything_is_shown() -> None:
    world = World(together(2))
    world.arrive(1)
    before = len(world.effects)
    world.arrive(1)
    kinds = [getattr(effect, "kind", effect.type) for effect in world.effects[before:]]
    shown = next(
        index
        for index, effect in enumerate(world.effects[before:])
        if effect.type == "send" and effect.message.name == "scene"
    )
    assert kinds.index("match_formed") < shown
    formed = world.records("match_formed")[0]
    assert formed.body["seed"] == world.session.match_seed("m001")
    assert [player["player"] for player in formed.body["players"]] == [0, 1]


def test_a_given_seed_is_used() -> None:
    world = World(make(game("play", 1).environment(code="env = 1", seed=77), EndScene("end")))
    (person,) = world.arrive()
    assert person.last("scene").match.seed == 77


def test_links_that_take_too_long_go_over_the_relay_and_then_back_to_the_waitroom() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    world.run(14.9)
    assert a.last("match_state").reason == ""
    world.run(0.2)
    assert a.last("match_state").reason == "use_relay"
    a.link(b, transport="relay")
    b.link(a, transport="relay")
    assert world.match()["state"] == "validating"
    world = World(together(2))
    a, b = world.arrive(2)
    world.run(30.1)
    assert {a.state, b.state} == {"waiting"}
    assert world.match(0)["reason"] == "links not established"
    world.run(10)
    assert len(world.view()["matches"]) == 1, "the same pair is not tried again at once"


def test_direct_links_only_never_use_the_relay() -> None:
    world = World(together(2, multiplayer={"transport": "p2p"}))
    people = world.arrive(2)
    world.run(15.1)
    assert {person.state for person in people} == {"waiting"}


def test_someone_who_never_gets_ready_loses_the_match_and_not_the_place() -> None:
    world = World(together(2, waitroom={"timeout_s": 1000}))
    a, b = world.arrive(2)
    a.link(b)
    b.link(a)
    a.ready()
    world.run(179)
    assert a.state == "countdown"
    world.run(2)
    assert world.match(0)["reason"] == "game not loaded in time"
    assert world.records("match_ended")[0].body["who"] == [b.id]


def test_a_partner_lost_in_the_countdown_is_waited_for_and_then_replaced() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    connect_all([a, b])
    assert world.match()["state"] == "countdown"
    lose(b, [a])
    world.run(3.1)
    assert world.match()["state"] == "connecting", "nobody starts without a partner"
    world.run(26.8)
    assert a.state == "countdown"
    world.run(0.2)
    assert (a.state, b.state) == ("waiting", "waiting")
    (c,) = world.arrive()
    assert (a.state, c.state) == ("countdown", "countdown")


def test_a_partner_who_blinks_in_the_countdown_changes_nothing() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    connect_all([a, b])
    b.blink(2.0)
    assert world.match()["state"] == "countdown"
    world.run(3)
    assert {a.state, b.state} == {"playing"}


def test_a_socket_lost_in_the_countdown_does_not_stop_linked_browsers_from_starting() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    connect_all([a, b])
    b.close()
    world.run(3.1)
    assert {a.state, b.state} == {"playing"}
    world.run(10)
    assert {a.state, b.state} == {"playing"}
    b.open(visit=b.visit, loaded=False)
    assert b.last("match_state").state == "playing"


def test_what_a_browser_sends_after_an_interrupted_countdown_is_kept() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    connect_all([a, b])
    b.reload()
    world.run(4)
    assert world.match()["state"] == "connecting"
    assert a.refused("episode_started", visit=a.visit, match=a.match, episode=0) is None
    assert world.session.accepts_rows(a.id, rows(str(a.match))) is None


def test_a_reload_in_the_countdown_connects_anew() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    connect_all([a, b])
    match = b.match
    b.reload()
    assert (world.match()["state"], b.match) == ("connecting", match)
    assert b.last("scene").match.id == match
    world.run(10)
    assert {a.state, b.state} == {"countdown"}
    connect_all([a, b])
    world.run(4)
    assert {a.state, b.state} == {"playing"}


def test_links_are_not_counted_late_while_an_end_of_them_is_away() -> None:
    world = World(together(2, multiplayer={"reconnection": {"timeout_s": 60}}))
    a, b = world.arrive(2)
    b.close()
    assert a.last("match_state").deadline_ms == (world.now + 60) * 1000
    world.run(45)
    assert (a.state, b.match) == ("countdown", a.match)
    b.open()
    assert b.last("match_state").deadline_ms == (world.now + 15) * 1000
    world.run(10)
    connect_all([a, b])
    world.run(4)
    assert {a.state, b.state} == {"playing"}


def test_who_comes_back_before_play_learns_that_the_relay_is_used() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    world.run(15.1)
    b.reload()
    assert b.last("match_state").reason == "use_relay"
    assert a.last("match_state").reason == "use_relay"
    for person, other in ((a, b), (b, a)):
        person.link(other, transport="relay")
    assert world.match()["state"] == "validating"
    assert b.last("match_state").reason == ""


def test_someone_who_withdraws_in_the_countdown() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    connect_all([a, b])
    b.say("leave")
    assert (a.state, b.state) == ("waiting", "withdrawn")


def test_each_two_members_share_a_key_that_nobody_else_has() -> None:
    def keys(world: World) -> list[dict[int, dict[str, str]]]:
        """Of each of two matches."""
        shown = [person.last("scene").match for person in world.arrive(6)]
        return [{match.me: match.keys for match in shown if match.id == wanted} for wanted in ("m001", "m002")]

    world = World(together(3))
    given, others = keys(world)

    assert all(sorted(own) == ["0", "1", "2"] for own in given.values())
    assert all(given[one][str(other)] == given[other][str(one)] for one in given for other in given)
    assert len({key for match in (given, others) for own in match.values() for key in own.values()}) == 2 * 6
    assert keys(World(together(3)))[0] == given, "a host that starts anew gives the same"
    assert World(make(game("play", 1), EndScene("end"))).arrive()[0].last("scene").match.keys == {}
