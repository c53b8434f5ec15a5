"""Recorded games on the host to look at: each is played again in a process of its own, which makes its pictures."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import tempfile
from pathlib import Path
from typing import Any

from igym.host.base.clock import steady_s
from igym.host.children.child import LogLine
from igym.host.children.line_child import ChildEndedError, LineChild
from igym.host.hostenv.kept_packages import unpack
from igym.host.ports import Runner
from igym.host.replay.addresses import SHOW, piece_path
from igym.host.replay.files import ReplayFile, game_of
from igym.protocol.told import Told, together

AT_ONCE = 2
MOST_BYTES = 6_000_000_000
"""Of pictures on the disk at a time; those that nobody has asked for the longest go first."""
EACH_BYTES = 2_000_000_000
"""Of one recording: some twenty minutes of 600 × 400 pixels."""
NEWS_WAIT_S = 5.0
ABANDONED_S = 20.0
PARTS_AT_ONCE = 20


class Showing:
    """One recording that is played again, and what is known of it so far.

    `parts` are the lines of the child that tell frames, as JSON. `news` is set, and another event put in its place,
    whenever something comes.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self.id = secrets.token_hex(8)
        self.parts: list[str] = []
        self.earlier: tuple[int, int] | None = None
        self.error = ""
        self.is_over = False
        self.bytes = 0
        self.asked_at = steady_s()
        self.news = asyncio.Event()
        self.playing: asyncio.Task[None] | None = None
        self._place = tempfile.TemporaryDirectory(prefix="igym-reel-", ignore_cleanup_errors=True)
        self.folder = Path(self._place.name)

    def told_after(self, count: int) -> str:
        """JSON: `{parts, earlier, error, done}`, the parts after the first `count`."""
        parts = self.parts[count : count + PARTS_AT_ONCE]
        done = self.is_over and count + len(parts) == len(self.parts)
        rest = {"earlier": self.earlier, "error": str(self.error) if done else "", "done": done}
        return f'{{"parts":[{",".join(parts)}],{json.dumps(rest)[1:]}'

    def hear(self, line: dict[str, Any]) -> None:
        if "earlier" in line:
            self.earlier = (line["earlier"], line["total"])
        elif "error" in line:
            self.error = line["error"]
        elif "first" in line:
            self.bytes += line.pop("bytes")
            self.parts.append(json.dumps(line))
        self.tell()

    def tell(self) -> None:
        news, self.news = self.news, asyncio.Event()
        news.set()

    async def play(self, order: str, turns: asyncio.Semaphore, runner: Runner, log: LogLine) -> None:
        """Until the recording's end, or its env's; what goes wrong is `error`."""
        try:
            async with turns:
                self.error = await self._play(order, runner, log)
        except OSError as error:
            self.error = Told("The file could not be written: {error}", error=error)
        finally:
            self.is_over = True
            self.tell()

    async def _play(self, order: str, runner: Runner, log: LogLine) -> str:
        packages, pictures = self.folder / "packages", self.folder / "pictures"
        lacking = await asyncio.to_thread(self._prepared, order, packages, pictures)
        if lacking:
            return not_again(*lacking)
        arguments = [str(packages), str(pictures), str(EACH_BYTES), str(self.folder / "order.json")]
        child = LineChild(runner, "verify", [SHOW, *arguments], log)
        try:
            await child.start()
            while (line := await child.read()) is not None and "done" not in line:
                self.hear(line)
            code = None if line is not None or self.error else await child.exit_code()
        except ChildEndedError as error:
            return not_again(str(error))
        finally:
            await child.end()
        if code is None:
            return self.error
        return Told(
            "Its process {end}",
            end=Told("ended by itself (exit code {code}). {prints}", code=code, prints=child.last_prints),
        )

    def _prepared(self, order: str, packages: Path, pictures: Path) -> list[str]:
        """What is needed in place; what is missing, in words."""
        packages.mkdir()
        pictures.mkdir()
        (self.folder / "order.json").write_text(order, "utf-8")
        last = json.loads(order)[-1]
        return unpack(last["body"].get("packages", []), Path(last["root"]), packages)

    def piece(self, player: int, number: int) -> Path | None:
        path = piece_path(self.folder / "pictures", player, number)
        return path if path.is_file() else None

    async def close(self) -> None:
        if self.playing is not None:
            self.playing.cancel()
            await asyncio.gather(self.playing, return_exceptions=True)
        await asyncio.to_thread(self._place.cleanup)


class Reels:
    """All showings of one program. A recording that several look at is played once."""

    def __init__(self, runner: Runner, log: LogLine) -> None:
        self._runner = runner
        self._log = log
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._showings: dict[str, Showing] = {}

    async def open(self, replay: ReplayFile, before: list[ReplayFile], anew: bool = False) -> Showing:
        """The showing of this recording; `anew`: one that is played from the start, whatever there is already."""
        order = await asyncio.to_thread(_order, [*before, replay])
        key = hashlib.sha256(order.encode()).hexdigest()
        known = [showing for showing in self._showings.values() if showing.key == key]
        if known and not anew:
            return known[0]
        for showing in known:
            await self._drop(showing)
        # Known before anything is waited for: who asks for it meanwhile gets this one.
        showing = Showing(key)
        self._showings[showing.id] = showing
        await self._make_room()
        showing.playing = asyncio.create_task(showing.play(order, self._turns, self._runner, self._log))
        return showing

    def asked(self, id: str) -> Showing | None:
        """The showing of this name, if it is still there; it counts as looked at."""
        showing = self._showings.get(id)
        if showing is not None:
            showing.asked_at = steady_s()
        return showing

    async def news(self, showing: Showing, count: int) -> str:
        """See `Showing.told_after`; when there is nothing new, it is waited for a little."""
        showing.asked_at = steady_s()
        await self._drop_abandoned()
        news = showing.news
        if count >= len(showing.parts) and not showing.is_over:
            try:
                await asyncio.wait_for(news.wait(), NEWS_WAIT_S)
            except TimeoutError:
                pass
        return showing.told_after(count)

    async def _drop_abandoned(self) -> None:
        """Those that nobody looks at any more leave their turn to others that wait for one."""
        if not self._turns.locked():
            return
        now = steady_s()
        for showing in list(self._showings.values()):
            if not showing.is_over and now - showing.asked_at > ABANDONED_S:
                await self._drop(showing)

    async def _make_room(self) -> None:
        over = sorted((one for one in self._showings.values() if one.is_over), key=lambda one: one.asked_at)
        while over and sum(one.bytes for one in self._showings.values()) > MOST_BYTES - EACH_BYTES:
            await self._drop(over.pop(0))

    async def _drop(self, showing: Showing) -> None:
        if self._showings.pop(showing.id, None) is not None:
            await showing.close()

    async def close(self) -> None:
        for showing in list(self._showings.values()):
            await self._drop(showing)


def not_again(*lacking: str) -> str:
    """The sentence for what stands in the way, a sentence part each."""
    return Told("It cannot be played again here: {missing}.", missing=together(*lacking, between="; "))


def _order(episodes: list[ReplayFile]) -> str:
    # Raises for a game that is not there, before a process is started for it.
    game_of(episodes[-1])
    return json.dumps([{"path": str(one.path), "root": str(one.root), "body": one.body} for one in episodes])
