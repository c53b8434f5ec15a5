"""How the game is drawn."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from igym.experiment.base import OptionGroup, option
from igym.experiment.errors import ExperimentError
from igym.rendering.colors import ColorError, parse_color

HudItem = Literal["score", "time", "episode", "frame", "ping", "turn"]


class RenderingOptions(OptionGroup):
    """`.rendering(...)`"""

    fps: int = option(
        30, title="Frame rate", description="Env steps per second.", unit="frames per second", ge=1, le=120
    )
    width: int = option(
        600,
        title="Width",
        description="Width of the drawing surface; it is scaled to the screen.",
        unit="px",
        ge=16,
        le=4096,
    )
    height: int = option(400, title="Height", description="Height of the drawing surface.", unit="px", ge=16, le=4096)
    background: str = option(
        "#ffffff",
        title="Background",
        description="A colour, or the name of an image from the scene's assets that fills the surface.",
        form="colour",
    )
    hud: bool | tuple[HudItem, ...] = option(
        True,
        title="Built-in display",
        description="Score, time and episode above the game: on, off, or the items to show, "
        "out of score, time, episode, frame, ping and turn. Where frames wait for moves, whose turn it is stands there "
        "instead of the time.",
        when_true=("score", "time", "episode", "turn"),
    )
    hud_text: str | None = option(
        None,
        title="Display function",
        description="Name of a function in the env's file whose text is shown beside the score.",
        in_code="`f(env, scores, frame) -> text`.",
        pattern=r"^[A-Za-z_]\w*$",
        advanced=True,
    )
    carry_score_over: bool = option(
        False, title="Carry score over", description="The displayed score goes on counting over the scene's episodes."
    )
    rollback_smoothing_ms: Annotated[int, Field(ge=0, le=2000)] | None = option(
        100,
        title="Rollback smoothing",
        description="A correction of a wrong prediction fades in over this time. 0 or empty: it jumps.",
        unit="ms",
        advanced=True,
    )
    per_agent_view: bool = option(
        False,
        title="View per agent",
        description="The env draws for each player, so that players can see different things.",
        in_code="`render(agent_id)` is called.",
    )
    smooth_motion: bool = option(
        True,
        title="Smooth motion",
        description="Interpolate between frames at the display's own rate.",
        advanced=True,
    )

    @field_validator("background", mode="before")
    @classmethod
    def _background(cls, value: Any) -> Any:
        if isinstance(value, str) and not value.startswith("#"):
            return value
        try:
            return parse_color(value)
        except ColorError as error:
            raise ExperimentError(str(error)) from None
