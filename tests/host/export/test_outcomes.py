"""Who finished, who did not, and where: as somebody reads it who opens participants.csv and payments.csv."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from igym.core.effects import Record
from igym.core.events import Answered
from igym.experiment.scenes import CompletionCodeScene, EndScene, TextBox
from igym.host.export.exporter import Exporter
from igym.host.store.store_reader import StoreReader
from tests.core.experiments import game, make
from tests.core.world import World, start_playing
from tests.host.export.store_builder import StoreBuilder


def pay(context: Any) -> int:
    return 5


def pay_all(world: World) -> None:
    while world.asked_until:
        world.do(Answered(next(iter(world.asked_until)), 5, None))


def export(world: World, folder: Path) -> None:
    """What the core wrote down, stored and exported."""
    builder = StoreBuilder(folder).session("s1")
    for effect in world.effects:
        if isinstance(effect, Record):
            builder.record(effect.kind, effect.participant, effect.match, effect.scene, **effect.body)
    builder.close()
    with StoreReader(builder.path) as reader:
        exporter = Exporter(reader, folder, "s1")
        exporter.export_tables()
        assert not exporter.failures


def table(folder: Path, name: str) -> dict[str, dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return {row["participant"]: row for row in csv.DictReader(file)}


def test_what_the_tables_say_of_each_ending_is_what_happened(tmp_path: Path) -> None:
    scenes = (TextBox("text"), game("match", 2), CompletionCodeScene("code"), EndScene("end"))
    world = World(make(*scenes, callbacks={"on_payment": pay}, entry_screening={"device": "desktop"}))
    reading, offline, a, b, coded, done = world.arrive(6)
    phone = world.join()
    phone.open(touch=True, user_agent="Mozilla/5.0 (Linux; Android 14) Mobile Chrome/140")
    for person in (a, b):
        person.send_answers(text="x")
    start_playing(world, [a, b])
    for person in (a, b):
        person.say("episode_started", visit=person.visit, match=person.match, episode=0)
        person.rows(30)
    for person, scene in ((coded, "code"), (done, "end")):
        world.command("move", participant=person.id, scene=scene)
    coded.close()
    offline.close()
    left_at = world.now
    for seconds in (0, 60, 30):
        world.run(seconds)
        pay_all(world)
    world.command("end_session")
    pay_all(world)
    export(world, tmp_path)

    people, payments = table(tmp_path, "participants.csv"), table(tmp_path, "payments.csv")
    names = ("status", "last_scene", "ended_in", "last_episode", "reason")
    assert {who: tuple(row[name] for name in names) for who, row in people.items()} == {
        reading.id: ("unfinished", "text", "page", "", "session ended"),
        offline.id: ("dropped", "text", "page", "", "away when the session ended"),
        a.id: ("unfinished", "match", "match", "0", "session ended"),
        b.id: ("unfinished", "match", "match", "0", "session ended"),
        coded.id: ("finished", "code", "page", "", "completion code shown"),
        done.id: ("finished", "end", "page", "", "finished"),
        phone.id: ("screened_out", "", "entry", "", "screening: device"),
    }
    assert {who: row["status"] for who, row in payments.items()} == {who: row["status"] for who, row in people.items()}
    assert {float(row["earnings"]) for row in payments.values()} == {5.0}, "each was asked about"
    assert all(float(row["ended_at"]) for row in people.values())
    assert float(people[coded.id]["ended_at"]) == left_at, "and not when it was decided"
    assert people[coded.id]["completion_code"] == payments[coded.id]["code"] != ""


def test_recordings_of_earlier_versions_are_told_apart_too(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1")
    for who, kind, body in (
        ("P1", "finished", {"reason": "finished", "outcome": "finished"}),
        ("P2", "finished", {"reason": "session ended", "outcome": "session_ended"}),
        ("P3", "excluded", {"reason": "screening: ping", "outcome": "excluded"}),
    ):
        builder.record("joined", who, label=who).record(kind, who, scene="text", **body)
    builder.close()
    with StoreReader(builder.path) as reader:
        Exporter(reader, tmp_path, "s1").export_tables()
    found = table(tmp_path, "participants.csv")
    assert [row["status"] for row in found.values()] == ["finished", "unfinished", "screened_out"]


def test_whoever_withdraws_after_the_end_keeps_where_and_when_it_was(tmp_path: Path) -> None:
    world = World(make(TextBox("text"), EndScene("end")))
    (person,) = world.arrive()
    world.command("end_session")
    ended_at = world.now
    world.run(50)
    world.command("withdraw", participant=person.id)
    export(world, tmp_path)
    row = table(tmp_path, "participants.csv")[person.id]
    assert (row["status"], row["last_scene"], float(row["ended_at"])) == ("withdrawn", "text", ended_at)
