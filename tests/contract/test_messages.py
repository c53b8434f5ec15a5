"""Every message: golden examples stay readable, everything else is refused with a reason and never raises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from igym.protocol.base import ProtocolError
from igym.protocol.binary import Rows
from igym.protocol.codec import CLIENT_MESSAGES, SERVER_MESSAGES, decode, decode_from_server, encode
from igym.protocol.plain_json import MAX_DEPTH

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "golden_messages.json").read_text(encoding="utf-8"))
JSON_EXAMPLES = [("client", name, payload) for name, payload in GOLDEN["client"].items()] + [
    ("server", name, payload) for name, payload in GOLDEN["server"].items()
]
BINARY_EXAMPLES = [
    (side, name, bytes.fromhex(text)) for side, group in GOLDEN["binary"].items() for name, text in group.items()
]
READ = {"client": decode, "server": decode_from_server}


def test_rows_are_kept_as_they_came_but_for_what_they_need_not_say() -> None:
    sent = bytes.fromhex(GOLDEN["binary"]["client"]["rows"])
    fields = msgpack.unpackb(sent)
    turned = bytes(msgpack.packb(dict(reversed(fields.items()))))
    assert Rows.from_bytes(turned).payload() == turned

    needless = {name: value for name, value in fields.items() if Rows.model_fields[name].is_required()}
    said = Rows.from_bytes(msgpack.packb({**needless, "marks": "", "globals": None}))
    assert msgpack.unpackb(said.payload()) == needless


def test_rows_are_the_same_wherever_they_come_from_and_a_changed_copy_says_what_it_is() -> None:
    read = Rows.from_bytes(bytes.fromhex(GOLDEN["binary"]["client"]["rows"]))
    made = Rows.model_validate(read.model_dump())
    assert read == made and made == read and repr(read) == repr(made)

    other = read.model_copy(update={"seq": read.seq + 1})
    assert Rows.from_bytes(other.payload()).seq == read.seq + 1


def test_every_message_has_a_golden_example() -> None:
    assert {*GOLDEN["client"], *GOLDEN["binary"]["client"]} == set(CLIENT_MESSAGES)
    assert {*GOLDEN["server"], *GOLDEN["binary"]["server"]} == set(SERVER_MESSAGES)


@pytest.mark.parametrize(("side", "name", "payload"), JSON_EXAMPLES)
def test_a_golden_message_is_read_and_written_back_unchanged(side: str, name: str, payload: Any) -> None:
    message = READ[side](name, payload)
    assert not isinstance(message, ProtocolError), message
    assert encode(message) == (name, payload)


@pytest.mark.parametrize(("side", "name", "data"), BINARY_EXAMPLES)
def test_a_golden_binary_message_keeps_its_bytes(side: str, name: str, data: bytes) -> None:
    message = READ[side](name, data)
    assert not isinstance(message, ProtocolError), message
    assert encode(message) == (name, data)


@pytest.mark.parametrize(("side", "name", "payload"), JSON_EXAMPLES)
def test_a_message_is_frozen(side: str, name: str, payload: Any) -> None:
    message = READ[side](name, payload)
    for field in type(message).model_fields:
        with pytest.raises(ValueError, match="frozen"):
            setattr(message, field, None)


def _code(side: str, name: str, payload: Any) -> str | None:
    read = READ[side](name, payload)
    return read.code if isinstance(read, ProtocolError) else None


@pytest.mark.parametrize(("side", "name", "payload"), JSON_EXAMPLES)
def test_unknown_and_misspelt_fields_are_refused(side: str, name: str, payload: dict[str, Any]) -> None:
    assert _code(side, name, payload | {"surprise": 1}) == "malformed"
    for field in payload:
        rest = {key: value for key, value in payload.items() if key != field}
        assert _code(side, name, rest | {field.upper() + "x": payload[field]}) == "malformed"


@pytest.mark.parametrize(("side", "name", "payload"), JSON_EXAMPLES)
def test_a_value_of_the_wrong_type_is_refused(side: str, name: str, payload: dict[str, Any]) -> None:
    free = {("web_event", "data")}
    for field in payload:
        if (name, field) in free:
            continue
        wrong: Any = 3.5 if isinstance(payload[field], str | dict | list) else "seven"
        assert _code(side, name, payload | {field: wrong}) == "malformed", field


@pytest.mark.parametrize("name", sorted(CLIENT_MESSAGES))
@pytest.mark.parametrize("payload", ["text", 5, [], [1], True, 1.5])
def test_a_payload_of_the_wrong_kind_is_refused(name: str, payload: Any) -> None:
    assert _code("client", name, payload) == "wrong_type"


@pytest.mark.parametrize("name", sorted(CLIENT_MESSAGES))
def test_json_for_binary_and_binary_for_json_are_refused(name: str) -> None:
    assert _code("client", name, {} if CLIENT_MESSAGES[name].binary else b"\x01\x01abc") == "wrong_type"


@pytest.mark.parametrize("name", sorted(CLIENT_MESSAGES))
def test_an_oversized_message_is_refused_before_it_is_looked_at(name: str) -> None:
    kind = CLIENT_MESSAGES[name]
    payload: Any = b"\x01" * (kind.max_bytes + 1) if kind.binary else {"visit": "x" * (kind.max_bytes + 1)}
    assert _code("client", name, payload) == "oversized"


@pytest.mark.parametrize("payload", [float("nan"), float("inf"), 2**70, "\ud800", {1: 2}.keys(), object(), b"raw"])
def test_values_json_cannot_hold_are_refused(payload: Any) -> None:
    assert _code("client", "globals_set", {"values": {"a": payload}}) == "malformed"


def test_deep_nesting_is_refused() -> None:
    deep: Any = 1
    for _ in range(MAX_DEPTH + 5):
        deep = [deep]
    assert _code("client", "globals_set", {"values": {"a": deep}}) == "malformed"


@pytest.mark.parametrize("name", ["", "Hello", "welcome", "no_such", "__class__", 7, None])
def test_unknown_names_are_refused(name: Any) -> None:
    assert _code("client", name, {}) == "unknown_message"


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.sampled_from(sorted(CLIENT_MESSAGES)), ANY_JSON)
def test_whatever_a_browser_sends_is_read_or_refused(name: str, payload: Any) -> None:
    read = decode(name, payload)
    if not isinstance(read, ProtocolError):
        assert decode(*encode(read)) == read


@settings(deadline=None)
@given(st.sampled_from(JSON_EXAMPLES), st.data())
def test_a_golden_message_with_one_field_replaced_is_read_or_refused(
    example: tuple[str, str, dict[str, Any]], data: st.DataObject
) -> None:
    side, name, payload = example
    if not payload:
        return
    field = data.draw(st.sampled_from(sorted(payload)))
    READ[side](name, payload | {field: data.draw(ANY_JSON)})


ROWS: dict[str, Any] = msgpack.unpackb(bytes.fromhex(GOLDEN["binary"]["client"]["rows"]))


def _rows_code(**changes: Any) -> str | None:
    return _code("client", "rows", msgpack.packb(ROWS | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"count": 3},
        {"count": 0},
        {"count": True},
        {"first": -1},
        {"match": "../../etc"},
        {"match": ""},
        {"chain": "not hex"},
        {"surprise": 1},
        {"parity": {"actions.left": [1]}},
        {"parity": {"": [1, 2]}},
        {"parity": {"a": "text"}},
        {"parity": {"a": [{"b": 1}, 2]}},
        {"parity": {"a": [b"raw", 2]}},
        {"parity": {"a": [[[[[1]]]], 2]}},
        {"inputs": {"0": [1.5, 2]}},
        {"inputs": {"0": [1]}},
        {"local": []},
    ],
)
def test_a_wrong_batch_of_rows_is_refused(changes: dict[str, Any]) -> None:
    assert _rows_code(**changes) == "malformed"


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x01", msgpack.packb([1]), msgpack.packb({1: 2}), b"\xff" * 40])
def test_bytes_that_are_no_rows_are_refused(data: bytes) -> None:
    assert _code("client", "rows", data) == "malformed"


def test_msgpack_extensions_are_refused() -> None:
    packed = msgpack.packb(ROWS | {"parity": {"a": [msgpack.ExtType(5, b"x"), 1]}})
    assert _code("client", "rows", packed) == "malformed"


def test_rows_may_hold_missing_values_nested_actions_and_infinities() -> None:
    parity = {"actions.a": [[0.5, 1.0], [0.0, -1.0]], "observations.a.0": [float("inf"), None], "infos.a.x": ["a", 1]}
    read = decode("rows", msgpack.packb(ROWS | {"parity": parity}))
    assert isinstance(read, Rows)
    assert read.parity == parity
    assert read.last_frame == 1


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_never_raise(data: bytes) -> None:
    for name in ("rows", "relay"):
        decode(name, data)
    decode_from_server("relay_in", data)


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x01\x00", b"\x02\x00a", b"\x01\xffa"])
def test_a_relayed_packet_needs_version_player_and_content(data: bytes) -> None:
    assert _code("client", "relay", data) == "malformed"


def test_the_reason_never_repeats_what_was_sent() -> None:
    read = decode("advance", {"visit": "secret" * 50, "timing": {"shown_ms": 0, "submitted_ms": 0}})
    assert isinstance(read, ProtocolError)
    assert "secret" not in read.text
    assert "visit" in read.text
