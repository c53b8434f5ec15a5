"""Real-time play, and the rules for people who lose their connection, their focus or their interest."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from igym.experiment.base import OptionGroup, option
from igym.experiment.errors import ExperimentError
from igym.experiment.functions import OptionalFunction
from igym.experiment.policies import BotPolicy, Random
from igym.experiment.words import Text
from igym.protocol.told import Told

Seconds = Annotated[float, Field(gt=0, le=86_400)]


class MonitoringOptions(OptionGroup):
    """`.multiplayer(monitoring={...})`: rules that warn and exclude; they hold in single-player scenes too."""

    max_ping_ms: Annotated[float, Field(gt=0, le=10_000)] | None = option(
        None,
        title="Largest ping",
        description="Round trip to the host above this is too slow. Empty: no limit.",
        unit="ms",
    )
    ping_window: int = option(
        5,
        title="Ping window",
        description="The last so many measurements count.",
        unit="measurements",
        ge=1,
        le=100,
        advanced=True,
    )
    ping_strikes: int = option(
        3,
        title="Ping strikes",
        description="So many slow measurements in the window exclude; one fewer warns.",
        unit="measurements",
        ge=1,
        le=100,
        advanced=True,
    )
    hidden_warn_s: Seconds | None = option(
        3,
        title="Warn when hidden",
        description="The tab is hidden or the window left for so long. Empty: no warning.",
        unit="s",
    )
    hidden_exclude_s: Seconds | None = option(
        10,
        title="Exclude when hidden",
        description="The tab is hidden or the window left for so long, by the server's clock. Empty: never.",
        unit="s",
    )
    inactivity_warn_s: Seconds | None = option(
        None, title="Warn when inactive", description="No input for so long during play. Empty: no warning.", unit="s"
    )
    inactivity_exclude_s: Seconds | None = option(
        None, title="Exclude when inactive", description="No input for so long during play. Empty: never.", unit="s"
    )
    low_fps_share: float = option(
        0.8,
        title="Low frame rate",
        description="A browser that reaches less than this share of the scene's frame rate for 5 s is too slow.",
        unit="share of fps",
        gt=0,
        le=1,
        advanced=True,
    )
    on_low_fps: Literal["record", "warn", "exclude"] = option(
        "warn",
        title="On low frame rate",
        description="Recorded in any case. A warning counts among those in the researcher's table.",
        advanced=True,
    )
    continuous_callback: OptionalFunction = option(
        None,
        title="Own rule",
        description="A function that is asked during play whether to warn or exclude.",
        in_code="`f(context) -> {exclude, warn, message}`.",
        advanced=True,
    )
    callback_every_frames: int = option(
        30,
        title="Own rule, every",
        description="How often it is asked.",
        unit="frames",
        ge=1,
        le=100_000,
        advanced=True,
    )
    warning_message: Text = option(
        "Please keep this page in front and stay with the game, or it will end for you.",
        title="Warning",
        description="Shown with a warning of these rules.",
        form="multiline",
    )
    exclusion_message: Text = option(
        "The game had to end for you, because this page was left, idle or too slow. Thank you for taking part.",
        title="Message on exclusion",
        description="Shown to the person excluded.",
        form="multiline",
    )
    partner_message: Text = option(
        "The game ended because another participant had to leave. You did nothing wrong.",
        title="Message to partners",
        description="Shown to the others in the match.",
        form="multiline",
    )

    @model_validator(mode="after")
    def _order(self) -> Self:
        for rule in ("hidden", "inactivity"):
            warn, exclude = getattr(self, f"{rule}_warn_s"), getattr(self, f"{rule}_exclude_s")
            if warn is not None and exclude is not None and warn >= exclude:
                raise ExperimentError(
                    Told(
                        "{warn}_warn_s={warn_s} must be smaller than {exclude}_exclude_s={exclude_s}.",
                        warn=rule,
                        warn_s=f"{warn:g}",
                        exclude=rule,
                        exclude_s=f"{exclude:g}",
                    )
                )
        if self.ping_strikes > self.ping_window:
            raise ExperimentError(
                Told(
                    "ping_strikes={strikes} cannot exceed ping_window={window}.",
                    strikes=self.ping_strikes,
                    window=self.ping_window,
                )
            )
        return self


class FocusOptions(OptionGroup):
    """`.multiplayer(focus={...})`: looking away during a match."""

    timeout_s: float = option(
        30,
        title="Focus limit",
        description="A player away from the page for so long leaves the match for good. 0: no limit.",
        unit="s",
        ge=0,
        le=86_400,
    )
    pause_partner: bool = option(
        False,
        title="Pause the partner",
        description="The match pauses while a player is away. Otherwise the absent player acts the default action.",
    )
    message: Text = option(
        "The game goes on without you. Click here to return.",
        title="Message",
        description="Shown to the player who was away.",
        form="multiline",
    )


class ReconnectionOptions(OptionGroup):
    """`.multiplayer(reconnection={...})`: a lost link, a reload, a crashed browser."""

    timeout_s: float = option(
        30,
        title="Time to return",
        description="The match waits so long for a lost player, from the first moment. Their page has to be open and "
        "loaded again by then.",
        unit="s",
        ge=0,
        le=3600,
    )
    on_timeout: Literal["end", "bot", "default_action", "requeue"] = option(
        "end",
        title="When nobody returns",
        description="End the match, let a bot take over, let the lost player act the default action, "
        "or send the others back to the waitroom.",
    )
    end_scene: str | None = option(
        None,
        title="Scene after an early end",
        description="Where the match ends: the scene where the others go on. Empty: the next scene of their plan.",
        in_code='With on_timeout="end".',
    )
    completion_code: bool = option(
        False,
        title="Code after an early end",
        description="Where the match ends: show the others a completion code, recorded on the server, and finish.",
        in_code='With on_timeout="end".',
    )
    bot: BotPolicy = option(
        Random(),
        title="Substitute",
        description="The bot that plays in the place of whoever is missing.",
        in_code='With on_timeout="bot".',
        advanced=True,
    )
    waiting_message: Text = option(
        "The connection to another player was lost. Waiting for their return.",
        title="Message while waiting",
        description="Shown with the remaining time.",
        form="multiline",
    )
    message: Text = option(
        "The other player did not come back, so the game ended early. You did nothing wrong.",
        title="Message after an early end",
        description="Shown to those who stayed.",
        form="multiline",
    )


class MultiplayerOptions(OptionGroup):
    """`.multiplayer(...)`"""

    input_delay_frames: Annotated[int, Field(ge=0, le=30)] | Literal["auto"] = option(
        0,
        title="Input delay",
        description="Inputs act so many frames later, which saves corrections; or as the measured latency asks (auto).",
        unit="frames",
    )
    max_prediction_frames: int = option(
        8,
        title="Longest prediction",
        description="A browser runs at most so far ahead of what it knows of the others.",
        unit="frames",
        ge=1,
        le=60,
        advanced=True,
    )
    checksum_every_frames: int = option(
        30,
        title="Checksum interval",
        description="Browsers compare the env's state this often.",
        unit="frames",
        ge=1,
        le=10_000,
        advanced=True,
    )
    on_desync: Literal["resync", "end", "flag"] = option(
        "resync",
        title="When states differ",
        description="Return to the last agreed state, end the match, or go on and flag the data.",
        advanced=True,
    )
    transport: Literal["auto", "p2p", "relay"] = option(
        "auto",
        title="Connection",
        description="Browser to browser with the host as fallback, browser to browser only, or through the host.",
        advanced=True,
    )
    monitoring: MonitoringOptions = option(
        MonitoringOptions(), title="Monitoring", description="Rules that warn and exclude during play."
    )
    focus: FocusOptions = option(FocusOptions(), title="Focus", description="Players who look away during a match.")
    reconnection: ReconnectionOptions = option(
        ReconnectionOptions(), title="Reconnection", description="Players who lose their connection."
    )
