"""The data page on a stored session: charts, codebook, payments, and long jobs with progress, cancel and refusals."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication

from igym.host.export.payments import Payment
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from igym_desktop.flow.session_facts import SessionFacts, read_facts, read_receipt
from igym_desktop.flow.stored_jobs import StoredJob, ended
from igym_desktop.pages.data_tables import totals
from igym_desktop.widgets.plots import histogram, in_words, means, under_bars, whole_ticks
from tests.host.export.store_builder import StoreBuilder
from tests.waiting import until

from .test_main_window import answer, open_app, press, study

__all__ = ["open_app", "study"]


HEAD = "0123456789abcdef" * 4


def stored(folder: Path) -> StoreBuilder:
    """Two people, one match of two episodes, one of them paid; nothing exported yet."""
    folder.mkdir(parents=True)
    made = StoreBuilder(folder).session("s-1")
    for who, label in (("p1", "Anna"), ("p2", "=1+1")):
        made.record("joined", who, label=label)
        made.record("scene_entered", who, scene="welcome")
        made.record("scene_left", who, scene="welcome")
        made.record("waiting_ended", who, scene="duel", waited_s=4.0, reason="matched")
        made.record("scene_entered", who, scene="duel")
    made.record("match_formed", match="m1", scene="duel", players=[{"participant": "p1"}, {"participant": "p2"}])
    for who in ("p1", "p2"):
        for episode, score in enumerate((1.5, 2.0)):
            made.record("episode_ended", who, match="m1", scene="duel", episode=episode, scores={"a": score, "b": 1.0})
    made.record("scene_left", "p1", scene="duel")
    made.record("earnings", "p1", amount=7.5, currency="EUR", reasons=["show-up", "points"], by="pay")
    made.record("finished", "p1", reason="finished", code="X1")
    with sqlite3.connect(made.path) as chain:
        chain.execute("INSERT INTO trail VALUES ('s-1', 0, 5, 1.0, ?)", (HEAD,))
    chain.close()
    return made


def code_of(folder: Path) -> str:
    """What `igym verify --code` takes; "" without a chain."""
    with StoreReader(folder / DATABASE) as reader:
        head = reader.trail_head("s-1")
    return head.code if head else ""


def test_facts_of_a_stored_session(tmp_path: Path) -> None:
    stored(tmp_path / "duel")
    facts = read_facts(tmp_path / "duel", "s-1")
    assert facts.reached == {"welcome": (2, 2), "duel": (2, 1)}
    assert facts.waits_s == [4.0, 4.0]
    assert facts.rewards == [(1, 2.5), (2, 3.0)], "a match counts once, whoever reported it"
    assert facts.payments == [Payment("p1", "Anna", 7.5, "EUR", ("show-up", "points"))]
    assert totals(facts.payments) == "1 participant, 7.50 EUR together"


def test_chart_numbers() -> None:
    low, width, counts = histogram([1.0, 1.0, 2.0, 5.0])
    assert (low, low + width * len(counts), sum(counts)) == (1.0, 5.0, 4)
    assert histogram([3.0, 3.0]) == (3.0, 1.0, [2])
    assert means([(1, 2.0), (2, 5.0), (1, 4.0)]) == [(1, 3.0), (2, 5.0)]
    assert in_words([1.0, 2.0, 9.0], "s") == "Median 2 s, from 1 to 9."
    assert in_words([0.0, 0.000273, 0.568], "s") == "Median 0 s, from 0 to 0.568."
    assert whole_ticks(3) == [0, 1, 2, 3] and whole_ticks(21) == [0, 6, 12, 18]


@pytest.fixture
def data_page(study: Any, open_app: Any) -> Any:
    async def show() -> tuple[Any, Any]:
        app = open_app(study("duel"))
        stored(app.launcher.data_root / "duel")
        app.window.show_page("data")
        page = app.window.pages["data"]
        await until(lambda: page.chosen is not None, "listed")
        return app, page

    return show


def test_charts_payments_and_codebook_are_shown(play: Any, data_page: Any, tmp_path: Path) -> None:
    async def scenario() -> None:
        app, page = await data_page()
        panel = page.session
        await until(lambda: panel.payments.model.rows, "payments")
        assert page.chosen.size_bytes > 0
        # For the paper log: it stands for everything recorded so far.
        await until(panel.code.text, "the log's code")
        assert panel.code.text() == f"Code of the log: {code_of(app.launcher.data_root / 'duel')}"
        panel.tabs.setCurrentIndex(1)
        await until(panel.plots.completion.isVisible, "charts")
        assert panel.plots.completion.caption.text().startswith("2 came to the first scene, 2 to the last.")
        assert panel.plots.waits.caption.text() == "2 waits. Median 4 s, from 4 to 4."
        assert panel.plots.rewards.caption.text().startswith("Mean in the first episode 2.5, in the last 3.")
        assert panel.plots.rtts.caption.text() == "Nothing recorded."
        panel.payments.save_table(tmp_path / "pay.csv")
        assert "Anna,p1,7.50,EUR,show-up; points" in (tmp_path / "pay.csv").read_text(encoding="utf-8-sig")
        await until(panel.codebook.text.text, "what is said of the codebook")
        assert panel.codebook.text.text() == "The codebook is written with the first export."
        line = {"file": "participants.csv", "column": "seat", "meaning": "Label of the lab computer.", "unit": "",
                "type": "string", "source": "engine"}  # fmt: skip
        (page.chosen.folder / "codebook.json").write_text(json.dumps([line, {**line, "column": "rtt", "unit": "ms"}]))
        assert panel.tables.text() == "", "nothing was checked yet"
        told = {"at": 1.0, "ok": False, "counts": 40, "text": "The tables disagree: payments.csv has no line for p2."}
        (page.chosen.folder / "table_check.json").write_text(json.dumps({"s-1": told}))
        page.reload()
        await until(lambda: "payments.csv has no line for p2" in panel.tables.text(), "what disagrees")
        (page.chosen.folder / "table_check.json").write_text(json.dumps({"s-1": {**told, "ok": True}}))
        page.reload()
        agree = "40 counts in the tables agree with the rows and with each other."
        await until(lambda: panel.tables.text() == agree, "the good line")
        await until(lambda: len(panel.codebook.model.rows) == 2, "codebook")
        panel.codebook.search.setText("lab computer ms"[-2:])
        shown = panel.codebook.proxy
        assert [shown.index(row, 1).data() for row in range(shown.rowCount())] == ["rtt"]
        await app.shut_down()

    play(scenario())


def test_another_theme_reads_nothing_again_and_another_data_folder_does(
    play: Any, data_page: Any, tmp_path: Path
) -> None:
    async def scenario() -> None:
        app, page = await data_page()
        panel, first = page.session, page.chosen
        panel.people_table.selectRow(0)
        app.launcher.change_settings(theme="dark")
        app.launcher.change_settings(theme="light")
        panel.show_report()
        await until(lambda: panel.paper is not None, "the report")
        panel.paper.accept()
        assert page.chosen is first, "what was read stays"
        assert panel.people_table.selectionModel().hasSelection(), "whoever was chosen stays chosen"
        stored(tmp_path / "elsewhere" / "other")
        app.launcher.change_settings(data_root=str(tmp_path / "elsewhere"))
        await until(lambda: page.chosen.folder == tmp_path / "elsewhere" / "other", "the other folder's session")
        await app.shut_down()

    play(scenario())


def test_where_nobody_took_part_the_page_says_so(play: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        app = open_app(study("duel"))
        folder = app.launcher.data_root / "duel"
        folder.mkdir(parents=True)
        made = StoreBuilder(folder).session("s-1")
        made.record("joined", "p1", label="p1")
        made.record("simulated", "p1")
        app.window.show_page("data")
        page = app.window.pages["data"]
        await until(lambda: page.chosen is not None, "listed")
        panel = page.session
        assert panel.nobody.isVisible() and "Simulated participants are left out" in panel.nobody.text()
        assert not panel.people_table.isVisible() and not panel.outcome.isVisible()
        made.record("joined", "p2", label="Anna")
        page.reload()
        await until(panel.people_table.isVisible, "whoever came")
        assert panel.outcome.isVisible() and not panel.nobody.isVisible()
        await app.shut_down()

    play(scenario())


def test_a_check_is_readable_and_a_tampered_file_is_named(play: Any, behave: Any, data_page: Any) -> None:
    async def scenario() -> None:
        app, page = await data_page()
        panel = page.session
        episode = {
            "id": "m1_ep0",
            "match": "m1",
            "scene": "duel",
            "episode": 0,
            "frames": 60,
            "text": "Frame 7 differs.",
        }
        manifest = {"files": 9, "changed": ["duel/p1_ep0.csv"], "missing": [], "unlisted": []}
        behave(
            verify=[
                {"event": "progress", "done": 1, "total": 2, "what": "duel/p1_ep0.csv"},
                {"event": "verified", "ok": False, "text": "", "manifest": manifest,
                 "episodes": [{**episode, "result": "differs"}, {**episode, "episode": 1, "result": "identical"}]},
            ],
            verify_exit=1,
        )  # fmt: skip
        press(panel, "verify")
        await until(lambda: panel.job is None, "checked")
        words = "1 file was changed. 1 of 2 episodes play again exactly as recorded. 1 does not."
        assert page.banner.text.text() == words == panel.check.text.text()
        assert page.banner.property("tone") == "stop"
        assert panel.check.files.rows == [("Changed", "duel/p1_ep0.csv")]
        cells = [panel.check.episodes.index(row, 4).data() for row in range(2)]
        assert cells == ["Differs", "Identical"]
        assert panel.check.episodes.index(0, 5).data() == "Frame 7 differs."
        page.reload()
        await until(lambda: panel.check.text.text() == words, "stays after a refresh")
        await app.shut_down()

    play(scenario())


def test_files_that_are_behind_their_session_are_told_of_and_are_no_harm() -> None:
    told = {"manifest": {"files": 9, "changed": [], "missing": []}, "unfinished": ["Session s1 has not ended."]}
    job = StoredJob("verify", (), "", "verified")
    found = ended(job, {"event": "verified", **told, "episodes": [{"result": "identical"}]}, "", cancelled=False)
    assert found.tone == "warn"
    assert "files are older than its data. Export once" in found.text and "1 of 1 episodes" in found.text


def test_who_is_left_out_of_the_files_is_told_after_an_export_and_a_check() -> None:
    why = "2 episodes of simulated participants are left out of the files."
    found = {"event": "verified", "outcome": "simulated", "without_replay": [why], "episodes": []}
    checked = ended(StoredJob("verify", (), "", "verified"), found, "", cancelled=False)
    assert checked.tone == "warn" and why in checked.text and "No episode was recorded" not in checked.text
    written = {"event": "exported", "files": 17, "left_out": "2 simulated participants are left out."}
    exported = ended(StoredJob("export", (), "", "exported"), written, "", cancelled=False)
    assert (exported.tone, exported.text) == ("go", "17 files were written. 2 simulated participants are left out.")


def test_replay_opens_the_page_and_offers_the_export_it_needs(
    play: Any, behave: Any, data_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()) or True)

    async def scenario() -> None:
        app, page = await data_page()
        behave(replay=[{"event": "failed", "code": "no_replays", "text": "Nothing was exported yet."}], replay_exit=1)
        press(page.session, "replay")
        await until(lambda: page.banner.text.text() == "Nothing was exported yet.", "refusal")
        behave(
            replay=[{"event": "ready", "url": "http://127.0.0.1:9/?t=x", "replays": []}],
            replay_waits=True,
            export=[{"event": "exported", "files": 3, "folder": str(page.chosen.folder)}],
        )
        next(
            item for item in page.banner.findChildren(type(page.session.verify_button)) if "Export" in item.text()
        ).click()
        await until(lambda: page.banner.text.text() == "3 files were written.", "exported")
        page.session.replay("m1_ep0")
        await until(lambda: opened, "browser")
        assert opened == ["http://127.0.0.1:9/?t=x#m1_ep0"]
        assert page.banner.text.text() == "The recordings are open in your browser."
        await app.shut_down()

    play(scenario())


def test_withdrawing_shows_the_receipt(play: Any, behave: Any, data_page: Any) -> None:
    async def scenario() -> None:
        app, page = await data_page()
        folder = page.chosen.folder
        said = {"participant": "p1", "session": "s-1", "erased_at": 5.0, "erased": "rows", "kept": "that p1 took part",
                "removed_files": ["duel/p1_ep0.csv"]}  # fmt: skip
        (folder / "withdrawals").mkdir()
        (folder / "withdrawals" / "p1.json").write_text(json.dumps(said))
        behave(
            withdraw=[
                {"event": "withdrawn", "participant": "p1", "erased": {"rows": 9}, "removed": ["duel/p1_ep0.csv"]}
            ]
        )
        assert not page.session.withdraw_button.isEnabled()
        page.session.people_table.selectRow(0)
        press(page.session, "withdraw")
        await answer("erase", "asked by mail")
        await until(lambda: page.session.withdrawal.receipt, "receipt")
        shown = page.session.withdrawal.receipt.text.toPlainText()
        assert "Participant p1, session s-1" in shown and "duel/p1_ep0.csv" in shown and "that p1 took part" in shown
        press(page.session.withdrawal.receipt, "close_receipt")
        assert page.banner.text.text() == "The data of p1 were erased. 1 file was removed."
        behave(withdraw=[{"event": "failed", "code": "already_running", "text": "It is running."}], withdraw_exit=1)
        await until(lambda: page.session.job is None, "free")
        page.session.people_table.selectRow(0)
        press(page.session, "withdraw")
        await answer("keep", "")
        await until(lambda: "not withdrawn: It is running." in page.banner.text.text(), "refusal")
        assert read_receipt(folder, "s-1", "p2") is None
        await app.shut_down()

    play(scenario())


def test_a_long_job_is_cancelled(play: Any, behave: Any, data_page: Any) -> None:
    async def scenario() -> None:
        app, page = await data_page()
        progress = {"event": "progress", "done": 1, "total": 9, "what": "duel/p1_ep0.csv"}
        behave(backup=[progress], backup_waits=True)
        press(page.session, "backup")
        await until(lambda: page.session.progress.text.text() == "1 of 9: duel/p1_ep0.csv", "progress")
        assert not page.session.export_button.isEnabled()
        press(page.session, "cancel_job")
        await until(lambda: page.session.job is None, "stopped")
        assert page.banner.text.text() == "The copy was stopped; no half file is left."
        assert page.session.export_button.isEnabled() and page.session.progress.isHidden()
        await app.shut_down()

    play(scenario())


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("export", "The export did not succeed: The disk is full."),
        ("verify", "The check did not come to an end: The disk is full."),
        ("backup", "The copy was not made: The disk is full."),
        ("withdraw", "The participant was not withdrawn: The disk is full."),
    ],
)
def test_every_job_that_fails_says_what_and_why(kind: Any, words: str) -> None:
    job = StoredJob(kind, (), "", "done")
    found = ended(job, {"event": "failed", "code": "disk_full", "text": "The disk is full."}, "", cancelled=False)
    assert (found.tone, found.text) == ("stop", words)
    silent = ended(job, {}, "", cancelled=False)
    assert silent.text.endswith("no reason was given")


def test_nothing_recorded_is_no_chart(qapp: QApplication) -> None:
    from igym_desktop.pages.data_plots import PlotsPanel

    panel = PlotsPanel()
    panel.show_facts(SessionFacts())
    for plot in (panel.completion, panel.waits, panel.rtts, panel.rewards):
        assert plot.caption.text() == "Nothing recorded."


def test_names_under_many_bars_stand_in_two_lines_and_are_cut() -> None:
    assert under_bars(["welcome", "game", "thanks"]) == ["welcome", "game", "thanks"]
    many = under_bars([f"a_scene_with_a_long_name_{number}" for number in range(10)])
    assert [name.startswith("\n") for name in many] == [False, True] * 5
    assert all(len(name.strip()) <= 11 and name.endswith("…") for name in many)
