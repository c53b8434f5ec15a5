"""A scene that shows recorded episodes, played again, and asks about them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from igym.experiment.base import UNSET, option, tag
from igym.experiment.errors import ExperimentError
from igym.experiment.scenes.base import Scene
from igym.experiment.scenes.fields import AnyField
from igym.experiment.scenes.questions import as_fields, check_names
from igym.protocol.told import Told

Stop = Annotated[float, Field(gt=0, le=86_400)]


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str | int | float) else value


class ReplayScene(Scene):
    """One or two recorded episodes to watch, with questions after them or at moments of them."""

    kind: Literal["replay"] = tag("replay")
    source: Literal["own_last", "file", "pool"] = option(
        "own_last",
        title="Recording",
        description="Which recordings are watched.",
        in_code="own_last: what this participant played last. file: one of the files below. pool: one of all "
        "recordings of a study.",
    )
    files: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = option(
        (),
        title="Files",
        description="Where recordings come from files: replay files in the experiment folder, such as "
        "recordings/replays/m1_ep0.igr.json. Of more than are shown, those shown least often so far come first.",
        in_code='With source="file".',
    )
    pool: str = option(
        "",
        title="Pool",
        description="Where one of all recordings is shown: the id of a study whose data are on this computer, or a "
        "folder of the experiment folder with recordings. Empty: this study's own recordings.",
        in_code='With source="pool".',
        max_length=200,
    )
    of_scene: str = option(
        "", title="Of the game", description="Only recordings of the game scene with this id. Empty: of any.",
        max_length=60,
    )  # fmt: skip
    compare: int = option(1, title="How many", description="2: two recordings side by side, to compare.", ge=1, le=2)
    questions: Annotated[tuple[AnyField, ...], BeforeValidator(as_fields)] = option(
        (),
        title="Questions",
        description="Asked when the recording has been watched, or at the moments below.",
        in_code="TextField, NumberField, ChoiceField, OptionBoxField, ScaleField, RankingField, DateField and "
        "ConsentField.",
    )
    pause_at: Annotated[tuple[Stop, ...], BeforeValidator(_as_tuple)] = option(
        (),
        title="Stop at",
        description="Seconds of the recording at which it stands still and the questions are asked: columns "
        "<question>_1, <question>_2, … Stops after its end are left out. Empty: once, at the end.",
        unit="s",
    )
    speed: float = option(1.0, title="Speed", description="1: as fast as it was played.", ge=0.1, le=8)
    may_rewatch: bool = option(
        True, title="May be watched again", description="Once it has ended, it can be started again."
    )

    def __init__(self, id: str = UNSET, **options: Any) -> None:
        super().__init__(id, **options)

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if self.source == "file" and self.files and len(self.files) < self.compare:
            raise ExperimentError(
                Told(
                    "compare={compare} needs as many files; there are {files}.",
                    compare=self.compare,
                    files=len(self.files),
                )
            )
        if list(self.pause_at) != sorted(set(self.pause_at)):
            raise ExperimentError(Told("pause_at goes forward: each moment once, the earliest first."))
        if self.pause_at and not self.questions:
            raise ExperimentError(Told("pause_at needs questions that are asked at these moments."))
        check_names(self.questions)
        if any(item.correct is not None for item in self.questions):
            raise ExperimentError(Told('correct=… belongs into a Form with check="once" or check="until_right".'))
        return self

    def lacks(self) -> str:
        if self.source != "file" or self.files:
            return ""
        return Told(
            '{scene} has no recording. Add .display(files="recordings/replays/m1_ep0.igr.json").', scene=self.named
        )

    def stops(self) -> tuple[tuple[float | None, tuple[AnyField, ...]], ...]:
        """Each moment at which something is asked, in s of the recording (None: its end), with its questions."""
        if not self.pause_at:
            return ((None, self.questions),) if self.questions else ()
        return tuple(
            (at, tuple(item.model_copy(update={"name": f"{item.name}_{number}"}) for item in self.questions))
            for number, at in enumerate(self.pause_at, start=1)
        )

    def fields(self) -> tuple[AnyField, ...]:
        return tuple(item for _, questions in self.stops() for item in questions)

    def unasked(self, length_s: float) -> frozenset[str]:
        """Questions that a recording of this length does not come to."""
        late = (questions for at, questions in self.stops() if at is not None and at >= length_s)
        return frozenset(item.name for questions in late for item in questions)

    def client_spec(self, base: str = "/assets/", *, scene_id: str | None = None) -> dict[str, Any]:
        """`shown`, the recordings of this visit, is filled in by the server."""
        stops = [{"at_s": at, "fields": [item.name for item in questions]} for at, questions in self.stops()]
        own = {"compare": self.compare, "speed": self.speed, "may_rewatch": self.may_rewatch, "stops": stops}
        return super().client_spec(base, scene_id=scene_id) | own | {"shown": []}
