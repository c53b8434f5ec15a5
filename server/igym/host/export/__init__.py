"""Projections of the store to files: what researchers open.

Everything here reads only `records` and `batches` (never the experiment's code), so an export can be made again at any
time, on any machine that has the database.
"""

from igym.host.export.exporter import Exporter
from igym.host.export.steps import ExportCancelledError, partly_written

__all__ = ["ExportCancelledError", "Exporter", "partly_written"]
