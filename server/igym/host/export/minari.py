"""Minari sets of a session: what people did, as learners take it. The envs run in processes of their own."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any

from igym.host.base import spawn
from igym.host.base.errors import HostError
from igym.host.base.held_files import move, remove_folder
from igym.host.children.told_lines import ToldLines
from igym.host.export.episodes import EpisodeKey, counts_of, episode_keys, own_columns
from igym.host.export.exporter import Exporter
from igym.host.export.formats import folder_of
from igym.host.export.layout import Layout
from igym.host.export.members import MatchFacts, matches_of, outcome_of, partners_of
from igym.host.export.people import Person, people_of
from igym.host.export.played import Played, played_of
from igym.host.export.replays import write_replay
from igym.host.export.steps import Cancelled, Progress, Steps
from igym.protocol.told import Told

ASKED_BEFORE = "asked.json"
MISSING = Told(
    "Minari, which writes these sets, is not installed here. On a computer with Python: pip "
    'install "interactive-gym-desktop[minari]", then igym export DATA_FOLDER --format minari.'
)
Entry = dict[str, Any]


def write_minari(
    exporter: Exporter, progress: Progress | None = None, cancelled: Cancelled = lambda: False
) -> list[Path]:
    """Write a set for each agent that people play, `igym/<study>/<scene>/<agent>-v0` below `exports/<session>/minari`.

    Raises `HostError` "no_minari" where the library is missing. Episodes that cannot be played again are told among
    the exporter's failures.
    """
    return write_sets([exporter], folder_of(exporter, "minari"), progress, cancelled)


def write_sets(
    exporters: Sequence[Exporter],
    target: Path,
    progress: Progress | None = None,
    cancelled: Cancelled = lambda: False,
) -> list[Path]:
    """Write the sets of several sessions as one, in place of what `target` held."""
    if find_spec("minari") is None or find_spec("pyarrow") is None:
        raise HostError("no_minari", MISSING)
    unfinished = target.with_name(f"{target.name}.part")
    with tempfile.TemporaryDirectory(prefix="igym-replays-", ignore_cleanup_errors=True) as replays:
        _cleared(unfinished)
        try:
            unfinished.mkdir(parents=True)
            jobs = list(_jobs(exporters, Path(replays)))
            steps = Steps(sum(map(len, jobs)) + 1, progress, cancelled)
            steps.check()
            for job in jobs:
                _carry_out(job, unfinished, exporters[0], steps)
            (unfinished / ASKED_BEFORE).write_text(json.dumps(sorted(exporters[0].asked)), "utf-8")
            _cleared(target)
            move(unfinished, target)
            steps.done("minari")
        finally:
            _cleared(unfinished)
    return sorted(path for path in target.rglob("*") if path.is_file())


def _cleared(folder: Path) -> None:
    if folder.is_dir():
        remove_folder(folder)


def asked_before(folder: Path) -> frozenset[str]:
    """What was asked for when these sets were written, to write them again alike."""
    path = folder / ASKED_BEFORE
    return frozenset(json.loads(path.read_text("utf-8"))) if path.is_file() else frozenset()


def _jobs(exporters: Iterable[Exporter], replays: Path) -> Iterator[list[Entry]]:
    """What one process does. First all episodes that are there for every agent: they have the same number in each set.

    Browsers' games are played one after the other; a game of the host gets an interpreter for each match, as in play.
    """
    entries = [entry for number, one in enumerate(exporters) for entry in _entries(one, replays / str(number))]
    for whole in (True, False):
        matches = [list(group) for _, group in groupby(entries, key=lambda entry: (entry["session"], entry["match"]))]
        chosen = [part for match in matches if (part := _of_stage(match, whole))]
        yield from (part for part in chosen if part[0]["where"] == "host")
        if shared := [entry for part in chosen for entry in part if entry["where"] != "host"]:
            yield shared


def _of_stage(match: list[Entry], whole: bool) -> list[Entry]:
    """The match's episodes up to the last that is wanted: an env may carry something over from those before."""
    kept = [entry if entry["whole"] is whole else {**entry, "members": []} for entry in match]
    last = max((at for at, entry in enumerate(kept) if entry["members"]), default=-1)
    return kept[: last + 1]


@dataclass(frozen=True)
class _Session:
    """What entries are made from."""

    exporter: Exporter
    people: dict[str, Person]
    matches: dict[str, MatchFacts]
    played: dict[tuple[str, str, int], Played]

    def wants(self, key: EpisodeKey) -> bool:
        """Whether this person's episode is one to learn from: whole, of somebody who was neither excluded nor left."""
        person, played = self.people.get(key.participant), self.played.get((key.participant, key.match, key.episode))
        if person is None or played is None or person.erased or person.status == "withdrawn":
            return False
        asked = self.exporter.asked
        return ("partial" in asked or not played.partial) and ("excluded" in asked or person.status != "excluded")

    def member(self, key: EpisodeKey) -> Entry:
        source, row = self.exporter.source, self.exporter.row
        own, match = own_columns(source, key), self.matches[key.match]
        seat = next((each for each in match.seats if each["participant"] == key.participant), {})
        counted = counts_of(source, key)
        outcome, reason = outcome_of(match, key.participant)
        played = self.played[(key.participant, key.match, key.episode)]
        given = {name: value for name, value in own.items() if name.startswith(("condition", "order."))}
        metadata = {
            "session": key.session, "match": key.match, "episode": key.episode, "participant": key.participant,
            "episode_key": f"{key.session}/{key.match}/{key.episode}", "scene": key.scene,
            "seat": self.people[key.participant].seat, "agent": own["agent"], **given,
            "partners": [list(partner) for partner in partners_of(match, seat, row)],
            "outcome": outcome, "outcome_reason": reason, "episode_reason": played.reason, "partial": played.partial,
            "predicted_share": counted.predicted / counted.frames if counted.frames else 0.0,
            "simulated": self.people[key.participant].simulated, "kind": self.exporter.kind,
        }  # fmt: skip
        return {"agent": own["agent"], "participant": key.participant, "frames": played.frames, "metadata": metadata}


def _entries(exporter: Exporter, replays: Path) -> Iterator[Entry]:
    source, row = exporter.source, exporter.row
    found = _Session(
        exporter, people_of(source, row.id), {match.id: match for match in matches_of(source, row.id)},
        {(each.participant, each.match, each.episode): each for each in played_of(source, row.id)},
    )  # fmt: skip
    layout = Layout(source, row.id, replays, exporter.kind)
    keys = sorted(episode_keys(source, row.id), key=lambda key: (key.match, key.episode, key.participant))
    for (match, episode), group in groupby(keys, key=lambda key: (key.match, key.episode)):
        members = list(group)
        what = Told("{format}: match {match}, episode {episode}", format=members[0].scene, match=match, episode=episode)
        with exporter.part(f"minari: {what}"):
            (path,) = write_replay(source, row, layout, members[0])
            body = json.loads(path.read_text("utf-8"))
            chosen = [found.member(key) for key in members if found.wants(key)]
            yield {
                "what": what, "session": row.id, "scene": members[0].scene, "match": match, "episode": episode,
                "study": str(row.experiment.get("id")),
                "title": row.experiment.get("title") or row.experiment.get("id"),
                "replay": str(path), "data": str(source.path.parent.absolute()), "members": chosen,
                "whole": len(chosen) == len(found.matches[match].seats),
                "where": (body.get("game") or {}).get("where"),
            }  # fmt: skip


def _carry_out(job: list[Entry], target: Path, exporter: Exporter, steps: Steps) -> None:
    """One process; when it ends by itself, the episodes it did not tell of are among the failures.

    It works in the folder of the game it plays, so every path it is told is absolute.
    """
    order = {"root": str(target.absolute()), "joint": "joint" in exporter.asked, "authors": [], "episodes": job}
    path = Path(job[0]["replay"]).parent / "order.json"
    path.write_text(json.dumps(order), "utf-8")
    waiting = list(job)
    told = ToldLines(spawn.command("demonstrations", [str(path)]))
    with closing(iter(told)) as lines:
        for answer in lines:
            entry = waiting.pop(0)
            _note(exporter, entry, answer["left_out"])
            steps.done(entry["what"])
    for entry in waiting:
        _note(exporter, entry, Told("The process that played it again {end}", end=told.end))
        steps.done(entry["what"])


def _note(exporter: Exporter, entry: Entry, problem: str | None) -> None:
    if problem and entry["members"]:
        with exporter.part(f"minari: {entry['what']}"):
            raise HostError("left_out", problem)
