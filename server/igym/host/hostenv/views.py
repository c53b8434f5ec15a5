"""Who sees what: one picture for all players, or one for each where an env draws what an agent sees."""

from __future__ import annotations

from typing import Any

from igym.host.hostenv.pictures import Pictures
from igym.host.studies.env_bridge import bridge_part

_SHEET_PARTS = ("_kept", "_frame", "_sent", "_shown", "_unnamed", "_cleared")


class View:
    """What some players see."""

    def __init__(self, painter: Any, players: list[int]) -> None:
        self.painter = painter
        self.players = players
        self.pictures = Pictures()
        self.sounds: list[str] = []
        self.sheets: list[dict[str, Any]] | None = None

    def draw(self) -> bool:
        """Whether there is a new picture."""
        drawn = self.painter.draw()
        self.sounds = self.painter.take_sounds()
        return self.pictures.add(drawn, self.painter.pixels)


class Views:
    """All views of a match. An env may draw all of them on one surface: each view has that surface to itself."""

    def __init__(self, play: Any, players: int, per_agent: bool) -> None:
        self._sheets = _surfaces(play.painter) if per_agent else []
        self._before: list[dict[str, Any]] = []
        if not per_agent:
            self.all = [View(play.painter, list(range(max(players, 1))))]
            return
        drawing = bridge_part("drawing")
        looking = [(play.adapter.keys[agent], play.companions.advice_for(agent)) for agent in play.players]
        painters = [drawing.Painter(play.env, key, advice) for key, advice in looking]
        self.all = [View(painter, [player]) for player, painter in enumerate(painters)]

    def of(self, player: int) -> View:
        return next(view for view in self.all if player in view.players)

    def before_step(self) -> None:
        """What the env draws while it steps is for everybody; here it starts from the first view's surface."""
        if not self._sheets:
            return
        if self.all[0].sheets is not None:
            _lay(self._sheets, self.all[0].sheets)
        self._before = _lifted(self._sheets)

    def draw(self) -> list[View]:
        """The views with a new picture."""
        if not self._sheets:
            return [view for view in self.all if view.draw()]
        stepped = _lifted(self._sheets)
        drawn = []
        for view in self.all:
            _lay(self._sheets, _merged(view.sheets, self._before, stepped))
            if view.draw():
                drawn.append(view)
            view.sheets = _lifted(self._sheets)
        return drawn


def _surfaces(painter: Any) -> list[Any]:
    return [sheet for sheet in painter.sheets if all(hasattr(sheet, name) for name in _SHEET_PARTS)]


def _lifted(sheets: list[Any]) -> list[dict[str, Any]]:
    return [{name: _copy(getattr(sheet, name)) for name in _SHEET_PARTS} for sheet in sheets]


def _lay(sheets: list[Any], states: list[dict[str, Any]]) -> None:
    for sheet, state in zip(sheets, states, strict=True):
        for name, value in state.items():
            setattr(sheet, name, _copy(value))


def _copy(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else value


def _merged(
    own: list[dict[str, Any]] | None, before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """A view's surfaces with what the step changed on them."""
    if own is None:
        return after
    return [_stepped(*states) for states in zip(own, before, after, strict=True)]


def _stepped(own: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    was, now = before["_kept"], after["_kept"]
    if after["_cleared"]:
        return {**own, "_kept": dict(now), "_frame": after["_frame"], "_cleared": True}
    kept = {id: op for id, op in own["_kept"].items() if id not in was or id in now}
    kept |= {id: op for id, op in now.items() if was.get(id) != op}
    return {**own, "_kept": kept, "_frame": {**own["_frame"], **after["_frame"]}}
