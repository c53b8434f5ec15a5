"""What all scenes share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from igym.experiment.base import UNSET, Authored, given, option
from igym.experiment.errors import ExperimentError, shown
from igym.experiment.functions import FunctionRef, OptionalFunction
from igym.experiment.jsonable import as_json
from igym.experiment.words import ButtonText, Text, changed
from igym.protocol.told import Told

if TYPE_CHECKING:
    from igym.experiment.matchmakers import Matchmaker
    from igym.experiment.scenes.fields import Question

ID_RULE = Told("letters, digits, - and _, starting with a letter or digit, at most 60 characters")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}\Z")
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "match_logs", "console_logs", "replays", "experiment", "exports"}
    | {"telemetry", "withdrawals", "retention", "backups", "consent_texts"}
    | {f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)}
)


def check_id(value: str, what: str) -> str:
    """An id becomes a folder name on every operating system, so it is held to what all of them allow."""
    if not _ID.match(value) or value.lower() in _RESERVED:
        why = Told("is reserved") if value.lower() in _RESERVED else Told("cannot be a folder name")
        raise ExperimentError(
            Told("the {what} {id} {problem}. Use {allowed}.", what=what, id=shown(value), problem=why, allowed=ID_RULE),
            value=value,
            allowed=ID_RULE,
        )
    return value


@dataclass(frozen=True)
class AnswerCheck:
    """What came of checking answers: cleaned `values` per field, or `errors` per field in the participant's words."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.errors


ASSET_LINK = "asset:"
"""Written before a path in HTML, it stands for the address at which that file of the experiment folder is served."""


class Scene(Authored):
    """One step of an experiment."""

    id: str = option(
        title="Id", description="Names the scene in the data; unique in the experiment.", min_length=1, max_length=60
    )
    header: Text = option("", title="Header", description="The page's heading.")
    body: Text = option("", title="Body", description="What the page says. Scripts in its HTML run.", form="html")
    body_file: Text | None = option(
        None,
        title="Body file",
        description="A file of the experiment folder with the page's text, as HTML.",
        form="file",
    )
    page_for: OptionalFunction = option(
        None,
        title="Page function",
        description="A function that makes the page's text when the participant gets there. Empty: the text stays "
        "as it is.",
        in_code="`f(context) -> HTML`.",
        advanced=True,
    )
    button_label: ButtonText = option(
        "Continue", title="Button", description="Text of the button that leaves the scene."
    )
    min_display_s: float = option(
        0, title="Shortest stay", description="The button works after so long.", unit="s", ge=0, le=3600
    )
    max_display_s: Annotated[float, Field(gt=0, le=86_400)] | None = option(
        None,
        title="Longest stay",
        description="The page leaves by itself after so long, with its answers so far. Empty: it stays.",
        unit="s",
    )
    metadata: dict[str, Any] = option(
        {}, title="Metadata", description="Anything that should travel with the scene into the export.", advanced=True
    )
    should_export_metadata: bool = option(
        True, title="Export metadata", description="Write the scene's metadata file.", advanced=True
    )

    def __init__(self, id: str = UNSET, **options: Any) -> None:
        super().__init__(**given({"id": id}), **options)

    def display(self, **options: Any) -> Self:
        """A copy with these options; what is not given stays as it was."""
        if options.get("body") and options.get("body_file"):
            raise ExperimentError(Told("{scene}.display: give body or body_file, not both.", scene=self.named))
        return self.changed(f"{self.named}.display", "display", options)

    @property
    def known_id(self) -> str:
        """The id, as nodes of a Stager have one."""
        return self.id

    @property
    def named(self) -> str:
        """The scene as messages name it."""
        return f'{type(self).__name__}("{self.id}")'

    @field_validator("id")
    @classmethod
    def _folder_safe(cls, value: str) -> str:
        return check_id(value, Told("scene id"))

    @field_validator("metadata", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return as_json(value, "metadata") if isinstance(value, Mapping) else value

    @model_validator(mode="after")
    def _can_be_left(self) -> Self:
        if self.max_display_s is not None and self.min_display_s > self.max_display_s:
            raise ExperimentError(
                Told("min_display_s={seconds} is longer than max_display_s.", seconds=f"{self.min_display_s:g}")
            )
        return self

    @model_validator(mode="after")
    def _questions_work(self) -> Self:
        """A question that cannot be asked is a mistake of the scene, told when the scene is written."""
        self.fields()
        return self

    def fields(self) -> tuple[Question, ...]:
        """The questions of the scene, in the order shown."""
        return ()

    def lacks(self) -> str:
        """What the page cannot do without and is not there, as a sentence; empty when everything is.

        Told when a study is loaded, not when a scene is made: a stored one goes on as it began.
        """
        return ""

    def functions(self) -> Mapping[str, FunctionRef | Matchmaker | None]:
        """The scene's researcher functions by address."""
        return {f"scenes.{self.id}.page_for": self.page_for}

    def validate_answers(self, answers: Mapping[str, Any], unasked: frozenset[str] = frozenset()) -> AnswerCheck:
        """Check one submission, {field name: value}, as the server must before it stores it.

        `unasked`: fields the participant was not asked; they stay without an answer.
        """
        known = {item.name: item for item in self.fields()}
        answers = {name: value for name, value in answers.items() if name not in unasked}
        values: dict[str, Any] = {}
        errors: dict[str, str] = {
            name: Told("This question is not part of the page.") for name in answers if name not in known
        }
        for name, item in known.items():
            values[name], error = (None, "") if name in unasked else item.check(answers.get(name))
            if error:
                errors[name] = error
        return AnswerCheck({}, errors) if errors else AnswerCheck(values)

    def answers_so_far(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """What of an unfinished page can be kept: every answer that would do, None for the rest."""
        checked = {item.name: item.check(answers.get(item.name)) for item in self.fields()}
        return {name: None if error else value for name, (value, error) in checked.items()}

    def client_spec(self, base: str = "/assets/", *, scene_id: str | None = None) -> dict[str, Any]:
        """What the browser needs to show the scene, as JSON; `base` is the address of the experiment folder's files.

        `scene_id` replaces the id for a repetition.
        """
        return {
            "kind": self.model_dump(include={"kind"})["kind"],
            "id": scene_id or self.id,
            "header": self.header,
            "body": linked(self.body, base),
            "button_label": self.button_label,
            "min_display_s": self.min_display_s,
            "max_display_s": self.max_display_s,
            "fields": [item.client_spec(base) for item in self.fields()],
        }


def linked(html: str, base: str) -> str:
    """HTML with every asset link turned into an address."""
    return changed(html, lambda text: text.replace(ASSET_LINK, base))


def address(path: str, base: str) -> str:
    """Address of a file of the experiment folder, or the address itself when it is a whole one already."""
    if path.startswith((base, "data:", "/")):
        return path
    return base + path.removeprefix(ASSET_LINK)
