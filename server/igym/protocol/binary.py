"""The binary formats: rows and relay from the browser, relay_in and host_view to it."""

import struct
from collections.abc import Mapping
from itertools import chain
from typing import Annotated, Any, ClassVar, Literal, Self

import msgpack
from pydantic import FailFast, Field, model_validator

from igym.protocol.base import KB, LARGEST_INPUT, BinaryMessage, Count, Direction, Id, Name, Player, UnixMilliseconds
from igym.protocol.plain_json import json_size
from igym.protocol.version import HOST_VIEW_VERSION, RELAY_VERSION, ROWS_VERSION

ROWS_MAX_BYTES = 256 * KB
RELAY_MAX_BYTES = 32 * KB
"""Links send packets of 16 kB at most."""
CHECK_DIGITS = 8
MARK_DIGITS = 8
MOST_ROWS = 5000
GLOBALS_MAX_BYTES = 200 * KB
OWN_COLUMNS = frozenset({"session", "episode", "frame", "time_s"})
OWN_PREFIXES = ("player_participants.", "local.")
"""Columns the host itself writes; the names of a browser's own ones get the last prefix there."""
_SCALARS = frozenset({int, float, str, bool, type(None)})
_CELL_DEPTH = 3
_SENT = "_sent"

Input = Annotated[int, Field(ge=0, le=LARGEST_INPUT)]
Inputs = Annotated[list[Input], FailFast(), Field(max_length=MOST_ROWS)]
"""Of a hundred thousand wrong cells only the first is worth a message."""


def _column_ok(cells: list[Any]) -> bool:
    """Numbers, texts and lists of them; level by level, as the cells of a hostile batch are many."""
    for _ in range(_CELL_DEPTH + 1):
        kinds = set(map(type, cells))
        if kinds <= _SCALARS:
            return True
        if not kinds - {list} <= _SCALARS:
            return False
        cells = list(chain.from_iterable(cell for cell in cells if type(cell) is list))
    return not cells


def _refuse_extension(code: int, data: bytes) -> Any:
    raise ValueError(f"msgpack extension type {code} is not allowed")


class Rows(BinaryMessage):
    """One batch of confirmed frames ``first … first+count-1``; each column holds ``count`` cells.

    ``checks`` are 8 hex digits of the row chain after each frame. ``marks`` are what the others' inputs were marked
    with, as many times 8 hex digits for each frame: the browser alone can read them, and has them back after a reload.
    ``globals`` are those at the episode's start, if the scene's code may read them: a replay needs them beside seed and
    inputs. ``left_out`` names the agents whose observations are too large to be recorded, with how many numbers each
    has.
    """

    name: ClassVar[str] = "rows"
    acked: ClassVar[bool] = True
    max_bytes: ClassVar[int] = ROWS_MAX_BYTES

    v: int = Field(ge=ROWS_VERSION, le=ROWS_VERSION)
    scene: Name
    visit: Count
    match: Id
    episode: Count
    seq: Count
    first: Count
    count: int = Field(ge=1, le=MOST_ROWS)
    parity: dict[str, Any] = Field(max_length=2000)
    local: dict[str, Any] = Field(max_length=500)
    inputs: dict[str, Inputs] = Field(max_length=32)
    chain: str = Field(pattern=r"^[0-9a-f]{1,128}$")
    checks: str = Field(default="", pattern=r"^([0-9a-f]{8})*$", max_length=40_000)
    marks: str = Field(default="", pattern=r"^([0-9a-f]{8})*$", max_length=ROWS_MAX_BYTES)
    globals: dict[str, Any] | None = None
    left_out: dict[Name, Count] = Field(default_factory=dict, max_length=32)

    @model_validator(mode="after")
    def _columns_are_whole(self) -> Self:
        if self.globals is not None and json_size(self.globals, GLOBALS_MAX_BYTES) > GLOBALS_MAX_BYTES:
            raise ValueError(f"globals may have at most {GLOBALS_MAX_BYTES} bytes")
        if self.checks and len(self.checks) != CHECK_DIGITS * self.count:
            raise ValueError(f"there are {self.count} rows, but {len(self.checks)} digits of checks")
        if len(self.marks) % (MARK_DIGITS * self.count):
            raise ValueError(f"there are {self.count} rows, but {len(self.marks)} digits of marks")
        if self.checks and not self.chain.startswith(self.checks[-CHECK_DIGITS:]):
            raise ValueError("the last check is not the beginning of the chain")
        for group in (self.parity, self.local, self.inputs):
            for column, cells in group.items():
                self._check_column(column, cells)
        return self

    def _check_column(self, column: str, cells: Any) -> None:
        if not 0 < len(column) <= 200:
            raise ValueError("a column's name has 1 to 200 characters")
        if column in OWN_COLUMNS or column.startswith(OWN_PREFIXES):
            raise ValueError(f"column {column[:60]!r} is written by the host")
        if type(cells) is list and len(cells) != self.count:
            raise ValueError(f"column {column[:60]!r} has {len(cells)} cells, the batch has {self.count} rows")
        if type(cells) is not list or not _column_ok(cells):
            raise ValueError(f"column {column[:60]!r} holds something else than numbers, texts and lists of them")

    @property
    def last_frame(self) -> int:
        return self.first + self.count - 1

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        try:
            fields = msgpack.unpackb(
                data, strict_map_key=True, ext_hook=_refuse_extension, object_pairs_hook=_each_name_once
            )
        except (ValueError, TypeError, msgpack.UnpackException, RecursionError) as error:
            raise ValueError(f"not a msgpack map: {error}") from error
        made = cls.model_validate(fields)
        # Bytes that say what need not be said are no longer than others, but nobody expects that where rows are read.
        if all(fields[name] for name in _MAY_BE_LEFT_OUT & fields.keys()):
            # Beside the fields: it is no part of what is compared or written.
            made.__dict__[_SENT] = data
        return made

    def payload(self) -> bytes:
        """The bytes it was read from, if it was and they are what this would be, but for the order of the fields."""
        sent: bytes | None = self.__dict__.get(_SENT)
        return sent or bytes(msgpack.packb(self.model_dump(exclude_defaults=True)))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop(_SENT, None)
        return copied


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The bytes are kept: what one reader takes for a column and another does not would be in them unseen."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name stands twice in a map")
    return fields


_MAY_BE_LEFT_OUT = frozenset(name for name, field in Rows.model_fields.items() if not field.is_required())


class Relay(BinaryMessage):
    """One byte version, one byte target player, then the peer packet as the link would have carried it."""

    name: ClassVar[str] = "relay"
    max_bytes: ClassVar[int] = RELAY_MAX_BYTES
    to: Player
    packet: bytes

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        _check_relay(data)
        return cls(to=data[1], packet=data[2:])

    def payload(self) -> bytes:
        return bytes((RELAY_VERSION, self.to)) + self.packet


class RelayIn(BinaryMessage):
    """The relayed packet at its target: one byte version, one byte source player, packet."""

    name: ClassVar[str] = "relay_in"
    direction: ClassVar[Direction] = "server"
    max_bytes: ClassVar[int] = RELAY_MAX_BYTES
    source: Player
    packet: bytes

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        _check_relay(data)
        return cls(source=data[1], packet=data[2:])

    def payload(self) -> bytes:
        return bytes((RELAY_VERSION, self.source)) + self.packet


ViewKind = Literal["list", "list_change", "pixels", "pixels_change"]
VIEW_KINDS: tuple[ViewKind, ...] = ("list", "list_change", "pixels", "pixels_change")
HOST_VIEW_MAX_BYTES = 16 * 1024 * KB
_VIEW_HEAD = struct.Struct("<BBBIid")


class HostView(BinaryMessage):
    """A picture of a game on the host: whole, or as the change since picture ``number - 1``.

    Little-endian: one byte version, one byte kind (its place in ``VIEW_KINDS``), one byte length of the match's id,
    ``number`` (uint32), ``frame`` (int32, -1 before the first step), ``at_ms`` (float64, unix ms of the host's clock),
    the match's id, then the body: JSON for a list; for pixels width and height (uint16 each) and zlib of the RGBA
    bytes, in a change combined with the last ones by exclusive or.
    """

    name: ClassVar[str] = "host_view"
    direction: ClassVar[Direction] = "server"
    max_bytes: ClassVar[int] = HOST_VIEW_MAX_BYTES
    match: Id
    kind: ViewKind
    number: int = Field(ge=0, le=2**32 - 1)
    frame: int = Field(ge=-1, le=2**31 - 1)
    at_ms: UnixMilliseconds
    body: bytes

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        if len(data) < _VIEW_HEAD.size or data[0] != HOST_VIEW_VERSION or data[1] >= len(VIEW_KINDS):
            raise ValueError("not a picture of this version")
        _, kind, length, number, frame, at_ms = _VIEW_HEAD.unpack_from(data)
        begin = _VIEW_HEAD.size + length
        match = data[_VIEW_HEAD.size : begin].decode("ascii", "replace")
        return cls(match=match, kind=VIEW_KINDS[kind], number=number, frame=frame, at_ms=at_ms, body=data[begin:])

    def payload(self) -> bytes:
        name = self.match.encode("ascii")
        kind = VIEW_KINDS.index(self.kind)
        head = _VIEW_HEAD.pack(HOST_VIEW_VERSION, kind, len(name), self.number, self.frame, self.at_ms)
        return head + name + self.body


def _check_relay(data: bytes) -> None:
    if len(data) < 3:
        raise ValueError("a relayed packet has at least 3 bytes")
    if data[0] != RELAY_VERSION:
        raise ValueError(f"relay version {data[0]} is not {RELAY_VERSION}")
