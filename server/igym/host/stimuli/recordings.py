"""Recorded episodes wherever they lie: in a study's database, or as files of an experiment folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from igym.core.state import HAVE_PEOPLE
from igym.host.base.errors import HostError
from igym.host.export.episodes import EpisodeKey, episode_keys
from igym.host.export.names import STUDY
from igym.host.export.replays import replay_body
from igym.host.export.selection import Selection, kind_of
from igym.host.replay.files import SUFFIX, ReplayFile, read_replay
from igym.host.store.postgres.place import has_data
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from igym.protocol.told import Told

WITHDRAWN = Told("Somebody who played in it has withdrawn.")


@dataclass(frozen=True)
class Recording:
    """Where one recorded episode is. `file`: its path in the experiment folder; empty when it is in a database."""

    study: str
    session: str
    match: str
    episode: int
    scene: str = ""
    file: str = ""

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What names it over all studies."""
        return self.study, self.session, self.match, self.episode


def is_of(scene: str, wanted: str) -> bool:
    """Whether a recording of `scene` is meant; a round of a repeated scene (`task_r2`) is of that scene."""
    while wanted and scene != wanted:
        scene, mark, number = scene.rpartition("_r")
        if not (mark and number.isdecimal()):
            return False
    return True


def played_by(source: StoreReader, session: str, study: str, participant: str) -> list[tuple[Recording, int]]:
    """Every episode the participant has ended, oldest first, each with its number of frames."""
    found = source.records(session, kinds=("episode_ended", "episode_reported"))
    return [
        (Recording(study, session, str(r.match), int(r.body["episode"]), str(r.scene)), int(r.body.get("frames") or 0))
        for r in found
        if r.participant == participant and not r.body.get("erased")
    ]


def stored(database: Path, study: str, kinds: Iterable[str]) -> Iterator[Recording]:
    """Every episode of matches that are over, in sessions of these kinds, unless a member has withdrawn."""
    with StoreReader(database) as everyone:
        for kind in dict.fromkeys(kinds):
            source = Selection(everyone, kind, simulated=kind not in HAVE_PEOPLE)
            for row in source.sessions():
                if row.erased_at is None:
                    yield from _of_session(source, everyone, row.id, study)


def _of_session(source: StoreReader, everyone: StoreReader, session: str, study: str) -> Iterator[Recording]:
    over = {record.match for record in source.records(session, kinds=("match_ended",))}
    gone = withdrawn_matches(everyone, session)
    keys = {(key.scene, key.match, key.episode): key for key in episode_keys(source, session)}
    for key in keys.values():
        if key.match in over and key.match not in gone:
            yield Recording(study, session, key.match, key.episode, key.scene)


def withdrawn_matches(source: StoreReader, session: str) -> frozenset[str]:
    """Matches in which somebody took part who has withdrawn since."""
    gone = {record.participant for record in source.records(session, kinds=("withdrawn",))}
    formed = source.records(session, kinds=("match_formed",)) if gone else ()
    return frozenset(
        str(record.match)
        for record in formed
        if record.body.get("erased") or gone & {one.get("participant") for one in record.body.get("players", ())}
    )


def in_files(folder: Path, where: str) -> Iterator[Recording]:
    """The replay files below `where`, a folder of the experiment folder; one that cannot be read is left out."""
    found = (folder / where).resolve()
    replays = found if found.name == "replays" else found / "replays"
    for path in sorted(replays.glob(f"*{SUFFIX}")):
        try:
            yield in_file(folder, path.relative_to(folder.resolve()).as_posix())
        except HostError:
            continue


def in_file(folder: Path, file: str) -> Recording:
    """One replay file of the experiment folder. Raises `HostError` "bad_replay"."""
    body = read_replay(folder / file).body
    return Recording(
        str(body.get("experiment") or ""), str(body["session"]), str(body["match"]), int(body["episode"]),
        str(body.get("scene") or ""), file,
    )  # fmt: skip


def kinds_shown(database: Path, session: str) -> tuple[str, ...]:
    """Sessions whose recordings a session may show: those of the study, and those of its own kind."""
    with StoreReader(database) as source:
        return STUDY, kind_of(source, session)


class Shelf:
    """Opens recordings: of the studies below `root` (a folder for each), and of files in the experiment `folder`."""

    def __init__(self, root: Path, folder: Path, own: tuple[str, Path]) -> None:
        """`own`: the id of the study that is being run, and the folder of its data."""
        self._root = root
        self._folder = folder
        self._own, self._data = own

    def database(self, study: str) -> Path:
        """A study's database, whether or not there is one; a name that is no folder's is nobody's."""
        if study == self._own:
            return self._data / DATABASE
        return self._root / (study if Path(study).name == study else "") / DATABASE

    def opened(self, recording: Recording) -> tuple[ReplayFile, list[ReplayFile]]:
        """The recording, and its match's episodes before it.

        Raises `HostError` in words for the researcher: "withdrawn", "bad_replay" or "not_found".
        """
        self._check_consent(recording)
        episodes = self._from_file(recording) if recording.file else self._from_database(recording)
        *before, wanted = [episodes[number] for number in sorted(episodes) if number <= recording.episode]
        missing = next((number for number in range(recording.episode) if number not in episodes), None)
        if missing is not None:
            raise HostError(
                "bad_replay",
                Told(
                    "Episode {episode} of {match}, which came before, is not there.",
                    episode=missing,
                    match=recording.match,
                ),
            )
        return wanted, before

    def _check_consent(self, recording: Recording) -> None:
        """A copy of a recording knows nothing of what happened since; the study's own database does."""
        database = self.database(recording.study)
        if not recording.study or not has_data(database):
            return
        with StoreReader(database) as source:
            row = source.session(recording.session)
            erased = row is not None and row.erased_at is not None
            if erased or recording.match in withdrawn_matches(source, recording.session):
                raise HostError("withdrawn", WITHDRAWN)

    def _from_file(self, recording: Recording) -> dict[int, ReplayFile]:
        path = self._folder / recording.file
        stem = path.name.removesuffix(SUFFIX).rpartition("_ep")[0]
        siblings = path.parent.glob(f"{stem}_ep*{SUFFIX}") if stem else ()
        found = [read_replay(path), *(read_replay(other) for other in siblings if other != path)]
        return {replay.episode: replay for replay in found if replay.match == found[0].match}

    def _from_database(self, recording: Recording) -> dict[int, ReplayFile]:
        database = self.database(recording.study)
        with StoreReader(database) as source:
            row = source.session(recording.session)
            keys = episode_keys(source, recording.session, match=recording.match) if row else []
            numbered: dict[int, EpisodeKey] = {key.episode: key for key in keys if key.episode <= recording.episode}
            if row is None or recording.episode not in numbered:
                raise HostError(
                    "not_found",
                    Told(
                        "Nothing is stored of episode {episode} of {match}.",
                        episode=recording.episode,
                        match=recording.match,
                    ),
                )
            bodies = {number: replay_body(source, row, key) for number, key in numbered.items()}
        folder = database.parent
        return {
            number: ReplayFile(folder / "replays" / f"{recording.match}_ep{number}{SUFFIX}", folder, body)
            for number, body in bodies.items()
        }


def cut(replay: ReplayFile, frames: int) -> ReplayFile:
    """The recording up to this many frames: what reached the disk later was not shown."""
    inputs = {player: series[:frames] for player, series in replay.body["inputs"].items()}
    return ReplayFile(replay.path, replay.root, {**replay.body, "inputs": inputs, "frames": frames})


def content_hash(replay: ReplayFile) -> str:
    """SHA-256 of all that decides what is seen: the game, the seeds, who plays, and every input; canonical JSON."""
    body = replay.body
    game = body.get("game") or {}
    said = {
        "game": game.get("sha256"), "files": game.get("files"), "seed": body["seed"],
        "episode_seed": body["episode_seed"], "agents": [entry["agent"] for entry in body["players"]],
        "bots": body.get("bots"), "fixed": body.get("fixed"), "globals": replay.followed.get("globals"),
        "inputs": replay.inputs(),
    }  # fmt: skip
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def described(replay: ReplayFile, recording: Recording, source: str, player: int) -> dict[str, Any]:
    """What is written down of a recording that is shown."""
    place = {"study": recording.study, "session": recording.session, "match": recording.match}
    what = {"scene": str(replay.body["scene"]), "episode": recording.episode, "file": recording.file}
    shown = {"player": player, "frames": int(replay.body["frames"]), "fps": float(replay.body["fps"])}
    return {"source": source, **place, **what, **shown, "sha256": content_hash(replay)}
