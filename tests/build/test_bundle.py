"""The web client's modules are joined into a few files, again only when one has changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import bundle
import pytest

from igym.host.http.web_files import Bundled, Served


@pytest.fixture
def client(root: Path, tmp_path: Path) -> Path:
    left_out = shutil.ignore_patterns("vendor", "bundled", "bundled.new", "__pycache__")
    return shutil.copytree(root / "web_client", tmp_path / "web_client", ignore=left_out)


def contents(client: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (client / "bundled").iterdir()}


def test_page_and_worker_are_a_few_files_made_again_only_for_other_modules(client: Path) -> None:
    assert not Bundled(client).is_current
    assert bundle.bundle(client) and not bundle.bundle(client)
    assert Bundled(client).is_current
    first = contents(client)
    assert {"main.js", "main.js.gz", "worker.js", "worker.js.gz"} < set(first)
    assert len(Served(client).modules("main.js")) > 50
    for joined in Bundled.JOINED.values():
        assert len(Served(client).modules(joined)) <= 6
    assert b"MatchPlay = class" in b"".join(first.values()), "names stay, for whoever reads an error"

    (client / "app" / "state.js").write_text((client / "app" / "state.js").read_text() + "\nexport const more = 1;\n")
    assert not Bundled(client).is_current
    assert bundle.bundle(client)
    (client / "app" / "state.js").write_text(
        (client / "app" / "state.js").read_text().removesuffix("\nexport const more = 1;\n")
    )
    assert bundle.bundle(client)
    assert contents(client) == first, "the same modules give the same files"


def test_a_module_that_cannot_be_read_is_told_and_leaves_what_was_there(client: Path) -> None:
    bundle.bundle(client)
    (client / "main.js").write_text("import {\n")
    with pytest.raises(bundle.BundleError, match=r"main\.js"):
        bundle.bundle(client)
    assert (client / "bundled" / "main.js").is_file() and not Bundled(client).is_current


def test_without_esbuild_it_says_what_to_do(client: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "ESBUILD", tmp_path / "nothing")
    with pytest.raises(bundle.BundleError, match="npm ci"):
        bundle.bundle(client)
