"""Wheels from a package index, without pip: by its JSON answers (PEP 691), or by its pages where it has no others."""

from __future__ import annotations

import configparser
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import platformdirs
from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from igym.host.http.downloads import DownloadError, Heard, download
from igym.host.packages.packages import Browser
from igym.protocol.told import Told

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
BUILT_IN = Path(__file__).with_name("package_index.txt")
"""Made when the app is frozen: where pip looks by default. A checkout asks pip itself."""


@dataclass(frozen=True)
class Offer:
    """One wheel of the index; `sha256` is "" when the index names none."""

    file_name: str
    url: str
    sha256: str
    requires_python: str
    is_yanked: bool


class NotOfferedError(Exception):
    """The index has nothing that the browser can use; the text says what, for the researcher.

    `kind`: "unknown", there is no such package; "compiled", its wheels are made for other systems; "source", it has no
    wheel at all; "version", none of the version asked for; "" for what the index did wrong.
    """

    def __init__(self, text: str, kind: str = "") -> None:
        super().__init__(text)
        self.kind = kind


def fetch_wheel(index: str, requirement: str, browser: Browser, target: Path, heard: Heard) -> Path:
    """The newest wheel that fits the requirement and the browser's Python, its hash checked.

    Raises `NotOfferedError` or `DownloadError`.
    """
    wanted = Requirement(requirement)
    offer = chosen(offers(index, wanted.name), wanted, browser)
    if not offer.sha256:
        raise NotOfferedError(Told("The package index names no hash (SHA-256) of it, so it cannot be checked."))
    data, _ = download(offer.url, heard)
    if hashlib.sha256(data).hexdigest() != offer.sha256:
        raise NotOfferedError(Told("What was downloaded is not what the package index announced; it was thrown away."))
    path = target / Path(offer.file_name).name
    path.write_bytes(data)
    return path


def offers(index: str, name: str) -> list[Offer]:
    """Everything the index has of a package."""
    url = f"{index.rstrip('/')}/{canonicalize_name(name)}/"
    try:
        data, kind = download(url, accept=ACCEPT)
    except DownloadError as error:
        if error.absent:
            raise NotOfferedError(Told("The package index has no package of this name."), "unknown") from error
        raise
    try:
        return list(_from_json(url, json.loads(data)) if "json" in kind else _from_page(url, data))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotOfferedError(Told("The package index gave an answer that cannot be read.")) from error


def chosen(found: list[Offer], wanted: Requirement, browser: Browser) -> Offer:
    """The newest that fits; a withdrawn version only when it is asked for exactly."""
    exact = any(each.operator in ("==", "===") for each in wanted.specifier)
    fitting = [
        (version, offer)
        for offer in found
        if (version := _version(offer, browser)) is not None and (exact or not offer.is_yanked)
    ]
    allowed = set(wanted.specifier.filter({version for version, _ in fitting}))
    usable = [(version, offer) for version, offer in fitting if version in allowed]
    if not usable:
        raise _not_offered(found, wanted, bool(fitting))
    return max(usable, key=lambda pair: pair[0])[1]


def _not_offered(found: list[Offer], wanted: Requirement, other_version: bool) -> NotOfferedError:
    """Why nothing of the index fits."""
    if other_version:
        return NotOfferedError(Told("The package index has no pure-Python wheel of this version."), "version")
    text = Told("The package index has no pure-Python wheel that the browser can use: ")
    if any(offer.file_name.endswith(".whl") for offer in found):
        return NotOfferedError(Told("{text}it has compiled parts, made for other systems.", text=text), "compiled")
    if any(offer.file_name.endswith((".tar.gz", ".zip")) for offer in found):
        return NotOfferedError(Told("{text}it is offered as source alone.", text=text), "source")
    return NotOfferedError(Told("The package index has nothing of {name}.", name=wanted.name), "unknown")


def why_not(index: str, requirement: str, browser: Browser) -> NotOfferedError | None:
    """Why the index has nothing for the browser; None when it has. Raises `DownloadError` when it cannot be asked."""
    wanted = Requirement(requirement)
    try:
        chosen(offers(index, wanted.name), wanted, browser)
    except NotOfferedError as error:
        return error
    return None


def _version(offer: Offer, browser: Browser) -> Version | None:
    """None when the browser's Python cannot take it."""
    try:
        _, version, _, tags = parse_wheel_filename(offer.file_name)
        fits = SpecifierSet(offer.requires_python).contains(Version(browser.python), prereleases=True)
    except (InvalidWheelFilename, InvalidSpecifier):
        return None
    return version if fits and browser.tags & frozenset(map(str, tags)) else None


def _from_json(url: str, answer: dict[str, Any]) -> Iterator[Offer]:
    for file in answer["files"]:
        yield Offer(
            str(file["filename"]),
            urljoin(url, str(file["url"])),
            str(file.get("hashes", {}).get("sha256", "")).lower(),
            str(file.get("requires-python") or ""),
            bool(file.get("yanked")),
        )


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(dict(attrs))


def _from_page(url: str, data: bytes) -> Iterator[Offer]:
    parser = _Links()
    parser.feed(data.decode("utf-8", "replace"))
    for link in parser.found:
        target, fragment = urldefrag(urljoin(url, link.get("href") or ""))
        kind, _, digest = fragment.partition("=")
        yield Offer(
            unquote(urlsplit(target).path.rpartition("/")[2]),
            target,
            digest.lower() if kind == "sha256" else "",
            link.get("data-requires-python") or "",
            "data-yanked" in link,
        )


def index_address(variables: Mapping[str, str] = os.environ) -> str | None:
    """Of the index to ask: what pip is set up for on this computer, else pip's own; None when nobody knows."""
    return variables.get("PIP_INDEX_URL") or _configured(variables) or _built_in()


def _configured(variables: Mapping[str, str]) -> str | None:
    """A company's or a university's mirror, from the files pip reads."""
    name = "pip.ini" if os.name == "nt" else "pip.conf"
    places = [
        Path(variables["PIP_CONFIG_FILE"]) if variables.get("PIP_CONFIG_FILE") else None,
        platformdirs.user_config_path("pip", appauthor=False, roaming=True) / name,
        platformdirs.site_config_path("pip", appauthor=False) / name,
    ]
    settings = configparser.RawConfigParser()
    for place in places:
        try:
            settings.read([place] if place else [], encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue
        if settings.has_option("global", "index-url"):
            return settings.get("global", "index-url")
    return None


def _built_in() -> str | None:
    if BUILT_IN.is_file():
        return BUILT_IN.read_text("utf-8").strip() or None
    try:
        from pip._internal.models.index import PyPI  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        return None
    return str(PyPI.simple_url)
