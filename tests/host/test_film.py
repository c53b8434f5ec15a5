"""Films of several replays: what a page sends becomes files; one that fails, a page that goes, and a stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from igym.host.base.errors import HostError
from igym.host.export.steps import ExportCancelledError
from igym.host.replay.files import ReplayFile
from igym.host.replay.film import NO_BROWSER, Studio, Take, Wanted, film
from igym.host.replay.gif import gif

SIZE = (40, 24)


def take(folder: Path, name: str, **wanted: Any) -> Take:
    body = {"frames": 90, "players": [{}, {}]}
    return Take(ReplayFile(folder / f"{name}.igr.json", folder, body), folder / f"{name}.gif", Wanted("gif", **wanted))


def picture(colour: str, at: int = 0) -> bytes:
    """A PNG with one square."""
    image, out = Image.new("RGB", SIZE, "white"), BytesIO()
    image.paste(colour, (at, 4, at + 8, 12))
    image.save(out, "PNG")
    return out.getvalue()


@asynccontextmanager
async def page_of(studio: Studio) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    app = web.Application()
    studio.add_to(app)
    async with TestClient(TestServer(app)) as client:
        yield client


async def send(page: TestClient[web.Request, web.Application], what: str, data: bytes = b"", **query: object) -> Any:
    params = {name: str(value) for name, value in query.items()}
    async with page.post(f"/replay/film/{what}", params=params, data=data) as answer:
        return await answer.json() | {"status": answer.status}


async def send_pictures(page: TestClient[web.Request, web.Application], count: int) -> None:
    for number in range(count):
        await send(page, "picture", picture("red", number), number=number, at_ms=number * 50, key=1)


def done(count: int) -> dict[str, object]:
    return {"codec": "gif", "width": 40, "height": 24, "pictures": count, "duration_ms": count * 50}


async def test_takes_are_handed_out_one_after_the_other_and_one_that_fails_spoils_no_other(tmp_path: Path) -> None:
    over: list[str] = []
    takes = [take(tmp_path, name) for name in ("a", "b", "c")]
    studio = Studio(takes, lambda take, pictures: None, lambda take: over.append(take.replay.id))
    async with page_of(studio) as page:
        told = (await send(page, "next"))["take"]
        assert told["id"] == "a" and told["kind"] == "gif" and told["speed"] == 1.0
        await send_pictures(page, 3)
        assert (await send(page, "picture", b"", number=7, at_ms=0, key=1))["status"] == 409
        await send(page, "done", **done(3))
        assert (await send(page, "next"))["take"]["id"] == "b"
        await send(page, "failed", text="The game has no such file.")
        assert (await send(page, "next"))["take"]["id"] == "c"
        await send_pictures(page, 2)
        await send(page, "done", **done(3))
        assert studio.is_over and (await send(page, "next"))["take"] is None
    assert over == ["a", "b", "c"] and studio.stopped is None
    assert [made.replay.id for made in studio.made] == ["a"]
    assert [error.text for _, error in studio.failed] == [
        "The replay could not be filmed: The game has no such file.",
        "The replay could not be filmed: 2 of 3 pictures came.",
    ]
    with Image.open(tmp_path / "a.gif") as moving:
        assert moving.size == SIZE and getattr(moving, "n_frames", 1) == 3
    assert not list(tmp_path.glob("*.part")) and not (tmp_path / "c.gif").exists()


async def test_a_page_that_goes_costs_the_take_it_was_at(tmp_path: Path) -> None:
    studio = Studio([take(tmp_path, "a"), take(tmp_path, "b")], lambda *_: None, lambda _: None)
    async with page_of(studio) as page:
        await send(page, "next")
    studio.give_up("It went silent.")
    assert not studio.is_over and [failed.replay.id for failed, _ in studio.failed] == ["a"]
    studio.give_up("It never asked.")
    assert studio.is_over and [failed.replay.id for failed, _ in studio.failed] == ["a", "b"]


@pytest.mark.parametrize("when", ["picture", "end"])
async def test_a_stop_ends_all_and_is_no_failure(tmp_path: Path, when: str) -> None:
    def stop(*_: object) -> None:
        raise ExportCancelledError("stopped")

    hears = {"picture": (stop, lambda _: None), "end": (lambda *_: None, stop)}[when]
    studio = Studio([take(tmp_path, "a"), take(tmp_path, "b")], *hears)
    async with page_of(studio) as page:
        await send(page, "next")
        await send_pictures(page, 1)
        if when == "end":
            await send(page, "done", **done(1))
        assert studio.is_over and isinstance(studio.stopped, ExportCancelledError)
        assert studio.news.is_set() and not studio.failed


def test_what_a_recording_does_not_have_is_said_before_a_browser_starts(tmp_path: Path) -> None:
    for wanted in ({"first": 90}, {"first": 9, "last": 8}, {"at": (3, 90)}, {"last": 90}):
        with pytest.raises(HostError, match="has the frames 0 to 89"):
            film(None, [take(tmp_path, "a", **wanted)])
    with pytest.raises(HostError, match="has the players 0 to 1"):
        film(None, [take(tmp_path, "a", view=2)])
    with pytest.raises(HostError) as refused:
        film(None, [take(tmp_path, "a", last=89, at=(89,))])
    assert refused.value.text == NO_BROWSER


def test_a_gif_has_the_pictures_colours_and_takes_as_long_as_the_game() -> None:
    colours = ["red", "red", "#123456", "#fedcba", "#00ff7f"]
    times = [n * 1000 / 15 for n in range(5)]
    data = asyncio.run(asyncio.to_thread(gif, [picture(colour) for colour in colours], times, 5000 / 15))
    with Image.open(BytesIO(data)) as moving:
        shown, lasted = [], 0
        for number in range(getattr(moving, "n_frames", 1)):
            moving.seek(number)
            shown.append(moving.convert("RGB").getpixel((2, 6)))
            lasted += moving.info["duration"]
        assert moving.info["loop"] == 0, "for ever"
    assert shown == [(255, 0, 0), (0x12, 0x34, 0x56), (0xFE, 0xDC, 0xBA), (0, 255, 0x7F)], "two alike are one"
    assert lasted == 330
