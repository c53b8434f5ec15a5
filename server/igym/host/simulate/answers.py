"""How somebody made up leaves a page: valid random answers to every kind of question, from its specification."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

from igym.protocol.server import SceneShown

Field = dict[str, Any]
WORDS = "rally wind paper stone light river quiet bridge seven colour signal turn north apple".split()  # noqa: SIM905


def way_on(scene: SceneShown, timing: dict[str, float], rng: Random) -> list[tuple[str, dict[str, Any]]]:
    """What the page of a scene without a game sends to be left, as (message, body); `timing` as in `advance`.

    Raises `ValueError` for a question to which no answer can be made up.
    """
    spec: dict[str, Any] = scene.spec
    if spec["kind"] == "web" and spec["ends_by"] == "message":
        said = {"visit": scene.visit, "data": None}
        return [("web_event", {**said, "name": name, "key": name}) for name in ("start", "end")]
    if not spec["fields"]:
        return [("advance", {"visit": scene.visit, "timing": timing})]
    values = answers_for(spec["fields"], rng)
    return [("answers", {"visit": scene.visit, "values": values, "timing": {**timing, "first_change_ms": {}}})]


def answers_for(fields: list[Field], rng: Random) -> dict[str, Any]:
    """`{name: value}`; questions that may be left out sometimes are."""
    return {field["name"]: _ANSWERS[field["type"]](field, rng) for field in fields if _is_answered(field, rng)}


def _is_answered(field: Field, rng: Random) -> bool:
    return bool(field.get("required")) or rng.random() < 0.8


def _text(field: Field, rng: Random) -> str:
    if field.get("pattern"):
        raise ValueError(f"a simulated participant cannot invent a text for the pattern of “{field['name']}”")
    text = " ".join(rng.choices(WORDS, k=rng.randint(2, 6)))
    while len(text) < (field.get("min_length") or 0):
        text += " " + rng.choice(WORDS)
    return text[: field.get("max_length") or None]


def _number(field: Field, rng: Random) -> Any:
    low = 0 if field.get("min") is None else field["min"]
    high = low + 100 if field.get("max") is None else field["max"]
    step = field.get("step")
    if step:
        return low + step * rng.randint(0, int((high - low) / step))
    return rng.uniform(low, high)


def _one(field: Field, rng: Random) -> Any:
    return rng.choice(field["choices"])["value"]


def _several(field: Field, rng: Random) -> list[Any]:
    values = [choice["value"] for choice in field["choices"]]
    fewest = max(field.get("min_choices") or 0, 1 if field.get("required") else 0)
    most = min(field.get("max_choices") or len(values), len(values))
    return rng.sample(values, rng.randint(min(fewest, most), most))


def _boxes(field: Field, rng: Random) -> Any:
    return _several(field, rng) if field.get("multiple") else _one(field, rng)


def _order(field: Field, rng: Random) -> list[Any]:
    return rng.sample([choice["value"] for choice in field["choices"]], len(field["choices"]))


def _date(field: Field, rng: Random) -> str:
    low = date.fromisoformat(field["min"]) if field.get("min") else date(1960, 1, 1)
    high = date.fromisoformat(field["max"]) if field.get("max") else date(2005, 12, 31)
    return (low + timedelta(days=rng.randint(0, max(0, (high - low).days)))).isoformat()


def _consent(field: Field, rng: Random) -> bool:
    return bool(field.get("required")) or rng.random() < 0.5


_ANSWERS: dict[str, Callable[[Field, Random], Any]] = {
    "text": _text,
    "textarea": _text,
    "number": _number,
    "choice": _one,
    "multi_choice": _several,
    "option_boxes": _boxes,
    "ranking": _order,
    "scale": _number,
    "slider": _number,
    "date": _date,
    "consent": _consent,
}
