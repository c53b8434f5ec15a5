"""Writes the option tables of docs/authoring from the models: `python build/docs_options.py` (`--check` only compares).

A table stands between `<!-- options: NAME -->` and `<!-- end -->`; NAME is a name of the tables below.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "server"))

from pydantic import BaseModel  # noqa: E402
from pydantic.fields import FieldInfo  # noqa: E402
from pydantic_core import PydanticUndefined  # noqa: E402

from igym.experiment import matchmakers, options, policies, stager  # noqa: E402
from igym.experiment.base import option_names  # noqa: E402
from igym.experiment.describe import describe_field, extra_of, group_of, is_structured, legal_text  # noqa: E402
from igym.experiment.design import Design  # noqa: E402
from igym.experiment.experiment import Experiment  # noqa: E402
from igym.experiment.participation import Callbacks, EntryScreening, ParticipantIds  # noqa: E402
from igym.experiment.payment import Payment  # noqa: E402
from igym.experiment.returns import Return  # noqa: E402
from igym.experiment.rules import Until, When  # noqa: E402
from igym.experiment.scenes import SCENE_CLASSES, Choice  # noqa: E402
from igym.experiment.scenes.base import Scene  # noqa: E402
from igym.experiment.scenes.fields import FIELD_CLASSES, Question  # noqa: E402

PAGES = ROOT / "docs" / "authoring"
_MARK = re.compile(r"(<!-- options: (\w+) -->\n).*?(<!-- end -->)", re.S)
_EMPTY = re.compile(r"\bEmpty: |(?<=; )empty: ")
_MODELS: tuple[type[BaseModel], ...] = (
    *(getattr(options, name) for name in dir(options) if name.endswith("Options")),
    *SCENE_CLASSES,
    *FIELD_CLASSES,
    Scene,
    Question,
    Choice,
    options.SpriteSheet,
    options.Chat,
    options.Responder,
    options.Axis,
    options.Reached,
    options.Pointer,
    Experiment,
    Design,
    Return,
    EntryScreening,
    ParticipantIds,
    Callbacks,
    Payment,
    When,
    Until,
    stager.RandomizeOrder,
    stager.Repeat,
    stager.Branch,
    matchmakers.LatencyMatchmaker,
    matchmakers.GroupReunion,
    policies.Bot,
    policies.Random,
    policies.Python,
    policies.Onnx,
    policies.Shared,
    policies.Advice,
    policies.Pool,
)
MODELS = {model.__name__: model for model in _MODELS}


def page_with_tables(text: str) -> str:
    """The page with every marked table written anew."""
    return _MARK.sub(lambda found: f"{found[1]}{table(MODELS[found[2]])}{found[3]}", text)


def table(model: type[BaseModel]) -> str:
    """One row per option of the model that its base classes for scenes, questions and bots do not have already."""
    shared = {base: set(base.model_fields) for base in (Scene, Question, policies.Bot) if issubclass(model, base)}
    inherited = {name for base, names in shared.items() if base is not model for name in names}
    names = [name for name in option_names(model) if name not in inherited or _redefined(model, name)]
    if not names:
        return "\nNo options of its own.\n\n"
    rows = [_row(name, model.model_fields[name]) for name in names]
    return "\n".join(["| option | default | allowed | meaning |", "|---|---|---|---|", *rows]) + "\n"


def _redefined(model: type[BaseModel], name: str) -> bool:
    return name in vars(model).get("__annotations__", {})


def _row(name: str, field: FieldInfo) -> str:
    advanced = " (advanced)" if extra_of(field, "advanced") else ""
    cells = (f"`{name}`{advanced}", _default(field), _allowed(field), _meaning(field))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _meaning(field: FieldInfo) -> str:
    """As the window says it, where empty stands for None; and what only matters in Python."""
    text = field.description or ""
    if field.default is None or describe_field(field).get("nullable"):
        text = _EMPTY.sub("None: ", text).replace("0 or empty: ", "0 or None: ")
    return " ".join(part for part in (text, extra_of(field, "in_code")) if part)


def _default(field: FieldInfo) -> str:
    default: Any = field.get_default(call_default_factory=True, validated_data={})
    if default is PydanticUndefined:
        return "needed"
    if group_of(field) is not None:
        return "see below"
    if isinstance(default, BaseModel):
        return f"`{type(default).__name__}()`"
    if isinstance(default, dict) and default:
        return f"`{ {key: _Shown(value) for key, value in default.items()} }`"
    return f"`{default!r}`"


class _Shown:
    """Writes a policy as a researcher does."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __repr__(self) -> str:
        return type(self.value).__name__ if isinstance(self.value, BaseModel) else repr(self.value)


def _allowed(field: FieldInfo) -> str:
    return "see there" if is_structured(field) else legal_text(field)


def main(arguments: list[str]) -> int:
    stale = []
    for page in sorted(PAGES.glob("*.md")):
        text = page.read_text("utf-8")
        current = page_with_tables(text)
        if current != text:
            stale.append(page.name)
            if "--check" not in arguments:
                page.write_text(current, "utf-8")
    if stale:
        verb = "are stale; run python build/docs_options.py" if "--check" in arguments else "written"
        print(f"Option tables in {', '.join(stale)} {verb}.")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
