"""Where the launcher keeps its own things, and where examples and data live."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from igym_desktop.flow.library import study_file

APP_NAME = "Interactive Gym"


@dataclass(frozen=True)
class AppPaths:
    """`config` and `cache` belong to the launcher; `documents` is where a person looks for their own files."""

    config: Path
    cache: Path
    documents: Path

    @classmethod
    def of_this_user(cls) -> AppPaths:
        """The usual places of the operating system."""
        return cls(
            Path(platformdirs.user_config_dir(APP_NAME, appauthor=False)),
            Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False)),
            Path(platformdirs.user_documents_dir()) / APP_NAME,
        )

    @classmethod
    def below(cls, home: Path) -> AppPaths:
        """Everything under one folder: for portable installs and tests."""
        return cls(home / "config", home / "cache", home / "documents")

    @property
    def default_data(self) -> Path:
        """Data root unless the person chose another one."""
        return self.documents / "data"

    @property
    def studies(self) -> Path:
        """Where duplicated examples go unless the person chose another place."""
        return self.documents / "studies"


def examples_folder() -> Path | None:
    """The built-in examples: inside the frozen app, inside the installed package, or beside a checkout."""
    import igym

    package = Path(igym.__file__).resolve().parent
    candidates = [package / "_examples", package.parents[1] / "examples"]
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen:
        candidates = [Path(frozen) / "igym" / "_examples", Path(frozen) / "examples", *candidates]
    return next((folder for folder in candidates if folder.is_dir()), None)


def example_folders() -> list[Path]:
    """Every built-in experiment, by folder name."""
    root = examples_folder()
    return sorted(folder for folder in root.iterdir() if study_file(folder)) if root else []


def is_loopback(url: str) -> bool:
    """Whether an address means the very computer that opens it."""
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")
