"""Texts in several languages: in the study itself, in `study.toml`, and in `texts/<language>.toml`."""

from __future__ import annotations

import copy
import inspect
import pickle
from pathlib import Path

import pytest

from igym import (
    Chat,
    ChoiceField,
    Design,
    Experiment,
    Form,
    GymScene,
    Human,
    Scales,
    Stager,
    StaticScene,
    TextField,
)
from igym.experiment.check_files import with_profile
from igym.experiment.errors import ExperimentError
from igym.experiment.loader import load_experiment
from igym.experiment.scenes.fields import Choice, Question
from igym.experiment.scenes.gym_spec import GYM_GROUPS
from igym.experiment.study_layout import write_document
from igym.experiment.study_python import to_python
from igym.experiment.study_read import from_text
from igym.experiment.study_write import to_document
from igym.experiment.texts import all_texts
from igym.experiment.words import Words, is_text, read_in
from tests.experiment.test_option_models import subclasses

HELLO = {"en": "Hello", "de": "Hallo"}


def study(*scenes: object, **options: object) -> Experiment:
    return Experiment("e", stager=Stager([*scenes]), **{"languages": ("en", "de"), **options})  # type: ignore[arg-type]


def everything() -> Experiment:
    """A study with a text by language in each kind of place."""
    form = Form(
        "ask",
        header=HELLO,
        questions=[
            ChoiceField("fruit", {"en": "Which?", "de": "Welche?"}, choices={"a": {"en": "Apple", "de": "Apfel"}}),
            TextField("why", "Why?", placeholder=HELLO),
        ],
    )
    scales = Scales(
        "mood", scales=[{"en": "Calm?", "de": "Ruhig?"}], scale_labels=[HELLO, {"en": "Bye", "de": "Tschüs"}]
    )
    returns = {"finished": {"message": HELLO}}
    return study(
        StaticScene("page", body={"en": "<p>{{label}}</p>", "de": "<p>Sie: {{label}}</p>"}),
        form,
        scales,
        returns=returns,
    )


def test_a_text_is_read_in_ones_language_or_the_nearest() -> None:
    words = Words({"de": "Hallo", "en": "Hello", "pt-BR": "Oi"})
    assert [words.read_in(tag) for tag in ("en", "de-AT", "EN_us", "pt", "fr", None)] == [
        "Hello",
        "Hallo",
        "Hello",
        "Oi",
        "Hallo",
        "Hallo",
    ]
    assert (words == "Hallo", words != "Hallo", str(words)) == (False, True, "Hallo")
    assert copy.deepcopy(words) == pickle.loads(pickle.dumps(words)) == words


def test_every_text_of_a_scene_is_shown_in_the_readers_language() -> None:
    for language, page, header, question, choice, hint, scale, label in (
        ("de", "<p>Sie: {{label}}</p>", "Hallo", "Welche?", "Apfel", "Hallo", "Ruhig?", "Tschüs"),
        ("en", "<p>{{label}}</p>", "Hello", "Which?", "Apple", "Hello", "Calm?", "Bye"),
    ):
        here = read_in(everything(), language)
        ask = here.scene("ask").client_spec()
        mood = here.scene("mood").client_spec()["fields"][0]
        assert here.scene("page").client_spec()["body"] == page
        assert (ask["header"], ask["fields"][0]["label"], ask["fields"][1]["placeholder"]) == (header, question, hint)
        assert ask["fields"][0]["choices"] == [{"value": "a", "label": choice, "image": None}]
        assert (mood["label"], mood["labels"][1]) == (scale, label)
        assert here.returns.finished.message == header


def test_what_has_one_text_stays_the_very_same() -> None:
    plain = study(StaticScene("page", body="<p>Hello</p>"))
    assert read_in(plain, "de") is plain


def test_a_stored_study_keeps_all_languages(tmp_path: Path) -> None:
    before = everything()
    assert Experiment.from_json(before.to_json()) == before
    written = write_document(to_document(before))
    assert from_text(written) == before
    (tmp_path / "experiment.py").write_text(to_python(before), encoding="utf-8")
    assert load_experiment(tmp_path).scene("ask").header == Words(HELLO)
    assert 'de = "Apfel"' in written or '"Apfel"' in written


def test_type_checkers_are_told_that_texts_may_be_given_by_language() -> None:
    """Whoever writes a study with a type checker beside it sees no error where there is none."""
    scene = GymScene("game")
    made = {getattr(GymScene, name): type(getattr(scene, f"{name}_options")) for name in GYM_GROUPS}
    made |= {model.__init__: model for model in (Choice, *subclasses(Question), Chat, Design)}
    told = {
        f"{model.__name__}.{name}": parameters[name].annotation
        for function, model in made.items()
        if (parameters := inspect.signature(function).parameters)
        for name, option in model.model_fields.items()
        if is_text(option) and name in parameters and parameters[name].annotation != "Any"
    }
    assert len(told) > 12 and {name: kind for name, kind in told.items() if not kind.startswith("Written")} == {}


def test_a_profile_gives_texts_by_language() -> None:
    changed = with_profile(everything(), {"scenes": {"page": {"scene": {"header": HELLO}}}})
    assert changed.scene("page").header == Words(HELLO)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ({"en": "Hello"}, 'StaticScene("page"): header has no text in "de", only in "en".'),
        (
            {"en": "Hello", "de": "Hallo", "pt": "?"},
            'StaticScene("page"): header has a text in "pt", which is not among languages=("en", "de") of the '
            "experiment.",
        ),
    ],
)
def test_languages_are_checked_with_the_line(tmp_path: Path, text: dict[str, str], problem: str) -> None:
    (tmp_path / "experiment.py").write_text(
        f"""from igym import Experiment, Stager, StaticScene
page = StaticScene("page").display(
    header={text!r}
)
experiment = Experiment("e", languages=("en", "de"), stager=Stager([page]))
""",
        encoding="utf-8",
    )
    with pytest.raises(ExperimentError) as caught:
        load_experiment(tmp_path)
    assert problem in caught.value.text
    assert (caught.value.file, caught.value.line) == ("experiment.py", 2)


def test_what_is_no_language_or_too_long_is_told() -> None:
    with pytest.raises(ExperimentError, match="'english' is no language"):
        StaticScene("page", header={"english": "Hello"})
    with pytest.raises(ExperimentError, match=r"button_label=.* is not allowed \(Button\)"):
        StaticScene("page", button_label={"en": "Go", "de": "x" * 61})


@pytest.mark.parametrize(
    "scene",
    [
        StaticScene("page", header={"en": "{{label}}", "de": "{{lable}}"}),
        Form("page", failed_message="{{lable}}"),
        GymScene("page").policies({0: Human}).waitroom(timeout_message="{{lable}}"),
        GymScene("page").policies({0: Human}).multiplayer(monitoring={"exclusion_message": "{{lable}}"}),
    ],
    ids=lambda scene: scene.kind,
)
def test_what_cannot_be_filled_in_is_told_in_every_language(scene: object) -> None:
    with pytest.raises(ExperimentError, match=r'\{\{lable\}\} cannot be filled in\. Did you mean "label"'):
        study(scene)


def test_the_experiments_own_messages_are_checked_too() -> None:
    for options in (
        {"returns": {"excluded": {"message": "{{lable}}"}}},
        {"entry_screening": {"messages": {"ping": "{{lable}}"}}},
        {"design": {"factors": {"a": ["x", "y"]}, "full_message": "{{lable}}"}},
    ):
        with pytest.raises(ExperimentError, match=r"message.*lable"):
            study(StaticScene("page"), **options)


STUDY = """from igym import ChoiceField, EndScene, Experiment, Form, GymScene, Human, Stager, StaticScene
form = Form("ask", header="Questions", questions=[ChoiceField("fruit", "Which?", choices=["a", "b"])])
page = StaticScene("page")
game = (
    GymScene("game")
    .environment(code="env = None")
    .policies({0: Human})
)
experiment = Experiment("e", languages=("en", "de"), stager=Stager([page, form, game, EndScene("end")]))
"""


def loaded(folder: Path, **texts: str) -> Experiment:
    (folder / "texts").mkdir(exist_ok=True)
    for language, text in texts.items():
        (folder / "texts" / f"{language}.toml").write_text(text, encoding="utf-8")
    (folder / "experiment.py").write_text(STUDY, encoding="utf-8")
    return load_experiment(folder)


GERMAN = """
[page]
header = "Willkommen"
body_file = "seite.html"

[ask]
header = "Fragen"

[ask.questions.fruit]
label = "Welche?"
choices = { a = "Apfel", b = "Birne" }

[game.waitroom]
message = "Gleich."

[experiment.returns.finished]
message = "Danke!"
"""
ENGLISH = """
[page]
header = "Welcome"
body_file = "page.html"

[ask.questions.fruit.choices]
a = "Apple"

[experiment.returns.finished]
message = "Thanks!"
"""


def test_texts_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>Hello</p>", encoding="utf-8")
    (tmp_path / "seite.html").write_text("<p>Hallo</p>", encoding="utf-8")
    found = loaded(tmp_path, de=GERMAN, en=ENGLISH)
    german, english = read_in(found, "de"), read_in(found, "en")
    assert (german.scene("page").header, german.scene("page").body) == ("Willkommen", "<p>Hallo</p>")
    assert (english.scene("page").header, english.scene("page").body) == ("Welcome", "<p>Hello</p>")
    assert [choice.label for choice in german.scene("ask").fields()[0].choices] == ["Apfel", "Birne"]
    assert [choice.label for choice in english.scene("ask").fields()[0].choices] == ["Apple", "b"]
    assert (german.scene("ask").header, english.scene("ask").header) == ("Fragen", "Questions")
    assert german.games[0].waitroom_options.message == "Gleich."
    assert english.games[0].waitroom_options.message.startswith("Please wait")
    assert (german.returns.finished.message, english.returns.finished.message) == ("Danke!", "Thanks!")
    stored = Experiment.from_json(found.to_json())
    assert [text.text for _, text in all_texts(stored)] == [text.text for _, text in all_texts(found)]


@pytest.mark.parametrize(
    ("language", "text", "problem", "line"),
    [
        ("fr", "", "\"fr\" is not among languages=('en', 'de') of the experiment.", None),
        ("de", '\n[pgae]\nheader = "x"\n', 'there is no scene "pgae". Did you mean "page"?', 2),
        ("de", '[ask]\nheader = "x"\nheadr = "x"\n', 'there is no text option "headr". Did you mean "header"?', 3),
        ("de", '[ask.questions.friut]\nlabel = "x"\n', 'there is no "friut". Did you mean "fruit"?', 1),
        ("de", '[page]\n\nheader = "x"\n', 'page.header has no text in "en": texts/en.toml does not give it.', 3),
        ("en", '[ask]\nheader = "Other"\n', "ask.header has another text in \"en\" already, 'Questions'. Keep one", 2),
        ("de", "[ask]\nheader = 3\n", "header=3 is not a text.", 2),
        ("de", "[ask]\nheader = \n", "this is not valid TOML", 2),
        ("de", f'[game.content]\nstart_label = "{"x" * 61}"\n', "start_label=", 1),
        ("de", '[ask]\nheader = "{{lable}}"\n', "{{lable}} cannot be filled in.", None),
    ],
)
def test_what_is_wrong_in_such_a_file_is_told_with_its_line(
    tmp_path: Path, language: str, text: str, problem: str, line: int | None
) -> None:
    with pytest.raises(ExperimentError) as caught:
        loaded(tmp_path, **{language: text})
    assert problem in caught.value.text
    if line is not None:
        assert (caught.value.file, caught.value.line) == (f"texts/{language}.toml", line)
