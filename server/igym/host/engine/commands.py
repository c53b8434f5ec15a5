"""Commands that only the host can carry out, and questions that change nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igym.host.base.errors import HostError
from igym.host.base.version import app_version
from igym.host.files.exports import ExportFailedError
from igym.host.files.retention_run import checked_days
from igym.host.replay.children import ReplayChildren
from igym.host.session.control import CommandFailedError, Performer
from igym.host.session.details import match_details, participant_details
from igym.host.store.not_kept import NOTHING_KEPT
from igym.host.store.store_reader import StoreReader
from igym.protocol.told import Told

if TYPE_CHECKING:
    from igym.host.engine.engine import Engine

Read = Callable[[StoreReader, str, str], dict[str, Any]]


class HostCommands:
    """`performers` carry out accepted commands; `reads` add what is stored; `own` are no business of the core."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._tasks: set[asyncio.Task[Any]] = set()
        self._replays = ReplayChildren(engine.runner, engine.folder, lambda line: engine.journal.info("replay", line))
        self.performers: Mapping[str, Performer] = {
            "export": self._export,
            "backup": self._backup,
            "retention": self._retention,
            "stop_engine": self._stop_engine,
        }
        self.reads: Mapping[str, Performer] = {
            "participant_details": self._participant,
            "match_details": self._match,
        }
        self.own: Mapping[str, Performer] = {
            "replay": self._replay,
            "verify": self._verify,
            "watch": self._watch,
            "cancel_export": self._cancel_export,
            "rehearse": self._rehearse,
            "about": self._about,
            "fetch": self._fetch,
        }

    async def close(self) -> None:
        """End the children that commands started."""
        await self._replays.close()

    async def _replay(self, args: dict[str, Any]) -> dict[str, Any]:
        try:
            return await self._replays.replay(str(args["id"]) if args.get("id") else None)
        except HostError as error:
            raise CommandFailedError(error.code, error.text) from error

    async def _watch(self, args: dict[str, Any]) -> dict[str, Any]:
        path = self._engine.watch.path(str(args.get("match")))
        if path is None:
            raise CommandFailedError("unknown_match", Told("There is no such match in this session."))
        return {"path": path}

    async def _verify(self, args: dict[str, Any]) -> dict[str, Any]:
        assert self._engine.control is not None
        try:
            return await self._replays.verify(self._engine.control.tell_progress)
        except HostError as error:
            raise CommandFailedError(error.code, error.text) from error

    def _refuse_to_keep(self) -> None:
        if not self._engine.keeps_data:
            raise CommandFailedError("nothing_kept", NOTHING_KEPT)

    async def _export(self, args: dict[str, Any]) -> dict[str, Any]:
        engine = self._engine
        self._refuse_to_keep()
        assert engine.control is not None
        try:
            files = await engine.exports.ask(engine.control.tell_progress, do="all", **_known(args))
        except ExportFailedError as error:
            raise CommandFailedError(error.code, error.text) from error
        return {"files": len(files), "folder": str(args.get("folder") or engine.folder)}

    async def _rehearse(self, args: dict[str, Any]) -> dict[str, Any]:
        """`{fast}`: simulated participants may play faster than the clock, or not any more."""
        self._engine.queries.plays_fast = args.get("fast") is True
        return {"fast": self._engine.queries.plays_fast}

    async def _about(self, args: dict[str, Any]) -> dict[str, Any]:
        """What a launcher that did not start this session cannot know: `{version, keeps_data, profile, scenes}`."""
        engine = self._engine
        profile, scenes = engine.options.profile, [scene.id for scene in engine.begun.experiment.scenes]
        return {"version": app_version(), "keeps_data": engine.keeps_data, "scenes": scenes,
                "profile": profile.stem if profile else ""}  # fmt: skip

    async def _fetch(self, args: dict[str, Any]) -> dict[str, Any]:
        """Everything is written first, so that what is fetched is whole."""
        engine = self._engine
        self._refuse_to_keep()
        if engine.remote is None:
            raise CommandFailedError("no_remote", Told("This server lets no launcher on another computer fetch files."))
        await self._export({})
        try:
            return await engine.remote.fetching.fetch(self._progress())
        except HostError as error:
            raise CommandFailedError(error.code, error.text) from error

    async def _cancel_export(self, args: dict[str, Any]) -> dict[str, Any]:
        stopped = self._engine.exports.stop()
        if not stopped:
            raise CommandFailedError("no_export", Told("No export is running that could be stopped."))
        return {"stopped": stopped}

    async def _backup(self, args: dict[str, Any]) -> dict[str, Any]:
        self._refuse_to_keep()
        path = Path(str(args["path"])) if args.get("path") else None
        if path is not None and not path.is_absolute():
            raise CommandFailedError("bad_path", Told("Please give the whole path of the file to write the copy to."))
        exports, control = self._engine.exports, self._engine.control
        assert control is not None
        try:
            # One after the other with what is erased: the copy is whole, and nothing is taken from under it.
            made: dict[str, Any] = await exports.request(control.tell_progress, do="backup", path=path and str(path))
        except ExportFailedError as error:
            raise CommandFailedError(error.code, error.text) from error
        return made

    async def _retention(self, args: dict[str, Any]) -> dict[str, Any]:
        self._refuse_to_keep()
        try:
            days = checked_days(args.get("days"))
            return await self._engine.retention.run(days, dry_run=args.get("dry_run") is not False)
        except HostError as error:
            raise CommandFailedError(error.code, error.text) from error

    def _progress(self) -> Callable[[int, int, str], None]:
        """Tells launchers about each step; may be called from any thread."""
        loop, control = asyncio.get_running_loop(), self._engine.control
        assert control is not None

        def tell(done: int, total: int, what: str) -> None:
            loop.call_soon_threadsafe(control.tell_progress, {"done": done, "total": total, "what": what})

        return tell

    async def _stop_engine(self, args: dict[str, Any]) -> None:
        # Answered first: a launcher that hears nothing would think the engine had hung.
        task = asyncio.get_running_loop().create_task(self._stop_soon())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _stop_soon(self) -> None:
        await asyncio.sleep(0.1)
        await self._engine.stop("the launcher asked for it")

    async def _participant(self, args: dict[str, Any]) -> dict[str, Any]:
        return await self._read(participant_details, str(args.get("participant")))

    async def _match(self, args: dict[str, Any]) -> dict[str, Any]:
        return await self._read(match_details, str(args.get("match")))

    async def _read(self, read: Read, key: str) -> dict[str, Any]:
        def work() -> dict[str, Any]:
            with StoreReader(self._engine.store.path) as reader:
                return read(reader, self._engine.begun.id, key)

        return await asyncio.to_thread(work)


def _known(args: dict[str, Any]) -> dict[str, Any]:
    return {name: args[name] for name in ("formats", "folder") if args.get(name)}
