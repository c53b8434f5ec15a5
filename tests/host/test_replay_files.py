"""A replay file holds all that decides how an episode goes; verify names what was changed."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import msgpack
import pytest

from igym import GymScene, Human
from igym.experiment.bundle import game_bundle
from igym.host.base.errors import HostError
from igym.host.export.exporter import Exporter
from igym.host.export.kept_games import copy_at, game_facts
from igym.host.replay.browsers import play_in_browser
from igym.host.replay.files import ReplayFile, earlier, find_replays, game_of
from igym.host.replay.judge import Finding, Played, judge
from igym.host.replay.server import ReplayServer
from igym.host.replay.verify import Verified, VerifyCancelledError, verify
from igym.host.store.store import EventRecord, Store
from igym.host.store.store_reader import StoreReader
from igym.host.studies.env_bridge import bridge_config, bridge_module
from igym.host.studies.sources import keep_sources
from tests.host.export.store_builder import StoreBuilder

ENV = """
import random

from gymnasium.spaces import Discrete


with open("steps/factor.txt") as file:
    FACTOR = int(file.read())


class Relay:
    action_spaces = {"a": Discrete(3), "b": Discrete(3)}

    def __init__(self):
        self.carried = 0

    def reset(self, seed=None):
        self.carried += 3
        self.place = self.carried
        return self.seen(), {"a": {}, "b": {}}

    def seen(self):
        return {"a": [self.place], "b": [self.place]}

    def step(self, actions):
        self.place = (self.place * FACTOR + actions["a"] * 7 + actions["b"] * 5 + random.randrange(3)) % 1009
        self.carried += actions["a"]
        no = {"a": False, "b": False}
        return self.seen(), {"a": self.place % 2, "b": 0}, no, no, {"a": {}, "b": {}}


env = Relay()
"""
STEP, CONFIRM, ABSENT = 3, 4, 65_535
FRAMES, EPISODES, SEED = 50, 2, 5
COUNTS = "igym_globals['seen'] = igym_globals.get('seen', 0) + 1\ninfos['a']['seen'] = igym_globals['seen']"


def scene() -> GymScene:
    return (
        GymScene("trial")
        .environment(file="env.py")
        .policies({"a": Human, "b": Human})
        .gameplay(action_mapping={"ArrowUp": 1, "ArrowDown": 2}, default_action=0, max_steps=FRAMES)
        .runtime(on_step_code=COUNTS)
        .multiplayer(reconnection={"on_timeout": "bot"})
    )


def inputs_of(episode: int) -> list[list[int]]:
    """Both press what they like; in the second episode player 1 is away for a while and comes back."""
    keys = random.Random(episode)
    frames = [[keys.randrange(3), keys.randrange(3)] for _ in range(FRAMES)]
    return [[a, ABSENT if episode == 1 and 20 <= n < 35 else b] for n, (a, b) in enumerate(frames)]


@pytest.fixture(autouse=True)
def in_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a recorded match is played again must not depend on where the command was given."""
    (tmp_path / "study").mkdir()
    monkeypatch.chdir(tmp_path / "study")


def batches(study: Path, sizes: tuple[int, ...]) -> Iterator[dict[str, Any]]:
    """What a browser sends of two episodes, in batches of these sizes."""
    spec = scene().client_spec()
    config = bridge_config(spec, ["a", "b"], SEED, {"seen": 40})
    bridge = bridge_module().open_bridge(json.dumps(config), str(study), lambda agent: None)
    bridge.prepare(True)
    for episode in range(EPISODES):
        bridge.reset(SEED + episode, episode)
        frames = iter(enumerate(inputs_of(episode)))
        for size in sizes:
            for _ in range(size):
                frame, row = next(frames)
                bridge.run([STEP, frame, *row, CONFIRM, frame])
            packed = bridge.take_batch(json.dumps({"scene": "trial", "visit": 1, "match": "m1"}), "{}")
            yield msgpack.unpackb(packed)


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A data folder with one match of two members, whose batches were cut differently."""
    study, data = tmp_path / "study", tmp_path / "data"
    data.mkdir()
    (study / "env.py").write_text(ENV)
    (study / "steps").mkdir()
    (study / "steps" / "factor.txt").write_text("31")
    games = game_facts({"trial": game_bundle(scene(), study)}, {}, "runtime")
    keep_sources(study, data / "experiment" / "s1", {"run": {"session": "s1"}, **games})
    builder = StoreBuilder(data).session("s1")
    players = [{"player": n, "agent": agent, "participant": f"p{n + 1}"} for n, agent in enumerate("ab")]
    for who in ("p1", "p2"):
        builder.record("joined", who, label=who)
    builder.record("match_formed", None, "m1", "trial", players=players, bots=[], seed=SEED)
    for who, sizes in (("p1", (30, 20)), ("p2", (10, 10, 30))):
        for batch in batches(study, sizes):
            builder.batch(who, batch)
    builder.close()
    with StoreReader(data / "session.sqlite3") as reader:
        exporter = Exporter(reader, data, "s1")
        exporter.export_match("m1")
        exporter.export_tables()
    return data


def check(folder: Path, cancelled: Callable[[], bool] = lambda: False) -> Verified:
    return verify(folder, None, None, lambda *_: None, cancelled)


def results(found: Verified) -> list[tuple[str, int | None]]:
    return [(episode["result"], episode["frame"]) for episode in found.episodes]


def change(folder: Path, episode: int, edit: Callable[[dict[str, Any]], object]) -> Path:
    path = next((folder / "replays").glob(f"*_ep{episode}.igr.json"))
    body = json.loads(path.read_text("utf-8"))
    edit(body)
    path.write_text(json.dumps(body), "utf-8")
    return path


def test_bots_globals_absences_and_what_episodes_carry_over_come_out_the_same(recorded: Path) -> None:
    found = check(recorded)
    assert results(found) == [("identical", None), ("identical", None)]
    assert found.ok and found.exit_code == 0
    assert found.manifest is not None and not found.manifest.unlisted
    second = json.loads((recorded / "replays" / "m1_ep1.igr.json").read_text("utf-8"))
    assert second["inputs"]["1"][20:35] == [ABSENT] * 15
    assert second["episode_seed"] == SEED + 1
    followed, other = sorted(second["recorded"], key=lambda member: not member["followed"])
    assert followed["globals"] == {"seen": 40 + FRAMES} and len(followed["checks"]) == 8 * FRAMES
    assert other["same_as_followed"] and other["chain"] == followed["chain"]


def test_without_the_first_episode_the_second_goes_another_way(recorded: Path) -> None:
    """Which is why earlier episodes are played first."""
    (recorded / "replays" / "m1_ep0.igr.json").unlink()
    assert results(check(recorded)) == [("unsure", 0)]


@pytest.mark.parametrize("frame", [0, 17, 40, FRAMES - 1])
def test_a_changed_input_is_found_at_its_frame(recorded: Path, frame: int) -> None:
    def other_key(body: dict[str, Any]) -> None:
        body["inputs"]["0"][frame] = (body["inputs"]["0"][frame] + 1) % 3

    path = change(recorded, 1, other_key)
    found = check(recorded)
    assert results(found) == [("identical", None), ("unsure", frame)]
    assert found.manifest is not None and found.manifest.changed == (f"replays/{path.name}",)
    assert found.exit_code == 1


def test_an_absence_that_is_left_out_is_found(recorded: Path) -> None:
    change(recorded, 1, lambda body: body["inputs"]["1"].__setitem__(slice(20, 35), [0] * 15))
    ((_, _), (result, frame)) = results(check(recorded))
    assert result == "unsure" and frame is not None and 20 <= frame < 35


def test_a_removed_frame_is_found_at_the_end(recorded: Path) -> None:
    change(recorded, 1, lambda body: [series.pop() for series in body["inputs"].values()])
    assert results(check(recorded))[1] == ("unsure", FRAMES - 1)


def test_the_browser_decides_what_python_cannot(recorded: Path) -> None:
    change(recorded, 1, lambda body: body["inputs"]["0"].__setitem__(9, 2 - body["inputs"]["0"][9]))
    asked: list[str] = []

    def in_browser(replays: list[ReplayFile], tell: Callable[[str], None]) -> dict[str, Finding]:
        asked.extend(replay.id for replay in replays)
        return {replay.id: Finding("differs", 9, "browser", "It differs.") for replay in replays}

    found = verify(recorded, None, in_browser, lambda *_: None, lambda: False)
    assert asked == ["m1_ep1"]
    assert results(found) == [("identical", None), ("differs", 9)]


def test_a_changed_source_and_a_missing_game_are_told(recorded: Path) -> None:
    source = recorded / "experiment" / "s1" / "sources" / "env.py"
    source.write_text(ENV.replace("* 7", "* 11"))
    found = check(recorded)
    assert {result for result, _ in results(found)} == {"differs"}
    assert all("env.py was changed after the match" in episode["text"] for episode in found.episodes)
    assert found.manifest is not None and found.manifest.changed == ("experiment/s1/sources/env.py",)
    shutil.rmtree(recorded / "experiment")
    found = check(recorded)
    assert {result for result, _ in results(found)} == {"failed"}
    assert "folder “experiment”" in found.episodes[0]["text"]


def test_a_file_that_the_env_reads_belongs_to_the_replay(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(recorded)
    assert results(check(recorded)) == [("identical", None), ("identical", None)]
    assert Path.cwd() == recorded
    played = find_replays(recorded)[0].body["game"]["files"]
    assert set(played) == {"env.py", "steps/factor.txt"}
    kept = recorded / "experiment" / "s1" / "sources" / "steps" / "factor.txt"
    kept.write_text("37")
    found = check(recorded)
    assert {result for result, _ in results(found)} == {"differs"}
    assert all("steps/factor.txt, which the game reads, was changed" in episode["text"] for episode in found.episodes)
    kept.unlink()
    found = check(recorded)
    assert all("steps/factor.txt, which the game reads, is missing" in episode["text"] for episode in found.episodes)


def test_an_env_that_fails_is_told_with_file_and_line(recorded: Path) -> None:
    source = recorded / "experiment" / "s1" / "sources" / "env.py"
    source.write_text(ENV.replace("self.place = (", "assert self.place, 'nowhere'\n        self.place = (missing + "))
    found = check(recorded)
    assert all("env.py, line" in episode["text"] and "missing" in episode["text"] for episode in found.episodes)


def test_data_without_play_are_no_success_and_no_difference(tmp_path: Path) -> None:
    """Four outcomes, four exit codes: a program that only looks at the code is not told that a game was proven."""
    asked = StoreBuilder(tmp_path / "asked").session("s1").record("joined", "ann")
    asked.record("scene_entered", "ann", scene="words", visit=1)
    made = StoreBuilder(tmp_path / "made").session("s1").two_player_match("m1", "duel", ("ann", "bob"))
    for who in ("ann", "bob"):
        made.play(who, "m1", "duel", [({"actions.a0": 0}, {})] * 9)
    for builder in (asked, made):
        builder.close()
        with StoreReader(builder.path) as reader:
            Exporter(reader, builder.folder, "s1").export_all()
    nothing, simulated = check(asked.folder), check(made.folder)
    assert (nothing.outcome, nothing.exit_code, nothing.ok) == ("nothing", 6, False)
    assert "nothing to play again" in nothing.text() and "0 of 0" not in nothing.text()
    assert (simulated.outcome, simulated.exit_code, simulated.ok) == ("simulated", 7, False), simulated.text()
    assert "1 was simulated" in simulated.text()
    (asked.folder / "participants.csv").write_text("changed")
    assert check(asked.folder).exit_code == 1


async def test_a_session_whose_engine_broke_off_is_called_unfinished_and_not_changed(tmp_path: Path) -> None:
    played = StoreBuilder(tmp_path).session("s1")
    store = Store(played.path)

    async def play(number: int) -> None:
        match = f"m{number}"
        played.two_player_match(match, "duel", ("ann", "bob"))
        for who in ("ann", "bob"):
            played.play(who, match, "duel", [({"actions.a0": 0}, {})] * 9)
        await store.append_events("s1", [EventRecord(1000 + number, 1.0, "message", "ann", "{}")], [])

    await play(1)
    never = check(tmp_path)
    assert (never.outcome, never.exit_code, never.ok) == ("unfinished", 8, False), never.text()
    assert "none of its files have been written" in never.text() and "no manifest" not in never.text()
    with StoreReader(played.path) as reader:
        written = Exporter(reader, tmp_path, "s1")
        written.export_last()  # as an engine does that is stopped in mid-match
        written.export_tables()
        stopped = check(tmp_path)
        assert (stopped.outcome, stopped.is_sound) == ("simulated", True), stopped.text()
        assert "Not played to the end when they were written: m1 (s1)." in stopped.text()
        await play(2)
        written.export_match("m2")  # and then it broke off
        written.manifest.write()
    broken_off = check(tmp_path)
    assert (broken_off.outcome, broken_off.exit_code) == ("unfinished", 8), broken_off.text()
    assert "its tables are older than its rows: duel/" in broken_off.text() and "igym export" in broken_off.text()
    assert "disagree" not in broken_off.text()
    with StoreReader(played.path) as reader:
        Exporter(reader, tmp_path, "s1").export_all()
    assert check(tmp_path).outcome == "simulated"
    (tmp_path / "duel" / "ann_ep0.csv").unlink()
    assert check(tmp_path).outcome == "differs", "a file that is gone is no break-off"
    store.close()
    played.close()


def test_damaged_replays_and_folders_without_any(recorded: Path, tmp_path: Path) -> None:
    (recorded / "replays" / "m1_ep1.igr.json").write_text("{")
    (recorded / "replays" / "m2_ep0.igr.json").write_text('{"format": "igym-replay/2"}')
    assert [result for result, _ in results(check(recorded))] == ["failed", "failed", "identical"]
    assert [replay.id for replay in find_replays(recorded)] == ["m1_ep0"]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert check(empty).episodes == [] and check(empty).exit_code == 1
    for where, code in ((empty, "no_replays"), (tmp_path / "nowhere", "not_found")):
        with pytest.raises(HostError) as error:
            find_replays(where)
        assert error.value.code == code


def test_a_check_can_be_stopped(recorded: Path) -> None:
    with pytest.raises(VerifyCancelledError):
        check(recorded, lambda: True)


def test_a_member_who_recorded_something_else_is_told_apart(recorded: Path) -> None:
    def another_way(body: dict[str, Any]) -> None:
        (other,) = (member for member in body["recorded"] if not member["followed"])
        own = next(member["checks"] for member in body["recorded"] if member["followed"])
        del other["same_as_followed"]
        other["checks"] = own[: 8 * 12] + "00000000" * (FRAMES - 12)

    change(recorded, 0, another_way)
    found = check(recorded)
    assert results(found)[0] == ("identical", None)
    assert "p2's browser the match went another way from frame 12" in found.episodes[0]["text"]
    assert find_replays(recorded)[0].described()["parity"] == "differs"


def test_a_game_of_the_host_is_decided_by_python(recorded: Path) -> None:
    change(recorded, 0, lambda body: body["game"].__setitem__("where", "host"))
    replay = find_replays(recorded)[0]
    other = Played("00000000" * FRAMES, "ab", FRAMES - 1)
    assert judge(replay, (), other, "python").result == "differs"
    assert judge(replay, (), other, "browser").result == "unsure"


def test_matches_after_a_change_of_files_name_the_later_copy(recorded: Path) -> None:
    later = recorded / "experiment" / "s1" / "resumed_1"
    later.mkdir()
    (later / "run.json").write_text(json.dumps({"resumed_at": 5000.0}))
    assert copy_at(recorded, "s1", 4999.0) == recorded / "experiment" / "s1"
    assert copy_at(recorded, "s1", 5000.0) == later
    assert copy_at(recorded, "s2", 5000.0) is None


def test_earlier_episodes_are_those_of_the_same_match(recorded: Path) -> None:
    change(recorded, 0, lambda body: body.__setitem__("session", "another"))
    known = find_replays(recorded)
    last = next(replay for replay in known if replay.episode == 1)
    assert earlier(last, known) == []
    assert game_of(last).changed == ()


def test_a_browser_that_says_nothing_is_a_failure(recorded: Path, tmp_path: Path) -> None:
    silent = tmp_path / "browser"
    silent.write_text("#!/bin/sh\nexit 0\n")
    silent.chmod(0o755)
    found = play_in_browser(silent, recorded, find_replays(recorded), lambda name: None)
    assert {finding.result for finding in found.values()} == {"failed"}
    assert "gave no answer" in next(iter(found.values())).text


async def test_a_page_may_answer_for_an_episode_of_an_hour_and_says_meanwhile_that_it_is_busy(recorded: Path) -> None:
    frames, chain = 30 * 3600, "ab" * 16
    checks = "".join(f"{frame:08x}" for frame in range(frames))

    def longer(body: dict[str, Any]) -> None:
        for member in body["recorded"]:
            member |= {"frames": frames, "checks": checks, "chain": chain}

    change(recorded, 0, longer)
    heard: list[str] = []

    def decided(replay: ReplayFile, finding: Finding) -> None:
        heard.append(f"{replay.id}: {finding.result}")

    server = ReplayServer(recorded, decided, at_work=lambda: heard.append("busy"))
    await server.start()
    try:
        where, token = f"http://127.0.0.1:{server.port}/replay", {"token": server.token}
        played = {"checks": checks, "chain": chain, "ended": -1}
        async with aiohttp.ClientSession() as client:
            for path, told in (("working", None), ("verdict/m1_ep0", played)):
                async with client.post(f"{where}/{path}", params=token, json=told) as answer:
                    assert answer.status == 200, await answer.text()
                    said = await answer.json()
        assert said["text"] == f"All {frames} frames are as recorded."
    finally:
        await server.close()
    assert heard == ["busy", "m1_ep0: identical"]
