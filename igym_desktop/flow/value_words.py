"""Values as one would say them: in a sentence, and side by side. Kinds and parts are called as in the form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from igym_desktop.flow.choice_words import choice_words
from igym_desktop.flow.entries import KEY, Facts, rule_text, unpacked, variant_of, variant_title
from igym_desktop.flow.field_text import as_text
from igym_desktop.flow.form import Field
from igym_desktop.flow.translations import first, is_by_language
from igym_desktop.i18n import said, tr

LONGEST = 40
_WITH_PARTS = {"table", "files", "keys", "json"}


def value_text(field: Field, value: Any) -> str:
    """A value in a sentence."""
    text = value_words(field, value)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "…"


def value_words(field: Field, value: Any) -> str:
    """All of a value on one line: "left: A participant, right: Bot: a trained network (ONNX) (Path: bot.onnx)"."""
    if value is not None and field.facts.get("variants") and isinstance(value, list | tuple | Mapping):
        text = _entries(field, value)
    elif value is None or isinstance(value, bool | dict) or field.kind == "html" or field.kind in _WITH_PARTS:
        text = plain_text(value)
    elif field.kind in ("choice", "multi_choice"):
        chosen = value if isinstance(value, list | tuple) else [value]
        text = ", ".join(choice_words(field.name, field.choices).get(one, str(one)) for one in chosen)
    elif isinstance(value, list | tuple) and field.kind != "numbers":
        text = plain_text(value)
    else:
        text = as_text(field, value).replace("\n", " ")
    return text or tr("empty")


def part_words(field: Field, inside: str, value: Any) -> str:
    """The value of one part within an option that has parts; `inside`: where, as in a profile ("right.path")."""
    name = inside.rpartition(".")[2]
    variants = field.facts.get("variants") or ()
    for variant in variants:
        if name in variant["tag"] and variant["tag"][name] == value:
            return variant_title(variant["kind"])
    facts = next((part for variant in variants for part in variant["fields"] if part["name"] == name), None)
    return plain_text(value) if facts is None else value_words(Field((name,), facts), value)


def part_title(field: Field, inside: str) -> str:
    """Where that is, for people: what is called in the form as the form calls it; "" for the kind of the whole."""
    variants = field.facts.get("variants") or ()
    if not variants:
        return inside
    titles = {part["name"]: said(str(part.get("title") or part["name"])) for one in variants for part in one["fields"]}
    kinds = {name for variant in variants for name in variant["tag"]}
    return ", ".join(titles.get(name, name) for name in inside.split(".") if name not in kinds)


def _entries(field: Field, value: Any) -> str:
    facts = field.facts
    if isinstance(value, Mapping) and field.kind not in ("named_records", "policies", "agent_records"):
        return _entry(facts, value)
    if isinstance(value, Mapping) and field.kind != "named_records":
        told = [_entry(facts, {KEY: name, **parts}) for name, parts in value.items() if isinstance(parts, Mapping)]
    else:
        told = [_entry(facts, entry) for entry in unpacked(facts, value)]
    return ", ".join(told)


def _entry(facts: Facts, entry: Mapping[str, Any]) -> str:
    """What it is called; else what it is, with those of its parts that say something."""
    variants = facts["variants"]
    variant = variants[variant_of(facts, entry)]
    if variant["kind"] in ("When", "Until"):
        return rule_text(entry)
    if entry.get("label"):
        return plain_text(entry["label"])
    what = variant_title(variant["kind"]) if variant["tag"] else ""
    parts = [(Field((str(part["name"]),), part), entry.get(part["name"])) for part in variant["fields"]]
    told = [
        f"{field.title}: {value_words(field, value)}"
        for field, value in parts
        if value not in (None, "", [], {}) and value != field.facts.get("default")
    ]
    rest = ", ".join(told)
    text = f"{what} ({rest})" if what and rest else what or rest
    whose = entry.get(KEY)
    return text if whose is None else f"{whose}: {text}"


def plain_text(value: Any) -> str:
    """A value that the form says nothing of."""
    if value is None:
        return tr("none")
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    if isinstance(value, list | tuple):
        return ", ".join(map(plain_text, value)) or tr("empty")
    if is_by_language(value):
        return plain_text(first(value))
    if isinstance(value, dict):
        return _parts(value) or tr("empty")
    if isinstance(value, str):
        return " ".join(re.sub(r"<[^<>]+>", " ", value).split())
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _parts(value: Mapping[str, Any]) -> str:
    if value.keys() == {"keys", "action"}:
        return f"{' + '.join(map(str, value['keys']))}: {plain_text(value['action'])}"
    if value.get("label"):
        return plain_text(value["label"])
    parts = {name: part for name, part in value.items() if part not in (None, "", [], {})}
    return ", ".join(f"{str(name).replace('_', ' ')}: {plain_text(part)}" for name, part in parts.items())
