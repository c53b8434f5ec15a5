"""Packages for games are fetched without pip, as in the stand-alone app."""

from __future__ import annotations

import hashlib
import io
import json
import os
import ssl
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from igym.host.http import downloads
from igym.host.packages import package_index, prepare_child
from igym.host.packages.package_index import index_address
from igym.host.packages.packages import Resolution
from igym.host.packages.prepare import from_index, from_pip, prepare, usual_sources
from igym.host.packages.wheels import WheelStore
from tests.host.small_wheels import BROWSER, BUILT, NATIVE, build_wheel

TESTS = Path(__file__).parent
Answer = Callable[[str, str], tuple[int, str, bytes]]


class Index:
    """A package index on this computer: `project(name, files)`; `kind` "json" (PEP 691) or "html" (an old mirror)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kind = "json"
        self.asked: list[str] = []
        self.wrong_hash: set[str] = set()
        self.facts: dict[str, dict[str, Any]] = {}
        self.url = ""

    def answer(self, path: str) -> tuple[int, str, bytes]:
        self.asked.append(path)
        part, _, name = path.strip("/").partition("/")
        if part == "files" and (self.folder / name).is_file():
            return 200, "application/octet-stream", (self.folder / name).read_bytes()
        files = [self.entry(file) for file in sorted(self.folder.glob(f"{name.replace('-', '_')}-*"))]
        if part != "simple" or not files:
            return 404, "text/plain", b"no"
        if self.kind == "json":
            return 200, "application/vnd.pypi.simple.v1+json", json.dumps({"name": name, "files": files}).encode()
        links = "".join(
            f'<a href="{each["url"]}#sha256={each["hashes"]["sha256"]}"'
            + (' data-yanked=""' if each.get("yanked") else "")
            + f' data-requires-python="&gt;=3">{each["filename"]}</a>'
            for each in files
        )
        return 200, "text/html", f"<html><body>{links}</body></html>".encode()

    def entry(self, file: Path) -> dict[str, Any]:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        digest = "0" * 64 if file.name in self.wrong_hash else digest
        facts = {"filename": file.name, "url": f"../../files/{file.name}", "hashes": {"sha256": digest}}
        return {**facts, **self.facts.get(file.name, {})}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    made = Index(tmp_path / "index")
    made.folder.mkdir()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = made.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        made.url = f"http://127.0.0.1:{server.server_port}/simple/"
        yield made
        server.shutdown()
        thread.join()


def fetched(index: Index, tmp_path: Path, *requirements: str) -> Resolution:
    store = WheelStore([tmp_path / "store"])
    return prepare(requirements, BROWSER, store, [from_index(BROWSER, index.url)])


@pytest.mark.parametrize("kind", ["json", "html"])
def test_the_published_envs_are_fetched_with_what_they_need(index: Index, tmp_path: Path, kind: str) -> None:
    index.kind = kind
    build_wheel(index.folder, "cogrid", "0.2.1", "numpy", "pieces>=2")
    build_wheel(index.folder, "slimevb", "0.1.1", "opencv-python")
    build_wheel(index.folder, "pieces", "2.0")
    found = fetched(index, tmp_path, "cogrid==0.2.1", "slimevb==0.1.1", "!opencv-python")
    assert found.complete and found.requirements == ("cogrid==0.2.1", "pieces==2.0", "slimevb==0.1.1")


@pytest.mark.parametrize("kind", ["json", "html"])
def test_the_newest_that_fits_is_taken(index: Index, tmp_path: Path, kind: str) -> None:
    index.kind = kind
    for version in ("1.0", "1.9", "1.10", "2.0rc1", "3.0"):
        build_wheel(index.folder, "pieces", version)
    build_wheel(index.folder, "pieces", "1.11", tag=NATIVE)
    index.facts["pieces-1.10-py3-none-any.whl"] = {"yanked": "broken"}
    assert fetched(index, tmp_path, "pieces<3").requirements == ("pieces==1.9",)
    assert fetched(index, tmp_path / "exact", "pieces==1.10").requirements == ("pieces==1.10",)


def test_wheels_built_for_the_browser_and_pythons_that_fit(index: Index, tmp_path: Path) -> None:
    build_wheel(index.folder, "fast", "1.0", tag=BUILT)
    build_wheel(index.folder, "pieces", "1.0")
    build_wheel(index.folder, "pieces", "2.0")
    index.facts["pieces-2.0-py3-none-any.whl"] = {"requires-python": ">=3.99"}
    assert fetched(index, tmp_path, "fast", "pieces").requirements == ("fast==1.0", "pieces==1.0")


def test_what_is_not_what_was_announced_is_thrown_away(index: Index, tmp_path: Path) -> None:
    index.wrong_hash.add(build_wheel(index.folder, "pieces", "1.0").name)
    index.facts[build_wheel(index.folder, "bare", "1.0").name] = {"hashes": {}}
    found = fetched(index, tmp_path, "pieces", "bare")
    assert "thrown away" in found.missing[0].text and "names no hash" in found.missing[1].text
    assert not (tmp_path / "store").exists()


def test_what_is_not_there_is_said(index: Index, tmp_path: Path) -> None:
    build_wheel(index.folder, "native", "1.0", tag=NATIVE)
    build_wheel(index.folder, "old", "1.0")
    texts = [item.text for item in fetched(index, tmp_path, "nothing", "native", "old>=2").missing]
    assert "no package of this name" in texts[0]
    assert "no pure-Python wheel that the browser can use" in texts[1]
    assert "no pure-Python wheel of this version" in texts[2]
    index.url = "http://127.0.0.1:9/simple/"
    assert "cannot be reached" in fetched(index, tmp_path, "pieces").missing[0].text


BACKEND = """
import base64, hashlib, zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "crafty-1.0-TAG.whl"
    info = "crafty-1.0.dist-info"
    with zipfile.ZipFile(folder + "/" + name, "w") as wheel:
        wheel.writestr("crafty.py", "")
        wheel.writestr(info + "/METADATA", "Metadata-Version: 2.1\\nName: crafty\\nVersion: 1.0\\n")
        wheel.writestr(info + "/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: TAG\\n")
        wheel.writestr(info + "/RECORD", "")
    return name

def build_sdist(folder, config_settings=None):
    raise NotImplementedError
"""
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "crafty"
version = "1.0"
"""


def build_source(folder: Path, tag: str = "py3-none-any") -> None:
    """A package that is offered as source alone; what builds it lies inside, so that nothing else is fetched."""
    info = "Metadata-Version: 2.1\nName: crafty\nVersion: 1.0\n"
    texts = {"backend.py": BACKEND.replace("TAG", tag), "pyproject.toml": PROJECT, "PKG-INFO": info}
    with tarfile.open(folder / "crafty-1.0.tar.gz", "w:gz") as archive:
        for name, text in texts.items():
            entry = tarfile.TarInfo(f"crafty-1.0/{name}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))


def told_by_pip(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *requirements: str) -> Resolution:
    for name in ("PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    return prepare(requirements, BROWSER, WheelStore([tmp_path / "store"]), [from_pip(BROWSER)])


def test_three_kinds_of_missing_packages_get_three_ways_out(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By pip and without it: a name with a typo, a compiled package, and one without a wheel."""
    build_wheel(index.folder, "native", "1.0", tag=NATIVE)
    build_source(index.folder)
    without = [item.text for item in fetched(index, tmp_path, "natvie", "native", "crafty").missing]
    with_pip = [item.text for item in told_by_pip(index, tmp_path, monkeypatch, "natvie", "native").missing]
    for typo, compiled in ((without[0], without[1]), (with_pip[0], with_pip[1])):
        assert "no package of this name" in typo and "Check how the name is written" in typo
        assert (
            "compiled parts" in compiled and 'where="host"' in compiled and "--target site-packages native" in compiled
        )
    assert "offered as source alone" in without[2] and "pip wheel --no-deps crafty" in without[2]
    index.url = "http://127.0.0.1:9/simple/"
    (away,) = told_by_pip(index, tmp_path, monkeypatch, "crafty").missing
    assert "cannot be reached" in away.text and "Connect this computer to the internet" in away.text


def test_a_package_offered_as_source_alone_is_built_where_it_is_pure(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_source(index.folder)
    assert told_by_pip(index, tmp_path, monkeypatch, "crafty").requirements == ("crafty==1.0",)
    build_source(index.folder, tag=f"cp3{sys.version_info.minor}-cp3{sys.version_info.minor}-linux_x86_64")
    (missing,) = told_by_pip(index, tmp_path / "again", monkeypatch, "crafty").missing
    assert "compiled parts" in missing.text and 'where="host"' in missing.text


def test_the_frozen_app_asks_the_index_itself(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    monkeypatch.setattr("sys.frozen", True, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    build_wheel(index.folder, "cogrid", "0.2.1")
    told: list[tuple[str, int, int]] = []
    sources = usual_sources(BROWSER, heard=lambda *step: told.append(step))
    assert prepare(["cogrid==0.2.1"], BROWSER, WheelStore([tmp_path / "store"]), sources).complete
    assert told[-1][0] == "cogrid==0.2.1" and told[-1][1] == told[-1][2] > 0


def test_progress_is_told_in_megabytes() -> None:
    told: list[dict[str, Any]] = []
    heard = prepare_child._followed(told.append)
    for done in (1_000_000, 1_100_000, 9_000_000):
        heard("cogrid==0.2.1", done, 9_000_000)
    assert told[0]["label"] == "fetching cogrid==0.2.1: 1.0 of 9.0 MB"
    assert told[-1]["label"] == "fetching cogrid==0.2.1: 9.0 of 9.0 MB"


def test_a_mirror_that_pip_is_set_up_for_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "pip.ini"
    config.write_text("[global]\nindex-url = https://mirror.example/simple\n", "utf-8")
    assert index_address({"PIP_CONFIG_FILE": str(config)}) == "https://mirror.example/simple"
    assert index_address({"PIP_INDEX_URL": "https://other.example/", "PIP_CONFIG_FILE": str(config)}) == (
        "https://other.example/"
    )
    built_in = tmp_path / "package_index.txt"
    built_in.write_text("https://index.example/simple", "utf-8")
    monkeypatch.setattr(package_index, "BUILT_IN", built_in)
    monkeypatch.setattr(package_index, "_configured", lambda variables: None)
    assert index_address({}) == "https://index.example/simple"


def test_the_networks_proxy_is_asked_and_its_refusal_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(407 if "closed" in self.path else 200)
            self.end_headers()
            self.wfile.write(b"through the proxy")

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            for name in ("no_proxy", "NO_PROXY"):
                monkeypatch.delenv(name, raising=False)
            monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_port}")
            downloads._opener.cache_clear()
            # A name that no server has: only the proxy can answer.
            assert downloads.download("http://index.invalid/simple/")[0] == b"through the proxy"
            with pytest.raises(downloads.DownloadError, match="proxy of this network asks for a password"):
                downloads.download("http://index.invalid/closed")
        finally:
            downloads._opener.cache_clear()
            server.shutdown()
            thread.join()
    assert asked == ["http://index.invalid/simple/", "http://index.invalid/closed"]


def test_a_companys_certificate_is_trusted_and_another_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = TESTS / "tls" / "certificate.pem", TESTS / "tls" / "key.pem"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda request, client_address: None  # type: ignore[method-assign]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"https://127.0.0.1:{server.server_port}/"
        try:
            monkeypatch.delenv("PIP_CERT", raising=False)
            downloads._opener.cache_clear()
            with pytest.raises(downloads.DownloadError, match="does not trust the certificate"):
                downloads.download(url)
            monkeypatch.setenv("PIP_CERT", str(certificate))
            downloads._opener.cache_clear()
            assert downloads.download(url)[0] == b"hello"
        finally:
            downloads._opener.cache_clear()
            server.shutdown()
            thread.join()
