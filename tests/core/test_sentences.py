"""What the server says to a participant is in their language, unless a researcher wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import igym.core
from igym.core import endings, screening
from igym.core.joining import JoinRefused, JoinRequest
from igym.core.sentences import GERMAN, said
from igym.experiment.options import FocusOptions, MonitoringOptions, ReconnectionOptions
from igym.experiment.options.lobby import WaitroomOptions
from igym.experiment.scenes import EndScene
from tests.core.experiments import game, make
from tests.core.world import Person, World, start_playing

SHOWN_DEFAULTS = (FocusOptions, MonitoringOptions, ReconnectionOptions, WaitroomOptions)


def sentences() -> Iterator[str]:
    """Every sentence of the server that reaches a participant."""
    for header, text in endings._TEXTS.values():
        yield from (header, text)
    yield from screening._FALLBACK_TEXTS.values()
    for options in SHOWN_DEFAULTS:
        for name, field in options.model_fields.items():
            if name.endswith("message") and field.default:
                yield field.default


@pytest.mark.parametrize("sentence", sorted(set(sentences())))
def test_every_sentence_is_there_in_german(sentence: str) -> None:
    assert sentence in GERMAN


def test_nothing_is_translated_that_nobody_says() -> None:
    """A sentence changed in the code would silently fall back to English."""
    root = Path(igym.core.__file__).parents[1]
    code = "\n".join(
        path.read_text() for folder in ("core", "experiment", "host") for path in sorted((root / folder).rglob("*.py"))
        if path.name != "sentences.py"
    )  # fmt: skip
    joined = re.sub(r'"\s*\n\s*"', "", code)
    assert [sentence for sentence in GERMAN if sentence not in joined] == []


@pytest.mark.parametrize("sentence", GERMAN)
def test_both_forms_fill_in_the_same_names(sentence: str) -> None:
    names = [set(re.findall(r"{(\w+)}", text)) for text in (sentence, GERMAN[sentence])]
    assert names[0] == names[1]


def test_regions_unknown_languages_and_researchers_words() -> None:
    assert said("de-AT", "Thank you") == said("de", "Thank you") == "Vielen Dank"
    assert said("fr", "Thank you") == said(None, "Thank you") == "Thank you"
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
