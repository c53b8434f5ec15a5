"""Games on the host whose frames wait for the players' moves."""

from __future__ import annotations

from igym.host.hostenv.moves import END, LATE, Moves
from tests.host.chase import assert_same_rows, begun, chase, local_column, match_row, page, parity_rows, played, two
from tests.host.conftest import StartEngine
from tests.waiting import until


def moves(limit_s: float | None = None, once: bool = True, late: int = LATE) -> Moves:
    found = Moves(2, once, limit_s, late)
    found.expect([0, 1], 100.0)
    return found


def test_a_frame_is_due_when_the_last_has_moved() -> None:
    both = moves()
    assert both.due(100.0) is None
    both.add(1, 3, 100_500.0)
    both.add(1, 0, 100_600.0)
    assert both.due(100.0) is None
    both.add(0, 2, 101_250.0)
    assert both.due(100.0) == 100.0
    assert both.take() == ([2, 3], {1: 100_500.0, 0: 101_250.0})
    assert both.waited_ms == {1: 500.0, 0: 1250.0}


def test_a_second_press_and_one_out_of_turn_are_no_moves_of_the_next_frame() -> None:
    one = moves()
    one.add(0, 1, 100_100.0)
    one.add(0, 2, 100_200.0)
    one.add(1, 1, 100_300.0)
    assert one.take()[0] == [1, 1]
    one.expect([1], 101.0)
    one.add(0, 2, 101_100.0)
    assert one.due(101.0) is None
    one.add(1, 3, 101_200.0)
    assert one.take() == ([0, 3], {1: 101_200.0})
    assert one.waited_ms == {1: 200.0}


def test_a_held_key_goes_on_moving_where_keys_act_as_long_as_they_are_held() -> None:
    held = moves(once=False)
    held.add(0, 2, 100_100.0)
    held.add(1, 1, 100_100.0)
    held.expect([0, 1], 101.0)
    assert held.due(101.0) == 101.0
    assert held.take() == ([2, 1], {})
    held.add(0, 0, 101_100.0)
    held.expect([0, 1], 102.0)
    assert held.due(102.0) is None


def test_who_is_late_takes_what_the_limit_says() -> None:
    for late in (LATE, END):
        limited = moves(limit_s=5, late=late)
        limited.add(0, 1, 100_100.0)
        assert limited.due(100.0) == 105.0
        limited.restart(103.0)
        assert limited.due(100.0) == 108.0
        assert limited.take()[0] == [1, late]


def test_nobody_waits_for_who_is_gone() -> None:
    gone = moves()
    gone.absent(1)
    gone.add(0, 2, 100_100.0)
    assert gone.due(100.0) == 100.0
    assert gone.take()[0] == [2, 65_535]


def test_each_player_is_told_whose_move_it_is_and_how_long_their_own_may_take() -> None:
    both = moves(limit_s=5)
    assert [both.whose_move(player) for player in (0, 1)] == [("mine", 105.0), ("mine", 105.0)]
    both.add(0, 2, 100_100.0)
    assert both.whose_move(0) == ("made", None)
    both.expect([1], 101.0)
    assert [both.whose_move(player) for player in (0, 1)] == [("others", None), ("mine", 106.0)]
    both.absent(1)
    assert [both.whose_move(player) for player in (0, 1)] == [(None, None), (None, None)]
    assert moves().whose_move(0) == ("mine", None)


WAITING = 'default_action=0, pace="on_input", move_limit_s=LIMIT, on_move_limit="ON", '


def waiting(limit_s: float, then: str, max_steps: int) -> str:
    text = WAITING.replace("LIMIT", str(limit_s)).replace("ON", then)
    return chase(max_steps=max_steps).replace("default_action=0, ", text)


async def test_moves_make_the_frames_and_both_files_say_the_same(start_engine: StartEngine) -> None:
    engine = await begun(start_engine, waiting(20, "default_action", 15))
    people = two(engine)
    ends = await played(people)
    await until(lambda: match_row(engine).parity == "identical")
    await engine.stop("all done")

    assert [end.outcome for end in ends] == ["finished", "finished"]
    for episode in (0, 1):
        assert assert_same_rows(engine, people, episode) == 15
    assert all(page(person).moves[0] == "mine" for person in people)
    assert any("made" in page(person).moves for person in people), "who chose first is told that it counts"
    for person in people:
        rows = parity_rows(engine, person, 0)
        assert {row["time_s"] for row in rows} == {""}
        assert "0" not in {row["actions.left"] for row in rows}, "no key is no move"
        reactions = [float(ms) for ms in local_column(engine, person, "reaction_ms")]
        assert all(0 <= ms < 20_000 for ms in reactions)


async def test_an_episode_without_a_move_in_time_ends_and_says_so(start_engine: StartEngine) -> None:
    engine = await begun(start_engine, waiting(0.5, "end", 15))
    people = two(engine)
    for person in people:
        person.rng.randint = lambda _low, _high: 0  # type: ignore[method-assign]
    ends = await played(people)
    await until(lambda: match_row(engine).parity == "identical")
    assert match_row(engine).reason == "complete"
    await engine.stop("all done")

    assert [end.outcome for end in ends] == ["finished", "finished"]
    assert assert_same_rows(engine, people, 0) == 1
    (row,) = parity_rows(engine, people[0], 0)
    assert (row["truncated.left"], row["actions.left"]) == ("true", "")
