"""`igym demonstrations ORDER`: a process of its own plays recorded matches again and adds them to Minari sets.

One line of JSON for each episode: `{what, left_out}`, `left_out` saying why it is in no set, or null.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from igym.host.base.errors import HostError
from igym.host.base.json_lines import say, take_over_stdout
from igym.host.demonstrations.decisions import Decisions, decisions_of
from igym.host.demonstrations.recovery import env_spec_of, lend_wheels, requirements_of
from igym.host.demonstrations.sets import JOINT, Asked, DemonstrationSet, joined_decisions, joint_space, set_id
from igym.host.demonstrations.spaces import UnfitError
from igym.host.demonstrations.walk import Walked, walked, with_stored
from igym.host.export.episodes import EpisodeKey, batches_of
from igym.host.export.files import sha256_of
from igym.host.hostenv.kept_packages import unpack
from igym.host.replay.again import opened, told
from igym.host.replay.files import Game, ReplayFile, game_of
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from igym.host.studies.env_bridge import game_copy
from igym.protocol.told import Told

Entry = dict[str, Any]


def main(arguments: list[str]) -> int:
    replies = take_over_stdout()
    order = json.loads(Path(arguments[0]).read_text("utf-8"))
    with tempfile.TemporaryDirectory(prefix="igym-packages-", ignore_cleanup_errors=True) as packages:
        sys.path.insert(0, packages)
        for _, group in groupby(order["episodes"], key=lambda entry: (entry["session"], entry["match"])):
            _match(order, list(group), Path(packages), replies)
    replies.flush()
    # What an env has started must not keep this process alive.
    os._exit(0)


def _match(order: Entry, entries: list[Entry], packages: Path, replies: IO[str]) -> None:
    told_of = 0
    try:
        for entry, problem in _added(order, entries, packages):
            told_of += 1
            say(replies, {"what": entry["what"], "left_out": problem})
    except Exception as error:
        why = error.text if isinstance(error, HostError) else told(error)
        for entry in entries[told_of:]:
            say(replies, {"what": entry["what"], "left_out": why})


def _replay(entry: Entry) -> ReplayFile:
    path = Path(entry["replay"])
    return ReplayFile(path, Path(entry["data"]), json.loads(path.read_text("utf-8")))


def _added(order: Entry, entries: list[Entry], packages: Path) -> Iterator[tuple[Entry, str | None]]:
    first = _replay(entries[0])
    game = game_of(first)
    if game.on_host and (lacking := unpack(game.lock, first.root, packages)):
        raise HostError("not_kept", f"{'; '.join(lacking)}.")
    lend_wheels(game)
    with game_copy(game.bundle, game.sources, whole=game.on_host) as folder:
        bridge = opened(game, first, folder)
        for entry in entries:
            replay = _replay(entry)
            found = walked(bridge, replay)
            yield entry, _episode(order, entry, _Played(bridge, game, replay, found)) if entry["members"] else None


class _Played:
    """An episode as it went again, with what its sets are made from."""

    def __init__(self, bridge: Any, game: Game, replay: ReplayFile, found: Walked) -> None:
        self.bridge, self.game, self.replay, self.found = bridge, game, replay, found

    def space(self, kind: str, agent: str) -> Any:
        return getattr(self.bridge.play.adapter, kind)(agent)

    def decisions(self, entry: Entry, member: Entry) -> Decisions:
        """Of one member, as far as their own rows go. Raises `UnfitError` when they decided nothing."""
        stored = _stored(entry, member["participant"])
        found = Walked(self.found.start, self.found.moments[: member["frames"]], self.found.exact)
        if not found.exact:
            self._refuse_guesses(stored, member)
            found = with_stored(found, stored)
        agent = str(member["agent"])
        others = [other for other in self.bridge.play.adapter.agents if other != agent]
        made = decisions_of(agent, found, others)
        if not len(made):
            raise UnfitError(Told("{player} decided nothing in it", player=agent))
        return made

    def _refuse_guesses(self, stored: dict[str, list[Any]], member: Entry) -> None:
        head = f"observations.{member['agent']}."
        if not any(name.startswith(head) for name in stored):
            raise UnfitError(
                Told(
                    "it does not go again exactly on this computer, and its observations were not recorded, so "
                    "they are not known"
                )
            )

    def metadata(self, member: Entry, made: Decisions) -> Entry:
        return {
            **member["metadata"],
            "exact": self.found.exact,
            "absent_share": made.absent / len(made),
            "reward_before_first_decision": made.early_reward,
            "policies": _policies(self.game, self.replay),
            "source_sha256": self.replay.body.get("sources_sha256") or (self.replay.body["game"] or {}).get("sha256"),
            "episode_seed": self.replay.body["episode_seed"],
        }


def _stored(entry: Entry, participant: str) -> dict[str, list[Any]]:
    key = EpisodeKey(entry["session"], entry["scene"], entry["match"], entry["episode"], participant)
    found: dict[str, list[Any]] = {}
    count = 0
    with StoreReader(Path(entry["data"]) / DATABASE) as reader:
        for batch, skip in batches_of(reader, key):
            for name, series in batch["parity"].items():
                column = found.setdefault(name, [])
                column.extend([None] * (count - len(column)))
                column.extend(series[skip:])
            count += batch["count"] - skip
    return {name: column + [None] * (count - len(column)) for name, column in found.items()}


def _episode(order: Entry, entry: Entry, played: _Played) -> str | None:
    """Add it to the set of each of its members; the reason why it is in none of them, or not in all."""
    problems, parts = [], {}
    for member in entry["members"]:
        agent = str(member["agent"])
        try:
            made = parts[agent] = played.decisions(entry, member)
            _add(order, entry, played, agent, made, played.metadata(member, made))
        except UnfitError as error:
            problems.append(f"{agent}: {error}")
    if order["joint"] and len(parts) > 1 and entry["whole"] and not problems:
        try:
            _add_joint(order, entry, played, parts)
        except UnfitError as error:
            problems.append(Told("all agents together: {error}", error=error))
    return "; ".join(problems) or None


def _add(order: Entry, entry: Entry, played: _Played, agent: str, made: Decisions, metadata: Entry) -> None:
    name = set_id(entry["study"], entry["scene"], agent)
    proposed = {kind: played.space(kind, agent) for kind in ("action_space", "observation_space")}
    _put(order, entry, name, proposed, made, metadata, played)


def _add_joint(order: Entry, entry: Entry, played: _Played, parts: dict[str, Decisions]) -> None:
    name = set_id(entry["study"], entry["scene"], JOINT)
    proposed = {
        kind: joint_space({agent: played.space(kind, agent) for agent in parts})
        for kind in ("action_space", "observation_space")
    }
    joined = joined_decisions(parts)
    members = [played.metadata(member, parts[str(member["agent"])]) for member in entry["members"]]
    shared = ("exact", "policies", "source_sha256", "episode_seed", "session", "match", "episode", "episode_key")
    metadata = {name: members[0][name] for name in shared} | {"members": members}
    _put(order, entry, name, proposed, joined, metadata, played)


def _put(
    order: Entry, entry: Entry, name: str, proposed: Entry, made: Decisions, metadata: Entry, played: _Played
) -> None:
    root = Path(order["root"])
    found = DemonstrationSet.opened(root, name)
    if found is None:
        together = made.agent == JOINT
        spec = None if together else env_spec_of(name, played.bridge, played.game, played.replay, made.agent)
        asked = Asked(root, name, _description(entry, made.agent), requirements_of(played.game, spec), order["authors"])
        found = DemonstrationSet.begun(asked, proposed, made, spec)
    found.add(made, metadata["episode_seed"], metadata)


def _description(entry: Entry, agent: str) -> str:
    who = "all agents of" if agent == JOINT else f"people who play {agent} in"
    return f"Decisions of {who} scene {entry['scene']} of the study {entry['title']}, as recorded frame by frame."


def _policies(game: Game, replay: ReplayFile) -> Entry:
    """Agent → the bot that acted, with the SHA-256 of its file."""
    found: Entry = {}
    fixed = replay.body.get("fixed") or {}
    for entry in game.bundle["spec"]["policies"]["agents"]:
        agent, policy = str(entry["agent"]), entry
        policy = (fixed.get("bot_policies") or {}).get(agent, policy)
        if drawn := (fixed.get("pools") or {}).get(agent):
            policy = policy["policies"][drawn[replay.episode % len(drawn)]]
        if policy["kind"] == "human":
            continue
        file = policy.get("path") or str(policy.get("function") or "").partition(":")[0]
        path = game.sources / file
        digest = sha256_of(path) if file and path.is_file() else None
        found[agent] = {"kind": policy["kind"], "file": file or None, "sha256": digest}
    return found
