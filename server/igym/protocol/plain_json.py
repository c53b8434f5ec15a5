"""Whether a free-form value is finite JSON of bounded depth and size: all that a browser sends in no other form."""

import math
from collections.abc import Iterator

MAX_DEPTH = 24
_MAX_INT = 2**63 - 1


def json_size(payload: object, limit: int) -> int:
    """Roughly the JSON size in bytes; stops counting past ``limit``. ``ValueError`` for what JSON cannot hold."""
    total = 0
    stack: list[tuple[object, int]] = [(payload, 0)]
    while stack and total <= limit:
        value, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
        total += _own_size(value)
        stack.extend((child, depth + 1) for child in _children(value))
    return total


def _children(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        if not set(map(type, value)) <= {str}:
            raise ValueError("a key is not a text")
        yield from value.keys()
        yield from value.values()
    elif isinstance(value, list):
        yield from value


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
