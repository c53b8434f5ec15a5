"""The whole experiment: stored, described, shown as a form, and changed by profiles."""

from __future__ import annotations

import json
from typing import Any

import pytest

from igym import (
    Axis,
    Block,
    Branch,
    CompletionCodeScene,
    EndScene,
    EntryScreening,
    Experiment,
    ExperimentError,
    GymScene,
    Human,
    Matchmaker,
    Onnx,
    Pointer,
    Random,
    RandomizeOrder,
    Repeat,
    Stager,
    StartScene,
    StaticScene,
    TextBox,
)
from igym.experiment.check_files import with_profile
from igym.experiment.form import describe_experiment, form_schema
from igym.experiment.scenes.gym_spec import GYM_GROUPS


def welcome(context: Any) -> str:
    return "hello"


class Mine(Matchmaker):
    pass


def make() -> Experiment:
    duel = (
        GymScene("duel")
        .environment(file="env.py")
        .policies({"left": Human, "right": Human, 3: Random(7), "net": Onnx("net.onnx")})
        .gameplay(action_mapping={"ArrowLeft": 1, ("ArrowLeft", "ArrowUp"): [0.5, 1]}, default_action=(0, 0))
        .content(page_for=welcome)
        .matchmaking(Mine())
        .multiplayer(monitoring={"continuous_callback": welcome})
    )
    return Experiment(
        id="study",
        title="Study",
        stager=Stager(
            [
                StartScene("start"),
                RandomizeOrder([Repeat([duel], 2), StaticScene("rest")], per="group"),
                Branch(welcome, {"more": [TextBox("why"), StaticScene("so")], "less": StaticScene("ok")}),
                CompletionCodeScene("code"),
                EndScene("end"),
            ]
        ),
        entry_screening=EntryScreening(max_ping_ms=100, callback=welcome),
        participant_ids=["P1", "P2"],
        callbacks={"on_join": welcome},
    )


study = make()


def order(experiment: Experiment) -> list[str]:
    return [node.known_id for node in experiment.stager.nodes()]


def test_it_survives_being_stored_without_its_code() -> None:
    stored = json.loads(json.dumps(study.to_json()))
    again = Experiment.from_json(stored)
    assert again.to_json() == study.to_json()
    assert set(again.functions()) == set(study.functions())
    with pytest.raises(KeyError):
        again.function("callbacks.on_join")


def test_functions_have_addresses() -> None:
    assert set(study.functions()) == {
        "callbacks.on_join",
        "screening.callback",
        "branches.branch_1",
        "scenes.duel.page_for",
        "scenes.duel.continuous_callback",
        "scenes.duel.matchmaker",
    }
    assert study.function("branches.branch_1") is welcome
    assert study.function("scenes.duel.matchmaker").__name__ == "find_match"
    with pytest.raises(KeyError):
        study.function("callbacks.on_drop")


def test_hooks_may_be_methods_of_an_object() -> None:
    class Hooks:
        greeted = 0

        def on_join(self, context: Any) -> None:
            Hooks.greeted += 1

    experiment = Experiment(id="x", stager=[StartScene("a")], callbacks=Hooks())
    experiment.function("callbacks.on_join")(None)
    assert Hooks.greeted == 1


def test_int_agents_stay_ints_and_players_follow_the_mapping() -> None:
    again = Experiment.from_json(json.loads(json.dumps(study.to_json())))
    duel = again.scene("duel")
    assert isinstance(duel, GymScene)
    assert list(duel.policies_options.mapping) == ["left", "right", 3, "net"]
    assert duel.policies_options.humans == ("left", "right")
    assert duel.policies_options.bots == (3, "net")
    assert (duel.players, again.players) == (2, 2)


def test_controls_of_single_agents_survive_storing_and_later_changes() -> None:
    scene = GymScene("g").environment(file="env.py").policies({1: Human, "b": Human})
    scene = scene.gameplay(
        action_mapping={"x": 1}, per_agent={1: {"default_action": None}, "b": {"action_mapping": {"y": 2}}}
    )
    again = Experiment.from_json(json.loads(json.dumps(Experiment(id="x", stager=[scene]).to_json()))).games[0]
    changed = again.gameplay(default_action=7)
    assert changed.client_spec()["gameplay"]["per_agent"] == [
        {"agent": 1, "default_action": None},
        {"agent": "b", "action_mapping": [{"keys": ["y"], "action": 2}]},
    ]
    assert changed.gameplay_options.per_agent.keys() == {1, "b"}


def test_a_key_is_stored_in_its_composed_form() -> None:
    scene = GymScene("g").environment(file="env.py").policies({"a": Human})
    (binding,) = scene.gameplay(action_mapping={"e\u0301": 1}).gameplay_options.action_mapping
    assert binding.keys == ("\u00e9",)


def test_analogue_inputs_reach_the_browser_as_single_numbers() -> None:
    scene = GymScene("g").environment(file="env.py").policies({"a": Human, "b": Human}).rendering(width=300, height=200)
    analog = {"steer": Axis("mouse_x", low=-2, high=2, levels=100), "aim": Pointer(part=("body", 0))}
    corner = {"b": {"analog": {"aim": Pointer(low=(1, 1), high=(0, -1))}}}
    stored = Experiment(id="x", stager=[scene.gameplay(analog=analog, per_agent=corner)]).to_json()
    gameplay = Experiment.from_json(json.loads(json.dumps(stored))).games[0].client_spec()["gameplay"]

    def shown(axes: list[dict[str, object]]) -> list[tuple[object, ...]]:
        names = ("name", "component", "part", "sources", "low", "high", "levels")
        return [tuple(axis[name] for name in names) for axis in axes]

    assert shown(gameplay["analog"]) == [
        ("steer", None, None, ["mouse_x"], -2, 2, 99),
        ("aim", 0, ["body", 0], ["mouse_x", "touch_x"], 0, 300, 255),
        ("aim", 1, ["body", 0], ["mouse_y", "touch_y"], 0, 200, 255),
    ]
    assert shown(gameplay["per_agent"][0]["analog"]) == [
        ("aim", 0, None, ["mouse_x", "touch_x"], 1, 0, 255),
        ("aim", 1, None, ["mouse_y", "touch_y"], 1, -1, 255),
    ]


def test_where_frames_wait_a_press_is_one_move_and_bots_have_one_too() -> None:
    def told(scene: GymScene) -> tuple[str, int]:
        spec = scene.client_spec()
        return spec["gameplay"]["input_mode"], spec["policies"]["frame_skip"]

    scene = GymScene("g").environment(file="env.py").policies({"a": Human, "b": Random})
    assert told(scene) == ("pressed_keys", 4)
    assert told(scene.gameplay(pace="on_input")) == ("single_keystroke", 1)
    chosen = scene.gameplay(pace="on_input", input_mode="pressed_keys").policies(
        {"a": Human, "b": Random}, frame_skip=2
    )
    assert told(chosen) == ("pressed_keys", 2)


def test_the_browser_gets_json() -> None:
    spec = json.loads(json.dumps(study.scene("duel").client_spec("/assets/", scene_id="duel_r2")))
    assert (spec["kind"], spec["id"], spec["players"]) == ("gym", "duel_r2", 2)
    assert spec["gameplay"]["action_mapping"] == [
        {"keys": ["ArrowLeft"], "action": 1},
        {"keys": ["ArrowLeft", "ArrowUp"], "action": [0.5, 1]},
    ]
    assert spec["gameplay"]["default_action"] == [0, 0]
    assert [(agent["agent"], agent["kind"]) for agent in spec["policies"]["agents"]] == [
        ("left", "human"),
        ("right", "human"),
        (3, "random"),
        ("net", "onnx"),
    ]
    assert spec["policies"]["agents"][3]["url"] == "/assets/net.onnx"
    assert not {"waitroom", "matchmaking"} & set(spec)


@pytest.mark.parametrize("scene_id", ["start", "rest", "why", "code", "end"])
def test_every_page_spec_has_the_common_keys(scene_id: str) -> None:
    spec = study.scene(scene_id).client_spec()
    assert {"kind", "id", "header", "body", "button_label", "min_display_s", "fields"} <= set(spec)


def test_describe_holds_everything_with_defaults() -> None:
    described = json.loads(json.dumps(describe_experiment(study)))
    duel = described["scenes"]["duel"]
    assert set(GYM_GROUPS) <= set(duel)
    assert duel["rendering"]["fps"] == 30
    assert duel["matchmaking"]["matchmaker"] == {"kind": "custom", "name": "Mine", "settings": {}, "probes": False}
    assert described["experiment"]["screening"]["max_ping_ms"] == 100
    assert described["experiment"]["players"] == 2
    assert [item["id"] for item in described["order"]] == ["start", "order_1", "branch_1", "code", "end"]


def form_fields(form: dict[str, Any], scene: str, group: str) -> dict[str, dict[str, Any]]:
    scenes = {entry["id"]: entry for entry in form["scenes"]}
    groups = {entry["name"]: entry for entry in scenes[scene]["groups"]}
    return {field["name"]: field for field in groups[group]["fields"]}


def test_the_form_says_all_about_an_option() -> None:
    form = json.loads(json.dumps(form_schema(study)))
    rendering = form_fields(form, "duel", "rendering")
    fps = {"type": "integer", "min": 1, "max": 120, "default": 30, "value": 30, "unit": "frames per second"}
    assert fps.items() <= rendering["fps"].items()
    assert rendering["rollback_smoothing_ms"]["nullable"] is True
    multiplayer = form_fields(form, "duel", "multiplayer")
    assert multiplayer["input_delay_frames"]["special"] == ["auto"]
    assert multiplayer["on_desync"]["choices"] == ["resync", "end", "flag"]
    nested = {field["name"]: field for field in multiplayer["monitoring"]["fields"]}
    assert nested["max_ping_ms"]["above"] == 0
    assert (nested["continuous_callback"]["type"], nested["continuous_callback"]["editable"]) == ("function", False)
    order_fields = form_fields(form, "order_1", "scene")
    assert set(order_fields) == {"keep_n", "per", "balanced"}


def fields_of(entry: Any) -> list[dict[str, Any]]:
    found = []
    for field in entry["fields"]:
        found += fields_of(field) if field["type"] == "group" else [field]
    return found


def test_every_form_field_is_complete() -> None:
    form = form_schema(study)
    entries = [form, *(group for scene in form["scenes"] for group in scene["groups"])]
    fields = [field for entry in entries for field in fields_of(entry)]
    assert len(fields) > 100
    for field in fields:
        assert {
            "name",
            "title",
            "description",
            "unit",
            "type",
            "nullable",
            "default",
            "value",
            "advanced",
            "editable",
        } <= set(field)


def test_the_form_s_own_values_are_a_valid_profile() -> None:
    """What the launcher shows can be saved as it stands, and changes nothing."""
    form = form_schema(study)
    scenes = {scene["id"]: {group["name"]: profile_of(group) for group in scene["groups"]} for scene in form["scenes"]}
    again = with_profile(study, {"experiment": profile_of(form), "scenes": scenes})
    assert again.to_json() == study.to_json()


def profile_of(entry: Any) -> dict[str, Any]:
    return {
        field["name"]: profile_of(field) if field["type"] == "group" else field["value"]
        for field in entry["fields"]
        if field["type"] != "function"
    }


def test_profiles_change_single_options() -> None:
    changed = with_profile(
        study,
        {
            "experiment": {"title": "New", "screening": {"device": "desktop"}, "participant_ids": "label"},
            "scenes": {
                "duel": {"rendering": {"fps": 20}, "multiplayer": {"monitoring": {"hidden_exclude_s": "(none)"}}},
                "start": {"scene": {"header": "Hi"}},
                "order_1": {"scene": {"balanced": True}},
            },
        },
    )
    duel = changed.scene("duel")
    assert isinstance(duel, GymScene)
    assert duel.rendering_options.fps == 20
    assert duel.multiplayer_options.monitoring.hidden_exclude_s is None
    assert duel.multiplayer_options.monitoring.continuous_callback is not None
    assert changed.scene("start").header == "Hi"
    assert (changed.title, changed.screening.device, changed.screening.max_ping_ms) == ("New", "desktop", 100)
    assert changed.participant_ids.mode == "label"
    assert changed.function("callbacks.on_join") is welcome
    assert study.title == "Study"


def test_profiles_reorder_and_disable() -> None:
    changed = with_profile(study, {"order": ["branch_1", "start"], "disabled_scenes": ["rest", "so", "code"]})
    assert order(changed) == ["branch_1", "block_1", "why", "ok", "start", "order_1", "repeat_1", "duel", "end"]


def test_an_emptied_branch_option_leads_to_nothing() -> None:
    import random

    changed = with_profile(study, {"disabled_scenes": ["ok"]})
    branch = next(step for step in changed.stager.draw(random.Random(1)).steps if step.id == "branch_1")
    assert branch.option("less") == ()  # type: ignore[union-attr]


def test_keeping_more_scenes_than_are_left_keeps_all() -> None:
    experiment = Experiment(id="x", stager=[RandomizeOrder([StaticScene("a"), StaticScene("b")], keep_n=2)])
    changed = with_profile(experiment, {"disabled_scenes": ["a"]})
    assert order(changed) == ["order_1", "b"]


@pytest.mark.parametrize(
    ("profile", "text"),
    [
        ({"scene": {}}, 'profile: there is no entry "scene". Did you mean "scenes"?'),
        ({"scenes": {"dual": {}}}, 'profile: there is no scene "dual". Did you mean "duel"?'),
        (
            {"scenes": {"duel": {"render": {}}}},
            'profile: scene "duel": there is no group "render". Did you mean "rendering"?',
        ),
        ({"scenes": {"duel": {"rendering": {"fps": 900}}}}, 'profile: scene "duel": rendering: fps=900 is not allowed'),
        ({"scenes": {"start": {"scene": {"id": "x"}}}}, 'scene "start": scene: there is no option "id"'),
        ({"experiment": {"titel": "x"}}, 'profile: experiment: there is no option "titel". Did you mean "title"?'),
        ({"disabled_scenes": ["nope"]}, 'profile: there is no scene "nope"'),
        ({"disabled_scenes": ["start", "order_1", "branch_1", "code", "end"]}, "every scene is disabled"),
        ({"order": ["duel"]}, 'profile: order: there is no scene "duel"'),
    ],
)
def test_wrong_profiles_are_told_by_entry(profile: dict[str, Any], text: str) -> None:
    with pytest.raises(ExperimentError) as caught:
        with_profile(study, profile)
    assert text in str(caught.value)


def test_screening_can_be_chained() -> None:
    changed = study.entry_screening(device="mobile")
    assert (changed.screening.device, changed.screening.max_ping_ms) == ("mobile", 100)
    with pytest.raises(ExperimentError, match=r"Experiment\.entry_screening"):
        study.entry_screening(max_ping_ms=-1)


def test_blocks_and_scenes_may_be_reused_without_harm() -> None:
    shared = StaticScene("shared")
    first = Experiment(id="a", stager=[Block([shared])])
    second = Experiment(id="b", stager=[StartScene("s"), shared])
    assert order(first) == ["block_1", "shared"]
    assert order(second) == ["s", "shared"]
