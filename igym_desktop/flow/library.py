"""The experiments a person can choose from: examples and own folders, what is known of each, and what is wrong."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import tomlkit

from igym.host.base.json_lines import line_of, read_line
from igym_desktop.flow.natural import natural
from igym_desktop.flow.study_names import study_id
from igym_desktop.i18n import plural, said, tr

IGNORED_FOLDERS = frozenset(
    {"data", "__pycache__", ".git", "node_modules", "site-packages", ".venv", ".ipynb_checkpoints"}
)
STUDY = "study.toml"
SOURCES = ("experiment.py", STUDY)
"""Names of the file that makes a folder a study: written in Python, or made in this app."""
WATCHED_SUFFIXES = frozenset({".py", ".html", ".toml", ".json", ".css", ".js", ".md"})
_LITERAL = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
_TEXT = rf"(?:{_LITERAL}(?:\s*{_LITERAL})*|\{{[^{{}}]*\}})"
"""A text in Python, which may go on over several lines, or one in several languages."""


@dataclass(frozen=True)
class Entry:
    """One experiment folder. `info` is what `igym describe` printed; `error` is set when it could not be loaded."""

    folder: Path
    source: Literal["example", "own"]
    status: Literal["reading", "ready", "broken"] = "reading"
    info: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The experiment's title, or the folder's name until it is known."""
        return str(self.info.get("title") or self.folder.name.replace("_", " ").title())

    @property
    def description(self) -> str:
        """One or two sentences by its author; of what comes with the app, in its language."""
        text = str(self.info.get("description") or "")
        return said(text) if self.source == "example" else text

    @property
    def for_a_copy(self) -> str:
        """What a study made of it says of itself: an example is described in the language the study is made in."""
        return self.description if self.source == "example" else ""

    @property
    def experiment_id(self) -> str:
        """Names the data folder."""
        return str(self.info.get("id") or "")

    @property
    def is_data(self) -> bool:
        """Whether the study was made here, as study.toml, and can be changed here."""
        return self.source == "own" and (self.folder / STUDY).is_file()

    @property
    def players_text(self) -> str:
        """ "1 player", "2 players", "1 to 4 players"; empty when unknown."""
        low, high = _range(self.info.get("players"))
        if not high:
            return ""
        return (
            plural(high, "{n} player", "{n} players")
            if low == high
            else tr("{low} to {high} players", low=low, high=high)
        )

    @property
    def minutes_text(self) -> str:
        """ "about 10 minutes"; empty when unknown."""
        minutes = self.info.get("minutes")
        if not isinstance(minutes, (int, float)) or minutes <= 0:
            return ""
        return tr("about {minutes} min", minutes=max(1, round(minutes)))

    @property
    def error_place(self) -> tuple[Path | None, int | None]:
        """File and line to open in an editor."""
        file, line = self.error.get("file"), self.error.get("line")
        if not file:
            return None, None
        path = Path(str(file))
        return (path if path.is_absolute() else self.folder / path), (int(line) if line else None)

    def matches(self, search: str) -> bool:
        """Every word of the search occurs in title, description, id or folder name."""
        text = " ".join((self.title, self.description, self.experiment_id, self.folder.name)).casefold()
        return all(word in text for word in search.casefold().split())


def _range(players: Any) -> tuple[int, int]:
    if isinstance(players, Mapping):
        return int(players.get("min", 0) or 0), int(players.get("max", 0) or 0)
    if isinstance(players, (list, tuple)) and len(players) == 2:
        return int(players[0]), int(players[1])
    return (int(players), int(players)) if isinstance(players, (int, float)) else (0, 0)


class Library:
    """All entries in the order they are shown: examples first, then own folders."""

    def __init__(self, examples: Iterable[Path], own: Iterable[Path], cache: DescribeCache) -> None:
        self._cache = cache
        self.entries: dict[Path, Entry] = {}
        for source, folders in (("example", examples), ("own", own)):
            for folder in folders:
                self._put(Entry(folder.resolve(), source))  # type: ignore[arg-type]

    def _put(self, entry: Entry) -> Entry:
        known = self._cache.read(entry.folder)
        entry = described(entry, known) if known else entry
        self.entries[entry.folder] = entry
        return entry

    def add(self, folder: Path) -> Entry:
        """Adds an own folder; raises `ValueError` with a text for a person when it is none."""
        folder = folder.resolve()
        if not folder.is_dir():
            raise ValueError(
                tr(
                    "{folder} is not a folder. Choose the folder that contains experiment.py or study.toml.",
                    folder=folder,
                )
            )
        if study_file(folder) is None:
            inner = sorted({path.parent for name in SOURCES for path in folder.glob(f"*/{name}")})
            hint = tr(" Did you mean {folder}?", folder=inner[0]) if len(inner) == 1 else ""
            raise ValueError(tr("There is no experiment.py and no study.toml in {folder}.", folder=folder) + hint)
        return self.entries[folder] if folder in self.entries else self._put(Entry(folder, "own"))

    def remove(self, folder: Path) -> None:
        """Takes an own folder off the list; its files stay."""
        self.entries.pop(folder.resolve(), None)

    def learned(self, folder: Path, answer: Mapping[str, Any]) -> Entry | None:
        """Takes the answer of `igym describe`."""
        entry = self.entries.get(folder)
        if entry is None:
            return None
        self.entries[folder] = described(entry, answer)
        if answer.get("ok"):
            self._cache.write(folder, answer)
        return self.entries[folder]

    def search(self, text: str, recent: Sequence[str] = ()) -> list[Entry]:
        """Entries that match: those in `recent` first, as there, then by title as people sort."""
        place = {folder: at for at, folder in enumerate(recent)}
        found = [entry for entry in self.entries.values() if entry.matches(text)]
        return sorted(found, key=lambda entry: (place.get(str(entry.folder), len(place)), natural(entry.title)))

    def own_folders(self) -> tuple[str, ...]:
        """For the settings."""
        return tuple(str(entry.folder) for entry in self.entries.values() if entry.source == "own")


def described(entry: Entry, answer: Mapping[str, Any]) -> Entry:
    """The entry with what `igym describe` said."""
    if answer.get("ok"):
        return replace(entry, status="ready", info=answer, error={})
    error = answer.get("error")
    known = error if isinstance(error, Mapping) else {"text": tr("The experiment could not be read.")}
    return replace(entry, status="broken", error=known)


class DescribeCache:
    """Remembers descriptions of unchanged folders, so that the cards are complete at once."""

    def __init__(self, folder: Path, version: str) -> None:
        self._folder = folder
        self._version = version

    def read(self, experiment: Path) -> Mapping[str, Any] | None:
        """None when nothing is known or a file changed since."""
        try:
            stored = read_line(self._file(experiment).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if stored.get("version") != self._version or stored.get("fingerprint") != fingerprint(experiment):
            return None
        answer = stored.get("answer")
        return answer if isinstance(answer, dict) else None

    def write(self, experiment: Path, answer: Mapping[str, Any]) -> None:
        """Best effort: a cache that cannot be written is no problem for anybody."""
        value = {"version": self._version, "fingerprint": fingerprint(experiment), "answer": answer}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file(experiment).write_text(line_of(value), encoding="utf-8")
        except OSError:
            pass

    def _file(self, experiment: Path) -> Path:
        return self._folder / f"{hashlib.sha256(str(experiment).encode()).hexdigest()[:24]}.json"


def studies_in(folder: Path) -> list[Path]:
    """The studies right below a folder, as people sort them; [] when it cannot be read."""
    try:
        found = [path for path in folder.iterdir() if path.is_dir() and path.name[:1] not in "._" and study_file(path)]
    except OSError:
        return []
    return sorted((path.resolve() for path in found), key=lambda path: natural(path.name))


def study_file(folder: Path) -> Path | None:
    """The file that defines the study in a folder."""
    return next((folder / name for name in SOURCES if (folder / name).is_file()), None)


def source_files(folder: Path) -> Iterator[Path]:
    """The files a change of which changes the experiment."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in IGNORED_FOLDERS and not name.startswith("."))
        yield from (Path(place) / name for name in sorted(files) if Path(name).suffix in WATCHED_SUFFIXES)


def fingerprint(folder: Path) -> str:
    """Changes when a source file is added, removed or written."""
    digest = hashlib.sha256()
    for file in source_files(folder):
        try:
            stat = file.stat()
        except OSError:
            continue
        digest.update(f"{file.relative_to(folder)}|{stat.st_mtime_ns}|{stat.st_size}\n".encode())
    return digest.hexdigest()


def duplicate(source: Path, target_root: Path, name: str, title: str = "", description: str = "") -> Path:
    """Copies an experiment to start a new study; its id is made from `name`. Raises `ValueError` for a person.

    `description`: what the copy says of itself, where that is not what the original says.
    """
    identifier = study_id(name)
    target = target_root / identifier
    if target.exists():
        raise ValueError(tr("There is already a folder {folder}. Choose another name.", folder=target))
    try:
        target_root.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(*IGNORED_FOLDERS))
        _rename(target, id=identifier, title=title or name.strip(), description=description)
    except OSError as error:
        raise ValueError(tr("The copy could not be made: {why}", why=error)) from error
    return target


def give_own_id(folder: Path, title: str) -> str:
    """Makes the folder's name the study's id, so that its data never mix with those of another; returns the id."""
    identifier = study_id(folder.name)
    _rename(folder, id=identifier, title=f"{title} ({folder.name.rpartition('_')[2]})" if title else folder.name)
    return identifier


def _rename(folder: Path, **words: str) -> None:
    """Gives a copy words of its own; an id, so that its data never mix with the original's. Empty: as they are."""
    file = study_file(folder)
    if file is not None:
        change = _changed_data if file.name == STUDY else _changed_code
        given = {name: word for name, word in words.items() if word}
        file.write_text(change(file.read_text(encoding="utf-8"), given), encoding="utf-8")
        _forget_translations(folder, given)


def _forget_translations(folder: Path, words: Mapping[str, str]) -> None:
    """A new title is the title in every language, until somebody translates it."""
    for file in folder.glob("texts/*.toml"):
        with suppress(ValueError):  # The copy says itself what is wrong with the file, as the original does.
            document = tomlkit.parse(file.read_text(encoding="utf-8"))
            own = document.get("experiment", {})
            for name in [name for name in words if name in own]:
                own.remove(name)
            file.write_text(tomlkit.dumps(document), encoding="utf-8")


def _changed_data(text: str, words: Mapping[str, str]) -> str:
    document = tomlkit.parse(text)
    document.update(words)
    return tomlkit.dumps(document)


def _changed_code(text: str, words: Mapping[str, str]) -> str:
    start = text.find("Experiment(", max(0, text.rfind("experiment =")))
    head, call = text[:start], text[start:]
    for name, word in words.items():
        told = json.dumps(word, ensure_ascii=False).replace("\\", r"\\")
        call = re.sub(rf"(\b{name}\s*=\s*){_TEXT}", rf"\g<1>{told}", call, count=1)
    return head + call
