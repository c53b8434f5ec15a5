"""Fills the wheel store before the lab goes offline: from a folder, from Pyodide's release, from the package index.

Only wheels that run in the browser are taken, one package at a time: one that cannot be had does not stop the others.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from igym.host.http.downloads import DownloadError, download
from igym.host.packages.package_index import NotOfferedError, fetch_wheel, index_address, why_not
from igym.host.packages.packages import Browser, Missing, Resolution, left_out_advice, resolve
from igym.host.packages.wheels import WheelError, WheelStore
from igym.protocol.told import Told, together

PIP_TIMEOUT_S = 300


@dataclass(frozen=True)
class Progress:
    """How far the preparation is: `done` of `total` known packages (the total grows as dependencies are found)."""

    label: str
    done: int
    total: int


class UnavailableError(Exception):
    """This source does not have the package; the text says why, if there is more to say than that.

    `kind`: what is in the way, where this source knows it; `advice_for` it tells the way out.
    """

    def __init__(self, text: str, kind: str = "") -> None:
        super().__init__(text)
        self.kind = kind


UNKNOWN = Told("Check how the name is written: it is the one for pip, which may differ from the one in import.")
OTHER_VERSION = Told("Ask for another version, or leave the version out.")
OFFLINE = Told(
    "Connect this computer to the internet once, or put the package's wheel into a folder and choose that folder."
)


def advice_for(kind: str, name: str) -> str:
    """The way out of it for this package; "" for what needs none beyond what is known already."""
    return {
        "unknown": UNKNOWN,
        "version": OTHER_VERSION,
        "offline": OFFLINE,
        "compiled": Told(
            'Run the env on the host with .runtime(where="host"), and put the package beside experiment.py (pip '
            "install --target site-packages {name}).",
            name=name,
        ),
        "source": Told(
            "Build its wheel on a computer with Python (pip wheel --no-deps {name}) and put the .whl file into a "
            "folder that you choose in the settings, or run the env on the host.",
            name=name,
        ),
    }.get(kind, "")


# A source puts the wheel of one requirement into a folder, or raises UnavailableError.
Source = Callable[[str, Path], Path]
# (requirement, bytes so far, bytes in all or 0): how far a download is.
Heard = Callable[[str, int, int], None]


def untold(requirement: str, done: int, total: int) -> None:
    """Nobody follows."""


def prepare(
    requirements: Iterable[str],
    browser: Browser,
    store: WheelStore,
    sources: Iterable[Source],
    progress: Callable[[Progress], None] = lambda _: None,
) -> Resolution:
    """Fetches what is missing and resolves again until nothing more can be had. Blocks; run it off the event loop."""
    requirements, sources = list(requirements), list(sources)
    failures: dict[str, UnavailableError] = {}
    while True:
        resolution = resolve(requirements, browser, store.wheels())
        open_items = [item for item in resolution.missing if item.fetchable and item.requirement not in failures]
        if not open_items:
            progress(Progress("ready" if resolution.complete else "some packages are missing", *_counts(resolution)))
            return _explained(resolution, failures)
        for item in open_items:
            progress(Progress(f"fetching {item.requirement}", *_counts(resolution)))
            try:
                _fetch(item.requirement, sources, store)
            except UnavailableError as error:
                failures[item.requirement] = error
            else:
                # A wheel that was fetched and still does not resolve must not be fetched for ever.
                failures.setdefault(item.requirement, UnavailableError(item.reason))


def _counts(resolution: Resolution) -> tuple[int, int]:
    there = len(resolution.wheels) + len(resolution.vendored)
    return there, there + len(resolution.missing)


def _fetch(requirement: str, sources: list[Source], store: WheelStore) -> None:
    reasons, kind = [], ""
    for source in sources:
        with tempfile.TemporaryDirectory(prefix="igym-wheels-") as folder:
            try:
                store.add(source(requirement, Path(folder)))
                return
            except (UnavailableError, WheelError) as error:
                reasons.append(str(error))
                kind = getattr(error, "kind", "") or kind
    raise UnavailableError(together(*dict.fromkeys(filter(None, reasons))) or Told("None of the sources has it."), kind)


def _explained(resolution: Resolution, failures: dict[str, UnavailableError]) -> Resolution:
    """Puts what the sources said into the text of each package that is still missing."""
    missing = tuple(
        _told(item, failures[item.requirement]) if item.requirement in failures else item for item in resolution.missing
    )
    return replace(resolution, missing=missing)


def _told(item: Missing, error: UnavailableError) -> Missing:
    return replace(item, reason=str(error), advice=_advice(item, advice_for(error.kind, item.name)))


def _advice(item: Missing, known: str) -> str:
    if known and not item.needed_by:
        return known
    if item.needed_by:
        return Told("{advice} Otherwise run the env on the host.", advice=left_out_advice(item.name))
    return Told("Check the name and the version, or run the env on the host if it has no pure-Python wheel.")


# ------------------------------------------------------------------------------------------------------- sources


def usual_sources(browser: Browser, chosen_folder: Path | None = None, heard: Heard = untold) -> list[Source]:
    """A folder of wheels (when one is chosen), Pyodide's release, then pip or, where there is none, the index itself.

    `heard(requirement, bytes so far, bytes in all)` follows long downloads.
    """
    sources: list[Source] = [from_folder(chosen_folder, browser)] if chosen_folder is not None else []
    sources.append(from_release(browser, heard))
    index = index_address()
    if has_pip():
        sources.append(from_pip(browser))
    elif index:
        sources.append(from_index(browser, index, heard))
    return sources


def has_pip() -> bool:
    return not getattr(sys, "frozen", False) and importlib.util.find_spec("pip") is not None


def from_folder(folder: Path, browser: Browser) -> Source:
    """Wheels that the researcher carried here, for example on a stick."""
    offered = WheelStore([folder])

    def fetch(requirement: str, _target: Path) -> Path:
        found = resolve([requirement], browser, offered.wheels()).wheels
        name = Requirement(requirement).name
        own = next((wheel for wheel in found if wheel.name == name), None)
        if own is None:
            raise UnavailableError(Told("{folder} has no wheel of it that the browser can use.", folder=folder))
        return own.path

    return fetch


def from_index(browser: Browser, index: str, heard: Heard = untold) -> Source:
    """Pure-Python wheels, and those built for the browser, from the package index at this address."""

    def fetch(requirement: str, target: Path) -> Path:
        try:
            return fetch_wheel(index, requirement, browser, target, partial(heard, requirement))
        except NotOfferedError as error:
            raise UnavailableError(str(error), error.kind) from error
        except DownloadError as error:
            raise UnavailableError(
                Told("The package index could not be used: {error}", error=error), "offline"
            ) from error

    return fetch


def from_release(browser: Browser, heard: Heard = untold) -> Source:
    """The wheels that Pyodide's own release offers for exactly this browser runtime, checked against its hashes."""

    def fetch(requirement: str, target: Path) -> Path:
        wanted = Requirement(requirement)
        package = browser.official.get(wanted.name)
        if package is None or not SpecifierSet(str(wanted.specifier)).contains(package.version, prereleases=True):
            raise UnavailableError("")
        try:
            data, _ = download(browser.official_url + package.file_name, partial(heard, requirement))
        except DownloadError as error:
            raise UnavailableError(
                Told("A version made for the browser exists, but it could not be downloaded. {error}", error=error)
            ) from error
        if hashlib.sha256(data).hexdigest() != package.sha256:
            raise UnavailableError(Told("What was downloaded is not what Pyodide released; it was thrown away."))
        path = target / package.file_name
        path.write_bytes(data)
        return path

    return fetch


def from_pip(browser: Browser) -> Source:
    """Pure-Python wheels from the package index that pip is set up for; built where there is only their source."""

    def fetch(requirement: str, target: Path) -> Path:
        said = _pip(pip_command(requirement, browser.python, target))
        found = next(target.glob("*.whl"), None)
        if found is not None:
            return found
        known = _not_offered(requirement, browser)
        if known is not None and known.kind == "source":
            return _built(requirement, target)
        if known is not None:
            raise UnavailableError(str(known), known.kind)
        raise UnavailableError(pip_reason(said))

    return fetch


def _not_offered(requirement: str, browser: Browser) -> NotOfferedError | None:
    """What the index itself says; None when pip uses none, or it does have a wheel."""
    index = index_address()
    if index is None or os.environ.get("PIP_NO_INDEX"):
        return None
    try:
        return why_not(index, requirement, browser)
    except DownloadError as error:
        raise UnavailableError(Told("The package index cannot be reached: {error}", error=error), "offline") from error


def _built(requirement: str, target: Path) -> Path:
    """The wheel of a package that comes as source, if that is pure Python: its own set-up runs here, as pip runs it."""
    said = _pip([sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps",
                 "--wheel-dir", str(target), requirement])  # fmt: skip
    found = next(target.glob("*.whl"), None)
    if found is None:
        last = next(reversed([line for line in said.splitlines() if line.strip()]), Told("pip gave no reason"))
        raise UnavailableError(
            Told("It is offered as source alone, which could not be built here: {error}", error=last.strip()),
            "source",
        )
    if not found.name.endswith("-none-any.whl"):
        raise UnavailableError(Told("It is offered as source alone, and has compiled parts."), "compiled")
    return found


def _pip(command: list[str]) -> str:
    """What it wrote about errors. Raises `UnavailableError` when it does not end."""
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", check=False, timeout=PIP_TIMEOUT_S,
            env={**os.environ, "PIP_NO_INPUT": "1"},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(Told("The package index did not answer."), "offline") from error
    return done.stderr


def pip_command(requirement: str, python: str, target: Path) -> list[str]:
    version = ".".join(python.split(".")[:2])
    return [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
            "--only-binary=:all:", f"--python-version={version}", "--implementation=py", "--abi=none",
            "--platform=any", "--dest", str(target), requirement]  # fmt: skip


def pip_reason(stderr: str) -> str:
    """What pip said, in the researcher's words."""
    lines = list(_errors(stderr))
    if any("No matching distribution" in line or "Could not find a version" in line for line in lines):
        if any("from versions: none" in line for line in lines):
            return Told("The package index cannot be reached, or it has no pure-Python wheel of it.")
        return Told("The package index has no pure-Python wheel of this version.")
    return (
        Told("The package index could not be used: {error}", error=lines[-1])
        if lines
        else Told("The package index gave nothing.")
    )


def _errors(stderr: str) -> Iterator[str]:
    for line in stderr.splitlines():
        if line.startswith("ERROR:"):
            yield line.removeprefix("ERROR:").strip()
