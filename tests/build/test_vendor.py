"""The browser runtime is exactly what the lock says, wherever the files come from."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import vendor
import vendor_fetch
from vendor_fetch import Cache, Fetcher, Locked, VendorError, sha256_of


def locked(data: bytes, *sources: str, name: str = "thing", target: str = "thing.js") -> Locked:
    return Locked(name, "1.0", "MIT", target, sha256_of(data), sources)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str, list[str]]]:
    """A web server of our own: (folder, address, paths asked for)."""
    folder = tmp_path / "served"
    folder.mkdir()
    asked: list[str] = []

    class Listening(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            asked.append(self.path)

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Listening, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def fetcher(tmp_path: Path, *entries: Locked) -> Fetcher:
    return Fetcher(Cache(tmp_path / "cache"), entries, say=lambda _text: None)


def test_a_file_is_fetched_once_and_then_comes_from_the_cache(
    tmp_path: Path, served: tuple[Path, str, list[str]]
) -> None:
    folder, address, asked = served
    (folder / "a.js").write_bytes(b"content")
    entry = locked(b"content", f"{address}/a.js")
    assert fetcher(tmp_path, entry).fetch(entry) == b"content"
    assert fetcher(tmp_path, entry).fetch(entry) == b"content"
    assert asked == ["/a.js"]


def test_a_source_with_another_content_is_passed_over(tmp_path: Path, served: tuple[Path, str, list[str]]) -> None:
    folder, address, _ = served
    (folder / "wrong.js").write_bytes(b"tampered")
    (folder / "right.js").write_bytes(b"content")
    entry = locked(b"content", f"{address}/wrong.js", f"{address}/right.js")
    assert fetcher(tmp_path, entry).fetch(entry) == b"content"


def test_when_no_source_has_it_every_reason_is_told(tmp_path: Path, served: tuple[Path, str, list[str]]) -> None:
    folder, address, _ = served
    (folder / "wrong.js").write_bytes(b"tampered")
    entry = locked(b"content", f"{address}/wrong.js", f"{address}/absent.js")
    with pytest.raises(VendorError) as told:
        fetcher(tmp_path, entry).fetch(entry)
    assert "wrong.js: has another content" in str(told.value)
    assert "absent.js: HTTP 404" in str(told.value)


def test_an_unreachable_server_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def refuse(address: str, timeout: float) -> None:
        asked.append(address)
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(vendor_fetch.urllib.request, "urlopen", refuse)
    entries = [locked(b"1", "https://nowhere.example/a"), locked(b"2", "https://nowhere.example/b")]
    one = fetcher(tmp_path, *entries)
    for entry in entries:
        with pytest.raises(VendorError, match="not reachable"):
            one.fetch(entry)
    assert asked == ["https://nowhere.example/a"]


def test_a_damaged_cache_entry_is_fetched_again(tmp_path: Path, served: tuple[Path, str, list[str]]) -> None:
    folder, address, _ = served
    (folder / "a.js").write_bytes(b"content")
    entry = locked(b"content", f"{address}/a.js")
    fetcher(tmp_path, entry).fetch(entry)
    Cache(tmp_path / "cache").path(entry.sha256).write_bytes(b"rotten")
    assert fetcher(tmp_path, entry).fetch(entry) == b"content"


def test_one_archive_gives_all_its_locked_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def npm_pack(command: list[str], folder: str) -> None:
        calls.append(command[-1])
        with tarfile.open(Path(folder) / "lib-1.0.0.tgz", "w:gz") as tar:
            for name, data in {"package/a.js": b"a", "package/b.js": b"b", "package/c.js": b"c"}.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))

    monkeypatch.setattr(vendor_fetch, "run", npm_pack)
    monkeypatch.setattr(vendor_fetch, "npm_command", lambda requirement: ["npm", requirement])
    entries = [locked(b"a", "npm:lib@1.0.0!package/a.js"), locked(b"b", "npm:lib@1.0.0!package/b.js")]
    one = fetcher(tmp_path, *entries)
    assert [one.fetch(entry) for entry in entries] == [b"a", b"b"]
    assert calls == ["lib@1.0.0"]
    assert one.cache.get(sha256_of(b"c")) is None


def wheel(name: str, *requires: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        lines = [f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {line}" for line in requires)]
        archive.writestr(f"{name}/__init__.py", "")
        archive.writestr(f"{name}-1.0.dist-info/METADATA", "\n".join(lines) + "\n")
        archive.writestr(f"{name}-1.0.dist-info/licenses/LICENSE", f"the licence of {name}")
    return buffer.getvalue()


def test_the_slim_lock_holds_official_and_pure_wheels() -> None:
    official_wheel, pure_wheel = wheel("fast"), wheel("pure", "fast>=1", 'other; extra == "more"')
    entry = {"file_name": "fast.whl", "sha256": sha256_of(official_wheel), "depends": [], "package_type": "package"}
    official = {"info": {"python": "3.14.0"}, "packages": {"fast": entry, "unused": entry}}
    files = {
        locked(
            official_wheel, "https://release.example/fast.whl", name="fast", target="pyodide/fast.whl"
        ): official_wheel,
        locked(pure_wheel, "pypi:pure==1.0", name="pure", target="pyodide/pure.whl"): pure_wheel,
    }
    slim = vendor.slim_lock(official, files)
    assert list(slim["packages"]) == ["fast", "pure"]
    assert slim["packages"]["pure"]["imports"] == ["pure"]
    assert slim["packages"]["pure"]["depends"] == ["fast"]
    assert "the licence of pure" in vendor.licences(files)


def test_a_lock_that_is_not_closed_is_refused() -> None:
    data = wheel("pure", "absent")
    files = {locked(data, "pypi:pure==1.0", name="pure", target="pyodide/pure.whl"): data}
    with pytest.raises(VendorError, match="pure needs absent"):
        vendor.slim_lock({"info": {}, "packages": {}}, files)


def test_a_hash_that_is_not_the_official_one_is_refused() -> None:
    data = wheel("fast")
    official = {"info": {}, "packages": {"fast": {"sha256": "0" * 64, "depends": []}}}
    files = {locked(data, "https://release.example/fast.whl", name="fast", target="pyodide/fast.whl"): data}
    with pytest.raises(VendorError, match="not the one in pyodide-lock"):
        vendor.slim_lock(official, files)


def test_writing_marks_completeness_and_compresses_what_is_worth_it(tmp_path: Path, root: Path) -> None:
    noise = hashlib.shake_256(b"noise").digest(5000)
    made = {"long.js": b"abc" * 5000, "noise.zip": noise}
    folder = tmp_path / "vendor"
    vendor.write(made, folder, Cache(tmp_path / "cache"), vendor.LOCK)
    assert gzip.decompress((folder / "long.js.gz").read_bytes()) == made["long.js"]
    assert not (folder / "noise.zip.gz").exists()
    listed = json.loads((folder / "vendor.json").read_text())["files"]
    assert listed["long.js"]["gzip_bytes"] == (folder / "long.js.gz").stat().st_size
    assert vendor.is_current(folder)
    (folder / "noise.zip").write_bytes(b"short")
    assert not vendor.is_current(folder)


def test_a_failed_run_leaves_the_earlier_folder(tmp_path: Path) -> None:
    folder = tmp_path / "vendor"
    folder.mkdir()
    (folder / "keep.js").write_text("still here")
    lock = tmp_path / "lock.json"
    entry = {"name": "x", "version": "1", "licence": "MIT", "target": "x.js", "sha256": "0" * 64, "sources": []}
    lock.write_text(json.dumps({"pyodide": {}, "files": [entry]}))
    with pytest.raises(VendorError):
        vendor.make(folder, lock, tmp_path / "cache")
    assert (folder / "keep.js").read_text() == "still here"


def test_the_lock_is_complete_and_names_no_registry() -> None:
    _, files = vendor.read_lock()
    assert len({entry.target for entry in files}) == len(files)
    for entry in files:
        assert len(entry.sha256) == 64
        assert entry.sources
        assert entry.licence
    text = vendor.LOCK.read_text()
    assert "pypi.org" not in text
    assert "registry" not in text


def assert_same_sources(locked: bytes, served: bytes) -> None:
    """A served archive adds bytecode and leaves out what no game reads; everything else is as it was published."""
    with zipfile.ZipFile(io.BytesIO(locked)) as published, zipfile.ZipFile(io.BytesIO(served)) as ours:
        kept = [name for name in ours.namelist() if not name.endswith(".pyc")]
        assert set(kept) <= set(published.namelist())
        assert all(ours.read(name) == published.read(name) for name in kept)


def test_what_was_made_is_what_the_lock_says(root: Path) -> None:
    folder = root / "web_client" / "vendor"
    assert vendor.is_current(folder), "run `python build/dev.py vendor`"
    _, files = vendor.read_lock()
    locked = Fetcher(Cache(vendor_fetch.default_cache()), files)
    for entry in files:
        if entry.target.endswith((".whl", "stdlib.zip")):
            assert_same_sources(locked.fetch(entry), (folder / entry.target).read_bytes())
        elif not entry.target.startswith("source/"):
            assert sha256_of((folder / entry.target).read_bytes()) == entry.sha256
    packages = json.loads((folder / "pyodide" / "pyodide-lock.json").read_text())["packages"]
    for package in packages.values():
        assert sha256_of((folder / "pyodide" / package["file_name"]).read_bytes()) == package["sha256"]
    for packed in folder.rglob("*.gz"):
        assert gzip.decompress(packed.read_bytes()) == packed.with_suffix("").read_bytes()
