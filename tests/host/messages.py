"""A valid example of every message a browser may send, and ways to spoil it."""

from __future__ import annotations

from typing import Any

import msgpack

from igym.host.simulate.client import BROWSER
from igym.protocol.codec import CLIENT_MESSAGES

TIMING = {"shown_ms": 0.0, "submitted_ms": 1.0}


def rows(**changes: Any) -> bytes:
    batch = {"v": 1, "scene": "game", "visit": 1, "match": "m001", "episode": 0, "seq": 0, "first": 0, "count": 1,
             "parity": {"rewards.a": [1]}, "local": {}, "inputs": {"0": [1]}, "chain": "ab"}  # fmt: skip
    return bytes(msgpack.packb({**batch, **changes}))


EXAMPLES: dict[str, Any] = {
    "hello": {"protocol": 1, "tab": "t1", "browser": BROWSER, "visit": None},
    "loading": {"step": "python", "label": "Python", "loaded": 1, "total": 2},
    "loaded": {"load_ms": 1.0, "cold": True},
    "answers": {"visit": 999, "values": {"a": 1}, "timing": {**TIMING, "first_change_ms": {}}},
    "advance": {"visit": 999, "timing": TIMING},
    "globals_set": {"values": {"a": 1}},
    "rows": rows(match="m999"),
    "episode_started": {"visit": 999, "match": "m999", "episode": 0},
    "episode_ended": {"visit": 999, "match": "m999", "episode": 0, "frames": 1, "reason": "terminated", "chain": "ab",
                      "scores": {}},
    "game_over": {"visit": 999, "match": "m999", "reason": "complete"},
    "client_error": {"where": "python", "message": "x", "traceback": "", "file": None, "line": None, "fatal": False},
    "console": {"entries": [{"at_ms": 1.0, "level": "log", "text": "x"}]},
    "focus": {"hidden": False, "blurred": False, "at_ms": 1.0},
    "activity": {"at_ms": 1.0},
    "metrics": {"visit": 999, "match": "m999", "samples": [{"age_ms": 0.0, "values": {"fps": 30}}]},
    "chat_say": {"visit": 999, "id": "m1", "text": "hi", "at_ms": 1.0},
    "replay_event": {"visit": 999, "event": "play", "position_s": 1.0, "at_ms": 1.0, "text": ""},
    "web_event": {"visit": 999, "name": "data", "data": None},
    "signal": {"match": "m999", "to": 1, "data": {}},
    "relay": bytes((1, 1, 0)),
    "link": {"match": "m999", "peer": 1, "state": "up", "transport": "p2p", "rtt_ms": 1.0},
    "match_ready": {"match": "m999"},
    "probe": {"probe": "x1", "peer": "p1", "state": "connected", "rtt_ms": [1.0]},
    "pong": {"n": 99999},
    "clock": {"t0_ms": 1.0},
    "host_join": {"match": "m999"},
    "host_input": {"match": "m999", "input": 1, "at_ms": 1.0},
    "host_seen": {"match": "m999", "number": 1, "focused": True, "hidden": False},
    "input_log": {"visit": 999, "match": "m999", "page": "i1", "first": 0, "events": [{"at_ms": 1.0, "kind": "blur"}]},
    "leave": {},
    "notice_read": {"id": "n999"},
}  # fmt: skip
assert EXAMPLES.keys() == CLIENT_MESSAGES.keys(), "every message needs an example here"


def measured(visit: int, match: str, **values: Any) -> dict[str, Any]:
    """A `metrics` message with one sample."""
    return {"visit": visit, "match": match, "samples": [{"age_ms": 0.0, "values": values}]}


FOREIGN = ("rows", "episode_started", "episode_ended", "game_over", "signal", "relay", "link", "match_ready", "probe",
           "answers", "advance", "metrics", "web_event", "chat_say", "host_join", "host_input",
           "host_seen", "input_log")  # fmt: skip
"""Messages whose example names somebody else's match or a page that is not open."""


ANYTHING_GOES = {("web_event", "data")}


def spoiled(name: str) -> list[tuple[str, Any]]:
    """(what is wrong, payload) for one message type."""
    example = EXAMPLES[name]
    kind = CLIENT_MESSAGES[name]
    if kind.binary:
        return [
            ("text instead of bytes", "rows"),
            ("no bytes at all", {"a": 1}),
            ("noise", b"\x00\xff\x00"),
            ("too large", b"\x01\x01" + b"\x00" * (kind.max_bytes + 1)),
        ]
    wrong: list[tuple[str, Any]] = [
        ("a list", [1, 2]),
        ("a text", "x"),
        ("bytes", b"\x00\x01"),
        ("an unknown field", {**example, "extra": 1}),
        ("too large", {**example, "padding": "x" * (kind.max_bytes + 1)}),
        ("too deep", {**example, "deep": _nested(60)}),
    ]
    for field in kind.model_fields:
        alias = kind.model_fields[field].alias or field
        if alias in example and (name, alias) not in ANYTHING_GOES:
            other: Any = ["not", "this"] if isinstance(example[alias], dict) else {"not": "this"}
            wrong.append((f"{alias} of another type", {**example, alias: other}))
    for field, info in kind.model_fields.items():
        if info.is_required():
            wrong.append((f"{field} missing", {k: v for k, v in example.items() if k != (info.alias or field)}))
    return wrong


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value
