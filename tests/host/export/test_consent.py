"""Who agreed to what, as a table, and the texts under their own hash."""

from __future__ import annotations

import hashlib
from pathlib import Path

from igym.data import load
from igym.host.export.exporter import Exporter
from igym.host.store.store_reader import StoreReader
from tests.host.export.store_builder import StoreBuilder

TEXT = "Before we begin\n\n<p>Grüße</p>\n\nI agree.\n"
HASH = hashlib.sha256(TEXT.encode()).hexdigest()


def test_consent_and_its_texts_are_exported_and_a_text_proves_itself(tmp_path: Path) -> None:
    store = StoreBuilder(tmp_path).session("s1")
    store.record("joined", "ann", label="ann").record("scene_entered", "ann", scene="consent", visit=1)
    box = {"visit": 1, "field": "agree", "version": "2.1", "given": True, "text_hash": HASH, "language": "de"}
    store.record("consent", "ann", None, "consent", **box)
    store.record("consent_text", None, None, "consent", text_hash=HASH, version="2.1", text=TEXT)
    store.record("consent_text", None, None, "consent", text_hash="../../outside", version="", text="never written")
    store.close()
    with StoreReader(store.path) as reader:
        exporter = Exporter(reader, tmp_path, "s1")
        exporter.export_all()
    assert exporter.failures == []
    lines = (tmp_path / "consent.csv").read_text("utf-8").splitlines()
    assert len(lines) == 2
    line = dict(zip(lines[0].split(","), lines[1].split(","), strict=True))
    kept = {"participant": "ann", "scene": "consent", "field": "agree", "given": "true", "version": "2.1"}
    assert kept.items() <= line.items()
    assert (line["text_hash"], line["language"]) == (HASH, "de")
    texts = list((tmp_path / "consent_texts").iterdir())
    assert [path.name for path in texts] == [f"{HASH}.txt"]
    assert hashlib.sha256(texts[0].read_bytes()).hexdigest() == HASH
    codebook = (tmp_path / "codebook.csv").read_text("utf-8")
    assert "consent.csv,text_hash,string," in codebook
    assert "Not described" not in codebook
    data = load(tmp_path)
    assert "consent_texts" not in data.answers, "the folder is no scene"
    assert data.consent["given"].all() and len(data.consent) > 0 and len(data.attempts) == 0
