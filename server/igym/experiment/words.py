"""A text that people read, given once or in several languages: `"Hello"` or `{"en": "Hello", "de": "Hallo"}`."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, PlainSerializer, ValidatorFunctionWrapHandler, WrapValidator
from pydantic.fields import FieldInfo

from igym.experiment.errors import ExperimentError, shown
from igym.protocol.told import Told

Written = str | Mapping[str, str]
"""How a researcher writes a text: once, or by language."""
LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
T = TypeVar("T")


class Words(str):
    """A text in several languages; where nobody's language is known, it is the first of them.

    It equals only what has the same texts in all languages, so never a plain text.
    """

    texts: dict[str, str]

    def __new__(cls, texts: Mapping[str, str]) -> Words:
        made = super().__new__(cls, next(iter(texts.values())))
        made.texts = dict(texts)
        return made

    def __getnewargs__(self) -> tuple[dict[str, str]]:  # type: ignore[override]
        return (self.texts,)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Words) and self.texts == other.texts

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return super().__hash__()

    def read_in(self, language: str | None) -> str:
        """The text for this language (a tag such as ``de-AT``), the same without its region, or the first."""
        wanted = (language or "").lower().replace("_", "-")
        known = {tag.lower(): text for tag, text in self.texts.items()}
        short = wanted.partition("-")[0]
        near = (text for tag, text in known.items() if short and tag.partition("-")[0] == short)
        return known.get(wanted) or known.get(short) or next(near, str(self))


@dataclass(frozen=True)
class _Marker:
    """Stands in the annotation of every option that is such a text."""


def _validated(value: Any, check: ValidatorFunctionWrapHandler) -> str:
    if isinstance(value, Words):
        value = value.texts
    if not isinstance(value, Mapping):
        return str(check(value))
    if not value:
        raise ExperimentError(Told("a text by language needs at least one language."))
    for tag in value:
        if not isinstance(tag, str) or not LANGUAGE.fullmatch(tag):
            raise ExperimentError(
                Told('{tag} is no language; write them as "en", "de" or "pt-BR".', tag=shown(tag)), value=str(tag)
            )
    return Words({tag: check(text) for tag, text in value.items()})


def stored(value: str) -> str | dict[str, str]:
    """The text as JSON and TOML have it."""
    return dict(value.texts) if isinstance(value, Words) else value


def as_given(value: Any) -> Any:
    """What was written as a text: numbers as texts, texts by language as they are."""
    return value if isinstance(value, str | Mapping) else str(value)


_BOTH = (_Marker(), WrapValidator(_validated), PlainSerializer(stored, when_used="json"))
Text = Annotated[str, *_BOTH]
"""A text option."""
ButtonText = Annotated[str, Field(max_length=60), *_BOTH]
TitleText = Annotated[str, Field(max_length=200), *_BOTH]


def is_text(field: FieldInfo) -> bool:
    """Whether an option, or each entry of it, may be given by language."""
    return _marked(field.annotation, field.metadata)


def _marked(annotation: Any, metadata: typing.Iterable[Any] = ()) -> bool:
    if any(isinstance(item, _Marker) for item in metadata):
        return True
    if typing.get_origin(annotation) is Annotated:
        inner, *more = typing.get_args(annotation)
        return _marked(inner, more)
    return any(_marked(part) for part in typing.get_args(annotation))


def changed(text: str, change: Callable[[str], str]) -> str:
    """The text with every language passed through `change`."""
    if isinstance(text, Words):
        return Words({language: change(one) for language, one in text.texts.items()})
    return change(text)


def each(text: str) -> Iterator[str]:
    """Every text there is."""
    yield from text.texts.values() if isinstance(text, Words) else (text,)


def is_translated(model: BaseModel) -> bool:
    """Whether any text of it is there in several languages."""
    # What is the same in a language nobody has is the same in all.
    return read_in(model, None) is not model


def read_in(value: T, language: str | None) -> T:
    """A model, or a part of one, as a reader of this language gets it; the very same where nothing differs."""
    found: Any = value
    if isinstance(value, Words):
        found = value.read_in(language)
    elif isinstance(value, BaseModel):
        parts = {name: getattr(value, name) for name in type(value).model_fields}
        other = {name: new for name, part in parts.items() if (new := read_in(part, language)) is not part}
        found = value.model_copy(update=other) if other else value
    elif isinstance(value, tuple):
        items = tuple(read_in(item, language) for item in value)
        found = items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    elif isinstance(value, dict):
        entries = {key: read_in(item, language) for key, item in value.items()}
        found = entries if any(entries[key] is not value[key] for key in value) else value
    return found  # type: ignore[no-any-return]
