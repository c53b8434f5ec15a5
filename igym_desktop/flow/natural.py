"""The order in which people expect names with numbers."""

from __future__ import annotations

import re
from functools import lru_cache

_NUMBER = re.compile(r"(\d+)")
Natural = tuple[tuple[str | int, ...], str]


@lru_cache(maxsize=8192)
def natural(text: str) -> Natural:
    """Sort key: "PC" before "PC2" before "PC10", upper and lower case alike; names that are alike keep one order."""
    parts = _NUMBER.split(text.casefold())
    # Texts and numbers take turns, so that like is always compared with like.
    return tuple(int(part) if place % 2 else part for place, part in enumerate(parts)), text
