"""A match that should be played and is not: whoever gets no new frames is named, told and waited for no longer."""

from __future__ import annotations

from igym.core.events import MessageReceived
from igym.experiment.scenes import StaticScene
from tests.core.experiments import together
from tests.core.match_play import playing
from tests.core.world import Person, World, message, start_playing

PATIENCE_S = 10.0


def reasons(person: Person) -> list[str]:
    return [message.reason for message in person.got("match_state")]


def test_when_nobody_gets_a_frame_both_are_told_and_it_ends_with_nobody_blamed() -> None:
    world, (a, b) = playing()
    a.stands_still = b.stands_still = True
    world.run(9)
    assert {a.scene, b.scene} == {"match"}
    world.run(20)
    assert {a.scene, b.scene} == {"next"}
    for person in (a, b):
        assert any(reason.startswith("still") for reason in reasons(person))
        assert "did not come back" in person.last("notice").text
    ended = world.records("match_ended")[0].body
    assert (ended["reason"], set(ended["who"])) == ("stands still", {a.id, b.id})
    assert any(problem.title == "A match stands still" for problem in world.problems())
    assert world.replayed().view(world.now).to_json() == world.view()


def test_who_stands_still_while_the_other_plays_alone_is_told_to_both_and_let_go() -> None:
    world, (a, b) = playing()
    b.stands_still = True
    player = b.seat
    world.run(40)
    told = next(message for message in a.got("match_state") if message.reason.startswith("still"))
    assert told.reason == f"still {player}" and told in b.got("match_state")
    assert told.state == "playing" and told.deadline_ms is not None
    assert world.records("match_ended")[0].body["who"] == [b.id]


def test_who_moves_again_in_time_goes_on() -> None:
    world, (a, b) = playing(timeout_s=30)
    b.stands_still = True
    world.run(22)
    assert a.last("match_state").reason == f"still {b.seat}"
    b.stands_still = False
    world.run(3)
    assert a.last("match_state").reason == "resumed"
    world.run(60)
    assert {a.state, b.state} == {"playing"}


def test_a_pause_is_no_standstill() -> None:
    world, (a, b) = playing(timeout_s=60)
    a.link(b, state="lost")
    world.run(50)
    assert not any(reason.startswith("still") for reason in reasons(a))
    a.link(b)
    world.run(PATIENCE_S)
    assert {a.state, b.state} == {"playing"}


def test_after_a_pause_whoever_stood_still_before_has_the_whole_time_again() -> None:
    world, (a, b) = playing(timeout_s=30)
    b.stands_still = True
    world.run(22)
    assert a.last("match_state").reason == f"still {b.seat}"
    assert world.command("pause_match", match=a.match).ok
    world.run(5)
    assert world.command("resume_match", match=a.match).ok
    world.run(25)
    assert {a.state, b.state} == {"playing"}, "the limit of before has passed"
    world.run(30)
    assert a.scene == "next"


def test_one_limit_counts_from_the_first_moment_of_an_absence() -> None:
    world, (a, b) = playing(timeout_s=15)
    started = world.now
    a.link(b, state="lost")
    assert a.last("match_state").deadline_ms == (started + 15) * 1000
    world.run(8)
    b.close()
    assert a.last("match_state").deadline_ms == (started + 15) * 1000
    world.run(6.9)
    assert a.state == "paused"
    world.run(0.2)
    assert a.scene == "next"


def test_a_match_recorded_as_complete_is_complete() -> None:
    world = World(together(2, after=(StaticScene("next"),)))
    a, b = world.arrive(2)
    start_playing(world, [a, b])
    a.rows(30)
    a.end_episode(30)
    b.rows(20)
    b.end_episode(20, reason="partial")
    player = a.seat
    a.game_over()
    assert b.last("match_state").done == [player]
    b.game_over()
    assert world.records("match_ended")[0].body["reason"] == "incomplete"


def test_a_page_that_was_replaced_tells_of_no_frames_of_the_one_that_counts() -> None:
    world, (a, b) = playing(timeout_s=30)
    b.stands_still = True
    for second in range(11):
        world.run(2)
        samples = [{"age_ms": 0.0, "values": {"confirmed": second}}]
        told = message("metrics", visit=b.visit, match=a.match, samples=samples)
        world.do(MessageReceived(b.id, "the socket of before", told))
    assert a.last("match_state").reason == f"still {b.seat}"
