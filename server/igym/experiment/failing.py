"""What follows when somebody did not reach what was asked of them: the same for a form that checks and for rounds."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from igym.experiment.base import option
from igym.experiment.errors import ExperimentError, suggestion
from igym.protocol.told import Told

WAYS = ("go_on", "exclude")


def otherwise_option() -> Any:
    """The option `otherwise`."""
    return option(
        "go_on",
        title="Otherwise",
        description="What follows when the last attempt or round was not enough: it goes on, the person is "
        "excluded, or a scene.",
        in_code='"go_on", "exclude", or the id of the scene.',
        max_length=60,
    )


def failed_message_option() -> Any:
    """The option `failed_message`."""
    return option(
        "",
        title="Message when excluded",
        description="What those who are excluded read. Empty: a kind sentence.",
        in_code='With otherwise="exclude".',
        form="multiline",
    )


def check_otherwise(owner: str, otherwise: str, known: Collection[str], site: tuple[str | None, int | None]) -> None:
    """Raises ExperimentError unless it is one of `WAYS` or a scene; `owner` as messages name it."""
    if otherwise in WAYS or otherwise in known:
        return
    file, line = site
    raise ExperimentError(
        Told(
            '{owner}: otherwise="{otherwise}" is not a scene of this experiment.{hint}',
            owner=owner,
            otherwise=otherwise,
            hint=suggestion(otherwise, known),
        ),
        value=otherwise,
        allowed=", ".join([*WAYS, *sorted(known)]),
        file=file,
        line=line,
    )
