"""A lab computer whose person got up before the end: the next one is asked, and the one before is not lost."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from igym.core.effects import CloseConnection
from igym.core.events import Joined
from igym.core.joining import JoinRefused, JoinRequest
from igym.experiment.scenes import EndScene, StartScene, StaticScene
from tests.core.experiments import make, together
from tests.core.world import Person, World, start_playing

SEAT = "PC 3"


def study(**options: Any) -> World:
    return World(make(StartScene("start"), StaticScene("middle"), EndScene("end"), **options))


def began(world: World, **more: Any) -> Person:
    """Somebody in the middle of the study at a lab computer."""
    person = world.join(seat=SEAT, **more).open()
    person.advance()
    assert person.scene == "middle"
    return person


def own(person: Person) -> str:
    return f"hash {person.id}"


def asked(world: World, person: Person, tab: str | None = None, **params: str) -> tuple[Any, bool]:
    """What the page that opens the seat's address in this person's browser is told."""
    told = world.session.describe_join(params, own(person), SEAT, tab)
    return told["known"], told["in_doubt"]


def somebody_new(world: World, before: Person, **more: Any) -> Person:
    """The button of somebody who said that they are new, in the browser of the one before."""
    request = JoinRequest(seat=SEAT, language="en", own=own(before), new=True, **more)
    assert world.session.goes_on_as(request) is None
    admitted = world.session.admit(request)
    assert isinstance(admitted, Joined), admitted
    person = Person(world, admitted.participant)
    world.people[person.id] = person
    world.do(dataclasses.replace(admitted, token_hash=own(person)))
    return person.open()


def test_whoever_opens_a_seats_address_whose_person_has_not_finished_is_asked() -> None:
    world = study()
    first = began(world)
    assert asked(world, first) == (None, True)
    assert asked(world, first, "another tab") == (None, True)
    assert asked(world, first, first.tab) == (first.id, False), "a reload is theirs"
    assert world.session.describe_join({}, own(first))["known"] == first.id, "only at a lab computer"
    first.close()
    world.run(50)
    assert asked(world, first, first.tab) == (first.id, False)
    world.run(20)
    assert asked(world, first, first.tab) == (None, True), "after a long absence the browser may have restored a tab"
    assert asked(world, first, id=first.id)[1] is True, "in this study links name nobody"
    first.open()
    assert first.scene == "middle", "who was it goes on where they were"


def test_nobody_is_asked_who_came_with_their_name() -> None:
    world = study(participant_ids="label")
    first = began(world, label="Ada")
    assert asked(world, first, id="ada") == (first.id, False)
    assert asked(world, first, id="Bob") == (None, False)


def test_somebody_new_begins_at_the_beginning_and_the_one_before_is_kept() -> None:
    world = study()
    first = began(world)
    page = first.connection
    second = somebody_new(world, first)
    assert (second.scene, first.connection) == ("start", None)
    assert CloseConnection(str(page), "refused") in world.effects
    assert first.last("closed").header == "This page is no longer used"
    assert world.session.participant_for_token(own(first)) is None
    assert world.session.participant_for_token(own(second)) == second.id
    row = world.row(first)
    assert (row["seat"], row["state"], row["connection"]) == (None, "in_scene", "away")
    assert world.row(second)["seat"] == SEAT
    assert world.records("seat_left", first.id)[0].body == {"seat": SEAT}
    (problem,) = world.session.view(world.now).problems
    assert (problem.title, problem.participant) == ("Somebody new at a seat", first.id)
    assert world.replayed().view(world.now) == world.session.view(world.now)

    assert world.command("transfer", participant=first.id, seat="PC 9").ok
    back = world.session.admit(JoinRequest(seat="PC 9", language="en"))
    assert isinstance(back, Joined) and back.participant == first.id
    world.do(dataclasses.replace(back, token_hash="at PC 9"))
    first.open()
    assert first.scene == "middle"


def test_somebody_new_who_then_gives_the_name_of_the_one_before_is_that_one() -> None:
    world = study(participant_ids="label")
    first = began(world, label="Ada")
    again = JoinRequest(label="ada", seat=SEAT, own=own(first), new=True)
    assert world.session.goes_on_as(again) == first.id
    assert somebody_new(world, first, label="Bob").scene == "start"


def test_the_question_gives_no_one_a_seat_or_a_place_they_could_not_have() -> None:
    world = study(participants=1)
    first = began(world)
    stranger = JoinRequest(seat=SEAT, language="en", own="hash of nobody", new=True)
    full = JoinRequest(seat=SEAT, language="en", own=own(first), new=True)
    for request in (stranger, full):
        refused = world.session.admit(request)
        assert isinstance(refused, JoinRefused)
        assert refused.code == "admission_full", "whoever left the seat still counts, until they are dropped"
    world = study()
    first = began(world)
    refused = world.session.admit(stranger)
    assert isinstance(refused, JoinRefused)
    assert refused.code == "seat_taken", "from another browser"


@pytest.mark.parametrize("link_lost", [True, False])
def test_a_match_is_told_of_whoever_left_the_seat_and_goes_on_by_its_rules(link_lost: bool) -> None:
    world = World(together(2, after=(StaticScene("next"),)))
    first = world.join(seat=SEAT).open()
    partner = world.join(seat="PC 4").open()
    start_playing(world, [first, partner])
    if link_lost:
        partner.link(first, state="lost")
    somebody_new(world, first)
    if not link_lost:
        partner.link(first, state="lost")
    assert partner.last("match_state").reason == f"absent {first.seat}"
    world.run(30.1)
    assert partner.scene == "next"
    assert world.records("match_ended")[0].body["who"] == [first.id]
