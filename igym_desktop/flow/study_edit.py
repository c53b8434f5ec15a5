"""Changes of a study's document: every function takes one and returns another, so that each step can be undone."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]
HOLDERS = ("block", "repeat", "randomize_order", "branch")
"""Kinds of tables that hold others."""


@dataclass(frozen=True)
class Spot:
    """A place in the order: in the whole ("" as parent) or inside a holder; a branch has one list per option."""

    parent: str = ""
    option: str = ""
    index: int = 10_000


@dataclass(frozen=True)
class Item:
    """One line of the timeline; `option` names the way of a branch it stands in."""

    id: str
    kind: str
    depth: int
    spot: Spot


def scenes(document: Mapping[str, Any]) -> dict[str, Any]:
    """Id → table."""
    return dict(document.get("scenes") or {})


def walk(document: Mapping[str, Any]) -> list[Item]:
    """Every scene and holder, in reading order."""
    return list(_walk(document, "", "", document.get("order") or (), 0))


def _walk(document: Mapping[str, Any], parent: str, option: str, ids: Sequence[str], depth: int) -> Iterator[Item]:
    known = document.get("scenes") or {}
    for index, id in enumerate(ids):
        table = known.get(id) or {}
        yield Item(id, str(table.get("kind", "")), depth, Spot(parent, option, index))
        for name, inner in _lists(table):
            yield from _walk(document, id, name, inner, depth + 1)


def _lists(table: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """The lists a holder has: ("", scenes), or one for each option of a branch."""
    if table.get("kind") == "branch":
        options = table.get("options") or {}
        return [(name, [target] if isinstance(target, str) else list(target)) for name, target in options.items()]
    return [("", list(table.get("scenes") or ()))] if table.get("kind") in HOLDERS else []


def ids_at(document: Mapping[str, Any], spot: Spot) -> list[str]:
    """The ids of one list."""
    if not spot.parent:
        return list(document.get("order") or ())
    return dict(_lists(document["scenes"][spot.parent])).get(spot.option, [])


def _put(document: Document, spot: Spot, ids: list[str]) -> None:
    if not spot.parent:
        document["order"] = ids
        return
    table = document["scenes"][spot.parent]
    if table["kind"] == "branch":
        table["options"][spot.option] = ids[0] if len(ids) == 1 else ids
    else:
        table["scenes"] = ids


def spots_of(document: Mapping[str, Any], id: str) -> list[Spot]:
    """Everywhere something stands, each place once, in reading order."""
    return list(dict.fromkeys(item.spot for item in walk(document) if item.id == id))


def spot_of(document: Mapping[str, Any], id: str, at: Spot | None = None) -> Spot:
    """`at` if it stands there, else its first place."""
    spots = spots_of(document, id)
    return at if at in spots else spots[0]


def inside(document: Mapping[str, Any], id: str) -> list[str]:
    """Everything a holder holds, however deep."""
    found: list[str] = []
    for _, ids in _lists(document["scenes"].get(id) or {}):
        for inner in ids:
            found += [inner, *inside(document, inner)]
    return found


def free_id(document: Mapping[str, Any], wanted: str) -> str:
    """`wanted`, or with a number behind it; ids that differ in their case alone would share a folder."""
    taken = {id.casefold() for id in scenes(document)}
    numbered = (f"{wanted}_{number}" for number in range(2, 10_000))
    return next(id for id in (wanted, *numbered) if id.casefold() not in taken)


def add(document: Mapping[str, Any], table: Mapping[str, Any], wanted: str, spot: Spot) -> tuple[Document, str]:
    """A new scene; answers its id."""
    new = copy.deepcopy(dict(document))
    id = free_id(new, wanted)
    new.setdefault("scenes", {})[id] = copy.deepcopy(dict(table))
    ids = ids_at(new, spot)
    ids.insert(min(spot.index, len(ids)), id)
    _put(new, spot, ids)
    return new, id


def remove(document: Mapping[str, Any], id: str) -> Document:
    """Takes a scene out of every place, with everything inside that stands nowhere else; empty holders go too."""
    new = copy.deepcopy(dict(document))
    spots = spots_of(new, id)
    for spot in spots:
        _put(new, spot, [other for other in ids_at(new, spot) if other != id])
    return _tidied(new, (id, *inside(new, id)), spots)


def remove_from(document: Mapping[str, Any], id: str, at: Spot) -> Document:
    """Takes a scene out of one of its places; out of the study, when it was the last."""
    new = copy.deepcopy(dict(document))
    spot = spot_of(new, id, at)
    _take_out(new, spot)
    return _tidied(new, (id, *inside(new, id)), [spot])


def _take_out(document: Document, spot: Spot) -> None:
    ids = ids_at(document, spot)
    del ids[spot.index]
    _put(document, spot, ids)


def _tidied(document: Document, gone: Sequence[str], spots: Sequence[Spot]) -> Document:
    """Without the tables of `gone` that stand nowhere now, and without holders at `spots` that hold nothing."""
    named = {item.id for item in walk(document)}
    for other in gone:
        if other not in named:
            document["scenes"].pop(other, None)
    for spot in spots:
        parent = document["scenes"].get(spot.parent) if spot.parent else None
        if parent is not None and parent["kind"] != "branch" and not parent.get("scenes"):
            document = remove(document, spot.parent)
    return document


def again(document: Mapping[str, Any], id: str, at: Spot | None = None) -> Document:
    """The same scene, under the same id, at the next place as well."""
    new = copy.deepcopy(dict(document))
    spot = spot_of(new, id, at)
    ids = ids_at(new, spot)
    ids.insert(spot.index + 1, id)
    _put(new, spot, ids)
    return new


def duplicate(document: Mapping[str, Any], id: str, at: Spot | None = None) -> tuple[Document, str]:
    """Another like it, after it, with everything inside under new ids."""
    new = copy.deepcopy(dict(document))
    names: dict[str, str] = {}
    for old in dict.fromkeys((id, *inside(new, id))):
        names[old] = free_id(new, re.sub(r"_\d+$", "", old) or old)
        new["scenes"][names[old]] = copy.deepcopy(new["scenes"][old])
    for made in names.values():
        renamed_children(new["scenes"][made], names)
    spot = spot_of(new, id, at)
    ids = ids_at(new, spot)
    ids.insert(spot.index + 1, names[id])
    _put(new, spot, ids)
    return new, names[id]


def renamed_children(table: Document, names: Mapping[str, str]) -> None:
    """Other ids for what a holder holds, in the table itself."""
    if table.get("kind") == "branch":
        for option, ids in _lists(table):
            renamed = [names.get(id, id) for id in ids]
            table["options"][option] = renamed[0] if len(renamed) == 1 else renamed
    elif "scenes" in table:
        table["scenes"] = [names.get(id, id) for id in table["scenes"]]


def move(document: Mapping[str, Any], id: str, spot: Spot, at: Spot | None = None) -> tuple[Document, Spot]:
    """Puts something elsewhere, from `at` when it stands at several places; answers where it stands then.

    Into itself it cannot go.
    """
    new = copy.deepcopy(dict(document))
    old = spot_of(new, id, at)
    if spot.parent == id or spot.parent in inside(document, id):
        return new, old
    same = (old.parent, old.option) == (spot.parent, spot.option)
    _take_out(new, old)
    ids = ids_at(new, spot)
    index = min(spot.index - 1 if same and spot.index > old.index else spot.index, len(ids))
    ids.insert(index, id)
    _put(new, spot, ids)
    return _tidied(new, (), [old]), Spot(spot.parent, spot.option, index)


def step(document: Mapping[str, Any], id: str, by: int, at: Spot | None = None) -> tuple[Document, Spot]:
    """One place up or down within its list; answers where it stands then."""
    spot = spot_of(document, id, at)
    index = spot.index + by
    if not 0 <= index < len(ids_at(document, spot)):
        return copy.deepcopy(dict(document)), spot
    return move(document, id, Spot(spot.parent, spot.option, index + 1 if by > 0 else index), spot)


def wrap(document: Mapping[str, Any], id: str, kind: str, at: Spot | None = None) -> tuple[Document, str]:
    """A holder in its place, with the scene as the first thing inside."""
    new = copy.deepcopy(dict(document))
    spot = spot_of(new, id, at)
    names = {"block": "block", "repeat": "rounds", "randomize_order": "order", "branch": "branch"}
    holder = free_id(new, names[kind])
    ids = ids_at(new, spot)
    ids[spot.index] = holder
    _put(new, spot, ids)
    new["scenes"][holder] = {"kind": kind, **_held(kind, id)}
    return new, holder


def _held(kind: str, id: str) -> Document:
    if kind == "branch":
        return {"options": {"yes": id, "no": []}, "otherwise": "yes"}
    return {"scenes": [id], **({"n": 2} if kind == "repeat" else {})}


def unwrap(document: Mapping[str, Any], holder: str) -> Document:
    """What a holder held takes its place, at each place where it stood."""
    new = copy.deepcopy(dict(document))
    held = [id for _, ids in _lists(new["scenes"][holder]) for id in ids]
    # From the end, so that the places before keep their numbers.
    for spot in reversed(spots_of(new, holder)):
        ids = ids_at(new, spot)
        ids[spot.index : spot.index + 1] = held
        _put(new, spot, ids)
    del new["scenes"][holder]
    return new


def set_value(document: Mapping[str, Any], place: Sequence[str], value: Any) -> Document:
    """A value at a place, its tables made as needed."""
    new = copy.deepcopy(dict(document))
    table = new
    for name in place[:-1]:
        table = table.setdefault(name, {})
    table[place[-1]] = copy.deepcopy(value)
    return new


def without(document: Mapping[str, Any], place: Sequence[str]) -> Document:
    """The default again; tables that are left empty go too, but not a scene."""
    new = copy.deepcopy(dict(document))
    tables = [new]
    for name in place[:-1]:
        tables.append(tables[-1].get(name) or {})
    tables[-1].pop(place[-1], None)
    for depth in range(len(place) - 1, 0, -1):
        is_scene = place[0] == "scenes" and depth <= 2
        if not tables[depth] and not is_scene:
            tables[depth - 1].pop(place[depth - 1], None)
    return new


def found(document: Mapping[str, Any], place: Sequence[str], default: Any = None) -> Any:
    """The value at a place as it is written."""
    value: Any = document
    for name in place:
        if not isinstance(value, Mapping) or name not in value:
            return default
        value = value[name]
    return value


def options_of(document: Mapping[str, Any], branch: str) -> list[str]:
    """The names of a branch's ways."""
    return list(document["scenes"][branch].get("options") or {})


def add_option(document: Mapping[str, Any], branch: str, name: str) -> Document:
    """One way more, leading to nothing yet."""
    new = copy.deepcopy(dict(document))
    new["scenes"][branch].setdefault("options", {}).setdefault(name, [])
    return new


def rename_option(document: Mapping[str, Any], branch: str, old: str, name: str) -> Document:
    """Another name for a way, in its rules too."""
    new = copy.deepcopy(dict(document))
    table = new["scenes"][branch]
    table["options"] = {name if key == old else key: target for key, target in table["options"].items()}
    for rule in table.get("rules") or ():
        rule["then"] = name if rule.get("then") == old else rule.get("then")
    if table.get("otherwise") == old:
        table["otherwise"] = name
    return new


def remove_option(document: Mapping[str, Any], branch: str, name: str) -> Document:
    """A way less, with its scenes and its rules."""
    new = copy.deepcopy(dict(document))
    gone = [inner for id in ids_at(new, Spot(branch, name)) for inner in (id, *inside(new, id))]
    table = new["scenes"][branch]
    table["options"].pop(name, None)
    _tidied(new, gone, ())
    table["rules"] = [rule for rule in table.get("rules") or () if rule.get("then") != name]
    if table.get("otherwise") == name:
        table["otherwise"] = next(iter(table["options"]), None)
    return new
