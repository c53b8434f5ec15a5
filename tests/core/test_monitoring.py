"""Ping, hidden page, inactivity, frame rate and the researcher's own rule, alone and together."""

from __future__ import annotations

from typing import Any

import pytest

from igym.core.events import RttMeasured
from igym.experiment.scenes import EndScene, StaticScene
from tests.core.experiments import game, make
from tests.core.world import Person, World, start_playing


def rule(context: Any) -> None: ...


def playing(size: int = 2, **multiplayer: Any) -> tuple[World, list[Person]]:
    scene = game("match", size).multiplayer(**multiplayer)
    world = World(make(scene, StaticScene("next"), EndScene("end")))
    people = world.arrive(size)
    start_playing(world, people) if size > 1 else people[0].ready()
    return world, people


def focus(person: Person, hidden: bool = True, blurred: bool = False) -> None:
    person.say("focus", hidden=hidden, blurred=blurred, at_ms=0.0)


def warnings(person: Person) -> list[str]:
    return [notice.text for notice in person.got("notice") if notice.level == "warning"]


def metrics(person: Person, **values: Any) -> None:
    person.measure(**values)


# Ping


@pytest.mark.parametrize(
    ("rules", "each"), [({}, False), ({"max_ping_ms": 100}, True), ({"continuous_callback": rule}, True)]
)
def test_a_ping_is_waited_for_in_play_only_where_a_rule_judges_it(rules: dict[str, Any], each: bool) -> None:
    world, people = playing(monitoring=rules)
    assert [world.session.counts_pings(person.id) for person in people] == [each, each]
    world.command("pause_match", match=people[0].match)
    assert world.session.counts_pings(people[0].id), "who answered last decides who is gone"


def test_a_ping_is_waited_for_until_the_first_scene_and_by_somebody_away() -> None:
    world = World(make(StaticScene("read"), EndScene("end"), screening={"max_ping_ms": 100, "min_ping_samples": 2}))
    person = world.join().open()
    assert person.state == "screening" and world.session.counts_pings(person.id)
    world.run(4.1)
    assert person.state == "in_scene" and not world.session.counts_pings(person.id)
    person.frozen = True
    world.run(11)
    assert world.session.counts_pings(person.id)


def test_pings_told_together_count_as_if_told_one_by_one() -> None:
    """For the median, and for the silence after which a browser is taken for gone; rules judge the newest alone."""
    world, people = playing(monitoring={"max_ping_ms": 100, "ping_strikes": 2})
    person = people[0]
    person.frozen = True
    world.run(8)
    world.do(RttMeasured(person.id, 30.0, 3.0, [[7.0, 500.0], [5.0, 500.0]]))
    assert person.state == "playing" and not warnings(person)
    assert list(world.session.state.participants[person.id].rtts)[-3:] == [500.0, 500.0, 30.0]
    world.run(6.9)
    assert world.row(person)["connection"] == "connected"
    world.run(0.2)
    assert world.row(person)["connection"] == "away"


# Rules on pings


@pytest.mark.parametrize("size", [1, 2])
def test_slow_pings_warn_and_then_exclude_and_both_sides_are_told(size: int) -> None:
    world, people = playing(size, monitoring={"max_ping_ms": 100})
    person = people[0]
    person.rtt_ms = 150.0
    world.run(4.1)
    assert person.state == "playing" and len(warnings(person)) == 1
    world.run(2)
    assert person.state == "excluded"
    assert world.row(person)["reason"] == "ping above 100 ms"
    assert "had to end" in person.last("closed").body
    if size == 2:
        assert people[1].scene == "next"
        assert "another participant had to leave" in people[1].last("notice").text
        assert world.records("match_ended")[0].body["who"] == [person.id]


def test_single_slow_pings_are_forgiven() -> None:
    world, (person,) = playing(1, monitoring={"max_ping_ms": 100})
    for rtt_ms in (150.0, 10.0, 10.0, 150.0, 10.0, 10.0, 10.0, 150.0, 100.0):
        person.rtt_ms = rtt_ms
        world.run(2)
    assert person.state == "playing"


def test_pings_before_play_do_not_count() -> None:
    scene = game("match", 1).multiplayer(monitoring={"max_ping_ms": 100})
    world = World(make(StaticScene("read"), scene, EndScene("end")))
    (person,) = world.arrive()
    person.rtt_ms = 500.0
    world.run(20)
    person.rtt_ms = 10.0
    person.advance()
    person.ready()
    world.run(20)
    assert person.state == "playing" and not warnings(person)


# Hidden page


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("how", [{"hidden": True}, {"hidden": False, "blurred": True}])
def test_a_hidden_page_warns_and_then_excludes_by_the_servers_clock(size: int, how: dict[str, bool]) -> None:
    world, people = playing(size)
    person = people[0]
    focus(person, **how)
    assert world.row(person)["focused"] is False
    world.run(2.9)
    assert not warnings(person)
    world.run(0.2)
    assert len(warnings(person)) == 1 and world.row(person)["warnings"] == 1
    world.run(6.8)
    assert person.state == "playing"
    world.run(0.2)
    assert (person.state, world.row(person)["reason"]) == ("excluded", "page hidden or left")


def test_coming_back_in_time_stops_the_clock_and_the_next_time_warns_again() -> None:
    world, (person,) = playing(1)
    for _ in range(2):
        focus(person)
        world.run(5)
        focus(person, hidden=False)
        world.run(10)
    assert person.state == "playing"
    assert len(warnings(person)) == 2
    assert [record.body["hidden"] for record in world.records("focus")] == [True, False] * 2


def test_hidden_before_play_counts_from_its_begin() -> None:
    scene = game("match", 1)
    world = World(make(StaticScene("read"), scene, EndScene("end")))
    (person,) = world.arrive()
    focus(person)
    world.run(60)
    person.advance()
    person.ready()
    world.run(9.9)
    assert person.state == "playing"
    world.run(0.2)
    assert person.state == "excluded"


def test_the_rules_can_be_switched_off() -> None:
    off = {"hidden_warn_s": None, "hidden_exclude_s": None}
    world, (person,) = playing(1, monitoring=off)
    focus(person)
    world.run(100)
    assert person.state == "playing" and not warnings(person)


def test_looking_away_for_too_long_gives_up_the_seat_of_a_match() -> None:
    off = {"hidden_warn_s": None, "hidden_exclude_s": None}
    options = {"monitoring": off, "focus": {"timeout_s": 30}, "reconnection": {"on_timeout": "default_action"}}
    world, (a, b) = playing(2, **options)
    focus(a)
    world.run(29.9)
    assert {a.state, b.state} == {"playing"}
    world.run(0.2)
    assert (a.scene, b.state) == ("next", "playing")
    assert set(b.last("match_state").substitutes.values()) == {"default"}


def test_the_partner_can_be_paused_meanwhile() -> None:
    off = {"hidden_warn_s": None, "hidden_exclude_s": None}
    world, (a, b) = playing(2, monitoring=off, focus={"timeout_s": 30, "pause_partner": True})
    focus(a)
    assert {a.state, b.state} == {"paused"}
    focus(a, hidden=False)
    assert {a.state, b.state} == {"playing"}
    focus(a)
    world.run(31)
    assert {a.scene, b.scene} == {"next"}


def test_a_page_that_told_of_its_going_as_it_was_loaded_anew_holds_up_nobody() -> None:
    world, (a, b) = playing(2, focus={"timeout_s": 30, "pause_partner": True})
    for person in (a, b, a):
        focus(person)
        person.reload()
        assert {a.state, b.state} == {"paused"} and world.row(person)["focused"]
        person.ready()
        for one, other in ((a, b), (b, a)):
            one.link(other)
        assert {a.state, b.state} == {"playing"}
    world.run(40)
    assert {a.state, b.state} == {"playing"}
    focus(a)
    a.reload()
    focus(a)
    a.ready()
    a.link(b)
    b.link(a)
    assert {a.state, b.state} == {"paused"}, "a page may be loaded anew where nobody looks"


def test_the_one_who_looked_away_is_told_that_the_game_went_on() -> None:
    world, (a, _) = playing(2)
    focus(a)
    world.run(1)
    focus(a, hidden=False)
    assert a.last("notice").text == "The game goes on without you. Click here to return."


# Inactivity


def test_no_input_warns_and_then_excludes() -> None:
    world, (person,) = playing(1, monitoring={"inactivity_warn_s": 10, "inactivity_exclude_s": 20})
    world.run(9)
    person.say("activity", at_ms=0.0)
    world.run(9.9)
    assert not warnings(person)
    world.run(0.2)
    assert len(warnings(person)) == 1
    person.say("activity", at_ms=0.0)
    world.run(10.1)
    assert len(warnings(person)) == 2
    world.run(10)
    assert (person.state, world.row(person)["reason"]) == ("excluded", "no input")


def test_a_pause_is_no_inactivity() -> None:
    world, people = playing(2, monitoring={"inactivity_exclude_s": 20})
    world.command("pause_match", match=people[0].match)
    world.run(60)
    world.command("resume_match", match=people[0].match)
    world.run(15)
    assert {person.state for person in people} == {"playing"}
    world.run(20)
    assert "excluded" in {person.state for person in people}


# Frame rate


@pytest.mark.parametrize(("what", "state", "warned"), [("record", "playing", 0), ("warn", "playing", 1)])
def test_a_low_frame_rate_is_recorded_and_by_option_warned(what: str, state: str, warned: int) -> None:
    world, (person,) = playing(1, monitoring={"on_low_fps": what})
    for _ in range(20):
        metrics(person, fps=20.0)
    assert (person.state, world.row(person)["warnings"]) == (state, warned)
    assert warnings(person) == [], "nobody can look after the computer in the middle of a game"
    assert len(world.records("low_fps")) == 1
    assert world.row(person)["fps"] == 20.0


def test_a_low_frame_rate_can_exclude_and_a_short_dip_does_not() -> None:
    world, (person,) = playing(1, monitoring={"on_low_fps": "exclude"})
    for fps in (20.0, 20.0, 20.0, 20.0, 29.0, 20.0, 20.0, 20.0, 20.0):
        metrics(person, fps=fps)
    assert person.state == "playing"
    metrics(person, fps=20.0)
    assert world.row(person)["reason"] == "frame rate too low"


def test_seconds_that_are_told_together_are_judged_one_after_the_other() -> None:
    world, (person,) = playing(1, monitoring={"on_low_fps": "exclude"})
    slow, quick = {"fps": 20.0}, {"fps": 29.0}
    person.measure(slow, slow, slow, slow, **quick)
    person.measure(slow, slow, **slow)
    assert person.state == "playing" and world.row(person)["fps"] == 20.0
    person.measure(slow, **slow)
    assert world.row(person)["reason"] == "frame rate too low"


def test_nonsense_in_metrics_is_kept_but_not_judged() -> None:
    world, (person,) = playing(1)
    for value in ("fast", None, True, {}):
        metrics(person, fps=value)
    assert world.row(person)["fps"] is None
    assert len(world.records("metrics")) == 4


# The researcher's own rule


def with_rule(size: int = 1) -> tuple[World, list[Person]]:
    monitoring = {"continuous_callback": rule, "callback_every_frames": 60}
    return playing(size, monitoring=monitoring)


def test_the_own_rule_is_asked_every_so_many_frames_and_never_twice_at_once() -> None:
    world, (person,) = with_rule()
    metrics(person, fps=30.0)
    assert not world.asked("continuous"), "no frame yet"
    person.rows(30)
    metrics(person, fps=30.0)
    (ask,) = world.asked("continuous")
    assert (ask.function, ask.context["frame"], ask.context["fps"]) == ("scenes.match.continuous_callback", 29, 30.0)
    person.rows(90, first=30)
    metrics(person, fps=30.0)
    assert len(world.asked("continuous")) == 1
    world.answer("continuous", None)
    metrics(person, fps=30.0)
    assert len(world.asked("continuous")) == 2
    world.answer("continuous", {"message": "Well done"})
    metrics(person, fps=30.0)
    assert len(world.asked("continuous")) == 2, "not before 60 further frames"
    assert person.last("notice").text == "Well done"


def test_the_own_rule_warns_and_excludes() -> None:
    world, (a, b) = with_rule(2)
    a.rows(30)
    metrics(a, fps=30.0)
    world.answer("continuous", {"warn": True, "message": "Careful"})
    assert warnings(a) == ["Careful"]
    a.rows(90, first=30)
    metrics(a, fps=30.0)
    world.answer("continuous", {"exclude": True, "message": "Too many errors"})
    assert a.state == "excluded" and "Too many errors" in a.last("closed").body
    assert b.scene == "next"
    assert world.row(a)["reason"] == "callback: scenes.match.continuous_callback"


@pytest.mark.parametrize("value", ["nonsense", 5, ["exclude"]])
def test_a_wrong_answer_of_the_own_rule_is_shown_and_harms_nobody(value: Any) -> None:
    world, (person,) = with_rule()
    person.rows(30)
    metrics(person, fps=30.0)
    world.answer("continuous", value)
    assert person.state == "playing"
    assert "unusable" in world.problems()[0].title


def test_a_hanging_own_rule_is_given_up_and_asked_again() -> None:
    world, (person,) = with_rule()
    person.rows(30)
    metrics(person, fps=30.0)
    world.run(5.1)
    assert "failed" in world.problems()[0].title
    person.rows(60, first=30)
    metrics(person, fps=30.0)
    assert len(world.asked("continuous")) == 2
    person.game_over()
    world.answer("continuous", {"exclude": True})
    assert person.state == "in_scene", "the game it was about is over"


def test_metrics_outside_a_match_are_refused() -> None:
    world = World(make(StaticScene("read"), EndScene("end")))
    (person,) = world.arrive()
    assert person.refused("metrics", visit=1, match="m001", samples=[{"age_ms": 0.0, "values": {}}]) == "out_of_state"


def test_rules_that_fire_after_the_game_do_nothing() -> None:
    world, (person,) = playing(1, monitoring={"inactivity_warn_s": 10, "inactivity_exclude_s": 20})
    focus(person)
    person.game_over()
    world.run(60)
    assert (person.state, person.scene) == ("in_scene", "next")
