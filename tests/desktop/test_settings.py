"""The settings page: what is chosen there reaches the engine, and what cannot be is refused in words."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from igym_desktop.flow.diagnostics import Situation, contents
from igym_desktop.flow.log import LogLine
from igym_desktop.flow.settings import Settings, SettingsFile
from tests.waiting import until

from .test_main_window import answer, open_app, press, started, stopped, study

__all__ = ["open_app", "study"]
TLS = Path(__file__).parents[1] / "host" / "tls"


def typed(control: Any, text: str) -> None:
    control.setText(text)
    control.editingFinished.emit()


def test_what_is_set_reaches_the_engine(play: Any, behave: Any, study: Any, open_app: Any, tmp_path: Path) -> None:
    async def scenario() -> None:
        folder = study("mountain_car")
        app = open_app(folder)
        app.window.show_page("settings")
        page = app.window.pages["settings"]
        network = page.network
        network.use_certificate(TLS / "certificate.pem")
        assert "certificate.pem cannot be used" in page.banner.text.text()
        assert app.launcher.settings.tls_certificate == ""
        network.use_certificate(TLS / "certificate.pem", TLS / "key.pem")
        assert "begins with https" in page.banner.text.text()
        typed(network.name, "http://lab")
        assert "cannot stand in the join link" in page.banner.text.text()
        typed(network.name, "lab.example.org")
        typed(network.public_url, "study.example.org")
        assert "no address that participants could open" in page.banner.text.text()
        typed(network.public_url, "https://study.example.org/lab1")
        typed(network.trusted_proxy, "the proxy")
        assert "names no proxy" in page.banner.text.text()
        typed(network.trusted_proxy, "10.0.0.1, 10.1.0.0/16")
        typed(network.turn, "stun.example.org")
        assert "begins with turn:" in page.banner.text.text()
        typed(network.turn, "turn:turn.example.org:3478")
        (tmp_path / "empty").write_text("")
        network.use_turn_secret(tmp_path / "empty")
        assert "has to hold the secret" in page.banner.text.text() and app.launcher.settings.turn_secret_file == ""
        (tmp_path / "secret").write_text("both-share-it")
        network.use_turn_secret(tmp_path / "secret")
        assert network.turn_secret.text() == str(tmp_path / "secret") and not network.turn_user.isVisible()
        assert app.launcher.plan(app.launcher.library.entries[folder]).turn_secret_file == str(tmp_path / "secret")
        press(network, "no_turn_secret")
        assert network.turn_user.isVisible()
        network.turn_user.setText("lab")
        typed(network.turn_password, "s3cret")
        page.lsl.click()
        index = page.retention.days.findData(90)
        page.retention.days.setCurrentIndex(index)
        page.retention.days.activated.emit(index)
        assert app.launcher.settings.retention_days == 0, "asks first"
        await answer("yes")

        app.window.show_page("experiments")
        await started(app, folder)
        told = json.loads((app.launcher.data_root / "mountain_car" / "started.json").read_text())
        pairs = dict(zip(told["arguments"][::2], told["arguments"][1::2], strict=False))
        assert pairs["--tls-certificate"] == str(TLS / "certificate.pem") and pairs["--tls-key"] == str(TLS / "key.pem")
        assert (pairs["--join-name"], pairs["--turn"]) == ("lab.example.org", "turn:turn.example.org:3478")
        assert (pairs["--turn-user"], pairs["--retention-days"]) == ("lab", "90")
        assert pairs["--public-url"] == "https://study.example.org/lab1/"
        assert pairs["--trusted-proxy"] == "10.0.0.1, 10.1.0.0/16"
        assert "--lsl" in told["arguments"] and told["turn"] == "s3cret" and "s3cret" not in told["arguments"]
        await stopped(app)

    play(scenario())


def test_the_settings_file_is_for_this_user_only(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "settings.json")
    file.change(turn_password="s3cret")
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_web_monitor_has_a_link_while_a_session_runs(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        folder = study("mountain_car")
        app = open_app(folder)
        app.window.show_page("settings")
        network = app.window.pages["settings"].network
        press(network, "monitor")
        assert network.monitor_state.text() == "On: each session gets a link when it starts."
        app.window.show_page("experiments")
        await started(app, folder)
        await until(lambda: app.launcher.monitor.url, "link")
        app.window.show_page("settings")
        assert network.monitor_link.text() == app.launcher.engine.join_url + "monitor?token=secret"
        press(network, "copy_monitor")
        assert QApplication.clipboard().text() == network.monitor_link.text()
        press(network, "monitor")
        await until(lambda: not app.launcher.monitor.url, "switched off")
        assert network.monitor_state.text() == "Off" and not network.monitor_qr.isVisible()
        await stopped(app)

    play(scenario())


def test_old_sessions_are_shown_before_they_are_erased(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        app = open_app(study("mountain_car"))
        app.launcher.change_settings(retention_days=30)
        data = app.launcher.data_root / "mountain_car"
        data.mkdir(parents=True)
        (data / "session.sqlite3").write_bytes(b"")
        behave(retention=[{"event": "retention", "sessions": [{"session": "s-2020-01-01-1", "bytes": 2048}]}])
        app.window.show_page("settings")
        page = app.window.pages["settings"]
        press(page, "check_retention")
        await until(QApplication.activeModalWidget, "what is older")
        question: Any = QApplication.activeModalWidget()
        words = " ".join(item.text() for item in question.findChildren(type(page.header.title)))
        assert "1 session is older" in words and "mountain_car: s-2020-01-01-1" in words and "2.0 kB" in words
        await answer("yes")
        await until(lambda: "1 session was erased." in page.banner.text.text(), "erased")
        behave(retention=[{"event": "failed", "code": "already_running", "text": "It is running."}], retention_exit=1)
        press(page, "check_retention")
        await until(lambda: "mountain_car: It is running." in page.banner.details.text(), "refusal")
        await app.shut_down()

    play(scenario())


def test_diagnostics_hold_no_secret_and_nobodys_data(tmp_path: Path) -> None:
    settings = Settings(turn_password="s3cret", turn_url="turn:turn.example.org", port=8123)
    log = (
        LogLine(1.0, "info", "researcher", "Anna said she is thirty-one"),
        LogLine(2.0, "info", "session", "P007 joined"),
        LogLine(3.0, "warning", "store", "Rows of P007 (Anna) came late", {"answer": "thirty-one"}),
        LogLine(4.0, "info", "launcher", "Starting Mountain Car."),
    )
    problem = {"level": "error", "title": "Hook", "text": "for P007", "traceback": "File x", "participant": "P007"}
    people = ({"id": "P007", "label": "Anna", "code": "XK12"},)
    files = contents(Situation("1.0", settings, tmp_path, "running", log, (problem,), people))
    everything = "\n".join(files.values())
    for secret in ("s3cret", "P007", "Anna", "thirty-one", "XK12"):
        assert secret not in everything.replace("README", ""), secret
    assert "Rows of participant 1 (participant 1) came late" in files["log.txt"]
    assert "Starting Mountain Car." in files["log.txt"] and json.loads(files["settings.json"])["port"] == 8123
    assert json.loads(files["problems.json"])[0]["text"] == "for participant 1"
    assert all(name in files["README.txt"] for name in files if name != "README.txt")


def test_diagnostics_are_saved_and_a_folder_that_cannot_be_written_is_told(
    play: Any,
    study: Any,
    open_app: Any,
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        app = open_app(study("mountain_car"))
        app.window.show_page("settings")
        page = app.window.pages["settings"]
        page.save_diagnostics(tmp_path / "help")
        await until(lambda: "saved as help.zip" in page.banner.text.text(), "saved")
        with zipfile.ZipFile(tmp_path / "help.zip") as archive:
            assert "README.txt" in archive.namelist() and "versions.json" in archive.namelist()
        page.save_diagnostics(tmp_path / "nowhere" / "help.zip")
        await until(lambda: "could not be saved: No such file" in page.banner.text.text(), "refused")
        await app.shut_down()

    play(scenario())


def test_chosen_columns_stay_chosen(play: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        app = open_app(study("mountain_car"))
        app.window.show_page("session")
        people = app.window.pages["session"].people
        fps = people.model.column_index("fps")
        before = people.table.isColumnHidden(fps)
        people._choose_column(fps, before)
        assert people.table.isColumnHidden(fps) is not before
        again = open_app()
        again.window.show_page("session")
        assert again.window.pages["session"].people.table.isColumnHidden(fps) is not before
        await app.shut_down()
        await again.shut_down()

    play(scenario())
