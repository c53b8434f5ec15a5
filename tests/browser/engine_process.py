"""A real engine in a process of its own, as the launcher starts it, which a test may kill and start again."""

from __future__ import annotations

import json
import subprocess
import sys
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from igym.host.export.manifest import Manifest
from igym.host.store.store_reader import BatchKey, StoredBatch, StoreReader
from tests.ports import free_port


class EngineProcess:
    """`igym engine` on a folder and a port of its own. `start` again after `kill` resumes the session there."""

    def __init__(self, study: Path, data_root: Path, *options: str, address: str = "127.0.0.1") -> None:
        self.study = study
        self.data_root = data_root
        self.port = free_port()
        self.session = ""
        self.url = ""
        self.folder = data_root
        self.prefix: list[str] = []
        self._address = address
        self._options = options
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """The engine's process id."""
        assert self._process
        return self._process.pid

    def start(self) -> EngineProcess:
        """Start, or resume after a kill; returns when ready. Raises `RuntimeError` with the engine's own words."""
        resume = ["--resume", self.session] if self.session else []
        where = ["--folder", str(self.study), "--data", str(self.data_root)]
        argv = [
            sys.executable,
            "-m",
            "igym.cli",
            "engine",
            *where,
            "--port",
            str(self.port),
            "--address",
            self._address,
        ]
        self._process = subprocess.Popen(
            [*self.prefix, *argv, *resume, *self._options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        ready = self._first("ready", "failed")
        if ready["event"] == "failed":
            raise RuntimeError(ready["text"])
        self.session, self.url = ready["session"], ready["join_url"]
        self.port = urlsplit(self.url).port or self.port  # participants come back to where they were
        self.folder = Path(ready["data_folder"])
        return self

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        assert self._process
        self._process.kill()
        self._close()

    def stop(self) -> None:
        """End it as the launcher does; all files are written when this returns."""
        if self._process is None:
            return
        self._process.terminate()
        self._close()

    def _close(self) -> None:
        assert self._process
        self._process.communicate(timeout=120)
        self._process = None

    def _first(self, *events: str) -> dict[str, Any]:
        assert self._process
        assert self._process.stdout
        for line in self._process.stdout:
            told: dict[str, Any] = json.loads(line)
            if told.get("event") in events:
                return told
        raise RuntimeError(f"the engine ended with code {self._process.wait()} before it was ready")

    def batches(self) -> list[StoredBatch]:
        """All rows on disk now."""
        with StoreReader(self.folder / "session.sqlite3") as reader:
            return list(reader.batches(self.session))

    def stored(self) -> list[BatchKey]:
        """Where the rows on disk lie now. What is asked again and again while people play needs no more of them."""
        with StoreReader(self.folder / "session.sqlite3") as reader:
            return reader.batch_keys(self.session)

    def last_rows(self) -> list[dict[str, Any]]:
        """The newest batch of each participant, as the browser packed it."""
        with StoreReader(self.folder / "session.sqlite3") as reader:
            stored = sorted(reader.batch_keys(self.session), key=attrgetter("match", "episode", "first"))
            last = {key.participant: key for key in stored}
            found = [
                reader.batches(
                    self.session,
                    match=key.match,
                    participant=key.participant,
                    episode=key.episode,
                    from_frame=key.first,
                )
                for key in last.values()
            ]
            return [batch.rows for batches in found for batch in [*batches][-1:]]

    def records(self, *kinds: str) -> list[dict[str, Any]]:
        """Bodies of these records so far, each with its kind, participant, match, scene and time (unix s)."""
        with StoreReader(self.folder / "session.sqlite3") as reader:
            return [
                {
                    "kind": one.kind,
                    "participant": one.participant,
                    "match": one.match,
                    "scene": one.scene,
                    "at": one.at,
                    **one.body,
                }
                for one in reader.records(self.session, kinds=kinds)
            ]

    def assert_only_this_folder(self) -> None:
        """Nothing was written outside `data/<experiment-id>/`, and the manifest holds."""
        assert [path.name for path in self.data_root.iterdir()] == [self.folder.name]
        report = Manifest(self.folder).verify()
        assert report.ok, report
