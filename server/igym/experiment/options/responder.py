"""A program that talks along: a function of the experiment folder, or a language model on the lab's network."""

from __future__ import annotations

from typing import Any, Self

from pydantic import model_validator

from igym.experiment.base import Authored, option
from igym.experiment.errors import ExperimentError
from igym.experiment.words import Text
from igym.protocol.told import Told


class Responder(Authored):
    """`Responder("bots.py:reply")`, or `Responder(url="http://10.0.0.5:11434/v1", model="…")`."""

    function: str | None = option(
        None,
        title="Function",
        description="File and function that reply, as file.py:name. The function gets the talk and returns a text, "
        "or nothing to stay silent. It runs in a process of its own.",
        in_code="`reply(talk)`; None says nothing.",
        pattern=r"^[^:]+\.py:[A-Za-z_]\w*$",
    )
    url: str | None = option(
        None,
        title="Address of a model",
        description="Base address of a server that speaks OpenAI's chat format, such as http://10.0.0.5:11434/v1. "
        "What people say is sent there: keep it in the lab's network.",
        pattern=r"^https?://\S+$",
    )
    model: str = option("", title="Model", description="Name of the model at the address.", max_length=200)
    instructions: str = option(
        "",
        title="Instructions",
        description="What the model, or the function, is told to be: the system prompt.",
        form="multiline",
        max_length=20_000,
    )
    name: str = option(
        "Assistant", title="Name", description="How it is called in the talk.", min_length=1, max_length=60
    )
    every: int = option(
        1,
        title="Replies after",
        description="It replies each time people have said so much: 1 for a partner, more for a mediator.",
        unit="messages",
        ge=1,
        le=1000,
    )
    when_named: bool = option(
        False, title="Only when named", description="It replies only to messages that contain its name."
    )
    limit: int = option(
        50, title="Most replies", description="How often it replies in one talk.", unit="replies", ge=1, le=1000
    )
    time_limit_s: float = option(
        30, title="Time for a reply", description="So long a reply may take; then it is asked again.", unit="s", ge=1,
        le=300,
    )  # fmt: skip
    retries: int = option(
        1, title="Tries again", description="How often it is asked again when it fails.", unit="times", ge=0, le=5
    )
    temperature: float | None = option(
        None,
        title="Temperature",
        description="Sent to the model. Empty: the model's own.",
        ge=0,
        le=2,
        advanced=True,
    )
    when_failing: Text = option(
        "",
        title="When it fails",
        description="What it says when no reply came, once. Empty: that it cannot reply, in the person's language.",
    )

    def __init__(self, function: str | None = None, **options: Any) -> None:
        super().__init__(**({"function": function} if function is not None else {}), **options)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.function is None) is (self.url is None):
            raise ExperimentError(
                Told('a Responder needs a function, such as "bots.py:reply", or a url; one of the two.')
            )
        if self.url is not None and not self.model:
            raise ExperimentError(Told("a Responder with a url needs model, the model's name there."))
        return self

    @property
    def limit_s(self) -> float:
        """All tries together, with the pauses between them."""
        return (self.retries + 1) * (self.time_limit_s + 1) + 2.0**self.retries
