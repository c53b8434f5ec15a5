"""Pictures for the documentation: every page of the launcher and every scene of the examples, from the running product.

    python build/screenshots.py [--only launcher|scenes] [--example NAME] [--out docs/screenshots]

Offscreen; needs the vendored browser runtime, and Chromium for the scenes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LIMIT_S = 120
HOME = Path("/home/lab")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]

VIEWPORT: Any = {"width": 1100, "height": 720}

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


async def until(condition: Callable[[], Any], what: str) -> None:
    """Returns when `condition()` is true; ends the program when it never is."""
    if await within(LIMIT_S, condition):
        return
    sys.exit(f"{what}: not within {LIMIT_S} s")


async def within(limit_s: float, condition: Callable[[], Any]) -> bool:
    """Whether `condition()` came true in time."""
    for _ in range(round(limit_s * 50)):
        if condition():
            return True
        await asyncio.sleep(0.02)
    return False


class Studio:
    """The launcher, its window, and where the pictures go."""

    def __init__(self, app: Any, out: Path) -> None:
        self.app, self.out = app, out
        self.launcher, self.window = app.launcher, app.window

    async def take(self, name: str, widget: Any = None) -> None:
        """One picture of the window, after everything has been laid out and painted."""
        await asyncio.sleep(0.4)
        (widget or self.window).grab().save(str(self.out / f"launcher-{name}.png"))
        print(f"launcher-{name}.png")

    def page(self, name: str) -> Any:
        """Shows a page."""
        self.window.show_page(name)
        return self.window.pages[name]

    async def start(self, name: str) -> None:
        """Starts an example."""
        folder = next(folder for folder in self.launcher.library.entries if folder.name == name)
        self.launcher.start(folder)
        engine = self.launcher.engine
        await until(lambda: engine.mirror.session or engine.state == "failed", f"start of {name}")
        if engine.state == "failed":
            sys.exit(engine.problem)

    async def stop(self) -> None:
        """Ends the session."""
        self.launcher.engine.stop(end_session=True)
        await until(lambda: not self.launcher.engine.alive, "stop")


async def launcher_pages(studio: Studio) -> None:
    """Every page, light and dark, and a narrow window as on a screen at 200 %."""
    launcher = studio.launcher
    await until(lambda: launcher.pictures.done, "pictures")
    await studio.take("experiments", None)
    studio.window.pages["experiments"].listed.click()
    await studio.take("experiments-list")
    studio.window.pages["experiments"].listed.click()
    first = next(folder for folder in launcher.library.entries if folder.name == "mountain_car")
    launcher.choose(first, "configure")
    studio.page("configure").profiles.list.choose("drive")
    await studio.take("configure")
    preflight = studio.page("preflight")
    preflight.run_checks()
    await until(lambda: len(preflight.findings) == len(preflight.rows), "checks")
    await studio.take("preflight")
    await lab_check(studio, preflight)
    await studio.start("mountain_car")
    session = studio.page("session")
    session.rehearse.click()
    dialog = session.rehearsal
    dialog.number.setValue(8)
    dialog.frames.setValue(240)
    await studio.take("rehearsal", dialog)
    dialog.begin()
    mirror = launcher.engine.mirror
    await until(lambda: sum(row["state"] == "playing" for row in mirror.participants.values()) > 4, "play")
    session.people.select(next(iter(mirror.participants)))
    await studio.take("session")
    launcher.change_settings(theme="dark")
    await studio.take("session-dark")
    launcher.change_settings(theme="light")
    session.people.table.clearSelection()
    session.tabs.setCurrentWidget(session.seats)
    await studio.take("session-seats")
    session.tabs.setCurrentWidget(session.people)
    size = studio.window.size()
    for page in ("experiments", "configure", "preflight", "session", "data", "settings", "log"):
        # What is left of a screen of 1366 × 768 at twice the size.
        studio.page(page)
        studio.window.resize(683, 384)
        await studio.take(f"{page}-200-percent")
    studio.page("session")
    studio.window.resize(900, 600)
    await studio.take("session-narrow")
    studio.window.resize(size)
    session.actions_of_session.message_all()
    await studio.take("message", session.actions_of_session.dialog)
    session.actions_of_session.dialog.reject()
    session.join._print_seats(["PC01", "PC02", "PC03", "PC04", "PC05", "PC06"])
    await studio.take("seat-sheet", session.join.paper)
    session.join.paper.accept()
    session.join.show_invitation()
    session.join.invitation.showNormal()
    await studio.take("invitation", session.join.invitation)
    session.join.invitation.close()
    await new_study(studio)
    await until(lambda: dialog.report is not None, "report")
    await studio.take("rehearsal-report", dialog)
    dialog.close()
    await studio.stop()
    data = studio.page("data")
    await until(lambda: data.chosen is not None, "data")
    await studio.take("data")
    data.session.show_report()
    await until(lambda: data.session.paper is not None, "report of the session")
    await studio.take("report", data.session.paper)
    data.session.paper.accept()
    data.session.care.annotate(data.session.session)
    await studio.take("name-and-note", data.session.care.dialog)
    data.session.care.dialog.reject()
    studio.page("log")
    await studio.take("log")
    studio.page("settings")
    await studio.take("settings")


async def new_study(studio: Studio) -> None:
    """A study is made from a template, and put together on Configure."""
    from igym_desktop.widgets.keyboard import KeyboardPicture
    from igym_desktop.windows.personal_links import PersonalLinksDialog

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
    editor.timeline.choose("game")
    keys = next(group for group in editor.form.groups if any(field.kind == "keys" for field in group.group.fields))
    keys.fold.setChecked(True)
    await asyncio.sleep(0.3)
    editor._area.ensureWidgetVisible(keys.findChild(KeyboardPicture), 0, 40)
    await studio.take("keyboard")
    links = {"mode": "link", "link_parameters": ["participant"]}
    info = {"id": "trust", "title": "Trust", "configuration": {"experiment": {"participant_ids": links}}}
    personal = PersonalLinksDialog(page, info, studio.launcher.data_root, "http://10.0.0.5:8080")
    personal.open()
    await studio.take("personal-links", personal)
    personal.reject()
    configure.study.ask_about_prolific()
    await studio.take("prolific", configure.study.dialog)
    configure.study.dialog.reject()


async def lab_check(studio: Studio, preflight: Any) -> None:
    """Three browsers as three seats of a two-player study."""
    from playwright.async_api import async_playwright

    duel = next(folder for folder in studio.launcher.library.entries if folder.name == "slime_duel")
    studio.launcher.choose(duel, "preflight")
    preflight.lab.open.click()
    dialog = preflight.lab.dialog
    await until(dialog.url.text, "lab check")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        pages = [await (await browser.new_context(viewport=VIEWPORT)).new_page() for _ in range(3)]
        for number, page in enumerate(pages, 1):
            await page.goto(f"{dialog.url.text()}?seat=PC{number:02}")
        await until(lambda: dialog.table_now.get("complete") and len(dialog.seats.rows) == 3, "three seats")
        await studio.take("lab-check", dialog)
        dialog.tabs.setCurrentIndex(1)
        await studio.take("lab-check-ways", dialog)
        await pages[0].screenshot(path=studio.out / "scene-lab-check.png")
        await browser.close()
    dialog.accept()


def chromium() -> str | None:
    """A browser of this computer."""
    return shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")


async def scenes(studio: Studio, only: list[str]) -> None:
    """Every scene of every example (or of some) as a participant sees it."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        for folder, entry in list(studio.launcher.library.entries.items()):
            if only and folder.name not in only:
                continue
            await studio.start(folder.name)
            players = max(1, int(entry.info["players"]))
            contexts = [await browser.new_context(viewport=VIEWPORT) for _ in range(players)]
            await example_scenes(studio, [await context.new_page() for context in contexts], folder.name, entry.info)
            for context in contexts:
                await context.close()
            await studio.stop()
        await browser.close()


async def example_scenes(studio: Studio, pages: list[Any], example: str, info: dict[str, Any]) -> None:
    """The researcher moves as many participants as one match needs from scene to scene."""
    engine = studio.launcher.engine
    for number, page in enumerate(pages, 1):
        await page.goto(engine.join_url)
        await page.get_by_role("button").first.wait_for()
        await page.screenshot(path=studio.out / f"scene-{example}-join.png")
        await page.get_by_role("button").first.click()
        await until(lambda number=number: _in_scenes(engine) == number, "joined")  # type: ignore[misc]
    for scene in info["scenes"]:
        moved = [await _move(engine, participant, scene["id"]) for participant in list(engine.mirror.participants)]
        if not all(moved):  # drawn for others, or on another branch
            continue
        await pages[0].wait_for_timeout(1500)
        await pages[0].screenshot(path=studio.out / f"scene-{example}-{scene['id']}.png")
        print(f"scene-{example}-{scene['id']}.png")
        if scene["kind"] == "gym":
            await _play(pages, engine)
            await pages[0].screenshot(path=studio.out / f"scene-{example}-{scene['id']}-playing.png")


def _in_scenes(engine: Any) -> int:
    return sum(bool(row["scene_id"]) for row in engine.mirror.participants.values())


async def _move(engine: Any, participant: str, scene: str) -> bool:
    """False when the scene is not in this participant's plan. Of a repeated scene the first round is shown."""
    for name in (scene, f"{scene}_r1", f"{scene}_r1_r1"):
        if await _moved(engine, participant, name):
            return True
    return False


async def _moved(engine: Any, participant: str, scene: str) -> bool:
    answered: list[Any] = []
    rows = engine.mirror.participants
    engine.command("move", {"participant": participant, "scene": scene}, "picture", answered.append)
    await until(lambda: answered, f"move to {scene}")
    if not answered[0].ok:
        return False
    return await within(6, lambda: rows[participant]["scene_id"] == scene or rows[participant]["state"] == "finished")


async def _play(pages: list[Any], engine: Any) -> None:
    """Everybody starts the game of a gym scene; returns when it is well under way, or stands still (a turn game)."""
    for page in pages:
        await page.locator("main button:visible").first.click(timeout=90_000)
    rows = engine.mirror.participants
    await within(60, lambda: all((row["frame"] or 0) > 45 for row in rows.values()))


@contextmanager
def neutral_home() -> Iterator[Path]:
    """A folder that reads like anybody's: paths in pictures must tell nothing of the computer they come from."""
    if HOME.exists():
        sys.exit(f"{HOME} is there already. Remove it first: the pictures need a home of their own.")
    try:
        HOME.mkdir(parents=True)
    except OSError as error:
        sys.exit(f"{HOME} cannot be made ({error}). Run this where it can, for example in a container.")
    try:
        yield HOME
    finally:
        shutil.rmtree(HOME, ignore_errors=True)


async def run(options: argparse.Namespace) -> None:
    """Everything asked for, below a home of its own."""
    from PySide6.QtWidgets import QApplication

    from igym_desktop.app import App
    from igym_desktop.flow.paths import AppPaths

    with neutral_home() as home:
        qt = QApplication.instance()
        assert isinstance(qt, QApplication)
        app = App(qt, AppPaths.below(home))
        app.launcher.change_settings(
            port=0, address="127.0.0.1", may_sleep=True, theme="light", when_launcher_gone="stop", grace_s=0
        )
        app.open()
        entries = app.launcher.library.entries
        await until(lambda: all(entry.status != "reading" for entry in entries.values()), "descriptions")
        studio = Studio(app, options.out)
        if options.only != "scenes":
            await launcher_pages(studio)
        if options.only != "launcher":
            await scenes(studio, options.example or [])
        await app.shut_down()


def main() -> None:
    """Parses the command line and runs in the Qt event loop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["launcher", "scenes"])
    parser.add_argument("--example", action="append", help="only this example's scenes (may be given more than once)")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screenshots")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    sys.path.insert(0, str(ROOT))
    from igym_desktop.app import make_application

    qt = make_application()
    import qasync

    loop = qasync.QEventLoop(qt)
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(run(options))


if __name__ == "__main__":
    main()
