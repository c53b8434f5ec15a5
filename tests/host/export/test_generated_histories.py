"""Whatever people do: an independent reading of what happened agrees with every table that was exported of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from igym.host.export.exporter import Exporter
from igym.host.export.selfcheck import check_tables
from igym.host.files.emptied import KEPT_RECORDS
from igym.host.store.store import Store
from igym.host.store.store_reader import StoreReader
from tests.host.export.histories import SESSION, Diary, generated
from tests.host.export.test_exporter import read_csv
from tests.parity import shared_rows

STEPS = 220


def export(world: Diary, folder: Path) -> None:
    """As the host does it: the withdrawn are erased, then everything is written."""
    world.builder.close()

    async def erase() -> None:
        store = Store(folder / "session.sqlite3")
        for who in sorted(world.erased):
            await store.erase_participant(SESSION, who, KEPT_RECORDS)
        store.close()

    asyncio.run(erase())
    with StoreReader(folder / "session.sqlite3") as reader:
        exporter = Exporter(reader, folder, SESSION)
        exporter.export_all()
    assert not exporter.failures


def check_people(world: Diary, folder: Path) -> None:
    lines = {row["participant"]: row for row in read_csv(folder / "participants.csv")}
    assert set(lines) == set(world.people_told)
    payments = {row["participant"]: row for row in read_csv(folder / "payments.csv")}
    assert set(payments) == set(lines)
    for who, told in world.people_told.items():
        row, person = lines[who], world.session.state.participants[who]
        assert float(row["joined_at"]) == told.joined_at, who
        status = "withdrawn" if any(
            r.kind == "withdrawn" and r.participant == who for r in world.records("withdrawn")
        ) else told.status  # fmt: skip
        assert (row["status"], payments[who]["status"]) == (status, status), who
        assert row["completion_code"] == (person.code or ""), who
        paid = payments[who]["earnings"]
        assert (float(paid) if paid else None) == told.earnings, who
        assert row["erased"] == ("true" if who in world.erased else "false"), who
        if who not in world.erased:
            away_still = told.away_theirs and told.status == "in progress"
            lost = told.disconnections + away_still
            assert (int(row["reloads"]), int(row["disconnections"])) == (told.reloads, lost), who
            assert row["order.pages"] == person.draws["pages"], who
            assert row.get("condition", "") == person.conditions.get("condition", ""), who


def check_visits(world: Diary, folder: Path) -> None:
    lines = read_csv(folder / "scenes.csv")
    for who, number in world.entered.items():
        assert sum(row["participant"] == who for row in lines) == number, who
    for (who, number), seen in world.visits.items():
        [row] = [each for each in lines if (each["participant"], each["visit"]) == (who, str(number))]
        assert (row["scene"], float(row["entered_at"])) == (seen.scene, seen.entered_at), (who, number)
        assert row["left_at"] == ("" if seen.left_at is None else str(seen.left_at)), (who, number)
        if who in world.erased or seen.left_at is None:
            continue
        for name in ("active", "hidden", "blurred", "gone"):
            assert float(row[f"{name}_s"]) == pytest.approx(seen.spent[name], abs=1e-5), (who, number, name)


def check_answers(world: Diary, folder: Path) -> None:
    lines = [
        (row["participant"], row["scene"], row["visit"], row["field"], row["value"].removeprefix("'"))
        for row in read_csv(folder / "answers.csv")
    ]
    assert sorted(lines) == sorted(given for given in world.answers if given[0] not in world.erased)
    wide = {row["participant"]: row for row in read_csv(folder / "answers_wide.csv")}
    assert set(wide) == set(world.people_told)
    newest = {
        (who, f"{scene}.{name}"): value for who, scene, _, name, value in world.answers if who not in world.erased
    }
    for (who, column), value in newest.items():
        assert wide[who][column].removeprefix("'") == value


def check_matches(world: Diary, folder: Path) -> None:
    matches = world.session.state.matches
    lines = {(row["match"], row["participant"]): row for row in read_csv(folder / "matches.csv")}
    assert set(lines) == {(match.id, who) for match in matches.values() for who in match.members}
    for match in matches.values():
        for seat in match.seats:
            row = lines[match.id, seat.participant]
            assert (row["player"], row["agent"]) == (str(seat.player), seat.agent)
            others = [other.participant for other in match.seats if other is not seat]
            assert row["partner"].split() == [*others, *match.bots]
            stored = 0 if seat.participant in world.erased else world.frames[seat.participant, match.id, 0]
            assert int(row["frames"]) == stored
            assert (row["outcome"] == "running") == (not match.is_over and seat.substitute is None)
            assert (row["outcome"] == "complete") == (match.is_over and match.reason == "complete"
                                                      and seat.substitute is None)  # fmt: skip


def check_episodes(world: Diary, folder: Path) -> None:
    begun = {key for key, frames in world.frames.items() if frames} | set(world.ends) | world.broken_off
    lines = {(row["participant"], row["match"], int(row["episode"])): row for row in read_csv(folder / "episodes.csv")}
    assert set(lines) == {key for key in begun if key[0] not in world.erased}
    for key, row in lines.items():
        frames, end = world.frames[key], world.ends.get(key)
        assert int(row["frames"]) == frames, key
        whole = end is not None and frames >= end["frames"]
        assert (row["partial"] == "false") == whole, (key, row, end)
        agent = row["agent"]
        assert row["score"] == ("" if end is None or agent not in end["scores"] else str(end["scores"][agent])), key
    rows = {path: read_csv(path) for path in folder.glob("*/*_ep0.csv")}
    assert sum(map(len, rows.values())) == sum(f for (who, _, _), f in world.frames.items() if who not in world.erased)
    for match in world.session.state.matches:
        own = [shared_rows(each) for each in rows.values() if each[0]["match"] == match]
        shortest = min(map(len, own), default=0)
        assert all(each[:shortest] == own[0][:shortest] for each in own), "members' exports differ"


@pytest.mark.parametrize("seed", range(16))
def test_every_table_says_what_the_diary_says(tmp_path: Path, seed: int) -> None:
    world = generated(tmp_path, seed, STEPS)
    export(world, tmp_path)
    for check in (check_people, check_visits, check_answers, check_matches, check_episodes):
        check(world, tmp_path)
    assert len(read_csv(tmp_path / "events.csv")) == world.events
    found = check_tables(tmp_path)
    assert found is not None and found.ok, found.text() if found else "no tables"


def test_the_histories_hold_what_they_are_made_for(tmp_path: Path) -> None:
    """A generator that never reloads, ends early or erases would prove nothing."""
    worlds = []
    for seed in range(8):
        (tmp_path / str(seed)).mkdir()
        worlds.append(generated(tmp_path / str(seed), seed, STEPS))
        worlds[-1].builder.close()
    told = [person for world in worlds for person in world.people_told.values()]
    assert {"finished", "unfinished", "dropped", "excluded", "withdrawn"} <= {person.status for person in told}
    assert sum(person.reloads for person in told) > 3 and sum(person.disconnections for person in told) > 3
    assert any(world.erased for world in worlds) and any(world.broken_off for world in worlds)
    assert any(world.records("episode_recounted") for world in worlds), "rows that come late"
    assert any(len(match.members) == 2 and match.reason == "complete" for world in worlds
               for match in world.session.state.matches.values())  # fmt: skip
