"""What a study says of policies beside people: the browser's specification, both ways of writing it, and mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from igym import (
    Advice,
    EndScene,
    Experiment,
    ExperimentError,
    GymScene,
    Human,
    Onnx,
    Pool,
    Python,
    Random,
    Shared,
    Stager,
)
from igym.experiment.bundle import game_bundle
from igym.experiment.loader import load_experiment
from igym.experiment.study_layout import write_document
from igym.experiment.study_python import to_python
from igym.experiment.study_write import to_document


def game(**policies: Any) -> GymScene:
    scene = GymScene("game").environment(file="env.py").policies(policies)
    return scene.gameplay(action_mapping={"KeyA": 1}, feedback={"KeyG": 1, "KeyB": -1})


def test_keys_beside_the_action_are_digits_of_the_input() -> None:
    spec = game(a=Shared(Onnx("p.onnx"), takeover=("Space", "Enter")), b=Human, c=Random).client_spec()
    own = {entry["agent"]: [axis["role"] for axis in entry["analog"]] for entry in spec["gameplay"]["per_agent"]}
    assert own == {"a": ["takeover", "feedback"], "b": ["feedback"]}
    takeover, feedback = spec["gameplay"]["per_agent"][0]["analog"]
    assert takeover["keys"] == {"Space": 1, "Enter": 1} and takeover["levels"] == 2
    assert feedback["keys"] == {"KeyG": 1, "KeyB": 2} and feedback["values"] == [0.0, 1.0, -1.0]
    (first, *_) = spec["policies"]["agents"]
    assert first["kind"] == "human" and first["shared"]["url"].endswith("p.onnx")
    assert game(a=Shared(Random, takeover=())).players == 1


def test_its_network_is_part_of_what_a_browser_gets(tmp_path: Path) -> None:
    (tmp_path / "env.py").write_text("env = None")
    (tmp_path / "bots.py").write_text("import scipy\ndef act(seen): return 0")
    bundle = game_bundle(game(a=Advice(Onnx("p.onnx")), b=Shared(Python("bots.py:act"))), tmp_path)
    assert set(bundle["onnx"]) == {"p.onnx"} and "bots.py" in bundle["sources"] and "scipy" in bundle["imports"]


def test_both_forms_of_a_study_say_the_same(tmp_path: Path) -> None:
    for name in ("env.py", "bots.py"):
        (tmp_path / name).write_text("env = 1\ndef act(seen): return 0\n")
    policies = {
        "a": Shared(Python("bots.py:act"), takeover=("Space",)),
        "b": Advice(Random, text="{keys}!"),
        "c": Human,
    }
    study = Experiment(id="beside", title="Beside", stager=Stager([game(**policies), EndScene("end")]))
    (tmp_path / "study.toml").write_text(write_document(to_document(study)))
    read = load_experiment(tmp_path)
    assert read.to_json()["stager"] == study.to_json()["stager"]
    text = to_python(study)
    assert 'Shared(policy=Python(function="bots.py:act")' in text or 'Shared(policy=Python("bots.py:act")' in text


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Shared(Human), "cannot act beside a person"),
        (lambda: Shared(Pool([Random])), "cannot act beside a person"),
        (lambda: Shared(Random, takeover=("Spcae",)), "Spcae"),
        (lambda: Advice(Random, text="{key}"), r"may hold \{keys\} and \{action\}"),
        (
            lambda: one(game(a=Shared(Random)).gameplay(action_mapping={"KeyA": 1}, pace="on_input")),
            'need pace="clock"',
        ),
        (lambda: one(game(a=Advice(Random), b=Human).runtime(where="host")), "games of one person"),
    ],
)
def test_what_cannot_be_is_told(make: Any, words: str) -> None:
    with pytest.raises(ExperimentError, match=words):
        make()


def one(scene: GymScene) -> Experiment:
    return Experiment(id="beside", title="Beside", stager=Stager([scene, EndScene("end")]))
