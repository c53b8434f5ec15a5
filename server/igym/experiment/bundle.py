"""Everything a browser needs to run one gym scene."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import quote

from igym.experiment.data_files import beside, data_files
from igym.experiment.files import imported_modules, parsed, python_files
from igym.experiment.policies import AnyPolicy, Onnx, Python, bots_in
from igym.experiment.scenes.base import address
from igym.experiment.scenes.gym import GymScene

VENDORED = ("cloudpickle", "gymnasium", "numpy", "pettingzoo")


def game_bundle(
    scene: GymScene, folder: Path, base: str = "/assets/", vendored: Collection[str] = VENDORED
) -> dict[str, Any]:
    """`{scene, spec, files, sources, data, assets, packages, vendor_packages, policies, onnx, imports}`, as JSON.

    `files` maps the path of each Python file of the folder to its text, `sources` are those that the game
    imports, `data` maps the path of each other file the game reads
    to `{sha256, url}` (of a game on the host: of every file beside it), `assets` names to addresses, `onnx` the `path`
    of each network that may act to its address. `imports` are the top-level modules the scene's code imports;
    `vendor_packages` those of them in `vendored`.
    """
    spec = scene.client_spec(base)
    files = python_files(folder)
    imports, own = _imports(scene, files)
    data = _read_files(scene, folder, [files[path] for path in own])
    return {
        "scene": scene.id,
        "spec": spec,
        "files": files,
        "sources": sorted(own),
        "data": {path: _described(path, file, base) for path, file in data.items()},
        "assets": {name: address(path, base) for name, path in scene.assets_options.files().items()},
        "packages": list(scene.runtime_options.packages),
        "vendor_packages": sorted(imports & set(vendored)),
        "policies": spec["policies"],
        "onnx": {path: address(path, base) for path in _models(scene)},
        "imports": sorted(imports),
    }


def _substitutes(scene: GymScene) -> list[AnyPolicy]:
    """The bots that may take a player's seat: for somebody who was lost, or for nobody who came in time."""
    lost, late = scene.multiplayer_options.reconnection, scene.waitroom_options
    return [
        *([lost.bot] if lost.on_timeout == "bot" else []),
        *([late.timeout_bot] if late.on_timeout == "bot" else []),
    ]


def _models(scene: GymScene) -> list[str]:
    """The model files of everyone who may act: the scene's own bots, and those that may take a player's seat."""
    policies = bots_in([*scene.policies_options.mapping.values(), *_substitutes(scene)])
    return sorted({policy.path for policy in policies if isinstance(policy, Onnx)})


def _code(scene: GymScene) -> list[str]:
    """The Python texts that stand in experiment.py itself."""
    return [scene.environment_options.code or "", scene.runtime_options.on_step_code or ""]


def read_files(scene: GymScene, folder: Path) -> dict[str, Path]:
    """Path → file of what the game reads beside its code: what browsers get or, of a game on the host, all there is.

    Raises `ExperimentError` when a file that the scene names is not there, or all are too large for a browser.
    """
    files = python_files(folder)
    return _read_files(scene, folder, [files[path] for path in _imports(scene, files)[1]])


def _read_files(scene: GymScene, folder: Path, sources: list[str]) -> dict[str, Path]:
    if scene.runtime_options.where == "host":
        return beside(folder)
    return data_files(scene, folder, [*_code(scene), *sources])


def _described(path: str, file: Path, base: str) -> dict[str, str]:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"sha256": digest, "url": f"{base}{quote(path)}?sha256={digest}"}


def _imports(scene: GymScene, files: dict[str, str]) -> tuple[set[str], set[str]]:
    """What the scene's code imports from outside the folder, and its own files, followed from file to file."""
    options = scene.environment_options
    starts = _code(scene)
    found = {module for code in starts for module in imported_modules(parsed(code, "code"))}
    found |= {options.entry_point.split(":")[0].split(".")[0]} if options.entry_point else set()
    policies = bots_in([*scene.policies_options.mapping.values(), *_substitutes(scene)])
    bots = [policy.file for policy in policies if isinstance(policy, Python)]
    waiting = [path for path in (options.file, *bots) if path in files]
    waiting += [path for module in found for path in _own_files(module, files)]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        modules = imported_modules(parsed(files[path], path))
        found |= modules
        waiting += [own for module in modules for own in _own_files(module, files) if own not in seen]
    return {module for module in found if not _own_files(module, files)}, seen


def _own_files(module: str, files: dict[str, str]) -> list[str]:
    """The files of the folder that a top-level module name may stand for."""
    return [path for path in files if path == f"{module}.py" or path.startswith(f"{module}/")]
