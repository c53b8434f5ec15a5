"""An option that changes nothing is a lie: each is named with a test that shows its effect."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from igym.experiment.base import Spec
from igym.experiment.experiment import Experiment
from igym.experiment.functions import FunctionRef
from igym.experiment.matchmakers import CustomMatchmaker
from igym.experiment.scenes import GymScene
from igym.experiment.scenes.gym_spec import GYM_GROUPS
from tests.experiment.option_proofs import PROOFS
from tests.experiment.test_option_models import NAMED, subclasses

ROOT = Path(__file__).resolve().parent.parent.parent
NOT_WRITTEN = {FunctionRef, CustomMatchmaker}
"""How a function or a matchmaker of the researcher's own is stored: nobody writes these."""


def options(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """(declaring class, name) of what a researcher can choose; a field with one possible value is no choice."""
    for name, field in model.model_fields.items():
        is_tag = get_origin(field.annotation) is Literal and len(get_args(field.annotation)) == 1
        is_group = model is GymScene and name.removesuffix("_options") in GYM_GROUPS
        if is_tag or is_group or name == "kind":
            continue
        owner = next(cls for cls in reversed(model.__mro__) if name in getattr(cls, "model_fields", {}))
        yield owner.__qualname__, name


def every_option() -> set[tuple[str, str]]:
    models = (set(NAMED) | set(subclasses(Spec)) | {Experiment}) - NOT_WRITTEN
    return {option for model in models for option in options(model)}


@cache
def titles_of(file: Path) -> frozenset[str]:
    """Names of a file's tests: functions that pytest collects, or the titles node's runner shows."""
    text = file.read_text("utf-8")
    if file.suffix == ".js":
        return frozenset(title for _, title in re.findall(r'^test\((["`])(.+?)\1, ', text, re.M))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(n.name for n in ast.parse(text).body if isinstance(n, functions) and n.name.startswith("test_"))


def missing(proof: str) -> str | None:
    path, _, name = proof.partition("::")
    file = ROOT / path
    if not path.startswith("tests/") or not re.fullmatch(r"test_\w+\.py|\w+\.test\.js", file.name):
        return f"{path} is no file of tests"
    if not file.is_file():
        return f"there is no {path}"
    return None if name in titles_of(file) else f"{path} has no test “{name}”"


def test_every_option_has_its_proof() -> None:
    proven = {(owner, name) for owner, proofs in PROOFS.items() for name in proofs}
    assert sorted(every_option() - proven) == [], "options without a test that shows their effect"
    assert sorted(proven - every_option()) == [], "proofs of options that are gone"


@pytest.mark.parametrize("owner", sorted(PROOFS))
def test_every_proof_is_a_test_that_runs(owner: str) -> None:
    assert [told for proof in PROOFS[owner].values() if (told := missing(proof))] == []


def test_what_is_no_proof_is_noticed() -> None:
    assert missing("tests/core/test_hooks.py::test_nothing_of_the_kind") is not None
    assert missing("tests/core/test_nowhere.py::test_every_hook") is not None
    assert missing("tests/core/world.py::make_rng") is not None
    assert missing("tests/web/ui/options.test.js::no such title") is not None


def test_a_new_option_without_a_proof_is_noticed() -> None:
    class Extended(Experiment):
        colour: str = "red"

    assert {name for _, name in set(options(Extended)) - every_option()} == {"colour"}
