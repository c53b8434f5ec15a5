"""Hidden ICE candidates get the address the host sees."""

from __future__ import annotations

from typing import Any

import pytest

from igym.host.ice.candidates import with_reachable
from igym.protocol.client import Signal

HIDDEN = "candidate:1 1 udp 2113937151 3b1c2f0e-0d4e-4d0a-9f5b-1f6d3c2b1a00.local 54321 typ host generation 0"


def signal(candidate: Any) -> Signal:
    return Signal(match="m001", to=1, data={"kind": "candidate", "tag": "l1", "candidate": candidate})


def test_a_hidden_candidate_is_also_told_with_the_address_the_host_sees() -> None:
    message = with_reachable(signal({"candidate": HIDDEN, "sdpMid": "0"}), "10.0.0.7")
    assert message.data["candidate"] == {"candidate": HIDDEN, "sdpMid": "0"}
    reachable = message.data["reachable"]
    assert isinstance(reachable, dict)
    assert reachable["candidate"] == "candidate:1 1 udp 2113937151 10.0.0.7 54321 typ host generation 0"
    assert reachable["sdpMid"] == "0"


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "", "somewhere", "10.0.0.7 typ"])
def test_an_address_nobody_else_can_use_is_not_passed_on(address: str) -> None:
    assert "reachable" not in with_reachable(signal({"candidate": HIDDEN}), address).data


@pytest.mark.parametrize(
    "candidate",
    [None, "text", {}, {"candidate": 5}, {"candidate": "candidate:1"}, {"candidate": HIDDEN.replace(".local", "")}],
)
def test_everything_else_passes_as_it_is(candidate: Any) -> None:
    message = signal(candidate)
    assert with_reachable(message, "10.0.0.7") is message
