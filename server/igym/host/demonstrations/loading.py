"""Sets of demonstrations for who loads a data folder in Python: written, then opened."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igym.host.base.errors import HostError
from igym.host.export.exporter import Exporter
from igym.host.export.formats import ALL_SESSIONS
from igym.host.export.minari import write_sets
from igym.host.export.selection import kind_of
from igym.host.store.postgres.place import has_data
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE

if TYPE_CHECKING:
    from igym.data import Origin


def sets_of(origin: Origin, folder: str | Path | None, asked: frozenset[str]) -> dict[str, Any]:
    """As `ExperimentData.to_minari` says."""
    database = origin.folder / DATABASE
    if not has_data(database):
        raise FileNotFoundError(f"{origin.folder} has no {DATABASE}: episodes are played again from it.")
    target = Path(folder) if folder else origin.folder / "exports" / ALL_SESSIONS / "minari"
    with ExitStack() as stack:
        reader = stack.enter_context(StoreReader(database))
        exporters = [
            Exporter(reader, origin.folder, row.id, simulated=origin.simulated, asked=asked)
            for row in reader.sessions()
            if origin.session in (None, row.id) and kind_of(reader, row.id) == origin.kind
        ]
        try:
            files = write_sets(exporters, target) if exporters else []
        except HostError as error:
            if error.code == "no_minari":
                raise ImportError(error.text) from error
            raise
    from minari import MinariDataset

    found = [
        MinariDataset(path.parent) for path in files if path.name == "metadata.json" and path.parent.name == "data"
    ]
    if not found:
        problems = [problem for exporter in exporters for problem in exporter.failures]
        raise RuntimeError("; ".join(problems) or "There is no episode to learn from: nobody played one to its end.")
    return {dataset.spec.dataset_id: dataset for dataset in found}
