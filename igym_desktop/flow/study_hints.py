"""What can be chosen where a study names something of its own: its scenes, questions, games and ways of a branch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from igym_desktop.flow.study_edit import HOLDERS

Facts = Mapping[str, Any]
_SCENES = ("timeout_scene", "end_scene", "full_scene")
_GAMES = ("game", "of_scene")


@dataclass(frozen=True)
class _Names:
    """Ids of pages and games, `SCENE.QUESTION` of every question, ids of random orders, factors of the design."""

    pages: list[str]
    games: list[str]
    answers: list[str]
    orders: list[str]
    factors: list[str]

    @property
    def compared(self) -> list[str]:
        """What a rule may look at."""
        return [*self.answers, *self.games, *self.orders, *self.factors]


def with_hints(form: Facts) -> dict[str, Any]:
    """The form's schema with names to choose from (`special`) beside what can be typed."""
    scenes = list(form.get("scenes") or ())
    names = _Names(
        pages=_ids(scenes, lambda kind: kind not in HOLDERS),
        games=_ids(scenes, lambda kind: kind == "gym"),
        answers=[f"{scene['id']}.{name}" for scene in scenes for name in scene.get("questions") or ()],
        orders=_ids(scenes, lambda kind: kind == "randomize_order"),
        factors=_factors(form.get("fields") or ()),
    )
    own = [_field(field, {"kind": "experiment"}, names) for field in form.get("fields") or ()]
    return {**form, "fields": own, "scenes": [_scene(scene, names) for scene in scenes]}


def _ids(scenes: list[Facts], is_meant: Any) -> list[str]:
    return [str(scene["id"]) for scene in scenes if is_meant(scene["kind"])]


def _factors(fields: Any) -> list[str]:
    design: Facts = next((field for field in fields if field["name"] == "design"), {})
    return [
        str(name) for part in design.get("fields") or () if part["name"] == "factors" for name in part["value"] or ()
    ]


def _scene(scene: Facts, names: _Names) -> dict[str, Any]:
    groups = [{**group, "fields": [_field(field, scene, names) for field in group["fields"]]}
              for group in scene["groups"]]  # fmt: skip
    return {**scene, "groups": groups}


def _field(field: Facts, scene: Facts, names: _Names) -> dict[str, Any]:
    if field.get("type") == "group":
        return {**field, "fields": [_field(inner, scene, names) for inner in field["fields"]]}
    name, kind = field["name"], scene["kind"]
    if kind in ("branch", "repeat") and name == "rules":
        ways = list(scene.get("ways") or ())
        return {**field, "variants": [_rule(variant, ways, names.compared) for variant in field["variants"]]}
    special = _special(name, scene, names)
    return {**field, "special": special} if special else dict(field)


def _special(name: str, scene: Facts, names: _Names) -> list[str]:
    if name in _SCENES:
        return names.pages
    if name in _GAMES and scene["kind"] != "experiment":
        return names.games
    if name == "otherwise":
        return list(scene.get("ways") or ()) if scene["kind"] == "branch" else ["go_on", "exclude", *names.pages]
    if name == "assign":
        return ["at_start", *names.pages]
    if name == "seat_by":
        return [
            *(f"answers.{answer}" for answer in names.answers),
            *(f"condition.{factor}" for factor in names.factors),
        ]
    return []


def _rule(variant: Facts, ways: list[str], names: list[str]) -> dict[str, Any]:
    known = {"then": ways, "name": names}
    fields = [{**part, "special": known[part["name"]]} if part["name"] in known else part for part in variant["fields"]]
    return {**variant, "fields": fields}
