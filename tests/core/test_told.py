"""A sentence keeps what it was made of on every way through the program, and is English to whoever does not ask."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from igym.core.events import Answered
from igym.host.base.json_lines import line_of, read_line
from igym.protocol.told import Told, claimed, counted, from_table, rendered, together, with_table

GERMAN = {
    "{who} is late.": "{who} ist zu spät.",
    "Because of {why}": "Wegen {why}",
    "the rain": "des Regens",
    "{n} lines": {"one": "eine Zeile", "other": "{n} Zeilen"},
}


def late() -> Told:
    return Told("{who} is late.", who="P1")


def german(text: str) -> str:
    return rendered(GERMAN, "de", text)


def test_it_is_an_english_text() -> None:
    assert late() == "P1 is late." and json.dumps([late()]) == '["P1 is late."]' and f"{late()}" == "P1 is late."
    assert counted(1, "{n} line", "{n} lines") == "1 line" and counted(2, "{n} line", "{n} lines") == "2 lines"
    assert Told("{") == "{"


@pytest.mark.parametrize("same", [copy.deepcopy, lambda told: pickle.loads(pickle.dumps(told, 5)), str])
def test_it_stays_one_when_it_is_copied_stored_or_raised(same: Any) -> None:
    for told in (late(), counted(1, "{n} line", "{n} lines")):
        again = same(told)
        assert (again, again.key, again.values) == (told, told.key, told.values)
    assert german(str(ValueError(late()))) == "P1 ist zu spät."


def test_sentences_within_and_after_others() -> None:
    why = Told("Because of {why}", why=Told("the rain"))
    assert german(together(late(), "", why)) == "P1 ist zu spät. Wegen des Regens"
    assert together(late(), why) == "P1 is late. Because of the rain"
    assert german(together(late(), "boom: {x}")) == "P1 ist zu spät. boom: {x}"
    assert german(Told("{a}, untranslated", a=Told("the rain"))) == "des Regens, untranslated"
    assert together(late()).key == late().key and together() == ""  # type: ignore[attr-defined]


def test_what_nobody_translated_stays_as_it_is() -> None:
    for text in ("ZeroDivisionError: {0}", "", Told("Nobody knows {this}.", this="{that}")):
        assert german(text) == str(text)


def test_it_crosses_to_another_process_beside_its_english() -> None:
    message = {
        "ok": False,
        "text": late(),
        "list": [{"of": (1, counted(1, "{n} line", "{n} lines"))}],
        "data": {"told": 1},
    }
    line = line_of(message)
    assert {name: value for name, value in json.loads(line).items() if name != "told"} == json.loads(
        json.dumps(message)
    )
    again = read_line(line)
    assert german(again["text"]) == "P1 ist zu spät." and german(again["list"][0]["of"][1]) == "eine Zeile"
    assert again["list"][0]["of"][1] == "1 line" and again["data"] == {"told": 1} and again.keys() == message.keys()
    nested = read_line(line_of({"text": together(late(), Told("Because of {why}", why=Told("the rain")))}))
    assert german(nested["text"]) == "P1 ist zu spät. Wegen des Regens"


def test_a_message_without_sentences_is_sent_as_it_is() -> None:
    message = {"text": "plain", "at": 1.5}
    assert with_table(message) is message and from_table(message) is message


@pytest.mark.parametrize("table", [[1], [["text"]], [[["no"], "k", {}]], [[["text", 0], "k", {}]], [[["at"], "k", {}]],
                                   [[["text"], "{x}", 3]]])  # fmt: skip
def test_a_table_that_does_not_fit_changes_nothing(table: Any) -> None:
    assert from_table({"text": "plain", "at": 1, "told": table}) == {"text": "plain", "at": 1}


def test_what_it_was_made_of_is_stored_with_the_event() -> None:
    """A session that is gone on with after a crash has its problems in the launcher's language again."""
    event = Answered("q1", error={"type": "Late", "message": late()})
    stored = json.loads(json.dumps(with_table(event.to_json())))
    again = Answered.from_json(from_table(stored))
    assert again == event and german(again.error["message"]) == "P1 ist zu spät."  # type: ignore[index]


def test_a_browser_s_sentence_counts_when_it_is_what_its_text_says() -> None:
    told = claimed("P1 is late.", "{who} is late.", {"who": "P1"})
    assert german(told) == "P1 ist zu spät."
    why = claimed(
        "Because of the rain",
        "Because of {why}",
        {"why": {"text": "the rain", "key": "the {x}", "values": {"x": "rain"}}},
    )
    assert german(why) == "Wegen the rain"
    assert german(claimed("2 lines", "{n} lines", {"n": 2})) == "2 Zeilen"
    braces = claimed('{"a": 1}', '{{"{name}": {number}}}', {"name": "a", "number": 1})
    assert isinstance(braces, Told) and braces == '{"a": 1}'


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("P2 is late.", "{who} is late.", {"who": "P1"}),
        ("x is late.", "{who} is late.", {"who": "x", "more": "y"}),
        ("{who} is late.", "{who} is late.", {}),
        ("<class 'str'> is late.", "{who.__class__} is late.", {"who": "x"}),
        ("'x' is late.", "{who!r} is late.", {"who": "x"}),
        ("         x is late.", "{who:>10} is late.", {"who": "x"}),
        ("broken {", "broken {", {"a": 1}),
        ("x lines", "{n} lines", {"n": "x"}),
        ("-1 lines", "{n} lines", {"n": -1}),
        ("True lines", "{n} lines", {"n": True}),
        ("x" * 50, "{a}" * 50, {"a": "x"}),
        ("[1] is late.", "{who} is late.", {"who": [1]}),
        ("sun", "{why}", {"why": {"text": "sun", "key": "{x}", "values": {"x": "rain"}}}),
        ("sun", "{why}", {"why": {"text": "sun", "key": "{x}", "values": "no dict"}}),
    ],
)
def test_what_a_browser_claims_and_is_not_so_stays_a_plain_text(text: str, key: str, values: dict[str, Any]) -> None:
    told = claimed(text, key, values)
    assert told == text and not isinstance(told, Told)
