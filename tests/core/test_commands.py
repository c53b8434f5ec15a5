"""Everything the researcher can do, each written down with its reason."""

from __future__ import annotations

from typing import Any

import pytest

from igym.core.commands import COMMANDS
from igym.core.effects import EraseRows, Perform
from igym.core.events import Command
from igym.experiment.scenes import EndScene, StaticScene, TextBox
from tests.core.experiments import game, make
from tests.core.world import Person, World, start_playing


def a_world() -> World:
    return World(make(TextBox("text"), game("match", 2), StaticScene("next"), EndScene("end")))


def playing() -> tuple[World, list[Person]]:
    world = a_world()
    people = world.arrive(2)
    for person in people:
        person.send_answers(text="x")
    start_playing(world, people)
    return world, people


def test_each_action_is_written_down_with_reason_and_author() -> None:
    world = a_world()
    (person,) = world.arrive()
    world.command("exclude", participant=person.id, message="Sorry")
    (record,) = world.records("researcher_action")
    assert record.participant == person.id
    assert record.body == {
        "name": "exclude",
        "args": {"participant": person.id, "message": "Sorry"},
        "reason": "a reason",
        "by": "launcher",
        "refused": None,
    }


def test_refused_actions_are_written_down_too_and_looking_is_not() -> None:
    world = a_world()
    done = world.command("exclude", participant="nobody")
    assert (done.ok, done.code) == (False, "unknown_participant")
    assert world.records("researcher_action")[0].body["refused"] == done.text
    (person,) = world.arrive()
    assert world.command("participant_details", participant=person.id).ok
    assert len(world.records("researcher_action")) == 1


def test_unknown_commands() -> None:
    assert a_world().command("make_coffee").code == "unknown_command"


def test_messages_to_one_and_to_all() -> None:
    world = a_world()
    a, b = world.arrive(2)
    assert world.command("message", to=a.id, text="Hello").result == {"id": "m1", "reached": 1, "waiting": 0}
    assert (a.last("notice").text, b.got("notice")) == ("Hello", [])
    b.close()
    assert world.command("message", to="all", text="Lunch").result == {"id": "m2", "reached": 1, "waiting": 1}
    assert world.command("message", to="all", text="  ").code == "bad_argument"
    assert world.command("message", to="nobody", text="x").code == "unknown_participant"


def test_a_message_stays_until_ok_reaches_those_who_come_back_and_tells_who_has_read_it() -> None:
    world = a_world()
    a, b = world.arrive(2)
    b.close()
    world.command("message", to="all", text="Fire drill")
    notice = a.last("notice")
    assert (notice.expires_ms, notice.receipt) == (None, True)
    b.open()
    assert b.last("notice").text == "Fire drill"
    a.say("notice_read", id=notice.id)
    b.say("notice_read", id="m99")
    [row] = world.view()["messages"]
    assert (set(row["people"]), row["read"]) == ({a.id, b.id}, [a.id])
    assert [record.participant for record in world.records("message_read")] == [a.id]
    a.say("notice_read", id=notice.id)
    assert len(world.records("message_read")) == 1, "once is enough"
    seen = len(a.got("notice"))
    a.close()
    a.open()
    assert len(a.got("notice")) == seen, "what was read does not come again"
    assert world.replayed().state.posted["m1"].read[a.id] is not None


def test_a_message_can_be_shown_for_a_time() -> None:
    world = a_world()
    (a,) = world.arrive()
    assert world.command("message", to="all", text="x", show_s=0).code == "bad_argument"
    world.command("message", to="all", text="Soon", show_s=60)
    assert a.last("notice").expires_ms == pytest.approx(world.now * 1000 + 60_000)
    a.close()
    world.run(61)
    seen = len(a.got("notice"))
    a.open()
    assert len(a.got("notice")) == seen, "its time is over"


def test_excluding_someone_in_play_tells_the_partner() -> None:
    world, (a, b) = playing()
    world.command("exclude", participant=a.id, message="You were rude")
    assert a.state == "excluded" and "You were rude" in a.last("closed").body
    assert b.scene == "next"
    assert world.command("exclude", participant=a.id).code == "already_ended"


def test_why_somebody_was_excluded_is_in_their_record_and_their_details_and_not_on_their_page() -> None:
    world, (a, b) = playing()
    world.do(Command("exclude", {"participant": a.id, "message": "Please come to the desk."}, "  fell asleep "))
    world.do(Command("exclude", {"participant": b.id}))
    reasons = {record.participant: record.body["reason"] for record in world.records("excluded")}
    assert reasons == {a.id: "by the experimenter: fell asleep", b.id: "by the experimenter"}
    assert world.command("participant_details", participant=a.id).result["reason"] == reasons[a.id]
    assert "asleep" not in str([message.model_dump() for message in a.got("closed")])


def test_moving_someone_to_a_scene_from_anywhere() -> None:
    world, (a, b) = playing()
    assert world.command("move", participant=a.id, scene="text").ok
    assert (a.state, a.scene, b.scene) == ("in_scene", "text", "next")
    assert world.command("move", participant=b.id, scene="nowhere").code == "unknown_scene"
    assert world.command("move", participant=b.id, scene="end").ok
    assert b.state == "finished"
    assert world.command("move", participant=b.id, scene="text").code == "already_ended"
    late = world.join()
    assert world.command("move", participant=late.id, scene="text").code == "not_in_a_scene"


def test_moving_someone_out_of_the_waitroom() -> None:
    world = a_world()
    (person,) = world.arrive()
    person.send_answers(text="x")
    assert person.state == "waiting"
    world.command("move", participant=person.id, scene="next")
    assert person.scene == "next"
    assert world.view()["waitrooms"][0]["waiting"] == 0


def test_restarting_a_scene_gives_a_new_visit() -> None:
    world = a_world()
    (person,) = world.arrive()
    world.command("restart_scene", participant=person.id)
    assert (person.scene, person.visit) == ("text", 2)
    timing = {"shown_ms": 0, "submitted_ms": 1}
    assert person.refused("answers", visit=1, values={"text": "x"}, timing=timing) == "not_current"
    person.send_answers(text="x")
    assert person.state == "waiting"


def test_requeue() -> None:
    world, (a, b) = playing()
    assert world.command("requeue", participant=a.id).ok
    assert (a.state, b.scene) == ("waiting", "next")
    assert world.command("requeue", participant=a.id).code == "already_waiting"
    assert world.command("requeue", participant=b.id).code == "no_waitroom"


def test_replacing_someone_by_a_bot() -> None:
    world, (a, b) = playing()
    player = a.seat
    assert world.command("replace_with_bot", participant=a.id).ok
    assert (a.scene, b.state) == ("next", "playing")
    assert b.last("match_state").substitutes == {str(player): "bot"}
    assert world.command("replace_with_bot", participant=a.id).code == "not_playing"
    assert world.command("replace_with_bot", participant=b.id).ok
    assert (b.scene, world.match()["state"]) == ("next", "ended")


def test_pausing_and_resuming_all_members_together() -> None:
    world, (a, b) = playing()
    match = a.match
    assert world.command("resume_match", match=match).code == "not_paused"
    assert world.command("pause_match", match=match).ok
    assert {a.state, b.state} == {"paused"}
    assert (a.last("match_state").reason, a.last("match_state").deadline_ms) == ("researcher", None)
    world.run(3600)
    assert {a.state, b.state} == {"paused"}
    a.link(b, state="lost")
    a.link(b)
    assert {a.state, b.state} == {"paused"}, "another cause that ends does not end the researcher's pause"
    assert world.command("resume_match", match=match).ok
    assert {a.state, b.state} == {"playing"}


def test_ending_a_match() -> None:
    world, (a, b) = playing()
    match = a.match
    assert world.command("end_match", match=match, text="We stop here.").ok
    assert {a.scene, b.scene} == {"next"}
    assert a.last("notice").text == "We stop here."
    assert world.match()["reason"] == "ended by the experimenter"
    assert world.command("end_match", match=match).code == "already_ended"
    assert world.command("end_match", match="m99").code == "unknown_match"


def test_ending_or_pausing_a_match_that_has_not_begun() -> None:
    world = a_world()
    people = world.arrive(2)
    for person in people:
        person.send_answers(text="x")
    match = people[0].match
    assert world.command("pause_match", match=match).code == "not_playing"
    assert world.command("end_match", match=match).ok
    assert {person.scene for person in people} == {"next"}


@pytest.mark.parametrize("erase", [True, False])
def test_withdrawing_someone_with_or_without_their_rows(erase: bool) -> None:
    world, (a, b) = playing()
    assert world.command("withdraw", participant=a.id, erase=erase).ok
    assert (a.state, b.scene) == ("withdrawn", "next")
    assert world.of(EraseRows) == ([EraseRows(a.id)] if erase else [])
    assert world.records("withdrawn")[0].body["erase"] is erase
    details = world.command("participant_details", participant=a.id).result
    assert details["answers"] == ({} if erase else {"text": {"text": "x"}})


def test_withdrawing_someone_who_has_finished() -> None:
    world = World(make(EndScene("end")))
    (person,) = world.arrive()
    assert world.command("withdraw", participant=person.id, erase=True).ok
    assert person.state == "finished"
    assert world.of(EraseRows) == [EraseRows(person.id)]


def test_ending_the_session_brings_everyone_to_a_last_page() -> None:
    world, (a, b) = playing()
    c, d, e = world.arrive(3)
    c.send_answers(text="x")
    d.close()
    e.say("leave")
    late = world.join()
    world.run(1)
    assert world.command("end_session", header="The end", body="<p>Go home</p>").ok
    for person in (a, b, c):
        closed = person.last("closed")
        assert (closed.outcome, closed.header, closed.body) == ("unfinished", "The end", "<p>Go home</p>")
    assert {person.state for person in (a, b, c)} == {"unfinished"}
    assert {person.state for person in (d, late)} == {"dropped"}, "nobody was there any more, or ever"
    assert e.state == "withdrawn"
    assert world.match()["reason"] == "session ended"
    view = world.view()
    assert (view["session"]["state"], view["session"]["admission"]) == ("ended", "closed")
    assert world.command("open_admission").code == "session_over"
    assert world.command("end_session").code == "session_over"
    d.open()
    assert (d.last("closed").outcome, d.last("closed").header) == ("dropped", "The end")
    assert world.session.next_deadline is None or world.session.next_deadline < world.now + 60


def test_someone_dropped_who_returns_after_the_session() -> None:
    world = a_world()
    person = world.join()
    world.run(1900)
    assert person.state == "dropped"
    world.command("end_session")
    person.open()
    assert person.last("closed").outcome == "dropped"


def test_what_only_the_host_can_do_is_passed_on() -> None:
    world = a_world()
    for name, args in {"export": {"formats": ["csv"]}, "backup": {"path": "x"}, "stop_engine": {}}.items():
        assert world.command(name, **args).ok
        assert world.of(Perform)[-1] == Perform(name, args)


def test_details_of_a_match() -> None:
    world, (a, _b) = playing()
    a.rows(30)
    details = world.command("match_details", match=a.match).result
    assert (details["state"], details["group"], details["seed"]) == (
        "playing",
        "g001",
        world.session.match_seed("m001"),
    )
    assert details["links"]["0-1"]["transport"] == "p2p"
    assert details["stored_frames"][a.id] == {"0": 30}
    assert world.command("match_details", match="m99").code == "unknown_match"


def test_clearing_a_problem() -> None:
    world = a_world()
    (person,) = world.arrive()
    person.say("client_error", where="python", message="x", traceback="", file=None, line=None, fatal=False)
    problem = world.view()["problems"][0]
    assert world.command("clear_problem", id=problem["id"]).ok
    assert world.view()["problems"] == []
    assert world.command("clear_problem", id=problem["id"]).code == "unknown_problem"


JUNK: list[dict[str, Any]] = [
    {},
    {"participant": 5},
    {"match": None},
    {"to": 5, "text": 5},
    {"participant": "x", "seat": 1},
]


@pytest.mark.parametrize("name", sorted(COMMANDS))
@pytest.mark.parametrize("args", JUNK)
def test_wrong_arguments_are_refused_with_a_sentence(name: str, args: dict[str, Any]) -> None:
    done = a_world().command(name, **args)
    assert done.ok or done.text.endswith(".")
