"""Reports, receipts, lists to sign, invitations and links for seats: what they say, and that they come out as PDF."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from igym.host.export.payments import Payment
from igym.host.web.links import read_signed
from igym_desktop.flow import papers
from igym_desktop.flow.consents import consent_papers, read_consents
from igym_desktop.flow.prolific import bonus_lines
from igym_desktop.flow.session_facts import read_facts
from igym_desktop.flow.sessions import list_sessions
from igym_desktop.windows.paper import PaperDialog, SeatsDialog, document_of
from igym_desktop.windows.personal_links import PersonalLinksDialog
from tests.host.export.store_builder import StoreBuilder
from tests.waiting import until

from .test_data_page import data_page, stored
from .test_main_window import answer, open_app, press, ready, started, study

__all__ = ["answer", "data_page", "open_app", "press", "ready", "started", "study"]
PAID = [Payment("p1", "Anna <b>", 7.5, "EUR", ("show-up",)), Payment("p2", "Ben", 0.0, "EUR", ())]


def test_a_report_tells_who_finished_who_did_not_and_where_with_files_and_payments(tmp_path: Path) -> None:
    made = stored(tmp_path / "duel")
    made.record("session_annotated", name="Monday", note="PC3 was <slow>")
    (tmp_path / "duel" / "participants.csv").write_text("a,b\n")
    (tmp_path / "duel" / "manifest.json").write_text("{}")
    [session] = list_sessions(tmp_path).sessions
    found = papers.report(session, read_facts(tmp_path / "duel", "s-1"), papers.read_files(session), [session])
    text = document_of(found).toPlainText()
    for part in ("Monday", "PC3 was <slow>", "2 participants", "Who did not finish, and where", "=1+1", "7.50 EUR"):
        assert part in text, part
    assert "participants.csv" in text and papers.read_files(session).tables[0][2] in text
    assert "none yet: “Back up now”" in text
    assert "Sessions like this one so far: 1. People who finished in them: 1." in text


def test_round_trips_told_together_count_like_those_told_one_by_one(tmp_path: Path) -> None:
    for name, told in {
        "together": [(10.0, {"rtt_ms": 7.0, "ago_s": 1.5, "earlier": [[5.5, 3.0], [3.5, 5.0]]})],
        "alone": [(4.5, {"rtt_ms": 3.0}), (6.5, {"rtt_ms": 5.0}), (8.5, {"rtt_ms": 7.0})],
    }.items():
        builder = StoreBuilder(tmp_path / name).session("s1").two_player_match("m1", "duel", ("ann", "bob"))
        for at, body in told:
            builder.event("rtt", "ann", 1000.0 + at, **body)
        builder.close()
        assert read_facts(tmp_path / name, "s1").rtt_ms == {"ann": 5.0}, name


def test_receipts_and_the_list_to_sign_name_everybody_once(tmp_path: Path) -> None:
    stored(tmp_path / "duel")
    [session] = list_sessions(tmp_path).sessions
    for made in (papers.receipts(session, PAID), papers.signature_list(session, PAID)):
        text = document_of(made).toPlainText()
        assert text.count("Anna <b>") == 1 and text.count("7.50 EUR") == 1
    assert bonus_lines(PAID) == "p1,7.50\n"


def test_every_seat_has_its_link_code_and_shortcut(tmp_path: Path) -> None:
    seats = papers.seats_of("PC08-PC10, window; PC09")
    assert seats == ["PC08", "PC09", "PC10", "window"]
    with pytest.raises(ValueError, match="At most 400 at once"):
        papers.seats_of("PC1-PC9999")
    made = papers.seat_links("Duel", "http://10.0.0.1:8080/", ["A b/ü"])
    assert "http://10.0.0.1:8080/seat/A%20b%2F%C3%BC" in made.html
    [file] = papers.write_shortcuts(tmp_path, "http://10.0.0.1:8080/", ["A b/ü"])
    assert file.name == "A b_ü.url"
    assert file.read_bytes() == b"[InternetShortcut]\r\nURL=http://10.0.0.1:8080/seat/A%20b%2F%C3%BC\r\n"


def test_a_seat_and_its_code_are_on_one_page(qtbot: Any) -> None:
    made = papers.seat_links("Duel", "http://192.168.100.100:8080/", papers.seats_of("PC01-PC20"))
    document = document_of(made)
    document.setPageSize(QSizeF(680, 1009))  # A4 with its margins
    places: dict[str, set[int]] = {}
    block, seat = document.begin(), ""
    while block.isValid():
        seat = block.text() if block.text().startswith("PC") else "" if block.text() == "Duel" else seat
        box = document.documentLayout().blockBoundingRect(block)
        if seat and block.text():
            places.setdefault(seat, set()).update({int(box.top() // 1009), int((box.bottom() - 1) // 1009)})
        block = block.next()
    assert len(places) == 20 and all(len(pages) == 1 for pages in places.values()), places
    assert document.pageCount() == 3


def test_paper_becomes_a_pdf_with_its_codes(qtbot: Any, tmp_path: Path) -> None:
    dialog = PaperDialog(papers.seat_links("Duel", "http://10.0.0.1:8080/", papers.seats_of("PC1-PC20")), None)
    qtbot.addWidget(dialog)
    dialog.save_pdf(tmp_path / "seats.pdf")
    made = (tmp_path / "seats.pdf").read_bytes()
    assert made.startswith(b"%PDF") and made.count(b"/Subtype /Image") >= 20
    dialog.save_pdf(tmp_path / "no" / "folder" / "seats.pdf")
    assert "could not be written" in dialog.told.text()


def test_after_the_end_the_report_is_one_click_away(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=1, session="s-1")
        folder = study("mountain_car")
        app = open_app(folder)
        stored(app.launcher.data_root / "duel")
        page = await started(app, folder)
        app.launcher.engine.stop(end_session=True)
        await until(lambda: not app.launcher.engine.alive, "stopped")
        press(page, "last_report")
        data = app.window.pages["data"]
        await until(lambda: data.session.paper is not None, "report")
        assert "Who took part" in data.session.paper.document.toPlainText()
        press(data.session.paper, "close_paper")
        await app.shut_down()

    play(scenario())


def test_papers_of_the_data_and_session_pages_open(
    play: Any, behave: Any, study: Any, open_app: Any, data_page: Any, tmp_path: Path
) -> None:
    async def scenario() -> None:
        app, page = await data_page()
        panel = page.session
        await until(lambda: panel.payments.model.rows, "payments")
        panel.findChild(QAction, "show_receipts").trigger()
        assert "Anna" in panel.paper.document.toPlainText()
        press(panel.paper, "close_paper")
        panel.write_bonus_file(tmp_path / "bonus.csv")
        assert (tmp_path / "bonus.csv").read_text() == "p1,7.50\n"
        dialog = SeatsDialog("Duel", "http://10.0.0.1:8080/", [], app.window)
        dialog.open()
        press(dialog, "seat_sheet")
        assert "PC20" in dialog.paper.document.toPlainText()
        dialog.paper.accept()
        dialog.write_shortcuts(tmp_path)
        assert (tmp_path / "PC07.url").is_file() and dialog.told.text().startswith("20 shortcuts were written.")
        dialog.reject()
        await app.shut_down()

    play(scenario())


def test_a_first_start_offers_three_ways(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=0)
        folder = study("mountain_car")
        app = open_app(folder)
        await ready(app)
        page = app.window.pages["experiments"]
        assert page.first_steps.isVisible()
        press(page, "first_check")
        assert app.window.page_name == "preflight" and app.launcher.chosen is not None
        app.window.show_page("experiments")
        press(page, "first_make")
        page.new_study.reject()
        press(page, "first_run")
        await until(lambda: app.launcher.engine.mirror.session, "session")
        assert not app.launcher.settings.first_steps and page.first_steps.isHidden()
        app.launcher.engine.stop(end_session=True)
        await until(lambda: not app.launcher.engine.alive, "stopped")
        stored_settings = json.loads((app.launcher.paths.config / "settings.json").read_text())
        assert stored_settings["first_steps"] is False
        await app.shut_down()

    play(scenario())


def linked_study(mode: str = "link") -> dict[str, Any]:
    ids = {"mode": mode, "link_parameters": ["who", "participant"]}
    return {"id": "duel", "title": "Duel", "configuration": {"experiment": {"participant_ids": ids}}}


def test_personal_links_are_what_the_engine_admits_and_are_saved_and_printed(tmp_path: Path, qtbot: Any) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = PersonalLinksDialog(parent, linked_study(), tmp_path, "http://10.0.0.5:8080")
    dialog.ids.setPlainText("P01-P03, anna")
    assert [who for who, _ in dialog.found] == ["P01", "P02", "P03", "anna"]
    for once, told in ((False, "again"), (True, "once")):
        dialog.once.setChecked(once)
        for who, link in dialog.found:
            assert link.startswith("http://10.0.0.5:8080/?who=")
            params = dict(parse_qsl(urlsplit(link).query))
            assert read_signed(tmp_path / "duel", params, ["who"])[0] == told
            assert read_signed(tmp_path / "duel", {**params, "who": "eve"}, ["who"])[0] == "broken", who
    dialog.save(tmp_path / "links.csv")
    lines = (tmp_path / "links.csv").read_text().splitlines()
    assert lines[0] == "participant,link" and lines[4] == f"anna,{dialog.found[3][1]}"
    dialog._print()
    assert dialog.paper is not None and "anna" in dialog.paper.document.toPlainText()
    dialog.address.setText("10.0.0.5")
    assert dialog.found == [] and "http://" in dialog.told.text() and not dialog.makers[2].isEnabled()


def test_a_study_without_ids_from_links_says_what_to_do(tmp_path: Path, qtbot: Any) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = PersonalLinksDialog(parent, linked_study("anonymous"), tmp_path, "http://10.0.0.5:8080")
    assert "Participant ids" in dialog.told.text() and not any(maker.isEnabled() for maker in dialog.makers)
    assert not (tmp_path / "duel").exists(), "no key is made for it"


def agreed(made: Any) -> None:
    """Anna ticked one box of two; the other person was asked nothing."""
    words = "About data\n\n<p>We keep <b>what you press</b>.</p><ul><li>for ten years</li></ul>\n\nI <agree>.\n"
    made.record("consent_text", scene="consent", text_hash="ab" * 32, version="2.1", text=words)
    for field, given in (("agree", True), ("contact", False)):
        made.record("consent", "p1", scene="consent", visit=0, field=field, version="2.1", given=given,
                    text_hash="ab" * 32, language="en", text=None)  # fmt: skip


def test_what_somebody_agreed_to_is_printed_for_each_person(tmp_path: Path) -> None:
    agreed(stored(tmp_path / "duel"))
    [session] = list_sessions(tmp_path).sessions
    found = read_consents(session.folder, session.id)
    assert [(one.label, one.field, one.given) for one in found] == [("Anna", "agree", True), ("Anna", "contact", False)]
    text = document_of(consent_papers(session, found)).toPlainText()
    for part in (
        "Anna",
        "p1",
        "2.1",
        "About data",
        "We keep what you press.",
        "• for ten years",
        "I <agree>.",
        "ab" * 32,
    ):
        assert part in text, part
    lines = text.split("\n")
    assert lines[lines.index("agree") + 2] == "yes" and lines[lines.index("contact") + 2] == "no"


def test_consent_is_shown_on_the_data_page_of_one_or_of_all(play: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        app = open_app(study("duel"))
        agreed(stored(app.launcher.data_root / "duel"))
        app.window.show_page("data")
        page = app.window.pages["data"]
        await until(lambda: page.chosen is not None, "listed")
        panel = page.session
        panel.findChild(QAction, "show_consent").trigger()
        await until(lambda: panel.paper is not None, "everybody's")
        assert "Anna" in panel.paper.document.toPlainText()
        press(panel.paper, "close_paper")
        panel.paper = None
        panel.people_table.selectRow(row_of(panel, "Anna"))
        press(panel, "consent")
        await until(lambda: panel.paper is not None, "paper")
        assert "We keep what you press." in panel.paper.document.toPlainText()
        press(panel.paper, "close_paper")
        panel.people_table.selectRow(row_of(panel, "=1+1"))
        press(panel, "consent")
        await until(lambda: "This person sent no page" in page.banner.text.text(), "told that they were not asked")
        await app.shut_down()

    def row_of(panel: Any, name: str) -> int:
        shown = panel.people_table.model()
        names = [
            [str(shown.index(row, at).data()) for at in range(shown.columnCount())] for row in range(shown.rowCount())
        ]
        return next(row for row, cells in enumerate(names) if name in cells)

    play(scenario())
