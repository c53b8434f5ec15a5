"""What the browser's Python starts from quickly is made once of the same files, and says of which."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import vendor_compile
import vendor_start
from vendor_fetch import Cache, VendorError, sha256_of

from igym.host.http.web_files import bridge_for_browsers, python_for_browsers

LOCK = {
    "numpy": {"file_name": "numpy.whl", "depends": []},
    "gymnasium": {"file_name": "gymnasium.whl", "depends": ["numpy", "words"]},
    "pettingzoo": {"file_name": "pettingzoo.whl", "depends": ["gymnasium"]},
    "words": {"file_name": "words.whl", "depends": []},
    "pillow": {"file_name": "pillow.whl", "depends": []},
}


def runtime() -> dict[str, bytes]:
    wheels = {entry["file_name"]: b"wheel" for entry in LOCK.values()}
    lock = json.dumps({"packages": LOCK}).encode()
    return dict.fromkeys(vendor_compile.RUNTIME, b"-") | wheels | {"pyodide-lock.json": lock}


def test_it_is_made_again_only_for_other_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, str]] = []

    def making(used: dict[str, bytes], made_of: dict[str, str], sources: bytes) -> dict[str, bytes]:
        assert made_of == {name: sha256_of(data) for name, data in used.items()}
        asked.append(made_of)
        return {"start.json": json.dumps(len(asked)).encode()}

    monkeypatch.setattr(vendor_start, "_made", making)
    first = vendor_start.start_files(runtime(), Cache(tmp_path))
    assert {"words.whl", "pyodide.asm.wasm"} < set(asked[0])
    assert "pillow.whl" not in asked[0], "not a core package"
    assert vendor_start.start_files(runtime() | {"pillow.whl": b"newer"}, Cache(tmp_path)) == first
    assert vendor_start.start_files(runtime() | {"words.whl": b"newer"}, Cache(tmp_path)) != first
    monkeypatch.setattr(vendor_start, "our_sources", lambda: b"{}")
    assert vendor_start.start_files(runtime(), Cache(tmp_path)) != first, "the picture holds our own modules"
    assert len(asked) == 3


def test_a_python_without_packages_finds_our_modules_as_the_host_sends_them(root: Path) -> None:
    script = "import sys; sys.path.insert(0, sys.argv[1]); import vendor, vendor_start; print(vendor.stamp())"
    script += "; sys.stdout.flush(); sys.stdout.buffer.write(vendor_start.our_sources())"
    command = [sys.executable, "-I", "-S", "-c", script, str(root / "build")]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    sources = json.loads(done.stdout.splitlines()[1])
    assert sources == json.loads(python_for_browsers()) | json.loads(bridge_for_browsers(root / "web_client"))


def test_a_pyodide_that_fails_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(VendorError, match="picture of the browser's Python"):
        vendor_start.start_files(runtime(), Cache(tmp_path))


def test_what_is_served_is_of_the_files_that_are_served(root: Path) -> None:
    folder = root / "web_client" / "vendor"
    made_of = json.loads((folder / "pyodide" / "start.json").read_text(encoding="utf-8"))["made_of"]
    served = json.loads((folder / "vendor.json").read_text(encoding="utf-8"))["files"]
    assert made_of == {name: served[f"pyodide/{name}"]["sha256"] for name in made_of}
    assert set(vendor_compile.RUNTIME) < set(made_of)


def test_the_picture_is_of_the_modules_that_the_host_sends(root: Path) -> None:
    archive = (root / "web_client" / "vendor" / "pyodide" / "start.packages.bin").read_bytes()
    at = 4 + int.from_bytes(archive[:4], "little")
    listed = json.loads(archive[4:at])
    texts: dict[str, str] = {}
    compiled: set[str] = set()
    for folder, name, size in listed["files"]:
        path = f"{listed['folders'][folder]}/{name}"
        if path.startswith("/igym/") and name.endswith(".py"):
            texts[path.removeprefix("/igym/")] = archive[at : at + size].decode()
        elif path.startswith("/igym/"):
            compiled.add(path.removeprefix("/igym/").split("/__pycache__/")[0])
        at += size
    sent = json.loads(python_for_browsers()) | json.loads(bridge_for_browsers(root / "web_client"))
    assert texts == sent
    lent = {path.rpartition("/")[0] for path in sent if path.startswith("igym_bridge/lent/")}
    assert compiled == lent, "bytecode of what the picture lacks, and of nothing else"
    assert {path.name for path in vendor_start.source_files()} >= {Path(path).name for path in sent}
