"""Files the game shows and plays, and the pages around it."""

from __future__ import annotations

from typing import Any

from pydantic import field_validator

from igym.experiment.base import Authored, OptionGroup, option
from igym.experiment.errors import ExperimentError, shown
from igym.experiment.functions import OptionalFunction
from igym.experiment.options.chat import Chat
from igym.experiment.words import ButtonText, Text
from igym.protocol.told import Told


class SpriteSheet(Authored):
    """An image cut into frames of equal size, numbered from 0, left to right and top to bottom."""

    path: str = option(title="Image file", description="The image in the experiment folder.", form="file")
    frame_width: int = option(title="Frame width", description="Width of one frame.", unit="px", ge=1, le=8192)
    frame_height: int = option(title="Frame height", description="Height of one frame.", unit="px", ge=1, le=8192)

    def __init__(self, path: str, **options: Any) -> None:
        super().__init__(path=path, **options)


class AssetsOptions(OptionGroup):
    """`.assets(...)`: names the env draws and plays by → files of the experiment folder; preloaded with progress."""

    images: dict[str, str] = option(
        {}, title="Images", description="Name → image file (png, jpg, gif, webp, svg).", form="files"
    )
    sprite_sheets: dict[str, SpriteSheet] = option(
        {},
        title="Sprite sheets",
        description="Name → a picture of parts of equal size, drawn by the number of the part.",
        in_code='SpriteSheet("file.png", frame_width=…, frame_height=…), drawn with `frame=0, 1, …`.',
    )
    atlases: dict[str, str] = option(
        {},
        title="Atlases",
        description="Name → atlas file (.json, as TexturePacker writes it), drawn by the name of a part.",
        in_code="`frame=` that name.",
        form="files",
    )
    sounds: dict[str, str] = option(
        {}, title="Sounds", description="Name → sound file (mp3, ogg, wav, m4a).", form="files"
    )

    @field_validator("images", "atlases", "sounds", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return {_stem(path): path for path in value}
        return value

    def files(self) -> dict[str, str]:
        """Every asset's name → path; names are unique over all kinds."""
        sheets = {name: sheet.path for name, sheet in self.sprite_sheets.items()}
        return {**self.images, **sheets, **self.atlases, **self.sounds}

    def model_post_init(self, context: Any, /) -> None:
        count = len(self.images) + len(self.sprite_sheets) + len(self.atlases) + len(self.sounds)
        if count != len(self.files()):
            raise ExperimentError(
                Told("an asset name is used twice; names must differ over images, sprite sheets, atlases and sounds.")
            )


def _stem(path: object) -> str:
    if not isinstance(path, str):
        raise ExperimentError(Told("{path} is not a file path.", path=shown(path)))
    return path.rsplit("/", 1)[-1].rsplit(".", 1)[0]


class ContentOptions(OptionGroup):
    """`.content(...)`: what is written before and beside the game."""

    header: Text = option("", title="Header", description="Heading above the page before play and above the game.")
    body: Text = option(
        "",
        title="Page before play",
        description="What is shown until the participant presses Start.",
        in_code="HTML.",
        form="html",
    )
    body_file: Text | None = option(
        None, title="Page file", description="A file with the page before play, as HTML.", form="file"
    )
    in_game_body: Text = option(
        "", title="Text beside the game", description="What is shown during play.", in_code="HTML.", form="html"
    )
    in_game_body_file: Text | None = option(
        None, title="File beside the game", description="A file with what is shown during play, as HTML.", form="file"
    )
    start_label: ButtonText = option(
        "Start", title="Start button", description="Text of the button that ends the page before play."
    )
    page_for: OptionalFunction = option(
        None,
        title="Page function",
        description="A function whose page replaces the page before play.",
        in_code="`f(context) -> HTML` with `context.participant`, `.player` and `.match`.",
        advanced=True,
    )
    chat: Chat = option(
        Chat(), title="Chat", description="What the people of a match may say to each other, and when.", advanced=True
    )
