"""What statistics programs take: names for columns, made from any text, and texts of so many bytes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime

from igym.host.export.files import utf8

RESERVED = frozenset({"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"})
"""No names in SPSS."""
STATA_RESERVED = frozenset(
    {"_ALL", "_B", "BYTE", "_COEF", "_CONS", "DOUBLE", "FLOAT", "IF", "IN", "INT", "LONG", "_N", "_PI", "_PRED", "_RC",
     "_SE", "_SKIP", "STRL", "USING", "WITH"}
)  # fmt: skip


def legal_names(columns: Iterable[str], longest: int, *, dots: bool, reserved: frozenset[str]) -> list[str]:
    """A name for each column: letters, digits and _ (and dots), at most `longest`; case makes no difference."""
    taken: set[str] = set()
    names = []
    for column in columns:
        name = base = _legal(column, longest, dots=dots)
        number = 2
        while name.upper() in taken or name.upper() in reserved:
            end = f"_{number}"
            name, number = base[: longest - len(end)].rstrip(".") + end, number + 1
        taken.add(name.upper())
        names.append(name)
    return names


def _legal(column: str, longest: int, *, dots: bool) -> str:
    plain = unicodedata.normalize("NFKD", column.replace("ß", "ss")).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_.]+" if dots else r"[^A-Za-z0-9_]+", "_", plain)
    name = name if re.match(r"[A-Za-z]", name) else f"v_{name.lstrip('._')}"
    return name[:longest].rstrip(".")


def cut(text: str, longest: int) -> bytes:
    """As UTF-8 of at most so many bytes, never within a character."""
    return utf8(text)[:longest].decode("utf-8", "ignore").encode()


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def english_date(at: float) -> tuple[str, str, str, str]:
    """(day, month, year, time) of a moment in unix s, in UTC, whatever language this computer speaks."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment.day:02}", _MONTHS[moment.month - 1], f"{moment.year:04}", f"{moment:%H:%M:%S}"
