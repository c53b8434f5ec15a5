"""One person alone, from the link to the last page."""

from __future__ import annotations

import pytest

from igym.core.effects import ExportEpisode, ExportMatch, ExportScene, Problem
from igym.core.limits import LOST_AFTER_S
from igym.experiment.scenes import CompletionCodeScene, EndScene, StartScene, StaticScene, TextBox, WebScene
from tests.core.experiments import alone, game, make
from tests.core.world import Person, World


def to_game(world: World) -> Person:
    (person,) = world.arrive()
    person.advance()
    person.send_answers(text="because")
    return person


def test_the_whole_way() -> None:
    world = World(alone())
    (person,) = world.arrive()
    assert (person.state, person.scene) == ("in_scene", "start")
    welcome = person.last("welcome")
    assert (welcome.participant, welcome.title, welcome.preload.bundles) == (person.id, "A test", ["play"])
    person.advance()
    assert person.last("scene").spec["kind"] == "text_box"
    person.send_answers(text="because")
    assert person.scene == "play"
    spec = person.last("scene").match
    assert (spec.me, [(seat.player, seat.agent) for seat in spec.players]) == (0, [(0, "left")])
    person.ready()
    assert person.state == "playing"
    person.rows(60)
    person.end_episode(60)
    person.game_over()
    code = person.last("scene").spec["code"]
    assert code and world.row(person)["code"] == code
    person.advance()
    closed = person.last("closed")
    assert (closed.outcome, closed.header, closed.body, closed.code) == (
        "finished",
        "Goodbye",
        "<p>See you</p>",
        code,
    )
    assert person.state == "finished"
    assert world.counts()["finished"] == 1
    assert world.match()["parity"] == "identical"
    assert [record.body["code"] for record in world.records("code_issued")] == [code]
    assert len(world.of(ExportEpisode)) == 1 and len(world.of(ExportMatch)) == 1
    assert {export.visit for export in world.of(ExportScene)} == {1, 2, 3, 4, 5}
    assert not world.problems()


def test_indexes_and_visits_count_up() -> None:
    world = World(alone())
    person = to_game(world)
    shown = [(scene.visit, scene.index, scene.total) for scene in person.got("scene")]
    assert shown == [(1, 0, 5), (2, 1, 5), (3, 2, 5)]


def test_the_last_page_is_shown_again_with_the_same_code_and_nothing_can_be_replayed() -> None:
    world = World(alone())
    person = to_game(world)
    person.ready()
    person.game_over()
    person.advance()
    first = person.last("closed")
    person.reload()
    assert person.last("closed") == first
    assert person.refused("advance", visit=1, timing={"shown_ms": 0, "submitted_ms": 0}) == "out_of_state"
    assert person.refused("globals_set", values={"x": 1}) == "out_of_state"
    assert person.state == "finished"


def test_a_plan_without_an_end_scene_ends_with_thanks() -> None:
    world = World(make(StartScene("start")))
    (person,) = world.arrive()
    person.advance()
    assert person.last("closed").header == "Thank you"


def test_a_redirect_carries_id_and_code_quoted() -> None:
    world = World(
        make(
            CompletionCodeScene("code", code="A B"),
            EndScene("end", redirect_url="https://x.org/?p={participant}&c={code}"),
            participant_ids="label",
        )
    )
    (person,) = world.arrive(label="Anna & Bo")
    person.advance()
    assert person.last("closed").redirect_url == "https://x.org/?p=Anna%20%26%20Bo&c=A%20B"


def test_wrong_answers_are_refused_and_nothing_is_stored() -> None:
    world = World(alone())
    (person,) = world.arrive()
    person.advance()
    timing = {"shown_ms": 0, "submitted_ms": 1}
    assert person.refused("answers", visit=2, values={"text": 5}, timing=timing) == "invalid_answers"
    assert person.refused("answers", visit=2, values={"hacked": "x"}, timing=timing) == "invalid_answers"
    assert person.refused("advance", visit=2, timing=timing) == "answers_needed"
    assert person.refused("answers", visit=7, values={}, timing=timing) == "not_current"
    assert not world.records("answers")
    assert person.scene == "opinion"


def test_answers_sent_twice_are_stored_once() -> None:
    world = World(alone())
    (person,) = world.arrive()
    person.advance()
    person.send_answers(text="because")
    again = {"visit": 2, "values": {"text": "because"}, "timing": {"shown_ms": 0, "submitted_ms": 1}}
    assert person.refused("answers", **again) is None
    assert person.refused("advance", visit=1, timing={"shown_ms": 0, "submitted_ms": 1}) is None
    assert len(world.records("answers")) == 1
    assert person.scene == "play"


def test_answers_keep_times_and_visit_numbers() -> None:
    world = World(alone())
    to_game(world)
    (record,) = world.records("answers")
    assert record.body["values"] == {"text": "because"}
    assert record.body["visit"] == 2
    assert record.body["timing"]["submitted_ms"] == 1500.0
    left = world.records("scene_left")[1]
    assert (left.scene, left.body["submitted"]) == ("opinion", True)


@pytest.mark.parametrize("scenes_done", [0, 1, 2])
def test_a_reload_brings_everyone_back_to_the_same_scene(scenes_done: int) -> None:
    world = World(alone())
    (person,) = world.arrive()
    if scenes_done > 0:
        person.advance()
    if scenes_done > 1:
        person.send_answers(text="because")
    before = person.last("scene")
    person.reload()
    after = person.last("scene")
    assert (after.visit, after.index, after.spec["id"]) == (before.visit, before.index, before.spec["id"])
    assert after.shown_before
    assert after.match == before.match


def test_the_page_before_play_waits_for_its_button() -> None:
    scene = game("play", 1).content(header="Rules", body="<p>Be nice</p>")
    world = World(make(scene, EndScene("end")))
    (person,) = world.arrive()
    shown = person.last("scene")
    assert shown.match is None and shown.spec["body"] == "<p>Be nice</p>"
    assert person.state == "in_scene"
    person.advance()
    assert person.state == "countdown"
    assert person.last("scene").match is not None
    assert person.refused("advance", visit=1, timing={"shown_ms": 0, "submitted_ms": 1}) == "out_of_state"


def test_a_reload_in_play_pauses_until_the_page_is_ready_again() -> None:
    world = World(alone())
    person = to_game(world)
    match = person.match
    person.ready()
    world.run(1)
    person.rows(30)
    person.close()
    assert person.state == "playing", "a lost socket does not stop a game in the browser"
    person.open()
    assert person.state == "paused"
    assert person.last("scene").match.id == match
    assert person.last("match_state").state == "paused"
    person.ready()
    assert person.state == "playing"
    assert person.last("match_state").state == "playing"


def test_a_socket_that_blinks_does_not_disturb_the_game() -> None:
    world = World(alone())
    person = to_game(world)
    person.ready()
    person.blink(3.0)
    assert person.state == "playing"
    person.rows(30)
    person.end_episode(30)
    person.game_over()
    assert person.scene == "code"


def test_a_page_that_lives_on_keeps_its_runtime_though_the_scene_changed_meanwhile() -> None:
    world = World(make(TextBox("text"), game("match", 2), EndScene("end")))
    a, b = world.arrive(2)
    shown = a.visit
    a.close()
    world.command("move", participant=a.id, scene="match")
    a.open(visit=shown, loaded=False)
    b.send_answers(text="x")
    assert {a.state, b.state} == {"countdown"}


def test_a_cold_browser_is_loading_until_the_runtime_stands() -> None:
    world = World(make(game("play", 1), EndScene("end")))
    (person,) = world.arrive(loaded=False)
    assert person.state == "loading"
    person.say("loading", step="runtime", label="Loading Python", loaded=50, total=200)
    assert world.row(person)["loading"] == {"label": "Loading Python", "fraction": 0.25}
    person.say("loaded", load_ms=8000.0, cold=True)
    assert person.state == "countdown"
    assert world.row(person)["loading"] is None
    person.ready()
    assert person.state == "playing"


def test_a_game_that_never_loads_ends_with_a_page_and_a_problem() -> None:
    world = World(make(game("play", 1), EndScene("end")))
    (person,) = world.arrive(loaded=False)
    world.run(179)
    assert person.state == "loading"
    world.run(2)
    assert person.state == "timed_out"
    assert "could not be loaded" in person.last("closed").header
    assert [problem.title for problem in world.of(Problem)] == ["A game could not be loaded"]


def test_loading_time_does_not_run_while_the_browser_is_away() -> None:
    world = World(make(game("play", 1), EndScene("end")))
    (person,) = world.arrive(loaded=False)
    person.close()
    world.run(400)
    assert person.state == "loading"
    person.open()
    world.run(100)
    assert person.state == "countdown"


def test_a_web_task_ends_by_its_own_message() -> None:
    world = World(make(WebScene("task", path="task.html"), EndScene("end")))
    (person,) = world.arrive()
    assert person.refused("advance", visit=1, timing={"shown_ms": 0, "submitted_ms": 1}) == "task_not_ended"
    person.say("web_event", visit=1, name="start")
    for key in ("k1", "k2", "k1", "k2"):  # what was under way on a line that broke is sent again
        person.say("web_event", visit=1, name="data", data={"score": 7}, key=key)
    person.say("web_event", visit=1, name="end")
    assert person.state == "finished"
    assert person.refused("web_event", visit=1, name="end") == "out_of_state"
    assert [record.body["event"] for record in world.records("web_event")] == ["start", "data", "data", "end"]


def test_a_web_task_that_ends_by_a_button() -> None:
    url = "https://survey.lan/?who={participant}"
    world = World(make(WebScene("task", url=url, ends_by="button"), StaticScene("page"), EndScene("end")))
    (person,) = world.arrive()
    assert person.last("scene").spec["src"] == f"https://survey.lan/?who={person.id}"
    person.advance()
    assert person.scene == "page"
    assert person.refused("web_event", visit=1, name="end") is None, "an old message of a page that was left"
    assert person.refused("web_event", visit=2, name="end") == "out_of_state"


def test_globals_are_kept_and_sent_with_every_scene() -> None:
    world = World(alone())
    (person,) = world.arrive()
    person.say("globals_set", values={"condition": "red", "n": [1, 2]})
    person.advance()
    assert person.last("scene").globals == {"condition": "red", "n": [1, 2]}
    person.reload()
    assert person.last("welcome").globals == {"condition": "red", "n": [1, 2]}
    assert world.records("globals")[0].body["values"] == {"condition": "red", "n": [1, 2]}


def test_globals_cannot_grow_without_end() -> None:
    world = World(alone())
    (person,) = world.arrive()
    for batch in range(5):
        fields = {"values": {f"v{batch}_{number}": number for number in range(100)}}
        assert person.refused("globals_set", **fields) is None
    assert person.refused("globals_set", values={"one_more": 1}) == "too_large"
    assert person.refused("globals_set", values={"v0_0": "x" * 60_000}) is None
    for number in (1, 2):
        assert person.refused("globals_set", values={f"v0_{number}": "x" * 60_000}) is None
    assert person.refused("globals_set", values={"v0_3": "x" * 60_000}) == "too_large"
    person.reload()
    assert len(person.last("welcome").globals) == 500


def test_withdrawing_by_oneself() -> None:
    world = World(alone())
    (person,) = world.arrive()
    person.say("leave")
    assert (person.state, person.last("closed").outcome) == ("withdrawn", "withdrawn")
    person.say("leave")
    assert len(world.records("withdrawn")) == 1


def test_withdrawing_in_the_middle_of_a_game_keeps_its_frames_as_partial() -> None:
    world = World(alone())
    person = to_game(world)
    person.ready()
    person.rows(30)
    person.say("leave")
    assert person.state == "withdrawn"
    (ended,) = world.records("episode_ended")
    assert (ended.body["partial"], ended.body["last_frame"], ended.body["who"]) == (True, 29, [person.id])
    assert world.match()["state"] == "ended"


def test_a_python_error_reaches_the_researcher_with_its_traceback() -> None:
    world = World(alone())
    person = to_game(world)
    error = {"where": "python", "message": "ZeroDivisionError", "traceback": "Traceback…", "file": "env.py", "line": 9}
    person.say("client_error", fatal=True, **error)
    (problem,) = world.problems()
    assert problem.text == "ZeroDivisionError (env.py, line 9)" and problem.traceback == "Traceback…"
    person.say("client_error", fatal=True, **error)
    assert world.view()["problems"][0]["count"] == 2
    person.reload()
    person.ready()
    assert person.state == "playing", "a reload is the way out of an error screen"


def test_someone_away_for_very_long_is_dropped_and_told_so_on_return() -> None:
    world = World(alone())
    (person,) = world.arrive()
    person.advance()
    person.close()
    world.run(61)
    assert world.row(person)["connection"] == "lost"
    world.run(31 * 60)
    assert person.state == "dropped"
    assert world.counts()["dropped"] == 1
    person.open()
    assert person.state == "dropped"
    assert person.last("closed").header == "You were away for too long"
    assert person.refused("advance", visit=2, timing={"shown_ms": 0, "submitted_ms": 1}) is not None


def test_someone_who_never_opens_the_page_is_dropped() -> None:
    world = World(alone())
    person = world.join()
    assert person.state == "arriving"
    world.run(31 * 60)
    assert person.state == "dropped"
    person.open()
    assert (person.state, person.last("closed").outcome) == ("dropped", "dropped")


def test_a_frozen_browser_is_noticed_and_its_return_too() -> None:
    world = World(alone())
    (person,) = world.arrive()
    person.frozen = True
    world.run(15)
    assert world.row(person)["connection"] == "away"
    person.frozen = False
    world.run(4)
    assert world.row(person)["connection"] == "connected"


def test_the_plan_is_drawn_once_and_survives_a_restart() -> None:
    world = World(alone())
    (person,) = world.arrive()
    plan = world.records("plan_drawn")[0].body
    assert plan["seed"] is not None and next(step["id"] for step in plan["plan"]["steps"]) == "start"
    person.advance()
    world.restart()
    person.open()
    assert person.scene == "opinion"
    assert len(list(world.records("plan_drawn"))) == 1


def test_a_scene_is_entered_and_left_in_the_records() -> None:
    world = World(make(StartScene("a", metadata={"block": 1}), TextBox("b"), EndScene("c")))
    (person,) = world.arrive()
    person.advance()
    entered = world.records("scene_entered")
    assert [(record.scene, record.body["visit"], record.body["scene_kind"]) for record in entered] == [
        ("a", 1, "start"),
        ("b", 2, "text_box"),
    ]
    assert entered[0].body["metadata"] == {"block": 1}
    assert [record.scene for record in world.records("scene_left")] == ["a"]


def test_who_does_not_come_back_after_a_stop_is_lost_as_soon_as_ever() -> None:
    world = World(alone())
    (person,) = world.arrive()
    world.restart(down_s=300)
    world.run(LOST_AFTER_S - 1)
    assert world.row(person)["connection"] == "away"
    world.run(2)
    assert world.row(person)["connection"] == "lost", "the time of the stop is not waited a second time"
