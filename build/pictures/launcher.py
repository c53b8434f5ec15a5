"""Every page and window of the launcher, as a lab manager comes to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QApplication

from pictures.studio import CHROMIUM_ARGUMENTS, NotTakenError, Studio, chromium, here, until

VIEWPORT: Any = {"width": 1100, "height": 720}
STUDY = "carry_together"
SMALL = ("experiments", "configure", "preflight", "session", "data", "settings", "log")
"""Taken also in a window as it is on a screen of 1366 × 768 at twice the size."""


async def launcher_pages(studio: Studio) -> None:
    """From the first start to the papers after a session."""
    await until(lambda: studio.launcher.pictures.done, "pictures")
    await _experiments(studio)
    await _new_study(studio)
    await _before(studio)
    await _session(studio)
    await _after(studio)
    await _small(studio)


async def _experiments(studio: Studio) -> None:
    page = studio.page("experiments")
    await studio.take("first-start")
    page.close_first_steps()
    await studio.take("experiments")
    page.listed.click()
    await studio.take("experiments-list")
    page.listed.click()


async def _new_study(studio: Studio) -> None:
    """A study is made from a template, and put together on Configure."""
    page = studio.page("experiments")
    page.ask_for_new_study()
    page.new_study.name.setText("Trust between partners")
    await studio.take("new-study", page.new_study)
    page.new_study.list.setCurrentRow(2)
    page.new_study.make.click()
    configure = studio.page("configure")
    editor = configure.study.editor
    await until(lambda: editor.draft is not None, "the new study")
    editor.timeline.choose("game")
    editor.timeline.wrap("randomize_order")
    editor.timeline.choose("game")
    await studio.take("timeline")
    editor.ask_to_add()
    await studio.take("add-scene", editor.dialog)
    editor.dialog.reject()
    editor.timeline.choose("rules")
    await studio.take("page-editor")
    await _group(studio, "consent", "questions", "question-editor")
    await _group(studio, "game", "policies", "agents")
    await _group(studio, "game", "action_mapping", "keyboard")
    await _group(studio, "experiment", "factors", "design")
    await _group(studio, "experiment", "show_up", "payment-rule")
    configure.study.ask_about_prolific()
    await studio.take("prolific", configure.study.dialog)
    configure.study.dialog.reject()
    studio.window.go_to("preflight")
    await asyncio.sleep(0.2)
    question: Any = QApplication.activeModalWidget()
    await studio.take("unsaved", question)
    question.reject()
    configure.study.discard()


async def _group(studio: Studio, scene: str, option: str, name: str) -> None:
    """A group of options of a scene, unfolded and in view."""
    from igym_desktop.widgets.fields import FieldRow
    from igym_desktop.widgets.keyboard import KeyboardPicture

    editor = studio.window.pages["configure"].study.editor
    editor.timeline.choose(scene)
    group = next(one for one in editor.form.groups if any(option in field.path for field in one.group.fields))
    group.fold.setChecked(True)
    await asyncio.sleep(0.3)
    shown = next(row for row in group.findChildren(FieldRow) if option in row.field.path)
    top = shown if shown.y() > editor.height() // 2 else group
    editor._area.verticalScrollBar().setValue(top.mapTo(editor._area.widget(), top.rect().topLeft()).y() - 12)
    if picture := shown.findChild(KeyboardPicture):
        editor._area.ensureWidgetVisible(picture, 0, 40)
    await studio.take(name)
    group.fold.setChecked(False)


async def _before(studio: Studio) -> None:
    """A profile of an example, links for its people, the checks, the lab."""
    from igym_desktop.windows.personal_links import PersonalLinksDialog

    studio.launcher.choose(studio.example("mountain_car"), "configure")
    configure = studio.page("configure")
    configure.profiles.list.choose("drive")
    await studio.take("configure")
    links = {"mode": "link", "link_parameters": ["participant"]}
    info = {"id": "trust", "title": "Trust", "configuration": {"experiment": {"participant_ids": links}}}
    personal = PersonalLinksDialog(configure, info, studio.launcher.data_root, "http://10.0.0.5:8080")
    personal.open()
    await studio.take("personal-links", personal)
    personal.reject()
    preflight = studio.page("preflight")
    preflight.run_checks()
    await until(lambda: len(preflight.findings) == len(preflight.rows), "checks")
    await studio.take("preflight")
    await _lab_check(studio, preflight)


async def _lab_check(studio: Studio, preflight: Any) -> None:
    """Three browsers as three seats of a two-player study."""
    from playwright.async_api import async_playwright

    studio.launcher.choose(studio.example("slime_duel"), "preflight")
    preflight.lab.open.click()
    dialog = preflight.lab.dialog
    await until(dialog.url.text, "lab check")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        pages = [await (await browser.new_context(viewport=VIEWPORT)).new_page() for _ in range(3)]
        for number, page in enumerate(pages, 1):
            await page.goto(f"{here(dialog.url.text())}?seat=PC{number:02}")
        await until(lambda: dialog.table_now.get("complete") and len(dialog.seats.rows) == 3, "three seats")
        await studio.take("lab-check", dialog)
        dialog.tabs.setCurrentIndex(1)
        await studio.take("lab-check-ways", dialog)
        await browser.close()
    dialog.accept()


async def _session(studio: Studio) -> None:
    """Eight simulated people in a study with conditions, a practice, a game for two and a talk."""
    await studio.start(STUDY)
    page = studio.page("session")
    page.rehearse.click()
    dialog = page.rehearsal
    dialog.number.setValue(8)
    dialog.frames.setValue(900)
    await studio.take("rehearsal", dialog)
    dialog.begin()
    mirror = studio.launcher.engine.mirror

    def playing() -> int:
        return sum(row["state"] == "playing" for row in mirror.participants.values())

    await until(lambda: playing() > 3, "play")
    page.people.select(next(key for key, row in mirror.participants.items() if row["state"] == "playing"))
    await studio.take("session")
    page.end.click()
    await asyncio.sleep(0.2)
    question: Any = QApplication.activeModalWidget()
    await studio.take("end-session", question)
    question.reject()
    page.people.table.clearSelection()
    for tab, name in ((page.matches, "matches"), (page.seats, "seats"), (page.conditions, "conditions")):
        page.tabs.setCurrentWidget(tab)
        await studio.take(f"session-{name}")
    page.tabs.setCurrentWidget(page.people)
    await _of_the_session(studio, page)
    await until(lambda: dialog.report is not None, "report")
    await studio.take("rehearsal-report", dialog)
    dialog.close()


async def _of_the_session(studio: Studio, page: Any) -> None:
    page.actions_of_session.message_all()
    await studio.take("message", page.actions_of_session.dialog)
    page.actions_of_session.dialog.reject()
    page.join._print_seats(["PC01", "PC02", "PC03", "PC04", "PC05", "PC06"])
    await studio.take("seat-sheet", page.join.paper)
    page.join.paper.accept()
    page.join.show_invitation()
    page.join.invitation.showNormal()
    await studio.take("invitation", page.join.invitation)
    page.join.invitation.close()


async def _after(studio: Studio) -> None:
    """What was recorded, and the papers of it."""
    from igym_desktop.flow.papers import receipts, signature_list

    await studio.stop()
    page = studio.page("data")
    await until(lambda: page.chosen is not None, "data")
    panel = page.session
    await studio.take("data")
    for index, name in enumerate(("people", "charts", "check", "payments", "codebook")):
        panel.tabs.setCurrentIndex(index)
        if index:
            await studio.take(f"data-{name}")
    panel.tabs.setCurrentIndex(0)
    for name, show in (
        ("report", panel.show_report), ("consent", panel.show_consent),
        ("receipts", lambda: panel._show_payments(receipts)),
        ("signatures", lambda: panel._show_payments(signature_list)),
    ):  # fmt: skip
        await _paper(studio, panel, name, show)
    panel.care.annotate(panel.session)
    await studio.take("name-and-note", panel.care.dialog)
    panel.care.dialog.reject()
    panel.people_table.selectRow(0)
    panel._withdraw()
    question: Any = QApplication.activeModalWidget()
    await studio.take("withdraw", question)
    question.reject()
    for name in ("log", "settings"):
        studio.page(name)
        await studio.take(name)


async def _paper(studio: Studio, panel: Any, name: str, show: Callable[[], None]) -> None:
    """A paper of the session, which the page refuses in its banner."""
    panel.paper = None
    panel.page.banner.hide()
    show()
    await until(lambda: panel.paper is not None or panel.page.banner.isVisible(), name)
    if panel.paper is None:
        raise NotTakenError(f"{name}: {panel.page.banner.text.text()}")
    await studio.take(name, panel.paper)
    panel.paper.accept()


async def _small(studio: Studio) -> None:
    size, themes = studio.window.size(), studio.themes
    studio.themes = themes[:1]
    for page in SMALL:
        studio.page(page)
        studio.window.resize(683, 384)
        await studio.take(f"{page}-200-percent")
    studio.window.resize(size)
    studio.themes = themes
