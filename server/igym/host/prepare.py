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

from igym.host.downloads import DownloadError, download
from igym.host.package_index import NotOfferedError, fetch_wheel, index_address
from igym.host.packages import Browser, Missing, Resolution, left_out_advice, resolve
from igym.host.wheels import WheelError, WheelStore

PIP_TIMEOUT_S = 300


@dataclass(frozen=True)
class Progress:
    """How far the preparation is: `done` of `total` known packages (the total grows as dependencies are found)."""

    label: str
    done: int
    total: int


class UnavailableError(Exception):
    """This source does not have the package; the text says why, if there is more to say than that."""


# A source puts the wheel of one requirement into a folder, or raises UnavailableError.
Source = Callable[[str, Path], Path]
# (requirement, bytes so far, bytes in all or 0): how far a download is.
Told = Callable[[str, int, int], None]


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
    failures: dict[str, str] = {}
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
                failures[item.requirement] = str(error)
            else:
                # A wheel that was fetched and still does not resolve must not be fetched for ever.
                failures.setdefault(item.requirement, item.reason)


def _counts(resolution: Resolution) -> tuple[int, int]:
    there = len(resolution.wheels) + len(resolution.vendored)
    return there, there + len(resolution.missing)


def _fetch(requirement: str, sources: list[Source], store: WheelStore) -> None:
    reasons = []
    for source in sources:
        with tempfile.TemporaryDirectory(prefix="igym-wheels-") as folder:
            try:
                store.add(source(requirement, Path(folder)))
                return
            except (UnavailableError, WheelError) as error:
                reasons.append(str(error))
    raise UnavailableError(" ".join(dict.fromkeys(filter(None, reasons))) or "None of the sources has it.")


def _explained(resolution: Resolution, failures: dict[str, str]) -> Resolution:
    """Puts what the sources said into the text of each package that is still missing."""
    missing = tuple(
        replace(item, reason=failures[item.requirement], advice=_advice(item)) if item.requirement in failures else item
        for item in resolution.missing
    )
    return replace(resolution, missing=missing)


def _advice(item: Missing) -> str:
    if item.needed_by:
        return f"{left_out_advice(item.name)} Otherwise run the env on the host."
    return "Check the name and the version, or run the env on the host if it has no pure-Python wheel."


# ------------------------------------------------------------------------------------------------------- sources


def usual_sources(browser: Browser, chosen_folder: Path | None = None, heard: Told = untold) -> list[Source]:
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
            raise UnavailableError(f"{folder} has no wheel of it that the browser can use.")
        return own.path

    return fetch


def from_index(browser: Browser, index: str, heard: Told = untold) -> Source:
    """Pure-Python wheels, and those built for the browser, from the package index at this address."""

    def fetch(requirement: str, target: Path) -> Path:
        try:
            return fetch_wheel(index, requirement, browser, target, partial(heard, requirement))
        except NotOfferedError as error:
            raise UnavailableError(str(error)) from error
        except DownloadError as error:
            raise UnavailableError(f"The package index could not be used: {error}") from error

    return fetch


def from_release(browser: Browser, heard: Told = untold) -> Source:
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
                f"A version made for the browser exists, but it could not be downloaded. {error}"
            ) from error
        if hashlib.sha256(data).hexdigest() != package.sha256:
            raise UnavailableError("What was downloaded is not what Pyodide released; it was thrown away.")
        path = target / package.file_name
        path.write_bytes(data)
        return path

    return fetch


def from_pip(browser: Browser) -> Source:
    """Pure-Python wheels from the package index that pip is set up for."""

    def fetch(requirement: str, target: Path) -> Path:
        try:
            done = subprocess.run(
                pip_command(requirement, browser.python, target),
                capture_output=True, encoding="utf-8", errors="replace", check=False, timeout=PIP_TIMEOUT_S,
                env={**os.environ, "PIP_NO_INPUT": "1"},
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UnavailableError("The package index did not answer.") from error
        found = next(target.glob("*.whl"), None)
        if found is None:
            raise UnavailableError(pip_reason(done.stderr))
        return found

    return fetch


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
            return "The package index cannot be reached, or it has no pure-Python wheel of it."
        return "The package index has no pure-Python wheel of this version."
    return f"The package index could not be used: {lines[-1]}" if lines else "The package index gave nothing."


def _errors(stderr: str) -> Iterator[str]:
    for line in stderr.splitlines():
        if line.startswith("ERROR:"):
            yield line.removeprefix("ERROR:").strip()
