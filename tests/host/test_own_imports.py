"""A study's files may be called as modules of Python are: the study has its own, the program never has the study's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from igym.host.base import spawn
from tests.host.conftest import SOLO, write_experiment

STUDY = """
from igym import EndScene, Experiment, Stager, StartScene
{imports}

def later(context):
    {within}
    return {{"message": {module}.mine}}

experiment = Experiment(id="named", title="Named", stager=Stager([StartScene("welcome"), EndScene("thanks")]))
"""
LOAD = """
import json, sys
from pathlib import Path
from igym.experiment.loader import load_experiment
before = {*sys.modules}
load_experiment(sys.argv[1])
"""
LATE = ("logging", "queue", "asyncio", "http", "mimetypes", "decimal", "concurrent")
"""Modules of Python that are not loaded with the loader."""


def said(folder: Path, code: str, *arguments: str) -> object:
    done = subprocess.run(
        [sys.executable, "-c", LOAD + code, str(folder), *arguments],
        capture_output=True, encoding="utf-8", check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def study(folder: Path, *names: str, at_once: bool = True) -> Path:
    """A study with a file for each of these names, imported as it is loaded, or only in a function."""
    folder.mkdir()
    for name in names:
        (folder / f"{name}.py").write_text("mine = 'of the study'\n")
    imports = f"import {', '.join(names)}"
    text = STUDY.format(imports=imports if at_once else "", within=imports if not at_once else "pass", module=names[0])
    (folder / "experiment.py").write_text(text)
    return folder


@pytest.mark.parametrize("at_once", [True, False], ids=["at its start", "in a function"])
def test_what_the_program_imports_after_a_study_is_never_the_studys(tmp_path: Path, at_once: bool) -> None:
    folder = study(tmp_path / "study", *LATE, at_once=at_once)
    code = """
assert not before & {'asyncio', 'logging', 'http', 'queue'}
import igym.host.children.researcher_desk, igym.host.checks.browser_check
desk, check = (sys.modules[name] for name in ('igym.host.children.researcher_desk', 'igym.host.checks.browser_check'))
import asyncio.log
print(json.dumps([desk.asyncio.__name__, hasattr(desk.asyncio, "run"), hasattr(desk.asyncio.log.logging, "getLogger"),
                  sys.modules["experiment"].later(None)["message"]]))
"""
    # Here what asks by itself is the study's: code that lies in no file.
    code = code.replace("import asyncio.log\n", "")
    assert said(folder, code) == ["asyncio", True, True, "of the study"]


def test_a_library_that_a_study_imports_has_pythons_own_modules(tmp_path: Path) -> None:
    """Also where the study had its own before, and both go on with theirs."""
    folder = study(tmp_path / "study", "logging", "queue")
    text = (folder / "experiment.py").read_text()
    (folder / "experiment.py").write_text(
        text.replace("import logging, queue\n", "import logging, queue\nimport asyncio\n")
    )
    code = """
module = sys.modules["experiment"]
module.asyncio.run(module.asyncio.to_thread(print, "in a thread"))
import logging
logs = {id(there.logging) for name, there in list(sys.modules.items()) if name.startswith(("asyncio", "concurrent."))
        and hasattr(there, "logging")}
print(json.dumps([len(logs), logging.mine, module.later(None)["message"]]))
"""
    assert said(folder, code) == [1, "of the study", "of the study"]


def test_a_study_finds_its_own_files_by_whatever_way_they_are_imported(tmp_path: Path) -> None:
    folder = study(tmp_path / "study", "helper")
    (folder / "package").mkdir()
    (folder / "package" / "__init__.py").write_text("from package.part import mine\n")
    (folder / "package" / "part.py").write_text("import helper\nmine = helper.mine\n")
    code = """
import importlib, pkgutil
found = [importlib.import_module("package").mine, pkgutil.resolve_name("package.part:mine")]
print(json.dumps([*found, sys.modules["helper"] is importlib.import_module("helper")]))
"""
    assert said(folder, code) == ["of the study", "of the study", True]


@pytest.mark.real_starts  # a copy has imported its modules before it is in the folder
def test_a_program_of_ours_begun_in_a_studys_folder_is_not_made_of_the_studys_files(tmp_path: Path) -> None:
    folder = study(tmp_path / "study", *LATE, "json", "argparse", at_once=False)
    done = subprocess.run(
        spawn.command("describe", ["."]), capture_output=True, encoding="utf-8", check=False, timeout=120, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["ok"]


def test_an_env_has_its_own_files_and_the_program_has_none_of_them(tmp_path: Path) -> None:
    folder = write_experiment(tmp_path / "study", SOLO, {"mimetypes.py": "mine = 'of the study'"})
    text = (folder / "env.py").read_text()
    (folder / "env.py").write_text(f"import mimetypes\nassert mimetypes.mine\n{text}")
    code = """
from igym.host.studies.env_bridge import bridge_config, human_agents, open_bridge
spec = load_experiment(sys.argv[1]).games[0].client_spec()
bridge = open_bridge(Path(sys.argv[1]), bridge_config(spec, human_agents(spec), 1))
bridge.prepare(False)
import igym.host.checks.browser_check
served = sys.modules["aiohttp.payload"].mimetypes
print(json.dumps([sys.modules["mimetypes"].mine, hasattr(served, "guess_type"), type(bridge).__module__]))
"""
    assert said(folder, code) == ["of the study", True, "igym_bridge.bridge"]


def test_what_one_study_called_like_a_package_is_no_name_of_the_next(tmp_path: Path) -> None:
    first, second = study(tmp_path / "first", "pettingzoo"), study(tmp_path / "second", "other")
    (second / "game.py").write_text("from pettingzoo.utils import env\n")
    code = f"""
for name in [name for name in sys.modules if name.partition(".")[0] in ("experiment", "pettingzoo")]:
    del sys.modules[name]
sys.path.remove({str(first)!r})
load_experiment({str(second)!r})
import game
print(json.dumps(game.env.__name__))
"""
    assert said(first, code) == "pettingzoo.utils.env"
