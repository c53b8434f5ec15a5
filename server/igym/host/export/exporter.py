"""The whole projection: one call for an episode, a scene, a match, or everything."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import contextmanager
from pathlib import Path

from igym.host.base.errors import HostError
from igym.host.base.held_files import IN_THE_WAY, aside_of, not_removed_text, remove, remove_folder
from igym.host.export import matches, scenes, tables
from igym.host.export.bonus import bonus_files
from igym.host.export.codebook import write_codebook
from igym.host.export.consent import write_consent_texts
from igym.host.export.episodes import EpisodeKey, episode_keys
from igym.host.export.files import is_held
from igym.host.export.inputs import write_inputs
from igym.host.export.layout import Layout
from igym.host.export.manifest import Manifest
from igym.host.export.own_matches import match_suffix
from igym.host.export.people import People, everybody
from igym.host.export.replays import write_replay
from igym.host.export.selection import Selection, annotation_of, kind_of
from igym.host.export.steps import Cancelled, ExportCancelledError, Progress, Steps
from igym.host.export.telemetry import write_telemetry
from igym.host.languages import ENGLISH
from igym.host.store.store_reader import SessionRow, StoreReader
from igym.protocol.told import Told

ASKED = {
    "partial": "minari: also episodes that broke off or lack frames",
    "excluded": "minari: also episodes of people who were excluded",
    "joint": "minari: also one set of all agents together",
}
"""Word → what it makes a format do."""


class Exporter:
    """Writes one session's files under `folder` (`data/<experiment-id>`). Use one at a time for a folder."""

    def __init__(
        self, source: StoreReader, folder: Path, session: str, manifest: Manifest | None = None,
        *, simulated: bool = False, kind: str | None = None, asked: Set[str] = frozenset(),
        language: str = ENGLISH,
    ) -> None:  # fmt: skip
        """Raises `KeyError` when the store has no such session. Exporters of one folder share its manifest.

        `simulated`: also simulated participants of sessions in which people take part. `kind`: write the tables of
        this kind of session rather than the session's own. `asked`: what a format does beyond the usual (`ASKED`).
        `language`: of formats that are pages to read; tables and their codebook are English.
        """
        row = source.session(session)
        if row is None:
            raise KeyError(Told("There is no session {session} in {folder}.", session=session, folder=source.path))
        self.kind = kind or kind_of(source, session)
        self.asked, self.language = asked, language
        self.everyone = source
        self.source = Selection(source, self.kind, simulated=simulated)
        self.folder = folder
        self.row: SessionRow = row
        self.layout = Layout(source, session, folder, self.kind)
        self.manifest = manifest or Manifest(folder, keeps_notes=True)
        self.failures: list[str] = []
        """Parts that could not be written, each with why; the others were."""

    @contextmanager
    def part(self, what: str) -> Iterator[None]:
        """Whatever is wrong with what is stored of this part ends only this part; it is added to `failures`.

        A disk that takes no files ends the export: no part could be written then.
        """
        try:
            yield
        except (ExportCancelledError, OSError):
            raise
        except Exception as error:
            why = error.text if isinstance(error, HostError) else repr(error)[:300]
            self.failures.append(Told("{what} ({why})", what=what, why=why))

    def remove_old(self, paths: Iterable[Path]) -> None:
        """Removes what an earlier export left; what is open elsewhere stays and is among the `failures`."""
        for path in paths:
            with self.part(Told("old file {name}", name=self.name_of(path))):
                try:
                    remove_folder(path) if path.is_dir() else remove(path)
                except IN_THE_WAY as error:
                    raise HostError("file_open", not_removed_text(self.name_of(path)), str(error)) from error

    def export_episode(self, participant: str, match: str, episode: int) -> list[Path]:
        """Write one participant's rows of one episode, and the replay of that episode."""
        keys = episode_keys(self.source, self.row.id, match=match)
        return self._note(
            path
            for key in keys
            if key.participant == participant and key.episode == episode
            for path in self._episode_and_replay(key)
        )

    def export_scene(self, participant: str, scene: str) -> list[Path]:
        """Write answers, metadata and globals of one participant in one scene."""
        return self._note(self._scene_files(participant, scene))

    def export_match(self, match: str) -> list[Path]:
        """Write every member's episodes and metrics and the members' comparison."""
        return self._note(self._match_files(match))

    def export_last(self) -> list[Path]:
        """Write what nothing else has written by the end: matches that were broken off, and the measurements."""
        of_matches = self.source.records(self.row.id, kinds=("match_formed", "match_ended"))
        ended: dict[str, bool] = {}
        for record in of_matches:
            ended[str(record.match)] = record.kind == "match_ended"
        broken_off = [path for match, over in ended.items() if not over for path in self.export_match(match)]
        return broken_off + self.export_measurements()

    def export_measurements(self) -> list[Path]:
        """Write what is whole only at the end: measurements, and the shared values after each one's last scene."""
        last = {record.participant: record.scene for record in self.source.records(self.row.id, kinds=("scene_left",))}
        values = [
            path
            for participant, scene in last.items()
            if participant and scene
            for path in scenes.write_globals(self.source, self.layout, participant, scene)
        ]
        joined = self.source.records(self.row.id, kinds=("joined",))
        inputs = [
            path
            for participant in dict.fromkeys(str(record.participant) for record in joined)
            for path in write_inputs(self.source, self.layout, participant)
        ]
        return self._note([*values, *inputs, *write_telemetry(self.source, self.layout)])

    def export_tables(self) -> list[Path]:
        """Write the tables over all sessions, the codebook and the manifest."""
        paths = self._note(self._table_files())
        paths += self._note(write_codebook(self.folder, self.manifest))
        paths += self._note(self._copies())
        self.write_manifest()
        return paths

    def export_all(self, progress: Progress | None = None, cancelled: Cancelled = lambda: False) -> list[Path]:
        """Write everything of this session; `progress(done, total, what)` after each step.

        Raises `ExportCancelledError` when `cancelled()` turns true, also in the middle of a file, of which then
        nothing is left; the manifest lists what was finished.
        """
        parts = self._parts()
        steps = Steps(len(parts), progress, cancelled)
        written: list[Path] = []
        try:
            with steps.watching(self.source):
                steps.check()
                for what, part in parts:
                    with self.part(what):
                        written += part()
                    steps.done(what)
        except ExportCancelledError:
            self.write_manifest()
            raise
        return written

    def write_manifest(self) -> None:
        """The list of files, with the head of this session's chain."""
        name, _ = annotation_of(self.everyone, self.row.id)
        profile = str(self.row.options.get("profile") or "").replace("\\", "/").rpartition("/")[2]
        self.manifest.sessions[self.row.id] = {
            "kind": kind_of(self.everyone, self.row.id), "name": name, "profile": profile.removesuffix(".toml"),
        }  # fmt: skip
        head = self.source.trail_head(self.row.id)
        if head is not None:
            self.manifest.trail[self.row.id] = {
                "head": head.head, "code": head.code, "events": head.events, "before": head.before, "at": head.at,
            }  # fmt: skip
        self.manifest.write()

    def _parts(self) -> list[tuple[str, Callable[[], list[Path]]]]:
        entered = self.source.records(self.row.id, kinds=("scene_entered",))
        in_scene = dict.fromkeys((record.participant, record.scene) for record in entered)
        formed = [record.match for record in self.source.records(self.row.id, kinds=("match_formed",))]
        parts: list[tuple[str, Callable[[], list[Path]]]] = [
            (f"{scene}: {participant}", lambda p=participant, s=scene: self.export_scene(p, s))  # type: ignore[misc]
            for participant, scene in in_scene
            if participant and scene
        ]
        parts += [(f"match {match}", lambda m=match: self.export_match(m)) for match in formed if match]  # type: ignore[misc]
        return [*parts, ("measurements", self.export_measurements), ("tables", self.export_tables)]

    def _copies(self) -> Iterator[Path]:
        """What was run, taken along to another folder; listed once, so that a change of it is noticed for good."""
        origin = self.source.path.parent
        for path in sorted((origin / "experiment").rglob("*")):
            target = self.folder / path.relative_to(origin)
            if path.is_file() and not self.manifest.has(target):
                if target != path:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, target)
                yield target

    def _note(self, paths: Iterable[Path]) -> list[Path]:
        """Each as soon as it is whole: an export may be stopped before the next one."""
        written = []
        for path in paths:
            types, left_out = self.layout.types.pop(path, None), self.layout.left_out.pop(path, None)
            beside = aside_of(path)
            if is_held(path):
                # The file that is open keeps its entry: it is what it was.
                self.manifest.note(beside, types, left_out)
            else:
                self.manifest.forget(beside)
                self.manifest.note(path, types, left_out)
            written.append(path)
        return written

    def name_of(self, path: Path) -> str:
        """Relative to the folder, with "/"."""
        return path.relative_to(self.folder).as_posix()

    def _episode_files(self, key: EpisodeKey) -> Iterator[Path]:
        yield from matches.write_episode(self.source, self.layout, key, self.match_suffix(key))

    def _episode_and_replay(self, key: EpisodeKey) -> Iterator[Path]:
        with self.part(
            Told(
                "match {match}: rows of {participant}, episode {episode}",
                match=key.match,
                participant=key.participant,
                episode=key.episode,
            )
        ):
            yield from self._episode_files(key)
        with self.part(Told("match {match}: replay of episode {episode}", match=key.match, episode=key.episode)):
            yield from write_replay(self.source, self.row, self.layout, key)

    def match_suffix(self, key: EpisodeKey) -> str:
        """What tells this match's recordings apart from those of the person's other matches in the scene."""
        return match_suffix(self.source, self.row.id, key)

    def _scene_files(self, participant: str, scene: str) -> Iterator[Path]:
        yield from scenes.write_answers(self.source, self.layout, participant, scene)
        yield from scenes.write_metadata(self.source, self.row, self.layout, participant, scene)
        yield from scenes.write_globals(self.source, self.layout, participant, scene)

    def _match_files(self, match: str) -> Iterator[Path]:
        formed = matches.first_record(self.source, self.row.id, "match_formed", match)
        keys = episode_keys(self.source, self.row.id, match=match)
        for key in keys:
            with self.part(
                Told(
                    "match {match}: rows of {participant}, episode {episode}",
                    match=match,
                    participant=key.participant,
                    episode=key.episode,
                )
            ):
                yield from self._episode_files(key)
        for key in {key.episode: key for key in keys}.values():
            with self.part(Told("match {match}: replay of episode {episode}", match=match, episode=key.episode)):
                yield from write_replay(self.source, self.row, self.layout, key)
        members = formed.body.get("players", []) if formed else []
        for member in members:
            if formed and formed.scene and member.get("participant"):
                with self.part(
                    Told("match {match}: metrics of {participant}", match=match, participant=member["participant"])
                ):
                    yield from matches.write_metrics(self.source, self.layout, member["participant"], formed.scene)
                with self.part(
                    Told("match {match}: inputs of {participant}", match=match, participant=member["participant"])
                ):
                    yield from write_inputs(self.source, self.layout, member["participant"], formed.scene)
        with self.part(Told("match {match}: comparison", match=match)):
            yield from matches.write_comparison(self.source, self.row, self.layout, match)
        if formed and not keys:
            self._forget_comparison(self.layout.aggregated(str(formed.scene), match))

    def _forget_comparison(self, path: Path) -> None:
        """Of a match whose rows were all erased: it would tell of rows that nobody has."""
        if path.is_file():
            self.remove_old([path])
            self.manifest.forget(path)

    def _table_files(self) -> Iterator[Path]:
        source, folder, types = self.source, self.layout.folder, self.layout.types
        with self.part(Told("tables of participants")):
            yield from self._people_files(everybody(source))
        with self.part(Told("tables of events")):
            yield from tables.write_events(source, folder, types)
        with self.part(Told("texts of consent")):
            yield from write_consent_texts(source, folder)
        with self.part(Told("table actions")):
            yield tables.write_actions(source, folder, types)
        with self.part(Told("logs of the matches")):
            yield from tables.write_match_logs(source, folder)
        with self.part(Told("logs of the browsers")):
            yield from tables.write_console(source, folder)

    def _people_files(self, people: People) -> Iterator[Path]:
        for name in tables.TABLES:
            with self.part(Told("table {name}", name=name)):
                yield tables.write_table(self.source, self.layout.folder, name, self.layout.types, people)
        with self.part(Told("bonus files")):
            yield from bonus_files(people, self.layout.folder)
