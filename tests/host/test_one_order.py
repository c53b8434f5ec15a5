"""A researcher's functions share one process and one order, so that their module-level variables are one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from igym.host.children import researcher
from igym.host.children.child import LocalRunner
from igym.host.children.researcher import Researcher
from igym.host.engine.engine import Engine
from igym.host.simulate.client import ParticipantClient
from tests.host.conftest import StartEngine, StartResearcher, write_experiment
from tests.waiting import until

NewClient = Callable[[Engine], ParticipantClient]

SOURCE = """
import asyncio, os, time
from igym import Experiment, Stager, TextBox, EndScene

joined = 0
order = []
gate = None

def on_join(context):
    global joined
    before = joined
    time.sleep({slow_s})
    joined = before + 1
    return {{"condition": "A" if joined % 2 else "B", "attributes": {{"n": joined, "pid": os.getpid()}}}}

def note(context):
    order.append(context.get("name"))
    return list(order)

async def meet(context):
    global gate
    if gate is None:
        gate = asyncio.Event()
        await gate.wait()
    else:
        gate.set()
        gate = None
    order.append(context.get("name"))
    return list(order)

async def forever(context):
    await asyncio.Event().wait()

async def stubborn(context):
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass

async def computes(context):
    time.sleep(600)

def slow(context):
    time.sleep(600)

def crash(context):
    os._exit(7)

experiment = Experiment(
    id="counter", title="Counter",
    stager=Stager([TextBox("q", question="?"), EndScene("end").display(header="Bye")]),
    callbacks={callbacks},
)
"""
EVERY_KIND = (
    "{'on_join': on_join, 'on_screened': note, 'on_match': meet, 'on_drop': forever, 'on_finish': stubborn,"
    " 'on_exclude': computes, 'on_waiting': slow, 'on_match_end': crash}"
)


def study(slow_s: float = 0, callbacks: str = EVERY_KIND) -> str:
    return SOURCE.format(slow_s=slow_s, callbacks=callbacks)


def counter(slow_s: float = 0) -> str:
    return study(slow_s, "{'on_join': on_join}")


async def numbers(engine: Engine, new_client: NewClient, people: int) -> dict[str, dict[str, Any]]:
    """Everybody joins at once; what `on_join` gave each."""
    clients = [new_client(engine) for _ in range(people)]
    names = await asyncio.gather(*(client.join() for client in clients))
    state = engine.begun.session.state
    await until(lambda: all("n" in state.participants[name].attributes for name in names), 120)
    return {name: dict(state.participants[name].attributes) for name in names}


@pytest.mark.parametrize(("people", "slow_s"), [(12, 0.3), (200, 0)], ids=["twelve, slow", "two hundred, quick"])
async def test_a_counter_at_module_level_gives_each_number_once(
    start_engine: StartEngine, new_client: NewClient, people: int, slow_s: float
) -> None:
    engine = await start_engine(counter(slow_s))

    given = await numbers(engine, new_client, people)

    assert sorted(values["n"] for values in given.values()) == list(range(1, people + 1))
    assert len({values["pid"] for values in given.values()}) == 1
    conditions = [person.conditions["condition"] for person in engine.begun.session.state.participants.values()]
    assert (conditions.count("A"), conditions.count("B")) == (people // 2, people // 2)


async def test_numbers_follow_the_order_in_which_people_joined(
    start_engine: StartEngine, new_client: NewClient
) -> None:
    engine = await start_engine(counter())

    given = await numbers(engine, new_client, 20)

    participants = engine.begun.session.state.participants
    assert [given[name]["n"] for name in participants] == list(range(1, 21))


async def test_plain_functions_run_in_the_order_they_were_asked(start_researcher: StartResearcher) -> None:
    one, _ = await start_researcher(study(0.05))

    asked = [one.ask("on_join", "callbacks.on_join", {}, 30)]
    asked += [one.ask("on_screened", "callbacks.on_screened", {"name": name}, 30) for name in "abc"]
    answers = await asyncio.gather(*asked)

    assert [answer.value for answer in answers[1:]] == [["a"], ["a", "b"], ["a", "b", "c"]]


async def test_async_functions_overlap_and_others_go_on(start_researcher: StartResearcher) -> None:
    one, _ = await start_researcher(study())

    first = one.ask("on_match", "callbacks.on_match", {"name": "first"}, 60)
    plain = await one.ask("on_screened", "callbacks.on_screened", {"name": "plain"}, 60)
    assert not first.done(), "it waits for the second"
    second = await one.ask("on_match", "callbacks.on_match", {"name": "second"}, 60)

    assert plain.value == ["plain"]
    assert second.value == ["plain", "second"]
    assert (await first).value == ["plain", "second", "first"]


async def test_the_limit_counts_from_the_beginning_of_the_function(start_researcher: StartResearcher) -> None:
    one, _ = await start_researcher(study(0.3))

    # Ten times 0.3 s one after the other, each with a limit that only its own run keeps.
    answers = await asyncio.gather(*(one.ask("on_join", "callbacks.on_join", {}, 2.5) for _ in range(10)))

    assert [answer.error for answer in answers] == [None] * 10
    assert [answer.value["attributes"]["n"] for answer in answers] == list(range(1, 11))


async def test_a_late_async_function_ends_alone(
    start_researcher: StartResearcher, problems: list[tuple[str, ...]]
) -> None:
    one, _ = await start_researcher(study())
    before = await one.ask("on_join", "callbacks.on_join", {}, 30)

    late = await one.ask("on_drop", "callbacks.on_drop", {}, 0.2)
    after = await one.ask("on_join", "callbacks.on_join", {}, 30)

    assert late.error is not None and late.error["type"] == "Timeout"
    assert (before.value["attributes"]["n"], after.value["attributes"]["n"]) == (1, 2), "the process lives on"
    assert problems == []


@pytest.mark.parametrize("hook", ["on_finish", "on_exclude", "on_waiting", "on_match_end"])
async def test_the_end_of_the_process_is_told_and_the_queue_goes_on(
    start_researcher: StartResearcher,
    problems: list[tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
    hook: str,
) -> None:
    # On a busy computer the next process may take as long; that calls wait is told besides.
    monkeypatch.setattr(researcher, "LONG_WAIT_S", 600.0)
    one, _ = await start_researcher(study())
    await one.ask("on_join", "callbacks.on_join", {}, 30)

    bad = one.ask(hook, f"callbacks.{hook}", {}, 0.5)
    failed = await bad
    await until(lambda: bool(problems), 30)
    queued = [one.ask("on_join", "callbacks.on_join", {}, 30) for _ in range(3)]
    numbers = [(await answer).value["attributes"]["n"] for answer in queued]

    assert failed.error is not None
    assert numbers == [1, 2, 3], "module-level variables begin anew"
    [(_, level, title, text)] = problems
    assert (level, title) == ("error", "The experiment's functions were started again")
    assert f"callbacks.{hook}" in text and "counters, begins anew" in text


async def test_what_was_queued_behind_a_crash_is_still_answered(start_researcher: StartResearcher) -> None:
    one, _ = await start_researcher(study())

    asked = [one.ask("on_match_end", "callbacks.on_match_end", {}, 30)]
    asked += [one.ask("on_screened", "callbacks.on_screened", {"name": name}, 30) for name in "ab"]
    crashed, first, second = await asyncio.gather(*asked)

    assert crashed.error is not None and "exit code 7" in crashed.error["message"]
    assert (first.value, second.value) == (["a"], ["a", "b"])


async def test_an_async_function_beside_one_that_is_ended_learns_why(start_researcher: StartResearcher) -> None:
    one, _ = await start_researcher(study())

    waits = one.ask("on_match", "callbacks.on_match", {"name": "first"}, 60)
    hangs = one.ask("on_waiting", "callbacks.on_waiting", {}, 0.2)
    answer, other = await asyncio.gather(hangs, waits)

    assert answer.error is not None and answer.error["type"] == "Timeout"
    assert other.error is not None and "callbacks.on_waiting did not return" in other.error["message"]


async def test_a_code_that_cannot_be_started_again_fails_what_waits_and_is_tried_again(
    start_researcher: StartResearcher,
    problems: list[tuple[str, ...]],
    tmp_path: Path,
) -> None:
    source = study()
    one, _ = await start_researcher(source)
    write_experiment(tmp_path / "study", "broken =")
    crash = one.ask("on_match_end", "callbacks.on_match_end", {}, 30)
    waiting = one.ask("on_screened", "callbacks.on_screened", {"name": "a"}, 30)

    assert (await crash).error is not None
    failed = await waiting
    write_experiment(tmp_path / "study", source)
    later = await one.ask("on_screened", "callbacks.on_screened", {"name": "b"}, 30)

    assert failed.error is not None and failed.error["type"] == "LoadError"
    assert later.value == ["b"]
    assert "The experiment's functions could not be started again" in [title for _, _, title, _ in problems]


async def test_a_call_that_waits_long_is_told_with_both_names(
    start_researcher: StartResearcher,
    problems: list[tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(researcher, "LONG_WAIT_S", 0.2)
    one, _ = await start_researcher(study())
    one.ask("on_waiting", "callbacks.on_waiting", {}, 1)
    waiting = one.ask("on_screened", "callbacks.on_screened", {"name": "a"}, 30)
    await until(lambda: bool(problems), 30)

    _, level, title, text = problems[0]
    assert (level, title) == ("warning", "The experiment's functions wait for each other")
    assert "callbacks.on_screened waited" in text and "callbacks.on_waiting was still running" in text
    assert (await waiting).value == ["a"]


async def test_closing_answers_everything(tmp_path: Path) -> None:
    one = Researcher(LocalRunner(), write_experiment(tmp_path / "study", study()), [], lambda line: None)
    await one.start()
    asked = [one.ask("on_waiting", "callbacks.on_waiting", {}, 60) for _ in range(2)]
    await asyncio.sleep(0)

    await one.close()

    assert all(answer.error is not None for answer in await asyncio.gather(*asked))


async def test_questions_of_an_engine_that_went_are_asked_again_in_their_order(
    start_engine: StartEngine, new_client: NewClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("igym.host.engine.engine.LAST_ANSWERS_S", 0.0)
    go = tmp_path / "go"
    held = counter().replace("time.sleep(0)", f"while not os.path.exists({str(go)!r}): time.sleep(0.01)")
    first = await start_engine(held)
    clients = [new_client(first) for _ in range(8)]
    names = [await client.join() for client in clients]
    await until(lambda: len(first.begun.session.state.questions) == len(names))
    await first.stop("a pause")
    go.touch()

    second = await start_engine(held, resume="latest")
    state = second.begun.session.state
    await until(lambda: all("n" in state.participants[name].attributes for name in names))

    assert [state.participants[name].attributes["n"] for name in names] == list(range(1, 9))
    [problem] = second.problems.to_json()
    assert problem["title"] == "The experiment's functions were started again"
