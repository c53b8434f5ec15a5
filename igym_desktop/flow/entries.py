"""Lists of things with parts (questions, choices, rules, policies) as entries, whatever form they are stored in.

An entry is a dict of the parts that were given, with its name in the list, if it has one, under `KEY`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from igym_desktop.flow.choice_words import choice_words
from igym_desktop.flow.field_text import FormError, parse
from igym_desktop.flow.form import Field
from igym_desktop.flow.translations import first, is_by_language
from igym_desktop.i18n import tr

KEY = "__key__"
Entry = dict[str, Any]
Facts = Mapping[str, Any]


def unpacked(facts: Facts, value: Any) -> list[Entry]:
    """The entries of a stored value."""
    kind = facts.get("type")
    if kind == "named_records":
        return [{KEY: name, **_parts(facts, part)} for name, part in (value or {}).items()]
    if kind == "policies":
        return [{KEY: pair["agent"], **_parts(facts, pair.get("policy"))} for pair in value or ()]
    if kind == "agent_records":
        return [
            {KEY: pair["agent"], **{name: part for name, part in pair.items() if name != "agent"}}
            for pair in value or ()
        ]
    return [_parts(facts, part) for part in value or ()]


def packed(facts: Facts, entries: Sequence[Entry]) -> Any:
    """The value to store."""
    kind = facts.get("type")
    plain = [({name: part for name, part in entry.items() if name != KEY}, entry.get(KEY)) for entry in entries]
    if kind == "named_records":
        return {str(key): parts for parts, key in plain}
    if kind == "policies":
        return [{"agent": key, "policy": parts} for parts, key in plain]
    if kind == "agent_records":
        return [{"agent": key, **parts} for parts, key in plain]
    return [_shortest(facts, parts, number) for number, (parts, _) in enumerate(plain, start=1)]


def _shortest(facts: Facts, parts: Entry, number: int) -> Any:
    """The main part alone where there is no other; a scale that says more needs the name it had by its place."""
    short = facts.get("short")
    if not short:
        return parts
    if not set(parts) - {short, *facts["variants"][0]["tag"]}:
        return parts.get(short, "")
    needs_name = any(part["name"] == "name" for part in facts["variants"][0]["fields"])
    return {"name": f"scale_{number}", **parts} if needs_name and "name" not in parts else parts


def _parts(facts: Facts, value: Any) -> Entry:
    """A text alone stands for the entry's main part, or for its kind."""
    variants = facts.get("variants") or ()
    if isinstance(value, Mapping) and not (facts.get("short") and is_by_language(value)):
        return copy.deepcopy(dict(value))
    if facts.get("short"):
        tag = variants[0]["tag"] if variants else {}
        return {**tag, str(facts["short"]): dict(value) if isinstance(value, Mapping) else str(value)}
    return {"kind": value}


def is_keyed(facts: Facts) -> bool:
    """Whether entries have a name in their list."""
    return facts.get("type") in ("named_records", "policies", "agent_records")


def variant_of(facts: Facts, entry: Mapping[str, Any]) -> int:
    """Which of the kinds an entry is."""
    variants = facts.get("variants") or ()
    for index, variant in enumerate(variants):
        if all(entry.get(name) == value for name, value in variant["tag"].items()):
            return index
    return 0


def blank(facts: Facts, index: int, others: Sequence[Mapping[str, Any]]) -> Entry:
    """A new entry that is complete, with a name no other has."""
    variant = facts["variants"][index]
    entry: Entry = dict(variant["tag"])
    if is_keyed(facts):
        entry[KEY] = _free([str(other.get(KEY)) for other in others], _word(variant["kind"]))
    for part in variant["fields"]:
        if part.get("needed"):
            entry[part["name"]] = _first_value(part, variant["kind"], others)
    return entry


_WORDS = {"TextField": "text", "NumberField": "number", "ChoiceField": "choice", "OptionBoxField": "choice",
          "ScaleField": "scale", "RankingField": "order", "DateField": "date", "ConsentField": "agree",
          "Choice": "choice", "SpriteSheet": "sheet", "AgentControls": "agent", "Axis": "axis",
          "Pointer": "pointer"}  # fmt: skip


def _word(kind: str) -> str:
    return _WORDS.get(kind, "agent")


def _first_value(part: Facts, kind: str, others: Sequence[Mapping[str, Any]]) -> Any:
    name = part["name"]
    if name in ("name", "value") and kind not in ("When", "Until"):
        return _free([str(other.get(name)) for other in others], _word(kind))
    if part.get("special"):
        return part["special"][0]
    if part["type"] in ("integer", "number"):
        return part.get("min", part.get("above", 0))
    if part["type"] == "choice":
        return part["choices"][0]
    if kind == "RankingField" and name == "items":
        return three_to_order()
    if (kind, name) in _FIRST_RECORDS:
        return copy.deepcopy(_FIRST_RECORDS[kind, name])
    if part["type"] == "records":
        return [{"value": "yes", "label": tr("Yes")}, {"value": "no", "label": tr("No")}]
    return _EXAMPLES.get((kind, name), "")


def three_to_order() -> list[dict[str, str]]:
    """The items of a ranking as it begins: fewer are none."""
    labels = {"a": tr("Family"), "b": tr("Work"), "c": tr("Free time")}
    return [{"value": value, "label": label} for value, label in labels.items()]


_FIRST_RECORDS: dict[tuple[str, str], Any] = {
    ("Pool", "policies"): [{"kind": "random"}],
    ("Shared", "policy"): {"kind": "random"},
    ("Advice", "policy"): {"kind": "random"},
}
_EXAMPLES = {
    ("Until", "name"): "scene.question",
    ("Until", "value"): 1,
    ("Axis", "source"): ["mouse_x"],
    ("Onnx", "path"): "model.onnx",
    ("Python", "function"): "bots.py:act",
    ("SpriteSheet", "path"): "image.png",
    ("When", "name"): "scene.question",
    ("When", "value"): "yes",
    ("When", "then"): "yes",
}


def _free(taken: Sequence[str], word: str) -> str:
    return next(name for name in (f"{word}_{number}" for number in range(1, 10_000)) if name not in taken)


def copied(facts: Facts, entry: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> Entry:
    """The same once more, under a name of its own."""
    new = copy.deepcopy(dict(entry))
    for name in (KEY, "name", "value"):
        if (
            isinstance(new.get(name), str)
            and any(other.get(name) == new[name] for other in others)
            and "then" not in new
        ):
            word = re.sub(r"_\d+$", "", new[name])
            new[name] = _free([str(other.get(name)) for other in others], word)
    return new


def variant_title(kind: str) -> str:
    """A kind of entry for people."""
    titles = {
        "TextField": tr("Text"), "NumberField": tr("Number"), "ChoiceField": tr("Choice from a list"),
        "OptionBoxField": tr("Large boxes"), "ScaleField": tr("Rating"), "RankingField": tr("Ranking"),
        "DateField": tr("Day"), "ConsentField": tr("Consent box"), "Choice": tr("Answer"), "When": tr("Rule"),
        "Human": tr("A participant"),
        "Shared": tr("A participant over a machine, who may take over"),
        "Advice": tr("A participant who is advised by a machine"),
        "Random": tr("Bot: random actions"), "Python": tr("Bot: a Python function"),
        "Onnx": tr("Bot: a trained network (ONNX)"), "Pool": tr("One of several bots, drawn for each match"),
        "Until": tr("Condition"), "Reached": tr("Score"), "Fifo": tr("Whoever waits longest"),
        "LatencyMatchmaker": tr("By the speed of connections"), "GroupReunion": tr("Former partners again"),
        "SpriteSheet": tr("Sprite sheet"), "AgentControls": tr("Agent"),
        "Axis": tr("Stick or place across the game"), "Pointer": tr("Pointer in the picture"),
        "Responder": tr("Program that talks along"),
    }  # fmt: skip
    return titles.get(kind, kind)


def summary(facts: Facts, entry: Mapping[str, Any]) -> str:
    """One line about an entry."""
    variants = facts.get("variants") or ()
    kind = variants[variant_of(facts, entry)]["kind"] if variants else ""
    if kind in ("When", "Until"):
        return rule_text(entry)
    main = first(entry.get("label")) or entry.get("name") or entry.get("value") or ""
    if KEY in entry:
        main = f"{entry[KEY]}: {variant_title(kind)}" if facts.get("type") == "policies" else str(entry[KEY])
    more = f"  ·  {variant_title(kind)}" if len(variants) > 1 and KEY not in entry else ""
    optional = f"  ·  {tr('optional')}" if entry.get("required") is False else ""
    return f"{main or tr('(no text yet)')}{more}{optional}"


def rule_text(rule: Mapping[str, Any]) -> str:
    """ "again.choice is yes → more" """
    whats = {
        "answer": tr("answer"), "score": tr("score"), "condition": tr("condition"), "global": tr("shared value"),
    }  # fmt: skip
    what = whats.get(str(rule.get("what")), "")
    compared = str(rule.get("test", "is" if "then" in rule else "at_least"))
    test = choice_words("test", [compared])[compared]
    leads = f"  →  {rule['then']}" if "then" in rule else ""
    return f"{what} {rule.get('name', '')} {test} {rule.get('value', '')}{leads}"


class PartsDraft:
    """The parts of one entry as a form shows and changes them; `changed` is called after each change."""

    marks_changes = False

    def __init__(self, variant: Facts, entry: Entry, changed: Any) -> None:
        self.entry, self._changed = entry, changed
        fields = [Field((str(facts["name"]),), facts) for facts in variant["fields"]]
        self.fields = {field.path: field for field in fields}
        self.errors: dict[tuple[str, ...], str] = {}

    def value(self, path: tuple[str, ...]) -> Any:
        """What would be used now."""
        return self.entry.get(path[-1], self.fields[path].facts.get("default"))

    def is_changed(self, path: tuple[str, ...]) -> bool:
        """Whether it differs from how such an entry begins; what has no default is never marked."""
        facts = self.fields[path].facts
        return not facts.get("needed") and path[-1] in self.entry and self.entry[path[-1]] != facts.get("default")

    def back_to(self, path: tuple[str, ...]) -> Any:
        """What a reset gives."""
        return self.fields[path].facts.get("default")

    def type(self, path: tuple[str, ...], typed: Any) -> None:
        """Takes what was typed; raises `FormError`, and remembers it, when that is not allowed."""
        try:
            value = parse(self.fields[path], typed)
        except FormError as error:
            self.errors[path] = str(error)
            raise
        self.errors.pop(path, None)
        self.entry[path[-1]] = value
        self._changed()

    def reset(self, path: tuple[str, ...]) -> None:
        """As such an entry begins."""
        self.entry.pop(path[-1], None)
        self.errors.pop(path, None)
        self._changed()
