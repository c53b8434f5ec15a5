"""What an env is made with, where a condition, an answer or the episode decides it."""

from __future__ import annotations

from typing import Any

import pytest

from igym.experiment.design import Design
from igym.experiment.errors import ExperimentError
from igym.experiment.experiment import Experiment
from igym.experiment.options.config_values import PerEpisode, Value
from igym.experiment.scenes import EndScene, TextBox
from tests.core.experiments import game, make
from tests.core.world import World


def playing(config: dict[str, Any], *before: Any, players: int = 2, **options: Any) -> Experiment:
    scene = game("match", players).environment(code="env = 1", config=config).gameplay(num_episodes=5)
    return make(*before, scene, EndScene("end"), **options)


def fixed(world: World) -> dict[str, Any]:
    return dict(world.records("match_formed")[-1].body["fixed"])


def test_a_level_of_the_design_reaches_the_env_in_the_type_it_was_written_in() -> None:
    design = Design({"speed": [0.5, 2.0]}, per="group", assign="match")
    world = World(playing({"speed": Value("speed"), "size": 3}, design=design))
    people = world.arrive(2)
    (drawn,) = {world.session.state.participants[person.id].conditions["speed"] for person in people}
    assert fixed(world)["config"] == {"speed": float(drawn)}
    spec = people[0].last("scene").match
    assert spec.fixed["config"] == fixed(world)["config"], "what is recorded is what each browser is told"


def test_an_answer_and_a_global_reach_the_env() -> None:
    config = {"word": Value("answers.ask.text"), "level": Value("level"), "hints": Value("hints", default=2)}
    world = World(playing(config, TextBox("ask", question="Which?"), players=1))
    (person,) = world.arrive()
    person.say("globals_set", values={"level": 7})
    person.send_answers(text="red")
    assert fixed(world)["config"] == {"word": "red", "level": 7}
    assert not world.problems()


def test_a_game_of_several_knows_the_shared_values_that_all_of_them_have_alike() -> None:
    world = World(playing({}, TextBox("ask", question="Which?")))
    people = world.arrive(2)
    for number, person in enumerate(people):
        person.say("globals_set", values={"level": 7, "name": f"p{number}", "one": number == 1, f"only{number}": 1})
        person.send_answers(text="x")
    world.run(1)
    assert fixed(world)["globals"] == {"level": 7}
    assert fixed(world)["apart"] == ["name", "one", "only0", "only1"]
    assert people[0].last("scene").match.fixed == fixed(world)


def test_who_plays_alone_keeps_all_their_values() -> None:
    world = World(playing({}, TextBox("ask", question="Which?"), players=1))
    (person,) = world.arrive()
    person.say("globals_set", values={"level": 7})
    person.send_answers(text="x")
    assert not {"globals", "apart"} & fixed(world).keys()


def test_people_who_disagree_are_named_and_the_first_counts() -> None:
    world = World(playing({"level": Value("level")}, TextBox("ask", question="Which?")))
    people = world.arrive(2)
    for number, person in enumerate(people):
        person.say("globals_set", values={"level": number})
        person.send_answers(text="x")
    world.run(1)
    seated = [seat["participant"] for seat in world.records("match_formed")[0].body["players"]]
    first = [person.id for person in people].index(seated[0])
    assert fixed(world)["config"] == {"level": first}
    (problem,) = world.problems()
    assert "disagree" in problem.title and people[0].id in problem.text and people[1].id in problem.text


def test_a_value_that_nobody_has_is_named() -> None:
    world = World(playing({"level": Value("level")}, players=1))
    world.arrive()
    assert fixed(world)["config"] == {}
    assert "nobody in the match has" in world.problems()[0].text
    (row,) = world.view()["problems"]
    assert (row["match"], row["game_fails"]) == ("m001", False), "the game goes on without the value"


def test_each_episode_has_its_own_value_listed_or_in_drawn_orders() -> None:
    config = {"layout": PerEpisode(["a", "b"]), "wind": PerEpisode([1, 2, 3], order="random")}
    world = World(playing(config, players=1))
    world.arrive(6)
    each = [record.body["fixed"]["episode_config"] for record in world.records("match_formed")]
    assert all([episode["layout"] for episode in episodes] == ["a", "b", "a", "b", "a"] for episodes in each)
    winds = [tuple(episode["wind"] for episode in episodes) for episodes in each]
    assert all(sorted(wind[:3]) == [1, 2, 3] for wind in winds)
    assert len(set(winds)) > 1, "drawn anew for each match"


def test_a_scene_without_such_values_settles_nothing() -> None:
    world = World(playing({"size": 3}, players=1))
    world.arrive()
    assert {"config", "episode_config"}.isdisjoint(fixed(world))


def test_values_are_stored_with_the_study_and_tried_by_their_defaults() -> None:
    config = {"size": 3, "level": Value("level", default=1), "mode": Value("mode"), "layout": PerEpisode(["a", "b"])}
    scene = Experiment.from_json(playing(config).to_json()).games[0]
    assert scene.environment_options.values == {"level": Value("level", 1), "mode": Value("mode")}
    spec = scene.client_spec()["environment"]
    assert (spec["config"], spec["episode_config"]) == ({"size": 3, "level": 1}, {"layout": "a"})


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"x": {"$value": "a", "defualt": 1}}, 'no "defualt"'),
        ({"x": {"$per_episode": []}}, "needs a list of values"),
        ({"x": {"$per_episode": [1], "order": "shuffled"}}, "order="),
    ],
)
def test_a_value_that_cannot_be_read_is_named(config: dict[str, Any], text: str) -> None:
    with pytest.raises(ExperimentError, match=text):
        playing(config)
