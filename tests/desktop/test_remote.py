"""The real window attached to a session elsewhere: `igym serve` behind HAProxy, below a path."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from igym.host.export.manifest import Manifest
from igym.host.remote.pass_file import new_pass
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader
from igym.protocol.passes import Pass
from igym_desktop.app import App
from igym_desktop.flow import fetched
from igym_desktop.flow.servers import (
    Server,
    ServerList,
    Trouble,
    copy_folder,
    is_open_to_all,
    trouble_text,
)
from igym_desktop.windows.connect import ConnectDialog
from tests.host.conftest import SOLO
from tests.waiting import until

from .remote_server import RemoteServer, remote_server
from .test_main_window import answer, press

LONG_S = 90
GIVEN = Pass("anna", "s" * 43)
FAR = Server("http://study.example.org/", GIVEN)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RemoteServer]:
    with remote_server(tmp_path, SOLO) as running:
        yield running


def connecting(app: App) -> ConnectDialog:
    """The dialog, as the button on the empty Session page opens it."""
    app.window.show_page("session")
    page: Any = app.window.pages["session"]
    press(page, "connect_server")
    found: ConnectDialog = page.connecting
    return found


async def connected(app: App, link: str) -> Any:
    dialog = connecting(app)
    dialog.link.setText(link)
    press(dialog, "connect")
    engine = app.launcher.engine
    await until(lambda: engine.mirror.session and not dialog.isVisible(), "the session elsewhere", LONG_S)
    return app.window.pages["session"]


async def refused(app: App, link: str, over_http: bool = False) -> str:
    """The sentence the dialog says."""
    dialog = connecting(app)
    dialog.link.setText(link)
    dialog.over_http.setChecked(over_http)
    dialog.connect_now()
    engine = app.launcher.engine
    await until(lambda: engine.state == "failed", "a refusal", LONG_S)
    assert dialog.isVisible() and dialog.link.isEnabled()
    text = dialog.problem.text()
    assert dialog.problem.isVisible()
    dialog.reject()
    return text


def test_a_whole_session_elsewhere(loop: Any, make_app: Callable[..., App], server: RemoteServer) -> None:
    async def scenario() -> None:
        await server.start()
        app = make_app([])
        page = await connected(app, server.link)
        launcher, engine, window = app.launcher, app.launcher.engine, app.window
        shown = server.address.removeprefix("http://").rstrip("/")
        await until(lambda: engine.scenes, "what the server says of itself", LONG_S)

        # The server's name is in sight, and nothing is offered that means the server's own computer.
        assert window.status_title.text() == "Connected"
        assert shown in window.status_text.text() and shown in page.server.name.text()
        assert not page.rehearse.isVisible()
        assert [scene for scene, _ in page.actions_of_session.scenes()] == list(engine.scenes)
        kept = launcher.paths.config / "servers.json"
        assert [one.address for one in ServerList(kept).servers] == [server.address]
        if os.name == "posix":
            assert stat.S_IMODE(kept.stat().st_mode) == 0o600

        # Somebody takes part; a person is told something, another excluded.
        await SimulatedParticipant(server.address, Behaviour(seed=1, frames=30, speed=4)).run()
        await until(lambda: engine.mirror.counts.get("finished") == 1, "the first participant", LONG_S)
        press(page, "admission")
        await until(lambda: engine.mirror.session.get("admission") == "closed", "closed admission", LONG_S)

        # Power cut there; the session goes on at the other place, and this window comes back by itself.
        server.kill()
        await until(lambda: page._running.graphicsEffect() is not None, "the loss", LONG_S)
        assert page.people.model.rowCount() == 1  # the last view stays
        assert not page.end.isEnabled()
        await until(lambda: "tried again" in page.server.state.text(), "words about it", LONG_S)
        assert window.status_title.text() == "Connection lost"
        await server.start(1, "--resume")
        await until(lambda: page._running.graphicsEffect() is None, "the connection again", LONG_S)
        assert page.end.isEnabled()
        assert engine.mirror.counts.get("finished") == 1

        # The end, for everybody; the server outlives it until the files are here.
        press(page, "end_session")
        await answer("yes")
        await until(lambda: engine.mirror.session.get("state") == "ended", "the end", LONG_S)
        assert server.is_running
        press(page.server, "to_files")
        data: Any = window.pages["data"]
        assert shown in data.server.name.text()
        press(data.server, "fetch_files")
        await until(lambda: data.chosen is not None, "the copy in the list", LONG_S)
        assert data.chosen.server == shown
        copy = data.chosen.folder
        assert copy == launcher.data_root / copy_folder("solo", launcher.servers.servers[0])
        assert Manifest(copy).verify().ok
        with StoreReader(copy / "session.sqlite3") as here, StoreReader(server.data / "session.sqlite3") as there:
            assert list(here.batches(data.chosen.id)) == list(there.batches(data.chosen.id))
            assert [row.id for row in here.sessions()] == [row.id for row in there.sessions()]
        assert not list(copy.rglob("*.part"))
        # The same again sends the recordings, and of the files what changed.
        first, rows = data.server.about.text(), sorted(copy.glob("game/**/*.csv"))
        assert rows and "new files" in first
        before = [path.stat().st_mtime_ns for path in rows]
        press(data.server, "fetch_files")
        await until(lambda: data.server.about.text() != first, "the second time", LONG_S)
        assert "new file" in data.server.about.text()
        assert [path.stat().st_mtime_ns for path in rows] == before

        # Stopped from here; the copy is removed from here, and the server's data stay.
        window.show_page("session")
        assert page.end.accessibleName().startswith("Stop the server")
        press(page, "end_session")
        await answer("yes")
        await until(lambda: not server.is_running, "the server's end", LONG_S)
        await until(lambda: engine.state == "stopped", "nothing attached", LONG_S)
        window.show_page("data")
        await until(lambda: data.chosen is not None, "the list", LONG_S)
        assert not data.session.annotate_button.isEnabled()
        data.session._delete()
        await answer("yes")
        await until(lambda: not copy.exists(), "the copy's removal", LONG_S)
        assert (server.data / "participants.csv").is_file()
        log = (server.data / "engine.log").read_text(encoding="utf-8")
        assert "launcher of anna, 127.0.0.1: close_admission" in log
        await engine.link.closed()

    loop.run_until_complete(scenario())


def test_what_goes_wrong_is_said_in_the_dialog(
    loop: Any, make_app: Callable[..., App], server: RemoteServer, tmp_path: Path
) -> None:
    async def scenario() -> None:
        app = make_app([])
        root = server.address.removesuffix("lab1/")
        assert "no session is running behind it" in await refused(app, server.link)
        await server.start()
        assert "does not know this pass" in await refused(app, f"{server.address}remote#{new_pass('anna').text}")
        assert "is no session of Interactive Gym" in await refused(app, f"{root}elsewhere/remote#{GIVEN.text}")
        assert "Nothing answers" in await refused(app, f"http://127.0.0.1:9/remote#{GIVEN.text}")
        assert "answers without encryption" in await refused(app, server.link.replace("http://", "https://"))
        assert not app.launcher.servers.servers  # what never worked is not remembered

        # A pass that ends while the window is attached: it is said, and nothing is tried any more.
        page = await connected(app, server.link)
        server.admit(new_pass("anna"))
        await until(lambda: app.launcher.engine.state == "failed", "the end of the pass", LONG_S)
        assert "does not know this pass" in page.banner.text.text()
        assert app.window.status_title.text() == "Not connected"

        # The remembered server can be tried again, and forgotten.
        server.admit(server.anna)
        dialog = connecting(app)
        press(dialog, "connect_known")
        await until(lambda: app.launcher.engine.mirror.session, "the session again", LONG_S)
        press(page.server, "disconnect")
        assert app.launcher.engine.state == "stopped" and server.is_running
        dialog = connecting(app)
        dialog._forget(app.launcher.servers.servers[0])
        assert json.loads((app.launcher.paths.config / "servers.json").read_text()) == []
        dialog.reject()
        await app.launcher.engine.link.closed()

    loop.run_until_complete(scenario())


def test_nothing_is_sent_in_the_clear_across_the_internet(make_app: Callable[..., App], loop: Any) -> None:
    dialog = ConnectDialog(make_app([]).launcher, None)
    dialog.link.setText("http://study.example.org/remote#" + GIVEN.text)
    assert not dialog.connect_button.isEnabled()
    assert not dialog.over_http.isHidden()
    dialog.over_http.setChecked(True)
    assert dialog.connect_button.isEnabled()
    # The secret is not for everybody who sees the screen.
    assert dialog.link.text() == "http://study.example.org/"
    assert dialog.given.text() == GIVEN.text and GIVEN.secret not in dialog.given.displayText()
    dialog.link.setText("study.example.org")
    assert dialog.over_http.isHidden() and dialog.connect_button.isEnabled()
    dialog.given.setText("anna")
    assert not dialog.connect_button.isEnabled()
    dialog.deleteLater()


@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("https://study.example.org/", False),
        ("http://study.example.org/", True),
        ("http://8.8.8.8/", True),
        ("http://192.168.1.4:8000/", False),
        ("http://localhost:8000/", False),
        ("http://lab-pc/", False),
        ("http://lab-pc.local/", False),
        ("http://[::1]:8000/", False),
        ("http://[2001:4860:4860::8888]/", True),
    ],
)
def test_where_somebody_could_read_along(address: str, is_open: bool) -> None:
    assert is_open_to_all(address) is is_open


def test_each_trouble_has_a_sentence_of_its_own() -> None:
    codes = (
        "wrong_pass", "no_remote", "other_version", "plain_http", "use_https", "unknown_name", "unreachable",
        "no_leader", "wrong_name", "not_igym", "certificate", "no_tls", "too_many",
    )  # fmt: skip
    texts = {trouble_text(Trouble(code, "7"), "study.example.org") for code in codes}
    assert len(texts) == len(codes)
    assert all("study.example.org" in text and text.endswith(".") for text in texts)


def test_servers_are_remembered_once_and_a_damaged_list_costs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "config" / "servers.json"
    servers = ServerList(file)
    other = Server("https://b.example.org/lab/", Pass("ben", "t" * 43), over_http=True)
    for one in (FAR, other, FAR):
        servers.remember(one)
    assert ServerList(file).servers == (FAR, other)
    assert (other.shown, other.prefix) == ("b.example.org/lab", "lab")
    servers.forget(FAR)
    assert ServerList(file).servers == (other,)
    file.write_text('[{"address": "x"}, {"given": 1}, 7]', encoding="utf-8")
    assert ServerList(file).servers == ()
    file.write_text("{", encoding="utf-8")
    assert ServerList(file).servers == ()


def test_no_server_writes_outside_the_copy(tmp_path: Path) -> None:
    for name in (
        "../x.csv", "/etc/x", "a/../../x", "a\\..\\x", "C:x", "a/.hidden", ".x", "", "server.json", "x.part", "a\0b"
    ):  # fmt: skip
        with pytest.raises(ValueError):
            fetched.place(tmp_path, name)
    assert fetched.place(tmp_path, "rows/m1/0.csv") == tmp_path / "rows" / "m1" / "0.csv"
    assert fetched.drop_what_left(tmp_path, {"../keep": "1"}, {}) == ["../keep"]
    with pytest.raises(ValueError):
        fetched.drop_copy(tmp_path)  # a folder of this computer's own is never taken for a copy
