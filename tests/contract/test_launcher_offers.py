"""What the launcher offers by name is what there is: it imports nothing of what it offers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from igym.experiment.experiment import Experiment
from igym.experiment.form import form_schema
from igym.experiment.scenes import ChatScene, Form, GymScene
from igym.host.files.export_formats import FORMATS
from igym_desktop.flow.entries import variant_title
from igym_desktop.flow.export_plan import formats


def test_every_export_format_is_on_the_data_page() -> None:
    assert {name for name, _ in formats()} == set(FORMATS), "igym_desktop/flow/export_plan.py"


def variants(schema: Any) -> Iterator[str]:
    """The kinds of entries that any list of the form may hold."""
    if isinstance(schema, dict):
        yield from (variant["kind"] for variant in schema.get("variants", ()))
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from variants(inner)


def test_every_kind_of_entry_has_words_of_its_own() -> None:
    scenes = [Form("ask"), ChatScene("talk"), GymScene("game").environment(code="env = 1")]
    found = set(variants(form_schema(Experiment(id="x", stager=scenes))))
    assert {"TextField", "Onnx", "Pool", "Fifo", "Axis", "Responder"} <= found
    assert sorted(kind for kind in found if variant_title(kind) == kind) == [], "igym_desktop/flow/entries.py"
