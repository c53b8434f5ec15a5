"""`attempts.csv`: every answer given to a form that checks them, right or wrong."""

from __future__ import annotations

from igym.host.export.answers import number_of, plain
from igym.host.export.cells import cell
from igym.host.export.join_keys import place_of
from igym.host.export.page_times import page_times
from igym.host.export.people import People, Table, all_key_names, key_cells
from igym.host.export.times import iso
from igym.host.store.store_reader import StoreReader

HEADER = ("scene", "visit", "attempt", "field", "value", "number", "right", "submitted_at", "submitted_at_iso")


def attempts_table(source: StoreReader, people: People) -> Table:
    """One row per judged question of each attempt, in the order in which they were sent."""
    names = all_key_names(people)
    lines = []
    for session, known in people.items():
        for record in source.records(session, kinds=("attempt",)):
            body, who = record.body, str(record.participant)
            keys = key_cells(known.get(who), names, place_of(record))
            submitted_at = page_times(body.get("timing") or {}, record.at)[1]
            for field in body.get("judged", ()):
                value = plain(body["values"].get(field))
                shown = None if value is None else cell(value)
                told = [shown, number_of(value), field not in body["wrong"], submitted_at, iso(submitted_at)]
                lines.append([session, who, *keys, record.scene, body["visit"], body["attempt"], field, *told])
    return ["session", "participant", *names, *HEADER], lines
