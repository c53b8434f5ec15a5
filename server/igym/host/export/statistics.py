"""One session's tables for programs that people analyse with: Excel, SPSS (and what reads its files), Stata."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from igym.host.base.held_files import aside_of
from igym.host.export.answers import wide_answers_table
from igym.host.export.exporter import Exporter
from igym.host.export.files import is_held, replacing, write_csv
from igym.host.export.formats import folder_of
from igym.host.export.people import People, Table, people_of
from igym.host.export.spss import write_sav
from igym.host.export.stata import write_dta
from igym.host.export.steps import Cancelled, Progress, Steps
from igym.host.export.tables import TABLES
from igym.host.export.variables import Variable, Wording, variables_of, with_answers
from igym.host.export.workbook import Sheet, write_workbook
from igym.protocol.told import Told

WITHIN_PARTICIPANTS = "answers_wide"
"""A table of its own elsewhere: here its columns are part of `participants`, so that one file is all that most need."""
NAMES = [name for name in TABLES if name != WITHIN_PARTICIPANTS]
CODEBOOK = ("file", "variable", "column", "label", "values")
WriteTable = Callable[[IO[bytes], Sequence[Variable], str, float, Callable[[int], None]], list[str]]


def write_spss(
    exporter: Exporter, progress: Progress | None = None, cancelled: Cancelled = lambda: False
) -> list[Path]:
    """Write a .sav file for each table, with labels for variables and values, and `variables.csv` about all of them."""
    return list(_each(exporter, "spss", ".sav", write_sav, progress, cancelled))


def write_stata(
    exporter: Exporter, progress: Progress | None = None, cancelled: Cancelled = lambda: False
) -> list[Path]:
    """The same as .dta files."""
    return list(_each(exporter, "stata", ".dta", write_dta, progress, cancelled))


def write_xlsx(
    exporter: Exporter, progress: Progress | None = None, cancelled: Cancelled = lambda: False
) -> list[Path]:
    """Write one workbook: a sheet for each table that has lines, and one that says what the columns mean."""
    steps = Steps(len(NAMES) + 1, progress, cancelled)
    title = _title(exporter)
    folder = folder_of(exporter, "xlsx")
    path = folder / f"{folder.parent.name}.xlsx"
    with steps.watching(exporter.source), replacing(path) as stream:
        sheets = [
            Sheet(name, table, variables_of(table, f"{name}.csv", wording))
            for name, table, wording in _tables(exporter, steps)
        ]
        write_workbook(stream, sheets, title, exporter.row.started_at, steps.check)
    steps.done(path.name)
    exporter.remove_old(old for old in folder.glob("*.xlsx") if old not in (path, aside_of(path)))
    return [path]


def _each(
    exporter: Exporter, form: str, suffix: str, write: WriteTable, progress: Progress | None, cancelled: Cancelled
) -> Iterator[Path]:
    steps = Steps(len(NAMES) + 1, progress, cancelled)
    folder = folder_of(exporter, form)
    lines: list[list[str]] = []
    written: list[Path] = []
    with steps.watching(exporter.source):
        for name, table, wording in _tables(exporter, steps):
            path = folder / f"{name}{suffix}"
            with exporter.part(Told("{format}: table {table}", format=form, table=name)):
                variables = variables_of(table, f"{name}.csv", wording)
                with replacing(path) as stream:
                    names = write(
                        stream, variables, f"{_title(exporter)}: {name}", exporter.row.started_at, steps.check
                    )
                lines += [
                    _described(path.name, said, variable) for said, variable in zip(names, variables, strict=True)
                ]
                written.append(path)
                yield path
        path = folder / "variables.csv"
        write_csv(path, CODEBOOK, lines)
        yield path
        kept = {*written, *(aside_of(path) for path in written if is_held(path))}
        exporter.remove_old(old for old in folder.glob(f"*{suffix}") if old not in kept)
        steps.done(path.name)


def _tables(exporter: Exporter, steps: Steps) -> Iterator[tuple[str, Table, Wording]]:
    """(name, table, what its columns mean) of each table that has lines."""
    source, session = exporter.source, exporter.row.id
    people: People = {session: people_of(source, session)}
    wording = Wording(source, exporter.row)
    for name in NAMES:
        with exporter.part(Told("table {name}", name=name)):
            table = TABLES[name](source, people)
            if name == "participants":
                table = with_answers(source, table, wide_answers_table(source, people), wording)
            if table[1]:
                yield name, table, wording
        steps.done(name)


def _described(file: str, name: str, variable: Variable) -> list[str]:
    values = "; ".join(f"{value:g} = {text}" for value, text in variable.labels.items())
    return [file, name, variable.column, variable.label, values]


def _title(exporter: Exporter) -> str:
    experiment = exporter.row.experiment
    return f"{experiment.get('title') or experiment.get('id')} ({exporter.row.id})"
