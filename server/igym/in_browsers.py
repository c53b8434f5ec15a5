"""The Python of ours that browsers get. Standard library only: the set-up reads it before any package is there."""

from __future__ import annotations

from pathlib import Path


def library_files() -> dict[str, str]:
    """Path → text of the part of igym an env may import in the browser."""
    package = Path(__file__).resolve().parent / "rendering"
    files = {f"igym/rendering/{file.name}": file.read_text("utf-8") for file in sorted(package.glob("*.py"))}
    # As on the host, where Surface is among what igym itself offers.
    own = '"""The part of igym that runs in the browser."""\n\nfrom igym.rendering import Surface as Surface\n'
    return {"igym/__init__.py": own, **files}


def bridge_files(client: Path) -> dict[str, str]:
    """Path → text of the web client's bridge to envs."""
    game = client / "game"
    files = {path.relative_to(game).as_posix(): path for path in sorted((game / "igym_bridge").rglob("*.py"))}
    return {name: path.read_text(encoding="utf-8") for name, path in files.items()}
