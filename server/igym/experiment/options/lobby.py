"""Waiting for others, and who plays with whom."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from igym.experiment.base import OptionGroup, option
from igym.experiment.errors import ExperimentError
from igym.experiment.matchmakers import AnyMatchmaker, Fifo
from igym.experiment.policies import BotPolicy, Random
from igym.experiment.words import Text
from igym.protocol.told import Told

LONGEST_ACTED_WAIT_S = 600


class WaitroomOptions(OptionGroup):
    """`.waitroom(...)`: the clock is the server's."""

    timeout_s: float = option(
        120,
        title="Time limit",
        description="Longest wait for partners, counted by the server.",
        unit="s",
        ge=1,
        le=86_400,
    )
    on_timeout: Literal["end", "scene", "redirect", "completion_code", "bot"] = option(
        "completion_code",
        title="When nobody comes",
        description="End with a message, go to a scene, redirect, show a completion code, or let bots play.",
    )
    timeout_scene: str | None = option(
        None,
        title="Scene after the time limit",
        description="The scene it goes on at when nobody came.",
        in_code='With on_timeout="scene".',
    )
    timeout_url: str | None = option(
        None,
        title="Redirect after the time limit",
        description="The address it leads to when nobody came; {participant} is replaced by the participant's id.",
        in_code='With on_timeout="redirect".',
        pattern=r"^https?://\S+$",
    )
    timeout_code: str | None = option(
        None,
        title="Code after the time limit",
        description="The code they get when nobody came. Empty: one is drawn for each participant and recorded.",
        in_code='With on_timeout="completion_code".',
        max_length=60,
    )
    timeout_bot: BotPolicy = option(
        Random(),
        title="Bot in the empty seats",
        description="The bot that plays in the place of whoever is missing.",
        in_code='With on_timeout="bot".',
        advanced=True,
    )
    timeout_message: Text = option(
        "Unfortunately nobody else arrived in time. Thank you for waiting.",
        title="Message after the time limit",
        description="Shown when the wait ends without a partner.",
        form="multiline",
    )
    message: Text = option(
        "Please wait for the other participants. The game starts by itself.",
        title="Message",
        description="Shown during the wait.",
        form="multiline",
    )
    show_count: bool = option(True, title="Show count", description="Show how many people are there and needed.")
    countdown_s: float = option(
        3,
        title="Countdown",
        description="The game begins so long after the partners are found, at the earliest. Connecting them and the "
        "countdown of the first episode pass meanwhile.",
        unit="s",
        ge=0,
        le=60,
    )

    acted_wait_s: tuple[float, float] | None = option(
        None,
        title="Acted wait",
        description="Where one person plays with bots: the shortest and the longest time for which they are shown "
        "the waitroom first, as if a partner were to come; drawn between them. Needs a debriefing. Empty: no such "
        "wait.",
        unit="s",
        advanced=True,
    )
    debriefing: Text = option(
        "",
        title="Debriefing",
        description="What those who saw an acted wait are told on their last page, however their part ends: that "
        "their partner was a program, and why.",
        form="multiline",
        advanced=True,
    )

    @model_validator(mode="after")
    def _acted_wait_is_told(self) -> Self:
        if self.acted_wait_s is not None:
            low, high = self.acted_wait_s
            if not 0 <= low <= high <= LONGEST_ACTED_WAIT_S:
                raise ExperimentError(
                    Told(
                        "acted_wait_s is the shortest and the longest wait, such as (5, 20); at most {most} s.",
                        most=LONGEST_ACTED_WAIT_S,
                    )
                )
            if not self.debriefing.strip():
                raise ExperimentError(
                    Told("acted_wait_s needs debriefing: whoever was deceived is told so at the end.")
                )
        return self

    @model_validator(mode="after")
    def _target(self) -> Self:
        needed = {"scene": "timeout_scene", "redirect": "timeout_url"}.get(self.on_timeout)
        if needed and getattr(self, needed) is None:
            raise ExperimentError(Told('on_timeout="{value}" needs {needed}.', value=self.on_timeout, needed=needed))
        return self


class MatchmakingOptions(OptionGroup):
    """`.matchmaking(matchmaker, ...)`"""

    matchmaker: AnyMatchmaker = option(
        Fifo(),
        title="Matchmaker",
        description="Decides who plays together.",
        in_code="Fifo, LatencyMatchmaker, GroupReunion, or a subclass of Matchmaker.",
    )
    forbid_repeat_partners: bool = option(
        False,
        title="Never the same partner twice",
        description="People who once played together, in any scene, are not matched again.",
    )
    seat_by: str | None = option(
        None,
        title="Seats by",
        description="What says which seat somebody takes: an answer, something known of the person, a shared value "
        "or a condition, as in answers.survey.side or condition.role. People who want the same seat are not put "
        "together; whoever wants none gets one that is left. Empty: chance decides.",
        in_code="answers.SCENE.FIELD, attributes.NAME, globals.NAME or condition.FACTOR.",
        pattern=r"^(answers\..+\..+|(attributes|globals|condition)\..+)$",
    )
    seats: dict[str, str] = option(
        {},
        title="Seats",
        description="What that says → the agent who is played, such as leader → left. A value that is not here is the "
        "agent's name itself.",
    )
    relax_after_s: Annotated[float, Field(ge=1, le=86_400)] | None = option(
        None,
        title="Relax after",
        description="After waiting so long, a person's latency limits are multiplied by the relax factor, and "
        "again after each further such time. Every relaxation is recorded. Empty: never.",
        unit="s",
        advanced=True,
    )
    relax_factor: float = option(
        1.5, title="Relax factor", description="Factor of one relaxation.", unit="times", gt=1, le=10, advanced=True
    )

    @model_validator(mode="after")
    def _seats_are_said(self) -> Self:
        if self.seats and self.seat_by is None:
            raise ExperimentError(Told("seats needs seat_by, which says what they are chosen by."))
        return self

    rejected_pair_expiry_s: float = option(
        60,
        title="Memory of failed probes",
        description="A pair whose connection probe failed is not tried again for so long.",
        unit="s",
        ge=1,
        le=3600,
        advanced=True,
    )
    probe_pings: int = option(
        5,
        title="Probe pings",
        description="Pings of one probe; their median counts.",
        unit="pings",
        ge=1,
        le=50,
        advanced=True,
    )
    probe_connect_limit_s: float = option(
        10,
        title="Probe connection limit",
        description="A probe whose browsers are not connected after so long counts as failed.",
        unit="s",
        ge=1,
        le=120,
        advanced=True,
    )
