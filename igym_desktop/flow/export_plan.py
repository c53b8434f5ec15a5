"""The formats a session can be written in."""

from __future__ import annotations

from igym_desktop.i18n import tr


def formats() -> list[tuple[str, str]]:
    """(name for the exporter, words for the menu)."""
    return [
        ("csv", tr("CSV files (the usual form)")),
        ("xlsx", tr("Excel workbook")),
        ("spss", tr("SPSS files (also for jamovi, JASP and R)")),
        ("stata", tr("Stata files")),
        ("parquet", tr("Parquet, for large data")),
        ("jsonl", tr("JSON lines")),
        ("psych-ds", tr("Psych-DS data set, for sharing")),
        ("bids", tr("BIDS dataset")),
        ("minari", tr("Minari, for training policies")),
        ("video", tr("Videos of all recorded games")),
        ("gif", tr("Moving pictures (GIF) of all recorded games")),
        ("strip", tr("Strips of pictures (PNG) of all recorded games")),
        ("report", tr("Report for the method section")),
        ("zip", tr("Everything in one zip file")),
    ]
