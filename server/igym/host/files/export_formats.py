"""Every format by the name the Data page and `igym export --format` use."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from igym.host.export.bids import write_bids
from igym.host.export.exporter import Exporter
from igym.host.export.files import remove_stale
from igym.host.export.formats import write_jsonl, write_parquet, write_zip
from igym.host.export.minari import write_minari
from igym.host.export.psych_ds import write_psych_ds
from igym.host.export.statistics import write_spss, write_stata, write_xlsx
from igym.host.export.steps import Cancelled, Progress
from igym.host.report.files import write_report

if TYPE_CHECKING:
    from igym.host.replay.film import Kind

Writer = Callable[[Exporter, Progress | None, Cancelled], list[Path]]


def _film(
    kind: Kind, exporter: Exporter, progress: Progress | None = None, cancelled: Cancelled = lambda: False
) -> list[Path]:
    # Pictures need numpy, Pillow and a web server: a tenth of the start of every process that only knows the formats.
    from igym.host.replay.videos import write_pictures

    return write_pictures(kind, exporter, progress, cancelled)


FORMATS: dict[str, Writer] = {
    "csv": Exporter.export_all,
    "parquet": write_parquet,
    "jsonl": write_jsonl,
    "xlsx": write_xlsx,
    "spss": write_spss,
    "stata": write_stata,
    "psych-ds": write_psych_ds,
    "bids": write_bids,
    "minari": write_minari,
    "video": partial(_film, "video"),
    "gif": partial(_film, "gif"),
    "strip": partial(_film, "strip"),
    "report": write_report,
    "zip": write_zip,
}


def write_format(
    exporter: Exporter,
    name: str,
    progress: Progress | None = None,
    cancelled: Cancelled = lambda: False,
) -> list[Path]:
    """Write one session in one format; returns the files.

    Raises `KeyError` for an unknown name and `ExportCancelledError` soon after `cancelled()` turns true; it is asked
    every few rows. The file in work is removed then, files that were finished stay.
    """
    remove_stale(exporter.folder)
    return FORMATS[name](exporter, progress, cancelled)
