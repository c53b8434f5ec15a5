"""`matches.csv` and `episodes.csv`: one line for each member of a match, and for each episode they played."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from igym.host.export.cells import cell
from igym.host.export.described import scene_options
from igym.host.export.episodes import EpisodeKey, counts_of
from igym.host.export.join_keys import Place, place_of
from igym.host.export.people import People, Person, Table, all_key_names, key_cells
from igym.host.export.played import Played, played_of
from igym.host.export.row_counts import EpisodeCounts
from igym.host.export.steps import ExportCancelledError
from igym.host.export.times import iso, seconds_between
from igym.host.store.store_reader import SessionRow, StoredRecord, StoreReader

KINDS = ("match_formed", "match_ended", "substituted", "parity", "link")


@dataclass
class MatchFacts:
    """One match as the records tell it; times are unix seconds."""

    id: str
    scene: str
    formed_at: float
    formed: dict[str, Any]
    ended_at: float | None = None
    ended: dict[str, Any] | None = None
    end: Place | None = None
    replaced: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Participant → how somebody else came to act for them."""
    parity: dict[int, str] = field(default_factory=dict)
    transports: dict[str, list[str]] = field(default_factory=dict)

    @property
    def seats(self) -> list[dict[str, Any]]:
        return [seat for seat in self.formed.get("players", ()) if seat.get("participant")]

    def config(self, episode: int | None = None) -> dict[str, Any]:
        """What the env was made with where its people decided it; with ``episode``, what that one was like as well."""
        fixed = self.formed.get("fixed") or {}
        each = fixed.get("episode_config") or [{}]
        return {**fixed.get("config", {}), **({} if episode is None else each[episode % len(each)])}

    def pool(self, episode: int | None = None) -> dict[str, str]:
        """Agent → which bot of its pool played, in this episode or, parted by semicolons, in any."""
        names: dict[str, list[str]] = (self.formed.get("fixed") or {}).get("pool_names") or {}
        return {
            agent: "; ".join(dict.fromkeys(drawn)) if episode is None else drawn[episode % len(drawn)]
            for agent, drawn in names.items()
        }

    def settled(self, episode: int | None = None) -> dict[str, Any]:
        """Column → value of all that was settled when the match was formed."""
        config = {f"config.{name}": value for name, value in self.config(episode).items()}
        return config | {f"policy.{agent}": name for agent, name in self.pool(episode).items()}


def matches_of(source: StoreReader, session: str) -> list[MatchFacts]:
    """Return every match of a session in the order in which they were formed."""
    found: dict[str, MatchFacts] = {}
    for record in source.records(session, kinds=KINDS):
        match = found.get(str(record.match))
        if record.kind == "match_formed":
            found[str(record.match)] = MatchFacts(str(record.match), str(record.scene), record.at, record.body)
        elif match is not None:
            _take(match, record)
    return list(found.values())


def _take(match: MatchFacts, record: StoredRecord) -> None:
    if record.kind == "match_ended":
        match.ended_at, match.ended, match.end = record.at, record.body, place_of(record)
    elif record.kind == "substituted":
        match.replaced[str(record.participant)] = record.body
    elif record.kind == "parity":
        match.parity[int(record.body["episode"])] = str(record.body["result"])
    elif record.body.get("state") == "up":
        match.transports.setdefault(str(record.participant), []).append(str(record.body.get("transport")))


def partners_of(match: MatchFacts, own: dict[str, Any], row: SessionRow) -> list[tuple[str, str, str]]:
    """`(who, agent, kind)` of everybody else: people by id, bots by the name of their agent. Kinds: human, bot, policy.

    A bot follows rules or chance; a policy is a trained network.
    """
    people = [(str(seat["participant"]), str(seat.get("agent")), "human") for seat in match.seats if seat is not own]
    policies = scene_options(row.experiment, match.scene).get("policies") or {}
    return [
        *people,
        *((str(bot), str(bot), _kind(policies, str(bot), match)) for bot in match.formed.get("bots") or ()),
    ]


def _kind(policies: dict[str, Any], agent: str, match: MatchFacts) -> str:
    entries = policies.get("mapping") or ()
    described = next((entry["policy"] for entry in entries if str(entry["agent"]) == agent), None)
    drawn = (match.formed.get("fixed") or {}).get("pools", {}).get(agent)
    if drawn and isinstance(described, dict) and isinstance(described.get("policies"), list):
        described = described["policies"][drawn[0]]
    kind = described.get("kind") if isinstance(described, dict) else None
    return "policy" if kind == "onnx" else "bot"


def outcome_of(match: MatchFacts, participant: str) -> tuple[str, str | None]:
    """How it ended for one member: complete, early, left (through or without this person) or running; and why."""
    if found := match.replaced.get(participant):
        return "left", found.get("reason")
    if match.ended is None:
        return "running", None
    reason = str(match.ended.get("reason"))
    if reason == "complete":
        return "complete", None
    return "left" if participant in (match.ended.get("who") or ()) else "early", reason


MATCH_HEADER = (
    "scene", "match", "player", "agent", "seat", "members", "partner", "partner_agent", "partner_kind", "group",
    "seed", "formed_at", "formed_at_iso", "ended_at", "ended_at_iso", "duration_s", "episodes", "partial_episodes",
    "frames", "absent_frames", "predicted_frames", "rollback_frames", "stall_ms", "transport", "rtt_ms", "score",
    "parity", "outcome", "reason",
)  # fmt: skip
EPISODE_HEADER = (
    "scene", "match", "player", "agent", "partner", "episode", "started_at", "started_at_iso", "ended_at",
    "ended_at_iso", "duration_s", "frames", "absent_frames", "predicted_frames", "rollback_frames", "score", "parity",
    "partial", "reason",
)  # fmt: skip


@dataclass(frozen=True)
class Member:
    """One person in one match, with what they played there."""

    row: SessionRow
    person: Person | None
    match: MatchFacts
    seat: dict[str, Any]
    episodes: list[Played]
    most: dict[int, int]
    """Episode → frames of the member who has most."""

    @property
    def id(self) -> str:
        return str(self.seat["participant"])

    def absent(self, episode: Played) -> int:
        """Frames of an episode that somebody else of the match has and this member has not."""
        return self.most[episode.episode] - episode.frames


def members_of(source: StoreReader, row: SessionRow, people: dict[str, Person]) -> Iterator[Member]:
    """Yield every member of every match of a session."""
    by_match: dict[str, list[Played]] = {}
    for episode in played_of(source, row.id):
        by_match.setdefault(episode.match, []).append(episode)
    for match in matches_of(source, row.id):
        played = by_match.get(match.id, [])
        most: dict[int, int] = {}
        for episode in played:
            most[episode.episode] = max(most.get(episode.episode, 0), episode.frames)
        for seat in match.seats:
            own = [episode for episode in played if episode.participant == seat["participant"]]
            own.sort(key=lambda episode: episode.episode)
            yield Member(row, people.get(str(seat["participant"])), match, seat, own, most)


def matches_table(source: StoreReader, people: People) -> Table:
    """`matches.csv`: one row per match and member, in the sessions in `people`."""
    names, everyone = all_key_names(people), list(_everyone(source, people))
    more = sorted({name for member in everyone for name in member.match.settled()})
    rows = [[*_match_row(source, member, names), *_values(more, member.match.settled())] for member in everyone]
    return ["session", "participant", *names, *MATCH_HEADER, *more], rows


def episodes_table(source: StoreReader, people: People) -> Table:
    """`episodes.csv`: one row per episode and member, in the sessions in `people`."""
    names, everyone = all_key_names(people), list(_everyone(source, people))
    settled = (member.match.settled(episode.episode) for member in everyone for episode in member.episodes)
    more = sorted({name for values in settled for name in values})
    rows = [row for member in everyone for row in _episode_rows(source, member, names, more)]
    return ["session", "participant", *names, *EPISODE_HEADER, *more], rows


def _values(names: list[str], settled: dict[str, Any]) -> list[str | None]:
    return [cell(settled[name]) if name in settled else None for name in names]


def _everyone(source: StoreReader, people: People) -> Iterator[Member]:
    for row in source.sessions():
        if row.id in people:
            yield from members_of(source, row, people[row.id])


def _head(member: Member, names: list[str], end: Place | None) -> list[Any]:
    keys = key_cells(member.person, names, end)
    return [member.row.id, member.id, *keys, member.match.scene, member.match.id, member.seat.get("player"),
            member.seat.get("agent")]  # fmt: skip


def _match_row(source: StoreReader, member: Member, names: list[str]) -> list[Any]:
    match, own = member.match, member.episodes
    others = partners_of(match, member.seat, member.row)
    partners = [" ".join(part) or None for part in zip(*others, strict=True)] or [None, None, None]
    counted = EpisodeCounts()
    for episode in own:
        counted = counted.plus(_counts(source, member, episode))
    times = [match.formed_at, iso(match.formed_at), match.ended_at, iso(match.ended_at),
             seconds_between(match.formed_at, match.ended_at)]  # fmt: skip
    frames = [sum(each.frames for each in own), sum(map(member.absent, own))]
    ways = counted.transports or tuple(dict.fromkeys(match.transports.get(member.id, ())))
    played = [len(own), sum(each.partial for each in own), *frames, counted.predicted, counted.rollback_frames]
    measured = [round(counted.stall_ms, 3), " ".join(ways) or None, counted.rtt_ms, _score(own, member.seat)]
    formed = [match.formed.get("group"), match.formed.get("seed"), *times]
    seat = member.person.seat if member.person else None
    return [*_head(member, names, match.end), seat, len(match.seats), *partners, *formed, *played, *measured,
            _parity(match, own), *outcome_of(match, member.id)]  # fmt: skip


def _counts(source: StoreReader, member: Member, episode: Played) -> EpisodeCounts:
    """Rows that cannot be read add up to nothing here; the export of their own file tells of them."""
    key = EpisodeKey(member.row.id, episode.scene, episode.match, episode.episode, member.id)
    try:
        return counts_of(source, key) if episode.frames else EpisodeCounts()
    except (ExportCancelledError, OSError):
        raise
    except Exception:
        return EpisodeCounts()


def _score(own: list[Played], seat: dict[str, Any]) -> float | None:
    scores = [score for each in own if (score := each.score_of(seat.get("agent"))) is not None]
    return sum(scores) if scores else None


def _parity(match: MatchFacts, own: list[Played]) -> str | None:
    """Over the episodes this member played; None until one is compared."""
    found = {match.parity[each.episode] for each in own if each.episode in match.parity}
    return "differs" if "differs" in found else next(iter(found), None)


def _episode_rows(source: StoreReader, member: Member, names: list[str], more: list[str]) -> Iterator[list[Any]]:
    others = partners_of(member.match, member.seat, member.row)
    partner = " ".join(who for who, _, _ in others) or None
    for each in member.episodes:
        counted = _counts(source, member, each)
        times = [each.started_at, iso(each.started_at), each.ended_at, iso(each.ended_at),
                 seconds_between(each.started_at, each.ended_at)]  # fmt: skip
        counts = [each.frames, member.absent(each), counted.predicted, counted.rollback_frames]
        end = [
            each.score_of(member.seat.get("agent")),
            member.match.parity.get(each.episode),
            each.partial,
            each.reason,
        ]
        yield [*_head(member, names, each.end), partner, each.episode, *times, *counts, *end,
               *_values(more, member.match.settled(each.episode))]  # fmt: skip
