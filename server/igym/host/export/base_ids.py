"""The column `base_id`: which scene of the experiment a round's scene is."""

from __future__ import annotations

from collections.abc import Callable

from igym.host.export.people import People, Table
from igym.host.store.store_reader import StoreReader

TableMaker = Callable[[StoreReader, People], Table]


def with_base_ids(make: TableMaker) -> TableMaker:
    """The same table with `base_id` behind its `scene`."""

    def made(source: StoreReader, people: People) -> Table:
        header, rows = make(source, people)
        at, bases = header.index("scene"), {session: bases_of(source, session) for session in people}
        wider = [[*row[: at + 1], bases[row[0]].get(row[at], row[at]), *row[at + 1 :]] for row in rows]
        return [*header[: at + 1], "base_id", *header[at + 1 :]], wider

    return made


def bases_of(source: StoreReader, session: str) -> dict[str, str]:
    """Scene as people came to it → its id in the experiment."""
    entered = source.records(session, kinds=("scene_entered",))
    return {str(record.scene): str(record.body.get("spec") or record.scene) for record in entered}
