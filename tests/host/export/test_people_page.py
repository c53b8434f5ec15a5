"""The page "From people to agents and back" is gone through from its first block to its last, as its reader would."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from igym import GymScene
from igym.experiment.loader import load_experiment
from igym.host.export.exporter import Exporter
from igym.host.programs.convert_main import converted
from igym.host.store.store_reader import StoreReader
from tests.host.export.played import PlayedStudy
from tests.host.export.test_people_to_partner import DUEL, chases

PAGE = Path(__file__).resolve().parents[3] / "docs" / "manual" / "people-to-agents.md"
BLOCK = re.compile(r"^(?:<!-- (\w+) -->\n)?```(python|sh)\n(.*?)^```", re.S | re.M)
STEPS = [(mark or kind, code) for mark, kind, code in BLOCK.findall(PAGE.read_text("utf-8"))]
ELSEWHERE = ("pip ", "igym replay ")
"""What is installed already, and films, which a browser makes: tests/browser/test_replay.py."""

NO_BROWSER = ((), ("--browser", "none"))


class Reader:
    """Somebody with the page, in the folder of a launcher."""

    def __init__(self, root: Path) -> None:
        self.root, self.study, self.data = root, root / "studies" / "my_duel", root / "data" / "my_duel"
        shutil.copytree(DUEL, self.study, ignore=shutil.ignore_patterns("__pycache__"))
        converted(self.study)
        self.change(id="my_duel")
        self.names: dict[str, Any] = {"__name__": "page"}

    def change(self, **options: Any) -> None:
        """What is done on the Configure page."""
        file = self.study / "study.toml"
        file.write_text(tomli_w.dumps(tomllib.loads(file.read_text("utf-8")) | options), "utf-8")

    def record(self, session: str, matches: int) -> None:
        """People play the study as it is now, and its session ends."""
        (scene,) = (scene for scene in load_experiment(self.study).scenes if isinstance(scene, GymScene))
        files = {path.relative_to(self.study).as_posix(): path.read_bytes()
                 for path in self.study.rglob("*") if path.is_file() and "__pycache__" not in path.parts}  # fmt: skip
        played = PlayedStudy(self.root / session, scene, {**files}, "my_duel", session, self.data)
        for _ in range(matches):
            played.match(chases, episodes=2, most=400)
        played.builder.close()
        with StoreReader(self.data / "session.sqlite3") as reader:
            exporter = Exporter(reader, self.data, session)
            exporter.export_all()
        assert exporter.failures == []

    def does(self, kind: str, code: str, printed: pytest.CaptureFixture[str]) -> str:
        """What it prints."""
        if kind == "python":
            exec(compile(code, PAGE.name, "exec"), self.names)
            return printed.readouterr().out
        told = ""
        for line in [line for line in code.splitlines() if not line.startswith(ELSEWHERE)]:
            words = [*shlex.split(line)[1:], *NO_BROWSER[line.startswith("igym check ")]]
            command = [sys.executable, "-m", "igym.cli", *words]
            done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
            told += done.stdout
        return told


def test_whoever_follows_the_page_gets_from_recordings_to_a_partner_that_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    reader = Reader(tmp_path)
    reader.record("s1", matches=3)
    told = []
    for kind, code in STEPS:
        if kind == "scene":
            assert 'Onnx("partner.onnx", frame_skip=1)' in code
            bot = {"kind": "onnx", "path": "partner.onnx", "frame_skip": 1}
            study = tomllib.loads((reader.study / "study.toml").read_text("utf-8"))
            study["scenes"]["duel"]["policies"]["mapping"][1]["policy"] = bot
            reader.change(scenes=study["scenes"])
        elif kind == "study":
            folder = tmp_path / "studies" / "who_is_it"
            folder.mkdir()
            (folder / "experiment.py").write_text(code, "utf-8")
            assert load_experiment(folder).id == "who_is_it"
        else:
            if "igym verify" in code:
                reader.record("s2", matches=2)
            told.append(reader.does(kind, code, capsys))

    printed = "\n".join(told)
    assert "6 games" in printed and printed.count("exact: True") == 6
    learned, unseen, usual = (int(share) for share in re.findall(r"(\d+)% (?:of|by)", printed))
    assert learned > 85 and unseen > usual + 20
    assert "on 100 of 100 observations" in printed and 'Onnx("partner.onnx")' in printed
    assert re.search(r"over after \d+ frames\n", printed)
    assert printed.count("played with partner.onnx ") == 4 and printed.count("right right human") == 0
