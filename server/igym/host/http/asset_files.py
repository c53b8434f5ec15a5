"""Which files of an experiment folder browsers may fetch: what the study names, and its `assets/` and `pages/`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any

from igym.experiment.experiment import Experiment
from igym.experiment.files import is_part_of
from igym.experiment.scenes.gym import GymScene
from igym.experiment.scenes.pages import WebScene
from igym.host.http.web_files import inside

# Its Python sources, profiles, packages and recordings never leave by this way.
_PAGES = (".html", ".htm", ".css", ".js", ".mjs", ".json", ".map", ".txt", ".csv", ".pdf", ".vtt")
_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg", ".ico", ".bmp")
_MEDIA = (".mp3", ".ogg", ".oga", ".opus", ".wav", ".m4a", ".flac", ".mp4", ".webm", ".ogv")
_FONTS = (".woff", ".woff2", ".ttf", ".otf")
_OTHER = (".onnx", ".wasm", ".data", ".unityweb", ".bin", ".glb", ".gltf", ".gz", ".br", ".atlas", ".fnt", ".xml")
ASSET_SUFFIXES = frozenset((*_PAGES, *_IMAGES, *_MEDIA, *_FONTS, *_OTHER))
OPEN_FOLDERS = frozenset({"assets", "pages"})
PRIVATE_FOLDERS = frozenset({"data", "profiles", "wheels", "site-packages", "node_modules", "__pycache__"})
NAMING = frozenset({".html", ".htm", ".css", ".js", ".mjs", ".json", ".atlas", ".fnt", ".gltf"})
"""Kinds of files that name others."""
MOST_NAMING_BYTES = 2 * 1024 * 1024
BASE = "/assets/"
_NAME = re.compile(r"""[^"'()<>=\s,?#]+\.[A-Za-z0-9]{2,8}""")
_QUOTED = re.compile(r""""([^"\n?#]{1,300})["?#]|'([^'\n?#]{1,300})['?#]""")


class AssetFiles:
    """The files of `folder` that may be fetched; nothing in a folder of `private`, or below one that holds a session.

    Named by the study are the files in its scenes' texts and options, all below a web task's own folder, and what
    those files name in turn.
    """

    def __init__(
        self,
        folder: Path,
        experiment: Experiment | None = None,
        private: tuple[Path, ...] = (),
        held: Mapping[str, bytes] | None = None,
        *,
        named_in: Any = None,
    ) -> None:
        """`held`: SHA-256 → content of the files that games read, as they were when the session began.

        `named_in`: any JSON; the files that its texts name may be fetched, too.
        """
        self.held = dict(held or {})
        self.folder = folder.resolve()
        self._private = tuple(path.resolve() for path in private)
        self._tasks = frozenset(_task_folders(experiment))
        self._named = frozenset(self._all_named(chain(_texts(experiment), _strings(named_in))))

    def find(self, relative: str) -> Path | None:
        """The file at an address below `/assets/`, or None when it may not be fetched."""
        found = inside(self.folder, relative)
        return found if found is not None and self._may_leave(found) else None

    def _may_leave(self, found: Path) -> bool:
        path = found.relative_to(self.folder)
        if found.suffix.lower() not in ASSET_SUFFIXES or PRIVATE_FOLDERS & set(path.parts[:-1]):
            return False
        if any(found.is_relative_to(other) for other in self._private) or not is_part_of(self.folder, found):
            return False
        name = PurePosixPath(*path.parts)
        return name.parts[0] in OPEN_FOLDERS or name.as_posix() in self._named or bool(self._tasks & set(name.parents))

    def _all_named(self, texts: Iterator[str]) -> set[str]:
        """What the texts name, and what is named in those files."""
        named: set[str] = set()
        waiting = [name for text in texts for name in self._in_text(text, self.folder)]
        while waiting:
            name = waiting.pop()
            if name in named:
                continue
            named.add(name)
            file = self.folder / name
            if file.suffix.lower() in NAMING and file.stat().st_size <= MOST_NAMING_BYTES:
                waiting += self._in_text(file.read_text("utf-8", "replace"), file.parent)
        return named

    def _in_text(self, text: str, start: Path) -> list[str]:
        """The files of the folder that a text names, seen from `start` or from the folder itself."""
        quoted = (first or second for first, second in _QUOTED.findall(text))
        names = {text if len(text) <= 300 else "", *_NAME.findall(text), *quoted}
        found = (self._file(name.removeprefix(BASE).partition("?")[0], start) for name in names)
        return [name for name in found if name is not None]

    def _file(self, name: str, start: Path) -> str | None:
        if Path(name).suffix.lower() not in ASSET_SUFFIXES or "\0" in name or ":" in name or "\\" in name:
            return None
        for place in (start, self.folder):
            file = (place / name.lstrip("/")).resolve()
            if file.is_relative_to(self.folder) and file.is_file():
                return file.relative_to(self.folder).as_posix()
        return None


def _texts(experiment: Experiment | None) -> Iterator[str]:
    """Every text of what browsers get to show; a game's own code names its files by `.assets(...)`."""
    for scene in experiment.scenes if experiment else ():
        spec = scene.client_spec(BASE)
        yield from _strings({name: value for name, value in spec.items() if name not in ("environment", "runtime")})
        if isinstance(scene, GymScene):
            yield from _strings(scene.model_dump(mode="json", include={"multiplayer_options", "waitroom_options"}))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)


def _task_folders(experiment: Experiment | None) -> Iterator[PurePosixPath]:
    """Folders of web tasks: a build fetches its parts by names that only its code knows."""
    for scene in experiment.scenes if experiment else ():
        if isinstance(scene, WebScene) and scene.path is not None:
            parent = PurePosixPath(scene.path.partition("?")[0]).parent
            if parent != PurePosixPath("."):
                yield parent
