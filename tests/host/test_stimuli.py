"""Recordings as stimuli: where they are found, who is never shown, and what a participant's page gets of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from igym import ReplayScene, ScaleField
from igym.host.engine.engine import Engine
from igym.host.simulate.client import ParticipantClient
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.stimuli.finder import Finder
from igym.host.stimuli.recordings import Recording, Shelf, content_hash, cut, is_of
from igym.protocol.server import SceneShown
from tests.host.conftest import table
from tests.host.export.store_builder import StoreBuilder
from tests.host.test_replay_files import FRAMES, in_its_own_folder, recorded

__all__ = ["in_its_own_folder", "recorded"]
StartEngine = Callable[..., Awaitable[Engine]]


def later(data: Path) -> StoreBuilder:
    """More records of the recorded session."""
    builder = StoreBuilder(data)
    builder._session, builder._seq = "s1", 1000
    return builder


@pytest.fixture
def pool(recorded: Path, tmp_path: Path) -> Path:
    """The recorded match, over, as a study of the name `demo` below a folder of data."""
    builder = later(recorded)
    builder.record("match_ended", None, "m1", "trial", reason="complete")
    for who in ("p1", "p2"):
        for episode in (0, 1):
            builder.record("episode_ended", who, "m1", "trial", episode=episode, frames=FRAMES)
    builder.close()
    root = tmp_path / "root"
    root.mkdir()
    return Path(shutil.move(recorded, root / "demo"))


def finder(pool: Path, study: str = "demo", session: str = "s1", folder: Path | None = None) -> Finder:
    folder = folder or pool.parent
    shelf = Shelf(pool.parent, folder, (study, pool.parent / study))
    return Finder(shelf, folder, study, session)


def found(finder: Finder, scene: ReplayScene, who: str = "p9", seed: int = 1) -> list[tuple[str, int]]:
    told = finder.find(scene, {"participant": who, "seed": seed})
    return [(item["match"], item["episode"]) for item in told["items"]]


def test_own_last_is_the_newest_episode_and_two_are_in_their_order(pool: Path) -> None:
    at = finder(pool)
    assert found(at, ReplayScene("w"), "p2") == [("m1", 1)]
    assert found(at, ReplayScene("w", compare=2), "p2") == [("m1", 0), ("m1", 1)]
    (item,) = at.find(ReplayScene("w"), {"participant": "p2", "seed": 1})["items"]
    assert (item["player"], item["frames"], item["scene"], item["source"]) == (1, FRAMES, "trial", "own_last")
    assert found(at, ReplayScene("w", of_scene="other"), "p2") == []
    told = at.find(ReplayScene("w"), {"participant": "p9", "seed": 1})
    assert told["items"] == [] and "not played" in told["problem"]


def test_a_round_of_a_repeated_scene_is_of_that_scene() -> None:
    assert is_of("task_r2", "task") and is_of("task_r1_r3", "task") and is_of("task", "")
    assert not is_of("task_r2", "tas") and not is_of("other", "task") and is_of("task_r2", "task_r2")


def test_a_pool_has_all_matches_but_ones_own_and_those_shown_least_first(pool: Path) -> None:
    at = finder(pool)
    scene = ReplayScene("w", source="pool")
    assert found(at, scene, "p1") == [], "nobody is shown their own"
    drawn = {found(at, scene, seed=seed)[0] for seed in range(12)}
    assert drawn == {("m1", 0), ("m1", 1)}
    assert sorted(found(at, ReplayScene("w", source="pool", compare=2))) == [("m1", 0), ("m1", 1)]
    builder = later(pool)
    builder._seq = 2000
    shown = {"study": "demo", "session": "s1", "match": "m1", "episode": 0}
    builder.record("replays_shown", "p9", scene="w", visit=1, items=[shown])
    builder.close()
    assert {found(at, scene, seed=seed)[0] for seed in range(12)} == {("m1", 1)}


@pytest.mark.parametrize("source", ["pool", "file", "own_last"])
def test_a_match_with_somebody_who_withdrew_is_never_shown_also_from_a_copy(
    pool: Path, tmp_path: Path, source: Any
) -> None:
    study = tmp_path / "rating"
    shutil.copytree(pool, study / "kept")
    scene = ReplayScene("w", source=source, files=("kept/replays/m1_ep0.igr.json",), of_scene="trial")
    at = finder(pool, folder=study)
    assert len(found(at, scene, "p2" if source == "own_last" else "p9")) == 1
    builder = later(pool)
    builder._seq = 3000
    builder.record("withdrawn", "p1", erase=True)
    builder.close()
    told = at.find(scene, {"participant": "p2" if source == "own_last" else "p9", "seed": 1})
    assert told["items"] == []


def test_files_and_folders_of_an_experiment(pool: Path, tmp_path: Path) -> None:
    study = tmp_path / "rating"
    shutil.copytree(pool, study / "kept", ignore=shutil.ignore_patterns("*.sqlite3"))
    shutil.rmtree(pool)
    (tmp_path / "root" / "rating").mkdir()
    StoreBuilder(tmp_path / "root" / "rating").session("s5").close()
    at = finder(tmp_path / "root" / "rating", "rating", "s5", study)
    assert found(at, ReplayScene("w", source="file", files="kept/replays/m1_ep1.igr.json")) == [("m1", 1)]
    assert sorted(found(at, ReplayScene("w", source="pool", pool="kept", compare=2))) == [("m1", 0), ("m1", 1)]
    (study / "kept" / "replays" / "m1_ep0.igr.json").unlink()
    told = at.find(ReplayScene("w", source="pool", pool="kept"), {"participant": "p9", "seed": 1})
    assert told["items"] == [] and "Episode 0" in told["problem"], "what came before decides how it goes"
    told = at.find(ReplayScene("w", source="pool", pool="nowhere"), {"participant": "p9", "seed": 1})
    assert "nowhere" in told["problem"]


def test_a_game_that_was_changed_is_not_shown(pool: Path) -> None:
    (source,) = pool.glob("experiment/s1/sources/env.py")
    source.write_text(source.read_text() + "\n# other\n")
    told = finder(pool).find(ReplayScene("w"), {"participant": "p1", "seed": 1})
    assert told["items"] == [] and "env.py was changed" in told["problem"]


def test_what_is_shown_has_a_hash_of_its_content_as_far_as_it_was_shown(pool: Path) -> None:
    (item,) = finder(pool).find(ReplayScene("w"), {"participant": "p1", "seed": 1})["items"]
    shelf = Shelf(pool.parent, pool.parent, ("demo", pool))
    replay, before = shelf.opened(Recording("demo", "s1", "m1", 1, "trial"))
    assert [one.episode for one in before] == [0]
    assert content_hash(replay) == item["sha256"] != content_hash(cut(replay, FRAMES - 1))
    exported, _ = Shelf(pool.parent, pool, ("demo", pool)).opened(
        Recording("demo", "s1", "m1", 1, "trial", "replays/m1_ep1.igr.json")
    )
    assert content_hash(exported) == item["sha256"], "the exported file tells the same"


STUDY = """
from igym import EndScene, Experiment, OptionBoxField, ReplayScene, Stager, StaticScene

experiment = Experiment(
    id="rating", title="Rating",
    stager=Stager([
        StaticScene("hello").display(header="Hello"),
        ReplayScene("which").display(
            source="pool", pool="kept", compare=2, of_scene="trial",
            questions=[OptionBoxField("better", "Who?", choices=["A", "B"])],
        ),
        EndScene("bye").display(header="Bye"),
    ]),
)
"""


async def shown(client: ParticipantClient) -> SceneShown:
    while True:
        message = await client.inbox.get()
        if isinstance(message, SceneShown):
            return message


async def asked(client: ParticipantClient, path: str, cookie: str = "") -> tuple[int, bytes]:
    """Status and, unless it is a refusal, content."""
    headers = {"Cookie": cookie or client.cookie}
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{client.url}/api/replay/{path}", headers=headers) as answer,
    ):
        return answer.status, await answer.read() if answer.ok else b""


async def test_a_preference_study_shows_two_and_keeps_what_and_which(
    start_engine: StartEngine, pool: Path, tmp_path: Path
) -> None:
    shutil.copytree(pool, tmp_path / "experiment" / "kept", ignore=shutil.ignore_patterns("*.sqlite3"))
    engine = await start_engine(STUDY)
    person = SimulatedParticipant(engine.join_url)
    await person.run()
    await engine.stop("the test is over")
    shown = table(engine, "replays.csv")
    assert [(row["number"], row["of_match"], row["of_study"], row["frames"]) for row in shown] == [
        ("1", "m1", "demo", str(FRAMES)), ("2", "m1", "demo", str(FRAMES)),
    ]  # fmt: skip
    assert {row["of_episode"] for row in shown} == {"0", "1"} and {len(row["sha256"]) for row in shown} == {64}
    (answer,) = [row for row in table(engine, "answers.csv") if row["scene"] == "which"]
    assert answer["field"] == "better" and answer["value"] in ("A", "B")


async def test_a_page_gets_the_recording_it_shows_and_no_other(
    start_engine: StartEngine, new_client: Callable[[Engine], ParticipantClient], pool: Path, tmp_path: Path
) -> None:
    shutil.copytree(pool, tmp_path / "experiment" / "kept", ignore=shutil.ignore_patterns("*.sqlite3"))
    engine = await start_engine(STUDY)
    client = new_client(engine)
    await client.join()
    await client.connect()
    page = await shown(client)
    assert await asked(client, "1/0") == (404, b"")
    await client.deliver("advance", {"visit": page.visit, "timing": {"shown_ms": 0, "submitted_ms": 1}})
    spec = (await shown(client)).spec
    assert spec["shown"] == [{"frames": FRAMES, "fps": 30.0, "player": 0}] * 2
    assert await asked(client, "2/0", cookie="igym_x=1") == (403, b"")
    opened = json.loads((await asked(client, "2/1"))[1])
    assert len(opened["replay"]["inputs"]) == FRAMES and opened["bundle"]["files"]["env.py"]
    assert "p1" not in json.dumps({name: opened[name] for name in ("replay", "earlier", "match")})
    assert await asked(client, "2/2") == (404, b"")
    assert await asked(client, "2/1/files/env.py") == (404, b""), "sources are no files of a page"
    assert await asked(client, "2/1/files/steps/factor.txt") == (200, b"31")
    assert await asked(client, "2/1/wheels/none.whl") == (404, b"")


def test_the_options_of_the_page_reach_it() -> None:
    scene = ReplayScene("w", speed=2, may_rewatch=False, pause_at=[1, 2.5], questions=[ScaleField("r", "?")], compare=2)
    spec = scene.client_spec()
    assert (spec["speed"], spec["may_rewatch"], spec["compare"]) == (2, False, 2)
    assert spec["stops"] == [{"at_s": 1, "fields": ["r_1"]}, {"at_s": 2.5, "fields": ["r_2"]}]
