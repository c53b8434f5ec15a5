"""What the server says to a participant is in their language, unless a researcher wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import igym.core
from igym.core import endings, screening
from igym.core.effects import Refuse
from igym.core.filling import OWN_BUTTONS
from igym.core.joining import JoinRefused, JoinRequest
from igym.core.languages import TABLES
from igym.core.sentences import said
from igym.experiment.options import Chat, FocusOptions, MonitoringOptions, ReconnectionOptions
from igym.experiment.options.lobby import WaitroomOptions
from igym.experiment.scenes import EndScene, Form, NumberField, StartScene, StaticScene
from igym.protocol.told import category, counted
from tests.core.experiments import game, make
from tests.core.world import Person, World, start_playing

SHOWN_DEFAULTS = (FocusOptions, MonitoringOptions, ReconnectionOptions, WaitroomOptions)


def sentences() -> Iterator[str]:
    """Every sentence of the server that reaches a participant."""
    yield from OWN_BUTTONS
    for header, text in endings._TEXTS.values():
        yield from (header, text)
    yield from screening._FALLBACK_TEXTS.values()
    for options in SHOWN_DEFAULTS:
        for name, field in options.model_fields.items():
            if name.endswith("message") and field.default:
                yield field.default


@pytest.mark.parametrize("language", TABLES)
def test_every_sentence_is_there_in_every_language(language: str) -> None:
    assert set(sentences()) - set(TABLES[language]) == set()
    assert TABLES[language].keys() == TABLES["de"].keys()


def test_nothing_is_translated_that_nobody_says() -> None:
    """A sentence changed in the code would silently fall back to English."""
    root = Path(igym.core.__file__).parents[1]
    code = "\n".join(
        path.read_text() for folder in ("core", "experiment", "host") for path in sorted((root / folder).rglob("*.py"))
        if path.parent.name != "languages"
    )  # fmt: skip
    joined = re.sub(r'"\s*\n\s*"', "", code)
    assert [sentence for sentence in TABLES["de"] if sentence not in joined] == []


@pytest.mark.parametrize("language", TABLES)
def test_both_forms_fill_in_the_same_names(language: str) -> None:
    for sentence, entry in TABLES[language].items():
        forms = [entry] if isinstance(entry, str) else list(entry.values())
        wanted = set(re.findall(r"{(\w+)}", sentence))
        for form in forms:
            # A form for one number may say it in a word.
            allowed = [wanted] if isinstance(entry, str) else [wanted, wanted - {"n"}]
            assert set(re.findall(r"{(\w+)}", form)) in allowed


@pytest.mark.parametrize("language", TABLES)
def test_every_number_has_its_form(language: str) -> None:
    """The forms a language needs, and none it never uses, are those of its own grammar."""
    needed = {category(language, n) for n in range(200)}
    for sentence, entry in TABLES[language].items():
        if not isinstance(entry, str):
            assert set(entry) == needed, sentence


def test_regions_unknown_languages_and_researchers_words() -> None:
    assert said("de-AT", "Thank you") == said("de", "Thank you") == "Vielen Dank"
    assert said("pl", "Thank you") == said(None, "Thank you") == "Thank you"
    assert said("de", "Danke für alles!") == "Danke für alles!"
    assert said("de", "Please use at most {most} ordinary characters.", most=9).endswith("9 gewöhnliche Zeichen.")


def german(world: World, count: int) -> list[Person]:
    people = world.arrive(count)
    for person in people:
        world.session.state.participants[person.id].language = "de"
    return people


def study(**waitroom: Any) -> World:
    scene = game("match", 2).waitroom(**{"timeout_s": 60, "on_timeout": "end", **waitroom})
    return World(make(scene, EndScene("end")))


def test_waitroom_pause_and_early_end() -> None:
    world = study()
    a, b = german(world, 2)
    start_playing(world, [a, b])
    b.close()
    seat = world.session.state.matches["m001"].seat_of(b.id)
    assert seat is not None
    a.say("link", match=a.match, peer=seat.player, state="lost", transport="p2p", rtt_ms=None)
    paused = [message for message in a.got("match_state") if message.state == "paused"]
    assert paused[-1].text.startswith("Die Verbindung zu jemand anderem")
    world.run(31)
    ended = [message for message in a.got("match_state") if message.state == "ended"]
    assert ended[-1].text.startswith("Die andere Person ist nicht zurückgekommen")


def test_partners_with_different_languages_each_read_their_own() -> None:
    world = study()
    a, b = world.arrive(2)
    world.session.state.participants[a.id].language = "de"
    start_playing(world, [a, b])
    world.command("end_match", match=a.match)
    texts = [[m.text for m in person.got("match_state") if m.state == "ended"][-1] for person in (a, b)]
    assert texts[0].startswith("Die Versuchsleitung") and texts[1].startswith("The experimenter")


def test_the_end_of_the_wait_and_of_the_session() -> None:
    world = study()
    (waits,) = german(world, 1)
    world.run(61)
    assert waits.last("closed").header == "Das Warten ist vorbei"
    assert "Leider ist niemand rechtzeitig" in waits.last("closed").body
    (other,) = german(world, 1)
    world.command("exclude", participant=other.id)
    assert other.last("closed").header == "Die Studie ist für Sie beendet"


def test_a_researchers_own_words_stay() -> None:
    world = study(timeout_message="Sorry!")
    (waits,) = german(world, 1)
    world.run(61)
    assert "Sorry!" in waits.last("closed").body


def test_joining_is_refused_in_the_pages_language() -> None:
    world = study()
    world.command("close_admission")
    refused = world.session.admit(JoinRequest(None, None, {}, "de"))
    assert isinstance(refused, JoinRefused) and refused.text.startswith("Diese Sitzung nimmt")


def test_numbers_take_their_form() -> None:
    asked = [counted(n, "Please choose at least one.", "Please choose at least {n}.") for n in (1, 2)]
    assert [said("en", text) for text in asked] == ["Please choose at least one.", "Please choose at least 2."]
    assert [said("de", text) for text in asked] == [
        "Bitte wählen Sie mindestens eine Antwort.",
        "Bitte wählen Sie mindestens 2 Antworten.",
    ]


def test_what_a_researcher_wrote_in_several_languages_reaches_each_in_theirs() -> None:
    words = {"en": "Hello {{label}}", "de": "Hallo {{label}}"}
    page = StaticScene("page", header=words, button_label={"en": "Go", "de": "Los"})
    returns = {"excluded": {"message": {"en": "Bye, {{label}}", "de": "Tschüs, {{label}}"}}}
    world = World(make(page, EndScene("end"), languages=("en", "de"), participant_ids="label", returns=returns))
    cases = (("de-CH", "Urs", "Hallo", "Los", "Tschüs"), ("en", "Jo", "Hello", "Go", "Bye"))
    for language, label, hello, go, bye in cases:
        person = world.join(label=label, language=language).open()
        spec = person.last("scene").spec
        assert (spec["header"], spec["button_label"]) == (f"{hello} {label}", go)
        world.command("exclude", participant=person.id)
        assert person.last("closed").body == f"<p>{bye}, {label}</p>"


def test_a_phrase_is_heard_in_the_readers_language() -> None:
    phrases = [{"en": "Left!", "de": "Links!"}, {"en": "Right!", "de": "Rechts!"}]
    scene = game("match", 2).waitroom(countdown_s=3).content(chat=Chat(show="during", phrases=phrases))
    world = World(make(scene, EndScene("end"), languages=("en", "de")))
    german, english = (world.join(language=tag).open() for tag in ("de", "en"))
    start_playing(world, [german, english])
    assert [person.last("chat").phrases[0] for person in (german, english)] == ["Links!", "Left!"]
    german.say("chat_say", visit=german.visit, id="m1", phrase=1, at_ms=1.0)
    assert [person.last("chat_said").line.text for person in (german, english)] == ["Rechts!", "Right!"]
    assert [record.body["text"] for record in world.records("chat")] == ["Right!"]


def test_wrong_answers_are_refused_in_ones_language() -> None:
    world = World(make(Form("ask", questions=[NumberField("age", max=9)]), EndScene("end")))
    person = world.join(language="de").open()
    refused = [effect for effect in person.send_answers(age=10) if isinstance(effect, Refuse)]
    assert refused[0].text == "age: Bitte wählen Sie einen Wert von höchstens 9."


def test_a_button_that_nobody_named_is_in_the_persons_language() -> None:
    scene = game("play", 1).content(body="<p>Soon.</p>")
    own = StaticScene("own", button_label="Continue, please")
    world = World(make(StartScene("start"), StaticScene("page"), own, scene, EndScene("end"), languages=("en", "fr")))
    people = [world.join(language=tag).open() for tag in ("fr", "en")]

    def buttons() -> list[str]:
        specs = [person.last("scene").spec for person in people]
        for person in people:
            person.advance()
        return [spec["content"]["start_label"] if "content" in spec else spec["button_label"] for spec in specs]

    assert buttons() == ["Commencer", "Start"]
    assert buttons() == ["Continuer", "Continue"]
    assert buttons() == ["Continue, please"] * 2, "a researcher's own words"
    assert buttons() == ["Commencer", "Start"]
