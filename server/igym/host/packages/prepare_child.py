"""`igym prepare`: says which packages an experiment still lacks, and fetches them while there is an internet."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from igym.experiment.errors import ExperimentError
from igym.host.base.clock import steady_s
from igym.host.base.errors import HostError
from igym.host.base.json_lines import say, take_over_stdout
from igym.host.http.web_files import web_client_folder
from igym.host.packages.packages import Browser, Resolution, resolve
from igym.host.packages.prepare import Progress, Source, prepare, usual_sources
from igym.host.packages.scene_packages import runtime_of_browsers, wanted, wheel_store
from igym.host.packages.wheels import WheelError, WheelStore, default_store_folder
from igym.host.studies.authoring import loaded_experiment

Tell = Callable[[dict[str, Any]], None]
TELL_EVERY_S = 0.3


def main(arguments: list[str]) -> int:
    """`igym prepare FOLDER [--profile FILE] [--wheels FOLDER]… [--check] [--json]`: sentences on a terminal, JSON lines
    for programs; the last one says how it ended.

    `{event: "progress", label, done, total}` …, then `{event: "failed", text}` or `{event: "prepared", ok,
    packages: [name==version], missing: [text], unreadable: [text],
    wheels: [path]}`. Exit code 0: all is here; 3: something is missing.
    """
    parser = argparse.ArgumentParser(prog="igym prepare")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--profile", type=Path)
    parser.add_argument("--wheels", type=Path, action="append", default=[], metavar="FOLDER")
    parser.add_argument("--check", action="store_true", help="fetch nothing, only say what is missing")
    parser.add_argument("--json", action="store_true", help="JSON lines, also on a terminal")
    options = parser.parse_args(arguments)
    for_people = sys.stdout.isatty() and not options.json
    replies = take_over_stdout()

    def tell(line: dict[str, Any]) -> None:
        if for_people:
            replies.writelines(f"{text}\n" for text in as_text(line))
            replies.flush()
        else:
            say(replies, line)

    try:
        return _run(options, tell)
    except (HostError, ExperimentError) as error:
        tell({"event": "failed", "text": error.text if isinstance(error, HostError) else str(error)})
        return 3


def as_text(line: dict[str, Any]) -> list[str]:
    """The same in sentences: what is fetched, what is here and what is missing, with the way out of each."""
    match line["event"]:
        case "progress":
            return [f"{line['label']} …"] if line["label"].startswith("fetching") and ":" not in line["label"] else []
        case "failed":
            return [line["text"]]
    here = ", ".join(line["packages"]) or "none beside those that come with the app"
    told = [f"Packages on this computer: {here}."]
    told += [f"Missing: {text}" for text in line["missing"]]
    told += [f"Cannot be used: {text}" for text in line["unreadable"]]
    return [*told, "Everything is here: the study runs without internet."] if line["ok"] else told


def _run(options: argparse.Namespace, tell: Tell) -> int:
    experiment = loaded_experiment(options.folder, options.profile)
    browser = runtime_of_browsers(web_client_folder() / "vendor" / "pyodide")
    store = wheel_store(options.folder, options.wheels)
    sources = [] if options.check else usual_sources(browser, heard=_followed(tell))
    if not options.check:
        keep(options.wheels)
    found = [
        _scene(requirements, browser, store, sources, tell)
        for requirements in wanted(experiment, options.folder, browser)
    ]
    packages = sorted({name for resolution in found for name in resolution.requirements})
    missing = list(dict.fromkeys(item.text for resolution in found for item in resolution.missing))
    unreadable = list(store.unreadable().values())
    wheels = sorted({str(wheel.path) for resolution in found for wheel in resolution.wheels})
    ended = {
        "event": "prepared", "ok": not missing, "packages": packages, "missing": missing, "unreadable": unreadable,
        "wheels": wheels,
    }  # fmt: skip
    tell(ended)
    return 3 if missing else 0


def keep(folders: list[Path]) -> None:
    """Copies the wheels of chosen folders (a stick, a network drive) into the app's own, where they stay."""
    own = WheelStore([default_store_folder()])
    for folder in folders:
        for path in sorted(folder.glob("*.whl")):
            try:
                if own.file(path.name) is None:
                    own.add(path)
            except WheelError:
                continue  # told under "unreadable"


def _followed(tell: Tell) -> Callable[[str, int, int], None]:
    """Tells how far each download is, a few times a second at most."""
    last = [0.0]

    def heard(requirement: str, done: int, total: int) -> None:
        if total and (done == total or steady_s() - last[0] > TELL_EVERY_S):
            last[0] = steady_s()
            label = f"fetching {requirement}: {done / 1e6:.1f} of {total / 1e6:.1f} MB"
            tell({"event": "progress", "label": label, "done": done, "total": total})

    return heard


def _scene(
    requirements: tuple[str, ...], browser: Browser, store: WheelStore, sources: list[Source], tell: Tell
) -> Resolution:
    if not sources:
        return resolve(requirements, browser, store.wheels())

    def progress(step: Progress) -> None:
        tell({"event": "progress", "label": step.label, "done": step.done, "total": step.total})

    return prepare(requirements, browser, store, sources, progress)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
