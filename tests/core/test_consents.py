"""Consent is written down by itself: the box, the version, and the text that was agreed to."""

from __future__ import annotations

import hashlib

from igym.experiment.experiment import Experiment
from igym.experiment.scenes import ConsentField, EndScene, Form, NumberField, StaticScene
from tests.core.experiments import make
from tests.core.world import World


def study() -> Experiment:
    boxes = [
        ConsentField("agree", "I agree, {{label}}.", version="2.1"),
        ConsentField("mail", "You may write to me.", required=False),
        NumberField("age", "Your age?"),
    ]
    form = Form("consent", questions=boxes).display(header="Before we begin", body="<p>What we do.</p>")
    return make(form, StaticScene("next"), EndScene("end"))


def test_each_box_is_written_down_with_version_and_hash_and_each_text_once() -> None:
    world = World(study())
    people = world.arrive(2)
    for person in people:
        assert person.send_answers(agree=True, mail=False, age=30)
    told = [(record.participant, record.body["field"], record.body["given"], record.body["version"])
            for record in world.records("consent")]  # fmt: skip
    assert told == [(who.id, *box) for who in people for box in (("agree", True, "2.1"), ("mail", False, ""))]
    texts = {record.body["text_hash"]: record.body["text"] for record in world.records("consent_text")}
    assert len(world.records("consent_text")) == 2, "a text that everybody sees is kept once"
    assert all(hashlib.sha256(text.encode()).hexdigest() == found for found, text in texts.items())
    agreed = texts[world.records("consent")[0].body["text_hash"]]
    assert agreed == "Before we begin\n\n<p>What we do.</p>\n\nI agree, {{label}}.\n", "nothing personal in it"
    assert all(record.participant is None for record in world.records("consent_text")), "stays when somebody is erased"


def test_the_page_knows_the_hash_it_prints() -> None:
    world = World(study())
    (person,) = world.arrive()
    told = person.last("scene").spec["consent_hashes"]
    person.send_answers(agree=True, mail=True, age=30)
    assert told == {record.body["field"]: record.body["text_hash"] for record in world.records("consent")}
    assert "consent_hashes" not in person.last("scene").spec


def test_a_page_made_for_one_person_keeps_its_text_with_them() -> None:
    form = Form("consent", questions=[ConsentField("agree", "Yes")], page_for=lambda context: "<p>For you</p>")
    world = World(make(form, StaticScene("next"), EndScene("end")))
    (person,) = world.arrive()
    world.answer("page_for", "<p>For you</p>")
    person.send_answers(agree=True)
    assert world.records("consent")[0].body["text"] == "<p>For you</p>\n\nYes\n"
    assert world.records("consent_text") == []
