"""Scenes without questions: the first page, pages to read, external tasks, and the last pages."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import model_validator

from igym.experiment.base import UNSET, option, tag
from igym.experiment.errors import ExperimentError
from igym.experiment.options.chat import ChatRules
from igym.experiment.scenes.base import Scene, address
from igym.experiment.words import ButtonText
from igym.protocol.told import Told


class StartScene(Scene):
    """The first page."""

    kind: Literal["start"] = tag("start")
    button_label: ButtonText = option("Start", title="Button", description="Text of the button that leaves the scene.")

    def __init__(self, id: str = UNSET, **options: Any) -> None:
        super().__init__(id, **options)


class StaticScene(Scene):
    """A page to read."""

    kind: Literal["static"] = tag("static")

    def __init__(self, id: str = UNSET, **options: Any) -> None:
        super().__init__(id, **options)


class ChatScene(Scene, ChatRules):
    """A talk with the people of one's last match."""

    kind: Literal["chat"] = tag("chat")

    def __init__(self, id: str = UNSET, **options: Any) -> None:
        super().__init__(id, **options)

    @model_validator(mode="after")
    def _sayable(self) -> Self:
        if self.is_silent():
            raise ExperimentError(Told("a chat without own words needs phrases."))
        return self


class LeaderboardScene(Scene):
    """A participant's own result among those of others."""

    kind: Literal["leaderboard"] = tag("leaderboard")
    game: str | None = option(
        None,
        title="Game",
        description="The game whose scores count, all rounds together. Empty: all games together.",
        in_code="The id of a GymScene.",
    )
    among: Literal["session", "condition", "group"] = option(
        "session",
        title="Compared with",
        description="Everybody of the session who has a score by then, those in the same condition, or the people of "
        "the last match.",
    )
    best: Literal["highest", "lowest"] = option(
        "highest", title="Best", description="Which score stands first: lowest for times and errors."
    )
    most: int = option(
        10, title="Lines", description="So many lines at most; one's own is always shown.", unit="lines", ge=1, le=100
    )
    names: Literal["number", "label"] = option(
        "number",
        title="Names",
        description="How others are called.",
        in_code='"number": their rank alone. "label": the code they took part with.',
    )

    def __init__(self, id: str = UNSET, **options: Any) -> None:
        super().__init__(id, **options)


class WebScene(Scene):
    """An external task in a frame: a Unity build in the experiment folder, or another page on the lab's network."""

    kind: Literal["web"] = tag("web")
    path: str | None = option(
        None,
        title="File",
        description="An HTML file in the experiment folder, such as unity/index.html.",
        form="file",
    )
    url: str | None = option(
        None,
        title="Address",
        description="Address of an external page; {participant} is replaced by the participant's id. "
        "It must be reachable from the participants' computers.",
        pattern=r"^(https?://|/)\S+$",
    )
    ends_by: Literal["message", "button"] = option(
        "message",
        title="Ends by",
        description="The page in the frame says so, or the participant presses the button.",
        in_code='The page posts `{type: "end"}`.',
    )
    frame_height: int = option(
        600, title="Frame height", description="Height of the frame.", unit="px", ge=100, le=4096
    )
    allow: str = option(
        "fullscreen; gamepad; autoplay",
        title="Permissions",
        description="The frame's permissions policy.",
        advanced=True,
    )

    def __init__(self, id: str = UNSET, **options: Any) -> None:
        super().__init__(id, **options)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.path is not None and self.url is not None:
            raise ExperimentError(Told("give path or url, not both."))
        return self

    def lacks(self) -> str:
        if self.path is not None or self.url is not None:
            return ""
        return Told(
            '{scene} has no page. Add .display(path="unity/index.html") or .display(url="…").', scene=self.named
        )

    def client_spec(self, base: str = "/assets/", *, scene_id: str | None = None) -> dict[str, Any]:
        spec = super().client_spec(base, scene_id=scene_id)
        source = address(self.path, base) if self.path is not None else self.url
        own = {"src": source, "ends_by": self.ends_by, "frame_height": self.frame_height, "allow": self.allow}
        return spec | own


class CompletionCodeScene(Scene):
    """Shows the participant's completion code, the same after every reload."""

    kind: Literal["completion_code"] = tag("completion_code")
    code: str | None = option(
        None,
        title="Code",
        description="One code for everybody. Empty: each participant gets a code of their own.",
        min_length=1,
        max_length=60,
    )
    code_length: int = option(
        8, title="Code length", description="Length of drawn codes.", unit="characters", ge=4, le=32, advanced=True
    )
    redirect_url: str | None = option(
        None,
        title="Redirect",
        description="Where the button leads; {participant} and {code} are replaced. Empty: to the next scene.",
        pattern=r"^https?://\S+$",
    )

    def __init__(self, id: str = UNSET, **options: Any) -> None:
        super().__init__(id, **options)

    def client_spec(self, base: str = "/assets/", *, scene_id: str | None = None) -> dict[str, Any]:
        """`code` is None here; the server fills in the participant's own."""
        return super().client_spec(base, scene_id=scene_id) | {"code": self.code, "redirect_url": self.redirect_url}


class EndScene(Scene):
    """The last page."""

    kind: Literal["end"] = tag("end")
    redirect_url: str | None = option(
        None,
        title="Redirect",
        description="Address the participant is sent to; {participant} and {code} are replaced.",
        pattern=r"^https?://\S+$",
    )
    redirect_after_s: float = option(
        5, title="Redirect after", description="The page is shown for so long first.", unit="s", ge=0, le=600
    )

    def __init__(self, id: str = UNSET, **options: Any) -> None:
        super().__init__(id, **options)

    def client_spec(self, base: str = "/assets/", *, scene_id: str | None = None) -> dict[str, Any]:
        spec = super().client_spec(base, scene_id=scene_id)
        return spec | {"redirect_url": self.redirect_url, "redirect_after_s": self.redirect_after_s}
