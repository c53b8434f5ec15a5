"""Options of which no other test tells the effect, each on a session's clock."""

from __future__ import annotations

from typing import Any

import pytest

from igym.experiment.matchmakers import LatencyMatchmaker
from igym.experiment.scenes import CompletionCodeScene, EndScene, StaticScene
from igym.experiment.stager import Branch, Repeat
from tests.core.experiments import game, make, together
from tests.core.match_play import lose
from tests.core.test_monitoring import focus, metrics, playing, warnings
from tests.core.world import World, start_playing


@pytest.mark.parametrize(("strikes", "window", "rtts_ms", "state"), [
    (1, 5, (150.0,), "excluded"),
    (2, 5, (150.0,), "playing"),
    (2, 5, (150.0, 10.0, 150.0), "excluded"),
    (2, 2, (150.0, 10.0, 150.0), "playing"),
])  # fmt: skip
def test_so_many_slow_pings_of_the_last_few_exclude(strikes: int, window: int, rtts_ms: Any, state: str) -> None:
    world, (person,) = playing(1, monitoring={"max_ping_ms": 100, "ping_strikes": strikes, "ping_window": window})
    for rtt_ms in rtts_ms:
        person.rtt_ms = rtt_ms
        world.run(2)
    assert person.state == state


def test_a_hidden_page_is_warned_and_excluded_after_the_given_seconds() -> None:
    world, (person,) = playing(1, monitoring={"hidden_warn_s": 20, "hidden_exclude_s": 40})
    focus(person)
    world.run(19.9)
    assert not warnings(person)
    world.run(20)
    assert len(warnings(person)) == 1 and person.state == "playing"
    world.run(0.2)
    assert person.state == "excluded"


@pytest.mark.parametrize(("share", "state"), [(0.5, "playing"), (0.9, "excluded")])
def test_which_share_of_the_frame_rate_counts_as_low(share: float, state: str) -> None:
    _, (person,) = playing(1, monitoring={"on_low_fps": "exclude", "low_fps_share": share})
    for _ in range(5):
        metrics(person, fps=20.0)
    assert person.state == state


def test_the_words_of_warning_and_exclusion_are_the_researchers() -> None:
    words = {"warning_message": "Please look.", "exclusion_message": "You looked away.", "partner_message": "Gone."}
    world, (a, b) = playing(2, monitoring=words)
    focus(a)
    world.run(4)
    assert warnings(a) == ["Please look."]
    world.run(10)
    assert "You looked away." in a.last("closed").body
    assert b.last("notice").text == "Gone."


def test_who_looked_away_reads_the_researchers_words_on_coming_back() -> None:
    world, (a, _) = playing(2, focus={"message": "It went on without you."})
    focus(a)
    world.run(1)
    focus(a, hidden=False)
    assert a.last("notice").text == "It went on without you."


def test_those_who_wait_for_a_lost_player_and_those_whose_game_ends_read_the_researchers_words() -> None:
    words = {"timeout_s": 7, "waiting_message": "One moment.", "message": "They are gone."}
    world, (a, b) = playing(2, reconnection=words)
    lose(a, [b])
    assert b.last("match_state").text == "One moment."
    world.run(6.9)
    assert b.state == "paused"
    world.run(0.2)
    assert b.scene == "next" and b.last("notice").text == "They are gone."


def test_a_probe_asks_for_the_given_pings_within_the_given_time() -> None:
    probe = {"probe_pings": 3, "probe_connect_limit_s": 4}
    world = World(together(2, matchmaker=LatencyMatchmaker(max_p2p_rtt_ms=100), matchmaking=probe))
    a, b = world.arrive(2)
    starts = [a.last("probe_start"), b.last("probe_start")]
    assert {(start.pings, start.connect_ms) for start in starts} == {(3, 4000)}
    world.run(8.9)
    assert a.last("waiting").phase == "probing"
    world.run(0.2)
    assert a.last("waiting").phase == "waiting", "a silent peer costs the limit and the time for its answer"


def test_people_who_wait_read_the_researchers_words() -> None:
    world = World(together(2, waitroom={"message": "Somebody will come."}))
    (person,) = world.arrive()
    assert person.last("waiting").message == "Somebody will come."


def test_the_header_of_a_game_stands_over_its_wait() -> None:
    world = World(make(game("match", 2).content(header="The duel"), EndScene("end")))
    (person,) = world.arrive()
    assert person.last("waiting").header == "The duel"


def test_only_the_named_parameters_of_a_link_carry_the_id() -> None:
    ids = {"mode": "link", "link_parameters": ("who",)}
    world = World(make(StaticScene("page"), EndScene("end"), participant_ids=ids))
    assert world.session.describe_join({"id": "abc"})["link_id"] is None
    assert world.join(who="abc").id == "abc"


def test_a_completion_code_is_given_or_has_the_given_length() -> None:
    world = World(
        make(CompletionCodeScene("drawn", code_length=12), CompletionCodeScene("own", code="SAME"), EndScene("end"))
    )
    (person,) = world.arrive()
    person.advance()
    drawn, own = (record.body["code"] for record in world.records("code_issued"))
    assert (len(drawn), own) == (12, "SAME")


def test_the_page_with_the_code_leads_elsewhere_with_id_and_code() -> None:
    scene = CompletionCodeScene("code", code="AB", redirect_url="https://x.org/?p={participant}&c={code}")
    world = World(make(scene, EndScene("end"), participant_ids="label"))
    (person,) = world.arrive(label="Bo")
    assert person.last("scene").spec["redirect_url"] == "https://x.org/?p=Bo&c=AB"


def test_the_last_page_leads_elsewhere_after_the_given_seconds() -> None:
    world = World(make(EndScene("end", redirect_url="https://x.org/", redirect_after_s=11)))
    (person,) = world.arrive()
    closed = person.last("closed")
    assert (closed.redirect_url, closed.redirect_after_s) == ("https://x.org/", 11)


def choose(context: Any) -> None: ...


def test_an_option_of_a_branch_may_lead_to_nothing() -> None:
    world = World(make(Branch(choose, {"more": game("x", 1)}, empty_options=("done",)), EndScene("end")))
    (person,) = world.arrive()
    (ask,) = world.asked("branch")
    assert ask.context["options"] == ["more", "done"]
    world.answer("branch", "done")
    assert person.state == "finished" and not world.problems()


def test_a_repeated_scene_is_shown_so_many_times() -> None:
    world = World(make(Repeat([StaticScene("page")], 3), EndScene("end")))
    (person,) = world.arrive()
    for _ in range(2):
        person.advance()
        assert person.scene.startswith("page")
    person.advance()
    assert person.state == "finished"


def test_the_waitroom_closes_after_the_given_seconds() -> None:
    world = World(together(2, waitroom={"timeout_s": 33}))
    (person,) = world.arrive()
    world.run(32.9)
    assert person.state == "waiting"
    world.run(0.2)
    assert person.state == "timed_out"


def test_the_expected_number_of_people_is_shown() -> None:
    world = World(make(StaticScene("page"), EndScene("end"), participants=40))
    world.arrive()
    assert world.view()["session"]["expected"] == 40


def test_the_players_of_a_match_are_those_the_policies_call_human() -> None:
    world = World(make(game("match", 3, bots=1), EndScene("end")))
    people = world.arrive(3)
    start_playing(world, people)
    spec = people[0].last("scene").match
    assert [player.agent for player in spec.players] == ["left", "right", "third"] and spec.bots == ["bot_0"]
