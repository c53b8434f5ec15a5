"""Events and effects as JSON and back, so that the log can be stored and replayed."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self, cast

from igym.protocol.base import Message, ProtocolError
from igym.protocol.codec import decode, decode_from_server


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return {"message": value.name, "from": value.direction, "payload": value.payload()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def message_from_json(data: dict[str, Any]) -> Message:
    """Raises ``ValueError`` when the stored message is none of this version's."""
    read = decode if data["from"] == "client" else decode_from_server
    message = read(data["message"], data["payload"])
    if isinstance(message, ProtocolError):
        raise ValueError(message.text)
    return message


def _restore(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"message", "from", "payload"}:
        return message_from_json(value)
    return value


@dataclass(frozen=True)
class Wired:
    """A frozen dataclass with a ``type`` name, readable from its own JSON form."""

    type: ClassVar[str] = ""

    def to_json(self) -> dict[str, Any]:
        """``{"type": …, field: value}`` of plain JSON values."""
        return {"type": self.type, **{name: _plain(getattr(self, name)) for name in _names(type(self))}}

    @classmethod
    def _restored(cls, data: dict[str, Any]) -> Self:
        return cls(**{field.name: _restore(data[field.name]) for field in fields(cls) if field.name in data})

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The instance of whichever subclass ``data["type"]`` names. Raises ``ValueError`` for an unknown type."""
        found = _find(cls, str(data.get("type")))
        if found is None:
            raise ValueError(f"there is no {cls.__name__} of type {data.get('type')!r}")
        return cast(Self, found._restored(data))


_NAMES: dict[type[Any], tuple[str, ...]] = {}
"""Names of the fields of each class: to ask for them costs as much as all the rest."""


def _names(kind: type[Wired]) -> tuple[str, ...]:
    known = _NAMES.get(kind)
    if known is None:
        known = _NAMES[kind] = tuple(field.name for field in fields(kind))
    return known


def _find(root: type[Wired], name: str) -> type[Wired] | None:
    return next((kind for kind in [root, *root.__subclasses__()] if kind.type and kind.type == name), None)
