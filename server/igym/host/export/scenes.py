"""Files about one participant in one scene: answers, metadata, globals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from igym.host.export.described import scene_options
from igym.host.export.files import write_csv, write_json
from igym.host.export.layout import Layout
from igym.host.export.page_times import page_times, time_on_page_ms
from igym.host.export.shown_orders import Orders, shown_orders
from igym.host.store.store_reader import SessionRow, StoredRecord, StoreReader

ANSWER_HEADER = ("session", "participant", "scene", "visit", "shown_at", "submitted_at", "time_on_page_ms")


def write_answers(source: StoreReader, layout: Layout, participant: str, scene: str) -> Iterator[Path]:
    """Write one row per submission of a static scene: the typed answers and when each field was first touched."""
    records = list(source.records(layout.session, kinds=("answers",), participant=participant, scene=scene))
    if not records:
        return
    fields = list(dict.fromkeys(name for record in records for name in record.body.get("values", {})))
    orders = shown_orders(source, layout.session, participant=participant, scene=scene)
    ordered = [name for name in fields if any(name in order for order in orders.values())]
    columns = (f"first_change_ms.{name}" for name in fields)
    header = [*ANSWER_HEADER, *fields, *columns, *(f"shown_order.{name}" for name in ordered)]
    path = layout.of_participant(scene, participant, ".csv")
    rows = (
        [layout.session, *_answer_row(record, fields), *_order_cells(record, orders, ordered)] for record in records
    )
    write_csv(path, header, rows, layout.types)
    yield path


def _answer_row(record: StoredRecord, fields: list[str]) -> list[Any]:
    values, timing = record.body.get("values", {}), record.body.get("timing") or {}
    on_page, (shown_at, submitted_at) = time_on_page_ms(timing), page_times(timing, record.at)
    changed = timing.get("first_change_ms") or {}
    head = [record.participant, record.scene, record.body.get("visit"), shown_at, submitted_at, on_page]
    return [*head, *(values.get(name) for name in fields), *(changed.get(name) for name in fields)]


def _order_cells(record: StoredRecord, orders: Orders, ordered: list[str]) -> list[Any]:
    shown = orders.get((record.participant, record.body.get("visit")), {})
    return [shown.get(name) for name in ordered]


def write_metadata(
    source: StoreReader, row: SessionRow, layout: Layout, participant: str, scene: str
) -> Iterator[Path]:
    """Write what a scene was (its full options and the researcher's metadata) and when this participant was in it."""
    described = scene_options(row.experiment, scene)
    if described.get("should_export_metadata") is False:
        return
    visits = _visits(source, layout.session, participant, scene)
    codes = source.records(layout.session, kinds=("code_issued",), participant=participant)
    value = {
        "experiment": row.experiment.get("id"),
        "session": row.id,
        "participant": participant,
        "scene": scene,
        "scene_type": described.get("kind"),
        "metadata": described.get("metadata", {}),
        "options": described,
        "visits": visits,
        "completion_codes": [code.body.get("code") for code in codes if code.scene in (scene, None)],
        "app_version": row.app_version,
        "session_seed": row.seed,
    }
    path = layout.of_participant(scene, participant, "_metadata.json")
    write_json(path, value)
    yield path


def _visits(source: StoreReader, session: str, participant: str, scene: str) -> list[dict[str, Any]]:
    visits: dict[Any, dict[str, Any]] = {}
    for record in source.records(session, kinds=("scene_entered", "scene_left"), participant=participant, scene=scene):
        visit = visits.setdefault(record.body.get("visit"), {"visit": record.body.get("visit")})
        visit["entered_at" if record.kind == "scene_entered" else "left_at"] = record.at
    return list(visits.values())


def write_globals(source: StoreReader, layout: Layout, participant: str, scene: str) -> Iterator[Path]:
    """Write a participant's shared values and custom attributes as they were after this scene, before the next one."""
    shared, attributes = values_after(source, layout.session, participant, scene)
    if shared or attributes:
        path = layout.of_participant(scene, participant, "_globals.json")
        write_json(path, {"globals": shared, "attributes": attributes})
        yield path


def values_after(
    source: StoreReader, session: str, participant: str, scene: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Also what a hook said about the scene when it had been left belongs to it; the last leaving counts."""
    now: dict[str, dict[str, Any]] = {"globals": {}, "attributes": {}}
    after: dict[str, dict[str, Any]] | None = None
    was_left = False
    kinds = (*now, "scene_entered", "scene_left")
    for record in source.records(session, kinds=kinds, participant=participant):
        if record.kind in now:
            now[record.kind] = now[record.kind] | record.body.get("values", {})
        elif record.kind == "scene_left":
            was_left = record.scene == scene
        elif was_left:
            after, was_left = dict(now), False
    found = now if was_left or after is None else after
    return found["globals"], found["attributes"]
