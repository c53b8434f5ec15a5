"""Options as the Configure page shows and changes them, and the profiles they are saved in."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from igym import Experiment, load_experiment
from igym.experiment.check_files import with_profile
from igym.experiment.form import form_schema
from igym.host.languages import sentences
from igym_desktop.flow import profiles
from igym_desktop.flow.field_text import FormError
from igym_desktop.flow.form import items, sections
from igym_desktop.flow.paths import example_folders
from igym_desktop.flow.profile_draft import Draft
from igym_desktop.flow.value_words import value_text
from igym_desktop.i18n import available_languages, use_language
from tests.desktop.option_texts import option_texts

EXAMPLES = Path(__file__).parents[2] / "examples"
SCHEMA = json.loads(Path(__file__).with_name("form_schema.json").read_text())

FPS = ("scenes", "match", "rendering", "fps")


def test_form_shows_every_option_of_every_scene() -> None:
    found = sections(SCHEMA)
    assert [section.key for section in found] == ["experiment", "welcome", "match", "order_1", "a", "b", "thanks"]
    titles = [group.title for group in found[2].groups]
    assert titles[:3] == ["Scene", "Environment", "Rendering"]
    assert "Multiplayer: Reconnection" in titles
    assert [(item.id, item.depth) for item in items(SCHEMA)] == [
        ("welcome", 0),
        ("match", 0),
        ("order_1", 0),
        ("a", 1),
        ("b", 1),
        ("thanks", 0),
    ]
    assert all(field.title for section in found for group in section.groups for field in group.fields)


IN_CODE = re.compile(
    r"\b(None|True|False|dict|tuple|kwargs|lambda)\b|\w\(|(?<!=)=[\"'\w…]|[\"`\[\]]|\{(?!(participant|code|keys|action)\})"
    r"|\b[A-Z][a-z]+[A-Z]\w*\b|\b[a-z]+_[a-z]+\b|^(go|at|end)_"
)
"""What stands in Python alone: its words, calls, quotes, brackets, names of classes and options."""
NAMES = re.compile(r"OpenAI|TexturePacker|igym_globals")


@pytest.mark.parametrize("language", sorted(available_languages()))
def test_what_the_window_says_of_an_option_is_no_python(language: str) -> None:
    known = {} if language == "en" else sentences(language)
    said = [str(known.get(text, text)) for text in dict.fromkeys(option_texts())]
    assert len(said) > 600
    assert [text for text in said if IN_CODE.search(NAMES.sub("", text))] == []


def test_a_value_in_a_sentence_is_no_python() -> None:
    forms = [form_schema(load_experiment(folder), whole=True) for folder in example_folders()]
    fields = [f for form in forms for part in sections(form) for group in part.groups for f in group.fields]
    values = [(f.name, value_text(f, value)) for f in fields for value in (f.value, f.facts.get("default"))]
    assert len(values) > 5_000
    wrong = re.compile(r"None|True|False|[\[\]'\"<>]|(?<!\{)\{(?!\{)")
    assert {
        (name, text) for name, text in values if name not in ("title", "description") and wrong.search(text)
    } == set()
    said = {name: text for name, text in values if text != "empty"}
    assert (said["mapping"], said["participants"]) == ("agent_0: A participant", "none")


IN_WORDS = {
    "en": ("left: A participant, right: Bot: random actions", "match: Agents (right)", "By the speed of connections",
           "Once for each press", "scenes that are left out"),
    "de": ("left: Eine teilnehmende Person, right: Bot: zufällige Aktionen", "match: Agenten (right)",
           "Nach der Geschwindigkeit der Verbindungen", "Einmal je Druck", "ausgelassene Szenen"),
    "fr": ("left: Un participant, right: Robot : actions au hasard", "match: Agents (right)",
           "Selon la vitesse des connexions", "Une fois par appui", "scènes laissées de côté"),
}  # fmt: skip


@pytest.mark.parametrize("language", sorted(IN_WORDS))
def test_what_two_profiles_differ_in_is_called_as_in_the_form(language: str) -> None:
    written = {
        "scenes": {"match": {
            "policies": {"mapping": {"right": {"kind": "random"}, "left": {"kind": "human"}}},
            "matchmaking": {"matchmaker": {"kind": "latency"}},
            "gameplay": {"input_mode": "single_keystroke"},
        }},
        "disabled_scenes": ["rules"],
    }  # fmt: skip
    draft = Draft(form_schema(load_experiment(EXAMPLES / "slime_volleyball_ai")), written)
    use_language(language)
    try:
        told = [
            (draft.title_of(name), draft.words_of(name, value))
            for profile in (draft.overrides(), written)
            for name, _, value in profiles.differences({}, profile)
        ]
    finally:
        use_language("en")
    words = [text.replace("\u202f", " ").replace("\u00a0", " ") for pair in told for text in pair]
    assert set(IN_WORDS[language]) <= set(words), words
    stored = re.compile(r"\b(human|random$|latency|single_keystroke|kind|disabled_scenes)\b")
    assert [text for text in words if stored.search(text)] == []


def test_draft_keeps_only_what_differs() -> None:
    draft = Draft(SCHEMA)
    draft.type(FPS, "60")
    assert draft.is_changed(FPS) and draft.overrides() == {"scenes": {"match": {"rendering": {"fps": 60}}}}
    draft.type(FPS, "30")
    assert not draft.is_changed(FPS) and draft.overrides() == {}
    draft.enable("a", False)
    draft.move("match", -1)
    assert draft.overrides() == {"disabled_scenes": ["a"], "order": ["match", "welcome", "order_1", "thanks"]}
    assert not draft.move("match", -1)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("500", "from 1 to 120"),
        ("0", "from 1 to 120"),
        ("fast", "A whole number"),
        ("1.5", "A whole number"),
        ("", "A whole number"),
    ],
)
def test_draft_refuses_what_is_out_of_bounds(typed: str, words: str) -> None:
    draft = Draft(SCHEMA)
    with pytest.raises(FormError, match=words):
        draft.type(FPS, typed)
    assert draft.errors[FPS] and not draft.is_changed(FPS)
    draft.type(FPS, "20")
    assert not draft.errors


def test_draft_accepts_special_words_none_lists_and_json() -> None:
    draft = Draft(SCHEMA)
    draft.type(("scenes", "match", "multiplayer", "input_delay_frames"), "auto")
    draft.type(("experiment", "participants"), "12")
    draft.type(("experiment", "languages"), "en\n de \n\n")
    draft.type(("scenes", "match", "environment", "config"), '{"gravity": 0.0025}')
    assert draft.value(("experiment", "languages")) == ["en", "de"]
    assert draft.overrides()["scenes"]["match"]["multiplayer"]["input_delay_frames"] == "auto"
    with pytest.raises(FormError, match="not valid JSON"):
        draft.type(("scenes", "match", "environment", "config"), "{oops")
    with pytest.raises(FormError, match="A colour"):
        draft.type(("scenes", "match", "rendering", "background"), "#12")


def test_profile_survives_its_file(tmp_path: Path) -> None:
    draft = Draft(SCHEMA)
    draft.type(FPS, "60")
    draft.type(("experiment", "minutes"), "9")
    draft.type(("scenes", "match", "environment", "config"), '{"a": null, "b": [1, 2]}')
    draft.enable("b", False)
    file = profiles.save(tmp_path, "Pilot 2", draft.overrides())
    assert file == tmp_path / "Pilot 2.toml"
    tomllib.loads(file.read_text())
    again = Draft(SCHEMA, profiles.load(file))
    assert again.overrides() == draft.overrides()
    assert profiles.names(tmp_path) == ["Pilot 2"]
    profiles.remove(file)
    assert profiles.names(tmp_path) == []


def test_profile_errors_are_told(tmp_path: Path) -> None:
    for name in ("../evil", "", "a/b", ".hidden", "x" * 61):
        with pytest.raises(ValueError, match="name has letters"):
            profiles.save(tmp_path, name, {})
    bad = tmp_path / "bad.toml"
    bad.write_text("= nonsense")
    with pytest.raises(ValueError, match="not valid TOML"):
        profiles.load(bad)
    foreign = Draft(SCHEMA, {"scenes": {"gone": {"rendering": {"fps": 3}}}})
    assert foreign.foreign == ["scenes"] or foreign.foreign == ["scenes.gone"]
    assert foreign.overrides() == {}


def test_a_profile_keeps_of_a_table_what_it_changes_and_shows_all_of_it(tmp_path: Path) -> None:
    study = load_experiment(EXAMPLES / "carry_together")
    schema = form_schema(study)
    config = ("scenes", "practice", "environment", "config")
    thanks = ("experiment", "returns", "timed_out", "message")
    draft = Draft(schema)
    wanted = {name: value for name, value in draft.value(config).items() if name != "ease"} | {"rings": 3}
    draft.type(config, wanted)
    draft.type(thanks, {**draft.value(thanks), "de": "Niemand kam."})
    draft.type(("experiment", "design", "factors"), {"ring": ["wide", "narrow", "tiny"]})
    file = profiles.save(tmp_path, "short", draft.overrides())
    said = profiles.load(file)
    assert said["scenes"]["practice"]["environment"]["config"] == {"rings": 3, "ease": "(left out)"}
    assert said["experiment"]["returns"]["timed_out"]["message"] == {"de": "Niemand kam."}

    assert Draft(schema, said).value(config) == wanted, "the form shows what holds"
    assert Draft(schema, said).overrides() == draft.overrides()
    runs = with_profile(study, said)
    assert runs.scene("practice").environment_options.config == wanted == form_values(runs, config)  # type: ignore[attr-defined]
    assert form_values(runs, thanks) == draft.value(thanks)
    assert runs.design.factors == {"ring": ("wide", "narrow", "tiny")} and runs.design.cell_limit == 40
    names = [name for name, _, _ in profiles.differences({}, said)]
    assert "practice: Config (ease)" in [draft.title_of(name) for name in names]


def form_values(study: Experiment, path: tuple[str, ...]) -> Any:
    return Draft(form_schema(study)).value(path)


def test_tables_that_a_person_wrote_are_shown_with_the_rest() -> None:
    schema = form_schema(load_experiment(EXAMPLES / "carry_together"))
    written = """
        [scenes.together.policies.mapping.left]
        kind = "random"
        [scenes.together.gameplay.action_mapping]
        Space = 0
        Enter = 1
    """
    draft = Draft(schema, tomllib.loads(written))
    policies = draft.value(("scenes", "together", "policies", "mapping"))
    assert [(pair["agent"], pair["policy"]["kind"]) for pair in policies] == [("left", "random"), ("right", "human")]
    keys = draft.value(("scenes", "together", "gameplay", "action_mapping"))
    assert [(held["keys"], held["action"]) for held in keys] == [
        (["ArrowUp"], 1), (["Space"], 0), (["w"], 1), (["Enter"], 1),
    ]  # fmt: skip
