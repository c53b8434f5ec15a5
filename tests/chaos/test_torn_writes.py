"""Disks that are full or write-protected, and a writer killed at any moment: what was acknowledged is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from igym.host.base.errors import HostError
from igym.host.store.backup import back_up
from igym.host.store.store import Store
from igym.host.store.store_reader import StoreReader
from tests.host.test_store import SESSION, batch

RUNS = 200


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mounted = tmp_path / "small"
    mounted.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(mounted)], check=True)
    yield mounted
    subprocess.run(["umount", str(mounted)], check=True)


async def test_a_real_full_disk_loses_nothing_that_was_acknowledged(small_disk: Path) -> None:
    store = Store(small_disk / "session.sqlite3")
    await store.start_session(SESSION)
    acknowledged, refused = [], []
    for n in range(400):
        try:
            await store.append_batch("s1", batch(first=2 * n, packed=os.urandom(9000)))
            acknowledged.append(2 * n)
        except HostError as error:
            refused.append(error.code)
            if len(refused) == 3:
                break
    assert refused == ["disk_full"] * 3
    with pytest.raises(HostError) as failure:
        back_up(store.path)
    assert failure.value.code == "disk_full"
    assert list((small_disk / "backups").iterdir()) == []
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    await store.append_batch("s1", batch(first=9000))
    store.close()
    with StoreReader(small_disk / "session.sqlite3") as reader:
        assert [key.first for key in reader.batch_keys("s1")] == [*acknowledged, 9000]


async def test_a_write_protected_disk_is_named_and_left_alone(small_disk: Path) -> None:
    Store(small_disk / "session.sqlite3").close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    try:
        with pytest.raises(HostError) as failure:
            Store(small_disk / "session.sqlite3")
        assert failure.value.code == "no_write_permission"
        assert "write-protected" in failure.value.text
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    Store(small_disk / "session.sqlite3").close()


def test_a_writer_killed_at_random_moments_has_lost_nothing_it_acknowledged(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.chaos.torn_writer", str(tmp_path), "20260101", str(RUNS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)

    assert told["killed"] == RUNS
    assert told["acknowledged"] > RUNS
    assert told["lost"] == []
