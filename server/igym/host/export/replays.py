"""`replays/<match>_ep<N>.igr.json`: what is needed to play an episode again and to tell whether it went the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from igym.host.export.episodes import EpisodeKey, batches_of, columns_of, episode_keys, fps_of
from igym.host.export.files import sha256_of, write_json
from igym.host.export.kept_games import copy_at, game_file
from igym.host.export.layout import Layout
from igym.host.store.store_reader import SessionRow, StoreReader

REPLAY_FORMAT = "igym-replay/2"
CHECK_DIGITS = 8
SEEDS = 2**31


@dataclass
class Member:
    """What one member's browser recorded of an episode, up to the first missing frame."""

    key: EpisodeKey
    inputs: dict[str, list[int]] = field(default_factory=dict)
    checks: str = ""
    """Put together by `close`: adding to one long text again and again would copy it each time."""
    pieces: list[str] = field(default_factory=list)
    chain: str | None = None
    globals: dict[str, Any] | None = None
    frames: int = 0

    def take(self, batch: dict[str, Any], skip: int) -> bool:
        """Add one batch without the `skip` frames that are there already; False when frames before it are missing."""
        if batch["first"] + skip > self.frames:
            return False
        for player, series in batch["inputs"].items():
            self.inputs.setdefault(str(player), []).extend(series[skip:])
        self.pieces.append(batch.get("checks", "")[skip * CHECK_DIGITS :])
        self.chain = batch.get("chain")
        self.globals = batch.get("globals", self.globals)
        self.frames = batch["first"] + batch["count"]
        return True

    def series(self) -> list[list[int]]:
        """The inputs of each player."""
        return [self.inputs[player] for player in sorted(self.inputs)]

    def close(self) -> None:
        """Nothing more follows. Checksums that do not cover every frame are of no use."""
        checks, self.pieces = "".join(self.pieces), []
        self.checks = checks if len(checks) == self.frames * CHECK_DIGITS else ""


def member_of(source: StoreReader, key: EpisodeKey) -> Member:
    """Read what one member recorded."""
    member = Member(key)
    for batch, skip in batches_of(source, key):
        if not member.take(batch, skip):
            break
    member.close()
    return member


def write_replay(source: StoreReader, row: SessionRow, layout: Layout, key: EpisodeKey) -> Iterator[Path]:
    """Write an episode's replay (see `replay_body`)."""
    path = layout.replay(key.match, key.episode)
    write_json(path, replay_body(source, row, key), source.check)
    yield path


def replay_body(source: StoreReader, row: SessionRow, key: EpisodeKey) -> dict[str, Any]:
    """An episode's replay, following the member whose rows most others recorded too; all are told beside."""
    keys = episode_keys(source, row.id, match=key.match)
    members = [member_of(source, other) for other in keys if other.episode == key.episode]
    followed = max(members, key=lambda member: (_confirmed_by(member, members), member.frames))
    formed = next(iter(source.records(row.id, kinds=("match_formed",), match=key.match)), None)
    facts = formed.body if formed else {}
    seed = facts.get("seed")
    return {
        "format": REPLAY_FORMAT,
        "experiment": row.experiment.get("id"),
        "experiment_version": row.experiment.get("version"),
        "app_version": row.app_version,
        "session": row.id,
        "match": key.match,
        "scene": key.scene,
        "episode": key.episode,
        "seed": seed,
        "episode_seed": None if seed is None else (int(seed) + key.episode) % SEEDS,
        "players": facts.get("players", []),
        "bots": facts.get("bots", []),
        "fixed": facts.get("fixed", {}),
        "fps": fps_of(row, key.scene),
        "frames": followed.frames,
        "inputs": followed.inputs,
        "recorded": [_recorded(source, member, followed) for member in members],
        "reason": _reason(source, row.id, key),
        "sources_sha256": row.options.get("sources_sha256"),
        **_game(source.path.parent, row.id, key.scene, formed.at if formed else 0.0),
    }


def _confirmed_by(member: Member, members: list[Member]) -> int:
    """How many others recorded the same, as far as both go: having sent more makes nobody more credible."""
    return sum(
        all(
            one == told
            for one, told in zip(zip(*member.series(), strict=False), zip(*other.series(), strict=False), strict=False)
        )
        for other in members
        if other is not member and other.frames
    )


def _recorded(source: StoreReader, member: Member, followed: Member) -> dict[str, Any]:
    """A member's checksums; left out where they are those of the one that is followed."""
    same = followed is not member and bool(member.checks) and followed.checks.startswith(member.checks)
    return {
        "participant": member.key.participant,
        "frames": member.frames,
        "followed": member is followed,
        "chain": member.chain,
        **({"same_as_followed": True} if same else {"checks": member.checks}),
        **({} if member.globals is None else {"globals": member.globals}),
        "gaps": list(columns_of(source, member.key).gaps),
    }


def _reason(source: StoreReader, session: str, key: EpisodeKey) -> str | None:
    ended = source.records(session, kinds=("episode_ended",), match=key.match)
    return next((r.body.get("reason") for r in ended if r.body.get("episode") == key.episode), None)


def _game(folder: Path, session: str, scene: str, at: float) -> dict[str, Any]:
    """Which kept game was played, with the hashes of its files and packages."""
    copy = copy_at(folder, session, at)
    path = game_file(copy, scene) if copy else None
    if copy is None or path is None:
        return {"game": None, "packages": []}
    game = json.loads(path.read_text("utf-8"))
    return {
        "game": {
            "copy": copy.relative_to(folder).as_posix(),
            "file": path.relative_to(folder).as_posix(),
            "sha256": sha256_of(path),
            "where": game["spec"]["runtime"]["where"],
            "env": game["spec"]["environment"].get("file") or game["spec"]["environment"].get("entry_point"),
            "files": {**game["files"], **game.get("data", {})},
        },
        "packages": game["package_lock"],
        "runtime": game["runtime"],
    }
