"""The order in which each person is shown a list that they put in order: drawn once a visit, written down, kept."""

from typing import Any

from igym.core.participant import Participant
from igym.core.places import Visit
from igym.core.turn import Turn
from igym.experiment.scenes.base import Scene
from igym.experiment.scenes.fields import RankingField


def draw(turn: Turn, person: Participant, scene: Scene) -> None:
    """Every order of the page is as likely; it stays so for this visit, also after a reload."""
    visit = person.visit
    assert visit is not None
    for field in scene.fields():
        if isinstance(field, RankingField) and field.name not in visit.orders:
            values = [choice.value for choice in field.choices]
            turn.state.make_rng(f"order {person.number} {visit.number} {field.name}").shuffle(values)
            visit.orders[field.name] = values
            turn.record("order_shown", person, visit=visit.number, field=field.name, order=values)


def arranged(fields: list[dict[str, Any]], visit: Visit) -> list[dict[str, Any]]:
    """The questions of a page with their lists as this visit shows them."""
    return [_in_order(field, visit.orders.get(field["name"])) for field in fields]


def _in_order(field: dict[str, Any], order: list[str] | None) -> dict[str, Any]:
    if order is None:
        return field
    return field | {"choices": sorted(field["choices"], key=lambda choice: order.index(choice["value"]))}
