"""The whole way of a study without a line of code, from "New study…" to the receipt of what was erased."""

from __future__ import annotations

import asyncio
import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect
from PySide6.QtGui import QAction, QDesktopServices

from igym.host.children.browsers import find_browser
from igym_desktop.app import App
from igym_desktop.launcher import child_command
from tests.browser.exports import assert_parity
from tests.browser.participant_page import SHORT_GAMES
from tests.waiting import until

from .test_designed_here import choose, enter, fill_part, unfold
from .test_main_window import answer, press, ready
from .test_study_made_here import SLIME, add, fill, records, row

pytestmark = pytest.mark.timeout(600)
LONG_S = 120
LONG_MS = LONG_S * 1000


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


async def made(app: App) -> Path:
    """From "New study…": consent and a game for two are there; a check, two conditions and a payment are added."""
    experiments = app.window.pages["experiments"]
    press(app.window, "new_study")
    dialog = experiments.new_study
    dialog.name.setText("Zwei am Netz")
    titles = [dialog.list.item(at).text() for at in range(dialog.list.count())]
    dialog.list.setCurrentRow(next(at for at, text in enumerate(titles) if text.startswith("Two people and a game")))
    press(dialog, "create_study")
    page = app.window.pages["configure"]
    await until(lambda: page.study.editor.draft is not None, "the new study")
    folder: Path = app.launcher.paths.studies / "zwei_am_netz"
    check = await add(page, "form", "rules")
    questions = records(page, "questions")
    questions.add(2)
    fill_part(questions, "label", "Do you play alone?")
    unfold(questions)
    fill_part(questions, "correct", "no")
    fill_part(questions, "explain", "Somebody else plays on the other side.")
    choose(row(page, "scene", "check").control, "until_right")
    page.study.editor.timeline.choose("game")
    fill(page, "90", "gameplay", "max_steps")
    config = row(page, "environment", "config").control
    enter(config, "win_score", "from points")
    page.study.editor.timeline.choose("experiment")
    enter(row(page, "design", "factors").control, "points", "3, 4")
    choose(row(page, "design", "per").control, "group")
    choose(row(page, "design", "assign").control, "game")
    fill(page, "EUR", "payment", "currency")
    fill(page, "5", "payment", "base")
    assert page.study.editor.draft.problem == "" and page.study.editor.draft.look.missing == ""
    press(page, "save_profile")
    await until(lambda: app.launcher.chosen.status == "ready" and page.start.isEnabled(), "read again", LONG_S)
    assert check == "form"
    return folder


async def previewed(app: App, browser: Browser, opened: list[str]) -> None:
    page = app.window.pages["configure"]
    page.study.editor.timeline.choose("consent")
    press(page, "study_preview")
    await until(lambda: opened, "the preview's address", LONG_S)
    shown = await browser.new_page()
    await shown.goto(opened.pop())
    await expect(shown.get_by_text("I have read this and want to take part.").first).to_be_visible(timeout=LONG_MS)
    await shown.close()
    press(page, "study_preview_stop")
    await until(lambda: not app.launcher.preview.engine.alive, "stopped", LONG_S)


async def rehearsed(app: App) -> None:
    """Two simulated people; every check before it is passed."""
    app.window.show_page("preflight")
    preflight = app.window.pages["preflight"]
    press(preflight, "run_checks")
    await until(lambda: len(preflight.findings) == len(preflight.rows), "checks", LONG_S)
    assert {key: f.text for key, f in preflight.findings.items() if f.result == "stop"} == {}
    session = await started(app)
    press(session, "rehearse")
    session.rehearsal.number.setValue(2)
    session.rehearsal.frames.setValue(60)
    session.rehearsal.begin()
    await until(lambda: session.rehearsal.report is not None, "report", LONG_S)
    assert session.rehearsal.report.ok, session.rehearsal.report.lines
    session.rehearsal.close()
    await ended(app)


async def started(app: App) -> Any:
    app.window.show_page("preflight")
    press(app.window.pages["preflight"], "preflight_start")
    session = app.window.pages["session"]
    await until(lambda: app.launcher.engine.mirror.session and session.rehearse.isVisible(), "session", LONG_S)
    return session


async def ended(app: App) -> None:
    press(app.window.pages["session"], "end_session")
    await answer("end")
    await until(lambda: app.launcher.engine.state == "stopped", "stopped", LONG_S)


async def click(person: Page, name: str) -> None:
    await person.get_by_role("button", name=name, exact=True).click(timeout=LONG_MS)


async def to_the_game(browser: Browser, url: str) -> Page:
    """Consent, rules, and the check: wrong first, then as it was explained."""
    person = await (await browser.new_context(viewport={"width": 1000, "height": 760})).new_page()
    await person.goto(url)
    await click(person, "Start")
    await click(person, "Start")
    await person.get_by_role("checkbox").check(force=True, timeout=LONG_MS)
    await click(person, "Continue")
    await expect(person.get_by_text("How it is played").first).to_be_visible(timeout=LONG_MS)
    await click(person, "Continue")
    await person.get_by_text("Yes", exact=True).click(timeout=LONG_MS)
    await click(person, "Continue")
    await expect(person.get_by_text("Somebody else plays on the other side.").first).to_be_visible(timeout=LONG_MS)
    await person.get_by_text("No", exact=True).click()
    await click(person, "Continue")
    await click(person, "Find my partner")
    return person


async def played(app: App, browser: Browser) -> tuple[str, str]:
    """Who answers the questions after the game, and who closes the browser over them."""
    mirror, url = app.launcher.engine.mirror, app.launcher.engine.join_url
    stays, leaves = await asyncio.gather(to_the_game(browser, url), to_the_game(browser, url))
    for person in (stays, leaves):
        await expect(person.get_by_text("It was fair.").first).to_be_visible(timeout=LONG_MS)
    await leaves.context.close()
    for group in await stays.get_by_role("radiogroup").all():
        await group.get_by_role("radio").first.check(force=True)
    await click(stays, "Continue")
    await expect(stays.get_by_text("Thank you").first).to_be_visible(timeout=LONG_MS)
    await stays.context.close()
    people = mirror.participants.values
    await until(lambda: [row["state"] for row in people()].count("finished") == 1, "one has finished", LONG_S)
    (finished,) = [str(row["id"]) for row in people() if row["state"] == "finished"]
    (other,) = [str(row["id"]) for row in people() if row["state"] != "finished"]
    await until(lambda: mirror.participants[other]["connection"] != "connected", "the other is gone", LONG_S)
    return finished, other


async def data_page(app: App) -> Any:
    app.window.show_page("data")
    page = app.window.pages["data"]
    await until(lambda: page.chosen is not None and page.chosen.kind == "study", "listed", LONG_S)
    return page


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text)


async def reported_and_exported(app: App, data: Path, finished: str, other: str) -> None:
    page = await data_page(app)
    panel = page.session
    assert (len(page.chosen.people), page.chosen.finished, page.chosen.parity_text) == (2, 1, "Identical")
    await until(lambda: panel.payments.model.rows, "payments", LONG_S)
    panel.findChild(QAction, "show_report").trigger()
    await until(lambda: panel.paper is not None, "report", LONG_S)
    report = words(panel.paper.document.toPlainText())
    assert all(
        word in report for word in ("Zwei am Netz", "2 participants", f"{other} Dropped out after", "5.00 EUR")
    ), report
    panel.paper.save_pdf(data / "report.pdf")
    assert (data / "report.pdf").read_bytes().startswith(b"%PDF")
    press(panel.paper, "close_paper")
    for name in ("jsonl", "xlsx"):
        panel.findChild(QAction, f"export_{name}").trigger()
        await until(lambda: panel.job is None, name, LONG_S)
    assert list(data.rglob("*.xlsx")) and list(data.rglob("*.jsonl"))
    assert_parity(data / "game", members=2, episodes=1)
    people = {row["participant"]: row for row in rows(data / "participants.csv")}
    assert people[finished]["status"] == "finished" and people[other]["status"] != "finished"
    (points,) = {row["condition.points"] for row in people.values()}
    assert points in ("3", "4"), "both of a match are given the same"
    paid = {row["participant"]: row for row in rows(data / "payments.csv")}
    assert (float(paid[finished]["earnings"]), paid[finished]["currency"]) == (5.0, "EUR")


async def erased(app: App, data: Path, finished: str, other: str) -> None:
    """The one who left wants nothing kept; what the other recorded stays."""
    page = await data_page(app)
    panel = page.session
    panel.tabs.setCurrentIndex(0)
    panel.people_table.selectRow([person.id for person in panel.people.rows].index(other))
    press(panel, "withdraw")
    await answer("erase", "asked for it")
    await until(lambda: panel.withdrawal.receipt, "receipt", LONG_S)
    assert other in panel.withdrawal.receipt.text.toPlainText()
    press(panel.withdrawal.receipt, "close_receipt")
    assert not list((data / "game").glob(f"{other}*.csv")) and list((data / "game").glob(f"{finished}*_ep0.csv"))
    assert {row["participant"]: row["status"] for row in rows(data / "participants.csv")}[other] == "withdrawn"
    await until(lambda: [p.status for p in panel.people.rows if p.id == other] == ["withdrawn"], "listed again", LONG_S)
    press(panel, "verify")
    await until(lambda: panel.job is None, "verified", LONG_S)
    assert "unchanged" in panel.check.text.text(), panel.check.text.text()


def test_a_study_goes_the_whole_way_without_a_line_of_code(
    loop: Any, make_app: Callable[..., App], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()) or True)

    async def scenario() -> None:
        app = make_app([SLIME], command_line=child_command)
        await ready(app)
        folder = await made(app)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=find_browser(), args=SHORT_GAMES)
            await previewed(app, browser, opened)
            await rehearsed(app)
            await started(app)
            finished, other = await played(app, browser)
            await browser.close()
        await ended(app)
        data = app.launcher.data_root / "zwei_am_netz"
        await reported_and_exported(app, data, finished, other)
        await erased(app, data, finished, other)
        assert not list(folder.glob("*.toml.bak")) and (folder / "study.toml").is_file()
        assert not (folder / "experiment.py").exists()
        await app.shut_down()

    loop.run_until_complete(asyncio.wait_for(scenario(), 580))
