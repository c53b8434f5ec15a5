"""What options change in what a page is told, and in which answers it takes."""

from __future__ import annotations

from typing import Any

import pytest

from igym import (
    EndScene,
    Experiment,
    Form,
    GymScene,
    Human,
    MultipleChoice,
    NumberField,
    OptionBoxes,
    Scales,
    StaticScene,
    TextBox,
    WebScene,
)
from igym.experiment.form import describe_experiment
from igym.experiment.scenes.base import Scene
from igym.host.programs.describe_main import description
from igym.host.session.session_start import stored_experiment


def only_field(scene: Scene) -> dict[str, Any]:
    [field] = scene.client_spec()["fields"]
    return dict(field)


def test_a_text_box_asks_as_it_is_told() -> None:
    asked = only_field(
        TextBox("s", question="Why?", required=True, multiline=False, max_length=5, placeholder="Because")
    )
    assert (asked["label"], asked["type"], asked["placeholder"]) == ("Why?", "text", "Because")
    plain = only_field(TextBox("s"))
    assert plain["type"] == "textarea" and only_field(TextBox("s", required=False))["required"] is False
    assert not TextBox("s", required=True).validate_answers({"text": ""}).ok
    assert TextBox("s", required=False).validate_answers({"text": ""}).ok
    assert not TextBox("s", max_length=5).validate_answers({"text": "abcdef"}).ok


def test_a_choice_asks_as_it_is_told() -> None:
    several = {"choices": ["a", "b", "c"], "multiple": True}
    scene = MultipleChoice("s", question="Which?", **several, min_choices=2, max_choices=2)
    assert only_field(scene)["label"] == "Which?"
    assert [scene.validate_answers({"choice": given}).ok for given in (["a"], ["a", "b"], ["a", "b", "c"])] == [
        False,
        True,
        False,
    ]
    assert not MultipleChoice("s", choices=["a"]).validate_answers({"choice": "z"}).ok
    assert not MultipleChoice("s", choices=["a"], required=True).validate_answers({}).ok
    assert MultipleChoice("s", choices=["a"], required=False).validate_answers({}).ok


def test_scales_ask_as_they_are_told() -> None:
    scene = Scales("s", scales=["One"], scale_points=5, scale_labels=["no", "yes"], scale_required=True)
    asked = only_field(scene)
    assert (asked["label"], asked["type"], asked["max"], asked["labels"]) == ("One", "scale", 5, ["no", "yes"])
    assert only_field(Scales("s", scales=["One"], scale_style="slider"))["type"] == "slider"
    assert not scene.validate_answers({}).ok
    assert Scales("s", scales=["One"], scale_required=False).validate_answers({}).ok


def test_boxes_ask_as_they_are_told() -> None:
    scene = OptionBoxes("s", options=["a", "b"], options_question="Which word?", options_multiple=True)
    assert only_field(scene)["label"] == "Which word?"
    assert scene.validate_answers({"option": ["a", "b"]}).ok
    assert not OptionBoxes("s", options=["a", "b"]).validate_answers({"option": ["a", "b"]}).ok
    assert not OptionBoxes("s", options=["a"], options_required=True).validate_answers({}).ok
    assert OptionBoxes("s", options=["a"], options_required=False).validate_answers({}).ok


def test_a_question_is_stored_under_its_name_and_shown_in_its_words() -> None:
    scene = Form("s", questions=[NumberField("age", "How old?", help="In years.", unit="years", required=False)])
    asked = only_field(scene)
    assert (asked["label"], asked["help"], asked["unit"], asked["required"]) == (
        "How old?",
        "In years.",
        "years",
        False,
    )
    assert scene.validate_answers({"age": 3}).values == {"age": 3}
    assert not Form("s", questions=[NumberField("age", required=True)]).validate_answers({}).ok


def test_a_page_is_told_its_words_and_its_shortest_stay() -> None:
    scene = StaticScene("s").display(header="Rules", body="<p>Play</p>", button_label="Go", min_display_s=9)
    spec = scene.client_spec()
    assert (spec["id"], spec["header"], spec["body"]) == ("s", "Rules", "<p>Play</p>")
    assert (spec["button_label"], spec["min_display_s"]) == ("Go", 9)


def test_a_task_in_a_frame_is_told_where_it_is_and_how_it_ends() -> None:
    spec = WebScene("s", url="https://x.org/", ends_by="button", frame_height=300, allow="camera").client_spec()
    assert (spec["src"], spec["ends_by"], spec["frame_height"], spec["allow"]) == (
        "https://x.org/",
        "button",
        300,
        "camera",
    )
    assert WebScene("s", path="task/index.html").client_spec("/a/")["src"] == "/a/task/index.html"


def test_a_game_is_told_where_its_pictures_and_sounds_are() -> None:
    scene = GymScene("g").assets(
        images={"ball": "ball.png"},
        sprite_sheets={"hero": {"path": "hero.png", "frame_width": 8, "frame_height": 16}},
        atlases={"map": "map.json"},
        sounds={"bang": "bang.wav"},
    )
    assert scene.client_spec("/a/")["assets"] == {
        "images": {"ball": "/a/ball.png"},
        "sprite_sheets": {"hero": {"url": "/a/hero.png", "frame_width": 8, "frame_height": 16}},
        "atlases": {"map": "/a/map.json"},
        "sounds": {"bang": "/a/bang.wav"},
    }


TOLD: dict[str, dict[str, Any]] = {
    "rendering": {
        "fps": 17, "width": 333, "height": 222, "background": "#123456", "hud": False, "carry_score_over": True,
        "rollback_smoothing_ms": 55, "per_agent_view": True, "smooth_motion": False,
    },
    "gameplay": {
        "default_action": 1, "input_mode": "single_keystroke", "action_population": "previous", "num_episodes": 9,
        "max_steps": 77, "reset_freeze_s": 4.5, "countdown_s": 7, "action_mapping": {"ArrowLeft": 1},
    },
    "content": {"in_game_body": "<p>Mind</p>", "start_label": "Kick off"},
    "runtime": {
        "packages": ["numpy"], "restart_python": True, "record": ["actions"], "max_observation_numbers": 3,
        "on_step_code": "x = 1", "where": "host", "step_limit_s": 2.5, "reset_limit_s": 3.5,
    },
    "multiplayer": {
        "input_delay_frames": 2, "max_prediction_frames": 5, "checksum_every_frames": 11, "on_desync": "end",
        "transport": "relay",
    },
    "environment": {"code": "env = 2", "seed": 3},
    "policies": {"frame_skip": 6},
}  # fmt: skip


@pytest.mark.parametrize(("method", "name"), [(method, name) for method, options in TOLD.items() for name in options])
def test_a_game_is_told_what_its_researcher_chose(method: str, name: str) -> None:
    plain = GymScene("g").environment(code="env = 1").policies({"a": Human})
    chosen = getattr(plain, method)(**{name: TOLD[method][name]})
    before, after = (scene.client_spec()[method][name] for scene in (plain, chosen))
    assert before != after


def test_an_experiments_words_reach_the_launcher_and_the_data() -> None:
    words = {"title": "Ball", "description": "A game.", "version": "7", "minutes": 12, "participants": 40}
    experiment = Experiment("ball", stager=[EndScene("end")], **words)
    card = description(experiment)
    assert {name: card[name] for name in ("id", *words)} == {"id": "ball", **words}
    kept = stored_experiment(experiment, describe_experiment(experiment))
    assert (kept["id"], kept["version"], kept["title"]) == ("ball", "7", "Ball")
