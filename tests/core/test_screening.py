"""Who may take part: order, limits, messages, and what is kept."""

from __future__ import annotations

from typing import Any

import pytest

from igym.core.screening import browser_name, is_mobile
from igym.experiment.scenes import EndScene, StartScene
from igym.protocol.client import Browser
from tests.core.experiments import make
from tests.core.world import DESKTOP, Person, World, browser

PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15"
EDGE = DESKTOP + " Edg/140.0"
OPERA = DESKTOP + " OPR/120.0"


def screened(looks: dict[str, Any] | None = None, rtt_ms: float = 10.0, **rules: Any) -> tuple[World, Person]:
    options = {key: rules.pop(key) for key in ("callbacks",) if key in rules}
    world = World(make(StartScene("start"), EndScene("end"), entry_screening=rules, **options))
    person = world.join()
    person.rtt_ms = rtt_ms
    person.open(**(looks or {}))
    return world, person


@pytest.mark.parametrize(
    ("agent", "name"),
    [(DESKTOP, "chrome"), (FIREFOX, "firefox"), (SAFARI, "safari"), (EDGE, "edge"), (OPERA, "opera"), ("x", "other")],
)
def test_browsers_are_told_apart(agent: str, name: str) -> None:
    assert browser_name(agent) == name


def test_devices_are_told_apart() -> None:
    def looks(agent: str, touch: bool = False) -> Browser:
        return Browser.model_validate(browser(user_agent=agent, touch=touch))

    assert not is_mobile(looks(DESKTOP)) and not is_mobile(looks(DESKTOP, touch=True))
    assert is_mobile(looks(PHONE, touch=True))
    assert is_mobile(looks(SAFARI, touch=True)), "an iPad says it is a Mac"


@pytest.mark.parametrize(
    ("rules", "looks", "reason"),
    [
        ({"device": "desktop"}, {"user_agent": PHONE}, "device"),
        ({"device": "mobile"}, {}, "device"),
        ({"min_screen": (1024, 700)}, {"screen_width": 800}, "screen"),
        ({"min_screen": (1024, 700)}, {"screen_height": 600}, "screen"),
        ({"browsers_blocked": ("chrome",)}, {}, "browser"),
        ({"browsers_allowed": ("firefox",)}, {}, "browser"),
    ],
)
def test_each_rule_excludes_with_its_page(rules: dict[str, Any], looks: dict[str, Any], reason: str) -> None:
    world, person = screened(looks, **rules)
    assert person.state == "screened_out"
    closed = person.last("closed")
    assert closed.outcome == "screened_out" and len(closed.body) > 20
    assert world.row(person)["reason"] == f"screening: {reason}"
    (record,) = world.records("screened")
    assert (record.body["passed"], record.body["reason"]) == (False, reason)


def test_the_first_failure_in_the_fixed_order_counts() -> None:
    looks = {"user_agent": PHONE, "screen_width": 300}
    rules = {"device": "desktop", "min_screen": (1024, 700), "browsers_blocked": ("chrome",)}
    world, _ = screened(looks, **rules)
    assert world.records("screened")[0].body["reason"] == "device"
    world, _ = screened(looks, **(rules | {"device": "any"}))
    assert world.records("screened")[0].body["reason"] == "screen"


def test_the_researchers_message_is_shown() -> None:
    _, person = screened({"user_agent": PHONE}, device="desktop", messages={"device": "Bitte am Computer."})
    assert person.last("closed").body == "<p>Bitte am Computer.</p>"


def test_what_was_measured_is_kept_for_those_who_pass_too() -> None:
    world, person = screened(min_screen=(800, 600))
    assert person.state == "in_scene"
    body = world.records("screened")[0].body
    assert (body["passed"], body["device"], body["browser"], body["width"]) == (True, "desktop", "chrome", 1600)
    assert world.row(person)["browser"] == "chrome"


@pytest.mark.parametrize(("rtt_ms", "state"), [(80.0, "in_scene"), (80.1, "screened_out")])
def test_the_median_ping_decides_and_equal_is_accepted(rtt_ms: float, state: str) -> None:
    world, person = screened(rtt_ms=rtt_ms, max_ping_ms=80, min_ping_samples=3)
    assert person.state == "screening"
    world.run(4)
    assert person.state == "screening"
    world.run(3)
    assert person.state == state
    assert world.records("screened")[0].body["ping_ms"] == rtt_ms


def test_one_slow_ping_does_not_exclude() -> None:
    world, person = screened(max_ping_ms=80, min_ping_samples=3)
    for rtt_ms in (10.0, 900.0):
        person.rtt_ms = rtt_ms
        world.run(2)
    person.rtt_ms = 20.0
    world.run(3)
    assert person.state == "in_scene"


def test_it_is_decided_once_however_many_pings_come_later() -> None:
    world, person = screened(max_ping_ms=80, min_ping_samples=3)
    world.run(7)
    assert person.state == "in_scene"
    person.rtt_ms = 900.0
    world.run(60)
    assert len(world.records("screened")) == 1 and person.state == "in_scene"


def test_no_ping_answer_lets_in_after_the_limit() -> None:
    world, person = screened(max_ping_ms=80, min_ping_samples=3)
    person.frozen = True
    world.run(31)
    assert person.state == "in_scene"
    assert world.records("screened")[0].body["ping_ms"] is None


def test_a_reload_during_screening_goes_on_screening() -> None:
    world, person = screened(max_ping_ms=80, min_ping_samples=4)
    world.run(5)
    person.reload()
    assert person.state == "screening"
    world.run(5)
    assert person.state == "in_scene"
    assert len(world.records("screened")) == 1


def rule(context: Any) -> None: ...


def test_the_own_rule_excludes_with_its_message() -> None:
    world, person = screened(callback=rule)
    assert person.state == "screening"
    (ask,) = world.asked("screening")
    assert ask.function == "screening.callback" and ask.deadline == world.now + 5.0
    assert ask.context["screening"]["browser"] == "chrome"
    world.answer("screening", {"exclude": True, "message": "Come back tomorrow"})
    assert person.state == "screened_out"
    assert person.last("closed").body == "<p>Come back tomorrow</p>"


@pytest.mark.parametrize("value", [None, {}, {"exclude": False}])
def test_the_own_rule_lets_in(value: Any) -> None:
    world, person = screened(callback=rule)
    world.answer("screening", value)
    assert person.state == "in_scene"
    assert not world.problems()


def test_a_failing_slow_or_wrong_rule_lets_in_and_the_researcher_sees_it() -> None:
    world, person = screened(callback=rule)
    world.answer("screening", error={"type": "KeyError", "message": "x", "traceback": "tb", "file": "e.py", "line": 3})
    assert person.state == "in_scene"
    assert (world.problems()[0].text, world.problems()[0].traceback) == ("KeyError: x (e.py, line 3)", "tb")

    world, person = screened(callback=rule)
    world.run(4.9)
    assert person.state == "screening"
    world.run(0.2)
    assert person.state == "in_scene"
    assert "failed" in world.problems()[0].title
    world.answer("screening", {"exclude": True})
    assert person.state == "in_scene", "too late"

    world, person = screened(callback=rule)
    world.answer("screening", ["nonsense"])
    assert person.state == "in_scene"
    assert "unusable" in world.problems()[0].title


def test_the_entry_waits_for_hooks_that_may_set_globals() -> None:
    world, person = screened(callbacks={"on_join": rule, "on_screened": rule})
    assert person.state == "screening" and not world.asked("on_screened"), "one question after the other"
    world.answer("on_join", {"condition": {"colour": "red"}, "attributes": {"source": "lab"}})
    assert person.state == "screening"
    assert world.asked("on_screened")[0].context["conditions"] == {"colour": "red"}
    world.answer("on_screened", {"globals": {"screened": True}})
    assert person.state == "in_scene"
    assert person.last("scene").globals == {"screened": True, "colour": "red"}
    details = world.command("participant_details", participant=person.id).result
    assert (details["conditions"], details["attributes"]) == ({"colour": "red"}, {"source": "lab"})


def test_hooks_that_never_answer_hold_nobody_up_for_long() -> None:
    world, person = screened(callbacks={"on_join": rule, "on_screened": rule})
    world.run(10.1)
    assert person.state == "in_scene"
    assert len(world.problems()) == 2


def test_being_excluded_by_a_hook_at_the_door() -> None:
    world, person = screened(callbacks={"on_join": rule})
    world.answer("on_join", {"exclude": True, "message": "You were here before"})
    assert person.state == "excluded"
    assert "You were here before" in person.last("closed").body


def test_dropped_while_screening() -> None:
    world, person = screened(max_ping_ms=80, min_ping_samples=20)
    person.close()
    world.session._state.deadlines.cancel("screening", person.id)
    world.run(1900)
    assert person.state == "dropped"
    person.open()
    assert (person.state, person.last("closed").outcome) == ("dropped", "dropped")
