"""The bridge's sentences: it runs without `igym.protocol`, which reads them on the host."""

from __future__ import annotations

import json
from typing import Any

import pytest
from igym_bridge import fault
from igym_bridge.faults import EnvError
from igym_bridge.told import Told as BridgeTold
from igym_bridge.told import together, with_table

from igym.protocol import told
from igym.protocol.told import Told, from_table

FOLDER = "/study"


def message(kind: Any) -> dict[str, Any]:
    return {
        "text": kind("{name}: {inner}", name="x", inner=kind("not {n}", n=3)),
        "several": ["plain {0}", kind("{n} of {most}", n=1, most="{y}"), kind("without values")],
        "number": 3,
    }


def test_they_cross_as_the_host_s_own_do() -> None:
    crossing = with_table(message(BridgeTold))
    assert crossing == told.with_table(message(Told))
    read = from_table(json.loads(json.dumps(crossing)))
    assert read["text"].values["inner"].key == "not {n}" and read["several"][1].values == {"n": 1, "most": "{y}"}
    assert with_table({"text": "plain", "line": None}) == {"text": "plain", "line": None}


def test_several_as_one() -> None:
    both = together([BridgeTold("{n} balls", n=2), "plain {text}"], "; ")
    assert both == "2 balls; plain {text}"
    assert with_table({"text": both})["told"][0][2]["part1"] == {
        "text": "2 balls",
        "key": "{n} balls",
        "values": {"n": 2},
    }


@pytest.mark.parametrize("error", [ZeroDivisionError("by {zero}"), EnvError("Nothing to fill in.")])
def test_an_error_without_values_has_no_table(error: Exception) -> None:
    assert "told" not in json.loads(fault(error, FOLDER))


def test_an_error_of_the_bridge_says_what_its_text_was_made_of() -> None:
    found = json.loads(fault(EnvError("{file} has no function {name}.", file="a.py", name="act"), FOLDER))
    assert found["message"] == "a.py has no function act."
    assert found["told"] == [[["message"], "{file} has no function {name}.", {"file": "a.py", "name": "act"}]]
