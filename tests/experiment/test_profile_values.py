"""What a profile does not name stays: in tables, in groups, in texts by language."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from igym import (
    ChatScene,
    ChoiceField,
    Design,
    EndScene,
    Experiment,
    Form,
    GymScene,
    Human,
    PerEpisode,
    Random,
    Stager,
    StaticScene,
    Value,
)
from igym.experiment.check_files import with_profile
from igym.experiment.errors import ExperimentError
from igym.experiment.words import Words
from igym.protocol.profile_tables import LEFT_OUT, apart, on_top

CODE = "def make_env(**config):\n    return None\n"


def study() -> Experiment:
    game = (
        GymScene("game")
        .environment(code=CODE, config={"size": Value("size"), "wind": PerEpisode(["calm", "gusts"]), "goal": 3})
        .policies({0: Human, 1: Human, 2: Random})
        .gameplay(
            action_mapping={"ArrowUp": 1, "Space": 2, ("a", "b"): 3},
            feedback={"g": 1, "h": -1},
            per_agent={0: {"default_action": 1}, 1: {"default_action": 2}},
        )
        .matchmaking(seat_by="answers.about.end", seats={"left": "0", "right": "1"})
        .content(start_label={"en": "Start", "de": "Los"})
    )
    about = Form("about", questions=[ChoiceField("end", "Which end?", choices=["left", "right"])])
    return Experiment(
        "study",
        languages=("en", "de"),
        design=Design({"size": ["small", "large"], "light": ["on", "off"]}, cell_limit=20, assign="game"),
        participant_ids={"mode": "link", "link_parameters": ["who"]},
        entry_screening={"messages": {"ping": "Too slow.", "device": "A computer, please."}},
        returns={"finished": {"code": "DONE", "message": "Thanks"}},
        stager=Stager(
            [StaticScene("page", header="Hello", metadata={"wave": 1, "lab": "A"}), about, game, EndScene("end")]
        ),
    )


def changed(profile: str) -> Experiment:
    return with_profile(study(), tomllib.loads(profile))


def game_of(profile: str) -> GymScene:
    scene = changed(profile).scene("game")
    assert isinstance(scene, GymScene)
    return scene


def test_a_config_keeps_what_conditions_and_episodes_decide() -> None:
    options = game_of("scenes.game.environment.config.goal = 9").environment_options
    assert options.config["goal"] == 9
    assert (options.values["size"].name, options.per_episode["wind"].values) == ("size", ["calm", "gusts"])
    replaced = game_of('[scenes.game.environment.config]\nwind = "calm"\nsize = "(left out)"').environment_options
    assert replaced.config == {"wind": "calm", "goal": 3}


def test_every_other_table_keeps_its_names_too() -> None:
    game = game_of(
        """
        scenes.game.gameplay.action_mapping = {ArrowUp = 5, w = 6}
        scenes.game.gameplay.feedback = {h = -2}
        scenes.game.gameplay.per_agent.1 = {default_action = 7}
        scenes.game.policies.mapping.2 = {kind = "python", function = "bots.py:act"}
        scenes.game.matchmaking.seats = {right = "0"}
        scenes.game.content.start_label = {de = "Auf geht’s"}
        """
    )
    plays = game.gameplay_options
    assert [(held.keys, held.action) for held in plays.action_mapping] == [
        (("ArrowUp",), 5),
        (("Space",), 2),
        (("a", "b"), 3),
        (("w",), 6),
    ]
    assert plays.feedback == {"g": 1, "h": -2}
    assert {agent: own.default_action for agent, own in plays.per_agent.items()} == {0: 1, 1: 7}
    kinds = {agent: policy.kind for agent, policy in game.policies_options.mapping.items()}
    assert kinds == {0: "human", 1: "human", 2: "python"}
    assert game.matchmaking_options.seats == {"left": "0", "right": "0"}
    assert game.content_options.start_label == Words({"en": "Start", "de": "Auf geht’s"})


def test_the_whole_experiment_keeps_what_is_not_named() -> None:
    after = changed(
        """
        experiment.design.cell_limit = 5
        experiment.design.factors.light = ["on", "off", "dim"]
        experiment.returns.finished.message = {de = "Danke"}
        experiment.screening.messages.ping = "Try a cable."
        experiment.participant_ids.signed_only = true
        scenes.page.scene.metadata.wave = 2
        scenes.page.scene.header = {de = "Hallo"}
        """
    )
    assert after.design.factors == {"size": ("small", "large"), "light": ("on", "off", "dim")}
    assert (after.design.cell_limit, after.design.assign) == (5, "game")
    assert after.returns.finished.code == "DONE"
    # A plain text is one in the study's first language: whoever reads that keeps it.
    assert after.returns.finished.message == Words({"en": "Thanks", "de": "Danke"})
    assert after.scene("page").header == Words({"en": "Hello", "de": "Hallo"})
    assert after.screening.messages == {"ping": "Try a cable.", "device": "A computer, please."}
    ids = after.participant_ids
    assert (ids.mode, ids.link_parameters, ids.signed_only) == ("link", ("who",), True)
    assert after.scene("page").metadata == {"wave": 2, "lab": "A"}


def test_a_design_is_taken_away_by_its_factors_alone() -> None:
    after = changed('[experiment.design.factors]\nsize = "(left out)"\nlight = "(left out)"\n'
                    '[scenes.game.environment.config]\nsize = "large"')  # fmt: skip
    assert after.design.factors == {} and after.scene("game").environment_options.config["size"] == "large"  # type: ignore[attr-defined]


def test_a_scene_may_read_a_factor_that_the_profile_adds() -> None:
    after = changed(
        """
        experiment.design.factors.noise = ["none", "some"]
        scenes.game.environment.config.noise = {"$value" = "noise"}
        """
    )
    assert list(after.design.factors) == ["size", "light", "noise"]


def test_a_list_and_a_thing_with_parts_are_replaced_as_a_whole() -> None:
    chat = ChatScene("talk").display(phrases=["Yes", "No"])
    before = Experiment("study", stager=Stager([chat, EndScene("end")]))
    after = with_profile(before, {"scenes": {"talk": {"scene": {"phrases": ["Perhaps"]}}}})
    assert after.scene("talk").phrases == ("Perhaps",)  # type: ignore[attr-defined]
    mapping = [{"agent": 0, "policy": {"kind": "human"}}]
    with pytest.raises(ExperimentError, match="names 1, which no participant plays"):
        with_profile(study(), {"scenes": {"game": {"policies": {"mapping": mapping}}}})


@pytest.mark.parametrize(
    ("profile", "text"),
    [
        ('scenes.game.environment.config.wnd = "(left out)"', 'environment: config: there is no entry "wnd". Did you'),
        ('experiment.design.factors.siz = "(left out)"', 'design: factors: there is no entry "siz". Did you mean "siz'),
        ("experiment.design.cell_limits = 3", 'experiment: design: there is no option "cell_limits"'),
    ],
)
def test_what_is_not_there_cannot_be_left_out_or_changed(profile: str, text: str) -> None:
    with pytest.raises(ExperimentError) as caught:
        changed(profile)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("table", "wanted", "said"),
    [
        ({}, {"a": 1}, {"a": 1}),
        ({"a": 1, "b": [1]}, {"b": [1], "c": None}, {"c": None, "a": LEFT_OUT}),
        ({"a": 1}, {"a": True}, {"a": True}),
        ({"a": {"$value": "size"}, "b": 2}, {"a": {"$value": "size"}, "b": 3}, {"b": 3}),
        ({"a": 1, "b": 2}, {}, {"a": LEFT_OUT, "b": LEFT_OUT}),
    ],
)
def test_what_a_profile_keeps_of_a_table_gives_it_back(
    table: dict[str, Any], wanted: dict[str, Any], said: dict[str, Any]
) -> None:
    assert repr(apart(table, wanted)) == repr(said)
    assert on_top(table, said) == wanted
