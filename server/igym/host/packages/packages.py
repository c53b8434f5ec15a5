"""Which Python packages an experiment's envs need in the browser, and where each of them is on this computer.

Two places hold packages: the app's own browser runtime (`web_client/vendor/pyodide`, fixed versions) and folders of
wheels (the wheel store, filled by "prepare offline"; a folder the researcher chose; `wheels/` beside the experiment).
`resolve` finds the closure of what is asked for; what is missing is named together with what to do about it.

An entry of `runtime.packages` is a requirement (`cogrid==0.2.1`) or, with a leading `!`, a dependency to leave out
because the env never really uses it (`!opencv-python`).
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from igym.host.packages.wheels import Wheel, wheel_url
from igym.protocol.told import Told

FETCH_IT = Told(
    "Press “Download now” under Preflight (or run igym prepare) once while this computer is on the internet, or put "
    "its wheel (a .whl file) into a folder and choose that folder in the settings."
)
LENT = {"pygame": "pillow", "pygame-ce": "pillow"}
"""What the app stands in for while it is not on this computer (`igym_bridge/lent`), and what that is made of."""


@dataclass(frozen=True)
class Vendored:
    """A package of the app's own browser runtime."""

    name: str
    version: str
    file_name: str
    sha256: str
    depends: tuple[str, ...]
    imports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Browser:
    """The Python that runs in the browser: its version, the wheel tags it takes, what comes with the app."""

    python: str
    tags: frozenset[str]
    vendored: Mapping[str, Vendored]
    official: Mapping[str, Vendored] = field(default_factory=dict)
    official_url: str = ""

    def marker_environment(self) -> dict[str, str]:
        """What `; python_version < "3.12"` and the like are judged by."""
        return {
            "implementation_name": "cpython",
            "implementation_version": self.python,
            "os_name": "posix",
            "platform_machine": "wasm32",
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Emscripten",
            "platform_version": "",
            "python_full_version": self.python,
            "python_version": ".".join(self.python.split(".")[:2]),
            "sys_platform": "emscripten",
        }

    def packages_of(self, imports: Iterable[str]) -> tuple[str, ...]:
        """The app's own packages behind top-level module names ("PIL" → "pillow"), sorted."""
        wanted = set(imports)
        return tuple(sorted(package.name for package in self.vendored.values() if wanted & set(package.imports)))

    def takes(self, wheel: Wheel) -> bool:
        """True when the wheel's tags and its Requires-Python fit."""
        return bool(wheel.tags & self.tags) and self._python_fits(wheel.requires_python)

    def _python_fits(self, requires_python: str) -> bool:
        try:
            return SpecifierSet(requires_python).contains(Version(self.python), prereleases=True)
        except InvalidSpecifier:
            return False


@dataclass(frozen=True)
class Missing:
    """A package that is needed and not here. `text` is for the researcher; `fetchable`: worth looking for."""

    name: str
    requirement: str
    needed_by: str
    reason: str
    advice: str
    fetchable: bool = True

    @property
    def text(self) -> str:
        needed = Told(" (needed by {name})", name=self.needed_by) if self.needed_by else ""
        return Told(
            "{requirement}{needed}: {reason} {advice}",
            requirement=self.requirement,
            needed=needed,
            reason=self.reason,
            advice=self.advice,
        )


@dataclass(frozen=True)
class Resolution:
    """What the browser loads: `vendored` by name from its own runtime, then `wheels` from this host, in this order."""

    vendored: tuple[Vendored, ...] = ()
    wheels: tuple[Wheel, ...] = ()
    missing: tuple[Missing, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return not self.missing

    @property
    def vendor_packages(self) -> tuple[str, ...]:
        """Names for `loadPyodide({packages})`."""
        return tuple(package.name for package in self.vendored)

    @property
    def requirements(self) -> tuple[str, ...]:
        """`name==version` of every wheel that the host serves."""
        return tuple(f"{wheel.name}=={wheel.version}" for wheel in self.wheels)

    @property
    def urls(self) -> tuple[str, ...]:
        """Paths on the host of those wheels: all that is needed, so they install without looking for dependencies."""
        return tuple(wheel_url(wheel.file_name) for wheel in self.wheels)

    def lock(self) -> list[dict[str, str]]:
        """name, version, file, sha256 and source of everything used, for the export."""
        own = [("app", p.name, p.version, p.file_name, p.sha256) for p in self.vendored]
        wheels = [("wheel", w.name, w.version, w.file_name, w.sha256) for w in self.wheels]
        keys = ("source", "name", "version", "file", "sha256")
        return [dict(zip(keys, values, strict=True)) for values in (*own, *wheels)]


def read_browser(pyodide: Path) -> Browser:
    """Reads the app's browser runtime in `web_client/vendor/pyodide`. Raises FileNotFoundError when it is not there."""
    lock = json.loads((pyodide / "pyodide-lock.json").read_text(encoding="utf-8"))
    official = json.loads((pyodide / "official.json").read_text(encoding="utf-8"))
    info = lock["info"]
    platform = f"pyemscripten_{info['abi_version']}_{info['arch']}"
    return Browser(
        info["python"],
        browser_tags(info["python"], platform),
        {name: _vendored(name, entry) for name, entry in lock["packages"].items()},
        {name: _vendored(name, entry) for name, entry in official["packages"].items()},
        official["url"],
    )


def _vendored(name: str, entry: Mapping[str, Any]) -> Vendored:
    depends = tuple(sorted(canonicalize_name(depend) for depend in entry["depends"]))
    tops = {module.split(".")[0] for module in entry.get("imports", ())}
    return Vendored(name, entry["version"], entry["file_name"], entry["sha256"], depends, tuple(sorted(tops)))


def browser_tags(python: str, platform: str) -> frozenset[str]:
    """Wheel tags for a Python version ("3.14.0") on an Emscripten platform: pure ones, and those built for it."""
    major, minor = (int(part) for part in python.split(".")[:2])
    pure = {f"py{major}-none-any", f"cp{major}{minor}-none-any"}
    pure |= {f"py{major}{older}-none-any" for older in range(minor + 1)}
    built = {f"cp{major}{minor}-cp{major}{minor}-{platform}", f"py{major}-none-{platform}"}
    built |= {f"cp{major}{older}-abi3-{platform}" for older in range(2, minor + 1)}
    return frozenset(pure | built)


# ---------------------------------------------------------------------------------------------------- resolution


@dataclass(frozen=True)
class _Wanted:
    requirement: Requirement
    needed_by: str

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)


class _ConflictError(Exception):
    """A package was chosen before a later requirement narrowed its versions."""


@dataclass
class _Search:
    """One pass over the requirements, with the version limits that earlier passes found."""

    browser: Browser
    wheels: Sequence[Wheel]
    left_out: frozenset[str]
    limits: dict[str, SpecifierSet]
    chosen: dict[str, Vendored | Wheel] = field(default_factory=dict)
    extras: dict[str, set[str]] = field(default_factory=dict)
    missing: dict[str, Missing] = field(default_factory=dict)
    lent: set[str] = field(default_factory=set)

    def run(self, wanted: Iterable[_Wanted]) -> None:
        queue = deque(wanted)
        while queue:
            item = queue.popleft()
            if item.name not in self.left_out | self.lent and item.name not in self.missing:
                queue.extend(self._take(item))

    def _take(self, item: _Wanted) -> list[_Wanted]:
        """Chooses the package of one requirement; returns what it needs in turn."""
        earlier = self.chosen.get(item.name)
        self._narrow(item, earlier)
        found = earlier or find(item.name, self.limits[item.name], self.browser, self.wheels)
        if isinstance(found, Missing) and item.name in LENT:
            self.lent.add(item.name)
            return [_Wanted(Requirement(LENT[item.name]), item.name)]
        if isinstance(found, Missing):
            needed = f"{item.name}{self.limits[item.name]}"
            self.missing[item.name] = replace(found, requirement=needed, needed_by=item.needed_by)
            return []
        self.chosen[item.name] = found
        new_extras = set(item.requirement.extras) - self.extras.setdefault(item.name, set())
        self.extras[item.name] |= new_extras
        if earlier is not None and not new_extras:
            return []
        return needs(found, frozenset(self.extras[item.name]), self.browser)

    def _narrow(self, item: _Wanted, earlier: Vendored | Wheel | None) -> None:
        limit = self.limits.get(item.name, SpecifierSet()) & item.requirement.specifier
        self.limits[item.name] = limit
        if earlier is not None and not limit.contains(earlier.version, prereleases=True):
            raise _ConflictError(item.name)


def find(name: str, limit: SpecifierSet, browser: Browser, wheels: Sequence[Wheel]) -> Vendored | Wheel | Missing:
    """The package to use: the app's own when it has it, else the newest wheel that fits, else why there is none."""
    own = browser.vendored.get(name)
    if own is not None:
        if limit.contains(own.version, prereleases=True):
            return own
        reason = Told(
            "the browser's Python carries {name} {version}, which this excludes.", name=name, version=own.version
        )
        return Missing(
            name,
            "",
            "",
            reason,
            Told("Ask for {name}=={version}, or leave the version out.", name=name, version=own.version),
            False,
        )
    there = [wheel for wheel in wheels if wheel.name == name]
    fitting = [wheel for wheel in there if limit.contains(wheel.version, prereleases=True) and browser.takes(wheel)]
    if fitting:
        return max(fitting, key=lambda wheel: Version(wheel.version))
    return Missing(name, "", "", *_why_not(name, there, browser))


def _why_not(name: str, there: Sequence[Wheel], browser: Browser) -> tuple[str, str]:
    usable = sorted({wheel.version for wheel in there if browser.takes(wheel)}, key=Version)
    if usable:
        return Told("this computer has only version {versions}.", versions=", ".join(usable)), FETCH_IT
    if there:
        reason = Told("{file} is there, but it is made for another system than the browser.", file=there[0].file_name)
        return (
            reason,
            Told(
                "Choose a wheel that ends in py3-none-any.whl, or run the env on the host. {advice}",
                advice=left_out_advice(name),
            ),
        )
    return Told("it is not on this computer."), FETCH_IT


def left_out_advice(name: str) -> str:
    return Told("If the env never really uses it, add “!{name}” to packages and it is left out.", name=name)


def needs(package: Vendored | Wheel, extras: frozenset[str], browser: Browser) -> list[_Wanted]:
    """The direct dependencies of a package, as this browser's Python sees them."""
    label = f"{package.name} {package.version}"
    if isinstance(package, Vendored):
        return [_Wanted(Requirement(depend), label) for depend in package.depends]
    environment = browser.marker_environment()
    found = []
    for line in package.requires:
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({**environment, "extra": extra}) for extra in (extras or {""})):
            found.append(_Wanted(requirement, label))
    return found


def resolve(requirements: Iterable[str], browser: Browser, wheels: Sequence[Wheel]) -> Resolution:
    """Everything the requirements need, transitively. Never raises for a bad entry: it is reported as missing."""
    wanted, left_out, bad = _parse(requirements)
    limits: dict[str, SpecifierSet] = {}
    while True:
        search = _Search(browser, wheels, left_out, limits)
        try:
            search.run(wanted)
            break
        except _ConflictError:
            continue
    chosen = [search.chosen[name] for name in sorted(search.chosen)]
    return Resolution(
        tuple(package for package in chosen if isinstance(package, Vendored)),
        tuple(package for package in chosen if isinstance(package, Wheel)),
        (*bad, *search.missing.values()),
        tuple(sorted(left_out | search.lent)),
    )


def _parse(entries: Iterable[str]) -> tuple[list[_Wanted], frozenset[str], list[Missing]]:
    wanted: list[_Wanted] = []
    left_out: set[str] = set()
    bad: list[Missing] = []
    for entry in (text.strip() for text in entries):
        if entry.startswith("!"):
            left_out.add(canonicalize_name(entry[1:].strip()))
            continue
        try:
            requirement = Requirement(entry)
        except InvalidRequirement:
            requirement = None
        if requirement is None or requirement.url:
            advice = Told("Write a name with a version, such as cogrid==0.2.1.")
            bad.append(Missing(entry, entry, "", Told("this is not a package name."), advice, False))
        else:
            wanted.append(_Wanted(requirement, ""))
    return wanted, frozenset(left_out), bad
