"""A mistake is told with the builder method, the parameter, the value and what is allowed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from igym import (
    Axis,
    Branch,
    ChoiceField,
    Experiment,
    ExperimentError,
    Form,
    GroupReunion,
    GymScene,
    Human,
    LatencyMatchmaker,
    MultipleChoice,
    Onnx,
    Python,
    RandomizeOrder,
    Repeat,
    Scales,
    Stager,
    StartScene,
    StaticScene,
    TextBox,
    TextField,
)

match = GymScene("match").environment(file="env.py").policies({"left": Human, "right": Human})

MISTAKES: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: match.rendering(fps=500),
        'GymScene("match").rendering: fps=500 is not allowed (Frame rate). '
        "It must be a whole number from 1 to 120 (frames per second).",
    ),
    (
        lambda: match.gameplay(per_agent={"left": {"action_maping": {"a": 1}}}),
        """agent 'left': there is no option "action_maping". Did you mean "action_mapping"?""",
    ),
    (lambda: match.gameplay(per_agent={"left": {"action_mapping": {"Spce": 1}}}), "'Spce' is not the name of a key."),
    (lambda: match.gameplay(per_agent={"left": 3}), "agent 'left': expected a dict of options, got 3."),
    (
        lambda: Experiment(id="x", stager=[match.gameplay(per_agent={"lefft": {"default_action": 1}})]),
        """GymScene("match").gameplay: per_agent names 'lefft', which no participant plays. Did you mean "left"?""",
    ),
    (lambda: match.gameplay(action_mapping={"a": 1, "A": 2}), "A is mapped twice."),
    (lambda: match.gameplay(action_mapping={" ": 1, "Space": 2}), "Space is mapped twice."),
    (lambda: match.gameplay(action_mapping={"\u00e9": 1, "e\u0301": 2}), "\u00e9 is mapped twice."),
    (lambda: Axis("mouse"), """'mouse' is no analogue source. Did you mean"""),
    (lambda: Axis("mouse_x", low=1), "low and high are both 1; they must differ."),
    (
        lambda: Axis(("mouse_x", "touch_x"), levels=1),
        "levels=1 is not allowed (Levels). It must be a whole number from 2",
    ),
    (lambda: match.gameplay(move_limit_s=3), 'move_limit_s needs pace="on_input": on the clock no frame waits'),
    (lambda: match.gameplay(pace="on_input", on_move_limit="end"), 'on_move_limit="end" needs a move_limit_s.'),
    (lambda: match.rendering(fpz=3), 'GymScene("match").rendering: there is no option "fpz". Did you mean "fps"?'),
    (lambda: match.rendering(background=(1, 2, 300)), "(1, 2, 300) is not a colour. Use an RGB tuple"),
    (lambda: match.rendering(hud=("scor",)), "hud=('scor',) is not allowed (Built-in display). Score, time"),
    (lambda: match.environment(file="a.py", code="b"), "give one of file, code and entry_point, not file and code."),
    (lambda: match.environment(entry_point="gym.make"), "It must have the form ^[A-Za-z_]"),
    (
        lambda: match.environment(config={"f": print}),
        "config['f'] is <built-in function print>, which cannot be written",
    ),
    (
        lambda: match.multiplayer(monitoring={"max_ping": 3}),
        'GymScene("match").multiplayer(monitoring=…): there is no option "max_ping". Did you mean "max_ping_ms"?',
    ),
    (
        lambda: match.multiplayer(monitoring={"max_ping_ms": -3}),
        "max_ping_ms=-3 is not allowed (Largest ping). It must be a",
    ),
    (
        lambda: match.multiplayer(monitoring={"hidden_warn_s": 20}),
        "hidden_warn_s=20 must be smaller than hidden_exclude_s=10",
    ),
    (
        lambda: match.multiplayer(input_delay_frames="aut"),
        'It must be a whole number from 0 to 30 (frames) or "auto".',
    ),
    (lambda: match.multiplayer(on_desync="ignore"), 'It must be one of "resync", "end", "flag".'),
    (lambda: match.policies({"left": 3}), "agent 'left': 3 is not a policy. It must be Human, Shared(…), "),
    (lambda: match.policies({"left": Onnx}), "Onnx needs to know what to run"),
    (lambda: match.policies({}), "the mapping is empty; name at least one agent."),
    (lambda: match.gameplay(action_mapping={"DownArrow": 1}), 'Did you mean "ArrowDown"?'),
    (lambda: match.gameplay(action_mapping={"esc": 1}), 'Did you mean "Escape"?'),
    (lambda: match.gameplay(action_mapping={"Arowleft": 1}), 'is not the name of a key. Did you mean "ArrowLeft"?'),
    (lambda: match.gameplay(action_mapping={("a", "b"): 1, ("b", "a"): 2}), "b + a is mapped twice."),
    (lambda: match.waitroom(on_timeout="scene"), 'on_timeout="scene" needs timeout_scene.'),
    (
        lambda: match.waitroom(timeout_s=0),
        "timeout_s=0 is not allowed (Time limit). It must be a number from 1 to 86400 (s).",
    ),
    (lambda: match.matchmaking("fifo"), "'fifo' is not a matchmaker. It must be Fifo(), LatencyMatchmaker(…)"),
    (lambda: match.runtime(packages=["https://x/y.whl"]), "is not a package name with a version"),
    (lambda: match.content(page_for="page"), "page_for: expected a function, got 'page'."),
    (lambda: match.assets(images={"a": "1.png"}, sounds={"a": "1.mp3"}), "an asset name is used twice"),
    (lambda: Python("bots:act"), "Python: function='bots:act' is not allowed (Function). File and function"),
    (lambda: Onnx("m.onnx", state_inputs=("h",)), "state_inputs has 1 names and state_outputs 0"),
    (lambda: LatencyMatchmaker(max_p2p_rtt=5), 'there is no option "max_p2p_rtt". Did you mean "max_p2p_rtt_ms"?'),
    (lambda: GroupReunion(fallback=7), "7 is not a matchmaker"),
    (lambda: GymScene("a b"), "the scene id 'a b' cannot be a folder name. Use letters, digits"),
    (lambda: StartScene("../up"), "cannot be a folder name"),
    (lambda: StartScene("NUL"), "the scene id 'NUL' is reserved"),
    (StartScene, "StartScene: id is missing."),
    (
        lambda: TextBox("q").display(requird=True),
        'TextBox("q").display: there is no option "requird". Did you mean "required"?',
    ),
    (lambda: TextBox("q").display(body="a", body_file="b"), "give body or body_file, not both"),
    (lambda: Form("f", questions=[TextField("a b")]), "TextField: name='a b' is not allowed (Name)"),
    (lambda: Form("f", questions=[TextField("a"), TextField("a")]), 'two questions are named "a"'),
    (lambda: TextField("a", pattern="["), "is not a regular expression"),
    (lambda: ChoiceField("a", choices=[]), "choices=[] is not allowed (Choices)"),
    (lambda: MultipleChoice("x", choices=["a", "a"]), "the choice 'a' is there twice."),
    (lambda: Scales("s").display(scale_points=100), "scale_points=100 is not allowed"),
    (lambda: Scales("s", scale_points=2, scale_labels=["a", "b", "c"]), "there are 3 scale_labels for scale_points=2"),
    (lambda: Stager([StartScene("a"), StaticScene("A")]), 'two scenes have the id "A"'),
    (lambda: Stager([StartScene]), 'item 1 is the class StartScene; write StartScene("an_id").'),
    (lambda: Stager([]), "the list of scenes is empty"),
    (lambda: Stager(["welcome"]), "item 1 is 'welcome', which is not a scene"),
    (lambda: Stager([Repeat([StartScene("a")], 2), StartScene("a_r1")]), 'the id "a_r1" is taken by round 1 of "a".'),
    (lambda: Repeat([StartScene("a")]), "Repeat: give n, the number of rounds, or until"),
    (lambda: RandomizeOrder([StartScene("a")], keep_n=3), "keep_n=3 is more than the 1 scenes there are"),
    (
        lambda: RandomizeOrder([StartScene("a")], per="group"),
        'per="group" needs a GymScene for two or more Humans inside',
    ),
    (lambda: Branch(3, [StartScene("a")]), "choose: expected a function, got 3."),  # type: ignore[arg-type]
    (lambda: Branch(print, [RandomizeOrder([StartScene("a")])]), "an option has no name"),
    (lambda: Experiment("a/b", stager=[StartScene("a")]), "the experiment id 'a/b' cannot be a folder name"),
    (lambda: Experiment("x"), "stager is missing"),
    (lambda: Experiment("x", stager=[StartScene("a")], titl="T"), 'there is no option "titl". Did you mean "title"?'),
    (
        lambda: Experiment("x", stager=[StartScene("a")], callbacks={"on_joined": print}),
        "'on_joined' is not a hook. Did you mean",
    ),
    (lambda: Experiment("x", stager=[StartScene("a")], participant_ids="lable"), 'It must be one of "anonymous"'),
    (
        lambda: Experiment("x", stager=[match.waitroom(on_timeout="scene", timeout_scene="mach")]),
        'timeout_scene="mach" is not a scene of this experiment. Did you mean "match"?',
    ),
]


@pytest.mark.parametrize(("mistake", "text"), MISTAKES, ids=[text[:50] for _, text in MISTAKES])
def test_mistakes_are_told_in_the_researchers_words(mistake: Callable[[], Any], text: str) -> None:
    with pytest.raises(ExperimentError) as caught:
        mistake()
    assert text in str(caught.value)
    assert "pydantic" not in str(caught.value)


def test_two_mistakes_are_told_together() -> None:
    with pytest.raises(ExperimentError) as caught:
        match.rendering(fps=0, width=1)
    assert "fps=0" in str(caught.value)
    assert "width=1" in str(caught.value)


def test_the_error_carries_value_and_legal_range_as_facts() -> None:
    with pytest.raises(ExperimentError) as caught:
        match.rendering(fps=500)
    assert caught.value.to_json() == {
        "text": caught.value.text,
        "file": None,
        "line": None,
        "value": "500",
        "allowed": "a whole number from 1 to 120 (frames per second)",
    }


def test_a_second_call_overrides_only_what_is_given() -> None:
    first = match.rendering(fps=60, width=300).multiplayer(monitoring={"ping_window": 9}, on_desync="end")
    second = first.rendering(fps=20).multiplayer(monitoring={"ping_strikes": 2})
    assert (second.rendering_options.fps, second.rendering_options.width) == (20, 300)
    assert second.multiplayer_options.on_desync == "end"
    assert (second.multiplayer_options.monitoring.ping_window, second.multiplayer_options.monitoring.ping_strikes) == (
        9,
        2,
    )
    assert first.rendering_options.fps == 60
