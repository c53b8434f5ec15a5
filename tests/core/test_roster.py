"""Who is found by a token, a name or a seat, and what the past adds up to, is what a look at everybody finds."""

from __future__ import annotations

from igym.core.joining import JoinRefused, JoinRequest
from igym.experiment.design import Design
from igym.experiment.scenes import EndScene, StartScene, TextBox
from tests.core.experiments import game, make
from tests.core.match_play import play_out
from tests.core.one_by_one import check_found
from tests.core.world import World


def world_of_labels() -> World:
    return World(
        make(
            StartScene("start"), TextBox("about", question="?"), game("play", 1), EndScene("end"),
            design=Design({"partner": ["human", "ai"]}, strata=("about.text",), assign="play"),
            participant_ids={"mode": "list", "allowed": [f"Ann{number}" for number in range(12)]},
        )
    )  # fmt: skip


def refusal(world: World, label: str, seat: str | None = None) -> str | None:
    found = world.session.admit(JoinRequest(label, seat, {}, "en"))
    return found.code if isinstance(found, JoinRefused) else None


def test_people_who_join_play_move_end_and_are_erased_are_found_and_counted_as_by_a_look_at_each() -> None:
    world = world_of_labels()
    people = []
    for number in range(8):
        person = world.join(f"PC {number}", f"Ann{number}").open()
        check_found(world.session.state)
        people.append(person)
        person.advance()
        person.send_answers(text="young" if number % 3 else "old")
        check_found(world.session.state)
    for number, person in enumerate(people):
        if number % 2:
            person.say("leave")
        else:
            play_out(world, [person])
        check_found(world.session.state)
    assert world.command("withdraw", participant=people[2].id, erase=True).ok
    check_found(world.session.state)
    world.go_on_from_checkpoint()
    check_found(world.session.state)
    assert world.session.describe_join({})["labels"] == [f"Ann{number}" for number in range(8, 12)]


def test_a_seat_is_free_when_its_persons_part_has_ended_and_a_transfer_moves_the_token() -> None:
    world = world_of_labels()
    first, second = world.join("PC 1", "Ann1").open(), world.join("PC 2", "Ann2").open()
    assert refusal(world, "ann1", "PC 9") == "label_taken"
    assert refusal(world, "Ann3", "PC 1") == "seat_taken"
    assert world.command("transfer", participant=first.id, seat="PC 2").code == "seat_taken"
    assert world.command("transfer", participant=first.id, seat="PC 5").ok
    check_found(world.session.state)
    assert world.command("transfer", participant=second.id, seat="PC 5").code == "seat_taken"
    moved = world.join("PC 5", "Ann1")
    assert moved.id == first.id
    check_found(world.session.state)
    assert refusal(world, "Ann3", "PC 1") is None
    assert refusal(world, "Ann3", "PC 5") == "seat_taken"
    second.say("leave")
    assert refusal(world, "Ann3", "PC 2") is None
    check_found(world.session.state)
