"""Everything a browser needs to run one gym scene."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from igym.experiment.files import imported_modules, parsed, python_files
from igym.experiment.policies import Onnx
from igym.experiment.scenes.base import address
from igym.experiment.scenes.gym import GymScene

VENDORED = ("cloudpickle", "gymnasium", "numpy", "pettingzoo")


def game_bundle(
    scene: GymScene, folder: Path, base: str = "/assets/", vendored: Collection[str] = VENDORED
) -> dict[str, Any]:
    """`{scene, spec, files, assets, packages, vendor_packages, policies, onnx, imports}`, as JSON.

    `files` maps the path of each Python file of the folder to its text, `assets` names to addresses, `onnx` agents to
    the address of their model. `imports` are the top-level modules the files import; `vendor_packages` those of them
    in `vendored`.
    """
    spec = scene.client_spec(base)
    files = python_files(folder)
    imports = _imports(scene, files)
    return {
        "scene": scene.id,
        "spec": spec,
        "files": files,
        "assets": {name: address(path, base) for name, path in scene.assets_options.files().items()},
        "packages": list(scene.runtime_options.packages),
        "vendor_packages": sorted(imports & set(vendored)),
        "policies": spec["policies"],
        "onnx": {
            str(agent): address(policy.path, base)
            for agent, policy in scene.policies_options.mapping.items()
            if isinstance(policy, Onnx)
        },
        "imports": sorted(imports),
    }


def _imports(scene: GymScene, files: dict[str, str]) -> set[str]:
    options = scene.environment_options
    sources = dict(files)
    sources |= {"code": options.code} if options.code else {}
    found = {module for path, text in sources.items() for module in imported_modules(parsed(text, path))}
    if options.entry_point:
        found.add(options.entry_point.split(":")[0].split(".")[0])
    own = {path.split("/")[0].removesuffix(".py") for path in files}
    return found - own


def library_files() -> dict[str, str]:
    """Path → text of the part of igym an env may import in the browser."""
    package = Path(__file__).resolve().parent.parent / "rendering"
    files = {f"igym/rendering/{file.name}": file.read_text("utf-8") for file in sorted(package.glob("*.py"))}
    return {"igym/__init__.py": '"""The part of igym that runs in the browser."""\n', **files}
