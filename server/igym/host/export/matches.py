"""Files about one match: its episodes, the members' comparison, link metrics."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from igym.host.export.absences import Absence, absences
from igym.host.export.columns import blocks_of
from igym.host.export.difference import first_difference
from igym.host.export.episodes import (
    EpisodeColumns,
    EpisodeKey,
    columns_of,
    episode_keys,
    input_counts,
)
from igym.host.export.files import write_csv_columns, write_json
from igym.host.export.kinds import texts
from igym.host.export.layout import Layout
from igym.host.export.names import STUDY
from igym.host.export.own_matches import match_suffix
from igym.host.store.samples import spread
from igym.host.store.store_reader import SessionRow, StoredRecord, StoreReader

FRAMES_AT_ONCE = 3000
"""Large enough for fast columns, small enough for wide ones."""


def write_episode(source: StoreReader, layout: Layout, key: EpisodeKey, suffix: str = "") -> Iterator[Path]:
    """Write one participant's rows of one episode."""
    columns = columns_of(source, key)
    path = layout.episode(key.scene, key.participant, key.episode, match_suffix=suffix)
    write_episode_rows(source, key, columns, path, layout.types.session_kind)
    layout.types[path] = layout.types.columns(columns.names, columns.kinds)
    layout.left_out[path] = dict(columns.left_out)
    yield path


def write_episode_rows(
    source: StoreReader, key: EpisodeKey, columns: EpisodeColumns, path: Path, session_kind: str = STUDY
) -> None:
    """Write the rows of one episode as CSV."""
    blocks = (block.columns for block in blocks_of(source, key, columns, FRAMES_AT_ONCE))
    write_csv_columns(path, columns.names, columns.kinds, blocks, session_kind)


@dataclass(frozen=True)
class MemberRows:
    """What is compared of one member's episode."""

    participant: str
    frames: int
    sha256: str
    chain: str | None
    gaps: list[tuple[int, int]]


def write_comparison(source: StoreReader, row: SessionRow, layout: Layout, match: str) -> Iterator[Path]:
    """Write `<match>_aggregated_metrics.json`: for each episode, whether all members recorded the same."""
    keys = episode_keys(source, layout.session, match=match)
    if not keys:
        return
    formed = first_record(source, layout.session, "match_formed", match)
    episodes = [
        compare_episode(source, layout.session, [key for key in keys if key.episode == number])
        for number in sorted({key.episode for key in keys})
    ]
    value = {
        "experiment": row.experiment.get("id"),
        "session": row.id,
        "match": match,
        "scene": keys[0].scene,
        "members": formed.body.get("players", []) if formed else [],
        "bots": formed.body.get("bots", []) if formed else [],
        "seed": formed.body.get("seed") if formed else None,
        "parity": _together([episode["parity"] for episode in episodes]),
        "episodes": episodes,
        "files": [_file_name(source, layout, key) for key in keys],
    }
    path = layout.aggregated(keys[0].scene, match)
    write_json(path, value)
    yield path


def _file_name(source: StoreReader, layout: Layout, key: EpisodeKey) -> str:
    suffix = match_suffix(source, layout.session, key)
    return layout.episode(key.scene, key.participant, key.episode, match_suffix=suffix).name


def _together(parities: list[str]) -> str:
    """ "identical", "differs", or "missing: …" when that is all that is wrong."""
    wrong = sorted({parity for parity in parities if parity != "identical"})
    if any(parity.startswith("differs") for parity in wrong):
        return "differs"
    return ", ".join(wrong) or "identical"


def compare_episode(source: StoreReader, session: str, keys: list[EpisodeKey]) -> dict[str, Any]:
    """Compare all members' parity columns of one episode, cell by cell as they are written.

    "identical" means: every frame that several have is the same, and whoever has fewer had a reason (`absent`).
    """
    members = [_member(source, key) for key in keys]
    expected = sorted({member.participant for member in members})
    absent = absences(source, session, keys[0].match, keys[0].episode, {m.participant: m.frames for m in members})
    differs = None if len({member.sha256 for member in members}) == 1 else _explained(source, keys, absent)
    missing = [absence.participant for absence in absent if absence.is_missing]
    parity = f"missing: {', '.join(missing)}" if missing else "identical"
    parity = parity if differs is None else f"differs at frame {differs['frame']}"
    return {
        "absent": [vars(absence) for absence in absent],
        "episode": keys[0].episode,
        "parity": parity,
        "first_difference": differs,
        "participants": expected,
        "members": [vars(member) for member in members],
        "inputs": dict(sorted(input_counts(source, keys[0]).items())),
    }


def _member(source: StoreReader, key: EpisodeKey) -> MemberRows:
    columns = columns_of(source, key)
    shared = columns.parity_slice
    kinds = columns.kinds[shared]
    digest, frames = hashlib.sha256("\x1f".join(columns.parity_names).encode()), 0
    for block in blocks_of(source, key, columns, FRAMES_AT_ONCE):
        cells = [texts(series, kind) for series, kind in zip(block.columns[shared], kinds, strict=True)]
        for row in zip(*cells, strict=True):
            digest.update(("\n" + "\x1f".join(row)).encode())
        frames += block.count
    return MemberRows(key.participant, frames, digest.hexdigest(), columns.chain, list(columns.gaps))


def _explained(source: StoreReader, keys: list[EpisodeKey], absent: list[Absence]) -> dict[str, Any] | None:
    """A difference as the comparison file tells it; members who agree as far as both go differ where one ends.

    None when they agree and whoever ends earlier had a reason.
    """
    found = first_difference(source, keys)
    if found["frame"] is None and all(absence.why is not None or absence.is_missing for absence in absent):
        return None
    if found["frame"] is None:
        return {"frame": found["compared"], "columns": [], "why": "rows are missing"}
    alike = len({columns_of(source, key).parity_names for key in keys}) == 1
    why = "values differ" if alike else "columns differ"
    return {"frame": found["frame"], "columns": found["columns"], "why": why}


def write_metrics(source: StoreReader, layout: Layout, participant: str, scene: str) -> Iterator[Path]:
    """Write how the play went for one participant: link, RTT series, rollbacks, stalls, focus, how it ended.

    It tells of the person's newest match in the scene, with the earlier ones under `earlier_matches`.
    """
    *earlier, newest = source.formed_matches(layout.session, participant, scene)
    value: dict[str, Any] = {"participant": participant, "match": newest, "scene": scene, "session": layout.session}
    value |= _course(source, layout.session, participant, newest, (None, newest))
    clock = source.telemetry(layout.session, participant=participant, kind="clock")
    value["clock"] = [{"at": at, **body} for _, at, _, body in clock]
    value["earlier_matches"] = [
        {"match": match, **_course(source, layout.session, participant, match, (match,))} for match in earlier
    ]
    path = layout.of_participant(scene, participant, "_multiplayer_metrics.json")
    write_json(path, value)
    yield path


_OWN = ("metrics", "link", "focus", "warned", "client_error")
_OF_MATCH = ("match_state", "episode_ended", "match_ended", "parity")


def _course(
    source: StoreReader, session: str, participant: str, match: str, belonging: tuple[str | None, ...]
) -> dict[str, Any]:
    """What happened in a match, by kind; of the participant's own records those whose match is one of `belonging`."""
    value: dict[str, Any] = {kind: [] for kind in (*_OWN, *_OF_MATCH)}
    own = source.records(session, kinds=_OWN, participant=participant)
    for record in (*spread(own), *source.records(session, kinds=_OF_MATCH, match=match)):
        if record.match in belonging:
            value[record.kind].append({"at": record.at, **record.body, **_counted(source, session, record)})
    value["status"] = value["match_ended"][-1] if value["match_ended"] else {"reason": "not ended"}
    return value


def _counted(source: StoreReader, session: str, record: StoredRecord) -> dict[str, Any]:
    """Whose episode ended, and of one that broke off what is on disk: more than was known when the match ended."""
    if record.kind != "episode_ended":
        return {}
    who, episode = str(record.participant), int(record.body.get("episode", 0))
    key = EpisodeKey(session, str(record.scene), str(record.match), episode, who)
    columns = columns_of(source, key)
    if not record.body.get("partial") or not columns.counts.frames:
        return {"participant": who}
    frames = columns.counts.frames
    last = frames + sum(count for _, count in columns.gaps) - 1
    return {"participant": who, "frames": frames, "last_frame": last, "chain": columns.chain or ""}


def first_record(source: StoreReader, session: str, kind: str, match: str) -> StoredRecord | None:
    """Return the first record of a kind about a match."""
    return next(iter(source.records(session, kinds=(kind,), match=match)), None)
