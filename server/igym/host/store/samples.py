"""What browsers measured in play, as it is stored: some seconds of it in a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from igym.host.store.store_reader import StoredEvent, StoredRecord


def spread(records: Iterable[StoredRecord]) -> Iterator[StoredRecord]:
    """Each sample of `metrics` records as a record of its own: `at` is when it was measured, `body` is `{values}`.

    Records with a single sample, as they were written before there were several, pass as they are.
    """
    for record in records:
        if record.kind != "metrics" or "samples" not in record.body:
            yield record
            continue
        for sample in record.body["samples"]:
            yield replace(record, at=record.at - sample["age_ms"] / 1000, body={"values": sample["values"]})


def round_trips(events: Iterable[StoredEvent]) -> Iterator[tuple[str, float, float]]:
    """`(participant, unix seconds, rtt_ms)` of every ping that `rtt` events tell, each participant's in order.

    An event tells one ping, or several that were answered before it.
    """
    for event in events:
        newest = (event.body.get("ago_s", 0.0), event.body["rtt_ms"])
        for ago_s, rtt_ms in (*event.body.get("earlier", ()), newest):
            yield str(event.participant), event.at - ago_s, float(rtt_ms)
