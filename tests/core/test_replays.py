"""Recordings as stimuli: chosen once, written down, watched, and passed by where there is nothing to show."""

from __future__ import annotations

from typing import Any

from igym.core.events import Answered
from igym.experiment.scenes import EndScene, ReplayScene, ScaleField, StaticScene
from tests.core.experiments import make
from tests.core.world import Person, World

RATING = ScaleField("rating", "How good was it?")


def item(frames: int = 300, match: str = "m1") -> dict[str, Any]:
    place = {"source": "pool", "study": "other", "session": "s9", "match": match, "scene": "play", "episode": 0}
    return {**place, "file": "", "player": 1, "frames": frames, "fps": 30.0, "sha256": "ab" * 32}


def watching(*items: dict[str, Any], **options: Any) -> tuple[World, Person]:
    scene = ReplayScene("watch", source="pool", questions=[RATING], **options)
    world = World(make(scene, StaticScene("after"), EndScene("end")))
    (person,) = world.arrive()
    assert person.got("scene") == [], "the page waits until it is known what it shows"
    world.answer("replays", {"items": list(items), "problem": None if items else "There is none."})
    return world, person


def test_what_is_shown_is_written_down_and_the_page_learns_nothing_of_who_played() -> None:
    world, person = watching(item(), item(frames=90, match="m2"), compare=2)
    spec = person.last("scene").spec
    assert spec["shown"] == [{"frames": 300, "fps": 30.0, "player": 1}, {"frames": 90, "fps": 30.0, "player": 1}]
    (shown,) = world.records("replays_shown")
    assert [one["match"] for one in shown.body["items"]] == ["m1", "m2"] and shown.body["visit"] == 1
    person.reload()
    assert person.last("scene").spec == spec, "the same after a reload"
    assert len(world.asked("replays")) == 1
    assert not world.problems()


def test_whoever_is_asked_for_gets_the_participant_and_a_seed_that_is_theirs() -> None:
    scene = ReplayScene("watch", source="pool")
    world = World(make(scene, EndScene("end")))
    people = world.arrive(2)
    asked = world.asked("replays")
    assert [one.context["participant"] for one in asked] == [person.id for person in people]
    assert {one.context["shows"] for one in asked} == {"watch"}
    assert len({one.context["seed"] for one in asked}) == 2


def test_answers_are_kept_with_where_the_recording_stood() -> None:
    world, person = watching(item(), pause_at=[2.0, 5.0])
    assert [field["name"] for field in person.last("scene").spec["fields"]] == ["rating_1", "rating_2"]
    timing = {"shown_ms": 0, "submitted_ms": 9, "video_s": {"rating_1": 2.0, "rating_2": 5.0}}
    person.say("answers", visit=1, values={"rating_1": 3, "rating_2": 6}, timing=timing)
    (answers,) = world.records("answers")
    assert answers.body["values"] == {"rating_1": 3, "rating_2": 6}
    assert answers.body["timing"]["video_s"] == {"rating_1": 2.0, "rating_2": 5.0}
    assert person.scene == "after"


def test_a_stop_after_the_end_is_not_asked_for_and_one_before_it_is() -> None:
    world, person = watching(item(frames=90), pause_at=[2.0, 5.0])
    timing = {"shown_ms": 0, "submitted_ms": 9}
    assert person.refused("answers", visit=1, values={"rating_2": 4}, timing=timing) == "invalid_answers"
    person.send_answers(rating_1=4)
    assert person.scene == "after"
    assert world.records("answers")[0].body["values"] == {"rating_1": 4, "rating_2": None}


def test_without_a_recording_the_page_is_passed_by_and_the_researcher_is_told_why() -> None:
    world, person = watching()
    assert person.scene == "after"
    (problem,) = world.problems()
    assert "There is none." in problem.text and "passed by" in problem.text
    assert world.records("replays_shown")[0].body["items"] == []


def test_a_browser_that_cannot_show_it_is_taken_on() -> None:
    world, person = watching(item())
    at = {"visit": 1, "at_ms": 1.0}
    for _ in range(2):  # sent again over a new connection
        person.say("replay_event", event="play", position_s=0.0, key="k1", **at)
    person.say("replay_event", event="failed", position_s=1.5, text="Out of memory", **at)
    assert person.scene == "after"
    assert [one.body["event"] for one in world.records("replay_event")] == ["play", "failed"]
    (problem,) = world.problems()
    assert problem.level == "error" and "Out of memory" in problem.text
    assert person.refused("replay_event", event="play", position_s=0.0, **at) is None, "late words change nothing"
    assert person.refused("replay_event", event="play", position_s=0.0, **{**at, "visit": 2}) == "out_of_state"


def test_a_restarted_engine_looks_again_and_a_silent_one_is_waited_for_a_while_only() -> None:
    scene = ReplayScene("watch", source="pool")
    world = World(make(scene, StaticScene("after"), EndScene("end")))
    (person,) = world.arrive()
    world.restart()
    assert len(world.asked("replays")) == 2
    person.open()
    world.run(90)
    assert person.scene == "after"
    assert any("nothing to show" in problem.title for problem in world.problems())
    late = world.asked("replays")[-1]
    world.do(Answered(late.question_id, {"items": [item()], "problem": None}))
    assert person.scene == "after"
