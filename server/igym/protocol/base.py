"""What every message shares: strict frozen fields, a name, a size limit, an acknowledgement flag."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

SAFE_ID = r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}$"
LARGEST_INPUT = 2**31 - 1
"""What a player does in a frame, as a number: the key and the places of sticks and pointer."""
KB = 1024

Id = Annotated[str, Field(pattern=SAFE_ID)]
"""An id the server made: 1–64 letters, digits, ``_``, ``.`` or ``-``; safe as a file name."""
Name = Annotated[str, Field(min_length=1, max_length=120)]
"""A key or short label written by a researcher or a browser."""
Line = Annotated[str, Field(max_length=500)]
Text = Annotated[str, Field(max_length=8 * KB)]
LongText = Annotated[str, Field(max_length=64 * KB)]
Count = Annotated[int, Field(ge=0, le=2**40)]
Player = Annotated[int, Field(ge=0, le=31)]
Milliseconds = Annotated[float, Field(ge=0, le=1e10, allow_inf_nan=False)]
UnixMilliseconds = Annotated[float, Field(ge=0, le=1e14, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=1e7, allow_inf_nan=False)]
Number = Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False)]
Json = JsonValue

Direction = Literal["client", "server"]
Code = Literal["unknown_message", "wrong_type", "oversized", "malformed"]


def _few(values: dict[str, Any]) -> dict[str, Any]:
    if len(values) > 500:
        raise ValueError("at most 500 entries")
    return values


Values = Annotated[dict[Name, Json], AfterValidator(_few)]


@dataclass(frozen=True)
class ProtocolError:
    """Why a payload is not a message. ``text`` names the field and the rule, never the received value in full."""

    code: Code
    text: str


class Part(BaseModel):
    """A nested group of fields: strict, frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Message(Part):
    """One message. ``name`` is the Socket.IO event name."""

    name: ClassVar[str] = ""
    direction: ClassVar[Direction] = "client"
    max_bytes: ClassVar[int] = 2 * KB
    acked: ClassVar[bool] = False
    binary: ClassVar[bool] = False

    def payload(self) -> Any:
        """The single Socket.IO argument: plain JSON data, or bytes for a binary message."""
        return self.model_dump(mode="json", by_alias=True)


class BinaryMessage(Message):
    """A message that travels as bytes."""

    binary: ClassVar[bool] = True

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Parse; raises ``ValueError`` (pydantic's included) with a reason when the bytes are not this message."""
        raise NotImplementedError

    def payload(self) -> bytes:
        raise NotImplementedError
