"""Wheels small enough to build in a test, and a browser's Python to resolve them for."""

from __future__ import annotations

import zipfile
from pathlib import Path

from igym.host.packages.packages import Browser, Resolution, Vendored, browser_tags, resolve
from igym.host.packages.wheels import WheelStore

TAGS = browser_tags("3.14.0", "pyemscripten_2026_0_wasm32")
NATIVE = "cp314-cp314-manylinux_2_28_x86_64"
BUILT = "cp314-cp314-pyemscripten_2026_0_wasm32"


def vendored(name: str, version: str, *depends: str) -> Vendored:
    return Vendored(name, version, f"{name}-{version}-py3-none-any.whl", "0" * 64, depends)


BROWSER = Browser(
    "3.14.0",
    TAGS,
    {p.name: p for p in (vendored("numpy", "2.4.3"), vendored("gymnasium", "1.3.0", "numpy"))},
)


def build_wheel(
    folder: Path, name: str, version: str, *requires: str, tag: str = "py3-none-any", python: str = "", title: str = ""
) -> Path:
    """Writes a small but real wheel."""
    folder.mkdir(parents=True, exist_ok=True)
    module = name.replace("-", "_")
    path = folder / f"{module}-{version}-{tag}.whl"
    lines = ["Metadata-Version: 2.1", f"Name: {title or name}", f"Version: {version}"]
    lines += [f"Requires-Python: {python}"] * bool(python) + [f"Requires-Dist: {line}" for line in requires]
    info = f"{module}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{module}/__init__.py", f"__version__ = {version!r}\n")
        wheel.writestr(f"{info}/METADATA", "\n".join(lines) + "\n")
        wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


def resolved(folder: Path, *requirements: str, browser: Browser = BROWSER) -> Resolution:
    return resolve(requirements, browser, WheelStore([folder]).wheels())
