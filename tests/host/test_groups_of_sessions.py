"""Groups are remembered by label across the sessions of an experiment: never again, the same again, preferred."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from igym.host.engine.engine import Engine
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from tests.host.conftest import PAIR, StartEngine
from tests.waiting import until

LABELLED = PAIR.replace('id="pair"', 'id="pair", participant_ids="label"')
NEVER_AGAIN = LABELLED.replace(
    ".waitroom(", ".matchmaking(forbid_repeat_partners=True).waitroom("
)  # fmt: skip
REUNION = LABELLED.replace("import ", "import GroupReunion, ", 1).replace(
    ".waitroom(", ".matchmaking(GroupReunion(wait_s=300)).waitroom("
)
PEOPLE = ("Ann", "Bob", "Cem", "Dia")


async def play(engine: Engine, labels: Iterable[str]) -> None:
    """Each joins when the one before has reached the waitroom or a match, so that the order is known."""
    running = []
    for seed, label in enumerate(labels):
        person = SimulatedParticipant(engine.join_url, Behaviour(seed=seed, frames=30))
        running.append(asyncio.create_task(person.run(label=label, limit_s=120)))
        await until(lambda person=person: {"waiting", "countdown"} & set(person.phases))
    ends = await asyncio.gather(*running)
    assert {end.outcome for end in ends} == {"finished"}


def partners(engine: Engine) -> set[frozenset[str | None]]:
    state = engine.begun.session.state
    return {frozenset(state.participants[member].label for member in match.members) for match in state.matches.values()}


async def test_people_who_met_in_an_earlier_session_are_not_put_together_again(start_engine: StartEngine) -> None:
    first = await start_engine(NEVER_AGAIN)
    await play(first, PEOPLE)
    assert partners(first) == {frozenset({"Ann", "Bob"}), frozenset({"Cem", "Dia"})}
    await first.stop("the first session is over")

    second = await start_engine(NEVER_AGAIN)
    await play(second, PEOPLE)

    assert not partners(second) & partners(first)
    assert len(partners(second)) == 2
    decided = second.begun.session.state.groups
    assert decided.earlier_partners("Ann") == {"Bob"} and decided.earlier_partners("Dia") == {"Cem"}
    await second.stop("over")

    third = await start_engine(NEVER_AGAIN)
    await play(third, PEOPLE)
    assert not partners(third) & (partners(first) | partners(second)), "both earlier sessions count"


async def test_the_groups_of_an_earlier_session_meet_again(
    start_engine: StartEngine,
) -> None:
    first = await start_engine(REUNION)
    await play(first, PEOPLE)
    await first.stop("the first session is over")

    second = await start_engine(REUNION)
    await play(second, ("Bob", "Cem", "Ann", "Dia"))
    assert partners(second) == partners(first) == {frozenset({"Ann", "Bob"}), frozenset({"Cem", "Dia"})}


async def test_without_labels_nobody_is_taken_for_somebody_else(start_engine: StartEngine) -> None:
    anonymous = PAIR.replace(".waitroom(", ".matchmaking(forbid_repeat_partners=True).waitroom(")
    first = await start_engine(anonymous)
    await play(first, ["", ""])
    await first.stop("over")
    second = await start_engine(anonymous)
    await play(second, ["", ""])
    assert len(second.begun.session.state.matches) == 1
