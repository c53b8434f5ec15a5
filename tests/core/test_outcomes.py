"""How somebody's part ends, and what is known of it: who is finished, who left, who was broken off."""

from __future__ import annotations

from typing import Any

import pytest

from igym.core.effects import Record
from igym.core.events import Joined
from igym.core.joining import JoinRequest
from igym.experiment.scenes import CompletionCodeScene, EndScene, GymScene, StaticScene, TextBox
from tests.core.experiments import game, make
from tests.core.world import Person, World, start_playing

LIMIT_S = 300.0


def hook(context: Any) -> None: ...


def study(*after: Any, **options: Any) -> World:
    """A page, a match of two, the code, and what follows."""
    scenes = (TextBox("text"), game("match", 2), CompletionCodeScene("code"), *after)
    callbacks = {"on_payment": hook, "on_finish": hook, "on_drop": hook}
    return World(make(*scenes, callbacks=callbacks, **{"dropped_after_s": LIMIT_S} | options))


def at_the_code(world: World) -> Person:
    (person,) = world.arrive()
    world.command("move", participant=person.id, scene="code")
    assert person.last("scene").spec["code"]
    return person


def ended(world: World, person: Person) -> Record:
    (record,) = world.records(person.state, person.id)
    return record


def paid(world: World, person: Person) -> list[str]:
    world.answer_all()
    return [ask.context["outcome"] for ask in world.asked("on_payment") if ask.context["participant"] == person.id]


def test_a_session_that_ends_finishes_nobody_who_had_not() -> None:
    world = study()
    reading, offline, a, b = world.arrive(4)
    for person in (a, b):
        person.send_answers(text="x")
    start_playing(world, [a, b])
    a.say("episode_started", visit=a.visit, match=a.match, episode=0)
    a.rows(30)
    offline.close()
    left_at = world.now
    world.run(20)
    world.command("end_session")

    assert [person.state for person in (reading, offline, a, b)] == [
        "unfinished",
        "dropped",
        "unfinished",
        "unfinished",
    ]
    body = ended(world, a).body
    assert (ended(world, a).scene, body["place"], body["episode"], body["frame"]) == ("match", "match", 0, 29)
    assert body["reason"] == "session ended"
    assert (ended(world, reading).scene, ended(world, reading).body["place"]) == ("text", "page")
    assert ended(world, offline).body["ended_at"] == left_at
    assert ended(world, offline).body["reason"] == "away when the session ended"
    assert [paid(world, person) for person in (reading, offline, a)] == [["unfinished"], ["dropped"], ["unfinished"]]
    counts = world.counts()
    assert (counts["finished"], counts["unfinished"], counts["dropped"], counts["joined"]) == (0, 3, 1, 4)


@pytest.mark.parametrize("after", [(), (EndScene("end"),)])
def test_whoever_closes_the_page_with_the_code_has_finished(after: tuple[Any, ...]) -> None:
    world = study(*after)
    person = at_the_code(world)
    code = world.row(person)["code"]
    person.close()
    left_at = world.now
    world.run(61)

    assert person.state == "finished"
    assert ended(world, person).body["ended_at"] == left_at
    assert ended(world, person).body["reason"] == "completion code shown"
    assert paid(world, person) == ["finished"]
    assert len(world.asked("on_finish")) == 1 and not world.asked("on_drop")
    person.open()
    assert (person.last("closed").outcome, person.last("closed").code) == ("finished", code)


def test_with_pages_behind_the_code_there_is_time_to_come_back() -> None:
    world = study(StaticScene("debriefing"), EndScene("end"))
    person = at_the_code(world)
    person.close()
    world.run(LIMIT_S - 10)
    person.open()
    assert person.scene == "code"
    person.advance()
    assert person.scene == "debriefing"
    person.close()
    world.run(LIMIT_S)
    assert person.state == "finished", "the code was shown"
    assert (ended(world, person).scene, paid(world, person)) == ("debriefing", ["finished"])


def test_the_session_ends_while_the_code_is_shown() -> None:
    world = study(EndScene("end"))
    there, away = at_the_code(world), at_the_code(world)
    away.close()
    world.command("end_session", body="<p>Go home</p>")
    assert [there.state, away.state] == ["finished", "finished"]
    assert there.last("closed").code and there.last("closed").body == "<p>Go home</p>"
    assert [paid(world, person) for person in (there, away)] == [["finished"], ["finished"]]


def test_a_code_that_reached_no_browser_is_not_shown() -> None:
    world = study(EndScene("end"))
    (person,) = world.arrive()
    person.close()
    world.command("move", participant=person.id, scene="code")
    world.run(LIMIT_S)
    assert world.records("code_issued", person.id) and person.state == "dropped"


def test_whoever_closes_an_ordinary_page_has_dropped_out_after_the_stated_time() -> None:
    world = study()
    (person,) = world.arrive()
    person.close()
    left_at = world.now
    world.run(LIMIT_S - 1)
    assert person.state == "in_scene"
    world.run(1)
    assert person.state == "dropped"
    body = ended(world, person).body
    assert (body["ended_at"], body["place"], ended(world, person).scene) == (left_at, "page", "text")
    assert paid(world, person) == ["dropped"]

    person.open()
    closed = person.last("closed")
    assert (closed.outcome, closed.header) == ("dropped", "You were away for too long")
    assert "is saved" in closed.body
    world.command("end_session")
    world.answer_all()
    assert person.state == "dropped" and paid(world, person) == ["dropped"], "once"


def test_whoever_comes_back_in_time_goes_on_and_the_time_begins_anew() -> None:
    world = study()
    (person,) = world.arrive()
    for _ in range(3):
        person.close()
        world.run(LIMIT_S - 1)
        person.open()
    person.send_answers(text="x")
    assert person.state == "waiting"


def test_without_a_limit_only_the_end_of_the_session_decides() -> None:
    world = study(dropped_after_s=None)
    (person,) = world.arrive()
    person.close()
    world.run(3 * 24 * 3600, pings=False)
    assert person.state == "in_scene"
    person.open()
    assert person.scene == "text"
    person.close()
    world.command("end_session")
    assert person.state == "dropped"


def test_who_left_in_play_left_there_though_the_match_moved_them_on() -> None:
    world = study()
    a, b = world.arrive(2)
    for person in (a, b):
        person.send_answers(text="x")
    match = start_playing(world, [a, b])
    a.rows(30)
    a.close()
    b.say("link", match=match, peer=0, state="lost", transport="p2p", rtt_ms=None)
    world.run(LIMIT_S + 1)
    assert a.state == "dropped"
    body = ended(world, a).body
    assert (ended(world, a).scene, body["place"], body["in_match"], body["frame"]) == ("match", "match", match, 29)


def test_whoever_was_there_when_the_engine_went_has_not_left() -> None:
    world = study()
    there, away, gone = world.arrive(3)
    away.close()
    world.restart()
    world.command("end_session")
    assert [there.state, away.state] == ["unfinished", "dropped"]

    world = study()
    there, gone = world.arrive(2)
    world.restart()
    there.open()
    world.run(70)
    world.command("end_session")
    assert [there.state, gone.state] == ["unfinished", "dropped"], "the engine was there again for a minute"


def test_entry_checks_screen_out() -> None:
    world = study(entry_screening={"device": "mobile"})
    (person,) = world.arrive()
    assert (person.state, person.last("closed").outcome) == ("screened_out", "screened_out")
    assert (ended(world, person).body["place"], paid(world, person)) == ("entry", ["screened_out"])


def test_a_game_alone_can_be_left_too() -> None:
    scene: GymScene = game("play", 1)
    world = World(make(scene, EndScene("end"), dropped_after_s=LIMIT_S))
    (person,) = world.arrive()
    person.ready()
    person.rows(12)
    person.close()
    world.run(LIMIT_S + 1)
    assert (person.state, ended(world, person).body["frame"], ended(world, person).scene) == ("dropped", 11, "play")


def test_a_simulated_participant_is_marked_and_not_counted_among_people() -> None:
    world = study(entry_screening={"device": "mobile", "browsers_allowed": ["firefox"]})
    joined = world.session.admit(JoinRequest(simulated=True))
    assert isinstance(joined, Joined) and joined.simulated
    person = Person(world, joined.participant)
    world.people[person.id] = person
    world.do(joined)
    person.open()
    assert person.state == "in_scene", "a program has no device or browser that could be wrong"
    assert world.records("simulated", person.id)
    assert (world.counts()["joined"], world.counts()["simulated"], world.row(person)["simulated"]) == (0, 1, True)

    assert world.command("session_kind", kind="rehearsal").ok
    assert (world.counts()["joined"], world.view()["session"]["kind"]) == (1, "rehearsal")
    assert world.records("session_kind")[-1].body == {"session_kind": "rehearsal"}


def test_what_a_session_is_for_stands_once_people_have_joined() -> None:
    world = study()
    assert world.command("session_kind", kind="holiday").code == "bad_argument"
    assert world.command("session_kind", kind="pilot").ok
    world.arrive()
    assert world.command("session_kind", kind="study").code == "people_joined"
    assert world.view()["session"]["kind"] == "pilot"
    assert world.replayed().state.kind == "pilot"


def test_a_session_is_named_noted_and_sorted_anew_after_its_end() -> None:
    world = study()
    world.arrive()
    assert world.command("annotate", name="Monday group", note="PC03 was slow").ok
    assert (world.view()["session"]["name"], world.view()["session"]["note"]) == ("Monday group", "PC03 was slow")
    assert world.command("annotate", kind="pilot").code == "people_joined"
    assert "note" not in world.records("researcher_action")[0].body["args"], "a note goes when the session is erased"
    assert world.command("end_session").ok
    world.run(1000)
    assert world.session.state.phase == "ended"
    assert world.command("annotate", kind="rehearsal").code == "bad_argument"
    assert world.command("annotate", name="x" * 121).code == "bad_argument"
    assert world.command("annotate", kind="pilot").ok
    assert world.records("session_kind")[-1].body == {"session_kind": "pilot"}
    again = world.replayed().state
    assert (again.kind, again.name, again.note) == ("pilot", "Monday group", "PC03 was slow")
