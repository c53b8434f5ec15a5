"""What a run of simulated participants measured: times, refusals, rows, and whether partners' recordings agree."""

from __future__ import annotations

import asyncio
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from igym.host.base.clock import steady_s
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader

LOOK_EVERY_S = 0.5
STAMPS = ("identical", "differs", "unknown")
_TIMES = {
    "join_ms": "Join button to place",
    "ack_ms": "Batch of rows to acknowledgement",
    "signal_ms": "Signal to a partner and back",
}


def measures(people: Sequence[SimulatedParticipant]) -> dict[str, Any]:
    """`{join_ms, ack_ms, signal_ms, joins, messages_refused, rows, matches}`.

    Each time is `{n, p50, p99}` in ms, or None when there is none: `ack_ms` from sending a batch of rows to its
    acknowledgement, `signal_ms` from a page to its partner's and back.
    """
    clients = [person.client for person in people]
    return {
        "join_ms": spread([client.join_ms for client in clients if client.join_ms is not None]),
        "ack_ms": spread([ms for person in people for ms in person.ack_ms]),
        "signal_ms": spread([ms for person in people for ms in person.signal_ms]),
        "joins": {
            "accepted": sum(client.join_ms is not None for client in clients),
            "refused": sum(client.join_refused for client in clients),
            "put_off": sum(client.joins_put_off for client in clients),
        },
        "messages_refused": sum(len(client.refused) for client in clients),
        "rows": _rows(people, sum(frames for person in people for frames in person.stored.values())),
        "matches": _tally(stamps_of_pages(people), "pages"),
    }


def spread(samples: Sequence[float]) -> dict[str, float] | None:
    """Median and 99th percentile."""
    if not samples:
        return None
    p99 = statistics.quantiles(samples, n=100, method="inclusive")[98] if len(samples) > 1 else samples[0]
    return {"n": len(samples), "p50": round(statistics.median(samples), 2), "p99": round(p99, 2)}


def _rows(people: Sequence[SimulatedParticipant], stored: int) -> dict[str, float | None]:
    """How many rows are on disk, and how many a second came from the first batch sent to the last acknowledged."""
    spans = [person.rows_span for person in people if person.rows_span is not None]
    took_s = max(end for _, end in spans) - min(begin for begin, _ in spans) if spans else 0.0
    return {"stored": stored, "per_s": round(stored / took_s, 1) if took_s else None}


def stamps_of_pages(people: Iterable[SimulatedParticipant]) -> dict[str, str]:
    """Match → "identical", "differs" or "unknown": a member was not simulated, or did not play an episode to its end.

    Two recordings are the same when they have as many frames and the same chained hash.
    """
    told: defaultdict[str, dict[int, list[tuple[int, str]]]] = defaultdict(dict)
    members: dict[str, int] = {}
    for person in people:
        members |= person.members
        for (match, episode), recording in person.recorded.items():
            told[match].setdefault(episode, []).append(recording)
    return {
        match: _together(_agreement(recordings, number) for recordings in told[match].values())
        for match, number in members.items()
    }


def _agreement(recordings: Sequence[tuple[int, str]], members: int) -> str:
    if len(set(recordings)) > 1:
        return "differs"
    return "identical" if len(recordings) == members else "unknown"


def _together(episodes: Iterable[str]) -> str:
    found = set(episodes)
    return "differs" if "differs" in found else "identical" if found == {"identical"} else "unknown"


async def of_host(
    database: Path, session: str, people: Sequence[SimulatedParticipant], limit_s: float
) -> dict[str, Any]:
    """`{rows, matches}` as the host stored them; its last comparisons are waited for, at most `limit_s`."""
    wanted = {match for person in people for match in person.members}
    end = steady_s() + limit_s
    while True:
        stamps = await asyncio.to_thread(_stored_stamps, database, session, wanted)
        if "unknown" not in stamps.values() or steady_s() > end:
            break
        await asyncio.sleep(LOOK_EVERY_S)
    stored = await asyncio.to_thread(_stored_rows, database, session, {person.client.participant for person in people})
    return {"rows": _rows(people, stored), "matches": _tally(stamps, "host")}


def _stored_stamps(database: Path, session: str, matches: Iterable[str]) -> dict[str, str]:
    """Match → "identical", "differs" or "unknown" (not compared yet, or without rows)."""
    with StoreReader(database) as reader:
        recorded = {(match, episode) for _, match, episode, _ in reader.episodes(session)}
        results = {
            (record.match, record.body["episode"]): str(record.body["result"])
            for record in reader.records(session, kinds=("parity",))
        }
    return {
        match: _together(results.get(place, "unknown") for place in recorded if place[0] == match) for match in matches
    }


def _stored_rows(database: Path, session: str, people: set[str]) -> int:
    with StoreReader(database) as reader:
        return sum(batch.count for batch in reader.batch_keys(session) if batch.participant in people)


def _tally(stamps: Mapping[str, str], by: str) -> dict[str, Any]:
    """`{played, identical, differs, unknown, compared_by}`; `by` is "pages" or "host"."""
    count = Counter(stamps.values())
    return {"played": len(stamps), **{name: count[name] for name in STAMPS}, "compared_by": by}


def as_text(found: dict[str, Any]) -> list[str]:
    """The measures as lines for a terminal."""
    joins, rows, matches = found["joins"], found["rows"], found["matches"]
    speed = f", {rows['per_s']:g} a second" if rows["per_s"] else ""
    by = "by the host" if matches["compared_by"] == "host" else "from what the pages recorded"
    return [
        f"{'':<32}{'n':>7}{'p50':>12}{'p99':>12}",
        *(_time_line(words, found[name]) for name, words in _TIMES.items()),
        f"Joins: {joins['accepted']} accepted, {joins['refused']} refused; {joins['put_off']} times the host was busy. "
        f"Messages refused: {found['messages_refused']}.",
        f"Rows: {rows['stored']} on the host's disk{speed}.",
        f"Matches: {matches['played']} played, recordings compared {by}: {matches['identical']} identical, "
        f"{matches['differs']} different, {matches['unknown']} unknown.",
    ]


def _time_line(words: str, spread_ms: dict[str, float] | None) -> str:
    if spread_ms is None:
        return f"{words:<32}{0:>7}{'–':>12}{'–':>12}"
    return f"{words:<32}{spread_ms['n']:>7}{spread_ms['p50']:>9.1f} ms{spread_ms['p99']:>9.1f} ms"
