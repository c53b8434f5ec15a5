"""Every message of the lab check: golden examples stay readable, everything else is refused with a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from igym.protocol.base import ProtocolError
from igym.protocol.codec import LAB_CLIENT_MESSAGES, LAB_SERVER_MESSAGES, decode_lab, decode_lab_from_server, encode

GOLDEN: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "golden_lab_messages.json").read_text())
READ = {"client": decode_lab, "server": decode_lab_from_server}
EXAMPLES = [(side, name, payload) for side, group in GOLDEN.items() for name, payload in group.items()]
SHARED = {"pong", "signal", "relay", "ping", "signal_in", "relay_in", "refused"}


def test_every_message_has_a_golden_example() -> None:
    assert set(GOLDEN["client"]) == set(LAB_CLIENT_MESSAGES) - SHARED
    assert set(GOLDEN["server"]) == set(LAB_SERVER_MESSAGES) - SHARED


@pytest.mark.parametrize(("side", "name", "payload"), EXAMPLES)
def test_a_golden_message_is_read_and_written_back_unchanged(side: str, name: str, payload: Any) -> None:
    message = READ[side](name, payload)
    assert not isinstance(message, ProtocolError), message
    assert encode(message) == (name, payload)


@pytest.mark.parametrize(("side", "name", "payload"), EXAMPLES)
def test_unknown_fields_are_refused(side: str, name: str, payload: dict[str, Any]) -> None:
    read = READ[side](name, payload | {"surprise": 1})
    assert isinstance(read, ProtocolError)
    assert read.code == "malformed"


@pytest.mark.parametrize("seat", ["", "<b>", "a/b", "x" * 41, "..\\..", "PC\n7"])
def test_a_seat_has_a_name_that_could_stand_on_a_computer(seat: str) -> None:
    read = decode_lab("seat_hello", GOLDEN["client"]["seat_hello"] | {"seat": seat})
    assert isinstance(read, ProtocolError)


@pytest.mark.parametrize("name", ["hello", "answers", "rows", "leave", "nothing"])
def test_what_belongs_to_a_session_is_unknown_here(name: str) -> None:
    read = decode_lab(name, {})
    assert isinstance(read, ProtocolError)
    assert read.code == "unknown_message"
