"""What browsers tell of themselves while they play: stored together, read one by one, and only what is asked for."""

from __future__ import annotations

import asyncio
import csv
import json
from pathlib import Path

import pytest

from igym.host.export.exporter import Exporter
from igym.host.files.export_formats import write_format
from igym.host.session.details import participant_details
from igym.host.store.samples import round_trips
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from tests.host.conftest import PAIR, StartEngine
from tests.host.export.store_builder import StoreBuilder
from tests.host.messages import measured
from tests.host.test_budgets import two_play
from tests.host.test_hostile_messages import settled

SAMPLES = [{"age_ms": 2000.0, "values": {"fps": 28}}, {"age_ms": 1000.0, "values": {"fps": 29}}]


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """A session with one message of two samples and one as they were written before."""
    builder = StoreBuilder(tmp_path).session("s1").two_player_match("m1", "duel", ("ann", "bob"))
    builder.play("ann", "m1", "duel", [({"rewards.a0": 1.0}, {"focused": True})])
    builder.record("metrics", "ann", "m1", "duel", samples=SAMPLES)
    builder.record("metrics", "ann", "m1", "duel", values={"fps": 30})
    builder.close()
    return tmp_path


def test_every_table_has_a_second_of_its_own_for_each_sample(stored: Path) -> None:
    with StoreReader(stored / DATABASE) as reader:
        told = list(reader.records("s1", kinds=("metrics",)))
        assert [len(record.body.get("samples", ())) for record in told] == [2, 0]
        expected = [(told[0].at - 2, 28), (told[0].at - 1, 29), (told[1].at, 30)]
        write_format(Exporter(reader, stored, "s1"), "csv")
        drawer = participant_details(reader, "s1", "ann")["metrics"]
    assert [(entry["at"], entry["body"]["values"]["fps"]) for entry in drawer] == expected
    with next(stored.rglob("telemetry/ann.csv")).open(encoding="utf-8-sig") as file:
        lines = [line for line in csv.DictReader(file) if line["kind"] == "metrics"]
    assert [(float(line["at"]), float(line["value"])) for line in lines] == expected
    [course] = stored.rglob("ann_multiplayer_metrics.json")
    entries = json.loads(course.read_text(encoding="utf-8"))["metrics"]
    assert [(entry["at"], entry["values"]["fps"]) for entry in entries] == expected


def test_round_trips_told_together_make_the_same_tables_as_one_by_one(tmp_path: Path) -> None:
    """Several in an event change how many events there are, and nothing of what can be read."""
    found = []
    for name, told in {
        "together": [(10.0, {"rtt_ms": 7.0, "ago_s": 1.5, "earlier": [[5.5, 3.0], [3.5, 5.0]]})],
        "alone": [(4.5, {"rtt_ms": 3.0}), (6.5, {"rtt_ms": 5.0}), (8.5, {"rtt_ms": 7.0})],
    }.items():
        folder = tmp_path / name
        builder = StoreBuilder(folder).session("s1").two_player_match("m1", "duel", ("ann", "bob"))
        for at, body in told:
            builder.event("rtt", "ann", 1000.0 + at, **body)
        builder.close()
        with StoreReader(folder / DATABASE) as reader:
            write_format(Exporter(reader, folder, "s1"), "csv")
            drawer = participant_details(reader, "s1", "ann")["rtt"]
        table = next(folder.rglob("telemetry/ann.csv")).read_bytes()
        found.append((table, drawer))
    assert found[0] == found[1]
    assert [entry["at"] for entry in found[0][1]] == [1004.5, 1006.5, 1008.5]


@pytest.mark.parametrize("asked", [False, True])
async def test_pointers_and_pings_are_events_of_their_own_only_where_a_rule_asks(
    start_engine: StartEngine, asked: bool
) -> None:
    rules = '{"inactivity_warn_s": 60, "max_ping_ms": 10_000}'
    monitored = PAIR.replace(".gameplay(", f".multiplayer(monitoring={rules}).gameplay(")
    engine = await start_engine(monitored if asked else PAIR)
    players, tasks = await two_play(engine, frames=60, speed=1)
    client = players[0].client
    for _ in range(3):
        await client.send("activity", {"at_ms": 1.0})
        await client.send("metrics", measured(client.visit, "m001", fps=30))
    await settled(client)
    connection = engine.pages.connections.live(client.participant)
    assert connection is not None
    for _ in range(3):
        # Pings beside the engine's own, which would take six seconds for as many.
        await client.send("pong", {"n": connection.pings.send(engine.clock())})
        await settled(client)
    await asyncio.gather(*tasks)
    await engine.stop("all done")
    [parity] = Path(engine.folder).rglob("*_aggregated_metrics.json")
    assert json.loads(parity.read_text(encoding="utf-8"))["parity"] == "identical"
    with StoreReader(engine.folder / DATABASE) as reader:
        events = [json.dumps(event.body) for event in reader.events(engine.begun.id, types=("message",))]
        pings = list(reader.events(engine.begun.id, types=("rtt",)))
        answered = list(round_trips(pings))
    assert sum('"activity"' in body for body in events) == (3 if asked else 0)
    assert sum('"metrics"' in body for body in events) >= 3
    # In a running match; before it screening waits for each.
    assert any(event.body["earlier"] for event in pings) is not asked
    table = next(Path(engine.folder).rglob(f"telemetry/{client.participant}.csv")).read_text("utf-8-sig")
    lines = [float(line["at"]) for line in csv.DictReader(table.splitlines()) if line["kind"] == "rtt"]
    assert lines == [at for who, at, _ in answered if who == client.participant] == sorted(lines)
