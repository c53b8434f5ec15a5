"""What an edge has to know of a person to let packets pass: told by the core whenever it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, field
from typing import Any

from igym.host.session.queries import SessionQueries


@dataclass(frozen=True)
class Route:
    """`live` is the connection that counts; `others`: player → (participant, own player, their connection)."""

    live: str | None = None
    counts_activity: bool = False
    counts_pings: bool = False
    others: dict[int, tuple[str, int, str | None]] = field(default_factory=dict)

    def told(self) -> list[Any]:
        return list(astuple(self))

    @classmethod
    def of(cls, told: list[Any]) -> Route:
        live, activity, pings, others = told
        return cls(live, activity, pings, {player: (who, own, where) for player, (who, own, where) in others.items()})


def route_of(queries: SessionQueries, participant: str) -> Route:
    """As of now, asked of the core."""
    others = {}
    for player in queries.players_beside(participant):
        target = queries.relay_target(participant, player)
        if target is not None:
            others[player] = (*target, queries.live_connection(target[0]))
    return Route(
        queries.live_connection(participant), queries.counts_activity(participant), queries.counts_pings(participant),
        others,
    )  # fmt: skip


class RoutePublisher:
    """At the core: tells what has changed. `tell(participant, route)` brings it to where that person is connected."""

    def __init__(self, queries: SessionQueries, tell: Callable[[str, Route], None]) -> None:
        self._queries = queries
        self._tell = tell
        self._told: dict[str, Route] = {}
        self._touched: set[str] = set()

    def fresh(self, participant: str) -> Route:
        """For a new connection of this person."""
        self._told[participant] = route_of(self._queries, participant)
        return self._told[participant]

    def touch(self, participant: str) -> None:
        """Something was said by this person, or to them."""
        self._touched.add(participant)

    def publish(self) -> None:
        """After a group of events: those it was about, and whoever plays with them."""
        touched, self._touched = self._touched, set()
        beside = {who for each in touched for who in self._queries.people_beside(each)}
        self.look_at(touched | beside)

    def look_at(self, participants: Iterable[str]) -> None:
        for participant in participants:
            if participant in self._told:
                now = route_of(self._queries, participant)
                if now != self._told[participant]:
                    self._told[participant] = now
                    self._tell(participant, now)

    @property
    def followed(self) -> list[str]:
        return list(self._told)

    def forget(self, participant: str) -> None:
        """Nobody is connected for this person any more."""
        self._told.pop(participant, None)


_NOTHING = Route()


class RouteTable:
    """`Routes` of an edge: as the core told it last."""

    def __init__(self) -> None:
        self._routes: dict[str, Route] = {}

    def put(self, participant: str, route: Route) -> None:
        self._routes[participant] = route

    def forget(self, participant: str) -> None:
        self._routes.pop(participant, None)

    def live_connection(self, participant: str) -> str | None:
        return self._routes.get(participant, _NOTHING).live

    def relay_target(self, participant: str, player: int) -> tuple[str, int] | None:
        found = self._routes.get(participant, _NOTHING).others.get(player)
        return None if found is None else found[:2]

    def connection_beside(self, participant: str, player: int) -> str | None:
        """The connection that counts of the person who plays as `player` beside this one."""
        found = self._routes.get(participant, _NOTHING).others.get(player)
        return None if found is None else found[2]

    def counts_activity(self, participant: str) -> bool:
        return self._routes.get(participant, _NOTHING).counts_activity

    def counts_pings(self, participant: str) -> bool:
        return self._routes.get(participant, _NOTHING).counts_pings
