"""The definition a researcher writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PrivateAttr, ValidationError, field_validator, model_validator

from igym.experiment.base import UNSET, Authored, explain, filled, given, option
from igym.experiment.consistency import check_consistency
from igym.experiment.design import Design
from igym.experiment.errors import ExperimentError
from igym.experiment.functions import FunctionRef
from igym.experiment.matchmakers import Matchmaker
from igym.experiment.participation import Callbacks, EntryScreening, ParticipantIds, as_participant_ids
from igym.experiment.payment import Payment
from igym.experiment.returns import Returns
from igym.experiment.scenes.base import Scene, check_id
from igym.experiment.scenes.gym import GymScene
from igym.experiment.stager import Branch, Repeat, Stager
from igym.experiment.words import TitleText
from igym.protocol.told import Told

_LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]


class Experiment(Authored):
    """Everything about an experiment, frozen. `folder` is where it was loaded from."""

    id: str = option(
        title="Id",
        description="Names the data folder; must not change once there are data.",
        min_length=1,
        max_length=60,
    )
    title: TitleText = option("", title="Title", description="Shown to participants and in the launcher.")
    description: str = option("", title="Description", description="For the launcher's card.", form="multiline")
    version: str = option("1", title="Version", description="Goes into the data.", max_length=60)
    minutes: float | None = option(
        None,
        title="Duration",
        description="About how long one participant takes, for the launcher's card.",
        unit="min",
        gt=0,
        le=1440,
    )
    participants: int | None = option(
        None,
        title="Participants",
        description="So many places: when they are taken by people who finished or are under way, the session "
        "takes nobody else. Empty: no limit.",
        unit="people",
        ge=1,
        le=100_000,
    )
    design: Design = option(
        Design(),
        title="Design",
        description="Conditions: factors and levels, balanced over people or groups, with quotas.",
    )
    stager: Stager = option(title="Stager", description="The order of the scenes.", hidden=True)
    screening: EntryScreening = option(
        EntryScreening(),
        title="Entry screening",
        description="Who may take part.",
        in_code="Written entry_screening=….",
    )
    participant_ids: Annotated[ParticipantIds, BeforeValidator(as_participant_ids)] = option(
        ParticipantIds(), title="Participant ids", description="How participants are named."
    )
    payment: Payment = option(
        Payment(), title="Payment", description="What participants earn, without a function: for payments.csv."
    )
    languages: tuple[_LanguageCode, ...] = option(
        ("en",),
        title="Languages",
        description="Languages participants can read the study in, by their link or browser; the first is the default.",
    )
    returns: Returns = option(
        Returns(), title="Returns", description="Codes, addresses and last words by how somebody's part ended."
    )
    save_data: bool = option(
        True, title="Save data", description="Off for demonstrations: nothing is kept after the session."
    )
    dropped_after_s: Annotated[float, Field(ge=10, le=30 * 86_400)] | None = option(
        1800.0,
        title="Dropped after",
        description="Who is away for longer has dropped out and cannot go on; empty: only the session's end decides.",
        unit="s",
        advanced=True,
    )
    callbacks: Callbacks = option(Callbacks(), title="Callbacks", description="Functions called during the session.")
    _folder: Path | None = PrivateAttr(default=None)

    def __init__(self, id: str = UNSET, *, stager: Any = UNSET, entry_screening: Any = UNSET, **options: Any) -> None:
        stager = Stager(stager) if isinstance(stager, list | tuple) else stager
        super().__init__(**given({"id": id, "stager": stager, "screening": entry_screening}), **options)

    def entry_screening(self, **options: Any) -> Self:
        """A copy with these screening options on top."""
        where = "Experiment.entry_screening"
        return self.changed(where, "entry_screening", {"screening": filled(self.screening, options, where)})

    def changed(self, where: str, part: str, changes: Mapping[str, Any]) -> Self:
        """As of everything authored; the copy stays in the same folder."""
        copy = super().changed(where, part, changes)
        copy._folder = self._folder
        return copy

    @field_validator("id")
    @classmethod
    def _folder_safe(cls, value: str) -> str:
        return check_id(value, Told("experiment id"))

    @field_validator("languages")
    @classmethod
    def _some_language(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ExperimentError(Told('at least one language is needed, such as "en".'))
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        check_consistency(self)
        return self

    @property
    def assigned(self) -> Design | None:
        """The design, when there is one."""
        return self.design if self.design.factors else None

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """Every scene, in reading order."""
        return self.stager.all_scenes()

    @property
    def games(self) -> tuple[GymScene, ...]:
        """The gym scenes, in reading order."""
        return tuple(scene for scene in self.scenes if isinstance(scene, GymScene))

    @property
    def browser_games(self) -> tuple[GymScene, ...]:
        """Those of the games that are played in the participants' browsers."""
        return tuple(scene for scene in self.games if scene.runtime_options.where == "browser")

    def scene(self, scene_id: str) -> Scene:
        """A scene by its id; KeyError when there is none."""
        for scene in self.scenes:
            if scene.id == scene_id:
                return scene
        raise KeyError(scene_id)

    @property
    def players(self) -> int:
        """People in the largest match."""
        return max((scene.players for scene in self.games), default=1)

    @property
    def folder(self) -> Path | None:
        return self._folder

    def loaded_from(self, folder: Path) -> Self:
        """A copy that knows its folder."""
        copy = self.model_copy()
        copy._folder = folder
        return copy

    def function(self, address: str) -> Callable[..., Any]:
        """A researcher's function by its address (see `functions`); only where the researcher's code is loaded."""
        found = self.functions().get(address)
        if isinstance(found, Matchmaker):
            return found.find_match
        if found is None or found.function is None:
            raise KeyError(address)
        return found.function

    def functions(self) -> dict[str, FunctionRef | Matchmaker]:
        """Address → function, for all there are.

        `callbacks.<hook>`, `screening.callback`, `branches.<id>`, `repeats.<id>`, `scenes.<id>.page_for`,
        `scenes.<id>.until`, `scenes.<id>.continuous_callback`, and `scenes.<id>.matchmaker` for a
        matchmaker of the researcher's own.
        """
        found: dict[str, FunctionRef | Matchmaker | None] = {"screening.callback": self.screening.callback}
        found |= {f"callbacks.{name}": hook for name, hook in self.callbacks.given().items()}
        for node in self.stager.nodes():
            if isinstance(node, Branch):
                found[f"branches.{node.id}"] = node.choose
            if isinstance(node, Repeat):
                found[f"repeats.{node.id}"] = node.until
            if isinstance(node, Scene):
                found |= node.functions()
        return {address: function for address, function in found.items() if function is not None}

    def to_json(self) -> dict[str, Any]:
        """Everything, as JSON; functions become references."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild what `to_json` wrote, without the researcher's code: functions are references only."""
        try:
            return cls.model_validate(dict(data))
        except ValidationError as error:
            raise explain(error, cls, "stored experiment", data) from None
