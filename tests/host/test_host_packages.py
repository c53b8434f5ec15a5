"""Games on the host with packages of their own: imported once, recorded by name and hash, and there for verify."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from igym import ReplayScene
from igym.host.engine.engine import Engine
from igym.host.export.exporter import Exporter
from igym.host.hostenv.kept_packages import KEPT_IN, differences, host_lock, keep, unpack
from igym.host.programs.check_main import as_text, run_checks
from igym.host.replay.files import read_replay
from igym.host.replay.judge import Finding, on_another
from igym.host.replay.server import ReplayServer
from igym.host.replay.verify import Verified, verify
from igym.host.simulate.client import ParticipantClient
from igym.host.simulate.host_page import HostPage
from igym.host.stimuli.finder import Finder
from igym.host.stimuli.recordings import Shelf
from igym.host.store.store_reader import StoreReader
from igym.protocol.binary import HostView
from igym.protocol.server import SceneShown
from tests.host.chase import ENV, assert_same_rows, chase, played, two
from tests.host.conftest import StartEngine, write_experiment
from tests.host.reels import pictures_of

# As a compiled package with parts that may be set up once in a process: the second time costs the process.
ONCE = """
import os
import sys

if hasattr(sys, "_engine_is_set_up"):
    os.abort()
sys._engine_is_set_up = True
SPEED = 5
memory = []
"""
METADATA = "Metadata-Version: 2.1\nName: Own_Engine\nVersion: 2.1\n"
RECORD = "own_engine/__init__.py,,\nown_engine-2.1.dist-info/METADATA,,\nown_engine-2.1.dist-info/RECORD,,\n"
PACKAGE = {
    "site-packages/own_engine/__init__.py": ONCE,
    "site-packages/own_engine-2.1.dist-info/METADATA": METADATA,
    "site-packages/own_engine-2.1.dist-info/RECORD": RECORD,
    "site-packages/by_hand.py": "FIFTH = 5\n",
}
USING = ENV.replace("+ 5 *", "+ own_engine.SPEED *").replace("self.steps += 1", "own_engine.memory.append(0)")
FILES = {
    "env.py": "import own_engine\nimport by_hand\n"
    + USING.replace("own_engine.memory.append(0)", "own_engine.memory.append(0)\n        self.steps += 1"),
    **PACKAGE,
}
ASKED = chase().replace('where="host"', 'where="host", packages=["own-engine>=2", "numpy"]')


def exported(engine: Engine) -> Path:
    with StoreReader(engine.folder / "session.sqlite3") as reader:
        exporter = Exporter(reader, engine.folder, engine.begun.id)
        exporter.export_all()
    return engine.folder


def checked(folder: Path) -> Verified:
    return verify(folder, None, None, lambda *_: None, lambda: False)


WATCHED = ReplayScene("watch", source="pool", pool="replays")
WATCHING = """
from igym import EndScene, Experiment, ReplayScene, Stager

experiment = Experiment(
    id="watching", title="Watching",
    stager=Stager([ReplayScene("watch").display(source="pool", pool="kept"), EndScene("bye").display(header="Bye")]),
)
"""


async def a_page_shows_it(start_engine: StartEngine, data: Path, folder: Path) -> None:
    """A participant's page gets the pictures of its recording from the session's computer, and nobody else does."""
    for part in ("replays", "experiment"):
        shutil.copytree(data / part, folder / "kept" / part)
    engine = await start_engine(WATCHING)
    person = ParticipantClient(engine.join_url)
    await person.join()
    await person.connect()
    while not isinstance(page := await person.inbox.get(), SceneShown):
        pass
    address = f"{person.url}/api/replay/{page.visit}/0"
    async with aiohttp.ClientSession(headers={"Cookie": person.cookie}) as client:
        async with client.get(address) as answer:
            opened = await answer.json()
        here = f"{person.url}{opened['played_here']}"
        async with client.post(here) as answer:
            run = (await answer.json())["run"]
        frames, news = 0, {"done": False}
        parts = 0
        while not news["done"]:
            async with client.get(f"{here}/{run}/news?after={parts}") as answer:
                news = await answer.json()
            parts += len(news["parts"])
            frames += sum(len(part["frames"]) for part in news["parts"])
        async with client.get(f"{here}/{run}/pictures/0/0") as answer:
            assert next(pictures_of(await answer.read()))[0] == -1
    assert news["error"] == "" and frames == 90
    async with aiohttp.ClientSession() as stranger, stranger.get(f"{here}/{run}/pictures/0/0") as answer:
        assert answer.status == 403
    await person.close()
    await engine.stop("all seen")


class Shown:
    """What the replay page gets of the recordings there: pieces, news of frames, and what is said to them."""

    def __init__(self, data: Path, client: aiohttp.ClientSession) -> None:
        self.server = ReplayServer(data)
        self._client = client

    async def asked(self, method: str, path: str, **more: Any) -> bytes:
        address = f"http://127.0.0.1:{self.server.port}{path}"
        query = {"token": self.server.token, **more.pop("params", {})}
        async with self._client.request(method, address, params=query, **more) as answer:
            return await answer.read()

    async def told(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        return dict(json.loads(await self.asked(method, path, **more)))

    async def played(self, base: str, anew: int = 0) -> dict[str, Any]:
        """The whole of a recording: `{run, checks, chain, ended, error, frames, pieces}`."""
        run = (await self.told("POST", base, params={"anew": anew}))["run"]
        parts, news = list[dict[str, Any]](), {"done": False}
        while not news["done"]:
            news = await self.told("GET", f"{base}/{run}/news", params={"after": len(parts)})
            parts += news["parts"]
        pieces = [await self.asked("GET", f"{base}/{run}/pictures/0/{part['piece']}") for part in parts]
        last = parts[-1] if parts else {"chain": "", "ended": -1}
        return {
            "run": run, "error": news["error"], "checks": "".join(part["checks"] for part in parts),
            "chain": last["chain"], "ended": last["ended"], "earlier": news["earlier"],
            "frames": [frame for part in parts for frame in part["frames"]], "pieces": pieces,
        }  # fmt: skip


@asynccontextmanager
async def shown(data: Path) -> AsyncIterator[Shown]:
    async with aiohttp.ClientSession() as client:
        page = Shown(data, client)
        await page.server.start()
        try:
            yield page
        finally:
            await page.server.close()


def seen_by(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[int, int], list[Any]]:
    """What the players of a match see while it is played: (episode, frame) → the draw list."""
    seen: dict[tuple[int, int], list[Any]] = {}
    show = HostPage._show

    def noted(page: HostPage, view: HostView) -> None:
        show(page, view)
        seen[page.frames[-1]] = page.ops

    monkeypatch.setattr(HostPage, "_show", noted)
    return seen


async def shows_what_was_seen(data: Path, seen: dict[tuple[int, int], list[Any]]) -> None:
    """The replay page, of the second episode; the env carries what it counts over from the first."""
    async with shown(data) as page:
        id = page.server.replays[1].id
        opened = await page.told("GET", f"/replay/episode/{id}")
        played = await page.played(opened["played_here"])
        assert played["error"] == "" and played["earlier"] == [90, 90] and len(played["frames"]) == 90
        pictures = {frame: ops for piece in played["pieces"] for frame, ops in pictures_of(piece)}
        assert list(pictures) == list(range(-1, 90))
        assert {("put", "floor"), ("put", "left")} <= {tuple(op[:2]) for op in pictures[64]}
        shared = [frame for episode, frame in seen if episode == 1]
        assert shared
        for frame in shared:
            assert pictures[frame][-len(seen[1, frame]) :] == seen[1, frame], f"frame {frame}"
        answer = {name: played[name] for name in ("checks", "chain", "ended", "error")}
        verdict = await page.told("POST", f"/replay/verdict/{id}", data=json.dumps(answer))
        assert (verdict["result"], verdict["by"]) == ("identical", "python")
        spoilt = answer | {"checks": answer["checks"][:80] + "0" * 8 + answer["checks"][88:]}
        verdict = await page.told("POST", f"/replay/verdict/{id}", data=json.dumps(spoilt))
        assert (verdict["result"], verdict["frame"]) == ("differs", 10)
        again = await page.played(opened["played_here"])
        assert again["run"] == played["run"], "it is there already"
        fresh = await page.played(opened["played_here"], anew=1)
        assert fresh["run"] != played["run"] and fresh["pieces"] == played["pieces"]
        gone = await page.told("GET", f"{opened['played_here']}/{played['run']}/news")
        assert gone["error"]["code"] == "gone"


async def test_verify_and_replays_see_the_packages_the_match_was_played_with(
    start_engine: StartEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = seen_by(monkeypatch)
    engine = await start_engine(ASKED, FILES)
    people = two(engine)
    await played(people)
    await engine.stop("all done")
    for episode in (0, 1):
        assert assert_same_rows(engine, people, episode) == 90
    data = Path(shutil.copytree(exported(engine), tmp_path / "another computer"))
    shutil.rmtree(engine.options.folder / "site-packages")

    found = checked(data)
    assert [episode["result"] for episode in found.episodes] == ["identical", "identical"], found.text()
    assert found.exit_code == 0 and found.manifest is not None and not found.manifest.unlisted

    lock = read_replay(next((data / "replays").glob("*_ep0.igr.json"))).body["packages"]
    named = {entry["name"]: entry for entry in lock}
    assert (named["own-engine"]["version"], named["own-engine"]["source"]) == ("2.1", "site-packages")
    assert named["numpy"]["source"] == "installed" and len(named["numpy"]["sha256"]) == 64
    assert named["cpython"]["source"] == "python"
    kept = json.loads(next((data / "experiment").glob("*/packages.json")).read_text())
    assert kept == {"chase": lock}

    await shows_what_was_seen(data, seen)
    await a_page_shows_it(start_engine, data, engine.options.folder)

    archive = data / KEPT_IN / named["own-engine"]["file"]
    spoilt = data / KEPT_IN / named["files-of-no-package"]["file"]
    shutil.copyfile(spoilt, archive)
    found = checked(data)
    assert {episode["result"] for episode in found.episodes} == {"failed"}
    archive.unlink()
    found = checked(data)
    assert all("own-engine 2.1 is not in experiment/packages" in episode["text"] for episode in found.episodes)
    async with shown(data) as page:
        told = await page.played(f"/replay/here/{page.server.replays[0].id}")
        assert "own-engine 2.1 is not in experiment/packages" in told["error"] and not told["frames"]
    shelf = Shelf(tmp_path, data, ("chase", data))
    told = Finder(shelf, data, "chase", engine.begun.id).find(WATCHED, {"participant": "p", "seed": 1})
    assert told["items"] == [] and "own-engine 2.1 is not in experiment/packages" in told["problem"]


def test_a_package_that_can_be_imported_once_passes_the_check(tmp_path: Path) -> None:
    """Two runs of the env, then the bot of the waitroom: each interpreter imports it once."""
    source = ASKED.replace("timeout_s=60, countdown_s=0", "timeout_s=60, countdown_s=0, on_timeout='bot'")
    result = run_checks(write_experiment(tmp_path / "once", source, FILES), None, 30, 1, None)
    assert result["ok"], as_text(result)
    assert result["scenes"][0]["warnings"] == []


def test_a_crash_of_the_env_is_a_problem_of_its_scene_alone(tmp_path: Path) -> None:
    broken = FILES["env.py"].replace("import by_hand", "import os\nos.abort()")
    source = ASKED.replace("EndScene(", 'GymScene("later").environment(code=OTHER).policies({"agent_0": Human})\n'
                           '            .gameplay(action_mapping={"a": 1}, default_action=0).runtime(where="host"),\n'
                           "        EndScene(", 1)  # fmt: skip
    source = "OTHER = '''" + PLAIN + "'''\n" + source
    result = run_checks(write_experiment(tmp_path / "crash", source, {**FILES, "env.py": broken}), None, 10, 1, None)
    first, second = result["scenes"]
    assert not first["ok"] and second["ok"], as_text(result)
    assert "ended by itself" in first["problems"][0]["text"]
    assert "env.py" in first["problems"][0]["traceback"]


PLAIN = """
class Env:
    def reset(self, seed=None):
        return 0, {}
    def step(self, action):
        return 0, 0.0, False, False, {}
    def render(self):
        return ""

env = Env()
"""


def test_packages_are_kept_once_and_a_changed_one_is_named(tmp_path: Path) -> None:
    study, data = write_experiment(tmp_path / "study", ASKED, FILES), tmp_path / "data"
    lock = host_lock(["own-engine"], [], study)
    assert [entry["name"] for entry in lock] == ["cpython", "own-engine", "files-of-no-package"]
    keep(study, data)
    keep(study, data)
    assert len(list((data / KEPT_IN).iterdir())) == 2
    assert unpack(lock, data, tmp_path / "unpacked") == []
    assert (tmp_path / "unpacked" / "by_hand.py").read_text() == "FIFTH = 5\n"
    (study / "site-packages" / "own_engine" / "__init__.py").write_text("SPEED = 6\n")
    changed = host_lock(["own-engine"], [], study)
    assert changed[2] == lock[2] and changed[1]["sha256"] != lock[1]["sha256"]
    keep(study, data)
    assert len(list((data / KEPT_IN).iterdir())) == 3


@pytest.mark.parametrize("result", ["differs", "failed", "identical"])
def test_another_python_than_the_one_that_played_is_named(result: Any) -> None:
    lock = host_lock(["numpy"], [], Path("nowhere"))
    assert differences(lock) == []
    older = [{**entry, "version": "1.0"} for entry in lock]
    told = differences(older)
    assert any(text.startswith("numpy is ") and text.endswith("it was 1.0") for text in told)
    found = on_another(told, Finding(result, None, "python", "As found."))
    assert found.result == ("identical" if result == "identical" else "unsure")
    gone = [{**lock[-1], "name": "no-such-package"}]
    assert differences(gone) == [f"the package no-such-package {lock[-1]['version']} is not installed here"]
