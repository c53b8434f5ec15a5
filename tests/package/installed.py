"""What an installed copy of the app must be able to do, whichever way it was installed."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

EXPERIMENT = """
from igym import EndScene, Experiment, GymScene, Human, Stager, StartScene

experiment = Experiment(
    id="packaged",
    title="Packaged",
    stager=Stager([
        StartScene("welcome").display(header="Welcome"),
        GymScene("play")
            .environment(file="env.py")
            .policies({"agent": Human})
            .gameplay(action_mapping={"ArrowLeft": 0, "ArrowRight": 2}, default_action=1),
        EndScene("thanks").display(header="Thank you"),
    ]),
)
"""
ENV = """
import gymnasium


def make_env():
    return gymnasium.make("MountainCar-v0", render_mode="rgb_array")
"""


def write_study(folder: Path) -> Path:
    folder.mkdir()
    (folder / "experiment.py").write_text(EXPERIMENT)
    (folder / "env.py").write_text(ENV)
    return folder


def describe(command: list[str], study: Path) -> dict[str, Any]:
    done = subprocess.run([*command, str(study)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=120) as answer:
        data: bytes = answer.read()
        return data


def run_engine(command: list[str], study: Path, data: Path) -> None:
    """Starts the engine, reads its pages and the browser runtime, ends it by closing its input, looks at the files."""
    options = ["--folder", str(study), "--port", "0", "--address", "127.0.0.1", "--data", str(data), "--grace", "0"]
    engine = subprocess.Popen(
        [*command, *options, "--when-launcher-gone", "stop"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    try:
        assert engine.stdout is not None
        ready = next((line for line in map(json.loads, engine.stdout) if line["event"] in {"ready", "failed"}), None)
        assert ready is not None, engine.communicate()[1]
        assert ready["event"] == "ready", ready
        read_pages(ready["join_url"])
        out, err = engine.communicate("", timeout=120)
    finally:
        engine.kill()
    assert engine.returncode == 0, err
    assert "Traceback" not in out + err
    assert (data / "packaged" / "manifest.json").is_file()


def read_pages(join_url: str) -> None:
    page = get(join_url).decode()
    address = {
        name: f"{join_url.rstrip('/')}{path}" for name, path in re.findall(r'name="igym-(\w+)" content="([^"]+)"', page)
    }
    lock = json.loads(get(address["vendor"] + "pyodide/pyodide-lock.json"))
    assert "gymnasium" in lock["packages"]
    assert {"numpy", "scipy", "pandas", "matplotlib", "scikit-learn"} <= lock["packages"].keys()
    for package in lock["packages"].values():
        wheel = get(address["vendor"] + "pyodide/" + package["file_name"])
        assert hashlib.sha256(wheel).hexdigest() == package["sha256"], package["name"]
    assert b"import" in get(address["static"] + "main.js")
    rendering = json.loads(get(address["static"] + "py/igym_rendering.json"))
    assert any("class Surface" in text for text in rendering.values())
