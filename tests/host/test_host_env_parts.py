"""Parts of games on the host: pictures, pace, inputs, scores, rows."""

from __future__ import annotations

import asyncio
import json
import random
import struct
import zlib
from types import SimpleNamespace
from typing import Any, cast

import msgpack
import numpy as np
import pytest

from igym.host.hostenv.inputs import ABSENT, Inputs
from igym.host.hostenv.locals import LocalRows, Seen
from igym.host.hostenv.pace import Pace
from igym.host.hostenv.pictures import Pictures, changes
from igym.host.hostenv.row_buffer import RowBuffer
from igym.host.hostenv.scores import Scores
from igym.host.hostenv.spectators import Spectators
from igym.host.hostenv.viewers import MOST_UNSEEN, Viewers
from igym.host.hostenv.views import Views
from igym.host.simulate.host_page import told_by
from igym.host.sockets.bounded_sockets import MOST_QUEUED_BYTES
from igym.host.studies.env_bridge import bridge_part
from igym.host.web.watch import FORGOTTEN_S, Audience
from igym.protocol.base import Message
from igym.protocol.binary import HostView
from igym.protocol.client import DrawnPicture, HostSeen
from igym.rendering import Surface

Op = list[Any]


def put(name: str, x: float, *, persistent: bool = False, kind: str = "rect") -> Op:
    return ["put", name, kind, 0, int(persistent), 0, {"x": x, "y": 1.5, "fill": "#ff0000"}]


def drawn(ops: list[Op]) -> str:
    return json.dumps({"ops": ops})


def test_a_change_tells_only_what_is_new() -> None:
    last = [put("a", 1), put("b", 2), put("c", 3)]
    told = changes(last, [put("a", 1), put("b", 2), put("c", 4), put("d", 5)])
    assert told == [["=", 0, 2], ["~", 2, {"x": 4}], put("d", 5)]


def test_any_list_comes_out_of_its_change_again() -> None:
    rng = random.Random(3)
    last: list[Op] = []
    for _ in range(300):
        kinds = {name: rng.choice(["rect", "circle"]) if rng.random() < 0.1 else "rect" for name in "abcdef"}
        names = rng.sample("abcdef", rng.randint(0, 6))
        ops = [put(name, rng.choice([1, 2.5]), persistent=rng.random() < 0.2, kind=kinds[name]) for name in names]
        ops += [["del", "x"]] if rng.random() < 0.2 else []
        ops = [["clear"], *ops] if rng.random() < 0.1 else ops
        assert told_by(last, json.loads(json.dumps(changes(last, ops)))) == ops
        last = ops


def shown(pictures: list[list[Op]]) -> dict[str, Op]:
    """What a screen that got every list shows, as the page's own rules say."""
    things: dict[str, Op] = {}
    for ops in pictures:
        named = {op[1] for op in ops if op[0] == "put"}
        for op in ops:
            if op[0] == "clear":
                things.clear()
            elif op[0] == "del":
                things.pop(op[1], None)
            else:
                things[op[1]] = op
        things = {name: op for name, op in things.items() if op[4] or name in named}
    return things


def test_who_comes_later_sees_what_the_others_see() -> None:
    rng = random.Random(5)
    pictures, lists = Pictures(), []
    sheet = Surface(10, 10)
    for step in range(200):
        if rng.random() < 0.03:
            sheet.reset()
        if rng.random() < 0.2:
            sheet.remove(f"kept{rng.randrange(4)}")
        if rng.random() < 0.4:
            sheet.rect(step % 7, 1, 1, 1, id=f"kept{rng.randrange(4)}", persistent=True)
        sheet.circle(step % 5, 1, 1, id=f"moving{rng.randrange(3)}")
        ops = sheet.commit()["ops"]
        pictures.add(drawn(ops), None)
        lists.append(ops)
        whole = pictures.whole()
        assert whole is not None and whole["kind"] == "list"
        body = json.loads(whole["body"])
        assert shown([[*body["before"], *body["ops"]]]) == shown(lists)


def test_pixels_come_out_of_their_changes_again() -> None:
    rng = np.random.default_rng(1)
    pictures, screen = Pictures(), b""
    pixels = np.zeros((4, 6, 4), np.uint8)
    for step, shape in enumerate([(4, 6), (4, 6), (4, 6), (3, 5), (3, 5)]):
        pixels = rng.integers(0, 255, (*shape, 4), np.uint8) if step != 2 else pixels
        pictures.add('{"pixels":[6,4]}', pixels)
        assert pictures.change is not None and pictures.change["kind"] == "pixels_change"
        body = pictures.change["body"]
        assert struct.unpack_from("<HH", body) == (shape[1], shape[0])
        if len(body) > 4:
            mask = zlib.decompress(body[4:])
            old = screen if len(screen) == len(mask) else bytes(len(mask))
            screen = bytes(a ^ b for a, b in zip(old, mask, strict=True))
        assert (len(body) == 4) == (step == 2)
        assert screen == pixels.tobytes()
        whole = pictures.whole()
        assert whole is not None and zlib.decompress(whole["body"][4:]) == pixels.tobytes()


def test_an_env_that_draws_nothing_has_no_pictures() -> None:
    pictures = Pictures()
    assert not pictures.add("", None) and pictures.whole() is None


def test_the_pace_does_not_drift_and_lets_old_frames_go() -> None:
    pace = Pace(10)
    pace.start(100.0)
    assert pace.take(100.004) == pytest.approx(0.004)
    assert pace.due == pytest.approx(100.1)
    pace.take(100.25)
    pace.take(100.25)
    assert pace.due == pytest.approx(100.3) and pace.dropped_ticks == 0
    pace.take(101.05)
    assert pace.dropped_ticks == 4 and pace.due == pytest.approx(100.8)
    pace.shift(10)
    assert pace.due == pytest.approx(110.8)


def test_a_held_key_counts_until_it_is_let_go() -> None:
    inputs = Inputs(2, once=False)
    inputs.add(0, 3, 5.0)
    assert inputs.take() == ([3, 0], {0: 5.0})
    assert inputs.take() == ([3, 0], {})
    inputs.add(0, 0, 6.0)
    assert inputs.take() == ([0, 0], {0: 6.0})


def test_a_tap_between_two_frames_counts_for_one() -> None:
    inputs = Inputs(1, once=False)
    inputs.add(0, 2, 5.0)
    inputs.add(0, 0, 5.01)
    assert [inputs.take()[0] for _ in range(3)] == [[2], [0], [0]]


def test_a_keystroke_counts_for_one_frame_and_haste_is_bounded() -> None:
    inputs = Inputs(1, once=True)
    for number in (1, 2, 3, 4, 5):
        inputs.add(0, number, float(number))
    assert [inputs.take()[0][0] for _ in range(5)] == [3, 4, 5, 0, 0]


def test_a_stick_stays_where_it_is_while_keys_come_and_go() -> None:
    # Three keys (none included): 9 is a stick's place, 10 the same with the first key.
    once = Inputs(1, once=True, keys=[3])
    once.add(0, 10, 1.0)
    assert [once.take()[0] for _ in range(2)] == [[10], [9]]
    held = Inputs(1, once=False, keys=[3])
    for number in (9, 12, 15, 18, 21):
        held.add(0, number, 2.0)
    assert held.take() == ([21], {0: 2.0}), "of places that came faster than frames the newest counts"
    held.add(0, 22, 3.0)
    held.add(0, 24, 4.0)
    assert [held.take()[0] for _ in range(2)] == [[22], [24]], "a tap on the way is not lost"
    held.add(0, 25, 5.0)
    held.take()
    held.release()
    assert held.take()[0] == [24]


def test_who_is_gone_plays_no_more() -> None:
    inputs = Inputs(2, once=False)
    inputs.add(1, 2, 1.0)
    inputs.absent(1)
    assert inputs.take()[0] == [0, ABSENT]


@pytest.mark.parametrize(("carries", "second"), [(True, 7.0), (False, 2.0)])
def test_scores_are_carried_over_if_asked(carries: bool, second: float) -> None:
    scores = Scores(carries, {"a": 3.0})
    assert scores.news({"a": 2}, None) == {"scores": {"a": 5.0 if carries else 2.0}, "text": None}
    assert scores.news({"a": 2}, None) is None
    scores.carry()
    scores.begin()
    news = scores.news({"a": 2}, "Go")
    assert news == {"scores": {"a": second}, "text": "Go"}


def test_an_infinite_score_is_shown_as_text_and_not_recorded() -> None:
    scores = Scores(False, {})
    news = scores.news({"a": float("inf"), "b": 1}, None)
    assert news is not None and news["scores"] == {"a": "inf", "b": 1.0}
    assert scores.of_episode() == {"b": 1.0}


def row(frame: int, **parity: Any) -> bytes:
    body = {"v": 1, "scene": "s", "match": "m", "visit": 0, "episode": 0, "seq": frame, "first": frame, "count": 1,
            "parity": {name: [value] for name, value in parity.items()}, "local": {}, "inputs": {"0": [frame]},
            "chain": f"{frame:02x}", "checks": f"{frame:08x}"}  # fmt: skip
    return bytes(msgpack.packb(body))


def test_rows_of_a_second_become_one_batch() -> None:
    buffer = RowBuffer()
    assert buffer.take() is None and not buffer.is_due(99.0, 1.0)
    buffer.add(row(4, a=1), 10.0)
    buffer.add(row(5, a=2, b="x"), 10.5)
    assert not buffer.is_due(10.9, 1.0) and buffer.is_due(11.0, 1.0)
    chunk = buffer.take()
    assert chunk is not None and (chunk.first, chunk.count) == (4, 2)
    assert chunk.fields["parity"] == {"a": [1, 2], "b": [None, "x"]}
    assert chunk.fields["inputs"] == {"0": [4, 5]}
    assert (chunk.fields["chain"], chunk.fields["checks"]) == ("05", "0000000400000005")


def test_local_columns_are_those_of_one_member() -> None:
    local = LocalRows(2, frames_shown=True, waits=True)
    frame = {"episode": 0, "frame": 0, "at": 1.0, "late_ms": 2.04, "events": {1: 990.0}, "waited": {1: 412.04}}
    local.add(frame, Seen(focused=False, hidden=True), 1, 3.21)
    local.add({**frame, "frame": 1, "at": None}, Seen(), 1, 3.0)
    columns = local.take(0, 0, 2)
    assert columns["timestamp_ms"] == [1000.0, None] and columns["stall_ms"] == [2.0, None]
    assert columns["hidden"] == [True, None] and columns["input_event_ms"] == [990.0, None]
    assert columns["transport"] == ["host", "host"] and columns["frame_shown"] == [False, None]
    assert columns["predicted.0"] == [False, False]
    assert columns["reaction_ms"] == [412.0, None]


def test_a_row_tells_when_its_picture_was_drawn_once_and_only_while_it_waits() -> None:
    local = LocalRows(1, frames_shown=False)
    for number in range(3):
        local.add(
            {"episode": 1, "frame": number, "at": 1.0, "late_ms": 0.0, "events": {}, "waited": {}}, Seen(), 0, None
        )
    local.drawn(1, 0, 1016.72, 16.7)
    local.drawn(1, 0, 9999.0, 16.7)
    local.drawn(0, 1, 1016.7, 16.7)
    local.drawn(1, 2, 1050.0, None)
    columns = local.take(1, 0, 3)
    assert columns["shown_ms"] == [1016.7, None, 1050.0]
    assert columns["refresh_ms"] == [16.7, None, None]
    local.drawn(1, 0, 1016.7, 16.7)
    assert not local._drawn, "what comes too late is not kept"


async def test_a_page_that_falls_behind_gets_a_whole_picture_when_it_is_back() -> None:
    orders: list[dict[str, Any]] = []
    sent: list[Message] = []

    async def send(participant: str, message: Message) -> None:
        sent.append(message)

    viewers = Viewers("m001", {0: "p1"}, orders.append, send)

    async def picture(kind: str, number: int) -> None:
        await viewers.show({"say": "view", "to": [0], "kind": kind, "number": number, "episode": 0, "frame": number,
                            "at": 1.0, "body": b"{}"})  # fmt: skip

    await picture("list_change", 0)
    assert sent == [] and orders == []
    await viewers.join(0)
    await viewers.join(0)
    assert orders == [{"do": "show", "player": 0}] * 2
    await picture("list", 0)
    for number in range(1, MOST_UNSEEN + 20):
        await picture("list_change", number)
    assert len(sent) == MOST_UNSEEN + 2
    viewers.note(0, HostSeen(match="m001", number=MOST_UNSEEN + 1, focused=True, hidden=False))
    assert len(orders) == 3
    await picture("list", 200)
    await picture("list_change", 201)
    assert len(sent) == MOST_UNSEEN + 4
    told = [DrawnPicture(number=n, at_ms=ms) for n, ms in ((200, 5.0), (201, 6.0), (200, 7.0), (7777, 8.0))]
    seen = HostSeen(match="m001", number=201, focused=True, hidden=False, shown=told)
    assert viewers.note(0, seen) == [(0, 200, 5.0), (0, 201, 6.0)], "each picture once, and only those it was sent"


async def test_a_page_that_is_behind_by_large_pictures_gets_no_more_than_its_connection_may_hold() -> None:
    orders: list[dict[str, Any]] = []
    sent: list[int] = []

    async def send(participant: str, message: Message) -> None:
        sent.append(len(cast(HostView, message).body))

    viewers = Viewers("m001", {0: "p1"}, orders.append, send)

    async def picture(kind: str, number: int) -> None:
        await viewers.show({"say": "view", "to": [0], "kind": kind, "number": number, "episode": 0, "frame": number,
                            "at": 1.0, "body": bytes(1_000_000)})  # fmt: skip

    await viewers.join(0)
    await picture("pixels", 0)
    for number in range(1, 40):
        await picture("pixels_change", number)
    assert len(sent) == 6 and sum(sent) < MOST_QUEUED_BYTES
    viewers.note(0, HostSeen(match="m001", number=5, focused=True, hidden=False))
    assert orders == [{"do": "show", "player": 0}] * 2
    await picture("pixels", 40)
    await picture("pixels_change", 41)
    assert len(sent) == 8, "shown all of it, it gets them again"


async def test_a_view_is_asked_for_once_however_many_watch_it() -> None:
    orders: list[dict[str, Any]] = []
    spectators = Spectators("m001", orders.append)

    def answer(kind: str | None, number: int) -> None:
        spectators.take({"say": "looked", "player": 1, "kind": kind, "number": number, "frame": 7, "at": 1.0,
                         "body": b"{}"})  # fmt: skip

    looking = [asyncio.create_task(spectators.picture(1)) for _ in range(3)]
    await asyncio.sleep(0)
    assert orders == [{"do": "look", "player": 1}]
    answer("list", 4)
    seen = await asyncio.gather(*looking)
    assert {HostView.from_bytes(view).number for view in seen if view} == {4} and None not in seen
    # Right after a picture everybody gets that one; an answer nobody waits for is passed over.
    assert await spectators.picture(1) == seen[0]
    answer("list", 5)
    assert await spectators.picture(1) == seen[0]
    assert len(orders) == 1


async def test_who_watches_before_the_first_picture_gets_none() -> None:
    orders: list[dict[str, Any]] = []
    spectators = Spectators("m001", orders.append)
    looking = asyncio.create_task(spectators.picture(0))
    await asyncio.sleep(0)
    spectators.take({"player": 0, "kind": None, "number": -1, "frame": -1, "at": 1.0})
    assert await looking is None


def test_four_pages_watch_a_match_and_who_leaves_makes_room() -> None:
    audience = Audience()
    assert [audience.admits("m001", name, 0.0) for name in "abcde"] == [True] * 4 + [False]
    assert audience.admits("m002", "e", 0.0)
    assert [audience.admits("m001", name, 5.0) for name in "abce"] == [True, True, True, False]
    assert audience.admits("m001", "e", FORGOTTEN_S + 1)


def test_a_picture_kept_for_a_spectator_stays_as_it_was() -> None:
    pictures = Pictures()
    assert pictures.still() is None
    pictures.add(drawn([put("ball", 1)]), None)
    still, now = pictures.still(), pictures.whole()
    pictures.add(drawn([put("ball", 2)]), None)
    assert still is not None and still() == now != pictures.whole()


class SharedSheet:
    """An env that draws every agent's view on one surface; something changes for all, and something for each."""

    def __init__(self) -> None:
        self.surface = Surface(10, 10)
        self.steps = 0

    def step(self) -> None:
        self.steps += 1
        self.surface.rect(self.steps % 3, 0, 1, 1, id="floor", persistent=True)
        if self.steps == 7:
            self.surface.remove("floor")

    def render(self, agent: str) -> Any:
        if self.steps == 2:
            self.surface.rect(0, 5, 1, 1, id=f"own {agent}", persistent=True)
        self.surface.circle(self.steps, 1, 1, id=f"seen by {agent}")
        return self.surface.commit()


def two_views() -> tuple[SharedSheet, Views]:
    env = SharedSheet()
    painter = bridge_part("drawing").Painter(env, "a")
    adapter = SimpleNamespace(keys={"a": "a", "b": "b"})
    companions = SimpleNamespace(advice_for=lambda agent: None)
    play = SimpleNamespace(painter=painter, env=env, adapter=adapter, companions=companions, players=["a", "b"])
    return env, Views(play, 2, True)


def test_views_on_one_surface_do_not_mix() -> None:
    env, views = two_views()
    lists: dict[int, list[list[Op]]] = {0: [], 1: []}
    for _ in range(9):
        views.before_step()
        env.step()
        assert len(views.draw()) == 2
        for player in lists:
            lists[player].append(views.of(player).pictures._lists._last)
        floor = {"floor"} if env.steps != 7 else set()
        for player, agent in enumerate("ab"):
            own = {f"own {agent}"} if env.steps >= 2 else set()
            things = shown(lists[player])
            assert things.keys() == {f"seen by {agent}"} | floor | own, env.steps
            assert not floor or things["floor"][6]["x"] == env.steps % 3


def test_a_moment_saved_and_restored_between_views_of_one_surface_is_what_lies_there() -> None:
    env, views = two_views()
    for _ in range(3):
        views.before_step()
        env.step()
        views.draw()
    last = env.surface.kept_state()
    assert "own b" in last
    views.before_step()
    first = env.surface.kept_state()
    assert "own a" in first and "own b" not in first
    env.surface.restore_kept(last)
    assert env.surface.kept_state() == last
    views.before_step()
    env.surface.restore_kept(last)
    assert [op[1] for op in env.surface.commit()["ops"] if op[1:2] == ["own b"]] == ["own b"]
