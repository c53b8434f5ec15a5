"""The launcher's link: a truthful view, few messages, commands that are answered."""

from __future__ import annotations

import asyncio
import csv
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio

from igym import cli
from igym.core.view import WaitroomRow
from igym.host.engine.engine import Engine
from igym.host.export.manifest import Manifest
from igym.host.files.exports import ExportFailedError
from igym.host.session import control
from igym.host.session.view_changes import changes_of
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.client import ParticipantClient
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader
from igym.protocol.told import Told
from tests.host.conftest import PAIR, SOLO, SURVEY, StartEngine
from tests.waiting import LIMIT_S, until

NewClient = Callable[[Engine], ParticipantClient]


class Launcher:
    """What the launcher's own link does: applies changes to the first snapshot."""

    def __init__(self) -> None:
        self.client = socketio.AsyncClient(reconnection=False)
        self.view: dict[str, Any] = {}
        self.messages: list[dict[str, Any]] = []
        self.log: list[dict[str, Any]] = []
        for name, listener in (("snapshot", self._snapshot), ("changes", self._changes), ("log", self.log.append)):
            self.client.on(name, listener, namespace="/control")

    def _snapshot(self, view: dict[str, Any]) -> None:
        self.view = view

    def _changes(self, changes: dict[str, Any]) -> None:
        self.messages.append(changes)
        for part in ("session", "counts", "waitrooms"):
            self.view[part] = changes[part]
        for part in ("participants", "matches", "problems"):
            known = {row["id"]: row for row in self.view[part]} | {row["id"]: row for row in changes[part]}
            self.view[part] = [
                row for row in known.values() if not row.get("cleared") and row["id"] not in changes["gone"]
            ]

    async def command(self, name: str, reason: str = "", **args: Any) -> dict[str, Any]:
        message = {"name": name, "args": args, "reason": reason}
        return dict(await self.client.call("command", message, namespace="/control"))

    async def until(self, condition: Callable[[dict[str, Any]], bool]) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not (self.view and condition(self.view)):
                await asyncio.sleep(0.02)


@pytest.fixture
async def attach() -> AsyncIterator[Callable[[Engine], Awaitable[Launcher]]]:
    launchers: list[Launcher] = []

    async def make(engine: Engine, token: str | None = None) -> Launcher:
        launcher = Launcher()
        launchers.append(launcher)
        await launcher.client.connect(
            engine.join_url, auth={"token": token or engine.token}, namespaces=["/control"], transports=["websocket"]
        )
        await launcher.until(lambda view: True)
        return launcher

    yield make
    for launcher in launchers:
        await launcher.client.shutdown()


Attach = Callable[..., Awaitable[Launcher]]


async def on_first_page(client: ParticipantClient) -> None:
    await client.join()
    await client.connect()
    while (await client.inbox.get()).name != "scene":
        pass


async def closed_page(client: ParticipantClient) -> Any:
    async with asyncio.timeout(LIMIT_S):
        while (message := await client.inbox.get()).name != "closed":
            pass
    return message


async def test_a_wrong_token_is_refused(start_engine: StartEngine, attach: Attach) -> None:
    engine = await start_engine(SURVEY)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await attach(engine, token="guess")


async def test_whoever_waits_for_a_refusal_hears_nothing_of_the_session(
    start_engine: StartEngine, attach: Attach, new_client: NewClient
) -> None:
    engine = await start_engine(SURVEY)
    assert engine.control is not None
    refused = asyncio.Event()
    engine.control.pause = lambda _: refused.wait()  # type: ignore[assignment,return-value]
    monitor = engine.control.switch_monitor(True)["path"] or ""
    launcher, watcher = await attach(engine), socketio.AsyncClient(reconnection=False)
    told = asyncio.Event()
    watcher.on("changes", lambda _: told.set(), namespace="/monitor")
    auth = {"token": monitor.partition("=")[2]}
    await watcher.connect(engine.join_url, auth=auth, namespaces=["/monitor"], transports=["websocket"])

    async with aiohttp.ClientSession() as http:
        for namespace in ("/control", "/monitor"):
            refused.clear()
            told.clear()
            async with http.ws_connect(f"{engine.join_url}socket.io/?EIO=4&transport=websocket") as wire:
                await wire.receive_str()
                await wire.send_str(f'40{namespace},{{"token":"guess"}}')
                await wire.send_str(f'42{namespace},1["command",{{"name":"monitor"}}]')
                before = launcher.view["counts"]["joined"]
                await on_first_page(new_client(engine))
                engine.journal.info("test", "a line")
                await launcher.until(lambda view: view["counts"]["joined"] > before)  # noqa: B023
                await told.wait()
                refused.set()
                assert (await wire.receive_str()).startswith(f"44{namespace},")
    await watcher.shutdown()


async def test_what_changed_while_nobody_watched_is_put_together_for_nobody(
    start_engine: StartEngine, attach: Attach, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await start_engine(SURVEY)
    assert engine.control is not None and engine.control._publishing is not None
    engine.control._publishing.cancel()
    person = SimulatedParticipant(engine.join_url)
    await person.client.join()
    await person.client.connect()
    made: list[Any] = []
    monkeypatch.setattr(control, "changes_of", lambda *given: made.append(given) or changes_of(*given))
    first = await attach(engine)
    assert first.view["participants"] and made == []
    await attach(engine)
    assert len(made) == 1, "who watches already is told first"
    await person.close()


async def test_who_comes_second_learns_that_a_problem_is_over_which_nobody_else_was_told_of(
    start_engine: StartEngine, attach: Attach
) -> None:
    engine = await start_engine(SURVEY)
    assert engine.control is not None
    first = await attach(engine)
    assert engine.control._publishing is not None
    engine.control._publishing.cancel()  # its next look comes after all that follows
    engine.problems.report("short", "error", Told("Short"), Told("It is over soon."))
    second = await attach(engine)
    assert [problem["title"] for problem in second.view["problems"]] == ["Short"]
    engine.problems.solve("short")
    engine.control.start()
    await second.until(lambda view: not view["problems"])
    await first.until(lambda view: not view["problems"])


async def test_who_comes_while_others_are_told_something_misses_nothing(
    start_engine: StartEngine, attach: Attach, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await start_engine(SURVEY)
    assert engine.control is not None
    first = await attach(engine)
    assert engine.control._publishing is not None
    engine.control._publishing.cancel()
    tell, looks = engine.control._tell, list[asyncio.Task[None]]()

    async def slow(namespace: str, watchers: set[str], name: str, data: Any) -> None:
        if not looks:  # a connection that takes its time: meanwhile the next look comes
            engine.problems.report("later", "error", Told("Later"), Told("It came in between."))
            assert engine.control is not None
            looks.append(asyncio.create_task(engine.control._publish_changes()))
            for _ in range(50):
                await asyncio.sleep(0)
        await tell(namespace, watchers, name, data)

    engine.problems.report("early", "error", Told("Early"), Told("It was there."))
    monkeypatch.setattr(engine.control, "_tell", slow)
    second = await attach(engine)
    for one in (first, second):
        await one.until(lambda view: {problem["title"] for problem in view["problems"]} == {"Early", "Later"})
    assert [message["seq"] for message in first.messages] == sorted(message["seq"] for message in first.messages)
    await asyncio.gather(*looks)


async def test_who_goes_while_being_let_in_is_nobody_who_watches(
    start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await start_engine(SURVEY)
    assert engine.control is not None
    admitted, telling, let_in = asyncio.Event(), engine.control._tell_all, list[asyncio.Task[Any]]()

    async def begin(*given: Any) -> None:
        task = asyncio.current_task()
        assert task is not None
        let_in.append(task)
        admitted.set()
        await telling(*given)

    monkeypatch.setattr(engine.control, "_tell_all", begin)
    async with engine.control._telling, aiohttp.ClientSession() as http:
        address = f"{engine.join_url.rstrip('/')}/socket.io/?EIO=4&transport=websocket"
        async with http.ws_connect(address) as wire:
            await wire.receive()
            await wire.send_str("40/control," + json.dumps({"token": engine.token}))
            await asyncio.wait_for(admitted.wait(), LIMIT_S)
        await until(lambda: all(one.closed for one in engine.server.eio.sockets.values()), "gone")
        assert len(let_in) == 1
    await asyncio.wait(let_in)
    assert not engine.control._launchers and not engine.is_attended


async def test_a_view_that_nobody_watches_is_looked_at_now_and_then(
    start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await start_engine(SURVEY)
    assert engine.control is not None and engine.control._publishing is not None
    engine.control._publishing.cancel()
    looks, now = list[float](), control.steady_s()
    look = engine.control._runtime.session.look()
    monkeypatch.setattr(look, "take_changes", lambda: looks.append(now) or ([], []))
    monkeypatch.setattr(control, "steady_s", lambda: now)
    engine.control._looked_s = begun = now
    for passed in (0.5, control.UNWATCHED_S, control.UNWATCHED_S + 0.5, 2 * control.UNWATCHED_S):
        now = begun + passed
        engine.control._look_unwatched()
    assert looks == [begun + control.UNWATCHED_S, begun + 2 * control.UNWATCHED_S]


@pytest.mark.parametrize(("took_s", "pause_s"), [(0.0, 0.25), (0.01, 0.25), (0.03, 0.6), (0.2, 1.0)])
def test_looks_that_take_long_are_further_apart_but_come_each_second(took_s: float, pause_s: float) -> None:
    assert control.pause_after(took_s) == pytest.approx(pause_s)


async def test_the_view_follows_the_truth(start_engine: StartEngine, attach: Attach) -> None:
    engine = await start_engine(SOLO)
    launcher = await attach(engine)
    assert launcher.view["counts"]["joined"] == 0

    players = [SimulatedParticipant(engine.join_url, Behaviour(seed=n, frames=60, speed=4)) for n in range(3)]
    await asyncio.gather(*(player.run() for player in players))
    await launcher.until(lambda view: bool(view["counts"]["finished"] == 3))

    truth = engine.begun.session.view(engine.clock()).to_json()
    assert {row["id"] for row in launcher.view["participants"]} == {row["id"] for row in truth["participants"]}
    assert launcher.view["counts"] == truth["counts"]
    assert [match["state"] for match in launcher.view["matches"]] == ["ended"] * 3
    assert [message["seq"] for message in launcher.messages] == sorted({m["seq"] for m in launcher.messages})


async def test_admission_messages_exclusion_and_clearing(
    start_engine: StartEngine, attach: Attach, new_client: NewClient
) -> None:
    engine = await start_engine(SURVEY)
    launcher = await attach(engine)
    client = new_client(engine)
    await on_first_page(client)

    assert (await launcher.command("close_admission", "enough"))["ok"]
    late = new_client(engine)
    with pytest.raises(Exception, match="admission_closed"):
        await late.join()
    assert (await launcher.command("message", to="all", text="<b>Five minutes</b>"))["result"]["reached"] == 1
    notice: Any = await client.inbox.get()
    assert notice.text == "<b>Five minutes</b>"

    answer = await launcher.command("exclude", "asleep", participant=client.participant)
    assert answer["ok"]
    assert (await closed_page(client)).outcome == "excluded"
    refused = await launcher.command("exclude", participant="nobody")
    assert refused == {"ok": False, "code": "unknown_participant", "text": refused["text"]}
    assert (await launcher.command("no_such_thing"))["code"] == "unknown_command"
    assert (await launcher.client.call("command", "nonsense", namespace="/control"))["code"] == "malformed"

    engine.problems.report("test", "warning", "Something", "happened")
    await launcher.until(lambda view: bool(view["problems"]))
    [problem] = launcher.view["problems"]
    assert (await launcher.command("clear_problem", id=problem["id"]))["ok"]
    await launcher.until(lambda view: not view["problems"])


async def test_each_action_is_recorded_with_its_reason(start_engine: StartEngine, attach: Attach) -> None:
    engine = await start_engine(SURVEY)
    launcher = await attach(engine)
    await launcher.command("close_admission", "fire alarm")
    await engine.stop("done")

    with (engine.folder / "researcher_actions.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert any("close_admission" in row.values() and "fire alarm" in row.values() for row in rows)


async def test_details_export_and_backup(start_engine: StartEngine, attach: Attach, tmp_path: Path) -> None:
    engine = await start_engine(SOLO)
    launcher = await attach(engine)
    player = SimulatedParticipant(engine.join_url, Behaviour(frames=40))
    await player.run()
    name = player.client.participant

    details = (await launcher.command("participant_details", participant=name))["result"]
    match = (await launcher.command("match_details", match="m001"))["result"]
    exported = await launcher.command("export", formats=["csv", "jsonl"], folder=str(tmp_path / "out"))
    unknown = await launcher.command("export", formats=["docx"])
    backup = await launcher.command("backup", path=str(tmp_path / "copy.sqlite3"))
    relative = await launcher.command("backup", path="copy.sqlite3")

    assert {entry["kind"] for entry in details["timeline"]} >= {"joined", "scene_entered", "finished"}
    assert [row["frames"] for row in match["rows"]] == [40, 40]
    assert exported["ok"] and (tmp_path / "out" / "game" / f"{name}_ep0.csv").is_file()
    assert unknown["code"] == "unknown_format" and "docx" in unknown["text"]
    assert backup["ok"] and relative["code"] == "bad_path"
    with StoreReader(tmp_path / "copy.sqlite3") as reader:
        assert len(reader.batch_keys(engine.begun.id)) == 4


async def test_a_running_export_and_one_that_waits_are_stopped(
    start_engine: StartEngine, attach: Attach, tmp_path: Path
) -> None:
    engine = await start_engine(SOLO)
    launcher = await attach(engine)
    await SimulatedParticipant(engine.join_url, Behaviour(frames=40)).run()
    began = asyncio.Event()
    launcher.client.on("progress", lambda _: began.set(), namespace="/control")
    assert (await launcher.command("cancel_export"))["code"] == "no_export"

    out = tmp_path / "out"
    # So often that it cannot be through before it is stopped.
    running = asyncio.create_task(launcher.command("export", formats=["csv"] * 5000, folder=str(out)))
    async with asyncio.timeout(LIMIT_S):
        await began.wait()
    waiting = engine.exports.ask(None, do="all", formats=["jsonl"], folder=str(tmp_path / "never"))
    assert (await launcher.command("cancel_export"))["result"] == {"stopped": 2}
    stopped = await asyncio.wait_for(running, LIMIT_S)
    with pytest.raises(ExportFailedError, match="before it began") as never:
        await asyncio.wait_for(waiting, LIMIT_S)

    assert (stopped["code"], never.value.code) == ("cancelled", "cancelled")
    assert "The export was stopped after" in stopped["text"]
    assert not list(out.rglob("*.part")) and not (tmp_path / "never").exists()
    after = await launcher.command("export", formats=["csv"], folder=str(out))
    assert after["ok"] and Manifest(out).verify().ok


async def test_ending_the_session_shows_everybody_the_last_page(
    start_engine: StartEngine, attach: Attach, new_client: NewClient
) -> None:
    engine = await start_engine(SURVEY)
    launcher = await attach(engine)
    client = new_client(engine)
    await on_first_page(client)

    assert (await launcher.command("end_session", header="That was it", body="<p>Bye</p>"))["ok"]
    page = await closed_page(client)
    await engine.stop("ended")

    assert (page.outcome, page.header) == ("unfinished", "That was it")
    with StoreReader(engine.store.path) as reader:
        assert [row.state for row in reader.sessions()] == ["ended"]


async def test_a_withdrawal_with_erasing_leaves_nothing_the_person_wrote(
    start_engine: StartEngine, attach: Attach
) -> None:
    engine = await start_engine(SURVEY)
    launcher = await attach(engine)
    person = SimulatedParticipant(engine.join_url, Behaviour(seed=3))
    await person.run()
    await engine.exports.request(do="all")
    with StoreReader(engine.store.path) as reader:
        [answers] = [r.body["values"]["text"] for r in reader.records(engine.begun.id, kinds=("answers",))]

    done = await launcher.command("withdraw", "asked by e-mail", participant=person.client.participant, erase=True)
    await launcher.command("end_session")
    await engine.stop("ended")

    receipt = json.loads((engine.folder / "withdrawals" / f"{person.client.participant}.json").read_text())
    assert done["ok"] and answers
    assert f"words/{person.client.participant}.csv" in receipt["removed_files"]
    for path in engine.folder.rglob("*"):
        if path.is_file() and path.suffix in (".sqlite3", ".csv", ".json", ".jsonl"):
            assert answers not in path.read_bytes().decode("latin-1"), f"still in {path}"


async def test_what_the_page_of_an_erased_person_goes_on_to_say_is_not_kept(
    start_engine: StartEngine, attach: Attach, new_client: NewClient
) -> None:
    engine = await start_engine(SURVEY)
    launcher, client = await attach(engine), new_client(engine)
    gone = await client.join()
    await client.connect()
    assert (await launcher.command("withdraw", "asked", participant=gone, erase=True))["ok"]
    for _ in range(2):
        await client.send("console", {"entries": [{"at_ms": 1.0, "level": "log", "text": "a name"}]})
        await client.call("client_error", {"where": "javascript", "message": "a name"})
        assert (await client.call("clock", {"t0_ms": 1.0, "offset_ms": 5.0, "rtt_ms": 3.0}))["ok"]
        await client.send("focus", {"hidden": True, "blurred": True, "at_ms": 1.0})
        await client.reload()
    await launcher.command("end_session")
    await engine.stop("ended")
    with closing(sqlite3.connect(engine.store.path)) as connection:
        for table, column in (("telemetry", "body"), ("console", "text")):
            assert connection.execute(f"SELECT {column} FROM {table} WHERE participant = ?", (gone,)).fetchall() == []
        records = connection.execute("SELECT kind, body FROM records WHERE participant = ?", (gone,)).fetchall()
    assert [kind for kind, body in records if "a name" in body] == []


async def test_the_monitor_is_off_until_switched_on_and_only_looks(start_engine: StartEngine, attach: Attach) -> None:
    engine = await start_engine(SURVEY)
    launcher = await attach(engine)
    async with aiohttp.ClientSession() as http:
        async with http.get(engine.join_url + "monitor?token=") as answer:
            assert answer.status == 403
        path = (await launcher.command("monitor", on=True))["result"]["path"]
        assert (await launcher.command("monitor"))["result"]["path"] == path
        async with http.get(engine.join_url.rstrip("/") + path) as answer:
            assert answer.status == 200

    token = path.partition("token=")[2]
    seen: list[Any] = []
    monitor = socketio.AsyncClient(reconnection=False)
    monitor.on("snapshot", seen.append, namespace="/monitor")
    await monitor.connect(engine.join_url, auth={"token": token}, namespaces=["/monitor"], transports=["websocket"])
    await monitor.emit("command", {"name": "end_session", "args": {}, "reason": ""}, namespace="/monitor")
    await launcher.command("close_admission")
    await monitor.shutdown()

    assert seen and seen[0]["session"]["state"] == "running"
    assert engine.begun.session.view(0.0).to_json()["session"]["state"] == "running"


def test_changes_hold_only_what_changed() -> None:
    def small(**parts: Any) -> dict[str, Any]:
        return {"session": {}, "counts": {}, "waitrooms": [], "problems": [], **parts}

    two, one = small(problems=[{"id": "h1", "count": 1}]), small(problems=[])
    row = WaitroomRow("duel", 1, 2, None)

    assert changes_of(two, two, [], []) is None
    changed = changes_of(two, one, [row], [])  # type: ignore[list-item]
    assert changed is not None
    assert changed["participants"] == [{"scene_id": "duel", "waiting": 1, "needed": 2, "oldest_since": None}]
    assert changed["gone"] == [] and changed["problems"] == [{"id": "h1", "cleared": True}]
    everything = changes_of(None, two, [], [])
    assert everything is not None and everything["problems"] == [{"id": "h1", "count": 1}]


async def test_who_attaches_later_gets_everybody_in_pieces(
    start_engine: StartEngine, attach: Attach, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what changes between two pieces; and afterwards only what changed."""
    monkeypatch.setattr("igym.host.session.control.ROWS_AT_ONCE", 2)
    monkeypatch.setattr("igym.host.session.control.PIECES_GAP_S", 0.3)
    engine = await start_engine(SURVEY)
    clients = [ParticipantClient(engine.join_url) for _ in range(7)]
    for client in clients:
        await client.join()
    launcher = await attach(engine)
    assert len(launcher.view["participants"]) == 2
    excluded = str(clients[6].participant)
    await launcher.command("exclude", participant=excluded, message="bye")
    await launcher.until(lambda view: len(view["participants"]) == 7)
    await launcher.until(lambda view: bool(view["counts"]["excluded"] == 1))
    truth = engine.begun.session.view(engine.clock()).to_json()
    by_id = {row["id"]: row for row in launcher.view["participants"]}
    assert by_id == {row["id"]: row for row in truth["participants"]} and by_id[excluded]["state"] == "excluded"

    told, first = len(launcher.messages), str(clients[0].participant)
    await launcher.command("exclude", participant=first, message="bye")
    await launcher.until(lambda view: {row["id"]: row for row in view["participants"]}[first]["state"] == "excluded")
    rows = {row["id"] for message in launcher.messages[told:] for row in message["participants"]}
    assert first in rows and not rows & {client.participant for client in clients[1:4]}
    for client in clients:
        await client.close()


async def test_a_withdrawal_after_the_session_follows_the_same_rules(
    start_engine: StartEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = await start_engine(PAIR)
    pair = [SimulatedParticipant(engine.join_url, Behaviour(seed=n, frames=40)) for n in (1, 2)]
    await asyncio.gather(*(person.run() for person in pair))
    gone, partner = (person.client.participant for person in pair)
    busy = await asyncio.to_thread(cli.main, ["withdraw", str(engine.folder), engine.begun.id, gone, "--json"])
    await engine.stop("done")
    kept = (engine.folder / "duel" / f"{partner}_ep0.csv").read_bytes()

    done = await asyncio.to_thread(
        cli.main, ["withdraw", str(engine.folder), engine.begun.id, gone, "--reason", "asked"]
    )
    unknown = await asyncio.to_thread(cli.main, ["withdraw", str(engine.folder), engine.begun.id, "nobody", "--json"])

    assert busy == 1, "not while the engine runs"
    assert (done, unknown) == (0, 1)
    assert "unknown_participant" in capsys.readouterr().out
    assert not (engine.folder / "duel" / f"{gone}_ep0.csv").exists()
    assert (engine.folder / "duel" / f"{partner}_ep0.csv").read_bytes() == kept
    with StoreReader(engine.store.path) as reader:
        assert {batch.participant for batch in reader.batches(engine.begun.id)} == {partner}
        [record] = reader.records(engine.begun.id, kinds=("withdrawn",))
    assert record.participant == gone and record.body["erase"] is True


async def test_replays_are_shown_and_checked_while_the_session_runs(start_engine: StartEngine, attach: Attach) -> None:
    engine = await start_engine(SOLO)
    launcher = await attach(engine)
    refused = await launcher.command("replay")
    assert not refused["ok"] and refused["code"] == "no_replays"

    await SimulatedParticipant(engine.join_url, Behaviour(frames=60, speed=4)).run()
    await launcher.until(lambda view: bool(view["counts"]["finished"]))
    async with asyncio.timeout(LIMIT_S):
        while not is_settled(checked := await launcher.command("verify")):
            await asyncio.sleep(0.2)
    episodes = checked["result"]["episodes"]
    assert [episode["episode"] for episode in episodes] == [0, 1]
    assert {episode["result"] for episode in episodes} == {"simulated"}, "nobody played the env, and it says so"

    first, second = (await launcher.command("replay"))["result"]["url"], await launcher.command("replay", id="x y")
    assert second["result"]["url"] == f"{first}#x%20y"
    async with aiohttp.ClientSession() as http:
        async with http.get(first) as page:
            assert page.status == 200
        async with http.get(first.replace("/replay?", "/replay/list?")) as answer:
            assert [entry["episode"] for entry in (await answer.json())["replays"]] == [0, 1]
        address = first.split("/replay")[0]
        paths = (
            "/replay", "/replay/list", "/replay/episode/m001_ep0", "/kept/0/env.py", "/static/h/main.js",
            "/vendor/h/vendor.json", "/favicon.ico", "/simple/", "/wheels/x.whl",
        )  # fmt: skip
        for path in paths:
            async with http.get(first.replace("/replay?", f"{path}?"), headers={"Host": "evil.example"}) as answer:
                assert answer.status == 421, f"{path} under another name, with the token"
    async with aiohttp.ClientSession() as stranger:
        for path in paths:
            for given in ({}, {"token": "guess"}):
                async with stranger.get(address + path, params=given) as answer:
                    assert answer.status == 403, path
    await engine.stop("all done")
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.ClientError):
            await http.get(first)


def is_settled(checked: dict[str, Any]) -> bool:
    """All tables are written: in between, the manifest is of an earlier moment than they are."""
    manifest = checked["result"]["manifest"]
    return bool(manifest["files"]) and not manifest["changed"] and not manifest["missing"]
