"""Replay files and the game each was played with, as they lie in a data folder."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from igym.host.base.errors import HostError
from igym.host.export.files import sha256_of
from igym.host.export.kept_games import SOURCES, WHEELS, text_digest
from igym.host.hostenv.kept_packages import REST, SITE_PACKAGES
from igym.host.http.web_files import inside
from igym.host.replay.without_replay import without_replay
from igym.protocol.told import Told, together

SUFFIX = ".igr.json"
FORMATS = ("igym-replay/2",)


@dataclass(frozen=True)
class ReplayFile:
    """One recorded episode. `root` is the data folder it belongs to, `body` the file's JSON."""

    path: Path
    root: Path
    body: dict[str, Any]

    @property
    def id(self) -> str:
        return self.path.name.removesuffix(SUFFIX)

    @property
    def match(self) -> tuple[str, str]:
        """What names the match over all sessions."""
        return str(self.body["session"]), str(self.body["match"])

    @property
    def episode(self) -> int:
        return int(self.body["episode"])

    @property
    def followed(self) -> dict[str, Any]:
        """The member whose recording is played."""
        return next((member for member in self.body["recorded"] if member.get("followed")), {})

    def inputs(self) -> list[list[int]]:
        """Frame → inputs of all players."""
        series = [self.body["inputs"].get(str(entry["player"]), []) for entry in self.body["players"]]
        return [list(frame) for frame in zip(*series, strict=False)]

    def _agrees(self, member: dict[str, Any]) -> bool:
        """With the recording that is played; without checks of frames (simulated) the hash after the last one tells."""
        if member.get("followed") or member.get("same_as_followed"):
            return True
        return not member.get("checks") and member.get("chain") == self.followed.get("chain")

    def described(self) -> dict[str, Any]:
        """How lists of replays name it."""
        body = self.body
        same = all(self._agrees(member) for member in body["recorded"])
        return {
            "id": self.id, "session": body["session"], "scene": body["scene"], "match": body["match"],
            "episode": self.episode, "frames": body["frames"], "seconds": round(body["frames"] / body["fps"], 2),
            "participants": [str(entry.get("participant")) for entry in body["players"]],
            "parity": "identical" if same else "differs",
        }  # fmt: skip


def read_replay(path: Path) -> ReplayFile:
    """Read one file. Raises `HostError` "bad_replay" in words for the researcher."""
    try:
        body = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise HostError("bad_replay", Told("{file} cannot be read: {error}.", file=path.name, error=error)) from error
    if not isinstance(body, dict) or body.get("format") not in FORMATS:
        raise HostError("bad_replay", Told("{file} is not a replay that this version can read.", file=path.name))
    missing = [name for name in ("session", "match", "episode", "players", "inputs", "recorded") if name not in body]
    if missing:
        raise HostError(
            "bad_replay", Told("{file} is incomplete: it has no “{missing}”.", file=path.name, missing=missing[0])
        )
    return ReplayFile(path, path.parent.parent, body)


def replay_paths(where: Path) -> list[Path]:
    """The replay files of a data folder (or the one file).

    Raises `HostError` "not_found" or "no_replays", or "without_replay" when there was play and no export will show it.
    """
    if where.is_file():
        return [where]
    if not where.is_dir():
        raise HostError("not_found", Told("There is no file or folder {path}.", path=where))
    folder = where if where.name == "replays" else where / "replays"
    found = sorted(folder.glob(f"*{SUFFIX}"))
    if not found:
        others = without_replay(folder.parent)
        if why := others.told():
            code = "no_replays" if others.unwritten else "without_replay"
            raise HostError(code, together(Told("There are no replays in {folder}.", folder=where), *why))
        raise HostError(
            "no_replays",
            Told(
                "There are no replays in {folder}. Give the folder data/<experiment> of a study with games.",
                folder=where,
            ),
        )
    return found


def find_replays(where: Path) -> list[ReplayFile]:
    """All readable replays, match by match in the order of their episodes. Raises `HostError` when there are none."""
    found = []
    for path in replay_paths(where):
        try:
            found.append(read_replay(path))
        except HostError:
            if where.is_file():
                raise
    return sorted(found, key=lambda replay: (*replay.match, replay.episode))


def earlier(replay: ReplayFile, known: list[ReplayFile]) -> list[ReplayFile]:
    """The match's episodes before this one: an env may carry something over, so they are played first."""
    before = [other for other in known if other.match == replay.match and other.episode < replay.episode]
    return sorted(before, key=lambda other: other.episode)


@dataclass(frozen=True)
class Game:
    """What browsers were given. `bundle` is complete again; `changed` says what is not as it was played."""

    bundle: dict[str, Any]
    copy: Path
    changed: tuple[str, ...]
    lock: list[dict[str, str]] = field(default_factory=list)
    """The packages it was played with."""

    @property
    def sources(self) -> Path:
        return self.copy / SOURCES

    @property
    def on_host(self) -> bool:
        return bool(self.bundle["spec"]["runtime"]["where"] == "host")

    def beyond_browsers(self, there: Container[str]) -> list[str]:
        """Packages of a game on the host that no browser has, each with its version; `there`: the browsers' own."""
        if not self.on_host:
            return []
        asked = (entry for entry in self.lock if entry["source"] == "installed" and entry["name"] not in there)
        beside = [entry for entry in self.lock if entry["source"] == SITE_PACKAGES]
        named = [f"{entry['name']} {entry['version']}" for entry in (*beside, *asked) if entry["name"] != REST]
        return named or ([f"files in {SITE_PACKAGES}"] if beside else [])


def game_of(replay: ReplayFile) -> Game:
    """The game a replay was played with. Raises `HostError` "no_game" when the folder does not hold it."""
    facts: dict[str, Any] = replay.body.get("game") or {}
    path = inside(replay.root, str(facts.get("file") or ""))
    if path is None:
        raise HostError(
            "no_game",
            Told(
                "The game of {replay} is not in this folder. Replays need the folder “experiment” beside “replays”.",
                replay=replay.id,
            ),
        )
    kept = json.loads(path.read_text("utf-8"))
    copy = replay.root / facts["copy"]
    texts = {name: _text(copy / SOURCES, name) for name in kept["files"]}
    data = {name: inside(copy / SOURCES, name) for name in kept.get("data", {})}
    changed: list[str] = (
        []
        if sha256_of(path) == facts["sha256"]
        else [Told("{file} is not the game that was played", file=facts["file"])]
    )
    changed += _changed_sources({name: facts["files"][name] for name in facts["files"] if name not in data}, texts)
    changed += _changed_data(facts["files"], data)
    changed += _changed_wheels(replay.body.get("packages", []), copy / WHEELS)
    bundle = {
        **kept,
        "files": {name: text for name, text in texts.items() if text is not None},
        "data": {name: {"sha256": kept["data"][name]} for name, path in data.items() if path is not None},
    }
    return Game(bundle, copy, tuple(changed), replay.body.get("packages", []))


def _text(sources: Path, name: str) -> str | None:
    found = inside(sources, name)
    return None if found is None else found.read_bytes().decode("utf-8-sig", "replace")


def _changed_sources(recorded: dict[str, str], texts: dict[str, str | None]) -> Iterator[str]:
    for name, digest in sorted(recorded.items()):
        text = texts.get(name)
        if text is None:
            yield Told("the source file {file} is missing", file=name)
        elif text_digest(text) != digest:
            yield Told(
                "the source file {file} was changed after the match (its SHA-256 is not the recorded one)", file=name
            )


def _changed_data(recorded: dict[str, str], found: dict[str, Path | None]) -> Iterator[str]:
    for name, path in sorted(found.items()):
        if path is None:
            yield Told("the file {file}, which the game reads, is missing", file=name)
        elif sha256_of(path) != recorded.get(name):
            yield Told("the file {file}, which the game reads, was changed after the match", file=name)


def _changed_wheels(lock: list[dict[str, str]], folder: Path) -> Iterator[str]:
    for entry in lock:
        path = folder / entry["file"]
        if entry["source"] == "wheel" and path.is_file() and sha256_of(path) != entry["sha256"]:
            yield Told("the package file {file} was changed after the match", file=entry["file"])
