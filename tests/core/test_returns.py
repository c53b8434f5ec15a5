"""One place says where people go by how their part ended: a code, an address, last words."""

from __future__ import annotations

from typing import Any

import pytest

from igym.experiment.design import Design
from igym.experiment.errors import ExperimentError
from igym.experiment.experiment import Experiment
from igym.experiment.participation import EntryScreening
from igym.experiment.returns import OUTCOMES, Returns
from igym.experiment.rules import Until
from igym.experiment.scenes import CompletionCodeScene, EndScene, Form, NumberField, StartScene
from igym.experiment.stager import Repeat
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
    "timed_out": (timed_out, study(game("match", 2).waitroom(timeout_s=60))),
    "partner_left": (partner_left, study(game("match", 2).multiplayer(reconnection={"completion_code": True}))),
}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_each_outcome_leads_where_the_experiment_says(outcome: str) -> None:
    way, experiment = WAYS[outcome]
    person = way(World(experiment))
    page = person.last("closed")
    assert page.code == f"C-{outcome}"
    assert page.redirect_url == f"https://example.org/{outcome}?cc=C-{outcome}&who={person.id}"
    words = f"<p>Words for {outcome}.</p>"
    # Why somebody is not let in is said by the rule that keeps them out, before the words for all of them.
    assert page.body == words or (outcome == "screened_out" and "browser" in page.body and page.body.endswith(words))


PRACTICE = Repeat(
    [Form("try", questions=[NumberField("moves")])],
    until=Until("answer", "try.moves", "at_least", 9),
    at_most=1,
    otherwise="exclude",
)


def too_slow(world: World) -> Person:
    (person,) = world.arrive()
    person.ready()
    person.rtt_ms = 150.0
    world.run(6.1)
    return person


OWN = "Words of this occasion."


OCCASIONS: dict[str, tuple[str, Any, Experiment, Experiment]] = {
    "practice": (
        "failed_check", failed_check, study(PRACTICE), study(PRACTICE.model_copy(update={"failed_message": OWN})),
    ),
    "slow": (
        "excluded", too_slow, study(game("match", 1).multiplayer(monitoring={"max_ping_ms": 100})),
        study(game("match", 1).multiplayer(monitoring={"max_ping_ms": 100, "exclusion_message": OWN})),
    ),
    "wait": (
        "timed_out", timed_out, study(game("match", 2).waitroom(timeout_s=60)),
        study(game("match", 2).waitroom(timeout_s=60, timeout_message=OWN)),
    ),
    "lost": (
        "partner_left", partner_left,
        study(game("match", 2).multiplayer(reconnection={"completion_code": True})),
        study(game("match", 2).multiplayer(reconnection={"completion_code": True, "message": OWN})),
    ),
}  # fmt: skip


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_the_experiments_words_come_before_built_in_ones_and_after_those_of_the_occasion(occasion: str) -> None:
    outcome, way, plain, own = OCCASIONS[occasion]
    assert way(World(plain)).last("closed").body == f"<p>Words for {outcome}.</p>"
    assert way(World(own)).last("closed").body == f"<p>{OWN}</p>"
    silent = way(World(plain.model_copy(update={"returns": Returns()}))).last("closed").body
    assert silent and "Words" not in silent


def test_whoever_finds_no_place_reads_why_and_then_the_experiments_words() -> None:
    design = Design({"size": ["small", "large"]}, cell_limit=1)
    page = World(study(design=design)).arrive(3)[2].last("closed")
    why, words = page.body.split("</p><p>")
    assert "places" in why and words == "Words for screened_out.</p>"
    told = World(study(design=design.model_copy(update={"full_message": OWN}))).arrive(3)[2].last("closed")
    assert told.body == f"<p>{OWN}</p>"


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
