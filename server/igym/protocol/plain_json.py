"""Whether a free-form value is finite JSON of bounded depth and size: all that a browser sends in no other form."""

import math

MAX_DEPTH = 24
_MAX_INT = 2**63 - 1
_TEXT = {str}


def json_size(payload: object, limit: int) -> int:
    """Roughly the JSON size in bytes; stops counting past ``limit``. ``ValueError`` for what JSON cannot hold.

    Looked at level by level and by exact types: every message of every page comes through here.
    """
    total, depth = 0, 0
    level: list[object] = [payload]
    while level and total <= limit:
        if depth > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
        inside: list[object] = []
        for value in level:
            kind = type(value)
            if kind is str:
                total += len(value) + 2 if value.isascii() else _own_size(value)  # type: ignore[arg-type, attr-defined]
            elif kind is float:
                total += 8 if math.isfinite(value) else _own_size(value)  # type: ignore[arg-type]
            elif isinstance(value, dict):
                total += 4
                if not set(map(type, value)) <= _TEXT:
                    raise ValueError("a key is not a text")
                inside.extend(value)
                inside.extend(value.values())
            elif isinstance(value, list):
                total += 4
                inside.extend(value)
            else:
                total += _own_size(value)
        level, depth = inside, depth + 1
    return total


def _own_size(value: object) -> int:
    if isinstance(value, str):
        return _text_size(value)
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return 4
    if isinstance(value, int):
        if abs(value) > _MAX_INT:
            raise ValueError("a whole number is too large")
        return len(str(value))
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("NaN and infinity are not allowed")
        return 8
    raise ValueError(f"a value of type {type(value).__name__} is not JSON")


def _text_size(value: str) -> int:
    try:
        return len(value.encode()) + 2
    except UnicodeEncodeError as error:
        raise ValueError("a text is not valid Unicode") from error
