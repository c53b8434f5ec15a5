"""Hatchling hook: a real wheel carries the web client and the examples, an editable install uses the checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INCLUDED = {"web_client": "igym/_web", "examples": "igym/_examples"}


class CustomBuildHook(BuildHookInterface[Any]):
    """Adds INCLUDED to a standard wheel and refuses to build one without the browser runtime."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        if not (root / "web_client" / "vendor" / "vendor.json").is_file():
            raise FileNotFoundError(
                "web_client/vendor is missing or incomplete: run `python build/vendor.py` first, then build again."
            )
        for source, target in INCLUDED.items():
            build_data["force_include"][str(root / source)] = target
        manual = root / "build" / "out" / "docs"
        if manual.is_dir():
            build_data["force_include"][str(manual)] = "igym_desktop/_docs"
