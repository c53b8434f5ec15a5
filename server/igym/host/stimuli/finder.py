"""Which recordings a page shows: drawn once when its person gets there, and written down by the core."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

from igym.experiment.scenes import ReplayScene
from igym.host.base.clock import steady_s
from igym.host.base.errors import HostError
from igym.host.hostenv.kept_packages import lacking
from igym.host.replay.files import ReplayFile, game_of
from igym.host.replay.reels import not_again
from igym.host.stimuli.recordings import (
    Recording,
    Shelf,
    described,
    in_file,
    in_files,
    is_of,
    kinds_shown,
    played_by,
    stored,
)
from igym.host.store.postgres.place import has_data
from igym.host.store.store_reader import StoreReader
from igym.protocol.told import Told, together

ROWS_LIMIT_S = 10.0
LOOK_AGAIN_S = 0.25
NEVER_PLAYED = Told("They have not played a game before this page.")
EMPTY_POOL = Told("There is no recording in the pool yet.")


class Finder:
    """Of one session. Its methods read disks: call them in a thread."""

    def __init__(self, shelf: Shelf, folder: Path, study: str, session: str) -> None:
        """`folder`: the experiment's."""
        self._shelf = shelf
        self._folder = folder
        self._study = study
        self._session = session
        self._database = shelf.database(study)

    def find(self, scene: ReplayScene, context: Mapping[str, Any]) -> dict[str, Any]:
        """`{items, problem}`: what a visit shows, or in words for the researcher why it shows nothing.

        `context` has the `participant` and the `seed` of what is drawn.
        """
        problem: str = EMPTY_POOL
        items: list[dict[str, Any]] = []
        try:
            for recording, player in self._candidates(scene, context):
                try:
                    items.append(self._checked(recording, scene.source, player))
                except HostError as error:
                    problem = Told(
                        "{match}, episode {episode}: {error}",
                        match=recording.match,
                        episode=recording.episode,
                        error=error.text,
                    )
                if len(items) == scene.compare:
                    ordered = reversed(items) if scene.source == "own_last" else items
                    return {"items": list(ordered), "problem": None}
        except HostError as error:
            problem = error.text
        if items:
            problem = together(Told("Only one recording was found; the page compares two."), problem)
        return {"items": [], "problem": problem}

    def _candidates(self, scene: ReplayScene, context: Mapping[str, Any]) -> Iterator[tuple[Recording, int]]:
        """Recordings in the order in which they are wanted, each with the player whose view is shown."""
        person = str(context["participant"])
        if scene.source == "own_last":
            return iter(self._own(person, scene.of_scene))
        if scene.source == "file":
            found: Iterable[Recording] = (in_file(self._folder, file) for file in scene.files)
        else:
            found = self._pool(scene.pool, person)
        wanted = [recording for recording in found if is_of(recording.scene, scene.of_scene)]
        return iter([(recording, 0) for recording in self._least_shown(wanted, Random(int(context["seed"])))])

    def _own(self, person: str, of_scene: str) -> list[tuple[Recording, int]]:
        """Their episodes, newest first, once the last rows of the newest are on disk."""
        with StoreReader(self._database) as source:
            played = played_by(source, self._session, self._study, person)
            mine = [(one, frames) for one, frames in played if is_of(one.scene, of_scene)]
            if not mine:
                raise HostError("not_found", NEVER_PLAYED)
            seats = {
                str(record.match): next(
                    (int(p["player"]) for p in record.body.get("players", ()) if p.get("participant") == person), 0
                )
                for record in source.records(self._session, kinds=("match_formed",))
            }
            self._wait_for_rows(source, person, *mine[-1])
        return [(recording, seats.get(recording.match, 0)) for recording, _ in reversed(mine)]

    def _wait_for_rows(self, source: StoreReader, person: str, recording: Recording, frames: int) -> None:
        """A browser sends its last rows after it has told of the end."""
        until = steady_s() + ROWS_LIMIT_S
        while steady_s() < until:
            batches = source.batches(
                self._session, match=recording.match, participant=person, episode=recording.episode
            )
            if max((batch.first + batch.count for batch in batches), default=0) >= frames:
                return
            time.sleep(LOOK_AGAIN_S)

    def _pool(self, pool: str, person: str) -> Iterator[Recording]:
        if pool and (self._folder / pool).is_dir():
            return in_files(self._folder, pool)
        study = pool or self._study
        database = self._shelf.database(study)
        if not has_data(database):
            raise HostError("not_found", Told("There are no data of a study “{study}” on this computer.", study=study))
        kinds = kinds_shown(self._database, self._session)
        own = {recording.key for recording in self._played(person)} if study == self._study else set()
        return (recording for recording in stored(database, study, kinds) if recording.key not in own)

    def _played(self, person: str) -> list[Recording]:
        with StoreReader(self._database) as source:
            return [recording for recording, _ in played_by(source, self._session, self._study, person)]

    def _least_shown(self, found: list[Recording], rng: Random) -> list[Recording]:
        """Those first that were shown least often in this study so far; among equals by chance."""
        counts = self._shown_counts()
        rng.shuffle(found)
        return sorted(found, key=lambda recording: counts[recording.key])

    def _shown_counts(self) -> Counter[tuple[str, str, str, int]]:
        counts: Counter[tuple[str, str, str, int]] = Counter()
        with StoreReader(self._database) as source:
            for row in source.sessions():
                for record in source.records(row.id, kinds=("replays_shown",)):
                    for item in record.body.get("items", ()):
                        counts[item["study"], item["session"], item["match"], item["episode"]] += 1
        return counts

    def _checked(self, recording: Recording, source: str, player: int) -> dict[str, Any]:
        """What is written down of it. Raises `HostError` when it could not be shown as it was played."""
        replay, _ = self._shelf.opened(recording)
        self._check_game(replay)
        return described(replay, recording, source, player)

    def _check_game(self, replay: ReplayFile) -> None:
        game = game_of(replay)
        if not replay.body["frames"]:
            raise HostError("bad_replay", Told("It has no frames."))
        if game.changed:
            raise HostError(
                "changed",
                Told("This is not the game that was played: {changed}.", changed=together(*game.changed, between="; ")),
            )
        missing = lacking(game.lock, replay.root) if game.on_host else []
        if missing:
            raise HostError("host_packages", not_again(*missing))
