"""The pictures of a recorded game on the host lie in pieces that each can be shown alone, and never take too much."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from igym.host.children.child import LocalRunner
from igym.host.hostenv.views import View
from igym.host.replay import reel, reels
from igym.host.replay.files import ReplayFile, find_replays
from igym.host.replay.reel import PIECE_FRAMES, Reel
from igym.host.replay.reels import Reels
from tests.host.reels import reel_of
from tests.host.test_replay_files import FRAMES, in_its_own_folder, recorded

__all__ = ["in_its_own_folder", "recorded"]

ROOM = 10**9


class Painter:
    """Draws what `scenes` says: a draw list's ops, an array, or nothing."""

    def __init__(self, scenes: list[Any]) -> None:
        self.scenes = scenes
        self.pixels: np.ndarray[Any, Any] | None = None

    def draw(self) -> str:
        picture = self.scenes.pop(0)
        if picture is None:
            return ""
        if isinstance(picture, list):
            return json.dumps({"ops": picture})
        self.pixels = picture
        return '{"pixels":[8,4]}'

    def take_sounds(self) -> list[str]:
        return []


class Views:
    """As the views of a match; each player has an own one."""

    def __init__(self, *scenes: list[Any]) -> None:
        self.all = [View(Painter(list(own)), [player]) for player, own in enumerate(scenes)]
        self.steps = 0

    def before_step(self) -> None:
        self.steps += 1

    def draw(self) -> list[View]:
        return [view for view in self.all if view.draw()]


def made(folder: Path, *scenes: list[Any], most_bytes: int = ROOM) -> Reel:
    """A reel of all that is drawn, from the picture before the first frame on."""
    views: Any = Views(*scenes)
    found = Reel(folder, views, most_bytes)
    for frame in range(-1, len(scenes[0]) - 1):
        found.before_step()
        found.draw(frame)
    found.flush()
    return found


def ball(frame: int) -> list[Any]:
    return ["put", "ball", "circle", 0, 0, 0, {"x": frame}]


FLOOR = ["put", "floor", "rect", 0, 1, 0, {"y": 90}]


def test_a_piece_has_all_that_stands_and_needs_no_other(tmp_path: Path) -> None:
    scenes = [[["clear"], FLOOR, ball(-1)], *([ball(frame)] for frame in range(100))]
    assert made(tmp_path, scenes).pieces == 4
    found = reel_of(tmp_path)
    assert list(found) == list(range(-1, 100))
    for frame in (0, PIECE_FRAMES, 99):
        assert found[frame] == [["clear"], FLOOR, ball(frame)]


def noise(frame: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(frame + 1).integers(0, 255, (4, 8, 4), np.uint8)


def test_pixels_lists_and_nothing_come_back_as_they_were_drawn_for_each_view(tmp_path: Path) -> None:
    pixels: list[Any] = [noise(frame) for frame in range(-1, 80)]
    pixels[10] = [["clear"], ball(9)]
    pixels[20] = pixels[21] = None
    scenes = [[ball(-1)], *([ball(frame)] for frame in range(80))]
    made(tmp_path, list(pixels), scenes)
    one, other = reel_of(tmp_path, 0), reel_of(tmp_path, 1)
    assert list(one) == list(other) == list(range(-1, 80))
    assert other[79] == [["clear"], ball(79)]
    for frame in range(-1, 80):
        wanted = pixels[frame + 1]
        if frame in (19, 20):
            wanted = pixels[19]
        if isinstance(wanted, np.ndarray):
            assert one[frame] == wanted.tobytes(), f"frame {frame}"
    assert one[9] == [["clear"], ["clear"], ball(9)]


def test_an_env_that_draws_nothing_has_empty_pictures(tmp_path: Path) -> None:
    made(tmp_path, [None] * 5)
    assert list(reel_of(tmp_path).items()) == [(-2, [])]


def test_large_pictures_make_short_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reel, "PIECE_BYTES", 5 * noise(0).nbytes)
    assert made(tmp_path, [noise(frame) for frame in range(-1, 20)]).pieces == 5
    assert list(reel_of(tmp_path)) == list(range(-1, 20))


@pytest.mark.parametrize("limit", ["of the recording", "of the disk"])
def test_without_room_nothing_more_is_drawn_and_the_game_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    if limit == "of the disk":
        monkeypatch.setattr(reel, "LEAST_FREE_BYTES", 2**62)
    full = made(tmp_path, [noise(frame) for frame in range(-1, 100)], most_bytes=5_000)
    assert full.is_full and full.pieces == (0 if limit == "of the disk" else 1)
    assert (
        list(reel_of(tmp_path)) == list(range(-1, PIECE_FRAMES * full.pieces)) if full.pieces else not reel_of(tmp_path)
    )


def recording(name: str, tmp_path: Path) -> ReplayFile:
    body = {"session": "s", "match": name, "episode": 0, "frames": 1, "packages": []}
    return ReplayFile(tmp_path / "replays" / f"{name}.igr.json", tmp_path, body)


SLOW = 'import sys, time; print(\'{"first": 0, "frames": [], "piece": 0, "bytes": 5}\', flush=True); time.sleep(600)'
QUICK = SLOW.replace("time.sleep(600)", "print('{\"done\": true}', flush=True)")


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What plays a recording, in place of the real one."""

    def put(source: str) -> None:
        import sys

        monkeypatch.setattr("igym.host.base.spawn.command", lambda kind, args: [sys.executable, "-c", source])

    monkeypatch.setattr(reels, "game_of", lambda replay: None)
    return put


async def over(found: Reels, showing: Any) -> dict[str, Any]:
    known = 0
    while not (told := json.loads(await found.news(showing, known)))["done"]:
        known += len(told["parts"])
    return dict(told)


async def test_a_recording_is_played_once_for_all_who_look_and_anew_when_asked(program: Any, tmp_path: Path) -> None:
    program(QUICK)
    found = Reels(LocalRunner(), print)
    one, other = recording("a", tmp_path), recording("b", tmp_path)
    first, again = await asyncio.gather(found.open(one, []), found.open(one, []))
    assert first is again and await found.open(other, []) is not first
    assert (await over(found, first))["error"] == "" and first.bytes == 5
    fresh = await found.open(one, [], anew=True)
    assert fresh is not first and found.asked(first.id) is None and not first.folder.exists()
    await found.close()
    assert not fresh.folder.exists() and found.asked(fresh.id) is None


async def test_who_looks_no_more_leaves_the_turn_to_who_waits(
    program: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(SLOW)
    monkeypatch.setattr(reels, "NEWS_WAIT_S", 0.1)
    found = Reels(LocalRunner(), print)
    left = [await found.open(recording(name, tmp_path), []) for name in "ab"]
    for showing in left:
        while not json.loads(await found.news(showing, 0))["parts"]:
            pass
    waiting = await found.open(recording("c", tmp_path), [])
    assert json.loads(await found.news(waiting, 0))["parts"] == []
    left[0].asked_at = time.perf_counter() - reels.ABANDONED_S - 1
    while not json.loads(await found.news(waiting, 0))["parts"]:
        found.asked(waiting.id)
    assert found.asked(left[0].id) is None and found.asked(left[1].id) is left[1]
    await found.close()


async def test_the_disk_is_shared_by_those_that_were_looked_at_last(
    program: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(QUICK)
    monkeypatch.setattr(reels, "MOST_BYTES", reels.EACH_BYTES + 9)
    found = Reels(LocalRunner(), print)
    a, b = [await found.open(recording(name, tmp_path), []) for name in "ab"]
    for showing in (a, b):
        await over(found, showing)
    assert found.asked(a.id) is a, "looked at after b"
    await found.open(recording("c", tmp_path), [])
    assert found.asked(b.id) is None and found.asked(a.id) is a
    await found.close()


async def test_a_process_that_crashes_is_told_with_what_it_printed(program: Any, tmp_path: Path) -> None:
    program("import sys; print('the engine is gone', file=sys.stderr); sys.exit(7)")
    found = Reels(LocalRunner(), print)
    told = await over(found, await found.open(recording("a", tmp_path), []))
    assert "exit code 7" in told["error"] and "the engine is gone" in told["error"]
    await found.close()


async def test_all_that_came_before_is_played_first_and_the_rows_come_out_as_recorded(recorded: Path) -> None:
    before, wanted = find_replays(recorded)
    found = Reels(LocalRunner(), print)
    showing = await found.open(wanted, [before])
    assert (await over(found, showing))["error"] == "" and showing.earlier == (FRAMES, FRAMES)
    parts = [json.loads(part) for part in showing.parts]
    assert "".join(part["checks"] for part in parts) == wanted.followed["checks"]
    assert parts[-1]["chain"] == wanted.followed["chain"]
    assert [part["first"] for part in parts] == [0, PIECE_FRAMES] and [part["piece"] for part in parts] == [0, 1]
    assert all(showing.piece(0, part["piece"]) for part in parts) and showing.piece(0, 2) is None
    await found.close()


async def test_an_env_that_fails_is_told_with_its_place_and_what_led_there_is_shown(recorded: Path) -> None:
    (source,) = recorded.glob("experiment/s1/sources/env.py")
    text = source.read_text().replace("self.place = self.carried", "self.place, self.left = self.carried, [0] * 40")
    source.write_text(text.replace("        no = {", "        self.left.pop()\n        no = {"))
    first = find_replays(recorded)[0]
    game = recorded / first.body["game"]["file"]
    game.write_text(game.read_text().replace('"where": "browser"', '"where": "host"'))
    found = Reels(LocalRunner(), print)
    showing = await found.open(first, [])
    told = await over(found, showing)
    assert "IndexError" in told["error"] and "env.py" in told["error"]
    assert [len(json.loads(part)["frames"]) for part in showing.parts] == [PIECE_FRAMES, 8]
    await found.close()
