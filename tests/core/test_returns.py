"""One place says where people go by how their part ended: a code, an address, last words."""

from __future__ import annotations

from typing import Any

import pytest

from igym.experiment.errors import ExperimentError
from igym.experiment.experiment import Experiment
from igym.experiment.participation import EntryScreening
from igym.experiment.returns import OUTCOMES
from igym.experiment.scenes import CompletionCodeScene, EndScene, Form, NumberField, StartScene
from tests.core.experiments import game, make
from tests.core.match_play import lose
from tests.core.world import Person, World, start_playing

RETURNS: dict[str, Any] = {
    outcome: {
        "code": f"C-{outcome}",
        "redirect_url": f"https://example.org/{outcome}?cc={{code}}&who={{participant}}",
        "message": f"Words for {outcome}.",
    }
    for outcome in OUTCOMES
}


def study(*scenes: Any, **options: Any) -> Experiment:
    return make(*(scenes or (StartScene("start"),)), EndScene("end"), **{"returns": RETURNS, **options})


def finished(world: World) -> Person:
    (person,) = world.arrive()
    person.advance()
    return person


def screened_out(world: World) -> Person:
    person = world.join()
    person.open(user_agent="Mozilla/5.0 (X11; rv:140.0) Gecko/20100101 Firefox/140.0")
    return person


def excluded(world: World) -> Person:
    (person,) = world.arrive()
    world.command("exclude", participant=person.id)
    return person


def withdrawn(world: World) -> Person:
    (person,) = world.arrive()
    person.say("leave")
    return person


def dropped(world: World) -> Person:
    (person,) = world.arrive()
    person.close()
    world.run(4000)
    return person.open(loaded=False)


def unfinished(world: World) -> Person:
    (person,) = world.arrive()
    world.command("end_session")
    return person


def timed_out(world: World) -> Person:
    (person,) = world.arrive()
    world.run(400)
    return person


def partner_left(world: World) -> Person:
    pair = world.arrive(2)
    start_playing(world, pair)
    lose(pair[1], pair[:1])
    world.run(200)
    return pair[0]


def failed_check(world: World) -> Person:
    (person,) = world.arrive()
    person.send_answers(moves=2)
    return person


QUIZ = Form("quiz", questions=[NumberField("moves", correct=3)], check="once", otherwise="exclude")
WAYS: dict[str, tuple[Any, Experiment]] = {
    "finished": (finished, study()),
    "screened_out": (screened_out, study(entry_screening=EntryScreening(browsers_blocked=("firefox",)))),
    "failed_check": (failed_check, study(QUIZ)),
    "excluded": (excluded, study()),
    "withdrawn": (withdrawn, study()),
    "dropped": (dropped, study()),
    "unfinished": (unfinished, study()),
    "timed_out": (timed_out, study(game("match", 2).waitroom(timeout_s=60, timeout_message=""))),
    "partner_left": (
        partner_left,
        study(game("match", 2).multiplayer(reconnection={"completion_code": True, "message": ""})),
    ),
}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_each_outcome_leads_where_the_experiment_says(outcome: str) -> None:
    way, experiment = WAYS[outcome]
    person = way(World(experiment))
    page = person.last("closed")
    assert page.code == f"C-{outcome}"
    assert page.redirect_url == f"https://example.org/{outcome}?cc=C-{outcome}&who={person.id}"
    # Why somebody is not let in is said by the rule that keeps them out.
    assert page.body == f"<p>Words for {outcome}.</p>" or (outcome == "screened_out" and "browser" in page.body)


def test_a_page_of_the_study_comes_before_the_place_for_all() -> None:
    own = EndScene("end", header="Bye", body="<p>Own words</p>", redirect_url="https://own.example.org/?cc={code}")
    world = World(make(StartScene("start"), CompletionCodeScene("code", code="OWN"), own, returns=RETURNS))
    (person,) = world.arrive()
    person.advance()
    person.advance()
    page = person.last("closed")
    assert (page.code, page.redirect_url, page.body) == ("OWN", "https://own.example.org/?cc=OWN", "<p>Own words</p>")


def test_without_returns_nothing_leads_anywhere() -> None:
    page = excluded(World(study(returns={}))).last("closed")
    assert (page.code, page.redirect_url) == (None, None)


def test_a_text_alone_is_the_address() -> None:
    experiment = study(returns={"excluded": "https://example.org/"})
    assert excluded(World(experiment)).last("closed").redirect_url == "https://example.org/"


def test_an_outcome_that_there_is_not_is_named() -> None:
    with pytest.raises(ExperimentError, match='"timeout"'):
        study(returns={"timeout": "https://example.org/"})
