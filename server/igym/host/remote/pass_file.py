"""The file that says who may attach from another computer: a pass a line, readable for this account alone."""

from __future__ import annotations

import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from igym.host.base.errors import HostError
from igym.host.base.held_files import write_private
from igym.protocol.passes import LEAST_SECRET, Pass, is_name, read_pass
from igym.protocol.told import Told

FIRST_NAME = "researcher"
SECRET_BYTES = 32
_HEAD = "# Who may attach to the session from another computer. A line removed ends that pass at once.\n"


def new_pass(name: str) -> Pass:
    """Raises `HostError` "bad_name"."""
    if not is_name(name):
        raise HostError(
            "bad_name",
            Told(
                "“{name}” cannot name a pass: up to 40 letters, digits, dots, hyphens and underscores.", name=name[:80]
            ),
        )
    return Pass(name, secrets.token_urlsafe(SECRET_BYTES))


def read_passes(file: Path) -> dict[str, Pass]:
    """Name → pass; raises `HostError` "bad_passes" for a line that is none, `OSError` without the file."""
    found: dict[str, Pass] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        given = read_pass(text)
        if given is None or given.name in found:
            raise HostError(
                "bad_passes",
                Told(
                    "Line {number} of {file} is no pass. A line is NAME:SECRET, each name once, and the secret has at "
                    "least {least} letters and digits; `igym passes` writes such lines.",
                    number=number, file=file, least=LEAST_SECRET,
                ),
            )  # fmt: skip
        found[given.name] = given
    return found


def write_passes(file: Path, passes: Mapping[str, Pass]) -> None:
    """In place of what was there, for whoever could read that; a new file for this account alone. Raises `OSError`."""
    # A server in a container reads it as another user: a change must not lock that one out.
    mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o600
    write_private(file, _HEAD + "".join(f"{given.text}\n" for given in passes.values()), mode)


def made_passes(file: Path) -> dict[str, Pass]:
    """Those of the file; without one it is made, with one pass. Raises `HostError`."""
    try:
        if not file.exists():
            write_passes(file, {FIRST_NAME: new_pass(FIRST_NAME)})
        return read_passes(file)
    except (OSError, UnicodeDecodeError) as error:
        raise HostError(
            "bad_passes",
            Told("The file of passes {file} cannot be used: {error}.", file=file, error=getattr(error, "strerror", "")
                 or str(error)),
        ) from error  # fmt: skip


class LivePasses:
    """The passes of a file as it is now: a change holds at once. While it cannot be read, what was read last holds."""

    def __init__(self, file: Path) -> None:
        """Raises `HostError`."""
        self.file = file
        self.is_new = not file.exists()
        """It was made just now."""
        self.problem = ""
        """Why the newest file is not followed."""
        self._passes = made_passes(file)
        self._stamp: tuple[int, int] | None = self._stamped()

    def now(self) -> Mapping[str, Pass]:
        """By name. A file that was removed admits nobody."""
        stamp = self._stamped()
        if stamp != self._stamp:
            self._stamp = stamp
            self._read(stamp is not None)
        return self._passes

    def _read(self, is_there: bool) -> None:
        try:
            self._passes, self.problem = (read_passes(self.file) if is_there else {}), ""
        except (HostError, OSError, UnicodeDecodeError) as error:
            self.problem = str(getattr(error, "text", error))

    def _stamped(self) -> tuple[int, int] | None:
        try:
            found = self.file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size
