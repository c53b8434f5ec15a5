"""An Excel workbook: times as times, numbers as numbers, texts as texts and never as formulas."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import IO, TYPE_CHECKING, Any

from igym.host.export.cells import cell
from igym.host.export.people import Table
from igym.host.export.variables import Variable

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_000_000
"""Of one sheet: Excel ends a little above; what is more goes on in another sheet."""
LONGEST_TEXT = 32_767
NARROWEST, WIDEST = 8, 46
EXACT = 10**15
"""Excel keeps 15 digits; larger numbers are written as texts."""
CODEBOOK = ("sheet", "column", "meaning")
_FORBIDDEN = str.maketrans({**{code: None for code in range(32) if code not in (9, 10)}, 0xFFFE: None, 0xFFFF: None})


@dataclass(frozen=True)
class Sheet:
    """A table with what its columns mean."""

    name: str
    table: Table
    variables: Sequence[Variable]


def write_workbook(
    stream: IO[bytes], sheets: Sequence[Sheet], title: str, at: float, check: Callable[[int], None]
) -> None:
    """Write all sheets and one more, `codebook`. `at` (unix s) is the file's date; `check(rows)` may raise."""
    from xlsxwriter import Workbook

    # In memory: what people answered must not lie in a temporary folder of everybody.
    book = Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    )
    created = datetime.datetime.fromtimestamp(at, datetime.UTC).replace(tzinfo=None)
    book.set_properties({"title": title, "created": created, "application": "Interactive Gym Desktop"})
    forms = _Forms(book)
    for sheet in sheets:
        rows = sheet.table[1]
        for part, first in enumerate(range(0, len(rows), MOST_ROWS), start=1):
            name = sheet.name if part == 1 else f"{sheet.name} ({part})"
            _write(book.add_worksheet(name), sheet, range(first, min(len(rows), first + MOST_ROWS)), forms, check)
    _write_codebook(book.add_worksheet("codebook"), sheets, forms)
    book.close()


class _Forms:
    def __init__(self, book: Workbook) -> None:
        self.head: Format = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
        self.moment: Format = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
        self.day: Format = book.add_format({"num_format": "yyyy-mm-dd"})
        self.wrapped: Format = book.add_format({"text_wrap": True, "valign": "top"})


def _write(page: Worksheet, sheet: Sheet, rows: range, forms: _Forms, check: Callable[[int], None]) -> None:
    header, lines = sheet.table
    for column, (name, variable) in enumerate(zip(header, sheet.variables, strict=True)):
        page.write_string(0, column, text_of(name), forms.head)
        page.set_column(column, column, _width(name, variable, [lines[row][column] for row in rows[:200]]))
    for at, row in enumerate(rows, start=1):
        for column, (value, variable) in enumerate(zip(lines[row], sheet.variables, strict=True)):
            _put(page, at, column, variable.values[row] if variable.kind in ("moment", "day") else value, forms)
        check(1)
    page.freeze_panes(1, 2 if header[:2] == ["session", "participant"] else 0)
    page.autofilter(0, 0, len(rows), len(header) - 1)


def _put(page: Worksheet, row: int, column: int, value: Any, forms: _Forms) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime.datetime):
        page.write_datetime(row, column, value.replace(tzinfo=None), forms.moment)
    elif isinstance(value, datetime.date):
        page.write_datetime(row, column, value, forms.day)
    elif isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, int | float) and isfinite(value) and abs(value) < EXACT:
        page.write_number(row, column, value)
    else:
        page.write_string(row, column, text_of(cell(value)))


def text_of(value: str) -> str:
    """What a cell can hold: no control characters, no half of a pair, not too long."""
    return value.translate(_FORBIDDEN).encode("utf-8", "backslashreplace").decode()[:LONGEST_TEXT]


def _width(name: str, variable: Variable, values: Sequence[Any]) -> float:
    if variable.kind in ("moment", "day"):
        return 24 if variable.kind == "moment" else 12
    longest = max((len(cell(value)) for value in values), default=0)
    return min(max(longest, len(name) + 3, NARROWEST), WIDEST)


def _write_codebook(page: Worksheet, sheets: Sequence[Sheet], forms: _Forms) -> None:
    lines: Iterator[tuple[str, str, str]] = (
        (sheet.name, variable.column, _meaning(variable)) for sheet in sheets for variable in sheet.variables
    )
    for column, (name, width) in enumerate(zip(CODEBOOK, (16, 32, 110), strict=True)):
        page.write_string(0, column, name, forms.head)
        page.set_column(column, column, width)
    for row, line in enumerate(lines, start=1):
        for column, text in enumerate(line):
            page.write_string(row, column, text_of(text), forms.wrapped)
    page.freeze_panes(1, 0)


def _meaning(variable: Variable) -> str:
    """Values that stand as texts in the sheet need no key; points of a scale do."""
    if variable.kind != "number" or not variable.labels or variable.coded:
        return variable.label
    return f"{variable.label} ({'; '.join(f'{value:g} = {text}' for value, text in variable.labels.items())})"
