"""Files of other formats that were made of a session: written anew when something of it was erased."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from igym.host.export.exporter import Exporter
from igym.host.export.formats import folder_of, shared_files
from igym.host.export.minari import asked_before
from igym.host.export.names import safe_name
from igym.host.files.export_formats import FORMATS
from igym.host.languages import ENGLISH
from igym.host.report.files import language_before
from igym.protocol.told import Told

AGAIN = Told("written anew without it")


@dataclass(frozen=True)
class MadeExports:
    """`files`: all, those of several sessions too; `zipped`: sessions with a zip of everything."""

    files: tuple[Path, ...]
    formats: tuple[str, ...]
    zipped: tuple[str, ...]
    asked: frozenset[str] = frozenset()
    """What the formats were asked for beyond the usual."""
    language: str = ENGLISH
    """Of those that are pages to read."""

    def write_again(self, exporter: Exporter) -> list[dict[str, str]]:
        """The session's formats, without what was erased. What cannot be written stays removed, and is told."""
        found = []
        for name in self.formats:
            file = folder_of(exporter, name).relative_to(exporter.folder).as_posix()
            before = len(exporter.failures)
            exporter.asked, exporter.language = self.asked, self.language
            with exporter.part(file):
                FORMATS[name](exporter, None, lambda: False)
            failed = exporter.failures[before:]
            found.append(
                {
                    "file": file,
                    "done": Told("removed; it could not be written anew: {error}", error=failed[0])
                    if failed
                    else AGAIN,
                }
            )
        return [*found, *({"file": f"exports/{safe_name(session)}.zip", "done": AGAIN} for session in self.zipped)]

    def zip_again(self, exporter: Exporter) -> None:
        """Last of all: a zip holds the manifest and the receipts too."""
        for session in self.zipped:
            with exporter.part(f"exports/{safe_name(session)}.zip"):
                FORMATS["zip"](
                    Exporter(exporter.everyone, exporter.folder, session, exporter.manifest), None, lambda: False
                )


def made_exports(exporter: Exporter) -> MadeExports:
    """What there is now: this session's in every format, and the zips of all, as each holds the tables of all."""
    folders = {name: folder_of(exporter, name) for name in FORMATS}
    formats = [name for name, path in folders.items() if path.is_dir()]
    inside = [path for name in formats for path in sorted(folders[name].rglob("*")) if path.is_file()]
    zips = sorted((exporter.folder / "exports").glob("*.zip"))
    known = {safe_name(row.id): row.id for row in exporter.everyone.sessions()}
    zipped = tuple(known[path.stem] for path in zips if path.stem in known)
    return MadeExports(
        (*inside, *zips, *shared_files(exporter.folder)), tuple(formats), zipped, asked_before(folders["minari"]),
        language_before(folders["report"]),
    )  # fmt: skip
