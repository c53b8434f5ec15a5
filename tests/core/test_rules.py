"""Branches by rules and payment by rule: the session decides itself, from what it knows, without a function."""

from __future__ import annotations

from typing import Any

import pytest

from igym.core.events import Answered
from igym.experiment.errors import ExperimentError
from igym.experiment.rules import Facts, When
from igym.experiment.scenes import EndScene, Form, StaticScene
from igym.experiment.scenes.fields import ChoiceField, NumberField
from igym.experiment.stager import Branch, RandomizeOrder, Repeat
from tests.core.experiments import game, make
from tests.core.world import Person, World, start_playing

ASKED = Form("ask").display(questions=[ChoiceField("more", choices=["yes", "no"]), NumberField("age", required=False)])


def hook(context: Any) -> None: ...


def branch(*rules: When, otherwise: str | None = "no") -> Branch:
    return Branch(list(rules), {"yes": StaticScene("long"), "no": StaticScene("short")}, otherwise=otherwise)


def answered(world: World, **values: Any) -> Person:
    (person,) = world.arrive()
    world.answer_all()
    person.send_answers(**values)
    return person


@pytest.mark.parametrize(("more", "scene"), [("yes", "long"), ("no", "short")])
def test_a_branch_follows_its_rules_and_asks_nobody(more: str, scene: str) -> None:
    world = World(make(ASKED, branch(When("yes", "answer", "ask.more", "is", "yes")), EndScene("end")))
    person = answered(world, more=more)
    assert person.scene == scene
    assert world.asked("branch") == []
    assert [record.body["choice"] for record in world.records("branch")] == ["yes" if more == "yes" else "no"]
    assert world.replayed().view(world.now) == world.session.view(world.now)


def test_without_a_rule_that_holds_and_another_way_it_is_passed_by() -> None:
    world = World(make(ASKED, branch(When("yes", "answer", "ask.age", "more_than", 17), otherwise=None), EndScene("e")))
    assert answered(world, more="yes").state == "finished"
    assert answered(world, more="yes", age=18).scene == "long"


def test_rules_see_what_functions_asked_before_them_returned() -> None:
    rules = branch(When("yes", "global", "rich", "is", True))
    world = World(make(ASKED, rules, EndScene("end"), callbacks={"on_answers": hook}))
    person = answered(world, more="no")
    assert person.state == "in_scene"
    world.do(Answered(world.asked("on_answers")[-1].question_id, {"globals": {"rich": True}}, None))
    assert person.scene == "long"


def test_rules_see_conditions_and_what_came_first_in_a_random_order() -> None:
    order = RandomizeOrder([StaticScene("a"), StaticScene("b")], keep_n=1, id="cell")
    rules = [When("yes", "condition", "cell", "is", "a"), When("no", "condition", "cell", "is", "b")]
    world = World(make(order, branch(*rules, otherwise=None), EndScene("end")))
    for person in world.arrive(6):
        first = person.scene
        person.advance()
        assert person.scene == {"a": "long", "b": "short"}[str(first)]


def test_rules_see_the_score_of_a_game() -> None:
    world = World(make(game("play", 2), branch(When("yes", "score", "play", "at_least", 2)), EndScene("end")))
    a, b = world.arrive(2)
    start_playing(world, [a, b])
    for person in (a, b):
        person.say("episode_started", visit=person.visit, match=person.match, episode=0)
        person.rows(30)
    for person in (a, b):
        person.end_episode(30, scores={"left": 2.0, "right": 1.0})
    for person in (a, b):
        person.game_over()
    assert {str(a.scene), str(b.scene)} == {"long", "short"}


@pytest.mark.parametrize(
    ("test", "value", "found", "holds"),
    [
        ("is", "yes", "yes", True), ("is", 3, "3", True), ("is", "3", 3.0, True), ("is", True, True, True),
        ("is", True, 1, False), ("is", "a", ["a"], True), ("is", "a", ["a", "b"], False), ("is", "yes", None, False),
        ("is_not", "yes", "no", True), ("is_not", "yes", None, False), ("contains", "a", ["a", "b"], True),
        ("contains", "cat", "A Cat", True), ("contains", "dog", "a cat", False), ("at_least", 3, 3, True),
        ("at_most", 3, 4, False), ("more_than", 3, 3, False), ("less_than", 3, "2.5", True),
        ("less_than", 3, "x", False),
    ],
)  # fmt: skip
def test_each_test_of_a_rule(test: str, value: Any, found: Any, holds: bool) -> None:
    rule = When("x", "answer", "s.q", test, value)
    assert rule.holds(Facts(answers={"s": {"q": found}})) is holds
    assert rule.holds(Facts()) is False


def test_the_last_round_of_a_repeated_question_counts() -> None:
    rule = When("x", "answer", "s.q", "is", "b")
    assert rule.holds(Facts(answers={"s_r1": {"q": "a"}, "s_r2": {"q": "b"}}))
    assert not rule.holds(Facts(answers={"s_r1": {"q": "b"}, "s_r2": {"q": "a"}, "s_round": {"q": "b"}}))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            When("yes", "answer", "ask.mroe", "is", "x"),
            'no scene gives the answer "ask.mroe". Did you mean "ask.more"?',
        ),
        (When("yes", "score", "ask", "is", 1), 'no scene gives the score "ask"'),
        (When("yse", "global", "x", "is", 1), 'names the option "yse", which there is not. Did you mean "yes"?'),
    ],
)
def test_a_rule_that_can_never_hold_is_refused(rule: When, words: str) -> None:
    with pytest.raises(ExperimentError) as told:
        make(ASKED, branch(rule), EndScene("end"))
    assert words in told.value.text


def test_a_branch_has_a_function_or_rules() -> None:
    with pytest.raises(ExperimentError, match="not both"):
        Branch(hook, {"a": StaticScene("x")}, otherwise="a")
    with pytest.raises(ExperimentError, match="nothing chooses"):
        Branch(options={"a": StaticScene("x")})


PAYMENT = {"currency": "EUR", "show_up": 2, "base": 3, "per_point": 0.5, "per_round": 0.25}


def earnings(world: World, person: Person) -> dict[str, Any]:
    return world.records("earnings", person.id)[-1].body


def played(payment: dict[str, Any]) -> tuple[World, Person, Person]:
    """Two people play one round; the first finishes, the second is sent away on the last page."""
    rounds = Repeat([game("play", 2)], n=1)
    world = World(make(rounds, StaticScene("last"), EndScene("end"), payment=payment))
    a, b = world.arrive(2)
    start_playing(world, [a, b])
    for person in (a, b):
        person.say("episode_started", visit=person.visit, match=person.match, episode=0)
        person.rows(30)
    for person in (a, b):
        person.end_episode(30, scores={"left": 4.0, "right": -2.0})
    for person in (a, b):
        person.game_over()
    a.advance()
    world.command("exclude", participant=b.id)
    return world, a, b


def test_everybody_is_paid_by_the_rule_however_it_ended() -> None:
    world, a, b = played(PAYMENT)
    paid, left = earnings(world, a), earnings(world, b)
    assert {paid["amount"], left["amount"]} in ({7.25, 1.25}, {4.25})
    assert (paid["currency"], paid["by"]) == ("EUR", "payment")
    assert paid["reasons"][:2] == ["2.00 for coming", "3.00 for finishing"]
    assert "3.00 for finishing" not in left["reasons"]
    assert world.asked("on_payment") == []


@pytest.mark.parametrize(
    ("payment", "least", "most"),
    [
        ({"per_point": 1}, 0, 4), ({"per_point": 1, "least": 3}, 3, 4), ({"per_round": 9, "most": 5}, 5, 5),
        ({"show_up": 1.239, "decimals": 1}, 1.2, 1.2), ({"per_round": 2, "show_up": 1, "games": ["play"]}, 3, 3),
    ],
)  # fmt: skip
def test_limits_rounding_and_games_that_count(payment: dict[str, Any], least: float, most: float) -> None:
    world, a, b = played(payment)
    assert sorted(earnings(world, person)["amount"] for person in (a, b)) == [least, most]


def test_games_that_do_not_count_earn_nothing() -> None:
    scenes = (game("warm_up", 1), game("play", 1), EndScene("end"))
    experiment = make(*scenes, payment={"per_round": 2, "games": ["play"]})
    episodes = [{"scene": scene, "agent": "left", "scores": {}} for scene in ("warm_up", "play", "play_r2")]
    assert experiment.payment.earned(episodes, finished=False) == (4.0, ["4.00 for 2 rounds"])


def test_without_a_rule_nothing_is_written() -> None:
    world, a, _ = played({})
    assert world.records("earnings", a.id) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"payment": {"games": ["pley"]}}, 'Did you mean "play"?'),
        ({"payment": {"least": 3, "most": 2}}, "is more than most"),
        ({"payment": {"base": 1}, "callbacks": {"on_payment": hook}}, "not both"),
        ({"payment": {"bass": 1}}, 'Did you mean "base"?'),
    ],
)
def test_a_payment_that_cannot_be_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ExperimentError) as told:
        make(game("play", 1), EndScene("end"), **changes)
    assert words in told.value.text
