"""Two or more people in play, and how one of them is lost."""

from __future__ import annotations

from typing import Any

from igym.experiment.scenes import StaticScene
from igym.protocol.binary import Rows
from tests.core.experiments import together
from tests.core.world import Person, World, start_playing


def playing(size: int = 2, **reconnection: Any) -> tuple[World, list[Person]]:
    experiment = together(
        size, multiplayer={"reconnection": {"timeout_s": 5, **reconnection}}, after=(StaticScene("next"),)
    )
    world = World(experiment)
    people = world.arrive(size)
    start_playing(world, people)
    return world, people


def play_out(world: World, people: list[Person]) -> None:
    """One whole episode, and the end of the game."""
    start_playing(world, people)
    for person in people:
        person.rows(30)
        person.end_episode(30)
    for person in people:
        person.game_over()


def lose(person: Person, peers: list[Person]) -> None:
    """The person's browser crashes: the partners see it first, then the server."""
    peer_number = person.seat
    for peer in peers:
        peer.say("link", match=peer.match, peer=peer_number, state="lost", transport="p2p", rtt_ms=None)
    person.close()


def rows(match: str, **changes: Any) -> Rows:
    fields = {
        "v": 1,
        "scene": "match",
        "visit": 1,
        "match": match,
        "episode": 0,
        "seq": 0,
        "first": 0,
        "count": 1,
        "parity": {},
        "local": {},
        "inputs": {},
        "chain": "ab",
    }
    return Rows.model_validate(fields | changes)
