"""Who may join under which id, and whose connection counts."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from igym.core.effects import CloseConnection, Refuse
from igym.core.events import Connected, Disconnected, Joined, MessageReceived, RttMeasured
from igym.core.joining import JoinRefused, JoinRequest
from igym.core.session import IllegalEventError
from igym.experiment.scenes import EndScene, StartScene
from tests.core.experiments import alone, make
from tests.core.world import World, browser, message


def experiment(**options: Any) -> Any:
    return make(StartScene("start"), EndScene("end"), **options)


def refusal(world: World, **request: Any) -> str:
    refused = world.session.admit(JoinRequest(**request))
    assert isinstance(refused, JoinRefused), refused
    assert refused.text.endswith((".", "!", "?")) and "Error" not in refused.text
    return refused.code


def test_anonymous_people_get_ids_of_their_own_that_are_the_same_in_a_replay() -> None:
    world = World(experiment())
    ids = [world.join().id for _ in range(20)]
    assert len(set(ids)) == 20
    assert all(identifier.startswith("p") and identifier.replace("-", "").isalnum() for identifier in ids)
    assert [row.id for row in world.replayed().view(world.now).participants] == ids


def test_typed_labels() -> None:
    world = World(experiment(participant_ids="label"))
    assert refusal(world) == "label_missing"
    assert refusal(world, label="   ") == "label_missing"
    assert refusal(world, label="x" * 61) == "label_invalid"
    assert refusal(world, label="a\nb") == "label_invalid"
    anna = world.join(label="  Anna ")
    assert (anna.id, world.row(anna)["label"]) == ("Anna", "Anna")
    assert refusal(world, label="anna") == "label_taken"


@pytest.mark.parametrize(
    ("label", "identifier"),
    [
        ("../../etc/passwd", "etc_passwd"),
        ("<script>alert(1)</script>", "script_alert_1_script"),
        ("CON", "p_CON"),
        ("Jürgen Ö.", "J_rgen"),
        ("汉字", "p001"),
        ("..", "p001"),
        ("P-07", "P-07"),
        ("lab_s2", "lab-s2"),
        ("Anna M12", "Anna-M12"),
        ("site_a_sam3", "site_a_sam3"),
    ],
)
def test_ids_are_safe_as_file_names_on_every_system(label: str, identifier: str) -> None:
    world = World(experiment(participant_ids="label"))
    person = world.join(label=label)
    assert person.id == identifier
    assert world.row(person)["label"] == label


def test_labels_that_become_the_same_id_get_different_ids() -> None:
    world = World(experiment(participant_ids="label"))
    assert [world.join(label=label).id for label in ("a b", "a/b", "A.B")] == ["a_b", "a_b-2", "A_B-3"]


def test_a_list_of_labels() -> None:
    world = World(experiment(participant_ids=["P01", "P02"]))
    assert world.session.describe_join({})["labels"] == ["P01", "P02"]
    assert refusal(world, label="P03") == "label_unknown"
    world.join(label="p01")
    assert world.session.describe_join({})["labels"] == ["P02"]
    assert refusal(world, label="P01") == "label_taken"
    world.join(label="P02")
    assert world.session.describe_join({})["admission"] == "full"
    assert refusal(world, label="P01") == "admission_full"


def test_another_id_in_the_link_is_another_person_though_the_browser_is_the_same() -> None:
    world = World(experiment(participant_ids="link"))
    first = world.join(participant="ada")

    def seen_with(**params: str) -> Any:
        return world.session.describe_join(params, f"hash {first.id}")["known"]

    assert seen_with(participant="ada") == first.id
    assert seen_with(participant="ADA") == first.id
    assert seen_with() == first.id, "a reload without the link's id is still theirs"
    assert seen_with(participant="bob") is None


def test_a_name_in_the_link_counts_more_than_the_browser_in_every_mode() -> None:
    for ids in ("label", ["Ada", "Bob"]):
        world = World(experiment(participant_ids=ids))
        first = world.join(label="Ada")
        assert world.session.describe_join({"participant": "Ada"}, f"hash {first.id}")["known"] == first.id
        assert world.session.describe_join({"participant": "Bob"}, f"hash {first.id}")["known"] is None


def test_the_next_person_at_a_lab_computer_sees_nothing_of_the_last_one() -> None:
    world = World(experiment())
    first = world.join(seat="PC 3").open()
    own = f"hash {first.id}"
    assert world.session.describe_join({}, own, "PC 3", first.tab)["known"] == first.id, "a reload goes on"
    while first.state != "finished":
        first.advance()
    assert world.session.describe_join({}, own, "PC 3")["known"] is None
    assert world.session.describe_join({}, own)["known"] == first.id, "at home the last page is there again"
    assert world.join(seat="PC 3").id != first.id


def test_a_lab_computers_address_with_a_name_brings_its_person_back_to_their_last_page() -> None:
    world = World(experiment(participant_ids="label"))
    ada = world.join(seat="PC 3", label="Ada").open()
    while ada.state != "finished":
        ada.advance()
    for name, known in (("Ada", ada.id), ("Bob", None)):
        assert world.session.describe_join({"id": name}, f"hash {ada.id}", "PC 3")["known"] == known


@pytest.mark.parametrize("parameter", ["id", "PROLIFIC_PID", "workerId", "participant"])
def test_an_id_in_the_link(parameter: str) -> None:
    world = World(experiment(participant_ids="link"))
    assert refusal(world, params={"other": "x"}) == "label_missing"
    person = world.join(**{parameter: "abc-1", "group": "b"})
    assert person.id == "abc-1"
    assert world.session.describe_join({parameter: "abc-2"})["link_id"] == "abc-2"
    assert refusal(world, params={parameter: "abc-1"}) == "label_taken"
    assert world.records("joined")[0].body["params"] == {parameter: "abc-1", "group": "b"}


def test_what_the_join_page_is_told() -> None:
    world = World(experiment(participant_ids="label", languages=("en", "de")))
    assert world.session.describe_join({}) == {
        "title": "A test",
        "mode": "typed_label",
        "known": None,
        "in_doubt": False,
        "admission": "open",
        "labels": None,
        "languages": ["en", "de"],
        "link_id": None,
        "games": False,
    }
    person = world.join(label="Bo")
    assert world.session.describe_join({}, f"hash {person.id}")["known"] == person.id
    assert world.session.participant_for_token(f"hash {person.id}") == person.id
    assert world.session.participant_for_token("hash of somebody") is None
    assert world.session.participant_for_token("") is None


def test_admission_can_be_closed_and_opened() -> None:
    world = World(experiment())
    assert world.command("close_admission").ok
    assert refusal(world) == "admission_closed"
    assert world.view()["session"]["admission"] == "closed"
    assert world.command("open_admission").ok
    world.join()


def test_seats() -> None:
    world = World(experiment())
    person = world.join(seat="PC07")
    assert world.row(person)["seat"] == "PC07"
    assert refusal(world, seat="PC07") == "seat_taken"
    assert refusal(world, seat="<b>") == "seat_invalid"
    person.open()
    person.advance()
    assert person.state == "finished"
    world.join(seat="PC07")


def test_a_transfer_to_another_seat_moves_the_right_to_act() -> None:
    world = World(alone())
    person = world.join(seat="PC01").open()
    other = world.join(seat="PC03")
    person.advance()
    assert world.command("transfer", participant=person.id, seat="PC03").code == "seat_taken"
    assert world.command("transfer", participant=person.id, seat="PC02").ok
    admitted = world.session.admit(JoinRequest(seat="PC02"))
    assert isinstance(admitted, Joined) and admitted.participant == person.id
    world.do(dataclasses.replace(admitted, token_hash="new"))
    assert person.last("closed").outcome == "taken_over"
    assert world.session.participant_for_token("new") == person.id
    assert world.session.participant_for_token(f"hash {person.id}") is None
    person.open(tab="tab-9")
    assert (person.scene, world.row(person)["seat"]) == ("opinion", "PC02")
    assert world.counts()["joined"] == 2 and other.state == "arriving"


def test_a_second_tab_takes_over_and_the_first_is_told() -> None:
    world = World(alone())
    (person,) = world.arrive()
    first = person.connection
    second = person.connect()
    world.do(
        MessageReceived(person.id, second, message("hello", protocol=1, tab="tab-2", browser=browser(), visit=None))
    )
    sent = [effect for effect in world.effects if getattr(effect, "connection", None) == first]
    assert sent[-2].message.outcome == "taken_over"
    assert sent[-1] == CloseConnection(str(first), "taken_over")
    person.connection, person.tab = second, "tab-2"
    person.advance()
    assert person.scene == "opinion"
    old = world.do(MessageReceived(person.id, str(first), message("leave")))
    assert [effect.code for effect in old if isinstance(effect, Refuse)] == ["not_your_connection"]
    world.do(Disconnected(person.id, str(first)))
    assert world.row(person)["connection"] == "connected", "the old socket's end says nothing about the new one"


def test_a_second_tab_can_be_refused() -> None:
    world = World(experiment(participant_ids={"mode": "anonymous", "second_tab": "refuse"}))
    (person,) = world.arrive()
    first = person.connection
    person.open(tab="tab-2", loaded=False)
    assert person.connection is None, "the second tab's connection was closed"
    person.connection = first
    person.tab = "tab-1"
    assert [item.outcome for item in person.got("closed")] == ["refused"]
    person.advance()
    assert person.state == "finished"


def test_a_dropped_client_is_let_in_at_once_though_its_old_socket_still_stands() -> None:
    world = World(experiment(participant_ids={"mode": "anonymous", "second_tab": "refuse"}))
    (person,) = world.arrive()
    old = str(person.connection)
    person.open()
    assert person.connection is not None and person.connection != old
    assert CloseConnection(old, "replaced") in world.effects
    assert not person.got("closed")


def test_a_frozen_tab_does_not_lock_its_owner_out() -> None:
    world = World(experiment(participant_ids={"mode": "anonymous", "second_tab": "refuse"}))
    (person,) = world.arrive()
    person.frozen = True
    world.run(15)
    person.open(tab="tab-2")
    assert person.connection is not None


def test_the_first_message_must_be_hello() -> None:
    world = World(experiment())
    person = world.join()
    name = person.connect()
    refused = world.do(MessageReceived(person.id, name, message("leave")))
    assert [effect.code for effect in refused if isinstance(effect, Refuse)] == ["hello_first"]
    assert person.state == "arriving"
    stranger = world.do(
        MessageReceived(person.id, "c99", message("hello", protocol=1, tab="t", browser=browser(), visit=None))
    )
    assert [effect.code for effect in stranger if isinstance(effect, Refuse)] == ["not_your_connection"]


def test_an_old_page_is_asked_to_reload() -> None:
    world = World(experiment())
    person = world.join()
    name = person.connect()
    effects = world.do(
        MessageReceived(person.id, name, message("hello", protocol=99, tab="t", browser=browser(), visit=None))
    )
    assert [(effect.code, effect.connection) for effect in effects if isinstance(effect, Refuse)] == [
        ("protocol_version", name)
    ]
    assert person.state == "arriving"


def test_a_socket_that_never_said_hello_changes_nothing_when_it_goes() -> None:
    world = World(experiment())
    (person,) = world.arrive()
    name = person.connect()
    world.do(Disconnected(person.id, name))
    assert world.row(person)["connection"] == "connected"


def test_events_about_nobody_are_the_hosts_mistake() -> None:
    world = World(experiment())
    for event in (Connected("nobody", "c1"), Disconnected("nobody", "c1"), RttMeasured("nobody", 1.0)):
        with pytest.raises(IllegalEventError, match="nobody"):
            world.session.handle(event, world.now)


def test_a_ping_after_the_socket_went_says_nothing() -> None:
    world = World(experiment())
    (person,) = world.arrive()
    person.close()
    world.do(RttMeasured(person.id, 5.0))
    assert world.row(person)["connection"] == "away"


def linked(world: World, who: str, signed: str = "again", **more: Any) -> Joined | JoinRefused:
    return world.session.admit(JoinRequest(params={"id": who}, language="en", signed=signed, **more))  # type: ignore[arg-type]


def test_whoever_returns_with_their_signed_link_in_another_browser_goes_on() -> None:
    world = World(experiment(participant_ids={"mode": "link"}, participants=1))
    person = world.join(id="P001")
    person.open()
    person.advance()
    back = linked(world, "p001")
    assert isinstance(back, Joined) and back.participant == person.id, "also when all places are taken"
    before = person.connection
    world.do(dataclasses.replace(back, token_hash="another"))
    assert [effect.connection for effect in world.of(CloseConnection)] == [before]
    assert world.session.participant_for_token("another") == person.id
    assert world.session.participant_for_token(f"hash {person.id}") is None
    person.open(loaded=False)
    assert person.state == "finished"
    assert world.records("joined")[-1].body["by_link"] is True
    assert world.replayed().view(world.now) == world.session.view(world.now)


@pytest.mark.parametrize(
    ("options", "signed", "code"),
    [
        ({}, "", "label_taken"), ({}, "once", "label_taken"), ({}, "broken", "link_broken"),
        ({"signed_only": True}, "", "link_unsigned"), ({"signed_only": True}, "once", "label_taken"),
    ],
)  # fmt: skip
def test_other_links_to_a_place_that_is_taken_are_refused(options: dict[str, Any], signed: str, code: str) -> None:
    world = World(experiment(participant_ids={"mode": "link", **options}))
    first = linked(world, "P001", "once")
    assert isinstance(first, Joined)
    world.do(dataclasses.replace(first, token_hash="first"))
    refused = linked(world, "P001", signed)
    assert isinstance(refused, JoinRefused) and refused.code == code
    if options:
        new = linked(world, "P002", signed)
        assert isinstance(new, Joined) is (signed != ""), "an id typed into the address is no id"
