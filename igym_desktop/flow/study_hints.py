"""What can be chosen where a study names something of its own: its scenes, questions, games and ways of a branch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from igym_desktop.flow.study_edit import HOLDERS

Facts = Mapping[str, Any]
_SCENES = ("timeout_scene", "end_scene")


def with_hints(form: Facts) -> dict[str, Any]:
    """The form's schema with names to choose from (`special`) beside what can be typed."""
    scenes = list(form.get("scenes") or ())
    pages = [str(scene["id"]) for scene in scenes if scene["kind"] not in HOLDERS]
    names = [*_answers(scenes), *(str(scene["id"]) for scene in scenes if scene["kind"] in ("gym", "randomize_order"))]
    return {**form, "scenes": [_scene(scene, pages, names) for scene in scenes]}


def _scene(scene: Facts, pages: list[str], names: list[str]) -> dict[str, Any]:
    groups = [{**group, "fields": [_field(field, scene, pages, names) for field in group["fields"]]}
              for group in scene["groups"]]  # fmt: skip
    return {**scene, "groups": groups}


def _field(field: Facts, scene: Facts, pages: list[str], names: list[str]) -> dict[str, Any]:
    if field.get("type") == "group":
        return {**field, "fields": [_field(inner, scene, pages, names) for inner in field["fields"]]}
    if field["name"] in _SCENES:
        return {**field, "special": pages}
    if scene["kind"] == "branch" and field["name"] == "otherwise":
        return {**field, "special": list(scene.get("ways") or ())}
    if scene["kind"] == "repeat" and field["name"] == "otherwise":
        return {**field, "special": ["go_on", "exclude", *pages]}
    if scene["kind"] in ("branch", "repeat") and field["name"] == "rules":
        ways = list(scene.get("ways") or ())
        return {**field, "variants": [_rule(variant, ways, names) for variant in field["variants"]]}
    return dict(field)


def _rule(variant: Facts, ways: list[str], names: list[str]) -> dict[str, Any]:
    known = {"then": ways, "name": names}
    fields = [{**part, "special": known[part["name"]]} if part["name"] in known else part for part in variant["fields"]]
    return {**variant, "fields": fields}


def _answers(scenes: list[Facts]) -> list[str]:
    """`SCENE.QUESTION` for every question there is."""
    return [f"{scene['id']}.{name}" for scene in scenes for name in scene.get("questions") or ()]
