"""What people may say to each other, and when."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, field_validator, model_validator

from igym.experiment.base import Authored, OptionGroup, option
from igym.experiment.errors import ExperimentError
from igym.experiment.options.responder import Responder
from igym.experiment.words import Text
from igym.protocol.told import Told

ChatPlace = Literal["waitroom", "during", "between"]


class ChatRules(BaseModel):
    """The rules of a talk, wherever it takes place."""

    free_text: bool = option(True, title="Own words", description="People may write what they like.")
    phrases: tuple[Text, ...] = option(
        (),
        title="Phrases",
        description="Sentences to be sent by a press of a button, in this order.",
        form="text_list",
    )
    reactions: tuple[str, ...] = option(
        (),
        title="Reactions",
        description="Signs such as 👍 with which people may answer a message.",
        form="text_list",
    )
    limit: int | None = option(
        None,
        title="Most messages",
        description="How many messages, reactions included, one person may send here. Empty: any number.",
        unit="messages",
        ge=1,
        le=10_000,
    )
    longest: int = option(
        300,
        title="Longest message",
        description="Most characters of a message in own words.",
        unit="characters",
        ge=1,
        le=2000,
    )
    names: Literal["number", "label"] = option(
        "number",
        title="Names",
        description="How others are called.",
        in_code='"number": Person 2. "label": the code they took part with.',
    )

    responder: Responder | None = option(
        None,
        title="Responder",
        description="A program that talks along as partner, assistant or mediator: a function or a model in the "
        "lab's network. Empty: people only.",
    )

    @field_validator("phrases", "reactions", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("phrases", "reactions")
    @classmethod
    def _told_apart(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not text.strip() or len(text) > 300 for text in value) or len(set(value)) < len(value):
            raise ExperimentError(Told("phrases and reactions are different texts of 1 to 300 characters."))
        return value

    def is_silent(self) -> bool:
        """Whether nothing could be said under these rules."""
        return not (self.free_text or self.phrases)


class Chat(OptionGroup, Authored, ChatRules):
    """`.content(chat=Chat(…))`: people who wait or play together may talk. It is no part of the env and its inputs."""

    show: tuple[ChatPlace, ...] = option(
        (),
        title="When",
        description="While people wait for each other, in the game, or in the game while no episode is being "
        "played. Nothing chosen: no chat.",
        in_code='"waitroom", "during", "between".',
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)

    @field_validator("show", mode="before")
    @classmethod
    def _places(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _sayable(self) -> Self:
        if self.show and self.is_silent():
            raise ExperimentError(Told("a chat without own words needs phrases."))
        return self
