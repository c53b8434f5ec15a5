"""Pictures for the documentation: every page of the launcher and every scene of the examples, from the running product.

    python build/screenshots.py [--only launcher|scenes] [--example NAME] [--out docs/screenshots]

To look at the product with other eyes (with `--out` of another folder): `--language de` or `--size 1366x768` for the
launcher, `--size 390x844 --touch`, `--scheme dark` or `--locale ar` for participants. Offscreen; needs the vendored
browser runtime and Chromium.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "screenshots"
HOME = "/home/lab"
WINDOW = (1366, 768)
"""The screen of a small laptop, in px."""

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@contextmanager
def neutral_home(home: Path) -> Iterator[Path]:
    """A folder that reads like anybody's: paths in pictures must tell nothing of the computer they come from."""
    if home.exists():
        sys.exit(f"{home} is there already. Remove it first: the pictures need a home of their own.")
    try:
        home.mkdir(parents=True)
    except OSError as error:
        sys.exit(f"{home} cannot be made ({error}). Run this where it can, for example in a container.")
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


async def run(options: argparse.Namespace) -> None:
    """Everything asked for, by an app that keeps its things below `options.home`."""
    from pictures.studio import NAME, Guard
    from PySide6.QtWidgets import QApplication

    from igym_desktop.app import App
    from igym_desktop.flow.paths import AppPaths
    from igym_desktop.launcher import Launcher

    qt = QApplication.instance()
    assert isinstance(qt, QApplication)
    paths = AppPaths.below(options.home)
    Launcher(paths, examples=[]).change_settings(
        port=0, join_name=NAME, may_sleep=True, theme="light", when_launcher_gone="stop", grace_s=0,
        language=options.language,
    )  # fmt: skip
    app = App(qt, paths)
    app.open()
    app.window.resize(*(options.size if options.size and options.only == "launcher" else WINDOW))
    try:
        await Guard(lambda: shutil.rmtree(options.home, ignore_errors=True)).during(_pictures(app, options))
    finally:
        await app.shut_down()


async def _pictures(app: Any, options: argparse.Namespace) -> None:
    from pictures.launcher import launcher_pages
    from pictures.scenes import Screen, scenes
    from pictures.studio import Studio, until

    entries = app.launcher.library.entries
    await until(lambda: all(entry.status != "reading" for entry in entries.values()), "descriptions")
    studio = Studio(app, options.out)
    if options.only != "scenes":
        await launcher_pages(studio)
    if options.only != "launcher":
        size = options.size or Screen.size
        await scenes(studio, Screen(size, options.scheme, options.locale, options.touch, options.example or []))


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def main() -> None:
    """Parses the command line and runs in the Qt event loop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["launcher", "scenes"])
    parser.add_argument("--example", action="append", help="only this example's scenes (may be given more than once)")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--home", type=Path, default=Path(HOME), help="a folder made for the time being, seen in paths")
    parser.add_argument("--language", default="en", help="of the launcher")
    parser.add_argument("--size", type=_size, help="of the window, or of participants' screens, in px")
    parser.add_argument("--scheme", choices=["light", "dark"], default="light", help="of participants' browsers")
    parser.add_argument("--locale", default="en", help="of participants' browsers")
    parser.add_argument("--touch", action="store_true", help="participants sit at a phone or tablet")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    sys.path.insert(0, str(ROOT))
    from igym_desktop.app import make_application

    qt = make_application()
    import qasync

    loop = qasync.QEventLoop(qt)
    asyncio.set_event_loop(loop)
    from pictures.studio import NotTakenError

    # An exit from within Qt's loop would leave the home, the session and its server behind.
    with neutral_home(options.home), loop:
        try:
            loop.run_until_complete(run(options))
        except NotTakenError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
