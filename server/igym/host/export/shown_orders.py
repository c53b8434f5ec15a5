"""In which order a page showed the list that a person put in order."""

from __future__ import annotations

from igym.host.store.store_reader import StoreReader

Orders = dict[tuple[str | None, int | None], dict[str, list[str]]]


def shown_orders(
    source: StoreReader, session: str, *, participant: str | None = None, scene: str | None = None
) -> Orders:
    """(participant, visit) → question → its values in the order shown; of one participant and scene, or of all."""
    found: Orders = {}
    for record in source.records(session, kinds=("order_shown",), participant=participant, scene=scene):
        # Of somebody who has withdrawn, the record is empty.
        if "order" in record.body:
            key = (record.participant, record.body["visit"])
            found.setdefault(key, {})[record.body["field"]] = record.body["order"]
    return found
