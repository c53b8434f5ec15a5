"""Which condition a participant or group gets: factors × levels, balanced, with quotas."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from igym.experiment.base import UNSET, Authored, given, option
from igym.experiment.errors import ExperimentError, shown
from igym.experiment.words import Text
from igym.protocol.told import Told

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from random import Random

AT_START = "at_start"
NODE = "design"
"""Under this name the design stands among a participant's draws."""
MAX_CELLS = 1000
_SEPARATORS = "/;>|"

Level = bool | int | float | str
Levels = Annotated[tuple[Level, ...], Field(min_length=2, max_length=100)]
Counts = Mapping[str, int]
"""Cell → people who count in it."""


@dataclass(frozen=True)
class Cell:
    """One combination of levels; the id joins their labels."""

    id: str
    levels: tuple[tuple[str, str], ...]
    """(factor, label of its level), in the order of the factors."""
    weight: float


class Design(Authored):
    """`Experiment(design=Design({"partner": ["human", "ai"], "layout": ["open", "narrow"]}))`.

    Every combination of levels is a cell. A participant's cell is in `context.conditions`, in the globals that pages
    and envs read, and in the columns `condition.<factor>` of the data.
    """

    is_option_group: ClassVar[bool] = True

    factors: dict[str, Levels] = option(
        {},
        title="Factors",
        description="Name of a factor → its levels: texts, numbers or truth values. Empty: no design.",
    )
    per: Literal["participant", "group"] = option(
        "participant",
        title="Assigned per",
        description="participant: each on their own. group: the people of a match share one condition.",
    )
    balanced: bool = option(
        True,
        title="Balanced",
        description="The cell with the fewest people for its weight comes next, chance decides between equals; who "
        "drops out frees the place. Off: chance alone.",
    )
    weights: dict[str, dict[str, Annotated[float, Field(gt=0, le=1000)]]] = option(
        {},
        title="Weights",
        description="Factor → level → how many times as many people it gets as a level that is not named.",
        advanced=True,
    )
    cell_limit: int | None = option(
        None,
        title="People per cell",
        description="A cell takes no more than so many who finished or are under way. Empty: no limit.",
        unit="people",
        ge=1,
        le=100_000,
    )
    strata: tuple[str, ...] = option(
        (),
        title="Strata",
        description="Balanced within each combination of these: a parameter of the link, such as site, or an "
        "answer, as scene and question with a dot between them (survey.age). An answer is known only after its "
        "scene.",
        advanced=True,
    )
    stratum_limit: int | None = option(
        None,
        title="People per stratum",
        description="A stratum takes no more than so many over all cells. Empty: no limit.",
        unit="people",
        ge=1,
        le=100_000,
        advanced=True,
    )
    assign: str = option(
        AT_START,
        title="Assigned",
        description="Before the first scene; or when a scene is entered; per group, when the match of that game is "
        "formed.",
        in_code='"at_start", or the id of the scene.',
        max_length=60,
    )
    when_full: Literal["end", "scene", "redirect"] = option(
        "end",
        title="When full",
        description="For whom no cell is left: the study ends kindly, goes on at a scene, or leads to another address.",
    )
    full_scene: str | None = option(
        None,
        title="Scene when full",
        description="The scene for those for whom no place is left.",
        in_code='Its id, with when_full="scene".',
        max_length=60,
    )
    full_url: str | None = option(
        None,
        title="Address when full",
        description="The address for those for whom no place is left; {participant} is filled in.",
        in_code='With when_full="redirect".',
        max_length=2000,
        advanced=True,
    )
    full_message: Text = option(
        "", title="Message when full", description="What they read. Empty: a kind sentence.", form="multiline"
    )

    def __init__(self, factors: Any = UNSET, **options: Any) -> None:
        super().__init__(**given({"factors": factors}), **options)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for factor, levels in self.factors.items():
            _check_factor(factor, levels)
        if len(self.cells()) > MAX_CELLS:
            raise ExperimentError(
                Told(
                    "these factors make {number} cells; there may be {most}.", number=len(self.cells()), most=MAX_CELLS
                )
            )
        self._check_weights()
        for name, needed in (("scene", "full_scene"), ("redirect", "full_url")):
            if (self.when_full == name) != (getattr(self, needed) is not None):
                raise ExperimentError(Told('when_full="{value}" and {name} belong together.', value=name, name=needed))
        if self.strata and self.per == "group":
            raise ExperimentError(Told('strata are of one person; with per="group" there are none.'))
        if self.strata and self.assign == AT_START and any("." in stratum for stratum in self.strata):
            raise ExperimentError(
                Told("an answer is not known at the start: assign=… the id of a scene after its question.")
            )
        if self.stratum_limit is not None and not self.strata:
            raise ExperimentError(Told("stratum_limit needs strata."))
        return self

    def _check_weights(self) -> None:
        for factor, weights in self.weights.items():
            for level in weights:
                if level not in map(str, self.factors.get(factor, ())):
                    raise ExperimentError(
                        Told("weights: the design has no level {factor}={level}.", factor=factor, level=level)
                    )

    def cells(self) -> tuple[Cell, ...]:
        """Every combination, the last factor changing first."""
        named = ([(factor, str(level)) for level in levels] for factor, levels in self.factors.items())
        return tuple(self._cell(levels) for levels in itertools.product(*named))

    def _cell(self, levels: tuple[tuple[str, str], ...]) -> Cell:
        weight = 1.0
        for factor, label in levels:
            weight *= self.weights.get(factor, {}).get(label, 1.0)
        return Cell("/".join(label for _, label in levels), levels, weight)

    def cell(self, identifier: str) -> Cell:
        """A cell by its id; KeyError when there is none."""
        return next(cell for cell in self.cells() if cell.id == identifier)

    def level(self, factor: str, label: str) -> Level:
        """The level as the researcher wrote it, by its label."""
        return next(level for level in self.factors[factor] if str(level) == label)

    def open_cells(self, counts: Counts, closed: AbstractSet[str] = frozenset(), people: int = 1) -> list[Cell]:
        """Cells with places for so many more."""
        return [
            cell
            for cell in self.cells()
            if cell.id not in closed and (self.cell_limit is None or counts.get(cell.id, 0) + people <= self.cell_limit)
        ]

    def draw(
        self,
        rng: Random,
        counts: Counts,
        closed: AbstractSet[str] = frozenset(),
        people: int = 1,
        in_stratum: Counts | None = None,
    ) -> Cell | None:
        """The cell of the next person, or of the next group of `people`; None when every cell is full or closed.

        Balanced as by minimisation (Taves, 1974) with the cell as the only factor: within the stratum first, over
        everybody between cells that are equal there.
        """
        if self.stratum_limit is not None and sum((in_stratum or {}).values()) + people > self.stratum_limit:
            return None
        cells = self.open_cells(counts, closed, people)
        if not cells:
            return None
        if not self.balanced:
            return rng.choices(cells, [cell.weight for cell in cells])[0]
        for known in (counts if in_stratum is None else in_stratum, counts):
            filled = {cell.id: known.get(cell.id, 0) / cell.weight for cell in cells}
            cells = [cell for cell in cells if filled[cell.id] == min(filled.values())]
        return rng.choice(cells)


def _check_factor(factor: str, levels: tuple[Level, ...]) -> None:
    if not factor.isidentifier():
        raise ExperimentError(
            Told("a factor is named like a variable; {name} is not.", name=shown(factor)), value=shown(factor)
        )
    labels = [str(level) for level in levels]
    if len(set(labels)) != len(labels):
        raise ExperimentError(Told("{factor} has the same level twice.", factor=factor))
    for label in labels:
        if not 0 < len(label) <= 60 or not label.isprintable() or any(sign in label for sign in _SEPARATORS):
            raise ExperimentError(
                Told(
                    "{factor}: {level} cannot be a level: 1 to 60 signs without {without}.",
                    factor=factor,
                    level=shown(label),
                    without=" ".join(_SEPARATORS),
                )
            )
