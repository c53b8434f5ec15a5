"""Who may take part, under which id, and which of the researcher's functions are called on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from igym.experiment.base import OptionGroup, option
from igym.experiment.errors import ExperimentError, shown, suggestion
from igym.experiment.functions import FunctionRef, OptionalFunction
from igym.experiment.words import Text
from igym.protocol.told import Told

Browser = Literal["chrome", "edge", "firefox", "safari", "opera"]
ScreeningReason = Literal["device", "screen", "browser", "ping", "callback"]


class EntryScreening(OptionGroup):
    """`Experiment(entry_screening={...})`, checked in this order while the page loads; the first failure counts."""

    device: Literal["any", "desktop", "mobile"] = option(
        "any", title="Device", description="Computers only, phones and tablets only, or both."
    )
    min_screen: tuple[Annotated[int, Field(ge=0, le=20_000)], Annotated[int, Field(ge=0, le=20_000)]] | None = option(
        None, title="Smallest screen", description="Least width and height, such as 1024, 700. Empty: any.", unit="px"
    )
    browsers_blocked: tuple[Browser, ...] = option(
        (), title="Blocked browsers", description="Browsers that cannot take part."
    )
    browsers_allowed: tuple[Browser, ...] = option(
        (), title="Allowed browsers", description="Only these browsers can take part; none listed: all."
    )
    max_ping_ms: Annotated[float, Field(gt=0, le=10_000)] | None = option(
        None, title="Largest ping", description="Median round trip to the host above this is too slow.", unit="ms"
    )
    min_ping_samples: int = option(
        5,
        title="Ping samples",
        description="Measurements taken before the median is judged.",
        unit="measurements",
        ge=1,
        le=100,
        advanced=True,
    )
    callback: OptionalFunction = option(
        None,
        title="Own rule",
        description="A function that decides who is let in; after 5 s without an answer the person is let in.",
        in_code="`f(context) -> {exclude, message}`.",
        advanced=True,
    )
    messages: dict[ScreeningReason, Text] = option(
        {},
        title="Messages",
        description="What excluded people read, by reason: device, screen, browser, ping or callback.",
    )


class ParticipantIds(OptionGroup):
    """`Experiment(participant_ids=...)`"""

    mode: Literal["anonymous", "label", "list", "link"] = option(
        "anonymous",
        title="Ids",
        description="Drawn, typed by the participant, chosen from a list, or taken from the link.",
    )
    allowed: tuple[str, ...] = option(
        (),
        title="Allowed labels",
        description="Where people choose from a list who they are: its entries.",
        in_code='Mode "list".',
    )
    link_parameters: tuple[str, ...] = option(
        ("id", "PROLIFIC_PID", "workerId", "participant"),
        title="Link parameters",
        description="Where ids come from the link: its parameters that may carry one, in order of preference.",
        in_code='Mode "link".',
        advanced=True,
    )
    signed_only: bool = option(
        False,
        title="Signed links only",
        description="Where ids come from the link: only personal links that were made for this study are accepted, "
        "so nobody can type an id into the address. Off: other links, such as those of recruitment platforms, are "
        "accepted as well.",
        in_code='Mode "link"; "igym links" makes them.',
    )
    second_tab: Literal["take_over", "refuse"] = option(
        "take_over",
        title="Second tab",
        description="A second tab of the same participant goes on instead of the first, or is refused.",
        advanced=True,
    )

    @model_validator(mode="after")
    def _listed(self) -> Self:
        if self.mode == "list" and not self.allowed:
            raise ExperimentError(Told('mode "list" needs the allowed labels: participant_ids=["P01", "P02", …].'))
        if self.mode == "link" and not self.link_parameters:
            raise ExperimentError(Told('mode "link" needs at least one link parameter.'))
        if self.signed_only and self.mode != "link":
            raise ExperimentError(Told('signed_only=True needs the mode "link".'))
        return self


def as_participant_ids(value: Any) -> Any:
    """A mode's name or a list of labels may be written instead of the whole group."""
    if isinstance(value, str):
        return {"mode": value}
    return {"mode": "list", "allowed": tuple(value)} if isinstance(value, list | tuple) else value


def _hook(title: str, description: str) -> Any:
    return option(None, title=title, description=description, advanced=True)


class Callbacks(OptionGroup):
    """`Experiment(callbacks=...)`: a dict of name → function, or an object with methods of these names."""

    on_join: OptionalFunction = _hook("On join", "Someone joined.")
    on_screened: OptionalFunction = _hook("On screened", "Screening passed or failed.")
    on_scene_enter: OptionalFunction = _hook("On scene enter", "A scene is about to be shown.")
    on_scene_exit: OptionalFunction = _hook("On scene exit", "A scene was left.")
    on_answers: OptionalFunction = _hook("On answers", "Answers were accepted.")
    on_waiting: OptionalFunction = _hook("On waiting", "Someone entered a waitroom.")
    on_match: OptionalFunction = _hook("On match", "A match was formed.")
    on_episode_start: OptionalFunction = _hook("On episode start", "An episode begins.")
    on_frame_batch: OptionalFunction = _hook("On frame batch", "About a second of confirmed frames arrived.")
    on_episode_end: OptionalFunction = _hook("On episode end", "An episode ended.")
    on_match_end: OptionalFunction = _hook("On match end", "A match ended, for whatever reason.")
    on_exclude: OptionalFunction = _hook("On exclude", "Someone was excluded.")
    on_drop: OptionalFunction = _hook("On drop", "Someone's connection was lost for good.")
    on_finish: OptionalFunction = _hook("On finish", "Someone reached the end.")
    on_payment: OptionalFunction = _hook(
        "On payment", "Someone's part ended, in whatever way: a function of what they earned, for payments.csv."
    )

    @model_validator(mode="before")
    @classmethod
    def _from_object(cls, value: Any) -> Any:
        if value is None:
            return {}
        if isinstance(value, type):
            value = value()
        if not isinstance(value, Mapping | Callbacks):
            value = {name: getattr(value, name) for name in dir(value) if name.startswith("on_")}
        if isinstance(value, Mapping):
            _check_hook_names(value, cls.model_fields)
        return value

    def given(self) -> dict[str, FunctionRef]:
        """The hooks that exist, by name."""
        hooks = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: hook for name, hook in hooks.items() if hook is not None}


def _check_hook_names(hooks: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    for name in hooks:
        if name not in known:
            raise ExperimentError(
                Told(
                    "{name} is not a hook.{hint} The hooks are: {known}.",
                    name=shown(name),
                    hint=suggestion(str(name), known),
                    known=", ".join(known),
                ),
                value=str(name),
            )
